/*
 * Following a condition: when its answer about a record may change by time alone, which events
 * may change it, and why it holds or not.
 *
 * An answer changes by time at the first moment that one of its leaves does; it may be told too
 * early (another leaf decides), never too late. Who follows asks again then.
 */
#include "base/message.h"
#include "entity/condition_tree.h"

static int64_t node_flips(struct condition_memo *memo, const struct condition_node *node,
                          const struct record *r) {
    struct ctx *c = condition_memo_context(memo);
    if (node->kind == NODE_FIELD) {
        return condition_leaf_flips(c, node->leaf, condition_leaf_value(memo, node->leaf, r));
    }
    if (node->kind == NODE_OTHER) {
        return node->other->flips ? node->other->flips(c, node->other_leaf, r) : INT64_MAX;
    }
    int64_t best = INT64_MAX;
    for (size_t i = 0; i < node->n; i++) {
        int64_t at = node_flips(memo, node->children[i], r);
        best = at < best ? at : best;
    }
    return best;
}

int64_t condition_flips(struct condition_memo *memo, const struct condition *cond,
                        const struct record *r) {
    bool always = !cond || !cond->root || ctx_failed(condition_memo_context(memo));
    return always ? INT64_MAX : node_flips(memo, cond->root, r);
}

static void node_stirs(struct ctx *c, struct sql *q, const struct condition_node *node,
                       const struct condition_rows *rows) {
    bool kind = node->kind == NODE_OTHER;
    if (node->kind == NODE_FIELD || (kind && !node->other->stirs)) {
        sql_literal(q, condition_node_timed(node) ? "1 = 1" : "1 = 0");
        return;
    }
    if (kind) {
        node->other->stirs(c, q, node->other_leaf, rows);
        return;
    }
    SQL_ADD(q, "(1 = 0");
    for (size_t i = 0; i < node->n; i++) {
        if (condition_node_timed(node->children[i])) {
            SQL_ADD(q, " OR ");
            node_stirs(c, q, node->children[i], rows);
        }
    }
    SQL_ADD(q, ")");
}

void condition_stirs_sql(struct ctx *c, struct sql *q, const struct condition *cond,
                         const struct condition_rows *rows) {
    if (condition_timed(cond)) {
        node_stirs(c, q, cond->root, rows);
    } else {
        SQL_ADD(q, "1 = 0");
    }
}

static bool leaf_concerned(const struct condition_leaf *leaf, const struct event *e) {
    for (int i = 0; i < leaf->hops; i++) {
        if (str_equal(leaf->path[i]->target->name, e->subject_type)) {
            return true;
        }
    }
    return false;
}

static bool node_concerned(const struct condition_node *node, const struct event *e) {
    if (node->kind == NODE_FIELD) {
        return leaf_concerned(node->leaf, e);
    }
    if (node->kind == NODE_OTHER) {
        return node->other->concerned && node->other->concerned(node->other_leaf, e);
    }
    for (size_t i = 0; i < node->n; i++) {
        if (node_concerned(node->children[i], e)) {
            return true;
        }
    }
    return false;
}

bool condition_concerned(const struct condition *cond, const struct event *e) {
    bool itself = str_equal(cond->entity->name, e->subject_type) && !condition_own_event(e->type);
    return itself || (cond->root && node_concerned(cond->root, e));
}

bool condition_concerned_afar(const struct condition *cond, const struct event *e) {
    return cond->root && node_concerned(cond->root, e);
}

static bool node_looks_afar(const struct condition_node *node) {
    bool afar = node->kind == NODE_OTHER || (node->kind == NODE_FIELD && node->leaf->hops > 0);
    for (size_t i = 0; i < node->n && !afar; i++) {
        afar = node_looks_afar(node->children[i]);
    }
    return afar;
}

bool condition_looks_afar(const struct condition *cond) {
    return cond->root && node_looks_afar(cond->root);
}

struct reach *reach_new(struct ctx *c, const struct event *e, int64_t person_id) {
    struct reach *reach = arena_bytes(c->arena, sizeof *reach);
    reach->c = c;
    reach->e = e;
    reach->person_id = person_id;
    reach->subjects[0] = e->subject_id;
    reach->subjects[1] = json_id(json_parse(c, e->payload), "winner_id");
    reach->n = 0;
    reach->lost = false;
    return reach;
}

void reach_add(struct reach *reach, int64_t id) {
    for (size_t i = 0; i < reach->n; i++) {
        if (reach->ids[i] == id) {
            return;
        }
    }
    if (reach->n == REACH_MOST) {
        reach->lost = true;
    } else if (id) {
        reach->ids[reach->n++] = id;
    }
}

