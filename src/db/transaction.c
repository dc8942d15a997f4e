#include "db/driver.h"

#include <stdatomic.h>
#include <stdio.h>

static void deferred_clear(struct db *db) {
    db->deferred = NULL;
    db->deferred_end = &db->deferred;
}

/* The transaction is over, either way: nothing of it stays open. */
static void transaction_end(struct db *db) {
    statements_close(db);
    deferred_clear(db);
    arena_free(&db->batch);
    db->began = false;
    db->depth = 0;
    db->released = false;
}

static _Atomic int64_t transactions;

void db_begin(struct ctx *c) {
    c->db->spoiled = false;
    if (!db_enter(c)) {
        return;
    }
    struct db *db = c->db;
    statements_close(db);
    db->written_begin = db->written;
    db->in_doubt = false;
    db->driver->begin(c);
    db->began = !ctx_failed(c);
    db->transaction = ++transactions;
}

/* Hand over the items from i on that have its function, as an array. */
static void deferred_together(struct ctx *c, struct db_defer_item *i) {
    size_t n = 0;
    for (struct db_defer_item *j = i; j; j = j->next) {
        n += j->run_many == i->run_many;
    }
    void **items = ARENA_NEW_ARRAY(&c->db->batch, n, void *);
    n = 0;
    for (struct db_defer_item *j = i; j; j = j->next) {
        if (j->run_many == i->run_many && !j->taken) {
            j->taken = true;
            items[n++] = j->item;
        }
    }
    i->run_many(c, items, n);
}

/* Those deferred by a deferred write are run too. */
static void deferred_run(struct ctx *c, struct db_defer_item *i) {
    if (i && db_enter(c)) {
        c->db->driver->defer_begin(c);
    }
    for (; i && !ctx_failed(c); i = i->next) {
        if (i->run_many && !i->taken) {
            deferred_together(c, i);
        } else if (!i->run_many) {
            i->run(c, i->item);
        }
    }
}

void db_commit(struct ctx *c) {
    struct db *db = c->db;
    deferred_run(c, db->deferred);
    if (db_enter(c)) {
        statements_close(db);
        db->driver->commit(c);
    }
    if (ctx_failed(c)) {
        db_rollback(db);
    }
    transaction_end(db);
}

void db_rollback(struct db *db) {
    int64_t deadline = db->deadline_ns;
    statements_close(db);
    if (db->began || db->driver->in_transaction(db)) {
        db->deadline_ns = 0; /* what comes too late is undone all the same */
        db->driver->rollback(db);
        db->deadline_ns = deadline;
        db->written = db->written_begin;
    }
    transaction_end(db);
}

static void savepoint_control(struct ctx *c, const char *verb, int depth) {
    char sql[64];
    if (db_enter(c)) {
        snprintf(sql, sizeof sql, "%s s%d", verb, depth);
        c->db->touched++;
        c->db->driver->control(c, sql);
    }
}

void db_savepoint(struct ctx *c) {
    struct db *db = c->db;
    if (!ctx_failed(c) && db->depth == DB_SAVEPOINTS) {
        ctx_fail_internal(c, "savepoints nest deeper than %d", DB_SAVEPOINTS);
    }
    if (db->depth == 0 && db->released) {
        savepoint_control(c, "RELEASE", 1);
    }
    savepoint_control(c, "SAVEPOINT", db->depth + 1);
    if (!ctx_failed(c)) {
        db->released = false;
        db->written_at[db->depth] = db->written;
        db->deferred_at[db->depth++] = db->deferred_end;
    }
}

/* The commit releases all savepoints, so the release of the first one waits for what comes: a round
 * trip less. Not on SQLite, where each page that is changed meanwhile would be copied. */
void db_release(struct ctx *c) {
    struct db *db = c->db;
    if (db->depth == 1 && db_engine(db) == DB_POSTGRES && db_enter(c)) {
        db->driver->settle(c);
        db->released = !ctx_failed(c);
    } else {
        savepoint_control(c, "RELEASE", db->depth);
    }
    if (!ctx_failed(c)) {
        db->depth--;
    }
}

void db_rollback_savepoint(struct db *db) {
    statements_close(db);
    if (db->depth == 0) {
        return;
    }
    if (db->driver->in_transaction(db) && !db->driver->rollback_savepoint(db, db->depth)) {
        db_rollback(db);
        db->spoiled = true; /* nothing that follows may be done outside of it */
        return;
    }
    db->depth--;
    db->written = db->written_at[db->depth];
    db->deferred_end = db->deferred_at[db->depth];
    *db->deferred_end = NULL;
}

int db_savepoints(const struct db *db) {
    return db->depth;
}

void db_rollback_savepoints(struct db *db, int to) {
    while (db->depth > to) {
        db_rollback_savepoint(db);
    }
}

void db_loading(struct db *db, bool begins) {
    db->driver->loading(db, begins);
}

bool db_in_transaction(const struct db *db) {
    return db->driver->in_transaction(db);
}

void deferred_cut(struct db *db, struct db_defer_item **end) {
    statements_close(db);
    *end = NULL;
    db->deferred_end = end;
}

struct db_mark db_mark(const struct db *db) {
    return (struct db_mark){db->touched, db->deferred_end};
}

bool db_untouched(const struct db *db, struct db_mark mark) {
    return db->touched == mark.touched && db->deferred_end == mark.deferred;
}

static void defer(struct ctx *c, struct db_defer_item item) {
    if (ctx_failed(c)) {
        return;
    }
    struct db *db = c->db;
    struct db_defer_item *i = ARENA_NEW(&db->batch, struct db_defer_item);
    *i = item;
    *db->deferred_end = i;
    db->deferred_end = &i->next;
}

void db_defer(struct ctx *c, db_deferred run, void *item) {
    defer(c, (struct db_defer_item){.run = run, .item = item});
}

void db_defer_many(struct ctx *c, db_deferred_many run, void *item) {
    defer(c, (struct db_defer_item){.run_many = run, .item = item});
}

void *db_deferred_last(const struct db *db, db_deferred_many run) {
    void *last = NULL;
    for (const struct db_defer_item *i = db->deferred; i; i = i->next) {
        last = i->run_many == run && !i->taken ? i->item : last;
    }
    return last;
}

void db_flush(struct ctx *c) {
    if (ctx_failed(c)) {
        return;
    }
    struct db *db = c->db;
    struct db_defer_item **from = db->depth ? db->deferred_at[db->depth - 1] : &db->deferred;
    db->touched += *from != NULL;
    deferred_run(c, *from);
    *from = NULL;
    db->deferred_end = from;
}

struct arena *db_batch_arena(struct db *db) {
    return &db->batch;
}
