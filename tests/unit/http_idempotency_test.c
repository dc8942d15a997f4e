#include "http_fixture.h"

#include <pthread.h>

#include "event/timer.h"

#define KEY(key) JSON_TYPE "Idempotency-Key: " key "\r\n"

static void a_repeat_is_answered_with_the_first_reply(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    const char *body = "{\"text\":\"one\"}";
    struct answer *a = client_ask(client, post("/notes", KEY("k1"), body));
    assert_string_equal(a->body, "{\"n\":1}");
    assert_string_equal(answer_header(a, "Idempotency-Replayed"), "");
    a = client_ask(client, post("/notes", KEY("k1"), body));
    assert_int_equal(a->status, 201);
    assert_string_equal(a->body, "{\"n\":1}");
    assert_string_equal(answer_header(a, "Idempotency-Replayed"), "true");
    assert_string_equal(answer_header(a, "Location"), "/notes/1");
    a = client_ask(client, post("/notes", KEY("k2"), body));
    assert_string_equal(a->body, "{\"n\":2}");
    client_close(client);
    http_close(&f);
}

static void keys_are_bound(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    const char *body = "{\"text\":\"one\"}";
    client_ask(client, post("/notes", KEY("k1"), body));
    struct answer *a = client_ask(client, post("/notes", KEY("k1"), "{\"text\":\"two\"}"));
    assert_int_equal(a->status, 422);
    assert_non_null(strstr(a->body, "idempotency.mismatch"));
    /* Users do not see each other's replies. */
    a = client_ask(client, post("/api/mine", KEY("k1") "X-User: 2\r\n", body));
    assert_string_equal(a->body, "{\"n\":2}");
    a = client_ask(client, post("/api/mine", KEY("k1") "X-User: 3\r\n", body));
    assert_string_equal(a->body, "{\"n\":3}");
    a = client_ask(client, post("/api/mine", KEY("k1") "X-User: 2\r\n", body));
    assert_string_equal(a->body, "{\"n\":2}");
    a = client_ask(client, post("/notes", JSON_TYPE "Idempotency-Key: a b\r\n", body));
    assert_int_equal(a->status, 422);
    client_close(client);
    http_close(&f);
}

static void a_failure_leaves_no_key(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    assert_int_equal(client_ask(client, post("/notes", KEY("k1"), "{\"text\":\"refuse\"}"))->status,
                     412);
    struct answer *a = client_ask(client, post("/notes", KEY("k1"), "{\"text\":\"one\"}"));
    assert_int_equal(a->status, 201);
    client_close(client);
    http_close(&f);
}

enum { CLIENTS = 8, ROUNDS = 10 };

struct rush {
    struct http_fixture *f;
    pthread_barrier_t barrier;
    int created, replayed, other;
    pthread_mutex_t lock;
};

/* client_read keeps its answer in static memory, so each thread reads for itself. */
static void rush_once(struct rush *rush, struct client *client, int round) {
    char text[512];
    snprintf(text, sizeof text,
             "POST /notes HTTP/1.1\r\n" HOST JSON_TYPE
             "Idempotency-Key: round-%d\r\nContent-Length: 14\r\n\r\n{\"text\":\"one\"}",
             round);
    pthread_barrier_wait(&rush->barrier);
    client_send(client, text);
    while (!strstr(client->buffer, "}") && client_fill(client)) {
    }
    pthread_mutex_lock(&rush->lock);
    bool created = strncmp(client->buffer, "HTTP/1.1 201", 12) == 0;
    bool replayed = strstr(client->buffer, "Idempotency-Replayed: true") != NULL;
    rush->created += created && !replayed;
    rush->replayed += created && replayed;
    rush->other += !created;
    pthread_mutex_unlock(&rush->lock);
    client->n = 0;
    client->buffer[0] = '\0';
}

static void *rush_thread(void *data) {
    struct rush *rush = data;
    struct client *client = client_open(rush->f);
    for (int round = 0; round < ROUNDS; round++) {
        rush_once(rush, client, round);
    }
    client_close(client);
    return NULL;
}

static void of_many_at_once_one_takes_effect(void **state) {
    struct http_fixture f = http_open(state);
    struct rush rush = {.f = &f};
    pthread_barrier_init(&rush.barrier, NULL, CLIENTS);
    pthread_mutex_init(&rush.lock, NULL);
    pthread_t threads[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        pthread_create(&threads[i], NULL, rush_thread, &rush);
    }
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(rush.created, ROUNDS);
    assert_int_equal(rush.replayed, (CLIENTS - 1) * ROUNDS);
    assert_int_equal(rush.other, 0);
    assert_int_equal(DB_INT(f.c, "SELECT count(*) FROM note"), ROUNDS);
    assert_ok(f.c);
    http_close(&f);
}

static void old_keys_are_forgotten(void **state) {
    struct http_fixture f = http_open(state);
    const char *body = "{\"text\":\"one\"}";
    ask(&f, post("/notes", KEY("k1"), body));
    f.c->now_ms = clock_now_ms() + 2 * MS_HOUR;
    const struct timer_kind *const kinds[] = {http_module.timers, NULL};
    db_begin(f.c);
    timer_fire_due(f.c, kinds);
    db_commit(f.c);
    assert_ok(f.c);
    assert_int_equal(DB_INT(f.c, "SELECT count(*) FROM idempotency_key"), 1);
    f.c->now_ms = clock_now_ms() + 26 * MS_HOUR;
    db_begin(f.c);
    timer_fire_due(f.c, kinds);
    db_commit(f.c);
    assert_ok(f.c);
    assert_int_equal(DB_INT(f.c, "SELECT count(*) FROM idempotency_key"), 0);
    http_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(a_repeat_is_answered_with_the_first_reply),
        ON_BOTH(keys_are_bound),
        ON_BOTH(a_failure_leaves_no_key),
        ON_BOTH(of_many_at_once_one_takes_effect),
        ON_BOTH(old_keys_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
