#include "http_fixture.h"

#include "base/log.h"
#include "http/call.h"

#include <pthread.h>

static void lanes_answer(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    struct answer *a = client_ask(client, GET("/hello"));
    assert_int_equal(a->status, 200);
    assert_string_equal(a->body, "{\"hello\":\"world\"}");
    assert_string_equal(answer_header(a, "Content-Type"), "application/json");
    assert_string_equal(answer_header(a, "X-Content-Type-Options"), "nosniff");
    a = client_ask(client, post("/notes", JSON_TYPE, "{\"text\":\"one\"}"));
    assert_int_equal(a->status, 201);
    assert_string_equal(a->body, "{\"n\":1}");
    assert_string_equal(answer_header(a, "Location"), "/notes/1");
    a = client_ask(client, GET("/notes/1"));
    assert_string_equal(a->body, "{\"text\":\"one\"}");
    assert_string_equal(answer_header(a, "ETag"), "\"3\"");
    a = client_ask(client, GET("/report"));
    assert_string_equal(a->body, "{\"n\":2000000}");
    client_send(client, "HEAD /hello HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    while (client_fill(client)) {
    }
    assert_memory_equal(client->buffer, "HTTP/1.1 200", 12);
    assert_memory_equal(client->buffer + client->n - 4, "\r\n\r\n", 4); /* no body */
    client_close(client);
    http_close(&f);
}

/* Whatever the body is called, it is read once, before what may run twice. */
static void a_second_run_reads_the_same(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    struct answer *a = client_ask(client, post("/notes/again", "", "{\"text\":\"twice\"}"));
    assert_int_equal(a->status, 201);
    a = client_ask(client, GET("/notes/1"));
    if (a->status == 404) { /* PostgreSQL counts the first run's number */
        a = client_ask(client, GET("/notes/2"));
    }
    assert_string_equal(a->body, "{\"text\":\"twice\"}");
    a = client_ask(client, post("/notes", "", ""));
    assert_int_equal(a->status, 400);
    assert_non_null(strstr(a->body, "\"line\":\"1\",\"column\":\"0\""));
    client_close(client);
    http_close(&f);
}

static void conditional_reads(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    client_ask(client, post("/notes", JSON_TYPE, "{\"text\":\"one\"}"));
    struct answer *a = client_ask(client, "GET /notes/1 HTTP/1.1\r\n" HOST
                                          "If-None-Match: \"9\", W/\"3\"\r\n\r\n");
    assert_int_equal(a->status, 304);
    a = client_ask(client, "GET /notes/1 HTTP/1.1\r\n" HOST "If-None-Match: \"9\"\r\n\r\n");
    assert_int_equal(a->status, 200);
    client_close(client);
    http_close(&f);
}

