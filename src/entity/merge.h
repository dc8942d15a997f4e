/* What merging and taking it back share: merge.c, unmerge.c. */
#ifndef GUANTONG_ENTITY_MERGE_H
#define GUANTONG_ENTITY_MERGE_H

#include "entity/record.h"

struct merge {
    const struct entity *entity;
    int64_t winner, loser;
    struct json_writer *w; /* the audit entry being written; NULL when taken back */
};

/* The record, not in the trash, or ERROR_ABSENT. */
struct record *merge_load(struct ctx *c, const struct entity *e, int64_t id);
/* The loser to the trash, or back from it. */
void merge_trash(struct ctx *c, const struct record *loser, bool trashed);
/* Event and audit entries, of a merge or of its taking back. */
void merge_announce(struct ctx *c, const struct merge *m, bool merged, struct str changes);

#endif
