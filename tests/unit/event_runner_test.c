/* The threads of src/event, on a running writer. */
#include "event_fixture.h"

#include <stdatomic.h>

#include "db/writer.h"
#include "event/outbox.h"
#include "event/reactor.h"
#include "event/timer.h"

enum { PATIENCE_MS = 10000 };

struct running {
    struct ctx *c;
    struct writer *writer;
    _Atomic(struct reactor_runner *) runner;
};

static void on_commit(void *data, unsigned news) {
    struct running *r = data;
    (void)news;
    struct reactor_runner *runner = atomic_load(&r->runner);
    if (runner) {
        reactor_runner_wake(runner);
    }
}

static void running_start(struct running *r, void **state) {
    r->c = event_fixture(state);
    atomic_init(&r->runner, NULL);
    r->writer = writer_start(
        r->c, &(struct writer_options){
                  .url = database_of(state)->url, .threads = 2, .committed = on_commit, .data = r});
    assert_ok(r->c);
}

static void runner_start(struct running *r, void **state, const struct reactor *const *reactors) {
    struct reactor_runner_options options = {
        .writer = r->writer, .url = database_of(state)->url, .reactors = reactors};
    struct reactor_runner *runner = reactor_runner_start(r->c, &options);
    assert_ok(r->c);
    atomic_store(&r->runner, runner);
}

static void runner_stop(struct running *r) {
    struct reactor_runner *runner = atomic_exchange(&r->runner, NULL);
    reactor_runner_stop(runner);
}

static void change(struct running *r, void (*run)(struct ctx *c, void *data), void *data) {
    struct arena a;
    arena_init(&a);
    struct write_job job = {
        .run = run, .data = data, .context = {.arena = &a, .now_ms = clock_now_ms()}};
    writer_run(r->writer, &job);
    assert_ok(&job.context);
    arena_free(&a);
}

/* Whether the statement's value becomes the wanted one soon. */
static bool becomes(struct ctx *c, const char *sql, int64_t wanted) {
    for (int i = 0; i < PATIENCE_MS / 5; i++) {
        if (db_int_values(c, sql, NULL, 0) == wanted) {
            return true;
        }
        assert_ok(c);
        usleep(5000);
    }
    return false;
}

static void emit_lead(struct ctx *c, void *data) {
    event_emit(c, &(struct event){.type = STR("lead.created"),
                                  .subject_type = STR("lead"),
                                  .subject_id = *(int64_t *)data});
}

static void emit_many(struct ctx *c, void *data) {
    for (int64_t i = 0; i < *(int64_t *)data; i++) {
        event_emit(c, &(struct event){.type = i % 10 ? STR("page.viewed") : STR("lead.created"),
                                      .subject_type = STR("lead"),
                                      .subject_id = i});
    }
}

static void emit_page(struct ctx *c, void *data) {
    (void)data;
    event_emit(c, &(struct event){.type = STR("page.viewed")});
}

static void tally_add(struct ctx *c, const char *name) {
    DB_RUN(c,
           "INSERT INTO tally (name, n) VALUES ($1, 1) "
           "ON CONFLICT (name) DO UPDATE SET n = tally.n + 1",
           name);
}

static void lead_count(struct ctx *c, const struct event *e) {
    (void)e;
    tally_add(c, "leads");
}

/* Answers each lead with an event of its own. */
static void lead_answer(struct ctx *c, const struct event *e) {
    tally_add(c, "answers");
    event_emit(c, &(struct event){.type = STR("task.created"), .subject_id = e->id});
}

static void every_count(struct ctx *c, const struct event *e) {
    (void)e;
    tally_add(c, "all");
}

static const char *const every_type[] = {NULL};
static const char *const lead_types[] = {"lead.", NULL};
static const struct reactor counting = {
    .name = "test.counting", .lane = REACTOR_STEADY, .types = lead_types, .handle = lead_count};
static const struct reactor answering = {
    .name = "test.answering", .types = lead_types, .handle = lead_answer};
static const struct reactor watching = {
    .name = "test.watching", .lane = REACTOR_BULK, .types = every_type, .handle = every_count};
static const struct reactor *const reactors[] = {&counting, &answering, &watching, NULL};