void reach_column(struct reach *reach, const struct entity *e, struct str column,
                  const struct field *by, int64_t id) {
    struct sql q = sql_new(reach->c->arena);
    struct db_rows rows;
    if (!id || reach->lost) {
        return;
    }
    SQL_ADD(&q, "SELECT ");
    sql_identifier(&q, column);
    SQL_ADD(&q, " FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE ");
    sql_identifier(&q, by->name);
    SQL_ADD(&q, " = ");
    SQL_VALUE(&q, id);
    if (!str_is(by->name, "id")) {
        SQL_ADD(&q, " AND deleted_at IS NULL");
    }
    SQL_ADD(&q, " LIMIT ");
    sql_number(&q, REACH_MOST + 1);
    sql_query(reach->c, &rows, &q);
    while (db_next(&rows)) {
        reach_add(reach, db_int(&rows, 0));
    }
}

void reach_holders(struct reach *reach, const struct entity *e, const struct field *by,
                   int64_t id) {
    reach_column(reach, e, STR("id"), by, id);
}

void reach_paths(struct reach *reach, const struct condition_node *node, const struct entity *e,
                 struct str column) {
    const struct condition_leaf *leaf = node->leaf;
    for (int i = 0; node->kind == NODE_FIELD && i < leaf->hops; i++) {
        if (!str_equal(leaf->path[i]->target->name, reach->e->subject_type)) {
            continue;
        }
        if (i > 0) {
            reach->lost = true;
            return;
        }
        reach_column(reach, e, column, leaf->path[0], reach->subjects[0]);
        reach_column(reach, e, column, leaf->path[0], reach->subjects[1]);
    }
    for (size_t i = 0; i < node->n; i++) {
        reach_paths(reach, node->children[i], e, column);
    }
}

static void reach_kinds(struct reach *reach, const struct condition_node *node) {
    if (node->kind == NODE_OTHER && node->other->reach &&
        node->other->concerned(node->other_leaf, reach->e)) {
        node->other->reach(reach, node->other_leaf);
    }
    for (size_t i = 0; i < node->n; i++) {
        reach_kinds(reach, node->children[i]);
    }
}

void condition_reach(struct reach *reach, const struct condition *cond) {
    if (cond->root) {
        reach_paths(reach, cond->root, cond->entity, STR("id"));
        reach_kinds(reach, cond->root);
    }
}

static bool node_personal(const struct condition_node *node) {
    if (node->kind == NODE_FIELD) {
        return node->leaf->operator>= OPERATOR_IS_ME;
    }
    for (size_t i = 0; i < node->n; i++) {
        if (node_personal(node->children[i])) {
            return true;
        }
    }
    return false;
}

bool condition_personal(const struct condition *cond) {
    return cond->root && node_personal(cond->root);
}

static bool node_explain(struct condition_memo *memo, struct json_writer *w,
                         const struct condition_node *node, const struct record *r);

/* The children as an array; whether as many hold as the group asks for. */
static bool children_explain(struct condition_memo *memo, struct json_writer *w,
                             const struct condition_node *node, const struct record *r) {
    size_t held = 0;
    json_begin_array(w);
    for (size_t i = 0; i < node->n; i++) {
        held += node_explain(memo, w, node->children[i], r);
    }
    json_end_array(w);
    return node->kind == NODE_ALL ? held == node->n : held > 0;
}

static bool leaf_explain(struct condition_memo *memo, struct json_writer *w,
                         const struct condition_node *node, const struct record *r) {
    struct ctx *c = condition_memo_context(memo);
    struct text_buffer words = {.arena = c->arena};
    bool holds;
    if (node->kind == NODE_FIELD) {
        condition_leaf_words(c, node->leaf, &words);
        holds = condition_leaf_holds(memo, node->leaf, r);
    } else {
        text_add(&words, node->other->words(c, node->other_leaf));
        holds = node->other->match(c, node->other_leaf, r);
    }
    JSON_MEMBER(w, "words", json_put_str, text_str(&words));
    return holds;
}

static bool node_explain(struct condition_memo *memo, struct json_writer *w,
                         const struct condition_node *node, const struct record *r) {
    bool holds;
    json_begin_object(w);
    if (node->kind == NODE_NOT) {
        json_key(w, "not");
        holds = !node_explain(memo, w, node->children[0], r);
    } else if (node->kind == NODE_ALL || node->kind == NODE_ANY) {
        json_key(w, node->kind == NODE_ALL ? "all" : "any");
        holds = children_explain(memo, w, node, r);
    } else {
        holds = leaf_explain(memo, w, node, r);
    }
    JSON_MEMBER(w, "holds", json_put_bool, holds);
    json_end_object(w);
    return holds;
}

void condition_explain(struct condition_memo *memo, struct json_writer *w,
                       const struct condition *cond, const struct record *r) {
    struct ctx *c = condition_memo_context(memo);
    if (cond->root) {
        node_explain(memo, w, cond->root, r);
        return;
    }
    json_begin_object(w);
    JSON_MEMBER(w, "words", json_put_str, message_words(c->language, "condition.always"));
    JSON_MEMBER(w, "holds", json_put_bool, true);
    json_end_object(w);
}
