#include "entity/versions.h"

#include "base/id.h"
#include "db/db.h"
#include "db/news.h"
#include "db/unit.h"

#define VERSIONS_SQL "SELECT name, value FROM platform_version"

/* Those of the transaction this thread works in. */
static _Thread_local struct {
    int64_t transaction;
    struct versions versions;
} of_transaction;

/* Those a reader of this thread read last, and in what it saw. */
static _Thread_local struct {
    int64_t snapshot;
    struct versions versions;
} of_snapshot;

static _Thread_local int64_t moves = 1; /* of this thread, in whatever transaction */

static struct versions rows_read(struct ctx *c) {
    struct versions v = {0};
    const struct {
        const char *name;
        int64_t *value;
    } rows_of[] = {{"database", &v.database},
                   {"model", &v.model},
                   {"organization", &v.organization},
                   {"setting", &v.setting},
                   {"session", &v.session}};
    struct db_rows rows;
    DB_QUERY(c, &rows, VERSIONS_SQL);
    while (db_next(&rows)) {
        struct str name = db_view(&rows, 0);
        for (size_t i = 0; i < sizeof rows_of / sizeof *rows_of; i++) {
            if (str_is(name, rows_of[i].name)) {
                *rows_of[i].value = db_int(&rows, 1);
            }
        }
    }
    return v;
}

void versions_read(struct ctx *c) {
    bool moved = db_told(c->db, NEWS_VERSIONS), reader = db_reads_only(c->db);
    int64_t transaction = reader || moved ? 0 : db_transaction(c->db);
    int64_t snapshot = db_snapshot(c->db);
    if (transaction && transaction == of_transaction.transaction) {
        c->versions = of_transaction.versions;
        return;
    }
    if (snapshot && snapshot == of_snapshot.snapshot) {
        c->versions = of_snapshot.versions;
        return;
    }
    struct versions v = rows_read(c);
    v.known = !ctx_failed(c) && reader;
    v.firm = !ctx_failed(c) && v.database && (reader || transaction);
    c->versions = v;
    if (v.firm && transaction) {
        of_transaction.transaction = transaction;
        of_transaction.versions = v;
    }
    if (v.known && snapshot) {
        of_snapshot.snapshot = snapshot;
        of_snapshot.versions = v;
    }
}

void versions_ahead(struct ctx *c) {
    int64_t transaction = db_reads_only(c->db) ? 0 : db_transaction(c->db);
    if (!transaction || transaction != of_transaction.transaction) {
        DB_AHEAD(c, VERSIONS_SQL);
    }
}

void version_move(struct ctx *c, const char *name) {
    DB_PUT(c,
           "INSERT INTO platform_version (name, value) VALUES ($1, 1) "
           "ON CONFLICT (name) DO UPDATE SET value = platform_version.value + 1",
           name);
    db_tell(c, NEWS_VERSIONS);
    moves++;
}

void versions_own(struct ctx *c) {
    struct versions v = rows_read(c);
    v.database = -id_new(); /* under which no other transaction looks */
    v.own = moves;
    v.firm = !ctx_failed(c);
    c->versions = v;
}

static bool numbers_same(const struct versions *a, const struct versions *b) {
    return a->database == b->database && a->model == b->model &&
           a->organization == b->organization && a->setting == b->setting &&
           a->session == b->session;
}

bool versions_same(const struct versions *a, const struct versions *b) {
    return a->known && b->known && numbers_same(a, b);
}

bool versions_firm(const struct ctx *c) {
    return c->versions.firm && (c->versions.own == moves || !db_told(c->db, NEWS_VERSIONS));
}

bool versions_hold(const struct ctx *c, const struct versions *kept) {
    return kept->firm && versions_firm(c) && numbers_same(kept, &c->versions);
}
