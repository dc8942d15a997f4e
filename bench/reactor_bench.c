/*
 * How soon a reaction to an event is visible: reactor_bench URL RATE SECONDS
 *
 * An open loop submits RATE units of work a second, each inserting a row and emitting an event,
 * to the real writer. Two of three reactors want the event; each inserts a row. Measured from
 * the commit of the event to the commit of each reaction; and how many reactions are behind,
 * at the end of each second. The database is created at URL (an SQLite file or postgres://…).
 *
 * Fails unless, up to 300/s, 99 of 100 reactions are visible within 20 ms; above, when the lag
 * grows (lag.h), or more than 100 ms of reactions are behind when the last event is committed.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/module.h"
#include "db/migration.h"
#include "db/writer.h"
#include "event/reactor.h"
#include "lag.h"

enum { TAIL_MS = 100 };
enum { EVENTS_MOST = 1 << 20, NOTED_MOST = 1 << 14, PROMPT_RATE = 300, PROMPT_MS = 20 };

/* What the current transaction of a writer's thread did; told when it is committed. */
struct noted {
    int n;
    struct {
        int64_t number;
        bool reaction;
    } list[NOTED_MOST];
};
static _Thread_local struct noted noted;

static _Atomic int64_t committed_ns[EVENTS_MOST];
static int64_t latency_ns[2 * EVENTS_MOST];
static atomic_int n_latencies;
static atomic_int n_committed;
static _Atomic(struct reactor_runner *) runner;

static void note(int64_t number, bool reaction) {
    if (noted.n < NOTED_MOST) {
        noted.list[noted.n].number = number;
        noted.list[noted.n++].reaction = reaction;
    }
}

/* Where other threads write too, a reaction may be committed before the thread that committed its
 * event gets to say so: it took no time. */
static void on_commit(void *data, unsigned news) {
    (void)data;
    (void)news;
    int64_t now = clock_steady_ns();
    for (int i = 0; i < noted.n; i++) {
        int64_t number = noted.list[i].number;
        if (noted.list[i].reaction) {
            int64_t since = atomic_load(&committed_ns[number]);
            latency_ns[atomic_fetch_add(&n_latencies, 1)] = since ? now - since : 0;
        } else {
            atomic_store(&committed_ns[number], now);
            atomic_fetch_add(&n_committed, 1);
        }
    }
    noted.n = 0;
    struct reactor_runner *r = atomic_load(&runner);
    if (r) {
        reactor_runner_wake(r);
    }
}

static void react(struct ctx *c, const struct event *e) {
    DB_RUN(c, "INSERT INTO reaction (event_id, depth) VALUES ($1, $2)", e->id, e->depth);
    note(e->subject_id, true);
}

static const char *const created[] = {"lead.created", NULL};
static const char *const others[] = {"task.", "opportunity.", NULL};
static const struct reactor prompt = {
    .name = "bench.prompt", .lane = REACTOR_PROMPT, .types = created, .handle = react};
static const struct reactor steady = {
    .name = "bench.steady", .lane = REACTOR_STEADY, .types = created, .handle = react};
static const struct reactor idle = {
    .name = "bench.idle", .lane = REACTOR_BULK, .types = others, .handle = react};
static const struct reactor *const reactors[] = {&prompt, &steady, &idle, NULL};

struct unit {
    struct write_job job;
    struct arena arena;
    int64_t number;
};

static void unit_run(struct ctx *c, void *data) {
    const struct unit *u = data;
    DB_RUN(c, "INSERT INTO thing (number, name) VALUES ($1, $2)", u->number, "a lead of some sort");
    event_emit(c, &(struct event){.type = STR("lead.created"),
                                  .subject_type = STR("lead"),
                                  .subject_id = u->number,
                                  .person_id = u->number,
                                  .payload = STR("{\"changed\":[\"name\",\"phone\",\"source\"]}")});
    note(u->number, false);
}

static void unit_done(struct write_job *job) {
    struct unit *u = job->data;
    arena_free(&u->arena);
    free(u);
}

