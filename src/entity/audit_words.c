/* Entries of the audit trail in words of the reader's language. */
#include "base/message.h"
#include "entity/audit.h"
#include "entity/event_types.h"

enum { FIELDS_TOLD = 8 };

/* Of what is no event of the record type itself. */
static const char *const noted[] = {"reveal",   "exported", "rights",   "roles",
                                    "erased",   "shared",   "unshared", "shared_update",
                                    "absorbed", "released", "deleted"};

struct str audit_action_words(struct ctx *c, const struct entity *e, struct str action) {
    for (size_t i = 0; i < sizeof noted / sizeof noted[0]; i++) {
        if (str_is(action, noted[i])) {
            struct str code = str_format(c->arena, "audit.%s", noted[i]);
            return message_words(c->language, code.p);
        }
    }
    struct str words = e ? event_type_words(
                               c, e,
                               str_format(c->arena, "%.*s.%.*s", STR_ARG(e->name), STR_ARG(action)))
                         : STR("");
    return words.n ? words : action;
}

void audit_put_changed(struct ctx *c, struct json_writer *w, const struct entity *e,
                       struct str changes) {
    struct ctx scratch = {.arena = c->arena};
    const struct json *o = e && changes.n ? json_parse(&scratch, changes) : NULL;
    size_t told = 0;
    json_begin_array(w);
    for (size_t i = 0; json_is(o, JSON_IS_OBJECT) && i < o->n && told < FIELDS_TOLD; i++) {
        const struct field *f = entity_field(e, o->members[i].key);
        if (f && !(f->flags & FIELD_HIDDEN)) {
            json_put_str(w, f->label[c->language]);
            told++;
        }
    }
    json_end_array(w);
}
