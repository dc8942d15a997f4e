/* The sticky error, and the words for it. */
#include "base_fixture.h"

#include "base/message.h"

static const struct text texts[] = {
    {"test.plain", "普通", "plain"},
    {"test.named", "{name}已有{n}条", "{name} has {n} of {name}"},
    {"test.open", "未闭合{name", "open {name"},
    {"test.example", "例如 {\"a\":\"1\"}，{n}", "such as {\"a\":\"1\"}, {n}"},
    {0},
};

static struct ctx context(void) {
    return (struct ctx){.arena = &test_arena};
}

static void the_first_failure_stays(void **state) {
    (void)state;
    struct ctx c = context();
    assert_false(ctx_failed(&c));
    FAIL(&c, ERROR_CONFLICT, "test.plain");
    FAIL(&c, ERROR_DENIED, "test.named");
    ctx_fail_internal(&c, "later");
    FAIL_FIELD(&c, STR("/a"), "test.plain");
    assert_int_equal(c.error.code, ERROR_CONFLICT);
    assert_string_equal(c.error.text, "test.plain");
    assert_null(c.error.fields);
    assert_string_equal(c.error.internal, "");
    ctx_clear_error(&c);
    assert_false(ctx_failed(&c));
}

static void field_errors_are_gathered_in_order(void **state) {
    (void)state;
    struct ctx c = context();
    char pointer[] = "/phone";
    FAIL_FIELD(&c, str_from(pointer), "test.named", {"name", STR("x")}, {"n", STR("2")});
    pointer[1] = 'X';
    FAIL_FIELD(&c, STR("/mail"), "test.plain");
    FAIL(&c, ERROR_DENIED, "test.plain");
    assert_int_equal(c.error.code, ERROR_INVALID);
    assert_string_equal(c.error.text, "input.invalid");
    assert_str(c.error.fields->pointer, "/phone");
    assert_string_equal(c.error.fields->parameters[1].name, "n");
    assert_str(c.error.fields->parameters[1].value, "2");
    assert_str(c.error.fields->next->pointer, "/mail");
    assert_null(c.error.fields->next->next);
}

static void an_internal_failure_keeps_its_details_apart(void **state) {
    (void)state;
    struct ctx c = context();
    ctx_fail_internal(&c, "sql %d", 23505);
    assert_int_equal(c.error.code, ERROR_INTERNAL);
    assert_string_equal(c.error.text, "error.internal");
    assert_string_equal(c.error.internal, "sql 23505");
}

static void words_with_parameters(void **state) {
    (void)state;
    struct ctx c = context();
    FAIL(&c, ERROR_LIMIT, "test.named", {"name", STR("线索")}, {"n", STR("3")});
    assert_str(message_error(&test_arena, LANGUAGE_ZH, &c.error), "线索已有3条");
    assert_str(message_error(&test_arena, LANGUAGE_EN, &c.error), "线索 has 3 of 线索");
    assert_str(message_words(LANGUAGE_EN, "test.plain"), "plain");
    assert_str(message_words(LANGUAGE_EN, "test.unknown"), "test.unknown");
    assert_str(message_format(&test_arena, LANGUAGE_EN, "test.open", NULL, 0), "open {name");
    assert_str(message_format(&test_arena, LANGUAGE_ZH, "test.named", NULL, 0), "已有条");
    const struct text_parameter three = {"n", STR("3")};
    assert_str(message_format(&test_arena, LANGUAGE_EN, "test.example", &three, 1),
               "such as {\"a\":\"1\"}, 3");
    message_register(texts);
    assert_str(message_words(LANGUAGE_ZH, "test.plain"), "普通");
}

static void languages(void **state) {
    (void)state;
    assert_int_equal(language_parse(STR("en-US,en;q=0.9,zh;q=0.8")), LANGUAGE_EN);
    assert_int_equal(language_parse(STR("zh-CN, en")), LANGUAGE_ZH);
    assert_int_equal(language_parse(STR("fr, en")), LANGUAGE_EN);
    assert_int_equal(language_parse(STR("fr")), LANGUAGE_ZH);
    assert_int_equal(language_parse(STR("")), LANGUAGE_ZH);
    assert_string_equal(language_tag(LANGUAGE_EN), "en");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_first_failure_stays),
        TEST(field_errors_are_gathered_in_order),
        TEST(an_internal_failure_keeps_its_details_apart),
        TEST(words_with_parameters),
        TEST(languages),
    };
    message_register(texts);
    return cmocka_run_group_tests_name("context", tests, NULL, NULL);
}
