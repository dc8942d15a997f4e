/*
 * PostgreSQL through libpq.
 *
 * Statements are prepared once per connection, with their parameters declared by the kinds
 * of the values; values and results travel in binary. Results are fetched whole, so callers
 * page. A connection that breaks fails its unit of work with ERROR_RETRY and is renewed
 * before the next one.
 *
 * What needs no answer at once (postgres_pipeline.h) travels with the next statement that does:
 * BEGIN, savepoints, and writes whose count nobody asks for (DB_PUT). The failure of such a write
 * is that of the call it travelled with, which is made at the latest when its savepoint is released
 * or the transaction committed.
 */
#include "db/postgres.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool postgres_lost(const struct db *db) {
    return PQstatus(postgres_of(db)->connection) != CONNECTION_OK;
}

static bool state_among(const char *state, const char *const *states) {
    while (*states && strncmp(state, *states, strlen(*states)) != 0) {
        states++;
    }
    return *states;
}

void postgres_fail(struct ctx *c, const PGresult *result) {
    static const char *const retry[] = {"40001", "40P01", "55P03", "26000", "0A000", NULL};
    static const char *const lost[] = {"08", "57P01", "57P02", "57P03", NULL};
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    state = state ? state : "";
    if (postgres_lost(c->db) || state_among(state, lost)) {
        FAIL(c, ERROR_RETRY, "database.lost");
    } else if (strcmp(state, "23505") == 0) {
        FAIL(c, ERROR_CONFLICT, "database.duplicate");
    } else if (strcmp(state, "57014") == 0) {
        FAIL(c, ERROR_LIMIT, "database.deadline");
    } else if (state_among(state, retry)) {
        FAIL(c, ERROR_RETRY, "database.busy");
    } else {
        const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
        ctx_fail_internal(c, "postgres %s: %s", state,
                          message ? message : PQerrorMessage(postgres_of(c->db)->connection));
    }
}

/* A statement whose plan or name the server no longer accepts is prepared anew. */
static bool statement_outdated(const PGresult *result) {
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state && (strcmp(state, "26000") == 0 || strcmp(state, "0A000") == 0);
}

bool postgres_waiting_finish(struct db *db, struct ctx *c) {
    struct postgres_db *p = postgres_of(db);
    if (p->pipeline.n == 0) {
        return true;
    }
    p->writes = 0;
    PGresult *result = pipeline_finish(&p->pipeline, db->deadline_ns);
    bool good = result ? postgres_good(result) : !postgres_lost(db);
    p->outdated |= !good && statement_outdated(result);
    if (!good && c) {
        db->touched++;
        postgres_fail(c, result);
    }
    PQclear(result);
    return postgres_nothing_missed(db, c) && good;
}

bool postgres_nothing_missed(struct db *db, struct ctx *c) {
    struct pipeline *p = &postgres_of(db)->pipeline;
    bool missed = p->missed;
    p->missed = false;
    if (missed) {
        db->touched++;
        db->spoiled = true;
    }
    if (missed && c) {
        FAIL(c, ERROR_RETRY, "database.busy");
    }
    return !missed;
}

void postgres_execute(struct ctx *c, const char *sql) {
    if (!postgres_waiting_finish(c->db, c)) {
        return;
    }
    PGresult *result = PQexec(postgres_of(c->db)->connection, sql);
    if (!postgres_good(result)) {
        postgres_fail(c, result);
    }
    PQclear(result);
}

/* The end of a savepoint is the end of what was put inside it, except in a batch that is run again
 * when anything of it fails: there nobody waits for good news. */
static void postgres_settle(struct ctx *c) {
    bool again = c->db->hurried && !c->db->careful;
    if (postgres_of(c->db)->writes && !again) {
        postgres_waiting_finish(c->db, c);
    }
}

static void quiet(void *data, const char *message) {
    (void)data;
    (void)message;
}

#ifdef FAULT_SYNC_OFF
#define SYNCHRONOUS "SET synchronous_commit = off;"
#else
#define SYNCHRONOUS ""
#endif

/* A process whose machine or network is gone holds its leases, and the lock of the event log, until
 * the server gives its sessions up: by itself after two hours. */
