/*
 * Versions: rows of platform_version, each a number that moves in the transaction that changes
 * what it stands for.
 *
 *   model         record types and fields made by the company (custom.c)
 *   organization  who may do what (organization/version.h)
 *   setting       records of the types that are reference data, users and departments among
 *                 them (record_announce)
 *   session       sessions and tokens that were ended before their time
 *
 * A reader reads them all, first thing in its snapshot. What it finds in a cache under the same
 * versions is what it would find in the database.
 */
#ifndef GUANTONG_ENTITY_VERSIONS_H
#define GUANTONG_ENTITY_VERSIONS_H

#include "base/context.h"

/* Read them into c->versions; known only to readers, for a writer sees what may not last. */
void versions_read(struct ctx *c);
/* Move one on; once per unit of work is enough. */
void version_move(struct ctx *c, const char *name);
/* Whether what was cached under a may be used under b. */
bool versions_same(const struct versions *a, const struct versions *b);

#endif
