#include "event_fixture.h"

#include "event/delivery.h"

static enum delivery never(struct ctx *c, const struct outbox_item *item, struct str *why) {
    (void)item;
    (void)why;
    ctx_fail_internal(c, "not called in these tests");
    return DELIVERY_RETRY;
}

static void settled(struct ctx *c, const struct outbox_item *item, bool delivered) {
    event_effect(c, delivered ? "delivered" : "dead", item->attempts);
}

static const struct outbox_kind kinds[] = {{"test.mail", 3, never, settled}, {0}};
static const struct outbox_kind *const lists[] = {kinds, NULL};

static size_t take(struct ctx *c, struct outbox_claim *claims) {
    db_begin(c);
    size_t n = outbox_take(c, lists, claims, OUTBOX_CLAIM);
    db_commit(c);
    assert_ok(c);
    return n;
}

static void settle(struct ctx *c, struct outbox_claim *claim, enum delivery result) {
    claim->result = result;
    claim->why = STR("because");
    db_begin(c);
    outbox_settle(c, claim);
    db_commit(c);
    assert_ok(c);
}

static void add(struct ctx *c, const char *key) {
    db_begin(c);
    outbox_add(c, "test.mail", str_from(key), STR("{\"to\":1}"));
    db_commit(c);
    assert_ok(c);
}

static void a_key_is_queued_once(void **state) {
    struct ctx *c = event_fixture(state);
    add(c, "a");
    add(c, "a");
    add(c, "b");
    struct outbox_claim claims[OUTBOX_CLAIM];
    assert_int_equal(take(c, claims), 2);
    assert_text(claims[0].item.payload, "{\"to\":1}");
    settle(c, &claims[0], DELIVERED);
    add(c, "a"); /* also when it was delivered long ago */
    c->now_ms += MS_DAY;
    assert_int_equal(take(c, claims), 1);
    assert_text(claims[0].item.key, "b");
}

static void nothing_goes_out_for_history(void **state) {
    struct ctx *c = event_fixture(state);
    c->origin = ORIGIN_IMPORT;
    add(c, "a");
    c->origin = ORIGIN_REPLAY;
    add(c, "b");
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM outbox"), 0);
}

static void what_is_undone_is_not_sent(void **state) {
    struct ctx *c = event_fixture(state);
    db_begin(c);
    outbox_add(c, "test.mail", STR("a"), STR(""));
    db_rollback(c->db);
    assert_false(outbox_due(c, lists, c->now_ms + MS_DAY));
}

static void pauses_grow_until_it_is_dead(void **state) {
    struct ctx *c = event_fixture(state);
    struct outbox_claim claims[OUTBOX_CLAIM];
    add(c, "a");
    int64_t last = 0;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(take(c, claims), 1);
        assert_int_equal(claims[0].item.attempts, i);
        settle(c, &claims[0], DELIVERY_RETRY);
        int64_t pause = DB_INT(c, "SELECT next_at FROM outbox") - c->now_ms;
        assert_true(pause > last);
        assert_int_equal(take(c, claims), 0);
        c->now_ms += pause;
        last = pause;
    }
    assert_int_equal(take(c, claims), 1);
    settle(c, &claims[0], DELIVERY_RETRY);
    assert_text(event_effects(c), "dead2");
    assert_text(DB_TEXT(c, "SELECT why FROM outbox WHERE state = 2"), "because");
    c->now_ms += 100 * (int64_t)MS_DAY;
    assert_int_equal(take(c, claims), 0);
    /* By hand it starts anew. */
    int64_t id = DB_INT(c, "SELECT id FROM outbox");
    outbox_resend(c, id);
    assert_int_equal(take(c, claims), 1);
    assert_int_equal(claims[0].item.attempts, 0);
    settle(c, &claims[0], DELIVERED);
    assert_text(event_effects(c), "dead2 delivered0");
    outbox_resend(c, id);
    assert_string_equal(c->error.text, "outbox.not_dead");
    assert_error(c, ERROR_CONFLICT);
}

static void refused_is_dead_at_once(void **state) {
    struct ctx *c = event_fixture(state);
    struct outbox_claim claims[OUTBOX_CLAIM];
    add(c, "a");
    take(c, claims);
    settle(c, &claims[0], DELIVERY_REFUSED);
    assert_text(event_effects(c), "dead0");
}

static void a_dead_senders_claim_runs_out(void **state) {
    struct ctx *c = event_fixture(state);
    struct outbox_claim first[OUTBOX_CLAIM], second[OUTBOX_CLAIM];
    add(c, "a");
    assert_int_equal(take(c, first), 1);
    c->now_ms += OUTBOX_LEASE_MS - 1;
    assert_int_equal(take(c, second), 0);
    c->now_ms += 1;
    assert_int_equal(take(c, second), 1);
    assert_int_equal(second[0].item.attempts, 1);
    /* The first sender was only slow: its failure no longer counts, its success does. */
    settle(c, &first[0], DELIVERY_REFUSED);
    assert_int_equal(DB_INT(c, "SELECT state FROM outbox"), 0);
    settle(c, &first[0], DELIVERED);
    settle(c, &second[0], DELIVERED);
    assert_text(event_effects(c), "delivered0");
}

static void pauses_differ_by_id_and_are_bounded(void **state) {
    (void)state;
    assert_int_not_equal(outbox_pause(1, 1000), outbox_pause(1, 1001));
    for (int attempts = 1; attempts < 40; attempts++) {
        int64_t pause = outbox_pause(attempts, 123456789);
        assert_in_range(pause, 5 * MS_SECOND, 6 * MS_HOUR * 5 / 4);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(a_key_is_queued_once),
        ON_BOTH(nothing_goes_out_for_history),
        ON_BOTH(what_is_undone_is_not_sent),
        ON_BOTH(pauses_grow_until_it_is_dead),
        ON_BOTH(refused_is_dead_at_once),
        ON_BOTH(a_dead_senders_claim_runs_out),
        cmocka_unit_test(pauses_differ_by_id_and_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
