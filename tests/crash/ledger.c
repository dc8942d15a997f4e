/*
 * A small program that must not lose or double anything: it proves the crash harness on the
 * database layer alone.
 *
 *   ledger run URL              write entries from eight threads until killed; an entry that
 *                               was acknowledged is printed as its id on a line
 *   ledger verify URL < IDS     all ids are there, once, and the books balance
 *
 * An entry moves an amount between two accounts and emits an event; a reactor writes a
 * reaction to each. At the end every entry must have its event and exactly one reaction.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/module.h"
#include "db/migration.h"
#include "db/writer.h"
#include "event/reactor.h"

enum { THREADS = 8, ACCOUNTS = 256 };

static const struct migration tables[] = {
    {"ledger.1", "CREATE TABLE account (id {id}, balance BIGINT NOT NULL);\n"
                 "CREATE TABLE entry (id {id}, from_id BIGINT NOT NULL, to_id BIGINT NOT NULL,"
                 " amount BIGINT NOT NULL, note TEXT);\n"
                 "CREATE INDEX entry_from ON entry (from_id, id);\n"
                 "CREATE TABLE reaction (entry_id BIGINT NOT NULL, event_id BIGINT NOT NULL)"},
    {0},
};

struct entry {
    int64_t id, from, to, amount;
};

static void react(struct ctx *c, const struct event *e) {
    DB_RUN(c, "INSERT INTO reaction (entry_id, event_id) VALUES ($1, $2)", e->subject_id, e->id);
}

static const char *const moved[] = {"ledger.moved", NULL};
static const struct reactor reactor = {
    .name = "ledger.reaction", .lane = REACTOR_PROMPT, .types = moved, .handle = react};
static const struct reactor *const reactors[] = {&reactor, NULL};
static _Atomic(struct reactor_runner *) runner;

static void committed(void *data, unsigned news) {
    (void)data;
    (void)news;
    struct reactor_runner *r = atomic_load(&runner);
    if (r) {
        reactor_runner_wake(r);
    }
}

static void entry_write(struct ctx *c, void *data) {
    const struct entry *e = data;
    DB_RUN(c, "INSERT INTO entry (id, from_id, to_id, amount, note) VALUES ($1, $2, $3, $4, $5)",
           e->id, e->from, e->to, e->amount, "从一个账户转到另一个账户");
    DB_RUN(c, "UPDATE account SET balance = balance - $1 WHERE id = $2", e->amount, e->from);
    DB_RUN(c, "UPDATE account SET balance = balance + $1 WHERE id = $2", e->amount, e->to);
    event_emit(c, &(struct event){.type = STR("ledger.moved"),
                                  .subject_type = STR("entry"),
                                  .subject_id = e->id});
}

static void acknowledge(const struct write_job *job, const struct entry *e) {
    char line[64];
    if (job->context.error.code == ERROR_CONFLICT) {
        snprintf(line, sizeof line, "twice %lld\n", (long long)e->id);
    } else if (job->context.error.code != ERROR_NONE) {
        return;
    } else {
        snprintf(line, sizeof line, "%lld\n", (long long)e->id);
    }
    if (write(STDOUT_FILENO, line, strlen(line)) < 0) {
        exit(1);
    }
}

static void *entries_write(void *data) {
    struct writer *w = data;
    unsigned state = (unsigned)clock_steady_ns();
    struct arena arena;
    arena_init(&arena);
    for (;;) {
        state = state * 1664525u + 1013904223u;
        struct entry e = {id_new(), state >> 8 & 0xff, state >> 16 & 0xff, state >> 24};
        struct write_job job = {.run = entry_write, .data = &e, .context = {.arena = &arena}};
        writer_run(w, &job);
        acknowledge(&job, &e);
        arena_free(&arena);
    }
    return NULL;
}

static void fail_out(const struct ctx *c, const char *what) {
    fprintf(stderr, "ledger: %s: %s %s\n", what, c->error.text, c->error.internal);
    exit(1);
}

static void ledger_prepare(struct ctx *c, const char *url) {
    c->db = db_open(c, str_from(url), DB_WRITER);
    const struct migration *const lists[] = {event_module.migrations, tables};
    migration_apply(c, lists, 2);
    db_begin(c);
    reactor_register(c, reactors);
    for (int64_t id = 0; id < ACCOUNTS; id++) {
        DB_RUN(c, "INSERT INTO account (id, balance) VALUES ($1, 0) ON CONFLICT (id) DO NOTHING",
               id);
    }
    db_commit(c);
    if (ctx_failed(c)) {
        fail_out(c, "prepare");
    }
    db_close(c->db);
    c->db = NULL;
}

static int ledger_run(struct ctx *c, const char *url) {
    ledger_prepare(c, url);
    struct writer_options options = {.url = str_from(url), .threads = 3, .committed = committed};
    struct writer *w = writer_start(c, &options);
    struct reactor_runner_options reacting = {
        .writer = w, .url = str_from(url), .reactors = reactors};
    atomic_store(&runner, reactor_runner_start(c, &reacting));
    if (ctx_failed(c)) {
        fail_out(c, "start");
    }
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, entries_write, w);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}

static int bad(const char *what, int64_t n) {
    if (n) {
        printf("ledger: %s: %lld\n", what, (long long)n);
    }
    return n != 0;
}

static int ids_verify(struct ctx *c) {
    char line[64];
    int64_t lost = 0, twice = 0, read = 0;
    while (fgets(line, sizeof line, stdin) && !ctx_failed(c)) {
        int64_t id = 0;
        if (strncmp(line, "twice", 5) == 0) {
            twice++;
        } else if (str_to_int(str_trim(str_from(line)), &id)) {
            lost += !DB_INT(c, "SELECT 1 FROM entry WHERE id = $1", id);
            read++;
        }
    }
    int wrong = bad("acknowledged and lost", lost) + bad("done twice", twice);
    printf("ledger: %lld acknowledged\n", (long long)read);
    return wrong;
}

static int books_verify(struct ctx *c) {
    int64_t entries = DB_INT(c, "SELECT COUNT(*) FROM entry");
    int64_t sums = DB_INT(
        c, "SELECT COUNT(*) FROM account WHERE balance <>"
           " COALESCE((SELECT CAST(SUM(amount) AS BIGINT) FROM entry WHERE to_id = account.id), 0)"
           " - COALESCE((SELECT CAST(SUM(amount) AS BIGINT) FROM entry"
           " WHERE from_id = account.id), 0)");
    return bad("total of balances", DB_INT(c, "SELECT CAST(SUM(balance) AS BIGINT) FROM account")) +
           bad("accounts that differ from their entries", sums) +
           bad("entries without event, or events without entry",
               entries - DB_INT(c, "SELECT COUNT(*) FROM event")) +
           bad("events without reaction",
               entries - DB_INT(c, "SELECT COUNT(DISTINCT entry_id) FROM reaction")) +
           bad("reactions too many",
               DB_INT(c, "SELECT COUNT(*) - COUNT(DISTINCT entry_id) FROM reaction"));
}

static int ledger_verify(struct ctx *c, const char *url) {
    c->db = db_open(c, str_from(url), DB_WRITER);
    db_begin(c);
    reactor_drain(c, reactors);
    db_commit(c);
    int wrong = ids_verify(c) + books_verify(c);
    if (!ctx_failed(c) && db_engine(c->db) == DB_SQLITE &&
        !str_is(DB_TEXT(c, "PRAGMA integrity_check"), "ok")) {
        wrong += bad("integrity check", 1);
    }
    if (ctx_failed(c)) {
        printf("ledger: %s %s\n", c->error.text, c->error.internal);
        wrong++;
    }
    db_close(c->db);
    return wrong != 0;
}

int main(int argc, char **argv) {
    struct arena arena;
    arena_init(&arena);
    struct ctx c = {.arena = &arena, .now_ms = clock_now_ms()};
    if (argc == 3 && strcmp(argv[1], "run") == 0) {
        return ledger_run(&c, argv[2]);
    }
    if (argc == 3 && strcmp(argv[1], "verify") == 0) {
        return ledger_verify(&c, argv[2]);
    }
    fprintf(stderr, "usage: ledger run|verify URL\n");
    return 2;
}
