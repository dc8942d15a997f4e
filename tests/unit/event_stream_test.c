#include "event_fixture.h"

#include <pthread.h>
#include <stdatomic.h>

static void emit_fills_what_is_unset(void **state) {
    struct ctx *c = event_fixture(state);
    c->origin = ORIGIN_IMPORT;
    c->cause_id = 77;
    c->depth = 3;
    db_begin(c);
    int64_t id = event_emit(c, &(struct event){.type = STR("lead.created"),
                                               .occurred_at = 5,
                                               .actor_id = 9,
                                               .subject_type = STR("lead"),
                                               .subject_id = 12,
                                               .person_id = 13,
                                               .payload = STR("{\"a\":1}")});
    db_commit(c);
    const struct event *e = event_find(c, id);
    assert_ok(c);
    assert_non_null(e);
    assert_text(e->type, "lead.created");
    assert_text(e->payload, "{\"a\":1}");
    assert_text(e->subject_type, "lead");
    assert_int_equal(e->version, 1);
    assert_int_equal(e->occurred_at, 5);
    assert_int_equal(e->recorded_at, c->now_ms);
    assert_int_equal(e->origin, ORIGIN_IMPORT);
    assert_int_equal(e->cause_id, 77);
    assert_int_equal(e->depth, 3);
    assert_int_equal(e->actor_id, 9);
    assert_int_equal(e->person_id, 13);
    assert_int_equal(e->account_id, 0);
    assert_null(event_find(c, id + 1));
}

static int64_t user_seven(const struct actor *actor) {
    return actor ? 7 : -1;
}

static void actor_comes_from_the_context(void **state) {
    struct ctx *c = event_fixture(state);
    int some_actor;
    event_actor_from(user_seven);
    int64_t by_system = event_commit(c, "lead.created", 1);
    c->actor = (const struct actor *)&some_actor;
    int64_t by_user = event_commit(c, "lead.created", 2);
    event_actor_from(NULL);
    assert_int_equal(event_find(c, by_system)->actor_id, 0);
    assert_int_equal(event_find(c, by_user)->actor_id, 7);
}

static void streams_are_read_in_order(void **state) {
    struct ctx *c = event_fixture(state);
    assert_int_equal(event_head(c, STREAM_BUSINESS), 0);
    int64_t ids[100];
    db_begin(c);
    for (int i = 0; i < 100; i++) {
        enum event_stream stream = i % 4 == 3 ? STREAM_BEHAVIOUR : STREAM_BUSINESS;
        ids[i] = event_emit(
            c, &(struct event){.type = STR("page.viewed"), .stream = stream, .person_id = i});
    }
    db_commit(c);
    size_t n;
    const struct event *events = event_read(c, STREAM_BUSINESS, 0, 1000, &n);
    assert_ok(c);
    assert_int_equal(n, 75);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(events[i].id, ids[i / 3 * 4 + i % 3]);
        assert_int_equal(events[i].seq, i + 1);
    }
    assert_int_equal(event_head(c, STREAM_BUSINESS), 75);
    assert_int_equal(event_head(c, STREAM_BEHAVIOUR), 25);
    events = event_read(c, STREAM_BEHAVIOUR, 20, 3, &n);
    assert_int_equal(n, 3);
    assert_int_equal(events[0].seq, 21);
    assert_int_equal(events[0].stream, STREAM_BEHAVIOUR);
}

static void ranges_choose_types(void **state) {
    struct ctx *c = event_fixture(state);
    static const char *const types[] = {"lead.created", "lead.assigned", "leader.named",
                                        "lead",         "task.created",  "lead/x"};
    for (int i = 0; i < 6; i++) {
        event_commit(c, types[i], i);
    }
    static const char *const wanted[] = {"lead.", "task.created", NULL};
    size_t n;
    struct event_range range = {.types = wanted, .limit = 10};
    const struct event *events = event_read_range(c, &range, &n);
    assert_int_equal(n, 3);
    assert_text(events[0].type, "lead.created");
    assert_text(events[1].type, "lead.assigned");
    assert_text(events[2].type, "task.created");
    assert_int_equal(event_count_range(c, &range), 3);
    for (int i = 0; i < 6; i++) {
        bool expected = i == 0 || i == 1 || i == 4;
        assert_int_equal(event_type_matches(wanted, str_from(types[i])), expected);
    }
    range = (struct event_range){.after = 1, .upto = 4, .limit = 2};
    events = event_read_range(c, &range, &n);
    assert_int_equal(n, 2);
    assert_int_equal(events[1].seq, 3);
    range.limit = 10;
    assert_int_equal(event_count_range(c, &range), 3);
}

