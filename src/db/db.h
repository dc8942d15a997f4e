/*
 * The database contract: one SQL text, two engines.
 *
 * SQLite in a file or PostgreSQL behind a URL; callers cannot tell which. A struct db is
 * one connection with its statement cache, used by one thread at a time. Statements take
 * their text as a string literal (anything else does not compile; dynamic text comes only
 * from db/sql.h) and their values as typed arguments:
 *
 *     int64_t n = DB_RUN(c, "UPDATE lead SET status = $1 WHERE id = $2", status, id);
 *     struct db_rows rows;
 *     DB_QUERY(c, &rows, "SELECT id, name FROM lead WHERE owner_id = $1", user_id);
 *     while (db_next(&rows)) {
 *         int64_t id = db_int(&rows, 0);
 *         struct str name = db_text(&rows, 1);
 *     }
 *
 * Column types are BIGINT, TEXT, DOUBLE PRECISION and {blob}; booleans are BIGINT 0/1,
 * instants BIGINT ms, dates TEXT. SQL that both engines read alike: $n in any order,
 * ON CONFLICT, RETURNING, CASE, COALESCE, window functions, UNION ALL, CTEs; text compares
 * bytewise. Not alike, so not used: ->>, lower(), LIKE on non-ASCII, scalar max(a, b),
 * lax GROUP BY, sum() without CAST(… AS BIGINT).
 *
 * Errors stick to the context: a unique violation is ERROR_CONFLICT "database.duplicate",
 * a serialisation failure, deadlock or busy ERROR_RETRY, a deadline ERROR_LIMIT
 * "database.deadline", anything else ERROR_INTERNAL. After a failure every call here is
 * a no-op that returns zero.
 */
#ifndef GUANTONG_DB_DB_H
#define GUANTONG_DB_DB_H

#include "base/context.h"

enum db_engine { DB_SQLITE, DB_POSTGRES };

enum db_mode {
    DB_READER,   /* may only read; sees a snapshot inside a transaction */
    DB_WATCHER,  /* a reader in the background who puts the same few questions again and again */
    DB_ANSWERER, /* a reader who answers many people: it keeps more pages in memory */
    DB_WRITER,
    DB_LOADER /* a writer with nobody beside it: the file is kept in order by a thread of its own */
};

/* A file (SQLite) or a postgres:// URL. NULL with an error in c when it fails. */
struct db *db_open(struct ctx *c, struct str url, enum db_mode mode);
void db_close(struct db *db);
enum db_engine db_engine(const struct db *db);
bool db_reads_only(const struct db *db); /* not opened to write */

enum db_kind { DB_IS_NULL, DB_IS_INTEGER, DB_IS_TEXT, DB_IS_REAL, DB_IS_BLOB };

struct db_value {
    enum db_kind kind;
    enum db_kind null_of; /* DB_IS_NULL: the kind it stands for, DB_IS_NULL when not known */
    int64_t integer;
    double real;
    struct str text; /* DB_IS_TEXT and DB_IS_BLOB */
};

struct db_value db_from_int(int64_t v);
struct db_value db_from_real(double v);
struct db_value db_from_str(struct str v); /* p = NULL is NULL */
struct db_value db_from_c(const char *v);  /* NULL is NULL */
struct db_value db_from_blob(struct str v);
struct db_value db_from_null(void);
struct db_value db_same(struct db_value v);
/* An id that may be missing: 0 is NULL. */
struct db_value db_from_id(int64_t id);

/* The answer of a query, read row by row. Closed by reading to the end or db_done. */
struct db_rows {
    struct ctx *c;
    void *statement; /* NULL when closed */
    int64_t use;     /* which use of the statement this is: the end of a transaction closes it */
    int64_t row;     /* rows read so far */
    int n_columns;
};

/* Forward to the next row; false at the end, on error, and on closed rows. */
bool db_next(struct db_rows *rows);
/* Close before the end was reached. Harmless when closed. */
void db_done(struct db_rows *rows);
/* Column i (from 0) of the current row; NULL reads as 0 or as the empty str with p = NULL. Text
 * and blobs are copied into c->arena; views and cells stand until the next db_next or db_done. */
int64_t db_int(const struct db_rows *rows, int i);
double db_real(const struct db_rows *rows, int i);
struct str db_text(const struct db_rows *rows, int i);
struct str db_view(const struct db_rows *rows, int i);
bool db_null(const struct db_rows *rows, int i);
struct db_value db_value(const struct db_rows *rows, int i);
void db_cells(const struct db_rows *rows, int first, int n, struct db_value *out);

