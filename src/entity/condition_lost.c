/*
 * What a condition lost. A company's conditions outlive what they name: a field, a choice, a tag
 * goes, and whoever relies on the condition is to be told which part it was and why it is
 * understood no longer.
 */
#include "base/message.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/condition.h"

static const struct json *member_at(const struct json *tree, struct str part) {
    int64_t i = 0;
    if (json_is(tree, JSON_IS_ARRAY)) {
        return str_to_int(part, &i) && i >= 0 && (size_t)i < tree->n ? &tree->items[i] : NULL;
    }
    for (size_t k = 0; json_is(tree, JSON_IS_OBJECT) && k < tree->n; k++) {
        if (str_equal(tree->members[k].key, part)) {
            return &tree->members[k].value;
        }
    }
    return NULL;
}

static bool is_leaf(const struct json *tree) {
    return json_is(tree, JSON_IS_OBJECT) && tree->n && !json_get(tree, "all") &&
           !json_get(tree, "any") && !json_get(tree, "not");
}

/* Where the pointer ("/where/all/0/value") leads: the leaf, and what in it was refused. */
static const struct json *leaf_at(const struct json *tree, struct str pointer,
                                  const struct json **refused) {
    const struct json *leaf = is_leaf(tree) ? tree : NULL;
    struct str part;
    str_cut(&pointer, '/', &part);
    str_cut(&pointer, '/', &part); /* "where", the tree itself */
    *refused = tree;
    while (*refused && str_cut(&pointer, '/', &part)) {
        *refused = member_at(*refused, part);
        leaf = is_leaf(*refused) ? *refused : leaf;
    }
    return leaf;
}

/* A field the company threw away is known by its label still. */
static struct str label_of(struct ctx *c, const struct entity *e, struct str path) {
    struct str rest = path, part = {0};
    const struct field *f = NULL;
    while (e && str_cut(&rest, '.', &part)) {
        f = entity_field(e, part);
        e = f && rest.p ? f->target : NULL;
    }
    if (f && !(f->flags & FIELD_HIDDEN)) {
        return f->label[c->language];
    }
    struct str label = DB_TEXT(c,
                               "SELECT CASE WHEN $2 = 1 THEN COALESCE(label_en, label_zh) "
                               "ELSE label_zh END FROM custom_field WHERE name = $1 "
                               "ORDER BY id DESC LIMIT 1",
                               part, (int64_t)(c->language == LANGUAGE_EN));
    return label.n ? label : path;
}

/* Of a record named by its id, also of one in the trash, its title. */
static struct str title_of(struct ctx *c, const struct json_member *named) {
    const struct entity *e = model_entity(c->model, named->key);
    int64_t id = json_as_id(&named->value);
    if (!e || !id || !e->title) {
        return named->value.kind == JSON_IS_TEXT ? named->value.text : named->key;
    }
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    struct str title = named->value.text;
    SQL_ADD(&q, "SELECT ");
    sql_identifier(&q, e->title->name);
    SQL_ADD(&q, " FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE id = ");
    SQL_VALUE(&q, id);
    sql_query(c, &rows, &q);
    if (db_next(&rows)) {
        title = db_text(&rows, 0);
    }
    db_done(&rows);
    return title;
}

/* "Line = weld", the name of a tag. */
static struct str part_words(struct ctx *c, const struct entity *e, const struct json *leaf,
                             const struct json *refused) {
    struct str field = json_text(leaf, "field");
    if (!field.n) {
        return title_of(c, &leaf->members[0]);
    }
    struct str label = label_of(c, e, field);
    bool value = refused && refused->kind == JSON_IS_TEXT && refused != json_get(leaf, "field") &&
                 refused != json_get(leaf, "op");
    return value ? str_format(c->arena, "%.*s = %.*s", STR_ARG(label), STR_ARG(refused->text))
                 : label;
}

static struct str lost_words(struct ctx *c, const struct entity *e, const struct json *tree,
                             const struct error *error) {
    const struct field_error *first = error->fields;
    const struct json *refused = NULL,
                      *leaf = first ? leaf_at(tree, first->pointer, &refused) : NULL;
    struct str why = message_failure(c->arena, c->language, error);
    if (!leaf) {
        return why;
    }
    return message_format(
        c->arena, c->language, "condition.lost",
        (struct text_parameter[]){{"what", part_words(c, e, leaf, refused)}, {"why", why}}, 2);
}

struct str condition_lost(struct ctx *c, const struct entity *e, struct str text) {
    struct ctx own = *c;
    own.actor = &actor_system;
    if (ctx_failed(c)) {
        return STR("");
    }
    const struct json *tree = str_trim(text).n ? json_parse(&own, text) : NULL;
    if (!ctx_failed(&own)) {
        condition_parse(&own, e, tree);
    }
    if (own.error.code != ERROR_INVALID) {
        c->error = own.error;
        return STR("");
    }
    return lost_words(c, e, tree, &own.error);
}