static void limits_refuse(void **state) {
    struct ctx *c = event_fixture(state);
    c->depth = EVENT_DEPTH + 1;
    db_begin(c);
    assert_int_equal(event_emit(c, &(struct event){.type = STR("lead.created")}), 0);
    assert_string_equal(c->error.text, "event.loop");
    assert_error(c, ERROR_LIMIT);
    c->depth = EVENT_DEPTH;
    assert_int_not_equal(event_emit(c, &(struct event){.type = STR("lead.created")}), 0);
    struct str large = {arena_alloc(c->arena, EVENT_PAYLOAD + 1), EVENT_PAYLOAD + 1};
    memset((char *)large.p, ' ', large.n);
    event_emit(c, &(struct event){.type = STR("lead.created"), .payload = large});
    assert_error(c, ERROR_INVALID);
    db_rollback(c->db);
    assert_int_equal(event_head(c, STREAM_BUSINESS), 0);
}

static void an_undone_savepoint_takes_its_events_along(void **state) {
    struct ctx *c = event_fixture(state);
    db_begin(c);
    int64_t kept = event_emit(c, &(struct event){.type = STR("lead.created")});
    db_savepoint(c);
    int64_t undone = event_emit(c, &(struct event){.type = STR("lead.created")});
    db_rollback_savepoint(c->db);
    db_savepoint(c);
    int64_t flushed = event_emit(c, &(struct event){.type = STR("lead.created")});
    db_flush(c);
    assert_non_null(event_find(c, flushed));
    assert_null(event_find(c, kept));
    db_rollback_savepoint(c->db);
    int64_t last = event_emit(c, &(struct event){.type = STR("lead.created")});
    db_commit(c);
    assert_ok(c);
    assert_null(event_find(c, undone));
    assert_null(event_find(c, flushed));
    assert_non_null(event_find(c, kept));
    assert_int_equal(event_find(c, last)->seq, event_find(c, kept)->seq + 1);
}

enum { WRITERS = 4, COMMITS = 60 };

struct hammer {
    struct str url;
    atomic_int running;
};

static void *hammer_write(void *data) {
    struct hammer *h = data;
    struct arena a;
    arena_init(&a);
    struct ctx c = {.arena = &a, .now_ms = 1};
    c.db = db_open(&c, h->url, DB_WRITER);
    for (int i = 0; i < COMMITS; i++) {
        db_begin(&c);
        for (int j = 0; j <= i % 3; j++) {
            event_emit(&c, &(struct event){.type = STR("lead.created"), .subject_id = i});
        }
        if (i % 7 == 0) {
            db_rollback(c.db);
        } else {
            db_commit(&c);
        }
        if (ctx_failed(&c)) {
            i = c.error.code == ERROR_RETRY ? i - 1 : COMMITS;
            ctx_clear_error(&c);
        }
    }
    db_close(c.db);
    arena_free(&a);
    atomic_fetch_sub(&h->running, 1);
    return NULL;
}

static void no_smaller_number_appears_later(void **state) {
    struct ctx *c = event_fixture(state);
    struct hammer h = {.url = database_of(state)->url, .running = WRITERS};
    pthread_t threads[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hammer_write, &h), 0);
    }
    int64_t seen = 0, total = 0;
    bool last_look = false;
    while (!last_look) {
        last_look = atomic_load(&h.running) == 0;
        struct arena_mark mark = arena_mark(c->arena);
        size_t n;
        const struct event *events = event_read(c, STREAM_BUSINESS, seen, 100000, &n);
        assert_ok(c);
        if (n) {
            seen = events[n - 1].seq;
            total += (int64_t)n;
        }
        arena_reset(c->arena, mark);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    int64_t committed = 0;
    for (int i = 0; i < COMMITS; i++) {
        committed += i % 7 == 0 ? 0 : WRITERS * (1 + i % 3);
    }
    assert_int_equal(DB_INT(c, "SELECT count(*) FROM event"), committed);
    assert_int_equal(total, committed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(emit_fills_what_is_unset),
        ON_BOTH(actor_comes_from_the_context),
        ON_BOTH(streams_are_read_in_order),
        ON_BOTH(ranges_choose_types),
        ON_BOTH(limits_refuse),
        ON_BOTH(an_undone_savepoint_takes_its_events_along),
        ON_BOTH(no_smaller_number_appears_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
