/*
 * What a thread found out a moment ago about a list that is asked for again.
 *
 * Which ranges of an index are small or too large, which way was taken after that, and how many
 * there are at least. Only what cannot make an answer wrong is kept: a way is only slower when it
 * is no longer the best, totals said to be exact are counted anew, and the statements carry the
 * rights of the request. The key is the request without its page, the scope it is asked in, the
 * versions of the snapshot, and the connection; it is kept for a few seconds.
 */
#ifndef GUANTONG_ENTITY_QUERY_MEMORY_H
#define GUANTONG_ENTITY_QUERY_MEMORY_H

#include "entity/query_plan.h"

/* How old a way or a lower bound may be. */
enum { LIST_MEMORY_MS = 5000 };

struct list_memory {
    uint64_t key;
    int64_t at_ms;
    bool planned, counted, many;
    signed char driver;                                          /* of the candidates; -1: none */
    int32_t counted_to[LIST_CANDIDATES], count[LIST_CANDIDATES]; /* as in list_candidate */
    int32_t at_least;                                            /* of a bounded total */
};

/* The request's place in memory, empty when nothing is known; NULL where nothing may be kept. It
 * is the caller's until the next call of the thread. */
struct list_memory *list_memory(struct ctx *c, const struct list_plan *p);

#endif
