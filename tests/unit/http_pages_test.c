/* The web client's files over HTTP, with the small folder that assets_test has too. */
#include "http_fixture.h"

#include "http/assets.h"

static char wanted[256];

static const char *get(const char *path, const char *headers) {
    snprintf(wanted, sizeof wanted, "GET %s HTTP/1.1\r\n" HOST "%s\r\n", path, headers);
    return wanted;
}

static struct http_fixture pages_open(void **state) {
    return http_open(state);
}

static void pages_of_the_client_get_its_index(void **state) {
    struct http_fixture f = pages_open(state);
    struct client *client = client_open(&f);
    static const char *const paths[] = {"/", "/leads", "/leads/5", "/settings/roles?tab=2"};
    const struct asset *index = asset_find(STR("/index.html"));
    assert_non_null(index);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct answer *a = client_ask(client, get(paths[i], ""));
        assert_int_equal(a->status, 200);
        assert_memory_equal(a->body, index->plain, index->plain_size);
        assert_string_equal(answer_header(a, "Content-Type"), "text/html; charset=utf-8");
        assert_string_equal(answer_header(a, "Cache-Control"), "no-cache");
        assert_non_null(strstr(answer_header(a, "Content-Security-Policy"),
                               "style-src 'self' 'unsafe-inline'"));
        assert_string_equal(answer_header(a, "X-Frame-Options"), "DENY");
    }
    struct answer *a = client_ask(client, get("/", ""));
    char again[128];
    snprintf(again, sizeof again, "If-None-Match: %s\r\n", answer_header(a, "ETag"));
    assert_int_equal(client_ask(client, get("/", again))->status, 304);
    client_close(client);
    http_close(&f);
}

static void what_is_not_there_is_not_found(void **state) {
    struct http_fixture f = pages_open(state);
    static const char *const paths[] = {"/api/v1/nothing", "/assets/gone-1234.js", "/missing.png",
                                        "/assets/../index.html"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_int_equal(ask(&f, get(paths[i], ""))->status, 404);
    }
    assert_int_equal(ask(&f, "DELETE / HTTP/1.1\r\n" HOST "\r\n")->status, 404);
    http_close(&f);
}

static void hashed_files_are_kept_for_ever(void **state) {
    struct http_fixture f = pages_open(state);
    struct answer *a = ask(&f, get("/assets/main-4f2a.js", ""));
    assert_int_equal(a->status, 200);
    assert_string_equal(answer_header(a, "Cache-Control"), "public, max-age=31536000, immutable");
    assert_string_equal(answer_header(a, "Vary"), "Accept-Encoding");
    http_close(&f);
}

static void clients_get_the_smallest_form_they_accept(void **state) {
    struct http_fixture f = pages_open(state);
    const struct asset *script = asset_find(STR("/assets/main-4f2a.js"));
    assert_non_null(script->brotli);
    assert_non_null(script->gzip);
    const struct {
        const char *accepts, *coding;
        size_t size;
    } cases[] = {
        {"", "", script->plain_size},
        {"Accept-Encoding: gzip, deflate, br\r\n", "br", script->brotli_size},
        {"Accept-Encoding: gzip\r\n", "gzip", script->gzip_size},
        {"Accept-Encoding: br;q=0, gzip;q=0.5\r\n", "gzip", script->gzip_size},
        {"Accept-Encoding: br;q=0, identity\r\n", "", script->plain_size},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct answer *a = ask(&f, get("/assets/main-4f2a.js", cases[i].accepts));
        assert_string_equal(answer_header(a, "Content-Encoding"), cases[i].coding);
        assert_int_equal(strtol(answer_header(a, "Content-Length"), NULL, 10), (long)cases[i].size);
    }
    http_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_SQLITE(pages_of_the_client_get_its_index),
        ON_SQLITE(what_is_not_there_is_not_found),
        ON_SQLITE(hashed_files_are_kept_for_ever),
        ON_SQLITE(clients_get_the_smallest_form_they_accept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
