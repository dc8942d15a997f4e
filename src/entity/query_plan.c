#include "entity/query_plan.h"

#include "entity/query_index.h"

struct list_limits list_limits = {.probe = 500, .probe_more = 4000, .ranges = 64};

enum { SET_VALUES = 500 };

static const struct field *system_field(const struct list_request *r, enum system_field which) {
    return &r->entity->fields[which];
}

static void add_key(struct list_plan *p, const struct field *f, bool descending) {
    for (int i = 0; i < p->n_keys; i++) {
        if (p->keys[i].field == f) {
            return;
        }
    }
    bool always = (f->flags & FIELD_SYSTEM) &&
                  (f->position == SYSTEM_ID || f->position == SYSTEM_CREATED_AT ||
                   f->position == SYSTEM_UPDATED_AT || f->position == SYSTEM_VERSION);
    bool nullable = !always && !(p->request->trashed && f->position == SYSTEM_DELETED_AT);
    p->keys[p->n_keys++] = (struct list_key){f, descending, nullable};
}

void list_plan_keys(struct list_plan *p) {
    const struct list_request *r = p->request;
    const struct field *newest = system_field(r,
                                              r->trashed ? SYSTEM_DELETED_AT : SYSTEM_CREATED_AT);
    bool descending = true;
    for (int i = 0; i < r->n_sorts; i++) {
        descending = r->sorts[i].descending;
        add_key(p, r->sorts[i].field, descending);
    }
    if (r->n_sorts == 0) {
        add_key(p, newest, true);
    } else if (r->n_sorts == 1 && query_index_has(r->entity, r->sorts[0].field) &&
               query_index_grouped(r->sorts[0].field)) {
        add_key(p, system_field(r, SYSTEM_CREATED_AT), descending);
    }
    add_key(p, system_field(r, SYSTEM_ID), descending);
    for (int i = 0; i < p->n_keys; i++) {
        if (p->keys[i].field->position == SYSTEM_ID) {
            p->n_keys = i + 1; /* nothing is left to order after the id */
        }
    }
}

/* Whether the keys from the given one on are these system fields, all in one direction. */
static bool keys_are(const struct list_plan *p, int from, bool created) {
    int n = p->n_keys - from;
    if (n != (created ? 2 : 1)) {
        return false;
    }
    for (int i = from; i < p->n_keys; i++) {
        int wanted = created && i == from ? SYSTEM_CREATED_AT : SYSTEM_ID;
        if (p->keys[i].field->position != wanted ||
            p->keys[i].descending != p->keys[0].descending) {
            return false;
        }
    }
    return true;
}

/* The order that the index of a field gives within one of its values, or over all. */
static bool index_sorts(const struct list_plan *p, const struct field *f, bool within) {
    if (p->request->trashed || !query_index_has(p->request->entity, f) ||
        (f->flags & FIELD_UNIQUE)) {
        return false;
    }
    bool grouped = query_index_grouped(f);
    if (p->keys[0].field == f) {
        return keys_are(p, 1, grouped);
    }
    return within && keys_are(p, 0, grouped);
}

static bool order_indexed(const struct list_plan *p) {
    int first = p->keys[0].field->position;
    bool always = first == SYSTEM_ID || first == SYSTEM_CREATED_AT || first == SYSTEM_DELETED_AT;
    return always || (query_index_has(p->request->entity, p->keys[0].field) &&
                      p->keys[0].field->type != FIELD_REFERENCE);
}

static void add_candidate(struct list_plan *p, const struct field *f, const struct db_value *values,
                          size_t n, const struct condition_leaf *leaf) {
    if (p->n_candidates == LIST_CANDIDATES || n > SET_VALUES || p->request->trashed) {
        return;
    }
    p->candidates[p->n_candidates++] = (struct list_candidate){.field = f,
                                                               .values = values,
                                                               .n = n,
                                                               .leaf = leaf,
                                                               .sorted = n <= list_limits.ranges &&
                                                                         index_sorts(p, f, true)};
}