#define SIGNS_OF_LIFE                                                \
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 3; " \
    "SET tcp_keepalives_count = 3; SET tcp_user_timeout = 15000; "

static void session_settings(struct ctx *c) {
    PQsetNoticeProcessor(postgres_of(c->db)->connection, quiet, NULL);
    postgres_execute(c,
                     SYNCHRONOUS SIGNS_OF_LIFE "SET jit = off; SET client_min_messages = warning");
    if (ctx_failed(c)) {
        return;
    }
    postgres_execute(c, db_reads_only(c->db) ? "SET default_transaction_read_only = on"
                                             : "SET lock_timeout = '5s'");
    /* They look up by keys. Plans made while a table was empty would read all of it, and the plan
     * for one pair of bounds is that for all. */
    if (!ctx_failed(c) && (c->db->mode == DB_WRITER || c->db->mode == DB_WATCHER)) {
        postgres_execute(c, "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan");
    }
}

static void postgres_close(struct db *db) {
    postgres_ahead_forget(db);
    PQclear(postgres_of(db)->number);
    PQfinish(postgres_of(db)->connection);
    free(db);
}

static struct db *postgres_open(struct ctx *c, struct str url, enum db_mode mode) {
    /* What stands before dbname the URL may say otherwise. */
    const char *const keys[] = {"keepalives_idle", "keepalives_interval",       "keepalives_count",
                                "dbname",          "fallback_application_name", "client_encoding",
                                "connect_timeout", "tcp_user_timeout",          NULL};
    const char *const values[] = {"5", "3",     "3", str_to_c(c->arena, url), "guantong", "UTF8",
                                  "5", "15000", NULL};
    struct postgres_db *p = calloc(1, sizeof *p);
    if (!p) {
        ctx_fail_internal(c, "out of memory");
        return NULL;
    }
    db_init(&p->db, &postgres_driver, mode);
    arena_init(&p->ahead_arena);
    arena_init(&p->rows_arena);
    p->connection = PQconnectdbParams(keys, values, 1);
    pipeline_init(&p->pipeline, p->connection);
    struct ctx opener = *c;
    opener.db = &p->db;
    if (postgres_lost(&p->db)) {
        ctx_fail_internal(&opener, "cannot connect: %s", PQerrorMessage(p->connection));
    } else {
        session_settings(&opener);
    }
    if (ctx_failed(&opener)) {
        c->error = opener.error;
        postgres_close(&p->db);
        return NULL;
    }
    return &p->db;
}

void postgres_renew(struct ctx *c) {
    statements_free(c->db);
    postgres_ahead_forget(c->db);
    PQreset(postgres_of(c->db)->connection);
    pipeline_init(&postgres_of(c->db)->pipeline, postgres_of(c->db)->connection);
    postgres_of(c->db)->writes = 0;
    if (postgres_lost(c->db)) {
        FAIL(c, ERROR_RETRY, "database.lost");
    } else {
        session_settings(c);
    }
}

/* 0 lets the server infer the type. */
static Oid type_of(const struct db_value *v) {
    switch (v->kind == DB_IS_NULL ? v->null_of : v->kind) {
    case DB_IS_INTEGER:
        return TYPE_INT8;
    case DB_IS_TEXT:
        return TYPE_TEXT;
    case DB_IS_REAL:
        return TYPE_FLOAT8;
    case DB_IS_BLOB:
        return TYPE_BYTEA;
    case DB_IS_NULL:
        break;
    }
    return 0;
}

static void postgres_prepare(struct ctx *c, struct db_statement *s, const struct db_value *values,
                             size_t n) {
    struct postgres_statement *p = calloc(1, sizeof *p);
    s->prepared = p;
    if (!p) {
        ctx_fail_internal(c, "out of memory");
        return;
    }
    if (!postgres_waiting_finish(s->db, c)) {
        return;
    }
    struct arena_mark mark = arena_mark(c->arena);
    Oid *types = ARENA_NEW_ARRAY(c->arena, n, Oid);
    for (size_t i = 0; i < n; i++) {
        types[i] = type_of(&values[i]);
    }
    snprintf(p->name, sizeof p->name, "s%lld", (long long)++postgres_of(s->db)->prepared);
    PGresult *result = PQprepare(postgres_of(s->db)->connection, p->name, s->text, (int)n, types);
    arena_reset(c->arena, mark);
    if (!postgres_good(result)) {
        postgres_fail(c, result);
        p->name[0] = '\0'; /* the server does not know it */
    }
    PQclear(result);
}

