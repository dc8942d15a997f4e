/* Shared records, for access.c and access_where.c. */
#ifndef GUANTONG_ENTITY_SHARE_H
#define GUANTONG_ENTITY_SHARE_H

#include "entity/access.h"

/* Whether a share lets the actor do it to the record. */
bool share_grants(struct ctx *c, enum action action, const struct record *r);
/* Whether any record of the type is shared with the actor for the action. */
bool share_any(struct ctx *c, enum action action, const struct entity *e);
/* "SELECT record_id …" of those records. */
void share_ids(struct ctx *c, struct sql *q, enum action action, const struct entity *e);

/* Give the winner of a merge the loser's shares, of two rights the stronger; what that changed
 * follows as an array, from which shares_return takes back what still stands. The loser keeps
 * its own. */
void shares_carry(struct ctx *c, struct json_writer *w, const struct record *winner,
                  const struct record *loser);
void shares_return(struct ctx *c, const struct record *winner, const struct json *carried);

#endif
