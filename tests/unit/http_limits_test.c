#include "http_fixture.h"

#include "base/log.h"

/* Whether the server closes within so many seconds. */
static bool closes_within(struct client *client, int seconds) {
    struct pollfd p = {.fd = client->socket, .events = POLLIN};
    int64_t until = clock_steady_ns() + seconds * INT64_C(1000000000);
    while (clock_steady_ns() < until) {
        if (poll(&p, 1, 100) > 0 && !client_fill(client)) {
            return true;
        }
    }
    return false;
}

/* A byte now and then would satisfy an idle timeout for ever. */
static bool dripping_is_cut(struct client *client, const char *drop) {
    int64_t begun = clock_steady_ns();
    struct pollfd p = {.fd = client->socket, .events = POLLIN};
    while (clock_steady_ns() - begun < INT64_C(4000000000)) {
        if (send(client->socket, drop, strlen(drop), MSG_NOSIGNAL) < 0 ||
            (poll(&p, 1, 100) > 0 && !client_fill(client))) {
            return true;
        }
    }
    return false;
}

static void slow_heads_are_cut(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    client_send(client, "GET /hello HTTP/1.1\r\n" HOST "X-A: ");
    assert_true(dripping_is_cut(client, "a"));
    client_close(client);
    client = client_open(&f);
    assert_true(closes_within(client, 4)); /* nothing sent at all */
    client_close(client);
    http_close(&f);
}

static void slow_bodies_are_cut(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    client_send(client, "POST /notes HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\n{");
    assert_true(dripping_is_cut(client, " "));
    client_close(client);
    assert_int_equal(ask(&f, GET("/hello"))->status, 200);
    http_close(&f);
}

static void large_bodies_are_refused(void **state) {
    struct http_fixture f = http_open(state);
    struct answer *a = ask(&f, "POST /notes HTTP/1.1\r\n" HOST "Content-Length: 70000\r\n\r\n");
    assert_int_equal(a->status, 413);
    assert_non_null(strstr(a->body, "64 KB"));
    a = ask(&f, "POST /notes HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n");
    assert_int_equal(a->status / 100, 4);
    struct client *client = client_open(&f);
    client_send(client, "POST /notes HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n");
    char piece[8192 + 16];
    int n = snprintf(piece, sizeof piece, "2000\r\n%08192d\r\n", 0);
    assert_int_equal(n, 8192 + 8);
    for (int i = 0; i < 10; i++) {
        client_send(client, piece);
    }
    client_send(client, "0\r\n\r\n");
    assert_int_equal(client_read(client)->status, 413);
    client_close(client);
    http_close(&f);
}

static void chunked_bodies_are_read(void **state) {
    struct http_fixture f = http_open(state);
    struct answer *a = ask(&f, "POST /notes HTTP/1.1\r\n" HOST JSON_TYPE
                               "Transfer-Encoding: chunked\r\n\r\n"
                               "5\r\n{\"tex\r\n9\r\nt\":\"one\"}\r\n0\r\n\r\n");
    assert_int_equal(a->status, 201);
    http_close(&f);
}

static void two_lengths_are_refused(void **state) {
    struct http_fixture f = http_open(state);
    static const char *const both[] = {"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
                                       "content-length: 5\r\nContent-Length: 6\r\n"};
    for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
        char text[512];
        struct client *client = client_open(&f);
        snprintf(text, sizeof text,
                 "POST /notes HTTP/1.1\r\n" HOST "%s\r\n0\r\n\r\nGET /hello HTTP/1.1\r\n" HOST
                 "\r\n",
                 both[i]);
        assert_int_equal(client_ask(client, text)->status, 400);
        assert_int_equal(client_read(client)->status, 0); /* what follows is not answered */
        client_close(client);
    }
    http_close(&f);
}

static void odd_targets_are_refused(void **state) {
    static const struct {
        const char *target;
        int status;
    } cases[] = {
        {"/hello?a=%zz", 422}, /* read as browsers do; nothing is called so */
        {"/hello?a=%00", 400},
        {"/notes/%00", 400},
        {"/notes/%C3%28", 400},
        {"/notes/%0A", 400},
        {"/notes/%ED%A0%80", 400},
        {"/notes/..%2F..%2Fetc", 404},
        {"/notes/9999999999999999999999", 404},
        {"/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q", 400},
    };
    struct http_fixture f = http_open(state);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n" HOST "\r\n", cases[i].target);
        assert_int_equal(ask(&f, text)->status, cases[i].status);
    }
    http_close(&f);
}

