/*
 * How soon what somebody does is in his score, segments and tags:
 * scoring_bench URL PEOPLE RATE SECONDS
 *
 * A company with people who were identified, each with an open lead, PAST pages behind him, a card
 * of ten rules, a segment of those who viewed a page often within 30 days, and a tag by rule from a
 * score on. An open loop has them view pages, RATE a second, through the real writer; the reactors
 * of scoring and membership run as in the program. Measured from the commit of the page to the
 * commit of its hit and score, of its count with the segments that ask for it, and, where the score
 * moved, of the tags that ask for the score. Fails unless 99 of 100 are there within 20 ms, every
 * page left its hit and its count, and some moved the score.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app/modules.h"
#include "app/program.h"
#include "base/clock.h"
#include "customer/lead.h"
#include "customer/visitor.h"
#include "db/writer.h"
#include "entity/access.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "lag.h"

enum { EVENTS_MOST = 1 << 16, NOTED_MOST = 1 << 12, PEOPLE_MOST = 20000, PAST = 40, BAR_MS = 20 };

enum stage { COMMITTED, SCORED, COUNTED, TAGGED, STAGES };

struct noted {
    int n;
    struct {
        int64_t number;
        enum stage stage;
    } list[NOTED_MOST];
};
static _Thread_local struct noted noted;
static _Atomic int64_t committed_ns[EVENTS_MOST];
static int64_t latency_ns[STAGES][4 * EVENTS_MOST];
static atomic_int n_latencies[STAGES];
static int64_t first_id; /* of the pages' events */
static _Atomic(struct reactor_runner *) runner;
static int64_t visitors[PEOPLE_MOST];
static const struct model *model;

static const char rules[] =
    "[{\"key\":\"a\",\"name\":\"a\",\"points\":20,\"when\":{\"field\":\"industry\",\"op\":\"eq\","
    "\"value\":\"机械\"}},"
    "{\"key\":\"b\",\"name\":\"b\",\"points\":10,\"when\":{\"field\":\"email\",\"op\":"
    "\"not_empty\"}},"
    "{\"key\":\"c\",\"name\":\"c\",\"points\":5,\"when\":{\"field\":\"person_id.region\",\"op\":"
    "\"is_empty\"}},"
    "{\"key\":\"d\",\"name\":\"d\",\"points\":2,\"event\":\"page.viewed\",\"where\":[{\"key\":"
    "\"path\",\"op\":\"starts_with\",\"value\":\"/\"}],\"cap\":60,\"half_life_days\":30},"
    "{\"key\":\"e\",\"name\":\"e\",\"points\":15,\"event\":\"page.viewed\",\"where\":[{\"key\":"
    "\"path\",\"op\":\"is\",\"value\":\"/paper\"}],\"cap\":30},"
    "{\"key\":\"f\",\"name\":\"f\",\"points\":5,\"event\":\"page.viewed\",\"where\":[{\"key\":"
    "\"utm.utm_medium\",\"op\":\"is\",\"value\":\"cpc\"}],\"per_day\":5},"
    "{\"key\":\"g\",\"name\":\"g\",\"points\":9,\"event\":\"lead.touched\"},"
    "{\"key\":\"h\",\"name\":\"h\",\"points\":1,\"event\":\"page.left\"},"
    "{\"key\":\"i\",\"name\":\"i\",\"points\":3,\"event\":\"link.clicked\"},"
    "{\"key\":\"j\",\"name\":\"j\",\"points\":4,\"event\":\"form.started\"}]";

static void require(const struct ctx *c) {
    if (ctx_failed(c)) {
        fprintf(stderr, "%s: %s\n", c->error.text, c->error.internal);
        exit(1);
    }
}

static void view(struct ctx *c, int64_t visitor, int64_t number, int64_t at) {
    event_emit(c, &(struct event){.id = first_id ? first_id + number : 0,
                                  .stream = STREAM_BEHAVIOUR,
                                  .type = STR("page.viewed"),
                                  .occurred_at = at,
                                  .person_id = visitor,
                                  .subject_id = number,
                                  .payload = number % 5 ? STR("{\"path\":\"/cases\"}")
                                                        : STR("{\"path\":\"/paper\"}")});
}

