/*
 * Records that a company puts in an order and that nearly every event or write asks for: rules,
 * approval processes. They change seldom and are few, so they are kept in memory for all threads,
 * under the versions they were read under (versions.h). Where those are not to be relied on, or the
 * records are more than are kept, the table is asked.
 */
#ifndef GUANTONG_ENTITY_RECORD_MEMORY_H
#define GUANTONG_ENTITY_RECORD_MEMORY_H

#include <pthread.h>

#include "base/context.h"
#include "db/sql.h"
#include "entity/record.h"

/* Records of a type that has a position, by it, at most limit; which: what SQL after WHERE says of
 * them besides that they are not in the trash, or NULL. How many. */
size_t records_in_order(struct ctx *c, const struct entity *e, const struct sql *which,
                        struct record **out, size_t limit);
/* The record with its texts, to outlive the context it was read in. */
struct record *record_keep(struct arena *a, const struct record *r);

struct record_memory {
    const char *entity; /* whose records it holds, all that are not in the trash */
    size_t most;        /* of more than that none is held */
    pthread_mutex_t mutex;
    struct versions versions;
    struct arena arena;
    struct record **records; /* in their order; to be read between enter and leave */
    size_t n;
};
#define RECORD_MEMORY(name, limit) \
    { .entity = (name), .most = (limit), .mutex = PTHREAD_MUTEX_INITIALIZER }

/* True, and the memory the caller's until he leaves it, when what it holds may be used. */
bool record_memory_enter(struct ctx *c, struct record_memory *m);
void record_memory_leave(struct record_memory *m);

/* Those of its type that are switched on, out of the memory where it may be used; for a type with
 * the field enabled. */
size_t records_enabled(struct ctx *c, struct record_memory *m, struct record **out, size_t limit);

#endif
