/*
 * An empty database of either engine for a test, and a context on it.
 *
 * SQLite gets a file of its own in a temporary folder. PostgreSQL gets a database of its
 * own on the server of $GUANTONG_TEST_POSTGRES (see scripts/postgres); without one the
 * test is skipped, which the suite counts as a failure.
 */
#ifndef GUANTONG_TESTS_DATABASE_FIXTURE_H
#define GUANTONG_TESTS_DATABASE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "db/db.h"

struct database_fixture {
    enum db_engine engine;
    struct arena arena;
    struct ctx c;   /* on the writer's connection */
    struct str url; /* for further connections */
    char folder[128];
    char name[64]; /* of the database on PostgreSQL */
};

/* The server's URL with another database name. */
static inline struct str database_url(struct arena *a, const char *server, const char *name) {
    const char *slash = strrchr(server, '/');
    return str_format(a, "%.*s/%s", (int)(slash - server), server, name);
}

/* Create or drop a database; tried again while the server still closes connections to it. */
static inline void database_administer(const char *sql) {
    enum { TRIES = 100, PAUSE_US = 100000 };
    struct arena a;
    arena_init(&a);
    struct ctx c = {.arena = &a};
    c.db = db_open(&c, str_from(getenv("GUANTONG_TEST_POSTGRES")), DB_WRITER);
    assert_int_equal(c.error.code, ERROR_NONE);
    db_run_values(&c, sql, NULL, 0);
    for (int i = 0; i < TRIES && ctx_failed(&c) && strstr(c.error.internal, "55006"); i++) {
        usleep(PAUSE_US);
        ctx_clear_error(&c);
        db_run_values(&c, sql, NULL, 0);
    }
    if (ctx_failed(&c)) {
        fail_msg("%s: %s %s", sql, c.error.text, c.error.internal);
    }
    db_close(c.db);
    arena_free(&a);
}

static inline void database_create(struct database_fixture *f) {
    static int count;
    const char *server = getenv("GUANTONG_TEST_POSTGRES");
    if (!server) { /* a program run by hand; make test starts one, and counts a skip as failed */
        skip();
    }
    char sql[128];
    snprintf(f->name, sizeof f->name, "test_%d_%d", (int)getpid(), count++);
    snprintf(sql, sizeof sql, "CREATE DATABASE %s", f->name);
    database_administer(sql);
    f->url = database_url(&f->arena, server, f->name);
}

static inline void database_open(struct database_fixture *f, enum db_engine engine) {
    memset(f, 0, sizeof *f);
    f->engine = engine;
    arena_init(&f->arena);
    f->c = (struct ctx){.arena = &f->arena, .now_ms = 1790000000000};
    const char *temporary = getenv("TMPDIR");
    snprintf(f->folder, sizeof f->folder, "%s/guantong-test-XXXXXX",
             temporary ? temporary : "/tmp");
    assert_non_null(mkdtemp(f->folder));
    if (engine == DB_POSTGRES) {
        database_create(f);
    } else {
        f->url = str_format(&f->arena, "%s/test.db", f->folder);
    }
    f->c.db = db_open(&f->c, f->url, DB_WRITER);
    if (!f->c.db) {
        fail_msg("cannot open: %s", f->c.error.internal);
    }
}

static inline void database_close(struct database_fixture *f) {
    db_close(f->c.db);
    if (f->engine == DB_POSTGRES) {
        char sql[128];
        snprintf(sql, sizeof sql, "DROP DATABASE %s", f->name);
        database_administer(sql);
    } else {
        static const char *const suffixes[] = {"", "-wal", "-shm"};
        for (size_t i = 0; i < 3; i++) {
            char path[160];
            snprintf(path, sizeof path, "%s/test.db%s", f->folder, suffixes[i]);
            unlink(path);
        }
    }
    rmdir(f->folder);
    arena_free(&f->arena);
}

/* For CMUnitTest tables: the state is a struct database_fixture. */
static inline int database_setup_sqlite(void **state) {
    *state = calloc(1, sizeof(struct database_fixture));
    database_open(*state, DB_SQLITE);
    return 0;
}

static inline int database_setup_postgres(void **state) {
    struct database_fixture *f = calloc(1, sizeof *f);
    *state = NULL;
    if (getenv("GUANTONG_TEST_POSTGRES")) {
        *state = f;
        database_open(f, DB_POSTGRES);
    } else {
        free(f);
    }
    return 0;
}

static inline int database_teardown(void **state) {
    if (*state) {
        database_close(*state);
        free(*state);
    }
    return 0;
}

/* The fixture of the running test; skips it when there is no server. */
static inline struct database_fixture *database_of(void **state) {
    if (!*state) { /* as in database_create */
        skip();
    }
    return *state;
}

#define assert_ok(c)                                                  \
    do {                                                              \
        if (ctx_failed(c)) {                                          \
            fail_msg("%s: %s", (c)->error.text, (c)->error.internal); \
        }                                                             \
    } while (0)
#define assert_error(c, wanted)                      \
    do {                                             \
        assert_int_equal((c)->error.code, (wanted)); \
        ctx_clear_error(c);                          \
    } while (0)
#define assert_text(s, wanted)                     \
    do {                                           \
        struct str s_ = (s);                       \
        assert_int_equal(s_.n, strlen(wanted));    \
        assert_memory_equal(s_.p, (wanted), s_.n); \
    } while (0)

#define ON_SQLITE(test) \
    { #test " sqlite", test, database_setup_sqlite, database_teardown, NULL }
#define ON_POSTGRES(test) \
    { #test " postgres", test, database_setup_postgres, database_teardown, NULL }
/* Two entries of a CMUnitTest table. */
#define ON_BOTH(test) ON_SQLITE(test), ON_POSTGRES(test)

#endif
