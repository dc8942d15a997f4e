/*
 * How a list is read: which index drives it.
 *
 * The candidates are what the actor's scope and the equalities and ranges of the condition
 * select by an index. Bounded counts tell which of them is small; a small one is fetched whole
 * and sorted, and one whose index covers all that is asked may be larger, unless another in the
 * asked order knows all of the filter: counting would cost more than reading its page. Else one
 * whose index is in the asked order wins, read range by range and merged; without such a one
 * the index of the sort field is walked and the rest filters.
 */
#ifndef GUANTONG_ENTITY_QUERY_PLAN_H
#define GUANTONG_ENTITY_QUERY_PLAN_H

#include "entity/condition_tree.h"
#include "entity/query.h"

/* The sort fields asked for, created_at of a grouped index, and id. */
enum { LIST_KEYS = LIST_SORTS + 2 };

struct list_key {
    const struct field *field;
    bool descending;
    bool nullable;
};

/* Records whose column has one of these values, or lies within bounds. */
struct list_candidate {
    const struct field *field;
    const struct db_value *values;
    size_t n; /* values; 1 when bounded */
    bool bounded;
    struct condition_bounds bounds;
    const struct condition_leaf *leaf; /* that asks for it; NULL: the actor's scope itself */
    bool sorted;                       /* its index yields the asked order for each value */
    int uncovered;                     /* parts of the filter that its index does not know */
    bool covers_keys;                  /* its index knows the sort fields */
    bool carried;                      /* the indexes by owner and department know its field */
    int64_t counted_to, count;         /* counted to one more than that; 0: not yet */
};

enum list_path {
    LIST_BY_ORDER, /* walk the sort field's index (or sort everything) */
    LIST_BY_RANGE, /* one ordered index range a value, merged */
    LIST_BY_SET    /* fetch the candidate and sort */
};

enum { LIST_CANDIDATES = 8 };

struct list_plan {
    const struct list_request *request;
    struct access_range range; /* the actor's scope */
    struct list_key keys[LIST_KEYS];
    int n_keys;
    struct list_candidate candidates[LIST_CANDIDATES];
    size_t n_candidates;
    enum list_path path;
    const struct list_candidate *driver; /* NULL for LIST_BY_ORDER */
    bool shy;           /* sort fields must not choose the index: a set on SQLite */
    const bool *fields; /* to be read, by position, the keys among them; NULL: all */
    bool late;          /* sort ids first, then fetch the page's rows */
    bool bounded;       /* the first sort field lies within bounds: its range of an index will do */
    struct condition_bounds bounds;
    struct list_memory *memory; /* NULL: nothing is kept of this request */
    bool many;                  /* records may be opened to the actor by more than a set holds */
    bool recalled;              /* the counts of the candidates are those of a moment ago */
};

/* What is small: measured on SQLite at 1,000,000 leads; tests of small tables lower it. */
struct list_limits {
    int64_t small;   /* so many rows are looked up and sorted in about 0.5 ms */
    int64_t some;    /* still better than an index in order that covers the filter */
    int64_t many;    /* still better than walking an order in which few rows match */
    int64_t covered; /* so many entries of an index that covers all are sorted in 1.5 ms */
    size_t ranges;   /* branches of a merged statement */
};
extern struct list_limits list_limits;

/* Chooses; asks the database for bounded counts when there is a choice. */
const struct list_plan *list_plan(struct ctx *c, const struct list_request *request);

/* What the scope and the condition select by an index. */
void list_gather(struct ctx *c, struct list_plan *p);
/* Whether it is the scope, whose ranges are the lesser part of it. */
bool list_candidate_partial(const struct list_plan *p, const struct list_candidate *candidate);
/* How many records a candidate selects, counted to limit + 1. */
int64_t list_probe(struct ctx *c, const struct list_plan *p, const struct list_candidate *candidate,
                   int64_t limit);
/* Whether the keys from the given one on are the id, or created_at (of trash the time of
 * trashing) and the id, all in the direction of the first. */
bool list_keys_are(const struct list_plan *p, int from, bool created);

/* The sort with id as last key, as cursors and statements use it. */
void list_plan_keys(struct list_plan *p);

/* Cursor: the values of the keys in the last row. */
struct list_position {
    bool given;
    struct value values[LIST_KEYS]; /* by key */
};

struct str list_cursor(struct ctx *c, const struct list_plan *p, const struct record *last);
/* False after a field error when the cursor is none of this list's. */
bool list_cursor_read(struct ctx *c, const struct list_plan *p, struct list_position *position);

/*
 * Records whose first sort field is empty come last: as a statement of their own, so that
 * each is one range of an index, whichever end the engine sorts NULL to.
 */
enum list_phase { LIST_PHASE_FILLED, LIST_PHASE_EMPTY };

struct list_page_part {
    enum list_phase phase;
    struct list_position at;
    int64_t limit;
    bool ids_only;
};

/* Parts of a WHERE over the entity's table t. */
void list_put_candidate(struct sql *q, const struct list_candidate *candidate);
/* What the plan's driver selects, with shared records when it is the scope; or 1 = 1. */
void list_put_driver(struct ctx *c, struct sql *q, const struct list_plan *p);
/* Records that the actor's ranges leave out. */
void list_put_unscoped(struct sql *q, const struct list_plan *p);
/* The actor's scope as a filter that chooses no index; preceded by AND, nothing for all. */
void list_put_scope(struct ctx *c, struct sql *q, const struct list_plan *p);
/* Trash or not, scope unless it drives, condition; each preceded by AND. */
void list_put_filter(struct ctx *c, struct sql *q, const struct list_plan *p);
/* The rows of a phase after the position; preceded by AND. */
void list_put_phase(struct sql *q, const struct list_plan *p, enum list_phase phase,
                    const struct list_position *at);
/* ORDER BY over the columns of t, or of the given alias. */
void list_put_order(struct sql *q, const struct list_plan *p, const char *alias);

/* The page's statement: whole records, or only their ids. */
void list_put_page(struct ctx *c, struct sql *q, const struct list_plan *p,
                   const struct list_page_part *part);

#endif