/* Through the macros below, which bind arguments by type. */
void db_query_values(struct ctx *c, struct db_rows *rows, const char *sql,
                     const struct db_value *values, size_t n);
void db_put_values(struct ctx *c, const char *sql, const struct db_value *values, size_t n);
void db_ahead_values(struct ctx *c, const char *sql, const struct db_value *values, size_t n);
/* A write that is to change so many rows; false: it did not, for somebody was faster. On PostgreSQL
 * that may come to light with a later call, as with DB_PUT: then the unit of work is run again
 * (ERROR_RETRY "database.busy"). */
bool db_put_exactly(struct ctx *c, int64_t rows, const char *sql, const struct db_value *values,
                    size_t n);
/* As DB_AHEAD, for one row by its id: the text ends with " WHERE id = $1", and the id is its first
 * column. Rows asked for by one text, up to 64, travel as one question. Who asks for a row twice,
 * before the question is sent, has two answers. */
void db_ahead_row(struct ctx *c, const char *sql, int64_t id);
int64_t db_run_values(struct ctx *c, const char *sql, const struct db_value *values, size_t n);
int64_t db_int_values(struct ctx *c, const char *sql, const struct db_value *values, size_t n);
struct str db_text_values(struct ctx *c, const char *sql, const struct db_value *values, size_t n);

/* Rows changed. */
#define DB_RUN(c, sql, ...) db_run_values((c), "" sql "", DB_VALUES(__VA_ARGS__))
/* A write of which nothing is asked. On PostgreSQL it may fail with a call behind it, at the latest
 * with the one that ends its savepoint or transaction. */
#define DB_PUT(c, sql, ...) db_put_values((c), "" sql "", DB_VALUES(__VA_ARGS__))
/* A question that will be put before long, with the same text and values: on PostgreSQL it travels
 * with the next call and its answer waits, so that several cost one round trip. Nothing that would
 * change the answer may be written between. At the end of the transaction, and when a savepoint is
 * rolled back, what was not asked for is forgotten. Never fails, and need not be used. */
#define DB_AHEAD(c, sql, ...) db_ahead_values((c), "" sql "", DB_VALUES(__VA_ARGS__))
#define DB_QUERY(c, rows, sql, ...) db_query_values((c), (rows), "" sql "", DB_VALUES(__VA_ARGS__))
/* First column of the first row; 0 or the empty str (p = NULL) when there is no row. */
#define DB_INT(c, sql, ...) db_int_values((c), "" sql "", DB_VALUES(__VA_ARGS__))
#define DB_TEXT(c, sql, ...) db_text_values((c), "" sql "", DB_VALUES(__VA_ARGS__))

/* Transactions, for the runners of units of work (writer, readers), not for business code. The
 * first statement of a reader's pins a snapshot; on SQLite a writer's begins with its lock. */
void db_begin(struct ctx *c);
void db_commit(struct ctx *c); /* runs deferred writes first; on failure rolls back */
void db_rollback(struct db *db);
void db_savepoint(struct ctx *c);
void db_release(struct ctx *c);              /* keep what was done since the savepoint */
void db_rollback_savepoint(struct db *db);   /* undo it, and drop what was deferred since */
bool db_in_transaction(const struct db *db); /* an error may have ended it on SQLite */

/* Put a write off until just before the commit of the batch, in the order deferred; used by the
 * event log, whose numbering lock must be taken last. item must live in db_batch_arena(c->db),
 * which lives until the commit or rollback. */
typedef void (*db_deferred)(struct ctx *c, void *item);
void db_defer(struct ctx *c, db_deferred run, void *item);
/* The same, but all items of one function are handed over together, when the first is due. */
typedef void (*db_deferred_many)(struct ctx *c, void *const *items, size_t n);
void db_defer_many(struct ctx *c, db_deferred_many run, void *item);
void db_flush(struct ctx *c); /* now, since the innermost savepoint: for who must read it */
/* The item last deferred for that function that still waits, or NULL; none that was undone. */
void *db_deferred_last(const struct db *db, db_deferred_many run);
struct arena *db_batch_arena(struct db *db);

#include "db/values.h" /* DB_VALUES */

#endif