static void make_person(struct ctx *c, int64_t i) {
    struct sighting who = {.key = str_format(c->arena, "benchofscoring%08lld", (long long)i),
                           .device = STR("phone")};
    struct lead_intake in = {.name = STR("林小满"),
                             .phone = str_format(c->arena, "139%08lld", (long long)i),
                             .industry = i % 3 ? STR("机械") : STR("零售"),
                             .source = STR("website"),
                             .payload = STR("{}")};
    visitors[i] = visitor_seen(c, &who);
    struct intake_result r = lead_take_in(c, &in);
    visitor_join(c, visitors[i], r.person_id, "form");
    for (int k = 1; k <= PAST; k++) {
        view(c, visitors[i], 1, c->now_ms - k * (int64_t)MS_HOUR);
    }
}

static void make_definition(struct ctx *c, const char *entity, const char *condition) {
    struct change_set set = change_new(c, entity_named(c, entity));
    change_text(&set, "name", STR("bench"));
    change_text(&set, "entity_name", STR("lead"));
    change_text(&set, "condition", str_from(condition));
    if (str_is(str_from(entity), "tag")) {
        change_int(&set, "rule_on", 1);
    }
    record_insert(c, &set);
    require(c);
}

static void make_company(struct ctx *c, int64_t people) {
    program_migrate(c, modules_register());
    require(c);
    db_begin(c);
    reactor_register(c, modules_register()->reactors);
    db_commit(c);
    for (int64_t i = 0; i < people;) {
        struct arena_mark mark = arena_mark(c->arena);
        db_begin(c);
        for (int k = 0; k < 50 && i < people; k++) {
            make_person(c, i++);
        }
        db_commit(c);
        require(c);
        arena_reset(c->arena, mark);
    }
    db_begin(c);
    struct change_set set = change_new(c, entity_named(c, "score_card"));
    change_text(&set, "name", STR("bench"));
    change_text(&set, "rules", str_from(rules));
    change_int(&set, "enabled", 1);
    record_insert(c, &set);
    make_definition(c, "segment",
                    "{\"event\":\"page.viewed\",\"count\":{\"gte\":41},\"within\":\"30d\"}");
    make_definition(c, "tag", "{\"field\":\"score\",\"op\":\"gte\",\"value\":90}");
    reactor_drain(c, modules_register()->reactors);
    for (int i = 0; i < people; i++) { /* pieces of the rescoring, each a little later */
        c->now_ms += MS_MINUTE;
        timer_fire_due(c, modules_register()->timers);
        if (!DB_INT(c, "SELECT 1 FROM timer WHERE kind IN ('scoring.rescore', 'scoring.pending', "
                       "'membership.fill')")) {
            break;
        }
    }
    reactor_drain(c, modules_register()->reactors);
    db_commit(c);
    require(c);
}

static void note(int64_t number, enum stage stage) {
    if (noted.n < NOTED_MOST && number >= 0 && number < EVENTS_MOST) {
        noted.list[noted.n].number = number;
        noted.list[noted.n++].stage = stage;
    }
}

static void on_commit(void *data, unsigned news) {
    (void)data;
    (void)news;
    int64_t now = clock_steady_ns();
    for (int i = 0; i < noted.n; i++) {
        int64_t number = noted.list[i].number;
        enum stage stage = noted.list[i].stage;
        if (stage != COMMITTED) {
            latency_ns[stage][atomic_fetch_add(&n_latencies[stage], 1)] =
                now - atomic_load(&committed_ns[number]);
        } else {
            atomic_store(&committed_ns[number], now);
        }
    }
    noted.n = 0;
    struct reactor_runner *r = atomic_load(&runner);
    if (r) {
        reactor_runner_wake(r);
    }
}

/* As the program does: under the versions there are now, so that what is kept is used. */
static void look(struct ctx *c) {
    c->model = model_current(c);
}

static void before_job(struct ctx *c, void *data) {
    (void)data;
    look(c);
    c->actor = c->actor ? c->actor : &actor_system;
}

static const struct reactor *scoring, *scores, *counting, *membership;

static void score(struct ctx *c, const struct event *e) {
    scoring->handle(c, e);
    note(e->subject_id, SCORED);
}

static void count(struct ctx *c, const struct event *e) {
    counting->handle(c, e);
    note(e->subject_id, COUNTED);
}

static void count_together(struct ctx *c, const struct event *events, size_t n) {
    counting->handle_history(c, events, n);
    for (size_t i = 0; i < n; i++) {
        note(events[i].subject_id, COUNTED);
    }
}

static void note_tag(const struct event *e) {
    if (str_is(e->type, "lead.updated")) {
        note(e->cause_id - first_id, TAGGED);
    }
}

static void ask(struct ctx *c, const struct event *e) {
    membership->handle(c, e);
    note_tag(e);
}

static void ask_together(struct ctx *c, const struct event *events, size_t n) {
    membership->handle_history(c, events, n);
    for (size_t i = 0; i < n; i++) {
        note_tag(&events[i]);
    }
}

