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
 *
 * When it breaks during COMMIT nobody has said whether the commit happened, and running the
 * work again could do it twice. So a writer's transaction learns its number when it begins,
 * and afterwards the server is asked what became of that number.
 */
#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/id.h"
#include "db/driver.h"
#include "db/postgres_pipeline.h"

/* Types by their number in PostgreSQL's catalogue. */
enum {
    TYPE_BOOL = 16,
    TYPE_BYTEA = 17,
    TYPE_CHAR = 18,
    TYPE_NAME = 19,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_TEXT = 25,
    TYPE_OID = 26,
    TYPE_FLOAT4 = 700,
    TYPE_FLOAT8 = 701,
    TYPE_UNKNOWN = 705,
    TYPE_BPCHAR = 1042,
    TYPE_VARCHAR = 1043,
    TYPE_NUMERIC = 1700,
    TYPE_VOID = 2278
};

enum { NUMBER_TEXT = 32 };

static const int64_t outcome_patience = 15 * 1000000000LL; /* ns */

struct postgres_db {
    struct db db;
    PGconn *connection;
    struct pipeline pipeline;
    int writes;               /* of those that wait in it */
    bool inside;              /* a transaction, when all that waits is done */
    int64_t prepared;         /* statements so far: their names */
    char xid[PIPELINE_VALUE]; /* of the transaction being committed */
    int64_t slot, mark; /* row of transaction_mark that is this connection's; its last value */
};

struct postgres_statement {
    char name[24];
    char (*numbers)[NUMBER_TEXT]; /* a text per column, for numbers read as text */
};

static struct postgres_db *of(const struct db *db) {
    return (struct postgres_db *)db;
}

static PGconn *connection_of(const struct db *db) {
    return of(db)->connection;
}

static bool postgres_lost(const struct db *db) {
    return PQstatus(connection_of(db)) != CONNECTION_OK;
}

static bool state_among(const char *state, const char *const *states) {
    while (*states && strncmp(state, *states, strlen(*states)) != 0) {
        states++;
    }
    return *states;
}

static void postgres_fail(struct ctx *c, const PGresult *result) {
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
                          message ? message : PQerrorMessage(connection_of(c->db)));
    }
}

/* A statement whose plan or name the server no longer accepts is prepared anew. */
static bool statement_outdated(const PGresult *result) {
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state && (strcmp(state, "26000") == 0 || strcmp(state, "0A000") == 0);
}

/* Read the answers to all that waits. False when one was a failure, told to c if there is one. */
static bool waiting_finish(struct db *db, struct ctx *c) {
    struct postgres_db *p = of(db);
    if (p->pipeline.n == 0) {
        return true;
    }
    p->writes = 0;
    PGresult *result = pipeline_finish(&p->pipeline, db->deadline_ns);
    bool good = postgres_good(result);
    if (!good && c) {
        db->failures++;
        postgres_fail(c, result);
    }
    PQclear(result);
    return good;
}

static void postgres_execute(struct ctx *c, const char *sql) {
    if (!waiting_finish(c->db, c)) {
        return;
    }
    PGresult *result = PQexec(connection_of(c->db), sql);
    if (!postgres_good(result)) {
        postgres_fail(c, result);
    }
    PQclear(result);
}

