/*
 * The leaf {"related":"lead","where":…,"by":"person_id","count":{"gte":2}}: as many records that
 * refer to this one, and are not in the trash, are such; one when no count is given. "by" is the
 * reference asked about, the first one there is when it is left out. One does not stand inside
 * another.
 */
#include "base/message.h"
#include "entity/access.h"
#include "entity/condition_kinds.h"
#include "entity/condition_tree.h"

enum { LEAST_MOST = 1000 };

struct related {
    const struct entity *entity; /* of the records that refer */
    const struct field *by;
    const struct condition *where;
    int64_t least; /* so many of them */
};

static bool mentions(const struct json *v, const char *key) {
    bool found = json_get(v, key) != NULL;
    for (size_t i = 0; !found && json_is(v, JSON_IS_OBJECT) && i < v->n; i++) {
        found = mentions(&v->members[i].value, key);
    }
    for (size_t i = 0; !found && json_is(v, JSON_IS_ARRAY) && i < v->n; i++) {
        found = mentions(&v->items[i], key);
    }
    return found;
}

static void refuse(struct ctx *c, struct str pointer, const char *member, const char *text) {
    FAIL_FIELD(c, str_format(c->arena, "%.*s/%s", STR_ARG(pointer), member), text);
}

static const struct field *reference_to(const struct ctx *c, const struct entity *from,
                                        const struct entity *to, struct str name) {
    for (int i = 0; i < from->n_fields; i++) {
        const struct field *f = &from->fields[i];
        bool named = name.n == 0 || str_equal(f->name, name);
        if (f->type == FIELD_REFERENCE && f->target == to && named && !(f->flags & FIELD_HIDDEN) &&
            access_field(c->actor, from, f) >= RIGHT_READ) {
            return f;
        }
    }
    return NULL;
}

static void count_parse(struct ctx *c, struct related *r, const struct json *count,
                        struct str pointer) {
    static const char *const members[] = {"gte", NULL};
    struct str below = str_format(c->arena, "%.*s/count", STR_ARG(pointer));
    r->least = count ? json_int(count, "gte", 0) : 1;
    if (count && json_is(count, JSON_IS_OBJECT)) {
        condition_members_known(c, count, members, below);
    }
    if (r->least < 1 || r->least > LEAST_MOST) {
        refuse(c, pointer, "count", "condition.related_count");
    }
}

static void *related_parse(struct ctx *c, const struct entity *e, const struct json *leaf,
                           struct str pointer) {
    static const char *const members[] = {"related", "where", "by", "count", NULL};
    struct related *r = ARENA_NEW(c->arena, struct related);
    const struct json *where = json_get(leaf, "where");
    r->entity = model_entity(c->model, json_text(leaf, "related"));
    if (r->entity && access_scope(c->actor, r->entity, ACTION_READ) == SCOPE_NONE) {
        r->entity = NULL;
    }
    r->by = r->entity ? reference_to(c, r->entity, e, json_text(leaf, "by")) : NULL;
    if (!condition_members_known(c, leaf, members, pointer)) {
        return NULL;
    }
    if (!r->by) {
        refuse(c, pointer, "related", "condition.unrelated");
        return NULL;
    }
    if (where && mentions(where, "related")) {
        refuse(c, pointer, "where", "condition.related_nested");
        return NULL;
    }
    count_parse(c, r, json_get(leaf, "count"), pointer);
    struct str below = str_format(c->arena, "%.*s/where", STR_ARG(pointer));
    r->where = condition_parse_below(c, r->entity, where, below);
    return r->where && !ctx_failed(c) ? r : NULL;
}

static void related_sql(struct ctx *c, struct sql *q, void *leaf,
                        const struct condition_rows *rows) {
    const struct related *r = leaf;
    sql_identifier(q, str_from(rows->alias));
    SQL_ADD(q, ".id IN (SELECT referring.");
    sql_identifier(q, r->by->name);
    SQL_ADD(q, " FROM ");
    sql_identifier(q, r->entity->table);
    SQL_ADD(q, " referring WHERE referring.");
    sql_identifier(q, r->by->name);
    SQL_ADD(q, " IS NOT NULL AND referring.deleted_at IS NULL");
    condition_rows_within(q, rows, "referring", r->by->name);
    SQL_ADD(q, " AND ");
    access_where(c, q, r->entity, ACTION_READ, "referring");
    SQL_ADD(q, " AND ");
    condition_sql_of(c, q, r->where,
                     &(struct condition_rows){.alias = "referring", .piece = rows->piece});
    if (r->least > 1) {
        SQL_ADD(q, " GROUP BY referring.");
        sql_identifier(q, r->by->name);
        SQL_ADD(q, " HAVING count(*) >= ");
        sql_number(q, r->least);
    }
    SQL_ADD(q, ")");
}