static void postgres_finalize(struct db_statement *s) {
    struct postgres_statement *p = s->prepared;
    PGconn *connection = postgres_of(s->db)->connection;
    if (p && p->name[0] && PQstatus(connection) == CONNECTION_OK &&
        PQtransactionStatus(connection) != PQTRANS_INERROR) {
        char sql[64];
        snprintf(sql, sizeof sql, "DEALLOCATE %s", p->name);
        pipeline_text(&postgres_of(s->db)->pipeline, sql);
    }
    if (p) {
        free(p->numbers);
    }
    free(p);
}

/* What libpq wants to know of the values of one run. */
struct binding {
    const char **values;
    int *lengths, *formats;
    uint64_t *words; /* numbers in network order */
};

static void value_bind(struct binding *b, size_t i, const struct db_value *v) {
    uint64_t bits = (uint64_t)v->integer;
    b->formats[i] = 1;
    switch (v->kind) {
    case DB_IS_REAL:
        memcpy(&bits, &v->real, sizeof bits);
        /* fall through */
    case DB_IS_INTEGER:
        b->words[i] = htobe64(bits);
        b->values[i] = (const char *)&b->words[i];
        b->lengths[i] = sizeof bits;
        break;
    case DB_IS_TEXT:
    case DB_IS_BLOB:
        b->values[i] = v->text.p;
        b->lengths[i] = (int)v->text.n;
        break;
    case DB_IS_NULL:
        b->values[i] = NULL;
        break;
    }
}

static struct binding values_bind(struct arena *a, const struct db_value *values, size_t n) {
    struct binding b = {ARENA_NEW_ARRAY(a, n, const char *), ARENA_NEW_ARRAY(a, n, int),
                        ARENA_NEW_ARRAY(a, n, int), ARENA_NEW_ARRAY(a, n, uint64_t)};
    for (size_t i = 0; i < n; i++) {
        value_bind(&b, i, &values[i]);
    }
    return b;
}

static void result_take(struct ctx *c, struct db_statement *s) {
    if (!postgres_good(s->result)) {
        s->stale = statement_outdated(s->result);
        postgres_fail(c, s->result);
        return;
    }
    s->n_rows = PQntuples(s->result);
    s->n_columns = PQnfields(s->result);
    bool select = strncmp(PQcmdStatus(s->result), "SELECT", 6) == 0;
    if (!select) {
        str_to_int(str_from(PQcmdTuples(s->result)), &s->changed);
        s->db->written += s->changed;
        s->db->touched++;
    }
    postgres_columns_check(c, s);
}

bool postgres_send_now(struct ctx *c, struct db_statement *s, const struct db_value *values,
                       size_t n, bool alone) {
    const struct postgres_statement *p = s->prepared;
    struct arena_mark mark = arena_mark(c->arena);
    struct binding b = values_bind(c->arena, values, n);
    bool sent;
    if (alone) {
        sent = PQsendQueryPrepared(postgres_of(s->db)->connection, p->name, (int)n, b.values,
                                   b.lengths, b.formats, 1) == 1;
    } else {
        sent = pipeline_prepared(&postgres_of(s->db)->pipeline,
                                 &(struct pipeline_command){.name = p->name,
                                                            .n = (int)n,
                                                            .values = b.values,
                                                            .lengths = b.lengths,
                                                            .formats = b.formats});
    }
    arena_reset(c->arena, mark);
    return sent;
}

/* Answers that nobody waits for are read before there are too many, also those of a reader whose
 * transactions begin and end without a question. */
static void crowd_finish(struct ctx *c) {
    if (postgres_of(c->db)->pipeline.n >= PIPELINE_MOST) {
        postgres_waiting_finish(c->db, c);
    }
}

