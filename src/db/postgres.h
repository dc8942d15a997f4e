/*
 * A connection to PostgreSQL, as its parts see it: postgres.c (statements and transactions),
 * postgres_result.c (reading answers), postgres_commit.c (what became of a commit),
 * postgres_ahead.c and postgres_rows.c (questions asked before they are due).
 */
#ifndef GUANTONG_DB_POSTGRES_H
#define GUANTONG_DB_POSTGRES_H

#include <libpq-fe.h>

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

enum { NUMBER_TEXT = 32, AHEAD_MOST = 128, ROW_GROUPS = 8, ROWS_MOST = 64 };

/* A question asked ahead whose answer has not been taken. */
struct postgres_ahead {
    const char *text; /* NULL: a free place */
    const struct db_value *values;
    size_t n;
    PGresult *result; /* NULL until it has come */
};

/* Rows asked for ahead by one statement (postgres_rows.c). */
struct postgres_rows {
    const char *text; /* of the question for one row; NULL: a free place */
    const char *all;  /* of that for all of them */
    int64_t ids[ROWS_MOST];
    bool taken[ROWS_MOST];
    size_t n;
    bool sent;
    PGresult *result; /* NULL until it has come */
};

struct postgres_db {
    struct db db;
    PGconn *connection;
    struct pipeline pipeline;
    int writes;         /* of those that wait in it */
    bool inside;        /* a transaction, when all that waits is done */
    bool outdated;      /* the server has refused a statement as it was prepared */
    int64_t prepared;   /* statements so far: their names */
    PGresult *number;   /* of the transaction, when its answer has come */
    char xid[32];       /* of the transaction being committed */
    int64_t slot, mark; /* row of transaction_mark that is this connection's; its last value */
    struct postgres_ahead ahead[AHEAD_MOST];
    int n_ahead;              /* places that may be taken, from the first */
    struct arena ahead_arena; /* of their texts and values */
    struct postgres_rows rows[ROW_GROUPS];
    int rows_waiting; /* groups that have not been sent */
    struct arena rows_arena;
};

struct postgres_statement {
    char name[24];
    bool borrowed;                /* the result it reads is that of many */
    char (*numbers)[NUMBER_TEXT]; /* a text per column, for numbers read as text */
};

static inline struct postgres_db *postgres_of(const struct db *db) {
    return (struct postgres_db *)db;
}

/* Statements and transactions. */
bool postgres_lost(const struct db *db);
void postgres_fail(struct ctx *c, const PGresult *result);
void postgres_send_fail(struct ctx *c);
void postgres_renew(struct ctx *c);
void postgres_execute(struct ctx *c, const char *sql);
/* Read the answers to all that waits. False when one was a failure, told to c if there is one. */
bool postgres_waiting_finish(struct db *db, struct ctx *c);
/* Whether the writes read of so far changed as many rows as they were to; if not, c fails. */
bool postgres_nothing_missed(struct db *db, struct ctx *c);
/* Send it alone, or behind what waits. */
bool postgres_send(struct ctx *c, struct db_statement *s, const struct db_value *values, size_t n,
                   bool alone);
/* The same, without the rows that wait to be asked for. */
bool postgres_send_now(struct ctx *c, struct db_statement *s, const struct db_value *values,
                       size_t n, bool alone);
/* Something the next statement takes along: a statement of the driver's own, nobody's write. */
void postgres_own_put(struct ctx *c, const char *sql, const struct db_value *values, size_t n);

/* Answers. */
void postgres_columns_check(struct ctx *c, const struct db_statement *s);
enum db_kind postgres_kind(const struct db_statement *s, int column);
int64_t postgres_integer(const struct db_statement *s, int column);
double postgres_real(const struct db_statement *s, int column);
struct str postgres_bytes(const struct db_statement *s, int column);
void postgres_cells(const struct db_statement *s, int first, int n, struct db_value *out);

/* Commits. */
void postgres_marks_start(struct ctx *c);
void postgres_commit(struct ctx *c);

/* Questions asked ahead: send one, take the answer to one (NULL with nothing failed when it was
 * not asked), forget all. */
void postgres_ahead(struct ctx *c, struct db_statement *s, const struct db_value *values, size_t n);
PGresult *postgres_ahead_take(struct ctx *c, const struct db_statement *s,
                              const struct db_value *values, size_t n);
void postgres_ahead_forget(struct db *db);

/* Rows asked for ahead: note one, send those that wait, let s read the row that values ask for
 * (false: it was not asked for), whether there are any, forget all. */
void postgres_ahead_row(struct ctx *c, const char *sql, int64_t id);
void postgres_rows_send(struct ctx *c);
bool postgres_rows_asked(const struct postgres_db *p);
bool postgres_rows_take(struct ctx *c, struct db_statement *s, const struct db_value *values,
                        size_t n);
/* The row was read: the place of those whose rows were all read is free again. */
void postgres_rows_give(struct db *db, const PGresult *result);
void postgres_rows_forget(struct db *db);

#endif
