/*
 * Lists: records of one type that a condition selects, sorted, a page at a time, with the
 * actor's rights inside the query.
 *
 * Paging is by cursor (the sort values and id of the last row), so page 1,000 costs what
 * page 1 costs. Scopes are resolved to id sets, and a sorted page over several owners or
 * departments is a merge of index ranges, not a scan. Totals are bounded: exact up to
 * 10,000, beyond that {"value":10000,"exact":false}, and stopped by a time budget.
 */
#ifndef GUANTONG_ENTITY_QUERY_H
#define GUANTONG_ENTITY_QUERY_H

#include "entity/access.h"
#include "entity/condition.h"

enum { LIST_LIMIT = 200, LIST_TOTAL = 10000, LIST_SORTS = 3 };

struct list_sort {
    const struct field *field;
    bool descending;
};

struct list_request {
    const struct entity *entity;
    const struct condition *where; /* NULL: all */
    struct list_sort sorts[LIST_SORTS];
    int n_sorts; /* 0: newest first; id is always the last key */
    int limit;   /* 1 … LIST_LIMIT, 0 for 50 */
    struct str cursor;
    bool trashed;       /* those in the trash instead */
    enum action action; /* ACTION_READ, or ACTION_EXPORT … whose scope applies */
    const bool *fields; /* by position: those to be read, others stay empty; NULL: all */
};

struct list_page {
    struct record **records;
    size_t n;
    struct str next; /* cursor of the next page; p = NULL at the end */
};

struct list_total {
    int64_t value;
    bool exact;
};

struct list_page list_read(struct ctx *c, const struct list_request *request);
/* The page and the bounded total, planned once. */
struct list_page list_read_counted(struct ctx *c, const struct list_request *request,
                                   struct list_total *total);
struct list_total list_count(struct ctx *c, const struct list_request *request, bool exact);
/* "-created_at,name" into request->sorts; field errors on unknown or unreadable fields. */
void list_parse_sort(struct ctx *c, struct list_request *request, struct str sort);
/* Ids only, for bulk verbs and reports: up to limit after the cursor. */
size_t list_ids(struct ctx *c, const struct list_request *request, int64_t *ids, size_t limit);

/* What the record is called in the caller's language, where it has a name in it. */
struct str record_title_in(const struct ctx *c, const struct record *r);
/* Titles of many records at once, as the actor may see them: out[i] for ids[i], empty when
 * invisible or missing. */
void list_titles(struct ctx *c, const struct entity *e, const int64_t *ids, size_t n,
                 struct str *out);

#endif