static void new_events_reach_every_reactor(void **state) {
    struct running r;
    running_start(&r, state);
    int64_t many = 700;
    change(&r, emit_many, &many); /* a backlog from before the start */
    runner_start(&r, state, reactors);
    for (int64_t i = 0; i < 300; i++) {
        change(&r, emit_lead, &i);
    }
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'leads'", 370));
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'answers'", 370));
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'all'", 700 + 300 + 370));
    runner_stop(&r);
    /* Skipped or handled, the cursors are at the head. */
    assert_int_equal(DB_INT(r.c, "SELECT min(seq) FROM reactor_cursor"),
                     event_head(r.c, STREAM_BUSINESS));
    /* A second runner finds nothing to do again. */
    runner_start(&r, state, reactors);
    int64_t one = 1;
    change(&r, emit_lead, &one);
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'all'", 700 + 300 + 370 + 2));
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'leads'", 371));
    runner_stop(&r);
    assert_int_equal(DB_INT(r.c, "SELECT n FROM tally WHERE name = 'leads'"), 371);
    assert_int_equal(DB_INT(r.c, "SELECT n FROM tally WHERE name = 'answers'"), 371);
    writer_stop(r.writer);
}

/* The writer's commits, once there were none for a while. */
static int64_t commits_at_rest(struct running *r) {
    int64_t before = -1, now = writer_statistics(r->writer).commits;
    while (now != before) {
        before = now;
        usleep(150000);
        now = writer_statistics(r->writer).commits;
    }
    return now;
}

static void unwanted_events_cause_no_commit(void **state) {
    struct running r;
    running_start(&r, state);
    static const struct reactor *const some[] = {&counting, NULL};
    runner_start(&r, state, some);
    for (int64_t i = 0; i < 20; i++) {
        int64_t one = 1;
        change(&r, emit_lead, &one);
    }
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'leads'", 20));
    int64_t commits = commits_at_rest(&r);
    change(&r, emit_page, NULL);
    assert_int_equal(commits_at_rest(&r), commits + 1);
    runner_stop(&r);
    writer_stop(r.writer);
}

static _Atomic bool poisonous;

/* It fails when it has written, which must be undone. */
static void poison_handle(struct ctx *c, const struct event *e) {
    tally_add(c, "sound");
    if (e->subject_id == 3 && atomic_load(&poisonous)) {
        ctx_fail_internal(c, "poison");
    }
}

static void parked_events_are_retried(void **state) {
    static const struct reactor poisoned = {
        .name = "test.poisoned", .types = lead_types, .handle = poison_handle};
    struct running r;
    running_start(&r, state);
    static const struct reactor *const some[] = {&poisoned, NULL};
    atomic_store(&poisonous, true);
    runner_start(&r, state, some);
    for (int64_t i = 0; i < 6; i++) {
        change(&r, emit_lead, &i);
    }
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'sound'", 5));
    assert_true(becomes(r.c, "SELECT count(*) FROM reactor_parked", 1));
    atomic_store(&poisonous, false);
    clock_advance(MS_HOUR);
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'sound'", 6));
    assert_true(becomes(r.c, "SELECT count(*) FROM reactor_parked", 0));
    clock_advance(-MS_HOUR);
    runner_stop(&r);
    writer_stop(r.writer);
}

static void only_one_runner_works_for_a_reactor(void **state) {
    struct running r;
    running_start(&r, state);
    struct reactor_runner_options options = {
        .writer = r.writer, .url = database_of(state)->url, .reactors = reactors};
    struct reactor_runner *other = reactor_runner_start(r.c, &options);
    assert_ok(r.c);
    runner_start(&r, state, reactors);
    for (int64_t i = 0; i < 100; i++) {
        change(&r, emit_lead, &i);
        reactor_runner_wake(other);
    }
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'all'", 200));
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'leads'", 100));
    reactor_runner_stop(other);
    /* What the other held is taken over. */
    int64_t one = 1;
    change(&r, emit_lead, &one);
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'all'", 202));
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'leads'", 101));
    runner_stop(&r);
    assert_int_equal(DB_INT(r.c, "SELECT n FROM tally WHERE name = 'leads'"), 101);
    assert_int_equal(DB_INT(r.c, "SELECT n FROM tally WHERE name = 'all'"), 202);
    writer_stop(r.writer);
}

/* The server is one that did not have the last events when it took over from one that died: their
 * numbers are given to others, which are not taken for old ones. */
