#include "http_fixture.h"

#include <sys/resource.h>

/* The entity of a message is the id of the one user that may see it. */
static bool permits(const struct actor *actor, const struct stream_message *m) {
    int64_t id = 0;
    return !m->entity.n || (str_to_int(m->entity, &id) && id == actor->user_id);
}

static struct http_fixture stream_open(void **state) {
    struct http_fixture f = http_open(state);
    stream_filter(f.server, permits);
    return f;
}

static int stream_connect(const struct http_fixture *f, int user, const char *more) {
    char text[256];
    int fd = client_connect(server_port(f->server));
    int n = snprintf(text, sizeof text, "GET /stream HTTP/1.1\r\n" HOST "X-User: %d\r\n%s\r\n",
                     user, more);
    assert_int_equal(send(fd, text, (size_t)n, 0), n);
    return fd;
}

/* Read until the text was seen; false when nothing came for so long. */
static bool stream_shows(int fd, const char *wanted, int ms) {
    static char seen[65536];
    size_t n = 0;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (n < sizeof seen - 1 && poll(&p, 1, ms) > 0) {
        ssize_t more = recv(fd, seen + n, sizeof seen - 1 - n, 0);
        if (more <= 0) {
            return false;
        }
        n += (size_t)more;
        seen[n] = '\0';
        if (strstr(seen, wanted)) {
            return true;
        }
    }
    return false;
}

static void wait_for_subscribers(const struct http_fixture *f, int n) {
    for (int i = 0; i < 2000 && stream_count(f->server) != n; i++) {
        usleep(5000);
    }
    assert_int_equal(stream_count(f->server), n);
}

static void publish(const struct http_fixture *f, const char *data, int64_t user, const char *to) {
    stream_publish(f->server, &(struct stream_message){.name = STR("change"),
                                                       .data = str_from(data),
                                                       .user_id = user,
                                                       .entity = str_from(to)});
}

static void messages_reach_whom_they_concern(void **state) {
    struct http_fixture f = stream_open(state);
    int two = stream_connect(&f, 2, ""), three = stream_connect(&f, 3, "");
    wait_for_subscribers(&f, 2);
    assert_true(stream_shows(two, "text/event-stream", 2000));
    publish(&f, "{\"n\":1}", 0, "");
    assert_true(stream_shows(two, "event: change\ndata: {\"n\":1}\n\n", 2000));
    assert_true(stream_shows(three, "data: {\"n\":1}\n\n", 2000));
    publish(&f, "{\"n\":2}", 3, "");
    publish(&f, "{\"n\":3}", 0, "2");
    publish(&f, "{\"n\":4}", 0, "");
    assert_true(stream_shows(three, "data: {\"n\":2}\n\n", 2000));
    assert_true(stream_shows(two, "data: {\"n\":3}\n\n", 2000));
    assert_false(stream_shows(two, "{\"n\":2}", 200));
    assert_false(stream_shows(three, "{\"n\":3}", 200));
    close(two);
    close(three);
    http_close(&f);
}

static void who_comes_back_is_told_to_ask_anew(void **state) {
    struct http_fixture f = stream_open(state);
    int fd = stream_connect(&f, 2, "Last-Event-ID: 1\r\n");
    assert_true(stream_shows(fd, "event: resync\n", 2000));
    close(fd);
    struct answer *a = ask(&f, GET("/stream"));
    assert_int_equal(a->status, 401);
    http_close(&f);
}

/* One that does not read is cut off, and the others do not notice. */
static void slow_readers_are_cut(void **state) {
    struct http_fixture f = stream_open(state);
    int lazy = stream_connect(&f, 2, ""), eager = stream_connect(&f, 3, "");
    wait_for_subscribers(&f, 2);
    static char large[32768];
    memset(large, 'x', sizeof large - 1);
    for (int i = 0; i < 1500 && stream_count(f.server) == 2; i++) {
        publish(&f, large, 2, "");
        usleep(500);
    }
    wait_for_subscribers(&f, 1);
    publish(&f, "{\"n\":9}", 3, "");
    assert_true(stream_shows(eager, "data: {\"n\":9}\n\n", 2000));
    close(lazy);
    close(eager);
    http_close(&f);
}

static void stopping_ends_the_streams(void **state) {
    struct http_fixture f = stream_open(state);
    int fd = stream_connect(&f, 2, "");
    wait_for_subscribers(&f, 1);
    int64_t begun = clock_steady_ns();
    http_close(&f);
    assert_true(clock_steady_ns() - begun < INT64_C(5000000000));
    assert_false(stream_shows(fd, "never", 1000));
    close(fd);
}

static void a_thousand_are_served(void **state) {
    enum { SUBSCRIBERS = 1000 };
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    struct http_fixture f = stream_open(state);
    static int fds[SUBSCRIBERS];
    for (int i = 0; i < SUBSCRIBERS; i++) {
        fds[i] = stream_connect(&f, 2, "");
    }
    wait_for_subscribers(&f, SUBSCRIBERS);
    publish(&f, "{\"n\":1}", 0, "");
    for (int i = 0; i < SUBSCRIBERS; i++) {
        assert_true(stream_shows(fds[i], "data: {\"n\":1}\n\n", 5000));
        close(fds[i]);
    }
    http_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_SQLITE(messages_reach_whom_they_concern),
        ON_SQLITE(who_comes_back_is_told_to_ask_anew),
        ON_SQLITE(slow_readers_are_cut),
        ON_SQLITE(stopping_ends_the_streams),
        ON_SQLITE(a_thousand_are_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
