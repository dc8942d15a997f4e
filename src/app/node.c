#include "app/node.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/log.h"
#include "base/message.h"
#include "db/migration.h"
#include "event/pacer.h"

enum { PROLONG_MS = NODE_SPAN_MS / 5, RETRY_MS = MS_SECOND, HOLDER_BYTES = 12 };

static const struct migration migrations[] = {
    {"app.node.1", "CREATE TABLE node_lease (node {id}, holder TEXT NOT NULL,"
                   " until_ms BIGINT NOT NULL)"},
    {0}};

/* What this process has. */
static struct {
    struct arena arena;
    struct str holder; /* a random text that is nobody else's; empty: nothing borrowed yet */
    int64_t node;
} mine;

/* A span of a number as written; it holds once that is committed. */
struct span {
    int64_t ms, node, from, until;
};

/* A number nobody has: one whose span is over, else the next. */
static void span_find(struct ctx *c, struct span *s) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT node, until_ms FROM node_lease WHERE until_ms <= $1 ORDER BY node LIMIT 1",
             c->now_ms);
    if (db_next(&rows)) {
        s->node = db_int(&rows, 0);
        s->from = db_int(&rows, 1);
        db_done(&rows);
        return;
    }
    s->node = DB_INT(c, "SELECT count(*) FROM node_lease");
    if (s->node >= ID_NODES) {
        FAIL(c, ERROR_LIMIT, "node.none");
    }
}

static void span_write(struct ctx *c, void *data) {
    struct span *s = data;
    *s = (struct span){.ms = s->ms, .node = mine.node, .until = c->now_ms + s->ms};
    if (DB_RUN(c, "UPDATE node_lease SET until_ms = $1 WHERE node = $2 AND holder = $3", s->until,
               mine.node, mine.holder)) {
        return;
    }
    migration_lock(c); /* one process at a time looks for a number */
    span_find(c, s);
    DB_RUN(c,
           "INSERT INTO node_lease (node, holder, until_ms) VALUES ($1, $2, $3) "
           "ON CONFLICT (node) DO UPDATE SET holder = excluded.holder, "
           "until_ms = excluded.until_ms",
           s->node, mine.holder, s->until);
}

static void span_use(const struct span *s) {
    mine.node = s->node;
    id_lend((unsigned)s->node, s->from, s->until);
}

void node_borrow(struct ctx *c, int64_t span_ms) {
    struct span s = {.ms = span_ms};
    if (!mine.holder.n) {
        mine.holder = random_token(&mine.arena, HOLDER_BYTES);
    }
    db_begin(c);
    span_write(c, &s);
    db_commit(c);
    if (!ctx_failed(c)) {
        span_use(&s);
    }
}

void node_return(struct ctx *c) {
    struct ctx own = *c;
    ctx_clear_error(&own);
    db_begin(&own);
    DB_RUN(&own, "UPDATE node_lease SET until_ms = $1 WHERE node = $2 AND holder = $3",
           id_newest() + 1, mine.node, mine.holder);
    db_commit(&own);
}

struct node_keeper {
    struct writer *writer;
    struct pacer pacer;
    pthread_t thread;
};

static bool span_prolong(struct node_keeper *k) {
    struct arena arena;
    arena_init(&arena);
    struct span s = {.ms = NODE_SPAN_MS};
    struct write_job job = {
        .run = span_write, .data = &s, .context = {.arena = &arena, .now_ms = clock_now_ms()}};
    writer_run(k->writer, &job);
    bool done = !ctx_failed(&job.context);
    if (done) {
        span_use(&s);
    } else {
        log_error(&job.context, "node.not_prolonged");
    }
    arena_free(&arena);
    return done;
}

static void *keeper_run(void *data) {
    struct node_keeper *k = data;
    int64_t pause = RETRY_MS;
    while (pacer_wait(&k->pacer, pause)) {
        pause = span_prolong(k) ? PROLONG_MS : RETRY_MS;
    }
    return NULL;
}

struct node_keeper *node_keeper_start(struct ctx *c, struct writer *w) {
    struct node_keeper *k = calloc(1, sizeof *k);
    if (!k) {
        ctx_fail_internal(c, "out of memory");
        return NULL;
    }
    k->writer = w;
    pacer_init(&k->pacer);
    if (pthread_create(&k->thread, NULL, keeper_run, k) != 0) {
        ctx_fail_internal(c, "no thread to keep the node number");
        pacer_free(&k->pacer);
        free(k);
        return NULL;
    }
    return k;
}

void node_keeper_stop(struct node_keeper *k) {
    pacer_stop(&k->pacer);
    pthread_join(k->thread, NULL);
    pacer_free(&k->pacer);
    free(k);
}

static const struct text texts[] = {{"node.none", "同时运行的进程太多（最多 1024 个）",
                                     "Too many processes at once (1024 at most)"},
                                    {0}};

const struct module node_module = {
    .name = "app.node", .cloud = "platform", .migrations = migrations, .texts = texts};
