/* The program's own log. */
#include "base_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"

/* What write_some puts on standard error. */
static struct str logged(void (*write_some)(void)) {
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    write_some();
    dup2(saved, STDERR_FILENO);
    close(saved);
    char *text = arena_alloc(&test_arena, 65536);
    rewind(file);
    size_t n = fread(text, 1, 65536, file);
    fclose(file);
    return (struct str){text, n};
}

static void write_three(void) {
    LOG(LOG_DEBUG, "too.fine");
    LOG(LOG_INFO, "server.started", {"port", .number = 8080}, {"db", .text = STR("a\"b\n")});
}

static void a_line_is_one_json_object(void **state) {
    (void)state;
    struct str lines = logged(write_three), line;
    struct ctx c = {.arena = &test_arena};
    assert_true(str_cut(&lines, '\n', &line));
    assert_int_equal(lines.n, 0);
    const struct json *v = json_parse(&c, line);
    assert_non_null(v);
    assert_str(json_text(v, "level"), "info");
    assert_str(json_text(v, "message"), "server.started");
    assert_int_equal(json_int(v, "port", 0), 8080);
    assert_str(json_text(v, "db"), "a\"b\n");
    assert_int_equal(json_text(v, "time").n, 24);
}

static void write_error(void) {
    struct ctx c = {.arena = &test_arena, .request_id = STR("r-1")};
    FAIL(&c, ERROR_CONFLICT, "record.stale");
    log_error(&c, "request.failed");
    ctx_clear_error(&c);
    ctx_fail_internal(&c, "state %d", 42);
    log_error(&c, "request.failed");
}

static void errors_name_their_request(void **state) {
    (void)state;
    struct str lines = logged(write_error), line;
    struct ctx c = {.arena = &test_arena};
    assert_true(str_cut(&lines, '\n', &line));
    const struct json *v = json_parse(&c, line);
    assert_str(json_text(v, "level"), "warn");
    assert_str(json_text(v, "error"), "conflict");
    assert_str(json_text(v, "text"), "record.stale");
    assert_str(json_text(v, "request_id"), "r-1");
    assert_null(json_get(v, "internal"));
    assert_true(str_cut(&lines, '\n', &line));
    v = json_parse(&c, line);
    assert_str(json_text(v, "level"), "error");
    assert_str(json_text(v, "internal"), "state 42");
}

static void levels(void **state) {
    (void)state;
    enum log_level level = LOG_INFO;
    assert_true(log_parse_level(STR("warn"), &level) && level == LOG_WARN);
    assert_false(log_parse_level(STR("loud"), &level));
    log_set_level(LOG_WARN);
    assert_int_equal(logged(write_three).n, 0);
    log_set_level(LOG_DEBUG);
    struct str lines = logged(write_three);
    assert_true(str_find(lines, STR("too.fine")) > 0);
    log_set_level(LOG_INFO);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_line_is_one_json_object),
        TEST(errors_name_their_request),
        TEST(levels),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