/* Each error class of the API, in the caller's language, and never what is inside. */
static void problems_are_told(void **state) {
    log_set_level(LOG_ERROR + 1);
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    struct answer *a = client_ask(client, GET("/api/nowhere"));
    assert_int_equal(a->status, 404);
    assert_string_equal(answer_header(a, "Content-Type"), "application/problem+json");
    assert_non_null(strstr(a->body, "\"code\":\"route.absent\""));
    assert_non_null(strstr(a->body, "没有这个地址"));
    a = client_ask(client, "GET /api/nowhere HTTP/1.1\r\n" HOST "Accept-Language: en\r\n\r\n");
    assert_non_null(strstr(a->body, "There is no such address"));
    a = client_ask(client, "DELETE /notes HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(a->status, 405);
    assert_string_equal(answer_header(a, "Allow"), "POST");
    a = client_ask(client, post("/notes", JSON_TYPE, "{\"text\":"));
    assert_int_equal(a->status, 400);
    a = client_ask(client, post("/notes", JSON_TYPE, "[1]"));
    assert_int_equal(a->status, 400);
    a = client_ask(client, post("/notes", JSON_TYPE, "{}"));
    assert_int_equal(a->status, 422);
    assert_non_null(strstr(a->body, "\"errors\":[{\"pointer\":\"/text\""));
    a = client_ask(client, post("/notes", JSON_TYPE, "{\"text\":\"refuse\"}"));
    assert_int_equal(a->status, 412);
    a = client_ask(client, GET("/broken"));
    assert_int_equal(a->status, 500);
    assert_null(strstr(a->body, "nowhere"));
    assert_non_null(strstr(a->body, "\"request_id\":\""));
    a = client_ask(client, post("/notes", JSON_TYPE, "{\"text\":\"x\"}"));
    assert_string_equal(a->body, "{\"n\":1}"); /* what was refused left nothing */
    client_close(client);
    http_close(&f);
}

static void permission_comes_first(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    struct answer *a = client_ask(client, GET("/api/mine"));
    assert_int_equal(a->status, 401);
    assert_non_null(strstr(a->body, "session.required"));
    a = client_ask(client, "GET /api/mine HTTP/1.1\r\n" HOST "X-User: 2\r\n\r\n");
    assert_int_equal(a->status, 200);
    a = client_ask(client, "GET /api/settings HTTP/1.1\r\n" HOST "X-User: 2\r\n\r\n");
    assert_int_equal(a->status, 403);
    a = client_ask(client, "GET /api/settings HTTP/1.1\r\n" HOST "X-User: 1\r\n\r\n");
    assert_int_equal(a->status, 200);
    const char *body = "{\"text\":\"x\"}";
    a = client_ask(client, post("/api/mine", JSON_TYPE, body));
    assert_int_equal(a->status, 401);
    a = client_ask(client, post("/api/mine", JSON_TYPE "Cookie: a=b; session=2\r\n", body));
    assert_int_equal(a->status, 403);
    assert_non_null(strstr(a->body, "request.csrf"));
    a = client_ask(
        client,
        post("/api/mine", JSON_TYPE "Cookie: session=2\r\nX-Requested-With: guantong\r\n", body));
    assert_int_equal(a->status, 201);
    a = client_ask(client, post("/api/mine", JSON_TYPE "X-User: 2\r\n", body));
    assert_int_equal(a->status, 201); /* a token is not sent by a browser unasked */
    client_close(client);
    http_close(&f);
}

static void forms_are_read(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    struct answer *a = client_ask(
        client, post("/form", "Content-Type: application/x-www-form-urlencoded\r\n",
                     "name=%E5%AD%99+a&x=1"));
    assert_int_equal(a->status, 200);
    assert_string_equal(a->body, "prepared 孙 a");
    assert_non_null(strstr(answer_header(a, "Content-Security-Policy"), "frame-ancestors 'none'"));
    a = client_ask(client, post("/form", "Content-Type: multipart/form-data; boundary=\"b b\"\r\n",
                                "--b b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n"
                                "two\r\n--b b--\r\n"));
    assert_string_equal(a->body, "prepared two");
    a = client_ask(client, post("/form", "", ""));
    assert_int_equal(a->status, 422);
    assert_non_null(strstr(answer_header(a, "Content-Type"), "text/html"));
    client_close(client);
    http_close(&f);
}

static void uploads_are_spooled(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    const char *body = "--q\r\nContent-Disposition: form-data; name=\"entity\"\r\n\r\nlead\r\n"
                       "--q\r\nContent-Disposition: form-data; name=\"file\"; "
                       "filename=\"a \\\"b\\\".csv\"\r\nContent-Type: text/csv\r\n\r\n"
                       "x,y\r\n1,2\r\n\r\n--q--\r\n";
    struct answer *a = client_ask(
        client,
        post("/upload", "X-User: 1\r\nContent-Type: multipart/form-data; boundary=q\r\n", body));
    assert_int_equal(a->status, 200);
    char expected[160], path[160];
    assert_int_equal(sscanf(a->body, "10 a \"b\".csv lead %159s", path), 1);
    snprintf(expected, sizeof expected, "%s/upload-", f.database->folder);
    assert_memory_equal(path, expected, strlen(expected));
    a = client_ask(client, GET("/hello"));
    assert_int_equal(access(path, F_OK), -1); /* removed when the request ended */
    a = client_ask(client, post("/upload", "Content-Type: text/csv\r\n", "x"));
    assert_int_equal(a->status, 401);
    client_close(client);
    http_close(&f);
}

/* Beyond the budget of the network thread a handler is run again in the slow pool. A request has
 * been counted when the next of its connection is read. */
static void late_inline_is_moved(void **state) {
    struct http_fixture f = http_open(state);
    struct client *client = client_open(&f);
    struct answer *a = client_ask(client, GET("/count"));
    assert_int_equal(a->status, 200);
    assert_string_equal(a->body, "{\"n\":2000000}");
    a = client_ask(client, GET("/metrics"));
    client_close(client);
    assert_non_null(strstr(a->body, "guantong_requests_total{lane=\"slow\",status=\"2xx\"} 1\n"));
    assert_non_null(strstr(a->body, "guantong_writer_commits_total"));
    http_close(&f);
}

/* The budget may end while the caller is being found out; nothing runs before that is known. */
static void late_authorization_is_begun_anew(void **state) {
    static const struct {
        const char *request;
        int status;
    } cases[] = {
        {"GET /api/mine HTTP/1.1\r\n" HOST "X-Slow: 1\r\n\r\n", 401},
        {"GET /api/mine HTTP/1.1\r\n" HOST "X-Slow: 1\r\nX-User: 2\r\n\r\n", 200},
        {"GET /api/settings HTTP/1.1\r\n" HOST "X-Slow: 1\r\nX-User: 2\r\n\r\n", 403},
        {"GET /api/settings HTTP/1.1\r\n" HOST "X-Slow: 1\r\nX-User: 1\r\n\r\n", 200},
        {"POST /api/mine HTTP/1.1\r\n" HOST JSON_TYPE
         "X-Slow: 1\r\nContent-Length: 12\r\n\r\n{\"text\":\"x\"}",
         401},
        {"POST /api/mine HTTP/1.1\r\n" HOST JSON_TYPE
         "X-Slow: 1\r\nX-User: 2\r\nContent-Length: 12\r\n\r\n{\"text\":\"x\"}",
         201},
    };
    struct http_fixture f = http_open(state);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(ask(&f, cases[i].request)->status, cases[i].status);
    }
    http_close(&f);
}