struct unit {
    struct write_job job;
    struct arena arena;
    int64_t number, visitor;
};

static void unit_run(struct ctx *c, void *data) {
    const struct unit *u = data;
    view(c, u->visitor, u->number, c->now_ms);
    note(u->number, COMMITTED);
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

static void load(struct writer *w, int64_t people, int64_t rate, int64_t n) {
    int64_t begin = clock_steady_ns();
    for (int64_t i = 0; i < n; i++) {
        sleep_until(begin + i * 1000000000 / rate);
        struct unit *u = calloc(1, sizeof *u);
        u->number = i;
        u->visitor = visitors[(i * 7919) % people];
        u->job = (struct write_job){.run = unit_run,
                                    .data = u,
                                    .done = unit_done,
                                    .context = {.arena = &u->arena, .now_ms = clock_now_ms()}};
        if (!writer_submit(w, &u->job)) {
            fprintf(stderr, "the writer's queue is full after %lld\n", (long long)i);
            exit(1);
        }
    }
}

/* least: how many must be there. */
static int report(const char *what, enum stage stage, int64_t least) {
    const int64_t *ns = latency_ns[stage];
    size_t found = (size_t)atomic_load(&n_latencies[stage]);
    double p99 = lag_quantile(ns, found, 0.99);
    printf("%s %zu: p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, max %.2f ms\n", what, found,
           lag_quantile(ns, found, 0.5), p99, lag_quantile(ns, found, 0.999),
           lag_quantile(ns, found, 1));
    return found >= (size_t)least && p99 < BAR_MS ? 0 : 1;
}

static const struct reactor *reactor_named(const char *name) {
    const struct reactor *const *r = modules_register()->reactors;
    while (*r && !str_is(str_from((*r)->name), name)) {
        r++;
    }
    return *r;
}

int main(int argc, char **argv) {
    int64_t people, rate, seconds;
    if (argc != 5 || !str_to_int(str_from(argv[2]), &people) ||
        !str_to_int(str_from(argv[3]), &rate) || !str_to_int(str_from(argv[4]), &seconds) ||
        people < 1 || people > PEOPLE_MOST || rate < 1 || rate * seconds > EVENTS_MOST) {
        fprintf(stderr, "usage: scoring_bench URL PEOPLE RATE SECONDS\n");
        return 2;
    }
    struct arena arena;
    arena_init(&arena);
    struct str url = str_from(argv[1]);
    struct ctx c = {.arena = &arena, .now_ms = clock_now_ms(), .actor = &actor_system};
    c.db = db_open(&c, url, DB_WRITER);
    require(&c);
    modules_register();
    c.model = model = model_standard();
    c.origin = ORIGIN_IMPORT; /* what was before is history: it is brought in at once */
    make_company(&c, people);
    c.origin = ORIGIN_LIVE;
    first_id = INT64_C(1) << 40;
    db_close(c.db);
    c.db = NULL;
    scoring = reactor_named("marketing.scoring_behaviour");
    scores = reactor_named("marketing.scoring");
    counting = reactor_named("customer.membership_behaviour");
    membership = reactor_named("customer.membership");
    struct reactor watched[] = {*scoring, *counting, *membership};
    watched[0].handle = score;
    watched[1].handle = count;
    watched[1].handle_history = count_together;
    watched[2].handle = ask;
    watched[2].handle_history = ask_together;
    const struct reactor *const reactors[] = {&watched[0], scores, &watched[1], &watched[2], NULL};
    struct writer *w = writer_start(
        &c, &(struct writer_options){
                .url = url, .threads = 2, .prepare = before_job, .committed = on_commit});
    require(&c);
    struct reactor_runner_options options = {
        .writer = w, .url = url, .reactors = reactors, .prepare = look};
    atomic_store(&runner, reactor_runner_start(&c, &options));
    require(&c);
    load(w, people, rate, rate * seconds);
    for (int i = 0; i < 500 && (atomic_load(&n_latencies[SCORED]) < rate * seconds ||
                                atomic_load(&n_latencies[COUNTED]) < rate * seconds);
         i++) {
        sleep_until(clock_steady_ns() + 10000000);
    }
    sleep_until(clock_steady_ns() + 200000000); /* the last tags */
    reactor_runner_stop(atomic_exchange(&runner, NULL));
    writer_stop(w);
    arena_free(&arena);
    int missed = report("scores", SCORED, rate * seconds);
    missed |= report("segments", COUNTED, rate * seconds);
    return missed | report("tags", TAGGED, 1);
}
