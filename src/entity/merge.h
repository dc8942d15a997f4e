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
/* Of a record in the trash that was merged into another: that other one; else 0. */
int64_t merge_survivor(struct ctx *c, const struct record *r);
/* Fail with a text that names the record and what it was merged into, {name} and {into}. */
void merge_refuse(struct ctx *c, const struct record *gone, const char *text);
/* Event and audit entries, of a merge or of its taking back. */
void merge_announce(struct ctx *c, const struct merge *m, bool merged, struct str changes);

/*
 * Rows of tables that are of no record type, for the reactors that answer <entity>.merged and
 * .unmerged: which of them came with the loser is kept while the merge stands, so that they can go
 * back, whatever became of the winner meanwhile.
 */
struct merge_rows {
    const char *what;          /* the key under which it is kept */
    const char *table, *field; /* rows whose field holds the loser … */
    const char *id;            /* … and what tells them from one another */
};
void merge_carry(struct ctx *c, const struct merge_rows *rows, int64_t winner, int64_t loser);
void merge_return(struct ctx *c, const struct merge_rows *rows, int64_t winner, int64_t loser);
/* Keep that a row came with the loser; forget all that did. */
void merge_note(struct ctx *c, const char *what, int64_t loser, int64_t row_id);
void merge_forget(struct ctx *c, const char *what, int64_t loser);

#endif
