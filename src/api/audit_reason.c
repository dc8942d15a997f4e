/* See audit_reason.h. */
#include "api/audit_reason.h"

#include "entity/query.h"
#include "organization/role.h"

enum { TOLD_MOST = 20 };

/* NULL when it is none, cut off among them. */
static const struct json *parsed(struct ctx *c, struct str text) {
    struct ctx scratch = {.arena = c->arena};
    return text.n ? json_parse(&scratch, text) : NULL;
}

static struct str written(struct ctx *c, const struct json *v) {
    struct json_writer w = json_writer(c->arena);
    json_put_json(&w, v);
    return json_str(&w);
}

/* The members of an object that the other has not, or otherwise. */
static void put_members_unlike(struct ctx *c, struct json_writer *w, const struct json *o,
                               const struct json *other, bool missing_only) {
    for (size_t i = 0; json_is(o, JSON_IS_OBJECT) && i < o->n; i++) {
        const struct json *theirs = json_get_str(other, o->members[i].key);
        bool unlike = !missing_only &&
                      !str_equal(written(c, &o->members[i].value), written(c, theirs));
        if (!theirs || unlike) {
            json_put_str(w, o->members[i].key);
        }
    }
}

static bool listed(const struct json *list, struct str text) {
    for (size_t i = 0; json_is(list, JSON_IS_ARRAY) && i < list->n; i++) {
        if (str_equal(list->items[i].text, text)) {
            return true;
        }
    }
    return false;
}

static void put_items_missing(struct json_writer *w, const struct json *list,
                              const struct json *other) {
    for (size_t i = 0; json_is(list, JSON_IS_ARRAY) && i < list->n; i++) {
        if (!listed(other, list->items[i].text)) {
            json_put_str(w, list->items[i].text);
        }
    }
}

struct str audit_rights_changed(struct ctx *c, struct str before, struct str after) {
    const struct json *was = parsed(c, before), *is = parsed(c, after);
    static const char *const objects[] = {"entities", "fields"};
    struct json_writer w = json_writer(c->arena);
    json_begin_array(&w);
    for (size_t i = 0; i < 2; i++) {
        const struct json *old = json_get(was, objects[i]), *now = json_get(is, objects[i]);
        put_members_unlike(c, &w, now, old, false);
        put_members_unlike(c, &w, old, now, true);
    }
    put_items_missing(&w, json_get(is, "permissions"), json_get(was, "permissions"));
    put_items_missing(&w, json_get(was, "permissions"), json_get(is, "permissions"));
    json_end_array(&w);
    return json_str(&w);
}

bool audit_reason_coded(struct str action) {
    return str_lists(STR("rights roles shared unshared"), ' ', action);
}

static struct str title_of(struct ctx *c, struct str entity, int64_t id) {
    const struct entity *e = model_entity(c->model, entity);
    struct str title = STR("");
    if (e && id) {
        list_titles(c, e, &id, 1, &title);
    }
    return title;
}

static void put_named(struct json_writer *w, struct str name) {
    if (name.n) {
        json_put_str(w, name);
    }
}

/* "lead", "lead.phone" or "audit:read" in words. */
static struct str right_words(struct ctx *c, struct str code) {
    struct str rest = code, entity;
    str_cut(&rest, '.', &entity);
    const struct entity *e = model_entity(c->model, entity);
    if (!e) {
        return role_permission_words(c, code);
    }
    const struct field *f = rest.n ? entity_field(e, rest) : NULL;
    struct str label = e->label[c->language];
    return f ? str_format(c->arena, "%.*s · %.*s", STR_ARG(label), STR_ARG(f->label[c->language]))
             : label;
}

void audit_put_about(struct ctx *c, struct json_writer *w, struct str action, struct str reason) {
    const struct json *v = audit_reason_coded(action) ? parsed(c, reason) : NULL;
    const struct json *roles = json_get(v, "role_ids");
    struct str rest = reason, kind;
    int64_t id = 0;
    json_begin_array(w);
    for (size_t i = 0; json_is(roles, JSON_IS_ARRAY) && i < roles->n && i < TOLD_MOST; i++) {
        put_named(w, title_of(c, STR("role"), json_as_id(&roles->items[i])));
    }
    for (size_t i = 0; json_is(v, JSON_IS_ARRAY) && i < v->n && i < TOLD_MOST; i++) {
        put_named(w, right_words(c, v->items[i].text));
    }
    str_cut(&rest, ' ', &kind);
    if (str_lists(STR("shared unshared"), ' ', action) && str_to_int(rest, &id)) {
        put_named(w, title_of(c, kind, id));
    }
    json_end_array(w);
}
