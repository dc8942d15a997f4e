/*
 * Versions: rows of platform_version, each a number that moves in the transaction that changes
 * what it stands for.
 *
 *   model         record types and fields made by the company (custom.c)
 *   organization  who may do what (organization/version.h)
 *   setting       records of the types that are reference data, users and departments among
 *                 them (record_announce), and the company's settings
 *   session       sessions and tokens that were ended before their time
 *   database      never moves: tells databases of one process from each other
 *
 * A reader reads them all, first thing in its snapshot. What it finds in a cache under the same
 * versions is what it would find in the database.
 *
 * A writer reads them once a transaction, however many units of work share it. It may use caches
 * too (versions_firm), and fill them, until something in its transaction has moved a version: from
 * then on it sees what may not last. On PostgreSQL a writer sees what others commit meanwhile, so
 * that a cache may hold something newer than its versions say, never something older.
 */
#ifndef GUANTONG_ENTITY_VERSIONS_H
#define GUANTONG_ENTITY_VERSIONS_H

#include "base/context.h"

/* Read them into c->versions; known only to readers, for a writer sees what may not last. */
void versions_read(struct ctx *c);
/* They will be read before long (DB_AHEAD). */
void versions_ahead(struct ctx *c);
/* Move one on; once per unit of work is enough. */
void version_move(struct ctx *c, const char *name);
/* Whether what was cached under a may be used under b. */
bool versions_same(const struct versions *a, const struct versions *b);

/* For what writers look up again and again: whether it may be taken from a cache and put there
 * now, and whether what was put there under kept may be taken. */
bool versions_firm(const struct ctx *c);
bool versions_hold(const struct ctx *c, const struct versions *kept);

/* A long transaction that has moved versions and now goes on to other things: what it caches from
 * here on nobody else takes, and it may do so until it moves one again. */
void versions_own(struct ctx *c);

#endif