static const struct db_value *id_values(struct arena *a, struct id_set set) {
    struct db_value *values = ARENA_NEW_ARRAY(a, set.n, struct db_value);
    for (size_t i = 0; i < set.n; i++) {
        values[i] = db_from_int(set.ids[i]);
    }
    return values;
}

static void add_leaf(struct ctx *c, struct list_plan *p, const struct condition_leaf *leaf) {
    if (leaf->hops > 0 || !query_index_has(p->request->entity, leaf->field) ||
        leaf->field->type == FIELD_MONEY) {
        return;
    }
    if (leaf->operator>= OPERATOR_IS_ME) {
        struct id_set set = condition_actor_set(c, leaf);
        add_candidate(p, leaf->field, id_values(c->arena, set), set.n, leaf);
        return;
    }
    if (leaf->operator!= OPERATOR_EQ && leaf->operator!= OPERATOR_IN) {
        return;
    }
    struct db_value *values = ARENA_NEW_ARRAY(c->arena, leaf->n, struct db_value);
    for (size_t i = 0; i < leaf->n; i++) {
        struct value v = leaf->values[i];
        values[i] = v.kind == VALUE_TEXT ? db_from_str(v.text) : db_from_int(v.integer);
    }
    add_candidate(p, leaf->field, values, leaf->n, leaf);
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

static void gather(struct ctx *c, struct list_plan *p) {
    const struct list_request *r = p->request;
    if (!p->range.all) {
        const struct field *f = entity_field(r->entity, p->range.column);
        add_candidate(p, f, id_values(c->arena, p->range.ids), p->range.ids.n, NULL);
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
    SQL_ADD(&q, " AND t.deleted_at IS NULL LIMIT ");
    sql_number(&q, limit + 1);
    SQL_ADD(&q, ") p");
    return sql_int(c, &q);
}

/* The smallest candidate beside the given one, if it is within the limit. */
static struct list_candidate *smallest(struct ctx *c, struct list_plan *p,
                                       const struct list_candidate *beside, int64_t limit) {
    struct list_candidate *best = NULL;
    for (size_t i = 0; i < p->n_candidates && !ctx_failed(c); i++) {
        struct list_candidate *candidate = &p->candidates[i];
        if (candidate == beside || limit < 0) {
            continue;
        }
        candidate->count = list_probe(c, p, candidate, limit);
        if (candidate->count <= limit) {
            best = candidate;
            limit = candidate->count - 1; /* another must be smaller */
        }
    }
    return best;
}

static struct list_candidate *first_sorted(struct list_plan *p) {
    for (size_t i = 0; i < p->n_candidates; i++) {
        if (p->candidates[i].sorted) {
            return &p->candidates[i];
        }
    }
    return NULL;
}

static void drive(struct list_plan *p, const struct list_candidate *candidate) {
    p->driver = candidate;
    p->path = candidate->sorted ? LIST_BY_RANGE : LIST_BY_SET;
}

/* The first whose index is in the asked order will do whatever its size, as it is read only as
 * far as the page needs; but when it is small nothing else need be counted. */
static void choose(struct ctx *c, struct list_plan *p) {
    struct list_candidate *sorted = first_sorted(p);
    if (sorted && (p->n_candidates == 1 ||
                   list_probe(c, p, sorted, list_limits.probe) <= list_limits.probe)) {
        drive(p, sorted);
        return;
    }
    struct list_candidate *small = smallest(c, p, sorted, list_limits.probe);
    if (!small) {
        small = smallest(c, p, sorted, list_limits.probe_more);
    }
    if (small) {
        drive(p, small);
    } else if (sorted) {
        drive(p, sorted);
    } else if (p->n_candidates > 0 && !order_indexed(p)) {
        drive(p, &p->candidates[0]);
    }
}

const struct list_plan *list_plan(struct ctx *c, const struct list_request *request) {
    struct list_plan *p = ARENA_NEW(c->arena, struct list_plan);
    p->request = request;
    p->range = access_range(c, request->entity, request->action);
    list_plan_keys(p);
    if (!p->range.none && !ctx_failed(c)) {
        gather(c, p);
        choose(c, p);
        p->shy = p->path == LIST_BY_SET && db_engine(c->db) == DB_SQLITE;
    }
    return p;
}