static void sleep_until(int64_t ns) {
    struct timespec t = {ns / 1000000000, ns % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void require(const struct ctx *c) {
    if (ctx_failed(c)) {
        fprintf(stderr, "%s: %s\n", c->error.text, c->error.internal);
        exit(1);
    }
}

/* Submit; the reactions that are behind at the end. */
static int64_t load(struct writer *w, int64_t rate, int64_t seconds) {
    int64_t begin = clock_steady_ns(), n = rate * seconds, behind = 0;
    for (int64_t i = 0; i < n; i++) {
        sleep_until(begin + i * 1000000000 / rate);
        struct unit *u = calloc(1, sizeof *u);
        u->number = i;
        u->job = (struct write_job){
            .run = unit_run,
            .data = u,
            .done = unit_done,
            .context = {.arena = &u->arena, .now_ms = clock_now_ms()},
        };
        if (!writer_submit(w, &u->job)) {
            fprintf(stderr, "the writer's queue is full after %lld\n", (long long)i);
            exit(1);
        }
        if (i % rate == rate - 1) {
            behind = 2 * atomic_load(&n_committed) - atomic_load(&n_latencies);
            printf("  behind after %2lld s: %lld\n", (long long)(i / rate + 1), (long long)behind);
        }
    }
    return behind;
}

static void report(int64_t n) {
    size_t found = (size_t)atomic_load(&n_latencies);
    if (found < 2 * (size_t)n) {
        fprintf(stderr, "only %zu reactions of %lld\n", found, (long long)(2 * n));
        exit(1);
    }
    printf("reactions %zu: p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, max %.2f ms; lag of the last "
           "third over the first %+.2f ms\n",
           found, lag_quantile(latency_ns, found, 0.5), lag_quantile(latency_ns, found, 0.99),
           lag_quantile(latency_ns, found, 0.999), lag_quantile(latency_ns, found, 1),
           lag_growth(latency_ns, found));
}

static struct writer *prepare(struct ctx *c, struct str url) {
    static const struct migration own[] = {
        {"bench", "CREATE TABLE thing (number BIGINT NOT NULL, name TEXT NOT NULL);\n"
                  "CREATE TABLE reaction (event_id BIGINT NOT NULL, depth BIGINT NOT NULL);\n"},
        {NULL, NULL},
    };
    const struct migration *const lists[] = {event_module.migrations, own};
    c->db = db_open(c, url, DB_WRITER);
    require(c);
    migration_apply(c, lists, 2);
    require(c);
    db_close(c->db);
    c->db = NULL;
    struct writer *w = writer_start(
        c, &(struct writer_options){.url = url, .threads = 2, .committed = on_commit});
    require(c);
    return w;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: reactor_bench URL RATE SECONDS\n");
        return 2;
    }
    int64_t rate, seconds;
    if (!str_to_int(str_from(argv[2]), &rate) || !str_to_int(str_from(argv[3]), &seconds) ||
        rate < 1 || rate * seconds > EVENTS_MOST) {
        fprintf(stderr, "at most %d events\n", EVENTS_MOST);
        return 2;
    }
    struct arena arena;
    arena_init(&arena);
    struct ctx c = {.arena = &arena, .now_ms = clock_now_ms()};
    struct str url = str_from(argv[1]);
    struct writer *w = prepare(&c, url);
    struct reactor_runner_options options = {.writer = w, .url = url, .reactors = reactors};
    atomic_store(&runner, reactor_runner_start(&c, &options));
    require(&c);
    int64_t n = rate * seconds, behind = load(w, rate, seconds);
    for (int i = 0; i < 1000 && atomic_load(&n_latencies) < 2 * n; i++) {
        sleep_until(clock_steady_ns() + 10000000);
    }
    reactor_runner_stop(atomic_exchange(&runner, NULL));
    struct writer_statistics s = writer_statistics(w);
    printf("commits %lld, jobs %lld\n", (long long)s.commits, (long long)s.jobs);
    writer_stop(w);
    report(n);
    size_t found = (size_t)atomic_load(&n_latencies);
    bool in_time = lag_quantile(latency_ns, found, 0.99) < PROMPT_MS;
    bool keeps_up = lag_growth(latency_ns, found) <= LAG_GROWTH_MS &&
                    behind * 1000 <= 2 * rate * TAIL_MS;
    bool met = rate <= PROMPT_RATE ? in_time : keeps_up;
    arena_free(&arena);
    return met ? 0 : 1;
}
