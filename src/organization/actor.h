/*
 * Actors: who somebody is and what they may do, resolved once.
 *
 * From the user's roles, department and teams comes a struct actor with sets of ids. It is
 * kept in memory per user until the organization or the model changes; a replaced one
 * stays valid for five minutes, longer than any unit of work waits and runs.
 */
#ifndef GUANTONG_ORGANIZATION_ACTOR_H
#define GUANTONG_ORGANIZATION_ACTOR_H

#include "entity/access.h"

/* The actor of an active user under the given versions; NULL (no error) when there is none. */
const struct actor *actor_resolve(struct ctx *c, int64_t user_id, int64_t organization_version);
/* The same without the cache, in the arena: for tests and "view as". */
const struct actor *actor_build(struct ctx *c, struct arena *a, int64_t user_id);

#endif
