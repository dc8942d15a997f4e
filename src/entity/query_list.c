#include <string.h>

#include "entity/query_index.h"
#include "entity/query_memory.h"
#include "entity/row.h"

enum { LIST_STANDARD = 50 };

/* A statement stopped by the time budget is the fault of a filter that no index serves:
 * say so, instead of what the database says. */
static void name_deadline(struct ctx *c) {
    if (c->error.code == ERROR_LIMIT && strcmp(c->error.text, "database.deadline") == 0) {
        c->error.text = "list.too_slow";
    }
}

static const struct list_plan *planned(struct ctx *c, const struct list_request *request) {
    const struct list_plan *p = list_plan(c, request);
    name_deadline(c);
    return p;
}

static void read_part(struct ctx *c, const struct list_plan *p, const struct list_page_part *part,
                      struct list_page *page) {
    struct sql q = sql_new(c->arena);
    list_put_page(c, &q, p, part);
    struct db_rows rows;
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        page->records[page->n++] = record_row_of(c, p->request->entity, &rows, p->fields);
    }
    name_deadline(c);
}

static bool has_empty_phase(const struct list_plan *p) {
    return p->keys[0].nullable && !p->bounded;
}

static bool in_empty_phase(const struct list_position *at) {
    return at->given && at->values[0].kind == VALUE_NULL;
}

static void read_phases(struct ctx *c, const struct list_plan *p, struct list_page_part *part,
                        struct list_page *page) {
    int64_t wanted = part->limit;
    if (!in_empty_phase(&part->at)) {
        read_part(c, p, part, page);
    }
    if (has_empty_phase(p) && (int64_t)page->n < wanted && !ctx_failed(c)) {
        part->phase = LIST_PHASE_EMPTY;
        part->limit = wanted - (int64_t)page->n;
        read_part(c, p, part, page);
    }
}

static struct list_page read_page(struct ctx *c, const struct list_plan *p) {
    struct list_page page = {0};
    int limit = p->request->limit > 0 ? p->request->limit : LIST_STANDARD;
    limit = limit > LIST_LIMIT ? LIST_LIMIT : limit;
    struct list_page_part part = {.limit = limit + 1};
    if (ctx_failed(c) || !list_cursor_read(c, p, &part.at) || p->range.none) {
        return page;
    }
    page.records = ARENA_NEW_ARRAY(c->arena, (size_t)limit + 1, struct record *);
    read_phases(c, p, &part, &page);
    if (ctx_failed(c)) {
        return (struct list_page){0};
    }
    if (page.n > (size_t)limit) {
        page.n = (size_t)limit;
        page.next = list_cursor(c, p, page.records[limit - 1]);
    }
    return page;
}

struct list_page list_read(struct ctx *c, const struct list_request *request) {
    return read_page(c, planned(c, request));
}

static size_t ids_part(struct ctx *c, const struct list_plan *p, const struct list_page_part *part,
                       int64_t *ids) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n = 0;
    list_put_page(c, &q, p, part);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    name_deadline(c);
    return n;
}

size_t list_ids(struct ctx *c, const struct list_request *request, int64_t *ids, size_t limit) {
    const struct list_plan *p = planned(c, request);
    struct list_page_part part = {.limit = (int64_t)limit, .ids_only = true};
    size_t n = 0;
    if (ctx_failed(c) || !list_cursor_read(c, p, &part.at) || p->range.none || limit == 0) {
        return 0;
    }
    if (!in_empty_phase(&part.at)) {
        n = ids_part(c, p, &part, ids);
    }
    if (has_empty_phase(p) && n < limit && !ctx_failed(c)) {
        part.phase = LIST_PHASE_EMPTY;
        part.limit = (int64_t)(limit - n);
        n += ids_part(c, p, &part, ids + n);
    }
    return ctx_failed(c) ? 0 : n;
}

/*
 * Counting looks at no more than so many records that its index selects: all that can
 * count when nothing else filters or when they are known to be few, else as many as take
 * about 0.5 ms.
 */
enum { COUNT_IN_INDEX = 8000, COUNT_IN_ROWS = 400 };

/* Whether what the driver selects is the whole answer. */
static bool only_driver(const struct list_plan *p) {
    const struct condition_node *root = p->request->where ? p->request->where->root : NULL;
    while (root && root->kind == NODE_ALL && root->n == 1) {
        root = root->children[0];
    }
    if (root) {
        return p->range.all && p->driver && root->leaf && root->leaf == p->driver->leaf;
    }
    return p->range.all || (p->driver && !p->driver->leaf);
}

static bool counted_out(const struct list_candidate *candidate) {
    return candidate->counted_to > 0 && candidate->count <= candidate->counted_to;
}

