/* Steps that the verbs on records share: record.c, trash.c, merge.c. */
#ifndef GUANTONG_ENTITY_RECORD_VERBS_H
#define GUANTONG_ENTITY_RECORD_VERBS_H

#include "entity/access.h"

/* r, or ERROR_ABSENT and NULL when it is missing or the actor may not read it. */
struct record *record_visible(struct ctx *c, struct record *r);
/* The record, not in the trash, on which the actor may do this; fails otherwise. */
struct record *record_for_change(struct ctx *c, const struct entity *e, int64_t id,
                                 enum action action);
/* Fail with ERROR_CONFLICT unless the version is the expected one (0: any). */
void record_expect(struct ctx *c, const struct record *r, int64_t version);

/* The next version, by this actor, now. */
void record_stamp(struct ctx *c, struct record *r);
/* Write what differs; ERROR_RETRY and false when the row moved on since before was read. */
bool record_store(struct ctx *c, const struct record *before, const struct record *after);
/* Emit <entity>.<action> and write the audit entry; before is NULL for a new record. Gives
 * the event's id. */
int64_t record_announce(struct ctx *c, const struct record *before, const struct record *after,
                        const char *action);

#endif