/* Four reports, which go on until the gate is opened. */
static void reports_begin(const struct http_fixture *f, struct client *reports[4]) {
    gate_put(true);
    for (int i = 0; i < 4; i++) {
        reports[i] = client_open(f);
        client_send(reports[i], GET("/hold"));
    }
    gate_await(1);
}

static void reports_end(struct client *reports[4]) {
    gate_put(false);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(client_read(reports[i])->body, "held");
        client_close(reports[i]);
    }
}

/* While reports run, a cheap read does not wait for them. */
static void reports_do_not_hold_up_reads(void **state) {
    struct http_fixture f = http_open(state);
    struct client *reports[4], *client = client_open(&f);
    reports_begin(&f, reports);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(client_ask(client, GET("/hello"))->status, 200);
    }
    reports_end(reports);
    client_close(client);
    http_close(&f);
}

static void health_is_told(void **state) {
    struct http_fixture f = http_open(state);
    assert_string_equal(ask(&f, GET("/healthz"))->body, "{\"status\":\"up\"}");
    assert_string_equal(ask(&f, GET("/readyz"))->body, "{\"status\":\"ready\"}");
    http_close(&f);
}

/* What the writer's prepare needs must not stand behind reports. */
static void reports_leave_room_for_preparing(void **state) {
    struct http_fixture f = http_open(state);
    struct client *reports[4];
    reports_begin(&f, reports);
    const char *form = post("/form", "Content-Type: application/x-www-form-urlencoded\r\n",
                            "name=x");
    assert_int_equal(ask(&f, form)->status, 200);
    reports_end(reports);
    http_close(&f);
}

static void *stop_server(void *data) {
    struct http_fixture *f = data;
    http_close(f);
    return NULL;
}

/* Whoever was let in is answered; whoever comes later is sent away. */
static void stopping_finishes_what_runs(void **state) {
    struct http_fixture f = http_open(state);
    struct client *running = client_open(&f), *kept = client_open(&f);
    assert_int_equal(client_ask(kept, GET("/hello"))->status, 200);
    gate_put(true);
    client_send(running, GET("/hold"));
    gate_await(1);
    pthread_t stopping;
    pthread_create(&stopping, NULL, stop_server, &f);
    while (!atomic_load(&f.server->stopping)) {
        usleep(1000);
    }
    struct answer *a = client_ask(kept, GET("/hello"));
    assert_int_equal(a->status, 503);
    assert_string_equal(answer_header(a, "Connection"), "close");
    assert_string_equal(answer_header(a, "Retry-After"), "1");
    gate_put(false);
    a = client_read(running);
    assert_int_equal(a->status, 200);
    assert_string_equal(a->body, "held");
    pthread_join(stopping, NULL);
    client_close(running);
    client_close(kept);
}

static double two_and_a_half(void *data) {
    return *(double *)data;
}

static void gauges_are_told(void **state) {
    struct http_fixture f = http_open(state);
    double value = 2.5;
    server_gauge(f.server, &(struct gauge){"test_gauge", "A figure.", two_and_a_half, &value});
    struct answer *a = ask(&f, GET("/metrics"));
    assert_non_null(strstr(a->body, "# TYPE test_gauge gauge\ntest_gauge 2.5\n"));
    http_close(&f);
}

/* Only the slow lane compresses, and only what is worth it. */
static void large_reports_are_compressed(void **state) {
    struct http_fixture f = http_open(state);
    struct answer *a = ask(&f, "GET /large HTTP/1.1\r\n" HOST "Accept-Encoding: gzip\r\n\r\n");
    assert_string_equal(answer_header(a, "Content-Encoding"), "gzip");
    assert_memory_equal(a->body, "\x1f\x8b", 2);
    a = ask(&f, "GET /large_inline HTTP/1.1\r\n" HOST "Accept-Encoding: gzip\r\n\r\n");
    assert_string_equal(answer_header(a, "Content-Encoding"), "");
    a = ask(&f, "GET /report HTTP/1.1\r\n" HOST "Accept-Encoding: gzip\r\n\r\n");
    assert_string_equal(answer_header(a, "Content-Encoding"), "");
    http_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(lanes_answer),
        ON_BOTH(a_second_run_reads_the_same),
        ON_BOTH(conditional_reads),
        ON_BOTH(problems_are_told),
        ON_BOTH(permission_comes_first),
        ON_BOTH(forms_are_read),
        ON_BOTH(uploads_are_spooled),
        ON_BOTH(late_inline_is_moved),
        ON_BOTH(late_authorization_is_begun_anew),
        ON_BOTH(reports_do_not_hold_up_reads),
        ON_BOTH(health_is_told),
        ON_SQLITE(reports_leave_room_for_preparing),
        ON_BOTH(stopping_finishes_what_runs),
        ON_SQLITE(gauges_are_told),
        ON_SQLITE(large_reports_are_compressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