static void referring_begin(struct sql *q, const struct related *r, int64_t id) {
    SQL_ADD(q, " FROM ");
    sql_identifier(q, r->entity->table);
    SQL_ADD(q, " referring WHERE referring.");
    sql_identifier(q, r->by->name);
    SQL_ADD(q, " = ");
    SQL_VALUE(q, id);
    SQL_ADD(q, " AND referring.deleted_at IS NULL");
}

/* Asked of the database here too: there may be many of them. */
static bool related_match(struct ctx *c, void *leaf, const struct record *record) {
    const struct related *r = leaf;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT count(*) FROM (SELECT 1");
    referring_begin(&q, r, record->id);
    SQL_ADD(&q, " AND ");
    access_where(c, &q, r->entity, ACTION_READ, "referring");
    SQL_ADD(&q, " AND ");
    condition_sql(c, &q, r->where, "referring");
    SQL_ADD(&q, " LIMIT ");
    sql_number(&q, r->least);
    SQL_ADD(&q, ") AS counted");
    return sql_int(c, &q) == r->least;
}

static int64_t related_flips(struct ctx *c, void *leaf, const struct record *record) {
    const struct related *r = leaf;
    int64_t best = INT64_MAX;
    if (!condition_timed(r->where)) {
        return best;
    }
    struct condition_memo *memo = condition_memo_new(c);
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    struct record **all = ARENA_NEW_ARRAY(c->arena, CONDITION_RELATED, struct record *);
    size_t n = 0;
    SQL_ADD(&q, "SELECT ");
    record_columns(&q, r->entity, "referring");
    referring_begin(&q, r, record->id);
    SQL_ADD(&q, " ORDER BY referring.id DESC LIMIT ");
    sql_number(&q, CONDITION_RELATED);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        all[n++] = record_row(c, r->entity, &rows, 0);
    }
    for (size_t i = 0; i < n; i++) {
        int64_t at = condition_flips(memo, r->where, all[i]);
        best = at < best ? at : best;
    }
    return best;
}

static bool related_timed(void *leaf) {
    const struct related *r = leaf;
    return condition_timed(r->where);
}

static bool related_concerned(const void *leaf, const struct event *e) {
    const struct related *r = leaf;
    return str_equal(r->entity->name, e->subject_type) || condition_concerned(r->where, e);
}

/* What the record that refers says now, and what it said before. */
static void related_reach(struct reach *reach, const void *leaf) {
    const struct related *r = leaf;
    struct ctx *c = reach->c;
    if (str_equal(r->entity->name, reach->e->subject_type)) {
        const struct json *payload = json_parse(c, reach->e->payload);
        const struct json *values = json_get_str(json_get(payload, "values"), r->by->name);
        reach_column(reach, r->entity, r->by->name, &r->entity->fields[SYSTEM_ID],
                     reach->subjects[0]);
        reach_column(reach, r->entity, r->by->name, &r->entity->fields[SYSTEM_ID],
                     reach->subjects[1]);
        for (size_t i = 0; json_is(values, JSON_IS_ARRAY) && i < values->n; i++) {
            reach_add(reach, json_as_id(&values->items[i]));
        }
    }
    if (r->where->root) {
        reach_paths(reach, r->where->root, r->entity, r->by->name);
    }
}

static struct str related_words(struct ctx *c, void *leaf) {
    const struct related *r = leaf;
    struct text_parameter parameters[] = {{"what", r->entity->label[c->language]},
                                          {"where", condition_words(c, r->where)},
                                          {"n", str_format(c->arena, "%d", (int)r->least)}};
    return message_format(c->arena, c->language,
                          r->least > 1 ? "condition.related_times" : "condition.related",
                          parameters, 3);
}

bool condition_members_known(struct ctx *c, const struct json *leaf, const char *const *members,
                             struct str pointer) {
    bool known = true;
    for (size_t i = 0; i < leaf->n; i++) {
        bool found = false;
        for (const char *const *m = members; *m; m++) {
            found |= str_is(leaf->members[i].key, *m);
        }
        if (!found) {
            known = false;
            refuse(c, pointer, str_to_c(c->arena, leaf->members[i].key), "condition.unknown_key");
        }
    }
    return known;
}

const struct condition_kind condition_related = {.key = "related",
                                                 .parse = related_parse,
                                                 .sql = related_sql,
                                                 .match = related_match,
                                                 .words = related_words,
                                                 .timed = related_timed,
                                                 .flips = related_flips,
                                                 .concerned = related_concerned,
                                                 .reach = related_reach};
