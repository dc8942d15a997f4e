#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <microhttpd.h>
#include <netdb.h>
#include <unistd.h>

#include "http/client.h"

/* A receiver on the loopback address that answers by path. */
static struct MHD_Daemon *daemon_;
static int port;
static int connections;

static enum MHD_Result answer(void *data, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request) {
    static char body[4096];
    static int seen;
    (void)data;
    (void)version;
    if (!*request) {
        *request = &seen;
        body[0] = 0;
        return MHD_YES;
    }
    if (*upload_size) {
        snprintf(body + strlen(body), sizeof body - strlen(body), "%.*s", (int)*upload_size,
                 upload);
        *upload_size = 0;
        return MHD_YES;
    }
    if (!strcmp(url, "/long")) {
        memset(body, 'x', sizeof body - 1);
    }
    char text[8192];
    const char *extra = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "x-extra");
    snprintf(text, sizeof text, "%s %s %s", method, extra ? extra : "-", body);
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), text,
                                                                    MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "content-type", "text/plain");
    MHD_add_response_header(response, "location", "/elsewhere");
    enum MHD_Result result = MHD_queue_response(connection, !strcmp(url, "/moved") ? 302 : 200,
                                                response);
    MHD_destroy_response(response);
    return result;
}

static void connection_count(void *data, struct MHD_Connection *connection, void **socket,
                             enum MHD_ConnectionNotificationCode code) {
    (void)data;
    (void)connection;
    (void)socket;
    connections += code == MHD_CONNECTION_NOTIFY_STARTED;
}

static int receiver_start(void **state) {
    (void)state;
    daemon_ = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer, NULL,
                               MHD_OPTION_NOTIFY_CONNECTION, connection_count, NULL,
                               MHD_OPTION_END);
    assert_non_null(daemon_);
    port = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port;
    return 0;
}

static int receiver_stop(void **state) {
    (void)state;
    client_allow_private((struct str){NULL, 0});
    MHD_stop_daemon(daemon_);
    return 0;
}

static struct arena arena;

static struct str local(const char *path) {
    return str_format(&arena, "http://127.0.0.1:%d%s", port, path);
}

static bool is(struct str s, const char *text) {
    return str_is(s, text);
}

static void an_allowed_host_is_called(void **state) {
    (void)state;
    client_allow_private(STR("crm.internal, 127.0.0.1"));
    const struct client_header headers[] = {{"x-extra", STR("yes")}};
    struct client_answer a = client_call(
        &arena,
        &(struct client_request){
            .url = local("/"), .headers = headers, .n_headers = 1, .body = STR("{\"a\":1}")});
    assert_int_equal(a.outcome, CLIENT_ANSWERED);
    assert_int_equal(a.status, 200);
    assert_true(is(a.body, "POST yes {\"a\":1}"));
    assert_true(is(a.content_type, "text/plain"));
    a = client_call(&arena, &(struct client_request){.url = local("/")});
    assert_true(is(a.body, "GET - "));
    a = client_call(&arena, &(struct client_request){.url = local("/"), .method = "DELETE"});
    assert_true(is(a.body, "DELETE - "));
    assert_int_equal(connections, 1);
    /* What would break out of its line is left out. */
    const struct client_header bad[] = {{"x-extra", STR("a\r\nx-other: b")}};
    a = client_call(&arena,
                    &(struct client_request){.url = local("/"), .headers = bad, .n_headers = 1});
    assert_true(is(a.body, "GET - "));
}

static void answers_are_bounded_and_redirects_not_followed(void **state) {
    (void)state;
    client_allow_private(STR("127.0.0.1"));
    struct client_answer a = client_call(
        &arena, &(struct client_request){.url = local("/long"), .answer_max = 1000});
    assert_int_equal(a.outcome, CLIENT_UNREACHABLE);
    assert_true(is(a.why, "the answer is too long"));
    a = client_call(&arena, &(struct client_request){.url = local("/moved")});
    assert_int_equal(a.status, 302);
}

static void private_addresses_are_refused(void **state) {
    (void)state;
    client_allow_private((struct str){NULL, 0});
    struct client_answer a = client_call(&arena, &(struct client_request){.url = local("/")});
    assert_int_equal(a.outcome, CLIENT_REFUSED);
    assert_int_equal(a.status, 0);
    /* By name too: what counts is the address connected to. This machine's own name leads
     * to one that is not public. */
    char name[256];
    assert_int_equal(gethostname(name, sizeof name), 0);
    a = client_call(
        &arena, &(struct client_request){.url = str_format(&arena, "http://%s:%d/", name, port)});
    assert_int_equal(a.status, 0);
    struct addrinfo *found = NULL;
    if (getaddrinfo(name, NULL, NULL, &found) == 0) {
        freeaddrinfo(found);
        assert_int_equal(a.outcome, CLIENT_REFUSED);
    }
    static const char *const closed[] = {
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[ff02::1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[2001:db8::1]/",
        "http://[::]/",
        "http://127.1/",
    };
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        a = client_call(&arena,
                        &(struct client_request){.url = str_from(closed[i]), .timeout_ms = 500});
        if (a.outcome != CLIENT_REFUSED) {
            fail_msg("%s was called: %.*s", closed[i], STR_ARG(a.why));
        }
        assert_false(client_url_valid(str_from(closed[i])));
    }
}

static void strange_urls_are_refused(void **state) {
    (void)state;
    client_allow_private(STR("127.0.0.1"));
    static const char *const strange[] = {
        "",          "file:///etc/passwd",      "ftp://127.0.0.1/", "gopher://127.0.0.1/",
        "127.0.0.1", "http://user:p@127.0.0.1", "http://",          "//127.0.0.1/",
    };
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        assert_false(client_url_valid(str_from(strange[i])));
        struct client_answer a = client_call(&arena,
                                             &(struct client_request){.url = str_from(strange[i])});
        assert_int_equal(a.outcome, CLIENT_REFUSED);
    }
    assert_true(client_url_valid(STR("https://hooks.example.cn/crm?x=1")));
    assert_true(client_url_valid(STR("http://127.0.0.1:8080/")));
    assert_true(client_url_valid(STR("https://8.8.8.8/")));
    assert_true(client_url_valid(STR("https://[2606:4700::1111]/")));
    assert_false(client_url_valid(STR("http://localhost/")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_allowed_host_is_called),
        cmocka_unit_test(answers_are_bounded_and_redirects_not_followed),
        cmocka_unit_test(private_addresses_are_refused),
        cmocka_unit_test(strange_urls_are_refused),
    };
    int failed = cmocka_run_group_tests(tests, receiver_start, receiver_stop);
    arena_free(&arena);
    return failed;
}
