#include "event_fixture.h"

#include "event/turn.h"

/* What the handlers of this file do wrong on purpose. */
static int64_t poison_subject; /* fails for events about this lead */
static int handled;

static void effect_handle(struct ctx *c, const struct event *e) {
    handled++;
    event_effect(c, "e", e->seq);
    if (e->subject_id == poison_subject && poison_subject) {
        db_savepoint(c); /* left open: all is undone, not what stands behind it alone */
        event_effect(c, "x", e->seq);
        FAIL(c, ERROR_INVALID, "event.loop");
    }
}

static const char *const every_type[] = {NULL};
static const char *const lead_types[] = {"lead.", NULL};

static const struct reactor effect_reactor = {
    .name = "test.effect",
    .types = lead_types,
    .handle = effect_handle,
};
static const struct reactor *const effect_reactors[] = {&effect_reactor, NULL};

static struct ctx *reactor_fixture(void **state) {
    poison_subject = 0;
    handled = 0;
    return event_fixture(state);
}

static void drain_commit(struct ctx *c, const struct reactor *const *reactors) {
    db_begin(c);
    reactor_drain(c, reactors);
    db_commit(c);
    assert_ok(c);
}

static void each_event_takes_effect_once(void **state) {
    struct ctx *c = reactor_fixture(state);
    event_commit(c, "lead.created", 1);
    event_commit(c, "task.created", 1);
    event_commit(c, "lead.assigned", 2);
    assert_int_equal(reactor_lag(c, &effect_reactor), 2);
    /* A crash before the commit: nothing was done, nothing was read. */
    db_begin(c);
    reactor_drain(c, effect_reactors);
    assert_ok(c);
    assert_text(event_effects(c), "e1 e3");
    db_rollback(c->db);
    assert_text(event_effects(c), "");
    assert_int_equal(reactor_lag(c, &effect_reactor), 2);
    drain_commit(c, effect_reactors);
    drain_commit(c, effect_reactors);
    assert_text(event_effects(c), "e1 e3");
    assert_int_equal(reactor_lag(c, &effect_reactor), 0);
}

static void a_turn_elsewhere_is_noticed(void **state) {
    struct ctx *c = reactor_fixture(state);
    event_commit(c, "lead.created", 1);
    drain_commit(c, effect_reactors);
    struct reactor_turn turn = {.reactor = &effect_reactor, .cursor = {.seq = 0}, .upto = 1};
    db_begin(c);
    reactor_turn_run(c, &turn);
    assert_string_equal(c->error.text, "reactor.moved");
    assert_error(c, ERROR_CONFLICT);
    db_rollback(c->db);
}

static void the_poisonous_event_is_parked_alone(void **state) {
    struct ctx *c = reactor_fixture(state);
    for (int i = 1; i <= 9; i++) {
        event_commit(c, "lead.created", i % 3);
    }
    event_commit(c, "lead.updated", 1);
    poison_subject = 2;
    drain_commit(c, effect_reactors);
    assert_text(event_effects(c), "e1 e3 e4 e6 e7 e9 e10");
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM reactor_parked"), 3);
    assert_int_equal(DB_INT(c, "SELECT seq FROM reactor_parked WHERE first = 1"), 2);
    /* Later ones of the key wait, also when they would succeed. */
    poison_subject = 0;
    event_commit(c, "lead.updated", 2);
    drain_commit(c, effect_reactors);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM reactor_parked"), 4);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM reactor_parked WHERE first = 1"), 1);
    /* Not due yet; then in order. */
    reactor_retry_parked(c, &effect_reactor);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM reactor_parked"), 4);
    c->now_ms += MS_MINUTE;
    db_begin(c);
    reactor_retry_parked(c, &effect_reactor);
    db_commit(c);
    assert_ok(c);
    assert_text(event_effects(c), "e1 e3 e4 e6 e7 e9 e10 e2 e5 e8 e11");
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM reactor_parked"), 0);
}

static void retries_wait_longer_each_time(void **state) {
    struct ctx *c = reactor_fixture(state);
    poison_subject = 5;
    event_commit(c, "lead.created", 5);
    drain_commit(c, effect_reactors);
    int64_t last = 0;
    for (int i = 0; i < 5; i++) {
        int64_t pause = DB_INT(c, "SELECT next_at FROM reactor_parked") - c->now_ms;
        assert_true(pause > last);
        last = pause;
        c->now_ms += pause;
        db_begin(c);
        reactor_retry_parked(c, &effect_reactor);
        db_commit(c);
        assert_int_equal(DB_INT(c, "SELECT attempts FROM reactor_parked"), i + 2);
    }
    assert_text(event_effects(c), "");
}