/* What to count by, whatever order the page has: what is known to be small, else what an index
 * answers alone. */
static const struct list_candidate *counter(const struct list_plan *p) {
    const struct list_candidate *driver = p->driver;
    if (driver && list_candidate_partial(p, driver)) {
        driver = NULL;
    }
    if (driver && counted_out(driver)) {
        return driver;
    }
    for (size_t i = 0; i < p->n_candidates; i++) {
        const struct list_candidate *one = &p->candidates[i];
        if (one->uncovered == 0 && !list_candidate_partial(p, one)) {
            return one;
        }
    }
    bool other = !driver && p->n_candidates > 0 && !list_candidate_partial(p, &p->candidates[0]);
    return other ? &p->candidates[0] : driver;
}

/* Whether planning has found more than a bounded total tells. */
static bool known_large(const struct list_plan *p) {
    return only_driver(p) && p->driver && p->driver->count > LIST_TOTAL;
}

static int64_t count_limit(const struct list_plan *p) {
    bool in_index = p->driver && p->driver->uncovered == 0;
    if (only_driver(p) || (in_index && counted_out(p->driver) && !access_beyond(&p->range))) {
        return LIST_TOTAL + 1;
    }
    return in_index && !p->many ? COUNT_IN_INDEX : COUNT_IN_ROWS; /* what opens is a row too */
}

/* How many were looked at, and how many of them hold. */
static void put_count(struct ctx *c, struct sql *q, const struct list_plan *p, int64_t limit) {
    bool whole = only_driver(p);
    sql_literal(q, whole ? "SELECT COUNT(*), COUNT(*) FROM (SELECT 1"
                         : "SELECT COUNT(*), COUNT(hit) FROM (SELECT CASE WHEN 1 = 1");
    if (!whole) {
        list_put_filter(c, q, p);
        SQL_ADD(q, " THEN 1 END AS hit");
    }
    SQL_ADD(q, " FROM ");
    sql_identifier(q, p->request->entity->table);
    SQL_ADD(q, " t WHERE ");
    list_put_driver(c, q, p);
    sql_literal(q, p->request->trashed ? " AND t.deleted_at IS NOT NULL"
                                       : " AND t.deleted_at IS NULL");
    if (limit > 0) {
        SQL_ADD(q, " LIMIT ");
        sql_number(q, limit);
    }
    SQL_ADD(q, ") looked_at");
}

static struct list_total count_now(struct ctx *c, const struct list_plan *p, bool exact) {
    struct list_total total = {.exact = true};
    struct list_plan by = *p;
    by.driver = counter(p);
    bool told = by.driver && counted_out(by.driver) && !p->recalled;
    if (told && only_driver(&by) && !access_beyond(&p->range)) {
        total.value = by.driver->count;
        return total;
    }
    if (!exact && known_large(&by)) {
        return (struct list_total){.value = LIST_TOTAL};
    }
    int64_t limit = count_limit(&by);
    struct sql q = sql_new(c->arena);
    put_count(c, &q, &by, exact ? 0 : limit);
    struct db_rows rows;
    int64_t looked_at = 0;
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        looked_at = db_int(&rows, 0);
        total.value = db_int(&rows, 1);
    }
    name_deadline(c);
    if (!exact) {
        total.exact = looked_at < limit;
        total.value = total.value > LIST_TOTAL ? LIST_TOTAL : total.value;
    }
    return total;
}

/* What is a lower bound may be one of a moment ago. */
static struct list_total count(struct ctx *c, const struct list_plan *p, bool exact) {
    struct list_memory *m = exact ? NULL : p->memory;
    if (p->range.none || ctx_failed(c)) {
        return (struct list_total){.exact = true};
    }
    if (m && m->counted) {
        return (struct list_total){.value = m->at_least};
    }
    struct list_total total = count_now(c, p, exact);
    if (m && !total.exact && !ctx_failed(c)) {
        m->counted = true;
        m->at_least = total.value;
    }
    return total;
}

struct list_total list_count(struct ctx *c, const struct list_request *request, bool exact) {
    return count(c, planned(c, request), exact);
}

/* A short first page is the whole list, and a total below the page's rows would be absurd. */
struct list_page list_read_counted(struct ctx *c, const struct list_request *request,
                                   struct list_total *total) {
    const struct list_plan *p = planned(c, request);
    struct list_page page = read_page(c, p);
    if (!page.next.p && request->cursor.n == 0) {
        *total = (struct list_total){(int64_t)page.n, true};
        return page;
    }
    *total = count(c, p, false);
    int64_t seen = (int64_t)page.n + (page.next.p ? 1 : 0);
    if (!total->exact && total->value < seen) {
        total->value = seen;
    }
    return page;
}
