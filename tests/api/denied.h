/*
 * Wrong roles: before a request that will succeed is made, it is made by nobody, by somebody
 * without any role, and by newcomers of real roles (wrong_role.h). Who may not must be refused,
 * and nothing in the database may have changed.
 */
#ifndef GUANTONG_TESTS_API_DENIED_H
#define GUANTONG_TESTS_API_DENIED_H

#include "runner.h"

/* False with run->why; s has its captures put in. */
bool denied(struct run *run, struct ctx *c, const struct step *s);

/* The same for the same rows of all tables, in whatever order. */
struct str denied_digest(struct ctx *c);
/* How much the connection has written, undone or not: as long as it stays, so does the digest,
 * which costs a thousand times more. */
int64_t denied_written(struct ctx *c);

#endif