static void an_administrator_drops_or_retries(void **state) {
    struct ctx *c = reactor_fixture(state);
    poison_subject = 5;
    event_commit(c, "lead.created", 5);
    event_commit(c, "lead.updated", 5);
    drain_commit(c, effect_reactors);
    poison_subject = 0;
    db_begin(c);
    reactor_parked_drop(c, STR("test.effect"), 1);
    reactor_retry_parked(c, &effect_reactor);
    db_commit(c);
    assert_text(event_effects(c), "e2");
    poison_subject = 5;
    event_commit(c, "lead.updated", 5);
    drain_commit(c, effect_reactors);
    poison_subject = 0;
    db_begin(c);
    reactor_parked_retry(c, STR("test.effect"), 3);
    reactor_retry_parked(c, &effect_reactor);
    db_commit(c);
    assert_text(event_effects(c), "e2 e3");
    reactor_parked_retry(c, STR("test.effect"), 3);
    assert_error(c, ERROR_ABSENT);
    reactor_parked_drop(c, STR("test.effect"), 3);
    assert_error(c, ERROR_ABSENT);
}

static void retry_handle(struct ctx *c, const struct event *e) {
    event_effect(c, "r", e->seq);
    FAIL(c, ERROR_RETRY, "event.loop");
}

static void a_retry_fails_the_whole_turn(void **state) {
    struct ctx *c = reactor_fixture(state);
    static const struct reactor r = {
        .name = "test.retry", .types = every_type, .handle = retry_handle};
    event_commit(c, "lead.created", 1);
    db_begin(c);
    reactor_drain(c, (const struct reactor *const[]){&r, NULL});
    assert_error(c, ERROR_RETRY);
    db_rollback(c->db);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM reactor_parked"), 0);
    assert_text(event_effects(c), "");
}

static void chain_handle(struct ctx *c, const struct event *e) {
    event_effect(c, "d", e->depth);
    event_emit(c, &(struct event){.type = STR("lead.updated"),
                                  .subject_type = STR("lead"),
                                  .subject_id = e->subject_id});
}

static void a_loop_ends_with_a_message(void **state) {
    struct ctx *c = reactor_fixture(state);
    static const struct reactor r = {
        .name = "test.chain", .types = lead_types, .handle = chain_handle};
    int64_t first = event_commit(c, "lead.created", 1);
    drain_commit(c, (const struct reactor *const[]){&r, NULL});
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM event"), EVENT_DEPTH + 1);
    assert_int_equal(DB_INT(c, "SELECT max(depth) FROM event"), EVENT_DEPTH);
    assert_int_equal(DB_INT(c, "SELECT cause_id FROM event WHERE seq = 2"), first);
    struct str why = DB_TEXT(c, "SELECT error FROM reactor_parked");
    assert_true(str_starts(why, STR("event.loop")));
    assert_int_equal(c->depth, 0);
    assert_int_equal(c->cause_id, 0);
}

static void slow_handle(struct ctx *c, const struct event *e) {
    event_effect(c, "s", e->seq);
    usleep(3000);
}

static void a_turn_ends_with_its_budget(void **state) {
    struct ctx *c = reactor_fixture(state);
    static const struct reactor r = {
        .name = "test.slow", .types = every_type, .handle = slow_handle};
    for (int i = 0; i < 5; i++) {
        event_commit(c, "lead.created", 1);
    }
    size_t n;
    struct reactor_turn turn = {.reactor = &r, .upto = 5, .budget_ms = 4};
    turn.events = event_read(c, STREAM_BUSINESS, 0, 10, &n);
    turn.n = n;
    db_begin(c);
    reactor_register(c, (const struct reactor *const[]){&r, NULL});
    reactor_turn_run(c, &turn);
    db_commit(c);
    assert_ok(c);
    assert_in_range(turn.reached, 1, 4);
    assert_int_equal(reactor_cursor_read(c, &r).seq, turn.reached);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM effect"), turn.reached);
    drain_commit(c, (const struct reactor *const[]){&r, NULL});
    assert_text(event_effects(c), "s1 s2 s3 s4 s5");
}

/* The turn over all events from the beginning. */
static struct reactor_turn turn_of(struct ctx *c, const struct reactor *r, bool bare) {
    struct reactor_turn turn = {.reactor = r, .bare = bare};
    reactor_register(c, (const struct reactor *const[]){r, NULL});
    turn.events = event_read(c, STREAM_BUSINESS, 0, 10, &turn.n);
    turn.upto = event_head(c, STREAM_BUSINESS);
    return turn;
}

static void a_bare_turn_that_had_written_is_run_again(void **state) {
    struct ctx *c = reactor_fixture(state);
    for (int i = 1; i <= 3; i++) {
        event_commit(c, "lead.created", i);
    }
    struct reactor_turn turn = turn_of(c, &effect_reactor, true);
    poison_subject = 2;
    db_begin(c);
    reactor_turn_run(c, &turn);
    assert_error(c, ERROR_RETRY);
    assert_false(turn.bare);
    db_rollback(c->db);
    assert_text(event_effects(c), "");
    db_begin(c);
    reactor_turn_run(c, &turn);
    db_commit(c);
    assert_ok(c);
    assert_text(event_effects(c), "e1 e3");
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM reactor_parked"), 1);
    assert_int_equal(reactor_lag(c, &effect_reactor), 0);
}

