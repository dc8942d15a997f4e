/*
 * A projection that is rebuilt from the log equals the one that followed it live, whatever
 * happened: random events, turns of random length, handlers that fail now and then, crashes.
 */
#include "event_fixture.h"

#include "base/log.h"
#include "event/turn.h"

enum { ROUNDS = 6, STEPS = 60, SUBJECTS = 7 };

/* xorshift64*, so that a failure can be repeated from its seed. */
static uint64_t seed;

static uint32_t any_below(uint32_t below) {
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * UINT64_C(2685821657736338717)) >> 32) % below;
}

static bool failing;

/* Per lead: what was set last, a sum, and a digest that depends on the order. */
static void balance_handle(struct ctx *c, const struct event *e) {
    const struct json *payload = json_parse(c, e->payload);
    int64_t amount = json_int(payload, "amount", 0);
    struct str name = str_format(c->arena, "%lld", (long long)e->subject_id);
    int64_t before = DB_INT(c, "SELECT n FROM tally WHERE name = $1", name);
    DB_RUN(c, "INSERT INTO tally (name, n) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET n = $2",
           name, (before * 31 + amount + (str_is(e->type, "lead.won") ? 7 : 1)) % 1000000007);
    if (failing && e->subject_id == 3) {
        ctx_fail_internal(c, "fails for a while");
    }
}

static void balance_reset(struct ctx *c) {
    DB_RUN(c, "DELETE FROM tally");
}

static const char *const types[] = {"lead.", NULL};
static const struct reactor balance = {
    .name = "test.balance", .types = types, .handle = balance_handle, .reset = balance_reset};
static const struct reactor *const reactors[] = {&balance, NULL};

static void emit_some(struct ctx *c) {
    static const char *const words[] = {"lead.created", "lead.won", "task.created", "leader.x"};
    db_begin(c);
    for (uint32_t n = any_below(9); n > 0; n--) {
        event_emit(c, &(struct event){
                          .type = str_from(words[any_below(4)]),
                          .subject_type = STR("lead"),
                          .subject_id = 1 + any_below(SUBJECTS),
                          .payload = str_format(c->arena, "{\"amount\":%u}", any_below(1000)),
                      });
    }
    if (any_below(5) == 0) {
        db_rollback(c->db);
    } else {
        db_commit(c);
    }
}

/* A turn over a part of what is new; sometimes the machine stops before its commit. */
static void turn_some(struct ctx *c) {
    struct reactor_turn turn = {.reactor = &balance, .cursor = reactor_cursor_read(c, &balance)};
    turn.events = event_read_range(
        c,
        &(struct event_range){.after = turn.cursor.seq, .types = types, .limit = 1 + any_below(12)},
        &turn.n);
    turn.upto = turn.n ? turn.events[turn.n - 1].seq : turn.cursor.seq;
    db_begin(c);
    reactor_turn_run(c, &turn);
    if (any_below(3) == 0) {
        db_rollback(c->db);
    } else {
        db_commit(c);
    }
}

static void retry_some(struct ctx *c) {
    c->now_ms += MS_DAY;
    db_begin(c);
    reactor_retry_parked(c, &balance);
    db_commit(c);
}

static struct str tally_text(struct ctx *c) {
    struct text_buffer text = {.arena = c->arena};
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT name, n FROM tally ORDER BY name");
    while (db_next(&rows)) {
        text_add_format(&text, "%.*s=%lld ", STR_ARG(db_view(&rows, 0)),
                        (long long)db_int(&rows, 1));
    }
    assert_ok(c);
    return text_str(&text);
}

static void live_round(struct ctx *c) {
    for (int step = 0; step < STEPS; step++) {
        failing = any_below(3) == 0;
        switch (any_below(4)) {
        case 0:
        case 1:
            emit_some(c);
            break;
        case 2:
            turn_some(c);
            break;
        default:
            retry_some(c);
        }
        assert_ok(c);
    }
    failing = false;
    db_begin(c);
    reactor_drain(c, reactors);
    c->now_ms += MS_DAY;
    reactor_retry_parked(c, &balance);
    db_commit(c);
    assert_ok(c);
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM reactor_parked"), 0);
}

static void a_replayed_projection_equals_the_live_one(void **state) {
    struct ctx *c = event_fixture(state);
    db_begin(c);
    reactor_register(c, reactors);
    db_commit(c);
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        seed = round * UINT64_C(0x9e3779b97f4a7c15);
        live_round(c);
        struct str live = tally_text(c);
        assert_true(live.n > 0);
        db_begin(c);
        reactor_replay(c, &balance);
        db_commit(c);
        assert_ok(c);
        struct str replayed = tally_text(c);
        if (!str_equal(live, replayed)) {
            fail_msg("seed %llu:\nlive     %.*s\nreplayed %.*s", (unsigned long long)round,
                     STR_ARG(live), STR_ARG(replayed));
        }
        assert_int_equal(reactor_lag(c, &balance), 0);
    }
}

int main(void) {
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        ON_BOTH(a_replayed_projection_equals_the_live_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
