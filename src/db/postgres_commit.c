/*
 * The commits of PostgreSQL, and what became of one whose answer was lost.
 *
 * When a connection breaks during COMMIT nobody has said whether the commit happened, and running
 * the work again could do it twice. So a writer's transaction learns its number when it begins,
 * and afterwards the server is asked what became of that number.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/id.h"
#include "db/postgres.h"

static const int64_t outcome_patience = 15 * 1000000000LL; /* ns */

/* Each transaction of a marked connection leaves its number in a row of its own. The server's word
 * on a transaction alone is not enough: a number that never reached the disk is given out again
 * after a crash, to somebody whose transaction may then be committed. */
void postgres_marks_start(struct ctx *c) {
    struct postgres_db *p = postgres_of(c->db);
    char sql[400];
    int64_t slot = id_new();
    snprintf(sql, sizeof sql,
             "CREATE TABLE IF NOT EXISTS transaction_mark (slot BIGINT PRIMARY KEY, "
             "mark BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT now()); "
             "DELETE FROM transaction_mark WHERE at < now() - INTERVAL '7 days'; "
             "INSERT INTO transaction_mark (slot, mark) VALUES (%lld, 0)",
             (long long)slot);
    db_begin(c);
    c->db->driver->lock_schema(c);
    postgres_execute(c, sql);
    db_commit(c);
    p->slot = ctx_failed(c) ? 0 : slot;
}

static bool mark_left(const struct postgres_db *p) {
    char sql[120];
    snprintf(sql, sizeof sql, "SELECT 1 FROM transaction_mark WHERE slot = %lld AND mark = %lld",
             (long long)p->slot, (long long)p->mark);
    PGresult *result = PQexec(p->connection, sql);
    bool left = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1;
    PQclear(result);
    return left;
}

/* One question after the transaction's fate: true when it is known. */
static bool outcome_ask(struct ctx *c, bool *done) {
    struct postgres_db *p = postgres_of(c->db);
    postgres_renew(c);
    if (ctx_failed(c)) {
        return false;
    }
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT pg_xact_status('%s'::xid8)", p->xid);
    PGresult *result = PQexec(p->connection, sql);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool unheard = state && strcmp(state, "22023") == 0; /* in this server's future */
    const char *status = PQresultStatus(result) == PGRES_TUPLES_OK ? PQgetvalue(result, 0, 0) : "";
    bool committed = strcmp(status, "committed") == 0;
    bool known = committed || unheard || strcmp(status, "aborted") == 0;
    PQclear(result);
    *done = committed && (!p->slot || mark_left(p));
    return known && !postgres_lost(c->db);
}

/* The connection broke during COMMIT: ask the server, as soon as there is one again. */
static void outcome_find(struct ctx *c) {
    int64_t until = clock_steady_ns() + outcome_patience;
    bool done = false;
    while (!outcome_ask(c, &done)) {
        ctx_clear_error(c);
        if (clock_steady_ns() > until) {
            c->db->in_doubt = true;
            ctx_fail_internal(c, "nobody can tell whether transaction %s was committed",
                              postgres_of(c->db)->xid);
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    if (!done) {
        FAIL(c, ERROR_RETRY, "database.lost");
    }
}

/* The number must be known before the commit is sent, and that every write did what it was to. */
static PGresult *commit_send(struct ctx *c) {
    struct postgres_db *p = postgres_of(c->db);
    bool first = !p->number || p->pipeline.exact;
    if (!db_reads_only(c->db) && first && !postgres_waiting_finish(c->db, c)) {
        return NULL;
    }
    snprintf(p->xid, sizeof p->xid, "%s", p->number ? PQgetvalue(p->number, 0, 0) : "");
    if (p->slot) {
        const struct db_value values[] = {db_from_int(p->slot), db_from_int(++p->mark)};
        postgres_own_put(c,
                         "INSERT INTO transaction_mark (slot, mark) VALUES ($1, $2) "
                         "ON CONFLICT (slot) DO UPDATE SET mark = excluded.mark, at = now()",
                         values, 2);
    }
    if (!ctx_failed(c)) {
        postgres_own_put(c, "COMMIT", NULL, 0);
    }
    p->writes = 0;
    return ctx_failed(c) ? NULL : pipeline_finish(&p->pipeline, c->db->deadline_ns);
}

void postgres_commit(struct ctx *c) {
    PGresult *result = commit_send(c);
    bool writer = !db_reads_only(c->db);
    postgres_of(c->db)->inside = false;
    postgres_ahead_forget(c->db);
    if (ctx_failed(c)) {
        return;
    }
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        if (writer && postgres_lost(c->db)) {
            outcome_find(c);
        } else {
            postgres_fail(c, result);
        }
    } else if (strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        ctx_fail_internal(c, "COMMIT of a transaction that had failed");
    }
    PQclear(result);
}
