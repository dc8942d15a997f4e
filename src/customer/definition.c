/*
 * Definitions that are followed, segments and rules of tags, have one check: the condition is one
 * the actor may ask, has an answer of its own (nobody is "me"), and does not lead back to itself
 * by segments and rules of tags.
 *
 * A definition that stood the check may lose what it names. It is then followed no longer: who was
 * in stays in, and whoever would act upon it asks here first, for what it was that it lost, or that
 * one it names lost.
 */
#include "base/message.h"
#include "customer/segment.h"
#include "customer/tag.h"
#include "db/db.h"
#include "entity/condition.h"

enum { DEFINITIONS_DEEP = 20, NAMED_MOST = 200 };

/* The ids of segments and tags a condition names. */
struct named {
    int64_t ids[NAMED_MOST];
    size_t n;
};

static void named_add(struct named *named, int64_t id) {
    if (id && named->n < NAMED_MOST) {
        named->ids[named->n++] = id;
    }
}

static void names_of(struct ctx *c, const struct json *tree, struct named *named) {
    for (size_t i = 0; json_is(tree, JSON_IS_ARRAY) && i < tree->n; i++) {
        names_of(c, &tree->items[i], named);
    }
    for (size_t i = 0; json_is(tree, JSON_IS_OBJECT) && i < tree->n; i++) {
        const struct json_member *m = &tree->members[i];
        if (str_is(m->key, "segment")) {
            named_add(named, json_as_id(&m->value));
        } else if (str_is(m->key, "tag") && m->value.kind == JSON_IS_TEXT) {
            named_add(named, tag_find(c, m->value.text));
        } else if (!str_is(m->key, "value")) {
            names_of(c, &m->value, named);
        }
    }
}

static struct str condition_of(struct ctx *c, int64_t id) {
    return DB_TEXT(c,
                   "SELECT condition FROM segment WHERE id = $1 AND deleted_at IS NULL UNION ALL "
                   "SELECT condition FROM tag WHERE id = $1 AND rule_on = 1 "
                   "AND deleted_at IS NULL",
                   id);
}

/* Whether a condition asks for the field, wherever in it. */
static bool tree_asks(const struct json *tree, const char *field) {
    bool asks = false;
    for (size_t i = 0; json_is(tree, JSON_IS_ARRAY) && i < tree->n && !asks; i++) {
        asks = tree_asks(&tree->items[i], field);
    }
    for (size_t i = 0; json_is(tree, JSON_IS_OBJECT) && i < tree->n && !asks; i++) {
        const struct json_member *m = &tree->members[i];
        if (str_is(m->key, "field")) {
            asks = json_is(&m->value, JSON_IS_TEXT) && str_is(m->value.text, field);
        } else if (!str_is(m->key, "value")) {
            asks = tree_asks(&m->value, field);
        }
    }
    return asks;
}

static bool asks_below(struct ctx *c, const struct json *tree, struct str entity,
                       const char *const *fields, int depth) {
    struct named *named = ARENA_NEW(c->arena, struct named);
    names_of(c, tree, named);
    for (size_t i = 0; i < named->n && depth < DEFINITIONS_DEEP && !ctx_failed(c); i++) {
        struct str text = condition_of(c, named->ids[i]);
        const struct json *below = text.n ? json_parse(c, text) : NULL;
        bool same = DB_INT(c,
                           "SELECT 1 FROM segment WHERE id = $1 AND entity_name = $2 UNION ALL "
                           "SELECT 1 FROM tag WHERE id = $1 AND entity_name = $2",
                           named->ids[i], entity) == 1;
        for (const char *const *f = fields; same && *f; f++) {
            if (tree_asks(below, *f)) {
                return true;
            }
        }
        if (asks_below(c, below, entity, fields, depth + 1)) {
            return true;
        }
    }
    return false;
}

bool definition_asks(struct ctx *c, const struct json *tree, struct str entity,
                     const char *const *fields) {
    return asks_below(c, tree, entity, fields, 0);
}

/* Whether the tree leads to the definition. */
static bool leads_to(struct ctx *c, struct str text, int64_t id, int depth) {
    struct named *named = ARENA_NEW(c->arena, struct named);
    const struct json *tree = text.n ? json_parse(c, text) : NULL;
    names_of(c, tree, named);
    for (size_t i = 0; i < named->n && !ctx_failed(c); i++) {
        if (named->ids[i] == id || depth == DEFINITIONS_DEEP ||
            leads_to(c, condition_of(c, named->ids[i]), id, depth + 1)) {
            return true;
        }
    }
    return false;
}

