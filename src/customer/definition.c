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

enum {
    DEFINITIONS_DEEP = 20,
    NAMED_MOST = 200,
    SEEN_MOST = 500,   /* on one walk */
    KINDS_MOST = 8,    /* of what is worked out */
    DERIVED_MOST = 100 /* that one field is worked out by */
};

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

/* A definition that is to be followed. */
struct definition {
    int64_t id;
    struct str kind, name, condition; /* kind: the record type it is a record of */
    const struct entity *entity;
};

static bool definition_next(struct ctx *c, struct db_rows *rows, struct definition *d) {
    bool found = db_next(rows);
    if (found) {
        *d = (struct definition){.id = db_int(rows, 0),
                                 .kind = db_text(rows, 1),
                                 .name = db_text(rows, 2),
                                 .entity = model_entity(c->model, db_view(rows, 3)),
                                 .condition = db_text(rows, 4)};
    }
    return found;
}

/* False: there is none of that id. */
static bool definition_read(struct ctx *c, int64_t id, struct definition *d) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT id, 'segment', name, entity_name, condition FROM segment WHERE id = $1 "
             "AND kind = 'live' AND deleted_at IS NULL UNION ALL "
             "SELECT id, 'tag', name, entity_name, condition FROM tag "
             "WHERE id = $1 AND rule_on = 1 AND deleted_at IS NULL",
             id);
    bool found = definition_next(c, &rows, d);
    db_done(&rows);
    return found;
}

/*
 * Circles: a walk through what conditions ask for — segments, rules of tags, and fields that are
 * worked out by conditions of their own (definition_derived: the score, by cards).
 */

/* Where the walk is to arrive: at a definition, or, without one, at fields of a record type. */
struct walk {
    struct ctx *c;
    const struct record *to; /* as it is to be */
    const struct entity *entity;
    const char *const *fields;
    int64_t seen[SEEN_MOST];
    size_t n_seen;
    int depth;
    struct str by; /* what it went through, from where it began, once it has arrived */
};

static const struct definition_derived *derived[KINDS_MOST];

void definition_derive(const struct definition_derived *d) {
    for (size_t i = 0; i < KINDS_MOST; i++) {
        if (!derived[i]) {
            derived[i] = d;
            return;
        }
    }
}

static bool walk_tree(struct walk *w, const struct entity *e, const struct json *tree);

static bool walk_seen(struct walk *w, int64_t id) {
    for (size_t i = 0; i < w->n_seen; i++) {
        if (w->seen[i] == id) {
            return true;
        }
    }
    if (w->n_seen < SEEN_MOST) {
        w->seen[w->n_seen++] = id;
    }
    return false;
}

static bool walk_came_by(struct walk *w, const struct entity *kind, struct str name) {
    enum language l = w->c->language;
    w->by = str_format(w->c->arena, l == LANGUAGE_EN ? "%.*s \"%.*s\"%s%.*s" : "%.*s“%.*s”%s%.*s",
                       STR_ARG(kind->label[l]), STR_ARG(name), w->by.n ? " → " : "",
                       STR_ARG(w->by));
    return true;
}

/* On from here. What leads too far, or to too many, is taken for a circle. */
static bool walk_on(struct walk *w, const struct definition *d) {
    if (walk_seen(w, d->id)) {
        return false;
    }
    w->depth++;
    bool arrives = w->depth > DEFINITIONS_DEEP || w->n_seen == SEEN_MOST ||
                   walk_tree(w, d->entity, json_parse(w->c, d->condition));
    w->depth--;
    return arrives && walk_came_by(w, model_entity(w->c->model, d->kind), d->name);
}

/* The definitions a field's value comes of. */
static bool walk_derived(struct walk *w, const struct entity *e, struct str field) {
    struct definition *list = ARENA_NEW_ARRAY(w->c->arena, DERIVED_MOST, struct definition);
    size_t n = 0;
    for (size_t i = 0; i < KINDS_MOST && derived[i]; i++) {
        struct db_rows rows;
        if (!str_among(derived[i]->fields, field)) {
            continue;
        }
        db_query_values(w->c, &rows, derived[i]->sql, DB_VALUES(e->name));
        while (n < DERIVED_MOST && definition_next(w->c, &rows, &list[n])) {
            n++;
        }
        db_done(&rows);
    }
    bool arrives = false;
    for (size_t i = 0; i < n && !arrives && !ctx_failed(w->c); i++) {
        arrives = walk_on(w, &list[i]);
    }
    return arrives;
}

/* A field, which a path may lead to: "account_id.industry". */
static bool walk_field(struct walk *w, const struct entity *e, struct str path) {
    struct str name;
    while (e && str_cut(&path, '.', &name) && path.n) {
        const struct field *f = entity_field(e, name);
        e = f ? f->target : NULL;
    }
    if (!e) {
        return false;
    }
    if (!w->to && e == w->entity && str_among(w->fields, name)) {
        const struct field *f = entity_field(e, name);
        w->by = f ? f->label[w->c->language] : name;
        return true;
    }
    return walk_derived(w, e, name);
}

/* A tag's rule puts it on records of its own type only. */
static bool walk_named(struct walk *w, const struct entity *e, int64_t id, bool tag) {
    struct definition d;
    if (w->to && id == w->to->id) {
        bool asked = !tag || str_equal(record_text(w->to, "entity_name"), e->name);
        return asked && walk_came_by(w, w->to->entity, record_title(w->to));
    }
    return id && definition_read(w->c, id, &d) && (!tag || d.entity == e) && walk_on(w, &d);
}

static bool walk_member(struct walk *w, const struct entity *e, const struct json_member *m) {
    struct str text = m->value.kind == JSON_IS_TEXT ? m->value.text : STR("");
    if (str_is(m->key, "field") && text.n) {
        return walk_field(w, e, text);
    }
    if (str_is(m->key, "segment")) {
        return walk_named(w, e, json_as_id(&m->value), false);
    }
    if (str_is(m->key, "tag") && text.n) {
        return walk_named(w, e, tag_find(w->c, text), true);
    }
    return !str_is(m->key, "value") && walk_tree(w, e, &m->value);
}

static bool walk_tree(struct walk *w, const struct entity *e, const struct json *tree) {
    bool arrives = false;
    if (json_is(tree, JSON_IS_OBJECT) && json_get(tree, "related")) {
        e = model_entity(w->c->model, json_text(tree, "related"));
    }
    for (size_t i = 0; e && json_is(tree, JSON_IS_ARRAY) && i < tree->n && !arrives; i++) {
        arrives = walk_tree(w, e, &tree->items[i]);
    }
    for (size_t i = 0; e && json_is(tree, JSON_IS_OBJECT) && i < tree->n && !arrives; i++) {
        arrives = walk_member(w, e, &tree->members[i]);
    }
    return arrives && !ctx_failed(w->c);
}

struct str definition_asks(struct ctx *c, const struct json *tree, const struct entity *e,
                           const char *const *fields) {
    struct walk w = {.c = c, .entity = e, .fields = fields};
    return !ctx_failed(c) && walk_tree(&w, e, tree) ? w.by : STR("");
}

void definition_ends(struct ctx *c, const struct record *definition) {
    const struct entity *e = model_entity(c->model, record_text(definition, "entity_name"));
    struct str text = record_text(definition, "condition");
    struct walk w = {.c = c, .to = definition};
    if (e && text.n && !ctx_failed(c) && walk_tree(&w, e, json_parse(c, text))) {
        FAIL_FIELD(c, STR("/condition"), "segment.circle", {"by", w.by});
    }
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
    if (where) {
        definition_ends(c, after);
    }
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