static void long_heads_are_refused(void **state) {
    struct http_fixture f = http_open(state);
    static char text[40000];
    int n = snprintf(text, sizeof text, "GET /hello?%09000d HTTP/1.1\r\n" HOST "\r\n", 0);
    assert_true(n > 9000);
    assert_int_equal(ask(&f, text)->status, 414);
    n = snprintf(text, sizeof text, "GET /hello HTTP/1.1\r\n" HOST);
    for (int i = 0; i < 70; i++) {
        n += snprintf(text + n, sizeof text - (size_t)n, "X-%d: 1\r\n", i);
    }
    snprintf(text + n, sizeof text - (size_t)n, "\r\n");
    assert_int_equal(ask(&f, text)->status, 431);
    http_close(&f);
}

static void pipelined_requests_are_answered_in_order(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    client_send(client, GET("/hello"));
    client_send(client, post("/notes", JSON_TYPE, "{\"text\":\"one\"}"));
    client_send(client, GET("/notes/1"));
    struct answer *a = client_read(client);
    assert_string_equal(a->body, "{\"hello\":\"world\"}");
    assert_string_equal(client_read(client)->body, "{\"n\":1}");
    assert_string_equal(client_read(client)->body, "{\"text\":\"one\"}");
    client_close(client);
    http_close(&f);
}

static void a_client_that_goes_away_harms_nobody(void **state) {
    struct http_fixture f = http_open(state);
    for (int i = 0; i < 20; i++) {
        struct client *client = client_open(&f);
        client_send(client, i % 2 ? GET("/report") : post("/notes", JSON_TYPE, "{\"text\":\"x\"}"));
        client_close(client);
    }
    assert_int_equal(ask(&f, GET("/hello"))->status, 200);
    http_close(&f); /* and stopping waits for what runs */
}

static void too_many_connections_are_closed(void **state) {
    struct http_fixture f = http_open(state);
    server_stop(f.server);
    f.options.connections_per_client = 4;
    f.options.header_seconds = 10;
    f.server = server_start(f.c, &f.options);
    assert_ok(f.c);
    struct client *clients[6];
    int closed = 0;
    for (int i = 0; i < 6; i++) {
        clients[i] = client_open(&f);
        client_send(clients[i], GET("/hello"));
        closed += client_read(clients[i])->status == 0;
    }
    assert_int_equal(closed, 2);
    for (int i = 0; i < 6; i++) {
        client_close(clients[i]);
    }
    http_close(&f);
}

/* The queue of the slow pool is bounded; what does not fit is told to come back. */
static void a_full_pool_refuses(void **state) {
    struct http_fixture f = http_open(state);
    server_stop(f.server);
    f.options.slow_threads = 1;
    f.options.handler_seconds = 1;
    f.server = server_start(f.c, &f.options);
    assert_ok(f.c);
    enum { CLIENTS = 80 };
    static struct client *clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = client_open(&f);
        client_send(clients[i], GET("/report"));
    }
    int refused = 0, other = 0;
    for (int i = 0; i < CLIENTS; i++) {
        struct answer *a = client_read(clients[i]);
        refused += a->status == 503 && answer_header(a, "Retry-After")[0] == '1';
        other += a->status != 503 && a->status != 200;
        client_close(clients[i]);
    }
    assert_true(refused >= CLIENTS - 66);
    assert_int_equal(other, 0);
    http_close(&f);
}

static void forwarded_addresses_are_believed_when_told_so(void **state) {
    log_set_level(LOG_ERROR + 1);
    struct http_fixture f = http_open(state);
    const char *text = "GET /api/nothing HTTP/1.1\r\n" HOST "X-Request-Id: abc-1\r\n\r\n";
    assert_null(strstr(ask(&f, text)->body, "abc-1"));
    server_stop(f.server);
    f.options.trust_proxy = true;
    f.server = server_start(f.c, &f.options);
    assert_ok(f.c);
    assert_non_null(strstr(ask(&f, text)->body, "\"request_id\":\"abc-1\""));
    server_stop(f.server);
    f.options.trusted_proxies = STR("10.0.0.1, 10.0.0.2");
    f.server = server_start(f.c, &f.options);
    assert_ok(f.c);
    assert_null(strstr(ask(&f, text)->body, "abc-1")); /* we are neither */
    server_stop(f.server);
    f.options.trusted_proxies = STR("10.0.0.1, 127.0.0.1");
    f.server = server_start(f.c, &f.options);
    assert_ok(f.c);
    assert_non_null(strstr(ask(&f, text)->body, "abc-1"));
    http_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_SQLITE(slow_heads_are_cut),
        ON_SQLITE(slow_bodies_are_cut),
        ON_SQLITE(large_bodies_are_refused),
        ON_SQLITE(chunked_bodies_are_read),
        ON_SQLITE(two_lengths_are_refused),
        ON_SQLITE(odd_targets_are_refused),
        ON_SQLITE(long_heads_are_refused),
        ON_BOTH(pipelined_requests_are_answered_in_order),
        ON_BOTH(a_client_that_goes_away_harms_nobody),
        ON_SQLITE(too_many_connections_are_closed),
        ON_SQLITE(a_full_pool_refuses),
        ON_SQLITE(forwarded_addresses_are_believed_when_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
