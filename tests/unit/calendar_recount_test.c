/* What is due in working time, reckoned anew: organization/calendar_recount.c. */
#include "event_fixture.h"

#include "db/driver.h"
#include "db/unit.h"
#include "event/reactor.h"
#include "event/timer_fire.h"
#include "organization/calendar.h"
#include "organization/organization.h"

static const char *failing = "";

static void fire(struct ctx *c, const struct timer *t) {
    event_effect(c, t->key.p, t->due_at);
}

static void recount(struct ctx *c, const struct timer *t) {
    timer_set(c, "test.term", t->key, t->due_at + 10, t->payload);
    if (str_is(t->key, failing)) {
        FAIL(c, ERROR_INVALID, "event.loop");
    }
}

static const struct timer_kind kinds[] = {{"test.term", fire, recount}, {0}};

static struct ctx *recount_fixture(void **state) {
    static bool registered;
    struct ctx *c = event_fixture(state);
    if (!registered) {
        calendar_recounts(kinds);
        registered = true;
    }
    failing = "";
    c->now_ms = 1000;
    return c;
}

static void fire_due_at(struct ctx *c, int64_t now_ms) {
    const struct timer_kind *const lists[] = {kinds, calendar_recount_module.timers, NULL};
    c->now_ms = now_ms;
    db_begin(c);
    timer_fire_due(c, lists);
    db_commit(c);
    assert_ok(c);
}

static void recount_begin(struct ctx *c) {
    db_begin(c);
    calendar_recount_module.reactors[0]->handle(c, NULL);
    db_commit(c);
    assert_ok(c);
}

static int64_t due(struct ctx *c, const char *key) {
    return DB_INT(c, "SELECT due_at FROM timer WHERE kind = 'test.term' AND key = $1", key);
}

static void term_set(struct ctx *c, const char *key) {
    timer_set(c, "test.term", str_from(key), 9 * MS_HOUR, STR(""));
}

static void one_that_fails_holds_up_nobody(void **state) {
    struct ctx *c = recount_fixture(state);
    term_set(c, "a");
    term_set(c, "b");
    term_set(c, "c");
    failing = "b";
    recount_begin(c);
    fire_due_at(c, 1000);
    assert_int_equal(due(c, "a"), 9 * MS_HOUR + 10);
    assert_int_equal(due(c, "b"), 9 * MS_HOUR);
    assert_int_equal(due(c, "c"), 9 * MS_HOUR + 10);
    /* It is tried again by itself, and parked at last. */
    for (int64_t at = 2000; at < 2 * MS_DAY && !DB_INT(c, "SELECT max(parked) FROM timer");
         at += MS_HOUR) {
        timer_set(c, "test.term", STR("b"), 9 * MS_DAY, STR(""));
        fire_due_at(c, at);
    }
    assert_text(DB_TEXT(c, "SELECT key FROM timer WHERE parked = 1"), "test.term:b");
}

/* What was begun before the change may be written after it. */
static void all_are_looked_at_again(void **state) {
    struct ctx *c = recount_fixture(state);
    term_set(c, "a");
    recount_begin(c);
    fire_due_at(c, 1000);
    term_set(c, "late");
    fire_due_at(c, 1000 + MS_MINUTE);
    assert_int_equal(due(c, "late"), 9 * MS_HOUR + 10);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM timer WHERE kind <> 'test.term'"), 0);
}

static void more_than_one_part(void **state) {
    enum { TERMS = 250 };
    struct ctx *c = recount_fixture(state);
    for (int i = 0; i < TERMS; i++) {
        term_set(c, str_to_c(c->arena, str_format(c->arena, "%d", i)));
    }
    recount_begin(c);
    for (int64_t at = 1000; at <= 5000; at += 1000) {
        fire_due_at(c, at);
    }
    assert_int_equal(DB_INT(c,
                            "SELECT count(*) FROM timer WHERE kind = 'test.term' AND due_at = $1",
                            9 * MS_HOUR + 10),
                     TERMS);
}

/* Somebody else is just firing it, and sets it again by the old calendar. */
static void one_in_other_hands_is_waited_for(void **state) {
    struct database_fixture *f = *state;
    struct ctx *c = recount_fixture(state);
    struct ctx other = *c;
    other.db = db_open(&other, f->url, DB_WRITER);
    assert_ok(&other);
    term_set(c, "a");
    recount_begin(c);
    db_begin(&other);
    DB_RUN(&other, "DELETE FROM timer WHERE kind = 'test.term'");
    timer_set(&other, "test.term", STR("a"), 99 * MS_HOUR, STR(""));
    db_begin(c);
    c->db->hurried = true;
    const struct timer_kind *const lists[] = {kinds, calendar_recount_module.timers, NULL};
    timer_fire_due(c, lists);
    assert_error(c, ERROR_RETRY);
    db_rollback(c->db);
    c->db->hurried = false;
    ctx_clear_error(c);
    db_commit(&other);
    assert_ok(&other);
    db_close(other.db);
    fire_due_at(c, 1000);
    assert_int_equal(due(c, "a"), 99 * MS_HOUR + 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(one_that_fails_holds_up_nobody),
        ON_BOTH(all_are_looked_at_again),
        ON_BOTH(more_than_one_part),
        ON_POSTGRES(one_in_other_hands_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
