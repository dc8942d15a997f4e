#include "base/clock.h"
#include "db/driver.h"
#include "db/news.h"

#include <string.h>

struct db_value db_from_int(int64_t v) {
    return (struct db_value){.kind = DB_IS_INTEGER, .integer = v};
}

struct db_value db_from_real(double v) {
    return (struct db_value){.kind = DB_IS_REAL, .real = v};
}

struct db_value db_from_str(struct str v) {
    return (struct db_value){
        .kind = v.p ? DB_IS_TEXT : DB_IS_NULL, .null_of = DB_IS_TEXT, .text = v};
}

struct db_value db_from_c(const char *v) {
    return db_from_str(str_from(v));
}

struct db_value db_from_blob(struct str v) {
    return (struct db_value){
        .kind = v.p ? DB_IS_BLOB : DB_IS_NULL, .null_of = DB_IS_BLOB, .text = v};
}

struct db_value db_from_null(void) {
    return (struct db_value){.kind = DB_IS_NULL};
}

struct db_value db_same(struct db_value v) {
    return v;
}

struct db_value db_from_id(int64_t id) {
    return (struct db_value){
        .kind = id ? DB_IS_INTEGER : DB_IS_NULL, .null_of = DB_IS_INTEGER, .integer = id};
}

void db_init(struct db *db, const struct db_driver *driver, enum db_mode mode) {
    db->driver = driver;
    db->mode = mode;
    db->deferred_end = &db->deferred;
    arena_init(&db->batch);
}

struct db *db_open(struct ctx *c, struct str url, enum db_mode mode) {
    if (ctx_failed(c)) {
        return NULL;
    }
    bool postgres = str_starts(url, STR("postgres://")) || str_starts(url, STR("postgresql://"));
    const struct db_driver *driver = postgres ? &postgres_driver : &sqlite_driver;
    return driver->open(c, url, mode);
}

void db_close(struct db *db) {
    if (!db) {
        return;
    }
    db_rollback(db);
    statements_free(db);
    arena_free(&db->batch);
    db->driver->close(db);
}

enum db_engine db_engine(const struct db *db) {
    return db->driver->engine;
}

bool db_reads_only(const struct db *db) {
    return db->mode != DB_WRITER && db->mode != DB_LOADER;
}

void db_tell(struct ctx *c, enum db_news news) {
    c->db->news |= (unsigned)news;
}

bool db_told(const struct db *db, enum db_news news) {
    return (db->news & (unsigned)news) != 0;
}

int64_t db_transaction(const struct db *db) {
    return db->began ? db->transaction : 0;
}

int64_t db_snapshot(const struct db *db) {
    return db->began && db_reads_only(db) ? db->snapshot : 0;
}

void db_deadline(struct db *db, int64_t steady_ns) {
    db->deadline_ns = steady_ns;
}

void db_yielding(struct db *db) {
    db->yielding = true;
}

bool db_awaited(const struct db *db) {
    return db->waiting && *db->waiting > 0;
}

void db_await(struct db *db, const _Atomic int *waiting) {
    db->waiting = waiting;
}

void db_fail_at(struct db *db, int64_t n) {
    db->fail_at = n > 0 ? db->calls + n : 0;
}

int64_t db_calls(const struct db *db) {
    return db->calls;
}

/* A transaction must not go on in another, nor statement by statement; a broken connection
 * is renewed between units of work. */
static void connection_check(struct ctx *c) {
    struct db *db = c->db;
    if (db->spoiled) {
        FAIL(c, ERROR_RETRY, "database.busy");
    } else if (!db->began) {
        if (db->driver->lost(db)) {
            db->driver->renew(c);
        }
    } else if (db->driver->lost(db)) {
        FAIL(c, ERROR_RETRY, "database.lost");
    } else if (!db->driver->in_transaction(db)) {
        ctx_fail_internal(c, "the transaction has ended");
    }
}

bool db_enter(struct ctx *c) {
    if (ctx_failed(c)) {
        return false;
    }
    struct db *db = c->db;
    db->calls++;
    if (db->fail_at == db->calls) {
        ctx_fail_internal(c, "database call %lld failed on request", (long long)db->calls);
    } else {
        connection_check(c);
    }
    return !ctx_failed(c);
}

/* Run the statement up to its first row, or put it. NULL on error. */
static struct db_statement *statement_start(struct ctx *c, const char *sql,
                                            const struct db_value *values, size_t n, bool put) {
    if (!db_enter(c)) {
        return NULL;
    }
    if (c->db->deadline_ns && clock_steady_ns() >= c->db->deadline_ns) {
        FAIL(c, ERROR_LIMIT, "database.deadline");
        return NULL;
    }
    struct db_statement *s = statement_take(c, sql, values, n);
    if (!s) {
        return NULL;
    }
    (put ? c->db->driver->put : c->db->driver->start)(c, s, values, n);
    if (ctx_failed(c)) {
        c->db->touched++;
        statement_give(s);
        return NULL;
    }
    return s;
}

void db_query_values(struct ctx *c, struct db_rows *rows, const char *sql,
                     const struct db_value *values, size_t n) {
    *rows = (struct db_rows){.c = c};
    struct db_statement *s = statement_start(c, sql, values, n, false);
    if (s) {
        rows->statement = s;
        rows->use = s->use;
        rows->n_columns = s->n_columns;
    }
}

