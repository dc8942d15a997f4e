#include "data/import_runner.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "data/import_supply.h"
#include "data/import_told.h"
#include "db/unit.h"
#include "db/writer.h"
#include "entity/access.h"
#include "event/pacer.h"

/* A chunk has the rows that are written within its time: each commit writes the pages its rows
 * touched here and there in the indexes, nearly all of them already after a thousand rows, so that
 * few large ones cost much less than many small ones. In a server one ends when somebody waits and
 * the WAITED_SHAREth part of it is done; what he then waits for is its commit. */
enum { POLL_MS = 2000, CHUNK_FIRST = 100, CHUNK_MOST = 25600, WRITER_BUDGET_MS = 2000 };
enum { WAITED_SHARE = 8, READ_AHEAD = 4 };

/* One chunk as the writer may run it several times: what it changes is a copy. */
struct chunk {
    const struct import_job *before;
    struct import_job after;
    const struct import_plan *plan;
    struct import_rows rows;
    bool careful; /* see struct import_plan */
    size_t done;  /* rows written */
};

static void chunk_run(struct ctx *c, void *data) {
    struct chunk *k = data;
    struct import_plan *plan = ARENA_NEW(c->arena, struct import_plan);
    *plan = *k->plan;
    plan->cache = import_cache_new(db_batch_arena(c->db)); /* undone with the chunk */
    plan->careful = k->careful;
    db_loading(c->db, true);
    k->after = *k->before;
    k->done = import_job_chunk(c, &k->after, plan, &k->rows);
    k->careful = plan->careful;
    if (k->rows.last && k->done == k->rows.n) {
        db_loading(c->db, false);
    }
}

struct failing {
    int64_t id;
    const char *text;
};

static void fail_run(struct ctx *c, void *data) {
    const struct failing *f = data;
    db_loading(c->db, false);
    import_job_fail(c, f->id, f->text);
}

/* The rows that would have taken the budget, at most twice as many as before. */
static size_t next_limit(size_t limit, size_t done, int64_t took_ns, int64_t budget_ms) {
    int64_t fit = (int64_t)done * budget_ms * INT64_C(1000000) / (took_ns > 0 ? took_ns : 1);
    int64_t most = 2 * (int64_t)limit < CHUNK_MOST ? 2 * (int64_t)limit : CHUNK_MOST;
    fit = fit < most ? fit : most;
    return fit > CHUNK_FIRST ? (size_t)fit : CHUNK_FIRST;
}

/* A job on its way. */
struct running {
    struct import_job *job;
    struct import_plan *plan;
    const struct import_commit *commit;
    size_t limit; /* rows of the next chunk */
};

/* The next chunk of the rows; what little would be left goes with it. */
static struct import_rows chunk_of(const struct running *r, struct import_rows rows) {
    struct import_rows chunk = rows;
    chunk.least = r->limit / WAITED_SHARE;
    if (rows.n > r->limit + chunk.least) {
        chunk.n = r->limit;
        chunk.last = false;
    }
    return chunk;
}

/* Write what was read, in as many chunks as their time and those who wait make of it. */
static bool rows_write(struct ctx *c, struct running *r, struct import_rows rows) {
    const struct import_commit *commit = r->commit;
    do {
        struct chunk k = {.before = r->job,
                          .plan = r->plan,
                          .rows = chunk_of(r, rows),
                          .careful = r->plan->careful};
        int64_t began = clock_steady_ns();
        if (ctx_failed(c) || !commit->run(commit->how, c, chunk_run, &k)) {
            return false;
        }
        r->limit = next_limit(r->limit, k.done, clock_steady_ns() - began, commit->budget_ms);
        r->plan->careful = k.careful;
        *r->job = k.after;
        rows.rows += k.done;
        rows.n -= k.done;
    } while (rows.n);
    return true;
}

