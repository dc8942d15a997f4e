/*
 * The thread that looks for due timers and gives each to the writer as a job of its own. A
 * timer is removed in the transaction that runs its handler, so whichever process and
 * however many of them try: it fires once.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/writer.h"
#include "event/pacer.h"
#include "event/timer_fire.h"

/* A timer that another process sets may come half a second late; one that a large job sets for its
 * next piece, a few ms ahead, is waited for. */
enum { POLL_MS = 500, LEAST_MS = 10, JOBS = 64 };

struct timer_job {
    struct timer_runner *runner;
    const struct timer_kind *kind; /* NULL: unknown here */
    int64_t id;
    struct arena arena;
    struct write_job job;
};

struct timer_runner {
    struct writer *writer;
    struct str url;
    const struct timer_kind *const *kinds;
    struct arena arena;
    struct ctx c;
    struct pacer pacer;
    pthread_t thread;
    struct timer_job jobs[JOBS];
    int64_t looked_at; /* the moment of the last look: what was due then and is still there failed,
                        * and waits for the next poll */
};

static void job_run(struct ctx *c, void *data) {
    const struct timer_job *j = data;
    if (j->kind) {
        timer_fire(c, j->kind, j->id);
    } else {
        timer_put_off(c, j->id);
    }
}

static void job_done(struct write_job *job) {
    struct timer_job *j = job->data;
    if (ctx_failed(&job->context)) {
        log_error(&job->context, "timer.job_failed");
    }
    arena_free(&j->arena);
    pacer_leave(&j->runner->pacer);
}

/* One round: all due timers, at most JOBS, at the same time; waits for their end, so that the
 * next look at the table does not see them again. True when there may be more. */
static bool timer_round(struct timer_runner *r) {
    arena_free(&r->arena);
    struct timer_due due[JOBS];
    r->looked_at = clock_now_ms();
    size_t n = timer_due(&r->c, r->looked_at, due, JOBS);
    for (size_t i = 0; i < n; i++) {
        struct timer_job *j = &r->jobs[i];
        *j = (struct timer_job){
            .runner = r, .kind = timer_kind_find(r->kinds, due[i].kind), .id = due[i].id};
        j->job = (struct write_job){
            .run = job_run,
            .data = j,
            .done = job_done,
            .context = {.arena = &j->arena, .now_ms = clock_now_ms(), .language = LANGUAGE_ZH},
            .priority = WRITE_REACTION,
        };
        pacer_enter(&r->pacer);
        if (!writer_submit(r->writer, &j->job)) {
            pacer_leave(&r->pacer);
            n = i;
        }
    }
    pacer_wait_idle(&r->pacer);
    return n == JOBS;
}

static int64_t pause_ms(struct timer_runner *r) {
    int64_t next = pacer_connected(&r->c, r->url) ? timer_next(&r->c, r->looked_at) : 0;
    int64_t left = next - clock_now_ms();
    return !next || ctx_failed(&r->c) || left > POLL_MS ? POLL_MS
           : left < LEAST_MS                            ? LEAST_MS
                                                        : left;
}

static void *runner_main(void *data) {
    struct timer_runner *r = data;
    while (pacer_wait(&r->pacer, pause_ms(r))) {
        while (pacer_connected(&r->c, r->url) && timer_round(r) && !pacer_stopping(&r->pacer)) {
        }
    }
    return NULL;
}

struct timer_runner *timer_runner_start(struct ctx *c, struct writer *w, struct str url,
                                        const struct timer_kind *const *kinds) {
    struct timer_runner *r = calloc(1, sizeof *r);
    if (!r) {
        abort();
    }
    r->writer = w;
    r->url = url;
    r->kinds = kinds;
    r->c = (struct ctx){.arena = &r->arena};
    r->c.db = db_open(c, url, DB_WATCHER);
    pacer_init(&r->pacer);
    if (!ctx_failed(c) && pthread_create(&r->thread, NULL, runner_main, r) != 0) {
        ctx_fail_internal(c, "no thread for timers");
    }
    if (ctx_failed(c)) {
        if (r->c.db) {
            db_close(r->c.db);
        }
        pacer_free(&r->pacer);
        free(r);
        return NULL;
    }
    return r;
}

void timer_runner_wake(struct timer_runner *r) {
    pacer_wake(&r->pacer);
}

void timer_runner_stop(struct timer_runner *r) {
    pacer_stop(&r->pacer);
    pthread_join(r->thread, NULL);
    if (r->c.db) {
        db_close(r->c.db);
    }
    arena_free(&r->arena);
    pacer_free(&r->pacer);
    free(r);
}
