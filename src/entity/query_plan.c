#include "entity/query_plan.h"

#include <limits.h>

#include "entity/opening.h"
#include "entity/query_index.h"
#include "entity/query_memory.h"

struct list_limits list_limits = {
    .small = 500, .some = 1500, .many = 4000, .covered = 10000, .ranges = 64};

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

bool list_keys_are(const struct list_plan *p, int from, bool created) {
    int newest = p->request->trashed ? SYSTEM_DELETED_AT : SYSTEM_CREATED_AT;
    int n = p->n_keys - from;
    if (n != (created ? 2 : 1)) {
        return false;
    }
    for (int i = from; i < p->n_keys; i++) {
        int wanted = created && i == from ? newest : SYSTEM_ID;
        if (p->keys[i].field->position != wanted ||
            p->keys[i].descending != p->keys[0].descending) {
            return false;
        }
    }
    return true;
}

static bool order_indexed(const struct list_plan *p) {
    int first = p->keys[0].field->position;
    bool always = first == SYSTEM_ID || first == SYSTEM_CREATED_AT || first == SYSTEM_DELETED_AT;
    return always || (query_index_has(p->request->entity, p->keys[0].field) &&
                      p->keys[0].field->type != FIELD_REFERENCE);
}

/* Whether an index yields all keys in their order, over all records. */
static bool keys_indexed(const struct list_plan *p) {
    const struct field *first = p->keys[0].field;
    if (first->position == SYSTEM_ID || list_keys_are(p, 0, true)) {
        return true;
    }
    bool grouped = query_index_has(p->request->entity, first) && query_index_grouped(first);
    return order_indexed(p) && list_keys_are(p, 1, grouped);
}

/* What of the filter its index does not know; of equals those by a field that the indexes by
 * owner do not know come first. Ranges of the scope that are the lesser part of it come last: what
 * is opened beside them is looked for among all records, which no part of the filter narrows. */
static int unfit(const struct list_plan *p, const struct list_candidate *candidate) {
    return list_candidate_partial(p, candidate) ? INT_MAX
                                                : 2 * candidate->uncovered + candidate->carried;
}

/* The fittest of those in the asked order. */
static struct list_candidate *best_sorted(struct list_plan *p) {
    struct list_candidate *best = NULL;
    for (size_t i = 0; i < p->n_candidates; i++) {
        struct list_candidate *candidate = &p->candidates[i];
        if (candidate->sorted && (!best || unfit(p, candidate) <= unfit(p, best))) {
            best = candidate;
        }
    }
    return best;
}

static bool covers_all(const struct list_candidate *candidate) {
    return candidate->uncovered == 0 && candidate->covers_keys;
}

/* A row looked up costs as much as so many entries of an index. */
static int64_t weight(const struct list_candidate *candidate) {
    return covers_all(candidate) ? 1 : 8;
}

/* How many records a candidate may select to be fetched whole. */
static int64_t most_of(const struct list_candidate *candidate,
                       const struct list_candidate *sorted) {
    if (sorted && sorted->uncovered == 0) {
        return list_limits.some;
    }
    return covers_all(candidate) ? list_limits.covered : list_limits.many;
}

/* Whether it selects no more than the limit; what was counted is kept. */
static bool within(struct ctx *c, const struct list_plan *p, struct list_candidate *candidate,
                   int64_t limit) {
    if (limit < 0) {
        return false;
    }
    candidate->counted_to = limit;
    candidate->count = list_probe(c, p, candidate, limit);
    return candidate->count <= limit;
}

/* The candidate that costs least to fetch whole, if one is small enough. */
static struct list_candidate *smallest(struct ctx *c, struct list_plan *p,
                                       const struct list_candidate *sorted) {
    struct list_candidate *best = NULL;
    for (size_t i = 0; i < p->n_candidates && !ctx_failed(c); i++) {
        struct list_candidate *candidate = &p->candidates[i];
        int64_t most = most_of(candidate, sorted);
        if (best && most > (best->count * weight(best) - 1) / weight(candidate)) {
            most = (best->count * weight(best) - 1) / weight(candidate);
        }
        if (candidate != sorted && !list_candidate_partial(p, candidate) &&
            within(c, p, candidate, most)) {
            best = candidate;
        }
    }
    return best;
}

