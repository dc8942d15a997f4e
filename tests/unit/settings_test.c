/* Settings from flags, environment, file and defaults. */
#include "base_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/settings.h"

static struct settings settings;
static struct str problem;

static bool load(int argc, char **argv) {
    problem = STR("");
    return settings_load(&settings, &test_arena, argc, argv, &problem);
}

#define LOAD(...)                                                             \
    load((int)(sizeof((char *[]){"guantong", __VA_ARGS__}) / sizeof(char *)), \
         (char *[]){"guantong", __VA_ARGS__, NULL})

static void defaults_and_words(void **state) {
    (void)state;
    assert_true(LOAD("serve", "now"));
    assert_int_equal(settings.port, 8080);
    assert_str(settings.listen, "127.0.0.1");
    assert_str(settings.db, "guantong.db");
    assert_int_equal(settings.log_level, LOG_INFO);
    assert_int_equal(settings.node, -1);
    assert_false(settings.help);
    assert_int_equal(settings.n_words, 2);
    assert_str(settings.words[0], "serve");
    assert_str(settings.words[1], "now");
}

static void flags(void **state) {
    (void)state;
    assert_true(
        LOAD("--port=90", "serve", "--session-hours", "3", "--log_level=warn", "--", "--odd"));
    assert_int_equal(settings.port, 90);
    assert_int_equal(settings.session_hours, 3);
    assert_int_equal(settings.log_level, LOG_WARN);
    assert_str(settings.words[1], "--odd");
    assert_true(LOAD("--help"));
    assert_true(settings.help);
}

static void mistakes_are_named(void **state) {
    (void)state;
    assert_false(LOAD("--port=99999"));
    assert_str(problem, "port (flag): 99999 is outside 0 to 65535");
    assert_false(LOAD("--port=abc"));
    assert_str(problem, "port (flag): \"abc\" is not a whole number");
    assert_false(LOAD("--colour=red"));
    assert_true(str_find(problem, STR("colour")) >= 0);
    assert_false(LOAD("serve", "--port"));
    assert_str(problem, "flag: --port wants a value");
    assert_false(LOAD("--log_level=loud"));
    assert_true(str_find(problem, STR("loud")) >= 0);
    assert_false(LOAD("--db="));
    assert_false(LOAD("--config=/nowhere/at/all"));
    assert_true(str_find(problem, STR("/nowhere/at/all")) >= 0);
}

static char *file_with(const char *text) {
    static char path[] = "/tmp/guantong-settings-XXXXXX";
    char *name = arena_copy(&test_arena, path, sizeof path);
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_true(dprintf(fd, "%s", text) >= 0);
    close(fd);
    return name;
}

static void the_nearer_place_wins(void **state) {
    (void)state;
    char *path = file_with("\xef\xbb\xbf# comment\n\nport = 1001\r\nthreads = 7\n  db =  a b.db  \n"
                           "session_hours=5\n");
    char *config = str_to_c(&test_arena, str_format(&test_arena, "--config=%s", path));
    setenv("GUANTONG_PORT", "1002", 1);
    setenv("GUANTONG_THREADS", "8", 1);
    assert_true(LOAD(config, "--port=1003"));
    assert_int_equal(settings.port, 1003);
    assert_int_equal(settings.threads, 8);
    assert_int_equal(settings.session_hours, 5);
    assert_str(settings.db, "a b.db");
    setenv("GUANTONG_PORT", "no", 1);
    assert_false(LOAD("serve"));
    assert_str(problem, "port (environment): \"no\" is not a whole number");
    unsetenv("GUANTONG_PORT");
    unsetenv("GUANTONG_THREADS");
    setenv("GUANTONG_CONFIG", path, 1);
    assert_true(LOAD("serve"));
    assert_int_equal(settings.port, 1001);
    unsetenv("GUANTONG_CONFIG");
    unlink(path);
}

static void a_wrong_file_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"port\n", "colour = red\n", "port = 70000\n",
                                        "config = other\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char *path = file_with(wrong[i]);
        assert_false(LOAD("--config", path));
        assert_true(problem.n > 0);
        unlink(path);
    }
}

static void help_and_description(void **state) {
    (void)state;
    struct str help = settings_help(&test_arena, true);
    assert_true(str_find(help, STR("--session_hours")) >= 0);
    assert_true(str_find(help, STR("(0 to 65535; 8080)")) >= 0);
    help = settings_help(&test_arena, false);
    assert_true(str_find(help, STR("--db")) >= 0);
    assert_int_equal(str_find(help, STR("--session_hours")), -1);
    assert_true(LOAD("--db=postgres://me:secret@host/db"));
    struct str shown = settings_describe(&test_arena, &settings);
    assert_true(str_find(shown, STR("port = 8080\n")) >= 0);
    assert_true(str_find(shown, STR("db = ***\n")) >= 0);
    assert_int_equal(str_find(shown, STR("secret@")), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(defaults_and_words),      TEST(flags),
        TEST(mistakes_are_named),      TEST(the_nearer_place_wins),
        TEST(a_wrong_file_is_refused), TEST(help_and_description),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
