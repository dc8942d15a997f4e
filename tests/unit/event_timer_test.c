#include "event_fixture.h"

#include "event/behaviour.h"
#include "event/outbox.h"

static bool failing;

static void fire(struct ctx *c, const struct timer *t) {
    event_effect(c, t->key.p, t->due_at);
    if (failing) {
        FAIL(c, ERROR_INVALID, "event.loop");
    }
    int64_t again = json_int(json_parse(c, t->payload), "again", 0);
    if (again) {
        timer_set(c, "test.wait", t->key, c->now_ms + again, t->payload);
    }
}

static const struct timer_kind kinds[] = {{"test.wait", fire}, {NULL, NULL}};
static const struct timer_kind upkeep[] = {
    {"behaviour.upkeep", behaviour_upkeep}, {"outbox.upkeep", outbox_upkeep}, {0}};
static const struct timer_kind *const lists[] = {kinds, upkeep, NULL};

static struct ctx *timer_fixture(void **state) {
    failing = false;
    struct ctx *c = event_fixture(state);
    c->now_ms = 1000;
    return c;
}

static void fire_due_at(struct ctx *c, int64_t now_ms) {
    c->now_ms = now_ms;
    db_begin(c);
    timer_fire_due(c, lists);
    db_commit(c);
    assert_ok(c);
}

static void timers_fire_once_and_move(void **state) {
    struct ctx *c = timer_fixture(state);
    timer_set(c, "test.wait", STR("a"), 2000, STR(""));
    timer_set(c, "test.wait", STR("b"), 3000, STR(""));
    timer_set(c, "test.wait", STR("c"), 2500, STR(""));
    timer_set(c, "test.wait", STR("a"), 4000, STR("")); /* moved */
    timer_cancel(c, "test.wait", STR("c"));
    fire_due_at(c, 2999);
    assert_text(event_effects(c), "");
    fire_due_at(c, 3000);
    fire_due_at(c, 3500);
    assert_text(event_effects(c), "b3000");
    fire_due_at(c, 9000);
    assert_text(event_effects(c), "b3000 a4000");
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM timer"), 0);
}

static void a_handler_sets_its_timer_again(void **state) {
    struct ctx *c = timer_fixture(state);
    timer_set(c, "test.wait", STR("a"), 2000, STR("{\"again\":500}"));
    fire_due_at(c, 2000);
    fire_due_at(c, 2600);
    assert_text(event_effects(c), "a2000 a2500");
    assert_int_equal(DB_INT(c, "SELECT due_at FROM timer"), 3100);
}

static void a_crash_leaves_the_timer(void **state) {
    struct ctx *c = timer_fixture(state);
    timer_set(c, "test.wait", STR("a"), 500, STR(""));
    db_begin(c);
    timer_fire_due(c, lists);
    assert_text(event_effects(c), "a500");
    db_rollback(c->db);
    assert_text(event_effects(c), "");
    fire_due_at(c, 1000);
    assert_text(event_effects(c), "a500");
}

static void a_failing_timer_is_parked_at_last(void **state) {
    struct ctx *c = timer_fixture(state);
    failing = true;
    timer_set(c, "test.wait", STR("a"), 1000, STR(""));
    timer_set(c, "test.wait", STR("b"), 1000 + MS_DAY, STR(""));
    int64_t last = 0;
    for (int i = 1; i <= 10; i++) {
        fire_due_at(c, c->now_ms);
        assert_int_equal(DB_INT(c, "SELECT attempts FROM timer WHERE key = 'a'"), i);
        int64_t pause = DB_INT(c, "SELECT next_at FROM timer WHERE key = 'a'") - c->now_ms;
        assert_true(pause >= last);
        last = pause;
        c->now_ms += pause;
    }
    assert_int_equal(DB_INT(c, "SELECT parked FROM timer WHERE key = 'a'"), 1);
    assert_true(
        str_starts(DB_TEXT(c, "SELECT error FROM timer WHERE key = 'a'"), STR("event.loop")));
    failing = false;
    fire_due_at(c, c->now_ms + MS_HOUR);
    assert_text(event_effects(c), "");
    timer_set(c, "test.wait", STR("a"), c->now_ms, STR("")); /* setting it again revives it */
    fire_due_at(c, c->now_ms);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM effect"), 1);
}

