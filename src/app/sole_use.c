#include "app/sole_use.h"

#include <stdio.h>

/* A server that was just stopped may still be leaving PostgreSQL. */
enum { LOOKS = 20 };

/* Leaving the WAL needs the file alone: it fails while a server has it open. */
static bool sqlite_alone(struct ctx *c) {
    DB_TEXT(c, "PRAGMA journal_mode = DELETE");
    bool alone = !ctx_failed(c);
    if (c->error.code == ERROR_RETRY) {
        ctx_clear_error(c);
    }
    return alone;
}

static bool postgres_alone(struct ctx *c) {
    bool alone = false;
    for (int i = 0; i < LOOKS && !alone && !ctx_failed(c); i++) {
        alone = !DB_INT(c, "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                           "current_database() AND usename = current_user AND "
                           "pid <> pg_backend_pid()");
        if (!alone) {
            DB_RUN(c, "SELECT pg_sleep(0.1)");
        }
    }
    return alone;
}

bool sole_use(struct program *p) {
    struct ctx c = program_context(p);
    bool alone = false;
    c.db = db_open(&c, p->settings.db, DB_WRITER);
    if (c.db) {
        alone = db_engine(c.db) == DB_SQLITE ? sqlite_alone(&c) : postgres_alone(&c);
        db_close(c.db);
    }
    if (ctx_failed(&c)) {
        program_complain(&c);
        return false;
    }
    if (!alone) {
        fputs("guantong: the database is in use; stop the server first\n", stderr);
    }
    return alone;
}