bool postgres_send(struct ctx *c, struct db_statement *s, const struct db_value *values, size_t n,
                   bool alone) {
    crowd_finish(c);
    postgres_rows_send(c);
    return !ctx_failed(c) && postgres_send_now(c, s, values, n, alone);
}

void postgres_send_fail(struct ctx *c) {
    if (postgres_lost(c->db)) {
        FAIL(c, ERROR_RETRY, "database.lost");
    } else {
        ctx_fail_internal(c, "postgres: %s (%d wait)",
                          PQerrorMessage(postgres_of(c->db)->connection),
                          postgres_of(c->db)->pipeline.n);
    }
}

static void postgres_start(struct ctx *c, struct db_statement *s, const struct db_value *values,
                           size_t n) {
    struct postgres_db *p = postgres_of(s->db);
    if (postgres_rows_take(c, s, values, n)) {
        return;
    }
    s->result = ctx_failed(c) ? NULL : postgres_ahead_take(c, s, values, n);
    postgres_rows_send(c);
    if (ctx_failed(c)) {
        return;
    }
    bool alone = p->pipeline.n == 0;
    if (!s->result && postgres_send(c, s, values, n, alone)) {
        s->result = alone ? pipeline_answer(&p->pipeline, s->db->deadline_ns)
                          : pipeline_finish(&p->pipeline, s->db->deadline_ns);
        p->writes = 0;
    }
    if (!s->result) {
        postgres_send_fail(c);
    } else if (postgres_nothing_missed(s->db, c)) {
        result_take(c, s);
    }
}

static void postgres_put_exactly(struct db *db, int64_t rows) {
    struct pipeline *p = &postgres_of(db)->pipeline;
    if (p->n) {
        pipeline_expect(p, rows);
    }
}

static bool postgres_in_transaction(const struct db *db);

static void postgres_put(struct ctx *c, struct db_statement *s, const struct db_value *values,
                         size_t n) {
    struct postgres_db *p = postgres_of(s->db);
    if (!postgres_in_transaction(s->db)) {
        postgres_start(c, s, values, n);
        return;
    }
    if (postgres_send(c, s, values, n, false)) {
        p->writes++;
        s->db->written++;
        s->db->touched++;
    } else {
        postgres_send_fail(c);
    }
}

static bool postgres_next(struct ctx *c, struct db_statement *s) {
    (void)c;
    return s->row++ < s->n_rows;
}

static void postgres_finish(struct db_statement *s) {
    struct postgres_statement *p = s->prepared;
    if (p && p->borrowed) {
        postgres_rows_give(s->db, s->result);
        p->borrowed = false;
    } else {
        PQclear(s->result);
    }
    s->result = NULL;
}

void postgres_own_put(struct ctx *c, const char *sql, const struct db_value *values, size_t n) {
    struct db_statement *s = ctx_failed(c) ? NULL : statement_take(c, sql, values, n);
    if (s) {
        if (!postgres_send(c, s, values, n, false)) {
            postgres_send_fail(c);
        }
        statement_give(s);
    }
}

static void control_put(struct ctx *c, const char *sql) {
    postgres_own_put(c, sql, NULL, 0);
}

static void postgres_control(struct ctx *c, const char *sql) {
    struct postgres_db *p = postgres_of(c->db);
    bool sets = strncmp(sql, "SAVEPOINT", strlen("SAVEPOINT")) == 0;
    p->pipeline.unsure |= sets && (p->writes || p->n_ahead || postgres_rows_asked(p));
    control_put(c, sql);
    if (!ctx_failed(c)) {
        postgres_settle(c);
    }
}