void definition_check(struct ctx *c, struct change *change) {
    const struct record *after = change->after;
    const struct entity *e = model_entity(c->model, record_text(after, "entity_name"));
    struct str text = record_text(after, "condition");
    if (!text.n || !e ||
        (change->before && value_equal(record_value(change->before, "condition"),
                                       record_value(after, "condition")))) {
        return;
    }
    const struct condition *where = condition_parse_text(c, e, text);
    if (where && condition_personal(where)) {
        FAIL_FIELD(c, STR("/condition"), "segment.personal");
    }
    if (where && !ctx_failed(c) && leads_to(c, text, change->id, 0)) {
        FAIL_FIELD(c, STR("/condition"), "segment.circle");
    }
}

/* A definition that is to be followed; false: there is none of that id. */
struct definition {
    struct str name, condition;
    const struct entity *entity;
};

static bool definition_read(struct ctx *c, int64_t id, struct definition *d) {
    struct db_rows rows;
    bool found;
    DB_QUERY(c, &rows,
             "SELECT name, entity_name, condition FROM segment WHERE id = $1 AND kind = 'live' "
             "AND deleted_at IS NULL UNION ALL SELECT name, entity_name, condition FROM tag "
             "WHERE id = $1 AND rule_on = 1 AND deleted_at IS NULL",
             id);
    found = db_next(&rows);
    if (found) {
        d->name = db_text(&rows, 0);
        d->entity = model_entity(c->model, db_view(&rows, 1));
        d->condition = db_text(&rows, 2);
    }
    db_done(&rows);
    return found;
}

static struct str told(struct ctx *c, const char *code, struct str name, struct str why) {
    return message_format(c->arena, c->language, code,
                          (struct text_parameter[]){{"name", name}, {"why", why}}, 2);
}

static struct str lost(struct ctx *c, const struct definition *d, int depth);

static struct str lost_in(struct ctx *c, const struct json *tree, int depth) {
    struct named *named = ARENA_NEW(c->arena, struct named);
    names_of(c, tree, named);
    for (size_t i = 0; i < named->n && depth < DEFINITIONS_DEEP && !ctx_failed(c); i++) {
        struct definition d;
        struct str why = definition_read(c, named->ids[i], &d) ? lost(c, &d, depth + 1) : STR("");
        if (why.n) {
            return told(c, "definition.lost_in", d.name, why);
        }
    }
    return STR("");
}

static struct str lost(struct ctx *c, const struct definition *d, int depth) {
    struct str why = d->entity ? condition_lost(c, d->entity, d->condition)
                               : message_words(c->language, "role.entity");
    return why.n || ctx_failed(c) ? why : lost_in(c, json_parse(c, d->condition), depth);
}

struct str definition_lost(struct ctx *c, int64_t id) {
    struct definition d;
    return definition_read(c, id, &d) ? lost(c, &d, 0) : STR("");
}

struct str definition_lost_in(struct ctx *c, const struct json *tree) {
    return lost_in(c, tree, 0);
}

struct str segment_lost(struct ctx *c, int64_t id) {
    struct db_rows rows;
    struct str name = STR("");
    bool there = false;
    DB_QUERY(c, &rows, "SELECT name, deleted_at FROM segment WHERE id = $1", id);
    if (db_next(&rows)) {
        name = db_text(&rows, 0);
        there = db_null(&rows, 1);
    }
    db_done(&rows);
    struct str why = there ? definition_lost(c, id) : STR("");
    return !there  ? told(c, "segment.gone", name, why)
           : why.n ? told(c, "definition.lost_in", name, why)
                   : STR("");
}

bool definition_stands(struct ctx *c, int64_t id) {
    struct definition d;
    return definition_read(c, id, &d);
}

void definition_unused(struct ctx *c, const struct entity *e, int64_t id) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT name, condition, id FROM segment WHERE deleted_at IS NULL AND "
             "condition IS NOT NULL UNION ALL SELECT name, condition, id FROM tag "
             "WHERE deleted_at IS NULL AND condition IS NOT NULL");
    struct str user = {0};
    (void)e;
    while (db_next(&rows)) {
        struct named *named = ARENA_NEW(c->arena, struct named);
        struct ctx scratch = {.arena = c->arena};
        const struct json *tree = json_parse(&scratch, db_view(&rows, 1));
        names_of(&scratch, tree, named);
        for (size_t i = 0; i < named->n; i++) {
            user = named->ids[i] == id && db_int(&rows, 2) != id ? db_text(&rows, 0) : user;
        }
    }
    if (user.n) {
        FAIL(c, ERROR_CONFLICT, "segment.used", {"name", user});
    }
}
