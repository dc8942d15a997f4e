#include "automation/action.h"

#include <stdlib.h>

#include "base/message.h"
#include "organization/company.h"

enum { ACTIONS_MOST = 128 };

static const struct action_kind *actions[ACTIONS_MOST + 1];
static const char *clouds[ACTIONS_MOST];
static size_t n_actions;

void action_register(const struct action_kind *const *list, const char *cloud) {
    for (; *list; list++) {
        if (n_actions == ACTIONS_MOST) {
            abort();
        }
        clouds[n_actions] = cloud;
        actions[n_actions++] = *list;
    }
}

bool action_on(struct ctx *c, const struct action_kind *kind) {
    size_t i = 0;
    while (i < n_actions && actions[i] != kind) {
        i++;
    }
    return i < n_actions && company_cloud_on(c, str_from(clouds[i]));
}

const struct action_kind *action_find(struct str name) {
    for (size_t i = 0; i < n_actions; i++) {
        if (str_is(name, actions[i]->name)) {
            return actions[i];
        }
    }
    return NULL;
}

const struct action_kind *const *action_all(void) {
    return actions;
}

void action_check(struct ctx *c, const struct entity *e, const struct json *action,
                  struct str pointer) {
    const struct action_kind *kind = action_find(json_text(action, "action"));
    const struct json *given = json_get(action, "parameters");
    if (!kind || (kind->entity && !str_is(e->name, kind->entity))) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/action", STR_ARG(pointer)), "action.unknown");
        return;
    }
    for (const struct action_parameter *p = kind->parameters; p && p->name; p++) {
        const struct json *v = json_get(given, p->name);
        if (p->required && (!v || v->kind == JSON_IS_NULL)) {
            FAIL_FIELD(c, str_format(c->arena, "%.*s/parameters/%s", STR_ARG(pointer), p->name),
                       "field.required");
        }
    }
    if (kind->check) {
        kind->check(c, e, given, str_format(c->arena, "%.*s/parameters", STR_ARG(pointer)));
    }
}

static struct str failure_words(struct ctx *c, const struct entity *e, enum language language) {
    struct str words = message_failure(c->arena, language, &c->error);
    struct str pointer = c->error.fields ? c->error.fields->pointer : STR("");
    struct str name = pointer, segment;
    while (pointer.n && str_cut(&pointer, '/', &segment)) {
        name = segment;
    }
    const struct field *f = e && name.n ? entity_field(e, name) : NULL;
    const char *between = language == LANGUAGE_ZH ? "：" : ": ";
    return f ? str_format(c->arena, "%.*s%s%.*s", STR_ARG(f->label[language]), between,
                          STR_ARG(words))
             : words;
}

struct str action_failure(struct ctx *c, const struct entity *e) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "zh", json_put_str, failure_words(c, e, LANGUAGE_ZH));
    JSON_MEMBER(&w, "en", json_put_str, failure_words(c, e, LANGUAGE_EN));
    json_end_object(&w);
    return json_str(&w);
}

/* What a placeholder stands for: the field's text, or the title of what it refers to. */
static struct str placeholder_value(struct ctx *c, const struct record *record, struct str name) {
    const struct field *f = entity_field(record->entity, str_trim(name));
    if (!f || f->flags & FIELD_HIDDEN) {
        return STR("");
    }
    struct value v = record->values[f->position];
    if (f->type == FIELD_REFERENCE && f->target && v.kind != VALUE_NULL) {
        const struct record *target = record_load(c, f->target, v.integer);
        return target ? record_title(target) : STR("");
    }
    return value_to_text(c, f, v);
}

struct str template_render(struct ctx *c, struct str text, const struct record *record) {
    struct text_buffer out = {.arena = c->arena};
    while (text.n) {
        ptrdiff_t open = str_find(text, STR("{{"));
        ptrdiff_t close = open < 0 ? -1
                                   : str_find(str_slice(text, (size_t)open, text.n), STR("}}"));
        if (close < 0) {
            text_add(&out, text);
            break;
        }
        size_t start = (size_t)open, end = start + (size_t)close;
        text_add(&out, str_slice(text, 0, start));
        text_add(&out, placeholder_value(c, record, str_slice(text, start + 2, end)));
        text = str_slice(text, end + 2, text.n);
    }
    return text_str(&out);
}