/* The statement of rows that are open; NULL when they were closed behind their back. */
static struct db_statement *rows_statement(const struct db_rows *rows) {
    struct db_statement *s = rows->statement;
    return s && s->use == rows->use ? s : NULL;
}

bool db_next(struct db_rows *rows) {
    struct db_statement *s = rows_statement(rows);
    if (!s) {
        rows->statement = NULL;
        return false;
    }
    if (ctx_failed(rows->c) || !s->db->driver->next(rows->c, s)) {
        s->db->touched += ctx_failed(rows->c);
        db_done(rows);
        return false;
    }
    rows->row++;
    return true;
}

void db_done(struct db_rows *rows) {
    struct db_statement *s = rows_statement(rows);
    rows->statement = NULL;
    if (s) {
        statement_give(s);
    }
}

bool db_null(const struct db_rows *rows, int i) {
    struct db_statement *s = rows_statement(rows);
    return !s || s->db->driver->kind(s, i) == DB_IS_NULL;
}

int64_t db_int(const struct db_rows *rows, int i) {
    struct db_statement *s = rows_statement(rows);
    return s ? s->db->driver->integer(s, i) : 0;
}

double db_real(const struct db_rows *rows, int i) {
    struct db_statement *s = rows_statement(rows);
    return s ? s->db->driver->real(s, i) : 0;
}

struct str db_view(const struct db_rows *rows, int i) {
    struct db_statement *s = rows_statement(rows);
    if (!s || s->db->driver->kind(s, i) == DB_IS_NULL) {
        return (struct str){NULL, 0};
    }
    struct str bytes = s->db->driver->bytes(s, i);
    return bytes.p ? bytes : (struct str){"", 0};
}

struct str db_text(const struct db_rows *rows, int i) {
    struct str view = db_view(rows, i);
    return view.p ? str_copy(rows->c->arena, view) : view;
}

void db_cells(const struct db_rows *rows, int first, int n, struct db_value *out) {
    struct db_statement *s = rows_statement(rows);
    for (int i = 0; i < n && !s; i++) {
        out[i].kind = DB_IS_NULL;
    }
    if (s) {
        s->db->driver->cells(s, first, n, out);
    }
}

struct db_value db_value(const struct db_rows *rows, int i) {
    struct db_value v = {0};
    db_cells(rows, i, 1, &v);
    v.text = v.text.p ? str_copy(rows->c->arena, v.text) : v.text;
    return v;
}

int64_t db_run_values(struct ctx *c, const char *sql, const struct db_value *values, size_t n) {
    struct db_statement *s = statement_start(c, sql, values, n, false);
    if (!s) {
        return 0;
    }
    while (c->db->driver->next(c, s)) {
    }
    int64_t changed = s->changed;
    statement_give(s);
    return ctx_failed(c) ? 0 : changed;
}

void db_put_values(struct ctx *c, const char *sql, const struct db_value *values, size_t n) {
    struct db_statement *s = statement_start(c, sql, values, n, true);
    if (s) {
        statement_give(s);
    }
}

bool db_put_exactly(struct ctx *c, int64_t rows, const char *sql, const struct db_value *values,
                    size_t n) {
    struct db *db = c->db;
    if (!db->hurried || db->careful || !db->driver->put_exactly) {
        return db_run_values(c, sql, values, n) == rows;
    }
    db_put_values(c, sql, values, n);
    if (!ctx_failed(c)) {
        db->driver->put_exactly(db, rows);
    }
    return !ctx_failed(c);
}

/* What a spoiled transaction asked would be answered in the next. */
static bool may_ask_ahead(const struct ctx *c) {
    return !ctx_failed(c) && !c->db->spoiled && !c->db->driver->lost(c->db);
}

void db_ahead_values(struct ctx *c, const char *sql, const struct db_value *values, size_t n) {
    const struct db_driver *driver = c->db->driver;
    if (!driver->ahead || !may_ask_ahead(c)) {
        return;
    }
    struct db_statement *s = statement_take(c, sql, values, n);
    if (s) {
        driver->ahead(c, s, values, n);
        statement_give(s);
    }
}

void db_ahead_row(struct ctx *c, const char *sql, int64_t id) {
    const struct db_driver *driver = c->db->driver;
    if (driver->ahead_row && may_ask_ahead(c)) {
        driver->ahead_row(c, sql, id);
    }
}

int64_t db_int_values(struct ctx *c, const char *sql, const struct db_value *values, size_t n) {
    struct db_rows rows;
    db_query_values(c, &rows, sql, values, n);
    int64_t value = db_next(&rows) ? db_int(&rows, 0) : 0;
    db_done(&rows);
    return value;
}

struct str db_text_values(struct ctx *c, const char *sql, const struct db_value *values, size_t n) {
    struct db_rows rows;
    db_query_values(c, &rows, sql, values, n);
    struct str value = db_next(&rows) ? db_text(&rows, 0) : (struct str){NULL, 0};
    db_done(&rows);
    return value;
}

void db_execute(struct ctx *c, const char *sql) {
    if (db_enter(c)) {
        c->db->touched++;
        c->db->driver->execute(c, sql);
    }
}
