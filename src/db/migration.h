/*
 * Migrations: numbered SQL for the platform's own tables. (Tables of record types are
 * brought up to date by difference, entity/schema.h.)
 *
 * SQL is one text for both engines, statements separated by ";\n", with these words
 * replaced: {id} the primary key type of ids made in the application; {serial} a primary key
 * numbered by the engine; {blob}; {random} a number; {without_rowid} at the end of a table with a
 * composite primary key. The word TEXT as a column's type (not after AS) compares bytewise
 * on both engines.
 */
#ifndef GUANTONG_DB_MIGRATION_H
#define GUANTONG_DB_MIGRATION_H

#include "db/db.h"

struct migration {
    const char *name; /* "event.1": unique for ever; NULL ends a list */
    const char *sql;
};

/*
 * Apply those of n lists that were not applied yet, in the given order, each in its own
 * transaction, under a lock that other processes respect. Refuses (ERROR_CONFLICT
 * "schema.newer") a database that knows migrations this program does not.
 */
void migration_apply(struct ctx *c, const struct migration *const *lists, size_t n);
/* Fail unless all of them, and no others, were applied, for who reads a database as it stands:
 * ERROR_CONFLICT "schema.none", "schema.older" or "schema.newer". */
void migration_expect(struct ctx *c, const struct migration *const *lists, size_t n);
/* The SQL as the engine reads it, its words replaced. */
struct str migration_expand(struct arena *a, enum db_engine engine, struct str sql);
/* Expand and run statements that define tables and indexes; for entity/schema.c as well. */
void migration_define(struct ctx *c, struct str sql);
/* Inside a transaction: wait until no other process changes the schema, until its end. */
void migration_lock(struct ctx *c);
/* Refresh the planner's statistics; called after the schema changed. */
void migration_analyze(struct ctx *c);

#endif