static void numbers_given_again_are_read(void **state) {
    struct running r;
    running_start(&r, state);
    runner_start(&r, state, reactors);
    for (int64_t i = 0; i < 30; i++) {
        change(&r, emit_lead, &i);
    }
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'all'", 60));
    commits_at_rest(&r);
    db_begin(r.c);
    DB_RUN(r.c, "DELETE FROM event WHERE seq > 20");
    DB_RUN(r.c, "UPDATE reactor_cursor SET seq = 20");
    DB_RUN(r.c, "UPDATE tally SET n = 0");
    DB_RUN(r.c, "ALTER TABLE event ALTER COLUMN seq RESTART WITH 21");
    db_commit(r.c);
    DB_INT(r.c, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    assert_ok(r.c);
    for (int64_t i = 0; i < 10; i++) {
        change(&r, emit_lead, &i);
    }
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'leads'", 10));
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'all'", 20));
    runner_stop(&r);
    writer_stop(r.writer);
}

static void timer_tally(struct ctx *c, const struct timer *t) {
    (void)t;
    tally_add(c, "timers");
}

static void due_timers_fire_once(void **state) {
    static const struct timer_kind kinds[] = {{"test.tally", timer_tally}, {NULL, NULL}};
    static const struct timer_kind *const lists[] = {kinds, NULL};
    struct running r;
    running_start(&r, state);
    r.c->now_ms = clock_now_ms();
    for (int64_t i = 0; i < 150; i++) {
        struct str key = str_format(r.c->arena, "%lld", (long long)i);
        int64_t due = r.c->now_ms + (i < 140 ? -1 : MS_HOUR);
        timer_set(r.c, "test.tally", key, due, STR(""));
    }
    timer_set(r.c, "test.unknown", STR(""), 1, STR(""));
    assert_ok(r.c);
    struct str url = database_of(state)->url;
    struct timer_runner *one = timer_runner_start(r.c, r.writer, url, lists);
    struct timer_runner *two = timer_runner_start(r.c, r.writer, url, lists);
    assert_ok(r.c);
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'timers'", 140));
    assert_int_equal(DB_INT(r.c, "SELECT count(*) FROM timer"), 11);
    clock_advance(2 * MS_HOUR);
    timer_runner_wake(one);
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'timers'", 150));
    clock_advance(-2 * MS_HOUR);
    timer_runner_stop(one);
    timer_runner_stop(two);
    writer_stop(r.writer);
}

static atomic_int deliveries;

/* "flaky": fails the first time. */
static enum delivery item_deliver(struct ctx *c, const struct outbox_item *item, struct str *why) {
    (void)c;
    atomic_fetch_add(&deliveries, 1);
    if (str_is(item->kind, "test.refused")) {
        *why = STR("no such receiver");
        return DELIVERY_REFUSED;
    }
    return str_is(item->kind, "test.flaky") && item->attempts == 0 ? DELIVERY_RETRY : DELIVERED;
}

static void item_settled(struct ctx *c, const struct outbox_item *item, bool delivered) {
    (void)item;
    tally_add(c, delivered ? "delivered" : "dead");
}

static void the_outbox_is_delivered(void **state) {
    static const struct outbox_kind kinds[] = {{"test.sound", 3, item_deliver, item_settled},
                                               {"test.flaky", 3, item_deliver, item_settled},
                                               {"test.refused", 3, item_deliver, item_settled},
                                               {NULL, 0, NULL, NULL}};
    static const struct outbox_kind *const lists[] = {kinds, NULL};
    struct running r;
    running_start(&r, state);
    r.c->now_ms = clock_now_ms();
    atomic_store(&deliveries, 0);
    for (int64_t i = 0; i < 30; i++) {
        struct str key = str_format(r.c->arena, "%lld", (long long)i);
        outbox_add(r.c,
                   i % 3   ? "test.sound"
                   : i % 2 ? "test.flaky"
                           : "test.refused",
                   key, STR("{}"));
    }
    outbox_add(r.c, "test.elsewhere", STR("1"), STR("{}"));
    assert_ok(r.c);
    struct outbox_sender *s = outbox_sender_start(r.c, r.writer, database_of(state)->url, lists);
    assert_ok(r.c);
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'delivered'", 20));
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'dead'", 5));
    clock_advance(MS_MINUTE);
    outbox_sender_wake(s);
    assert_true(becomes(r.c, "SELECT n FROM tally WHERE name = 'delivered'", 25));
    clock_advance(-MS_MINUTE);
    outbox_sender_stop(s);
    assert_int_equal(atomic_load(&deliveries), 35);
    assert_int_equal(DB_INT(r.c, "SELECT count(*) FROM outbox WHERE state = 0"), 1);
    writer_stop(r.writer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(new_events_reach_every_reactor),
        ON_BOTH(unwanted_events_cause_no_commit),
        ON_BOTH(parked_events_are_retried),
        ON_BOTH(only_one_runner_works_for_a_reactor),
        ON_BOTH(due_timers_fire_once),
        ON_BOTH(the_outbox_is_delivered),
        ON_POSTGRES(numbers_given_again_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