bool list_candidate_partial(const struct list_plan *p, const struct list_candidate *candidate) {
    return p->many && !candidate->leaf;
}

static void drive(struct list_plan *p, const struct list_candidate *candidate) {
    p->driver = candidate;
    p->path = candidate->sorted ? LIST_BY_RANGE : LIST_BY_SET;
}

/* One whose index is in the asked order will do whatever its size, as it is read only as far as
 * the page needs; but when it is small nothing else need be counted. */
static void choose(struct ctx *c, struct list_plan *p) {
    struct list_candidate *sorted = best_sorted(p);
    if (sorted && (p->n_candidates == 1 || within(c, p, sorted, list_limits.small))) {
        drive(p, sorted);
        return;
    }
    struct list_candidate *small = smallest(c, p, sorted);
    if (small) {
        drive(p, small);
    } else if (sorted) {
        drive(p, sorted);
    } else if (p->n_candidates > 0 && !order_indexed(p) &&
               !list_candidate_partial(p, &p->candidates[0])) {
        drive(p, &p->candidates[0]);
    }
}

/* The way taken a moment ago. */
static bool recall(struct list_plan *p) {
    const struct list_memory *m = p->memory;
    if (!m || !m->planned || m->driver >= (int)p->n_candidates) {
        return false;
    }
    for (size_t i = 0; i < p->n_candidates; i++) {
        p->candidates[i].counted_to = m->counted_to[i];
        p->candidates[i].count = m->count[i];
    }
    p->many = m->many;
    if (m->driver >= 0) {
        drive(p, &p->candidates[m->driver]);
    }
    p->recalled = true;
    return true;
}

static void remember(const struct list_plan *p) {
    struct list_memory *m = p->memory;
    m->planned = true;
    m->many = p->many;
    m->driver = (signed char)(p->driver ? p->driver - p->candidates : -1);
    for (size_t i = 0; i < p->n_candidates; i++) {
        m->counted_to[i] = (int32_t)p->candidates[i].counted_to;
        m->count[i] = (int32_t)p->candidates[i].count;
    }
}

/* A cursor is made of the keys. */
static const bool *fields_read(struct ctx *c, const struct list_plan *p) {
    const struct list_request *r = p->request;
    if (!r->fields) {
        return NULL;
    }
    bool *fields = (void *)arena_copy(c->arena, r->fields,
                                      (size_t)r->entity->n_fields * sizeof *fields);
    fields[SYSTEM_ID] = true;
    for (int i = 0; i < p->n_keys; i++) {
        fields[p->keys[i].field->position] = true;
    }
    return fields;
}

const struct list_plan *list_plan(struct ctx *c, const struct list_request *request) {
    struct list_plan *p = ARENA_NEW(c->arena, struct list_plan);
    p->request = request;
    p->range = access_range(c, request->entity, request->action);
    p->range.opens = p->range.opens && !request->trashed;
    list_plan_keys(p);
    p->fields = fields_read(c, p);
    if (!p->range.none && !ctx_failed(c)) {
        list_gather(c, p);
        p->memory = list_memory(c, p);
        if (!recall(p)) {
            p->many = p->range.opens && !opening_few(c, request->entity, list_limits.some);
            choose(c, p);
            if (p->memory && !ctx_failed(c)) {
                remember(p);
            }
        }
        p->shy = p->path == LIST_BY_SET && db_engine(c->db) == DB_SQLITE;
        p->late = p->path == LIST_BY_SET || (p->path == LIST_BY_ORDER && !keys_indexed(p));
    }
    return p;
}
