/*
 * What an engine does, and what db.c, statement.c and transaction.c do for all engines.
 *
 * An engine is one struct db_driver, chosen by db_open from the URL. The shared part counts calls,
 * keeps the sticky error, caches statements, nests savepoints and holds the deferred writes; the
 * driver prepares, binds, steps, and maps the engine's errors to the contract's. Its functions are
 * never called on a failed context, except close, finalize, finish and rollback.
 */
#ifndef GUANTONG_DB_DRIVER_H
#define GUANTONG_DB_DRIVER_H

#include "db/unit.h"

enum { DB_SAVEPOINTS = 8, DB_BUCKETS = 512, DB_STATEMENTS = 256 };

/* A prepared statement in the cache of its connection. */
struct db_statement {
    struct db *db;
    char *text;
    size_t n_kinds;
    unsigned char *kinds; /* of the values it was prepared for, when the driver is typed */
    struct db_statement *same_bucket;
    struct db_statement *newer, *older; /* by last use */
    struct db_statement *next_open;
    bool busy;      /* rows are being read from it */
    bool stale;     /* not to be used again */
    int64_t use;    /* counts its uses */
    void *prepared; /* the driver's */
    void *result;   /* the driver's, while busy */
    int *slots;     /* the driver's: which value each parameter takes */
    int n_slots;
    int64_t row, n_rows;
    int n_columns;
    int64_t changed; /* rows the last run changed */
    int64_t mark;    /* the driver's: changes of the connection before it ran */
    int step;        /* the driver's: outcome of the first step, taken ahead */
};

struct db_defer_item {
    db_deferred run;           /* or */
    db_deferred_many run_many; /* one of both */
    void *item;
    bool taken; /* handed over together with an earlier one */
    struct db_defer_item *next;
};

/* The first part of each driver's own connection struct. */
struct db {
    const struct db_driver *driver;
    enum db_mode mode;
    int64_t calls, fail_at;
    int64_t deadline_ns;
    const _Atomic int *waiting; /* how many wait for this connection; may be NULL */
    int64_t written;            /* rows changed so far, without what was rolled back */
    unsigned news;              /* told and not yet passed on; what was undone may be among it */
    int64_t touched;            /* statements so far that may have changed something, or failed */
    struct db_statement *buckets[DB_BUCKETS];
    struct db_statement *recent[DB_BUCKETS]; /* by address of the text */
    struct db_statement *newest, *oldest;
    struct db_statement *open;
    int n_statements;

    bool yielding;        /* used by a thread that gives way to others */
    bool hurried;         /* transactions are batches: better run again than wait for a lock */
    bool careful;         /* though hurried, each unit of work must hear of its own failures */
    bool spoiled;         /* it was not told whose a failure is: all is to be run again */
    bool began, in_doubt; /* in_doubt: nobody can tell whether the last commit was done */
    int64_t transaction;  /* its number in this process */
    int64_t snapshot;     /* the driver's: of the reading transaction; 0: it does not tell */
    int depth;            /* open savepoints */
    bool released;        /* of the first savepoint, which the engine is told with the next */
    struct arena batch;
    struct db_defer_item *deferred;
    struct db_defer_item **deferred_end;
    struct db_defer_item **deferred_at[DB_SAVEPOINTS];
    int64_t written_begin, written_at[DB_SAVEPOINTS];
};

struct db_driver {
    enum db_engine engine;
    bool typed; /* a statement is prepared for the kinds of its values */
    struct db *(*open)(struct ctx *c, struct str url, enum db_mode mode);
    void (*close)(struct db *db);

    /* Make s->prepared from s->text. */
    void (*prepare)(struct ctx *c, struct db_statement *s, const struct db_value *values, size_t n);
    void (*finalize)(struct db_statement *s);
    /* Bind and run; the rows are then read with next. Values need not outlive the call. */
    void (*start)(struct ctx *c, struct db_statement *s, const struct db_value *values, size_t n);
    /* The same for a write that is asked nothing: its failure may come with a later call. */
    void (*put)(struct ctx *c, struct db_statement *s, const struct db_value *values, size_t n);
    /* So many rows is what the last write put is to change. NULL: such writes are not put. */
    void (*put_exactly)(struct db *db, int64_t rows);
    /* Ask before it is due, if that is of use: the answer is kept for start. NULL: it never is. */
    void (*ahead)(struct ctx *c, struct db_statement *s, const struct db_value *values, size_t n);
    void (*ahead_row)(struct ctx *c, const char *sql, int64_t id); /* db_ahead_row; or NULL */
    bool (*next)(struct ctx *c, struct db_statement *s);
    void (*finish)(struct db_statement *s);
    enum db_kind (*kind)(const struct db_statement *s, int column);
    int64_t (*integer)(const struct db_statement *s, int column);
    double (*real)(const struct db_statement *s, int column);
    struct str (*bytes)(const struct db_statement *s, int column);
    void (*cells)(const struct db_statement *s, int first, int n, struct db_value *out);
    /* Text without values, perhaps several statements; not cached. */
    void (*execute)(struct ctx *c, const char *sql);
    void (*control)(struct ctx *c, const char *sql); /* sets and releases savepoints; settles */
    void (*settle)(struct ctx *c);                   /* the end of what was put */
    void (*begin)(struct ctx *c);
    void (*defer_begin)(struct ctx *c); /* before the deferred writes, if there are any */
    void (*commit)(struct ctx *c);
    void (*rollback)(struct db *db);
    bool (*rollback_savepoint)(struct db *db, int depth);
    bool (*in_transaction)(const struct db *db);

    /* Whether the connection is broken; it is renewed before the next unit of work. */
    bool (*lost)(const struct db *db);
    void (*renew)(struct ctx *c);
    /* What a writer keeps up besides: the file, a turn between batches, or marks of commits. */
    void (*keep_start)(struct ctx *c);
    void (*keep_turn)(struct db *db);
    void (*loading)(struct db *db, bool begins);
    /* A lock all processes respect, held until the end of the transaction. */
    void (*lock_schema)(struct ctx *c);
};

extern const struct db_driver sqlite_driver, postgres_driver;

/* For drivers: set up the shared part. */
void db_init(struct db *db, const struct db_driver *driver, enum db_mode mode);

/* The cached statement of the text for values of these kinds, prepared; NULL on error. */
struct db_statement *statement_take(struct ctx *c, const char *sql, const struct db_value *values,
                                    size_t n);
/* End of use: it may be taken again. */
void statement_give(struct db_statement *s);
/* Close what is still open on the connection. */
void statements_close(struct db *db);
/* Forget all statements, those of a lost connection too. */
void statements_free(struct db *db);

/* Forget what was deferred since that was the end, nothing having been flushed. */
void deferred_cut(struct db *db, struct db_defer_item **end);

/* Count a call; false when the context has failed or this call is to fail. */
bool db_enter(struct ctx *c);

/* Text without values: migrations and schema changes. */
void db_execute(struct ctx *c, const char *sql);

#endif
