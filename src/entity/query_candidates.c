/* What a list may be driven by: the parts of its scope and condition that an index answers. */
#include "entity/query_index.h"
#include "entity/query_plan.h"

enum { SET_VALUES = 500 };

static bool scope_field(const struct field *f) {
    return f->position == SYSTEM_OWNER_ID || f->position == SYSTEM_OWNER_DEPARTMENT_ID;
}

/* Whether an index begins with the field: among what is in the trash only those by owner. */
static bool indexed(const struct list_request *r, const struct field *f) {
    if (r->trashed) {
        return (r->entity->flags & ENTITY_OWNED) && scope_field(f);
    }
    bool setting = r->entity->flags & ENTITY_SETTING;
    return query_index_has(r->entity, f) || (f->position == SYSTEM_CREATED_AT && !setting);
}

/* The order that the index of a field gives within one of its values. */
static bool sorts_values(const struct list_plan *p, const struct field *f) {
    if (f->flags & FIELD_UNIQUE) {
        return false;
    }
    bool grouped = query_index_grouped(f);
    return p->keys[0].field == f ? list_keys_are(p, 1, grouped) : list_keys_are(p, 0, grouped);
}

static bool covers(const struct list_plan *p, const struct field *of, const struct field *f) {
    return f == of || (!p->request->trashed && query_index_covers(p->request->entity, of, f));
}

/* How many leaves ask for what the index of a field does not know. */
static int uncovered_by(const struct list_plan *p, const struct field *of,
                        const struct condition_node *node) {
    if (node->kind == NODE_FIELD) {
        const struct condition_leaf *leaf = node->leaf;
        return leaf->hops > 0 || leaf->field->type == FIELD_MONEY || !covers(p, of, leaf->field);
    }
    int n = node->kind == NODE_OTHER;
    for (size_t i = 0; i < node->n; i++) {
        n += uncovered_by(p, of, node->children[i]);
    }
    return n;
}

static bool covers_keys(const struct list_plan *p, const struct field *of) {
    for (int i = 0; i < p->n_keys; i++) {
        if (!covers(p, of, p->keys[i].field)) {
            return false;
        }
    }
    return true;
}

static void add_candidate(struct list_plan *p, struct list_candidate candidate) {
    const struct list_request *r = p->request;
    const struct field *f = candidate.field;
    if (p->n_candidates == LIST_CANDIDATES || candidate.n > SET_VALUES || !indexed(r, f)) {
        return;
    }
    candidate.sorted = !candidate.bounded && candidate.n <= list_limits.ranges &&
                       sorts_values(p, f);
    candidate.covers_keys = covers_keys(p, f);
    candidate.carried = candidate.leaf && (r->entity->flags & ENTITY_OWNED) &&
                        covers(p, &r->entity->fields[SYSTEM_OWNER_DEPARTMENT_ID], f);
    if (r->where && r->where->root) {
        candidate.uncovered = uncovered_by(p, f, r->where->root);
    }
    if (!p->range.all && candidate.leaf) {
        candidate.uncovered += !covers(p, f, entity_field(r->entity, p->range.column));
    }
    p->candidates[p->n_candidates++] = candidate;
}

static const struct db_value *id_values(struct arena *a, struct id_set set) {
    struct db_value *values = ARENA_NEW_ARRAY(a, set.n, struct db_value);
    for (size_t i = 0; i < set.n; i++) {
        values[i] = db_from_int(set.ids[i]);
    }
    return values;
}

static void add_set(struct ctx *c, struct list_plan *p, const struct field *f, struct id_set set,
                    const struct condition_leaf *leaf) {
    add_candidate(p, (struct list_candidate){
                         .field = f, .values = id_values(c->arena, set), .n = set.n, .leaf = leaf});
}

static void add_values(struct ctx *c, struct list_plan *p, const struct condition_leaf *leaf) {
    struct db_value *values = ARENA_NEW_ARRAY(c->arena, leaf->n, struct db_value);
    for (size_t i = 0; i < leaf->n; i++) {
        struct value v = leaf->values[i];
        values[i] = v.kind == VALUE_TEXT ? db_from_str(v.text) : db_from_int(v.integer);
    }
    add_candidate(p, (struct list_candidate){
                         .field = leaf->field, .values = values, .n = leaf->n, .leaf = leaf});
}

static void add_bounds(struct ctx *c, struct list_plan *p, const struct condition_leaf *leaf) {
    struct condition_bounds bounds = condition_bounds(c, leaf);
    if (leaf->field == p->keys[0].field) {
        p->bounded = true;
        p->bounds = bounds;
    }
    add_candidate(
        p, (struct list_candidate){
               .field = leaf->field, .n = 1, .bounded = true, .bounds = bounds, .leaf = leaf});
}

static void add_leaf(struct ctx *c, struct list_plan *p, const struct condition_leaf *leaf) {
    if (leaf->hops > 0 || leaf->field->type == FIELD_MONEY) {
        return;
    }
    if (leaf->operator>= OPERATOR_IS_ME) {
        add_set(c, p, leaf->field, condition_actor_set(c, leaf), leaf);
    } else if (leaf->operator== OPERATOR_EQ || leaf->operator== OPERATOR_IN) {
        add_values(c, p, leaf);
    } else if (condition_bounded(leaf)) {
        add_bounds(c, p, leaf);
    }
}

/* What every selected record must satisfy: leaves under nothing but "all". */
static void add_filters(struct ctx *c, struct list_plan *p, const struct condition_node *node) {
    if (node->kind == NODE_FIELD) {
        add_leaf(c, p, node->leaf);
    }
    for (size_t i = 0; i < node->n && node->kind == NODE_ALL; i++) {
        add_filters(c, p, node->children[i]);
    }
}

void list_gather(struct ctx *c, struct list_plan *p) {
    const struct list_request *r = p->request;
    if (!p->range.all) {
        add_set(c, p, entity_field(r->entity, p->range.column), p->range.ids, NULL);
    }
    if (r->where && r->where->root) {
        add_filters(c, p, r->where->root);
    }
}

int64_t list_probe(struct ctx *c, const struct list_plan *p, const struct list_candidate *candidate,
                   int64_t limit) {
    if (candidate->n == 0) {
        return 0;
    }
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT COUNT(*) FROM (SELECT 1 FROM ");
    sql_identifier(&q, p->request->entity->table);
    SQL_ADD(&q, " t WHERE ");
    list_put_candidate(&q, candidate);
    sql_literal(&q, p->request->trashed ? " AND t.deleted_at IS NOT NULL LIMIT "
                                        : " AND t.deleted_at IS NULL LIMIT ");
    sql_number(&q, limit + 1);
    SQL_ADD(&q, ") p");
    return sql_int(c, &q);
}