static void postgres_begin(struct ctx *c) {
    struct postgres_db *p = postgres_of(c->db);
    postgres_ahead_forget(c->db);
    if (p->outdated) {
        statements_free(c->db);
        p->outdated = false;
    }
    if (db_reads_only(c->db)) {
        control_put(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        p->inside = true;
        return;
    }
    control_put(c, "BEGIN");
    p->inside = true;
    p->pipeline.unsure = false;
    /* A batch commits within milliseconds. Who waits longer for a lock of another batch is best
     * run again alone: it may be a deadlock, which the server looks for after a second only. */
    if (c->db->hurried) {
        control_put(c, "SET LOCAL lock_timeout = '20ms'");
    }
    PQclear(p->number);
    p->number = NULL;
    postgres_own_put(c, "SELECT CAST(pg_current_xact_id() AS TEXT)", NULL, 0);
    if (!ctx_failed(c)) {
        pipeline_want(&p->pipeline, &p->number);
    }
}

/* Deferred writes wait in line for the lock of the event log. What would forbid the commit is heard
 * before, so that nobody waits for us meanwhile. */
static void postgres_defer_begin(struct ctx *c) {
    if (postgres_of(c->db)->pipeline.exact && !postgres_waiting_finish(c->db, c)) {
        return;
    }
    if (c->db->hurried) {
        control_put(c, "SET LOCAL lock_timeout = '5s'");
    }
}

/* Nobody waits for the end of a reader's. */
static void postgres_rollback(struct db *db) {
    struct postgres_db *p = postgres_of(db);
    postgres_ahead_forget(db);
    if (!db_reads_only(db)) {
        postgres_waiting_finish(db, NULL);
    }
    if (!postgres_lost(db) &&
        (p->pipeline.n || PQtransactionStatus(p->connection) != PQTRANS_IDLE)) {
        pipeline_send(&p->pipeline); /* it is to be run whatever became of what waits */
        pipeline_text(&p->pipeline, "ROLLBACK");
        pipeline_send(&p->pipeline);
    }
    p->inside = false;
    if (!db_reads_only(db)) {
        postgres_waiting_finish(db, NULL);
    }
}

/* What failed may stand before the savepoint, which was not set then: one of the same name that a
 * neighbour released, of which the server has not heard, must not be undone in its place. */
static bool postgres_rollback_savepoint(struct db *db, int depth) {
    char sql[64];
    postgres_ahead_forget(db);
    postgres_waiting_finish(db, NULL);
    if (postgres_of(db)->pipeline.unsure) {
        return false;
    }
    snprintf(sql, sizeof sql, "ROLLBACK TO s%d; RELEASE s%d", depth, depth);
    PGresult *result = PQexec(postgres_of(db)->connection, sql);
    bool good = postgres_good(result);
    PQclear(result);
    return good;
}

static bool postgres_in_transaction(const struct db *db) {
    const struct postgres_db *p = postgres_of(db);
    PGTransactionStatusType status = PQtransactionStatus(p->connection);
    return p->pipeline.n
               ? p->inside
               : status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

static void postgres_keep_turn(struct db *db) {
    (void)db;
}

static void postgres_loading(struct db *db, bool begins) {
    (void)db;
    (void)begins;
}

/* The number is ours alone: "guantong" in bytes. Another's migration may take long. */
static void postgres_lock_schema(struct ctx *c) {
    postgres_execute(
        c, "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(7454971885209480807)");
}

const struct db_driver postgres_driver = {
    .engine = DB_POSTGRES,
    .typed = true,
    .open = postgres_open,
    .close = postgres_close,
    .prepare = postgres_prepare,
    .finalize = postgres_finalize,
    .start = postgres_start,
    .put = postgres_put,
    .put_exactly = postgres_put_exactly,
    .ahead = postgres_ahead,
    .ahead_row = postgres_ahead_row,
    .next = postgres_next,
    .finish = postgres_finish,
    .kind = postgres_kind,
    .integer = postgres_integer,
    .real = postgres_real,
    .bytes = postgres_bytes,
    .cells = postgres_cells,
    .execute = postgres_execute,
    .control = postgres_control,
    .settle = postgres_settle,
    .begin = postgres_begin,
    .defer_begin = postgres_defer_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .rollback_savepoint = postgres_rollback_savepoint,
    .in_transaction = postgres_in_transaction,
    .lost = postgres_lost,
    .renew = postgres_renew,
    .keep_start = postgres_marks_start,
    .keep_turn = postgres_keep_turn,
    .loading = postgres_loading,
    .lock_schema = postgres_lock_schema,
};