static bool chunks_write(struct ctx *c, struct import_job *job, struct table_reader *t,
                         const struct import_commit *commit) {
    struct running r = {job, import_job_plan(c, job), commit, CHUNK_FIRST};
    struct import_told told;
    import_told_init(&told);
    if (r.plan) {
        r.plan->told = &told;
    }
    struct import_supply *supply = import_supply_start(c, t, job->done_line, CHUNK_FIRST);
    bool last = false, written = true;
    while (!last && written && !ctx_failed(c)) {
        size_t ahead = READ_AHEAD * r.limit < CHUNK_MOST ? READ_AHEAD * r.limit : CHUNK_MOST;
        struct import_rows rows = import_supply_next(c, supply, ahead);
        struct arena_mark mark = arena_mark(c->arena);
        last = rows.last;
        written = rows_write(c, &r, rows);
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
    if (supply) {
        import_supply_stop(supply);
    }
    import_told_free(&told);
    return written && !ctx_failed(c);
}

/* What ended our work is not the job's fault: somebody else does it, or we later. */
static bool goes_on(const struct ctx *c) {
    return c->error.code == ERROR_RETRY ||
           (c->error.code == ERROR_CONFLICT && strcmp(c->error.text, IMPORT_MOVED) == 0);
}

bool import_run(struct ctx *c, struct import_job *job, struct import_commit commit) {
    struct table_reader *t = import_job_open(c, job);
    bool done = t && chunks_write(c, job, t, &commit);
    if (t) {
        table_close(t);
    }
    if (!done && !goes_on(c)) {
        struct failing f = {job->id, c->error.text ? c->error.text : "error.internal"};
        log_error(c, "import.failed");
        ctx_clear_error(c);
        commit.run(commit.how, c, fail_run, &f);
    }
    return done;
}

struct import_runner {
    struct writer *writer;
    struct str url;
    struct pacer pacer;
    pthread_t thread;
};

/* Through the writer, behind everybody who is waiting for an answer. */
static bool commit_by_writer(void *how, struct ctx *c, void (*run)(struct ctx *c, void *data),
                             void *data) {
    struct import_runner *r = how;
    if (pacer_stopping(&r->pacer)) {
        FAIL(c, ERROR_RETRY, "server.busy"); /* the next start, or another process, goes on */
        return false;
    }
    struct arena arena;
    arena_init(&arena);
    struct write_job job = {
        .run = run,
        .data = data,
        .priority = WRITE_BULK,
        .context = {.arena = &arena, .now_ms = clock_now_ms(), .actor = &actor_system}};
    writer_run(r->writer, &job);
    bool done = !ctx_failed(&job.context);
    if (!done) {
        ctx_fail(c, job.context.error.code, job.context.error.text, NULL, 0);
        log_error(&job.context, "import.chunk_failed");
    }
    arena_free(&arena);
    return done;
}

static void undo_run(struct ctx *c, void *data) {
    import_job_undo(c, data, IMPORT_UNDO_MOST);
}

static bool round_run(struct import_runner *r, struct ctx *c) {
    if (!pacer_connected(c, r->url)) {
        return false;
    }
    c->now_ms = clock_now_ms();
    c->model = model_current(c);
    struct import_job *job = import_job_running(c);
    if (!job) {
        return false;
    }
    int64_t id = job->id;
    struct import_commit commit = {commit_by_writer, r, WRITER_BUDGET_MS};
    writer_loading(r->writer, true);
    bool done = str_is(job->state, "undoing") ? commit_by_writer(r, c, undo_run, job)
                                              : import_run(c, job, commit);
    writer_loading(r->writer, false);
    if (ctx_failed(c)) {
        log_error(c, "import.left");
        ctx_clear_error(c);
    }
    import_job_release(c, id);
    return done;
}

static void *runner_main(void *data) {
    struct import_runner *r = data;
    struct arena arena;
    arena_init(&arena);
    struct ctx c = {.arena = &arena, .actor = &actor_system};
    while (pacer_wait(&r->pacer, POLL_MS)) {
        while (!pacer_stopping(&r->pacer) && round_run(r, &c)) {
            arena_free(&arena);
        }
        arena_free(&arena);
    }
    if (c.db) {
        db_close(c.db);
    }
    return NULL;
}

struct import_runner *import_runner_start(struct ctx *c, struct writer *w, struct str url) {
    struct import_runner *r = calloc(1, sizeof *r);
    if (!r) {
        ctx_fail_internal(c, "out of memory");
        return NULL;
    }
    r->writer = w;
    r->url = url;
    pacer_init(&r->pacer);
    if (pthread_create(&r->thread, NULL, runner_main, r) != 0) {
        ctx_fail_internal(c, "no thread for imports");
        free(r);
        return NULL;
    }
    return r;
}

void import_runner_wake(struct import_runner *r) {
    pacer_wake(&r->pacer);
}

void import_runner_stop(struct import_runner *r) {
    pacer_stop(&r->pacer);
    pthread_join(r->thread, NULL);
    pacer_free(&r->pacer);
    free(r);
}