static void postgres_settle(struct ctx *c) {
    if (of(c->db)->writes) {
        waiting_finish(c->db, c);
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

static void session_settings(struct ctx *c) {
    PQsetNoticeProcessor(connection_of(c->db), quiet, NULL);
    postgres_execute(c, SYNCHRONOUS "SET jit = off; SET client_min_messages = warning");
    if (!ctx_failed(c)) {
        postgres_execute(c, db_reads_only(c->db) ? "SET default_transaction_read_only = on"
                                                 : "SET lock_timeout = '5s'");
    }
}

static void postgres_close(struct db *db) {
    PQfinish(connection_of(db));
    free(db);
}

static struct db *postgres_open(struct ctx *c, struct str url, enum db_mode mode) {
    const char *const keys[] = {"dbname",          "fallback_application_name", "client_encoding",
                                "connect_timeout", "tcp_user_timeout",          NULL};
    const char *const values[] = {str_to_c(c->arena, url), "guantong", "UTF8", "5", "15000", NULL};
    struct postgres_db *p = calloc(1, sizeof *p);
    if (!p) {
        ctx_fail_internal(c, "out of memory");
        return NULL;
    }
    db_init(&p->db, &postgres_driver, mode);
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

static void postgres_renew(struct ctx *c) {
    statements_free(c->db);
    PQreset(connection_of(c->db));
    pipeline_init(&of(c->db)->pipeline, connection_of(c->db));
    of(c->db)->writes = 0;
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
    if (!waiting_finish(s->db, c)) {
        return;
    }
    struct arena_mark mark = arena_mark(c->arena);
    Oid *types = ARENA_NEW_ARRAY(c->arena, n, Oid);
    for (size_t i = 0; i < n; i++) {
        types[i] = type_of(&values[i]);
    }
    snprintf(p->name, sizeof p->name, "s%lld", (long long)++of(s->db)->prepared);
    PGresult *result = PQprepare(connection_of(s->db), p->name, s->text, (int)n, types);
    arena_reset(c->arena, mark);
    if (!postgres_good(result)) {
        postgres_fail(c, result);
        p->name[0] = '\0'; /* the server does not know it */
    }
    PQclear(result);
}

static void postgres_finalize(struct db_statement *s) {
    struct postgres_statement *p = s->prepared;
    PGconn *connection = connection_of(s->db);
    if (p && p->name[0] && PQstatus(connection) == CONNECTION_OK &&
        PQtransactionStatus(connection) != PQTRANS_INERROR) {
        char sql[64];
        snprintf(sql, sizeof sql, "DEALLOCATE %s", p->name);
        pipeline_text(&of(s->db)->pipeline, sql);
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

/* Results of other types are for the author of the SQL to cast. */
static void columns_check(struct ctx *c, const struct db_statement *s) {
    for (int i = 0; i < s->n_columns; i++) {
        switch (PQftype(s->result, i)) {
        case TYPE_BOOL:
        case TYPE_BYTEA:
        case TYPE_CHAR:
        case TYPE_NAME:
        case TYPE_INT8:
        case TYPE_INT2:
        case TYPE_INT4:
        case TYPE_TEXT:
        case TYPE_OID:
        case TYPE_FLOAT4:
        case TYPE_FLOAT8:
        case TYPE_UNKNOWN:
        case TYPE_BPCHAR:
        case TYPE_VARCHAR:
        case TYPE_VOID:
            break;
        case TYPE_NUMERIC:
            ctx_fail_internal(c, "column %d is numeric, CAST it: %.150s", i, s->text);
            break;
        default:
            ctx_fail_internal(c, "column %d is of type %u, CAST it: %.150s", i,
                              PQftype(s->result, i), s->text);
        }
    }
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
    }
    columns_check(c, s);
}

/* Send it alone, or behind what waits. */
static bool statement_send(struct ctx *c, struct db_statement *s, const struct db_value *values,
                           size_t n, bool alone) {
    const struct postgres_statement *p = s->prepared;
    struct arena_mark mark = arena_mark(c->arena);
    struct binding b = values_bind(c->arena, values, n);
    bool sent;
    if (alone) {
        sent = PQsendQueryPrepared(connection_of(s->db), p->name, (int)n, b.values, b.lengths,
                                   b.formats, 1) == 1;
    } else {
        sent = pipeline_prepared(&of(s->db)->pipeline,
                                 &(struct pipeline_command){.name = p->name,
                                                            .n = (int)n,
                                                            .values = b.values,
                                                            .lengths = b.lengths,
                                                            .formats = b.formats});
    }
    arena_reset(c->arena, mark);
    return sent;
}

static void send_fail(struct ctx *c) {
    if (postgres_lost(c->db)) {
        FAIL(c, ERROR_RETRY, "database.lost");
    } else {
        ctx_fail_internal(c, "postgres: %s", PQerrorMessage(connection_of(c->db)));
    }
}

static void postgres_start(struct ctx *c, struct db_statement *s, const struct db_value *values,
                           size_t n) {
    struct postgres_db *p = of(s->db);
    bool alone = p->pipeline.n == 0;
    if (statement_send(c, s, values, n, alone)) {
        s->result = alone ? pipeline_answer(&p->pipeline, s->db->deadline_ns)
                          : pipeline_finish(&p->pipeline, s->db->deadline_ns);
        p->writes = 0;
    }
    if (s->result) {
        result_take(c, s);
    } else {
        send_fail(c);
    }
}

static bool postgres_in_transaction(const struct db *db);

static void postgres_put(struct ctx *c, struct db_statement *s, const struct db_value *values,
                         size_t n) {
    struct postgres_db *p = of(s->db);
    if (!postgres_in_transaction(s->db)) {
        postgres_start(c, s, values, n);
    } else if (statement_send(c, s, values, n, false)) {
        p->writes++;
        s->db->written++;
        if (p->pipeline.n >= PIPELINE_MOST) {
            waiting_finish(s->db, c);
        }
    } else {
        send_fail(c);
    }
}

static bool postgres_next(struct ctx *c, struct db_statement *s) {
    (void)c;
    return s->row++ < s->n_rows;
}

static void postgres_finish(struct db_statement *s) {
    PQclear(s->result);
    s->result = NULL;
}

static enum db_kind postgres_kind(const struct db_statement *s, int column) {
    if (PQgetisnull(s->result, (int)s->row - 1, column)) {
        return DB_IS_NULL;
    }
    switch (PQftype(s->result, column)) {
    case TYPE_BOOL:
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_OID:
        return DB_IS_INTEGER;
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        return DB_IS_REAL;
    case TYPE_BYTEA:
        return DB_IS_BLOB;
    default:
        return DB_IS_TEXT;
    }
}

/* The bytes of a column as a number in network order. */
static uint64_t word_read(const struct db_statement *s, int column) {
    uint64_t word = 0;
    int row = (int)s->row - 1;
    const char *bytes = PQgetvalue(s->result, row, column);
    for (int i = 0; i < PQgetlength(s->result, row, column); i++) {
        word = word << 8 | (unsigned char)bytes[i];
    }
    return word;
}

static struct str raw_bytes(const struct db_statement *s, int column) {
    int row = (int)s->row - 1;
    return (struct str){PQgetvalue(s->result, row, column),
                        (size_t)PQgetlength(s->result, row, column)};
}

static double postgres_real(const struct db_statement *s, int column);

static int64_t postgres_integer(const struct db_statement *s, int column) {
    int64_t value = 0;
    switch (postgres_kind(s, column)) {
    case DB_IS_INTEGER:
        switch (PQftype(s->result, column)) {
        case TYPE_INT2:
            return (int16_t)word_read(s, column);
        case TYPE_INT4:
            return (int32_t)word_read(s, column);
        default:
            return (int64_t)word_read(s, column);
        }
    case DB_IS_REAL:
        return (int64_t)postgres_real(s, column);
    case DB_IS_TEXT:
        str_to_int(raw_bytes(s, column), &value);
        return value;
    case DB_IS_BLOB:
    case DB_IS_NULL:
        break;
    }
    return 0;
}

static double postgres_real(const struct db_statement *s, int column) {
    switch (postgres_kind(s, column)) {
    case DB_IS_REAL:
        if (PQftype(s->result, column) == TYPE_FLOAT4) {
            uint32_t bits = (uint32_t)word_read(s, column);
            float real;
            memcpy(&real, &bits, sizeof real);
            return real;
        } else {
            uint64_t bits = word_read(s, column);
            double real;
            memcpy(&real, &bits, sizeof real);
            return real;
        }
    case DB_IS_INTEGER:
        return (double)postgres_integer(s, column);
    case DB_IS_TEXT:
        return strtod(raw_bytes(s, column).p, NULL); /* libpq ends values with a NUL */
    case DB_IS_BLOB:
    case DB_IS_NULL:
        break;
    }
    return 0;
}

static struct str postgres_bytes(const struct db_statement *s, int column) {
    enum db_kind kind = postgres_kind(s, column);
    if (kind != DB_IS_INTEGER && kind != DB_IS_REAL) {
        return raw_bytes(s, column);
    }
    struct postgres_statement *p = s->prepared;
    if (!p->numbers) {
        p->numbers = calloc((size_t)s->n_columns, sizeof *p->numbers);
    }
    if (!p->numbers) {
        return (struct str){NULL, 0};
    }
    char *text = p->numbers[column];
    if (kind == DB_IS_INTEGER) {
        snprintf(text, NUMBER_TEXT, "%lld", (long long)postgres_integer(s, column));
    } else {
        snprintf(text, NUMBER_TEXT, "%.15g", postgres_real(s, column));
    }
    return str_from(text);
}

static void postgres_cells(const struct db_statement *s, int first, int n, struct db_value *out) {
    for (int i = 0; i < n; i++) {
        out[i].kind = postgres_kind(s, first + i);
        if (out[i].kind == DB_IS_INTEGER) {
            out[i].integer = postgres_integer(s, first + i);
        } else if (out[i].kind == DB_IS_REAL) {
            out[i].real = postgres_real(s, first + i);
        } else if (out[i].kind != DB_IS_NULL) {
            out[i].text = raw_bytes(s, first + i);
        }
    }
}

/* Something the next statement takes along: a statement of the driver's own, nobody's write. */
static void own_put(struct ctx *c, const char *sql, const struct db_value *values, size_t n) {
    struct db_statement *s = ctx_failed(c) ? NULL : statement_take(c, sql, values, n);
    if (s) {
        if (!statement_send(c, s, values, n, false)) {
            send_fail(c);
        }
        statement_give(s);
    }
}

static void control_put(struct ctx *c, const char *sql) {
    own_put(c, sql, NULL, 0);
}

/* What was written inside a savepoint has failed before it ends, or not at all. */
static void postgres_control(struct ctx *c, const char *sql) {
    control_put(c, sql);
    if (!ctx_failed(c) && of(c->db)->writes) {
        waiting_finish(c->db, c);
    }
}

static void postgres_begin(struct ctx *c) {
    struct postgres_db *p = of(c->db);
    if (db_reads_only(c->db)) {
        control_put(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        p->inside = true;
        return;
    }
    control_put(c, "BEGIN");
    p->inside = true;
    /* A batch commits within milliseconds. Who waits longer for a lock of another batch is best
     * run again alone: it may be a deadlock, which the server looks for after a second only. */
    if (c->db->hurried) {
        control_put(c, "SET LOCAL lock_timeout = '20ms'");
    }
    if (!ctx_failed(c)) {
        own_put(c, "SELECT CAST(pg_current_xact_id() AS TEXT)", NULL, 0);
        pipeline_keep(&p->pipeline);
    }
}

/* Deferred writes wait in line for the lock of the event log. */
static void postgres_defer_begin(struct ctx *c) {
    if (c->db->hurried) {
        control_put(c, "SET LOCAL lock_timeout = '5s'");
    }
}

/* Each transaction of a marked connection leaves its number in a row of its own. The server's word
 * on a transaction alone is not enough: a number that never reached the disk is given out again
 * after a crash, to somebody whose transaction may then be committed. */
static void marks_start(struct ctx *c) {
    struct postgres_db *p = of(c->db);
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
    struct postgres_db *p = of(c->db);
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
            ctx_fail_internal(c, "nobody can tell whether transaction %s was committed",
                              of(c->db)->xid);
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    if (!done) {
        FAIL(c, ERROR_RETRY, "database.lost");
    }
}

/* The number must be known before the commit is sent. */
static PGresult *commit_send(struct ctx *c) {
    struct postgres_db *p = of(c->db);
    if (p->pipeline.kept >= 0 && !waiting_finish(c->db, c)) {
        return NULL;
    }
    memcpy(p->xid, p->pipeline.value, sizeof p->xid);
    if (p->slot) {
        const struct db_value values[] = {db_from_int(p->slot), db_from_int(++p->mark)};
        own_put(c,
                "INSERT INTO transaction_mark (slot, mark) VALUES ($1, $2) "
                "ON CONFLICT (slot) DO UPDATE SET mark = excluded.mark, at = now()",
                values, 2);
    }
    if (!ctx_failed(c)) {
        control_put(c, "COMMIT");
    }
    p->writes = 0;
    return ctx_failed(c) ? NULL : pipeline_finish(&p->pipeline, c->db->deadline_ns);
}

static void postgres_commit(struct ctx *c) {
    PGresult *result = commit_send(c);
    bool writer = !db_reads_only(c->db);
    of(c->db)->inside = false;
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

/* Nobody waits for the end of a reader's. */
static void postgres_rollback(struct db *db) {
    struct postgres_db *p = of(db);
    if (!db_reads_only(db)) {
        waiting_finish(db, NULL);
    }
    if (!postgres_lost(db) &&
        (p->pipeline.n || PQtransactionStatus(p->connection) != PQTRANS_IDLE)) {
        pipeline_send(&p->pipeline); /* it is to be run whatever became of what waits */
        pipeline_text(&p->pipeline, "ROLLBACK");
        pipeline_send(&p->pipeline);
    }
    p->inside = false;
    if (!db_reads_only(db)) {
        waiting_finish(db, NULL);
    }
}

static bool postgres_rollback_savepoint(struct db *db, int depth) {
    char sql[64];
    waiting_finish(db, NULL);
    snprintf(sql, sizeof sql, "ROLLBACK TO s%d; RELEASE s%d", depth, depth);
    PGresult *result = PQexec(connection_of(db), sql);
    bool good = postgres_good(result);
    PQclear(result);
    return good;
}

static bool postgres_in_transaction(const struct db *db) {
    const struct postgres_db *p = of(db);
    PGTransactionStatusType status = PQtransactionStatus(p->connection);
    return p->pipeline.n
               ? p->inside
               : status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

static void postgres_keep_start(struct ctx *c) {
    marks_start(c);
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
    .keep_start = postgres_keep_start,
    .keep_turn = postgres_keep_turn,
    .loading = postgres_loading,
    .lock_schema = postgres_lock_schema,
};
