#include "overload.h"

#include <poll.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/gate.h"
#include "base/clock.h"
#include "http/call.h"
#include "http/request.h"

enum { HELD = 224, KEPT = 8, JOBS = 12000, PATIENCE_MS = 30000 };

struct overload {
    int held[HELD], n_held; /* sockets whose requests wait */
    int kept[KEPT], n_kept; /* idle connections of a server that stops */
    struct write_job *jobs;
    struct arena *arenas; /* of the jobs */
    int n_jobs;
    pthread_t stopping;
    bool stops;
};

/* Jobs of the writer that came to their end. */
static sem_t done;

static void hold_handle(struct request *r) {
    gate_pass();
    reply_text(r, 200, "text/plain", STR("held"));
}

static const struct route hold_routes[] = {{METHOD_GET, "/test/hold", PERMISSION_PUBLIC, LANE_SLOW,
                                            hold_handle, .flags = ROUTE_HIDDEN | ROUTE_NO_DATABASE},
                                           {0}};

const struct route *const *overload_routes(struct arena *a, const struct route *const *lists) {
    size_t n = 0;
    while (lists[n]) {
        n++;
    }
    const struct route **all = ARENA_NEW_ARRAY(a, n + 2, const struct route *);
    memcpy((void *)all, (const void *)lists, n * sizeof *all);
    all[n] = hold_routes;
    return all;
}

static struct overload *begin(struct run *run) {
    if (!run->overload) {
        run->overload = ARENA_NEW(&run->arena, struct overload);
        sem_init(&done, 0, 0);
        gate_put(true);
    }
    return run->overload;
}

/* One more request that waits. */
static bool hold(struct run *run) {
    struct overload *o = run->overload;
    static const struct step hold_step = {.method = METHOD_GET, .target = STR("/test/hold")};
    int fd = wire_connect(server_port(run->server));
    if (fd < 0) {
        return false;
    }
    wire_send(&run->arena, fd, &hold_step, NULL, 0);
    o->held[o->n_held++] = fd;
    return true;
}

/* More requests than have room: when the first is sent away, all places are taken. */
static bool fill_slow(struct run *run) {
    struct overload *o = run->overload;
    struct pollfd polled[HELD];
    while (o->n_held < HELD) {
        if (!hold(run)) {
            return false;
        }
        polled[o->n_held - 1] = (struct pollfd){.fd = o->held[o->n_held - 1], .events = POLLIN};
    }
    return poll(polled, HELD, PATIENCE_MS) > 0;
}

static void job_run(struct ctx *c, void *data) {
    (void)c, (void)data;
    gate_pass();
}

static void job_done(struct write_job *job) {
    (void)job;
    sem_post(&done);
}

static bool submit(struct run *run) {
    struct overload *o = run->overload;
    struct write_job *job = &o->jobs[o->n_jobs];
    *job = (struct write_job){
        .run = job_run,
        .done = job_done,
        .context = {.arena = &o->arenas[o->n_jobs], .now_ms = clock_now_ms()}};
    arena_init(job->context.arena);
    bool entered = o->n_jobs < JOBS && writer_submit(run->writer, job);
    o->n_jobs += entered;
    return entered;
}

/* First each of its threads is held, then the queue behind them is filled. */
static bool fill_writer(struct run *run) {
    struct overload *o = run->overload;
    bool one = !str_starts(run->options.url, STR("postgres"));
    o->jobs = calloc(JOBS + 1, sizeof *o->jobs);
    o->arenas = calloc(JOBS + 1, sizeof *o->arenas);
    if (!o->jobs || !o->arenas) {
        return false;
    }
    for (int threads = 1; threads <= (one ? 1 : RUN_WRITERS); threads++) {
        if (!submit(run)) {
            return false;
        }
        gate_await(threads);
    }
    while (submit(run)) {
    }
    return o->n_jobs < JOBS;
}

bool overload_fill(struct run *run, struct str lane) {
    begin(run);
    return str_is(lane, "slow") ? fill_slow(run) : str_is(lane, "writer") && fill_writer(run);
}

static void *stop_server(void *data) {
    server_stop(data);
    return NULL;
}

/* A connection that has been answered once belongs to the server, whatever it stops taking. */
static bool keep(struct run *run) {
    struct overload *o = run->overload;
    static const char up[] = "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n";
    char answer[1024];
    size_t n = 0;
    ssize_t got;
    int fd = wire_connect(server_port(run->server));
    if (fd < 0) {
        return false;
    }
    o->kept[o->n_kept++] = fd;
    bool sent = write(fd, up, sizeof up - 1) == (ssize_t)sizeof up - 1;
    while (sent && n < sizeof answer && (got = read(fd, answer + n, sizeof answer - n)) > 0) {
        n += (size_t)got;
        if (str_ends((struct str){answer, n}, STR("}"))) {
            return true;
        }
    }
    return false;
}

bool overload_stop(struct run *run) {
    struct overload *o = begin(run);
    while (o->n_kept < KEPT) {
        if (!keep(run)) {
            return false;
        }
    }
    if (!hold(run)) {
        return false;
    }
    gate_await(1);
    o->stops = pthread_create(&o->stopping, NULL, stop_server, run->server) == 0;
    while (o->stops && !atomic_load(&run->server->stopping)) {
        usleep(1000);
    }
    return o->stops;
}

int overload_connection(struct run *run) {
    struct overload *o = run->overload;
    return o->n_kept ? o->kept[--o->n_kept] : -1;
}

void overload_end(struct run *run) {
    struct overload *o = run->overload;
    if (!o) {
        return;
    }
    gate_put(false);
    for (int i = 0; i < o->n_jobs; i++) {
        sem_wait(&done);
    }
    for (int i = 0; i < o->n_held; i++) {
        wire_receive(&run->arena, o->held[i]);
    }
    while (o->n_kept) {
        close(o->kept[--o->n_kept]);
    }
    for (int i = 0; o->arenas && i <= o->n_jobs; i++) {
        arena_free(&o->arenas[i]);
    }
    free(o->jobs);
    free(o->arenas);
    if (o->stops) {
        pthread_join(o->stopping, NULL);
        run->server = NULL;
    }
    run->overload = NULL;
}