static void refuse_handle(struct ctx *c, const struct event *e) {
    if (e->subject_id == poison_subject) {
        FAIL(c, ERROR_INVALID, "test.poison");
    }
}

static void a_bare_turn_that_had_not_written_goes_on(void **state) {
    struct ctx *c = reactor_fixture(state);
    static const struct reactor r = {
        .name = "test.refuse", .types = every_type, .handle = refuse_handle};
    for (int i = 1; i <= 3; i++) {
        event_commit(c, "lead.created", i);
    }
    struct reactor_turn turn = turn_of(c, &r, true);
    poison_subject = 2;
    db_begin(c);
    reactor_turn_run(c, &turn);
    db_commit(c);
    assert_ok(c);
    assert_true(turn.bare);
    assert_int_equal(DB_INT(c, "SELECT seq FROM reactor_parked"), 2);
    assert_int_equal(reactor_cursor_read(c, &r).seq, 3);
}

static void origin_handle(struct ctx *c, const struct event *e) {
    (void)e;
    event_effect(c, "o", c->origin);
}

static void what_was_before_a_reactor_is_history(void **state) {
    struct ctx *c = reactor_fixture(state);
    static const struct reactor r = {
        .name = "test.origin", .types = every_type, .handle = origin_handle};
    event_commit(c, "lead.created", 1);
    c->now_ms += 1;
    db_begin(c);
    reactor_register(c, (const struct reactor *const[]){&r, NULL});
    db_commit(c);
    event_commit(c, "lead.created", 1);
    c->origin = ORIGIN_IMPORT;
    event_commit(c, "lead.created", 1);
    drain_commit(c, (const struct reactor *const[]){&r, NULL});
    assert_text(event_effects(c), "o2 o0 o1");
}

static void single_handle(struct ctx *c, const struct event *e) {
    event_effect(c, "s", e->seq);
    if (e->subject_id == 13) {
        FAIL(c, ERROR_INVALID, "test.poison");
    }
}

static void history_handle(struct ctx *c, const struct event *events, size_t n) {
    for (size_t i = 0; i < n; i++) {
        event_effect(c, c->origin == ORIGIN_IMPORT ? "i" : "r", events[i].seq);
        if (events[i].subject_id == 13) {
            FAIL(c, ERROR_INVALID, "test.poison");
        }
    }
}

/* Live events one by one, history in pieces; a piece that fails is done again event by event. */
static void history_is_handled_in_pieces(void **state) {
    struct ctx *c = reactor_fixture(state);
    static const struct reactor r = {.name = "test.pieces",
                                     .types = every_type,
                                     .handle = single_handle,
                                     .handle_history = history_handle};
    db_begin(c);
    reactor_register(c, (const struct reactor *const[]){&r, NULL});
    db_commit(c);
    event_commit(c, "lead.created", 1);
    event_commit(c, "lead.created", 2);
    c->origin = ORIGIN_IMPORT;
    event_commit(c, "lead.created", 3);
    event_commit(c, "lead.created", 4);
    c->origin = ORIGIN_LIVE;
    drain_commit(c, (const struct reactor *const[]){&r, NULL});
    event_commit(c, "lead.created", 5);
    c->origin = ORIGIN_IMPORT;
    event_commit(c, "lead.created", 13);
    event_commit(c, "lead.created", 7);
    c->origin = ORIGIN_LIVE;
    drain_commit(c, (const struct reactor *const[]){&r, NULL});
    assert_text(event_effects(c), "s1 s2 i3 i4 s5 s7");
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM reactor_parked"), 1);
}

static void replay_needs_a_reset(void **state) {
    struct ctx *c = reactor_fixture(state);
    reactor_replay(c, &effect_reactor);
    assert_string_equal(c->error.text, "reactor.no_reset");
    assert_error(c, ERROR_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(each_event_takes_effect_once),
        ON_BOTH(a_turn_elsewhere_is_noticed),
        ON_BOTH(the_poisonous_event_is_parked_alone),
        ON_BOTH(retries_wait_longer_each_time),
        ON_BOTH(an_administrator_drops_or_retries),
        ON_BOTH(a_retry_fails_the_whole_turn),
        ON_BOTH(a_loop_ends_with_a_message),
        ON_BOTH(a_turn_ends_with_its_budget),
        ON_BOTH(a_bare_turn_that_had_written_is_run_again),
        ON_BOTH(a_bare_turn_that_had_not_written_goes_on),
        ON_BOTH(what_was_before_a_reactor_is_history),
        ON_BOTH(history_is_handled_in_pieces),
        ON_BOTH(replay_needs_a_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