static void view(struct ctx *c, int64_t at, const char *type) {
    db_begin(c);
    event_emit(c, &(struct event){.type = str_from(type),
                                  .stream = STREAM_BEHAVIOUR,
                                  .subject_type = STR("page"),
                                  .subject_id = 4,
                                  .occurred_at = at,
                                  .recorded_at = at});
    db_commit(c);
    assert_ok(c);
}

static void behaviour_is_counted_then_removed(void **state) {
    struct ctx *c = timer_fixture(state);
    const int64_t midnight = 1790006400000; /* of 2026-09-22 in Shanghai */
    static const struct reactor *const reactors[] = {&behaviour_daily, NULL};
    view(c, midnight - 1, "page.viewed");
    view(c, midnight, "page.viewed");
    view(c, midnight + 5, "page.viewed");
    view(c, midnight + 6, "page.left");
    /* Nothing was read by the reactor yet: nothing may go. */
    db_begin(c);
    reactor_register(c, reactors);
    db_commit(c);
    assert_int_equal(behaviour_remove(c, midnight + MS_DAY, 100), 0);
    db_begin(c);
    reactor_drain(c, reactors);
    db_commit(c);
    assert_ok(c);
    assert_int_equal(DB_INT(c, "SELECT events FROM behaviour_daily WHERE day = '2026-09-21'"), 1);
    assert_int_equal(DB_INT(c, "SELECT events FROM behaviour_daily WHERE day = '2026-09-22' "
                               "AND type = 'page.viewed' AND subject_id = 4"),
                     2);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM behaviour_daily"), 3);
    assert_int_equal(behaviour_remove(c, midnight + 1, 100), 2);
    assert_int_equal(behaviour_remove(c, midnight + MS_DAY, 100), 1);
    assert_int_equal(DB_INT(c, "SELECT seq FROM behaviour"), 4);
}

static void upkeep_goes_on_by_its_timers(void **state) {
    struct ctx *c = timer_fixture(state);
    const int64_t start = clock_now_ms();
    c->now_ms = start;
    event_upkeep_start(c);
    event_upkeep_start(c);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM timer"), 2);
    view(c, start, "page.viewed");
    view(c, start, "page.viewed");
    outbox_add(c, "test.mail", STR("a"), STR(""));
    outbox_add(c, "test.mail", STR("b"), STR(""));
    DB_RUN(c, "UPDATE outbox SET state = 1 WHERE key = 'a'");
    fire_due_at(c, start + (OUTBOX_KEPT_DAYS - 1) * (int64_t)MS_DAY);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM outbox"), 2);
    fire_due_at(c, start + (OUTBOX_KEPT_DAYS + 1) * (int64_t)MS_DAY);
    assert_text(DB_TEXT(c, "SELECT key FROM outbox"), "b");
    fire_due_at(c, start + (BEHAVIOUR_RETENTION_DAYS - 1) * (int64_t)MS_DAY);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM behaviour"), 2);
    fire_due_at(c, start + (BEHAVIOUR_RETENTION_DAYS + 1) * (int64_t)MS_DAY);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM behaviour"), 1);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM timer"), 2);
    assert_true(DB_INT(c, "SELECT min(due_at) FROM timer") > c->now_ms);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(timers_fire_once_and_move),         ON_BOTH(a_handler_sets_its_timer_again),
        ON_BOTH(a_crash_leaves_the_timer),          ON_BOTH(a_failing_timer_is_parked_at_last),
        ON_BOTH(behaviour_is_counted_then_removed), ON_BOTH(upkeep_goes_on_by_its_timers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
