/* See performance.h: by what is counted. */
#include "base/message.h"
#include "sales/performance.h"

static const char *const people_names[] = {"owner", "department", "team"};

/* Few different values by nature, or by what companies keep in it. */
static bool groups_by(const struct field *f) {
    if (f->flags & (FIELD_HIDDEN | FIELD_SYSTEM | FIELD_PERSONAL)) {
        return false;
    }
    switch (f->type) {
    case FIELD_OPTION:
    case FIELD_BOOLEAN:
    case FIELD_REGION:
        return true;
    case FIELD_REFERENCE:
        return f->target && f->target->flags & ENTITY_SETTING;
    case FIELD_TEXT:
        return f->flags & FIELD_CUSTOM || str_is(f->name, "source");
    default:
        return false;
    }
}

static const struct field *readable(struct ctx *c, const struct entity *e, struct str name) {
    const struct field *f = entity_field(e, name);
    return f && groups_by(f) && access_field(c->actor, e, f) >= RIGHT_READ ? f : NULL;
}

bool dimension_find(struct ctx *c, struct str name, struct dimension *d) {
    const struct entity *deal = entity_named(c, "opportunity");
    const struct entity *account = entity_named(c, "account");
    *d = (struct dimension){.kind = BY_FIELD, .name = name.n ? name : STR("owner")};
    for (int i = BY_OWNER; i < BY_FIELD; i++) {
        if (str_is(d->name, people_names[i])) {
            d->kind = (enum dimension_kind)i;
            return true;
        }
    }
    d->of_account = str_starts(name, STR("account_id."));
    bool may = !d->of_account || access_scope(c->actor, account, ACTION_READ) != SCOPE_NONE;
    struct str field = d->of_account ? str_slice(name, 11, name.n) : name;
    d->field = may ? readable(c, d->of_account ? account : deal, field) : NULL;
    d->lead = readable(c, entity_named(c, "lead"), field);
    if (!d->field) {
        FAIL_FIELD(c, STR("/by"), "performance.dimension");
    } else if (d->lead && d->lead->type != d->field->type) {
        d->lead = NULL;
    }
    return d->field != NULL;
}

static void dimension_json(struct json_writer *w, struct str name, struct str label) {
    json_begin_object(w);
    JSON_MEMBER(w, "name", json_put_str, name);
    JSON_MEMBER(w, "label", json_put_str, label);
    json_end_object(w);
}

static void fields_json(struct ctx *c, struct json_writer *w, const struct entity *e,
                        bool of_account) {
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        if (readable(c, e, f->name) && !str_is(f->name, "state") && !str_is(f->name, "stage_id")) {
            const char *path = of_account ? "account_id." : "";
            dimension_json(w, str_format(c->arena, "%s%.*s", path, STR_ARG(f->name)),
                           f->label[c->language]);
        }
    }
}

void dimensions_json(struct ctx *c, struct json_writer *w) {
    const struct entity *account = entity_named(c, "account");
    json_begin_array(w);
    for (int i = BY_OWNER; i < BY_FIELD; i++) {
        const char *code = str_to_c(c->arena,
                                    str_format(c->arena, "performance.by_%s", people_names[i]));
        dimension_json(w, str_from(people_names[i]), message_words(c->language, code));
    }
    fields_json(c, w, entity_named(c, "opportunity"), false);
    if (access_scope(c->actor, account, ACTION_READ) != SCOPE_NONE) {
        fields_json(c, w, account, true);
    }
    json_end_array(w);
}
