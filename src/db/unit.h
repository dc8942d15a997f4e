/*
 * What the runners of units of work ask of a connection beside its transactions: how long it may
 * work, for whom it gives way, and whether a unit that failed needs undoing.
 */
#ifndef GUANTONG_DB_UNIT_H
#define GUANTONG_DB_UNIT_H

#include "db/db.h"

/* Tells a transaction from all others of the process; 0 outside of one. */
int64_t db_transaction(const struct db *db);
/* What a reading transaction sees has a number: where it is the same, in this process, the whole
 * database is. 0: it has none (PostgreSQL tells nothing of the kind), or may write. */
int64_t db_snapshot(const struct db *db);

/* How many savepoints are open; and undo those that have been opened since there were so many:
 * what has failed may have left its own open. */
int db_savepoints(const struct db *db);
void db_rollback_savepoints(struct db *db, int to);

/* A savepoint costs a copy of each page changed behind it. Units that fail seldom and early do
 * without: a transaction untouched since (no statement that may have changed something or has
 * failed, nothing deferred) needs no undoing. */
struct db_mark {
    int64_t touched;
    struct db_defer_item **deferred;
};
struct db_mark db_mark(const struct db *db);
bool db_untouched(const struct db *db, struct db_mark mark);

void db_deadline(struct db *db, int64_t steady_ns); /* stops statements that pass it; 0: none */
void db_yielding(struct db *db); /* its thread gives way: scheduling_end_turn as statements run */
bool db_awaited(const struct db *db); /* somebody waits for it: work that can ends soon */
void db_await(struct db *db, const _Atomic int *waiting);

void db_fail_at(struct db *db, int64_t n);   /* for tests: the n-th call from now, 1 is the next */
int64_t db_calls(const struct db *db);       /* made on this connection so far */
void db_loading(struct db *db, bool begins); /* much is brought in: 128 MB of cache for it */

#endif
