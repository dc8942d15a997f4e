/* Slices and growing text. */
#include "base_fixture.h"

static void comparing(void **state) {
    (void)state;
    assert_true(str_equal(STR("a"), str_from("a")));
    assert_true(str_equal(STR(""), str_from(NULL)));
    assert_false(str_equal(STR("a"), STR("ab")));
    assert_true(str_is(STR("ab"), "ab"));
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_compare(STR("b"), STR("ab")) > 0);
    assert_true(str_compare(STR("\xff"), STR("a")) > 0);
    assert_int_equal(str_compare(STR("ab"), STR("ab")), 0);
    assert_true(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")));
    assert_true(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")));
}

static void finding_and_slicing(void **state) {
    (void)state;
    assert_int_equal(str_find(STR("hello"), STR("l")), 2);
    assert_int_equal(str_find(STR("hello"), STR("lx")), -1);
    assert_int_equal(str_find(STR("hello"), STR("")), 0);
    assert_int_equal(str_find(STR(""), STR("a")), -1);
    assert_int_equal(str_find_char(STR("a,b"), ','), 1);
    assert_str(str_slice(STR("hello"), 1, 3), "el");
    assert_str(str_slice(STR("hello"), 3, 99), "lo");
    assert_str(str_slice(STR("hello"), 9, 99), "");
    assert_str(str_slice(STR("hello"), 3, 1), "");
    assert_str(str_trim(STR(" \t a b \r\n")), "a b");
    assert_str(str_trim(STR("  ")), "");
}

static void cutting(void **state) {
    (void)state;
    struct str rest = STR("a,,b"), part;
    assert_true(str_cut(&rest, ',', &part));
    assert_str(part, "a");
    assert_true(str_cut(&rest, ',', &part));
    assert_str(part, "");
    assert_true(str_cut(&rest, ',', &part));
    assert_str(part, "b");
    assert_false(str_cut(&rest, ',', &part));
    rest = STR("");
    assert_true(str_cut(&rest, ',', &part));
    assert_int_equal(part.n, 0);
    assert_false(str_cut(&rest, ',', &part));
}

static void integers(void **state) {
    (void)state;
    int64_t v = 7;
    assert_true(str_to_int(STR("0"), &v) && v == 0);
    assert_true(str_to_int(STR("-42"), &v) && v == -42);
    assert_true(str_to_int(STR("9223372036854775807"), &v) && v == INT64_MAX);
    assert_true(str_to_int(STR("-9223372036854775808"), &v) && v == INT64_MIN);
    static const char *const wrong[] = {"",
                                        "-",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "1.0",
                                        "0x1",
                                        "1a",
                                        "--1",
                                        "9223372036854775808",
                                        "-9223372036854775809",
                                        "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        v = 7;
        assert_false(str_to_int(str_from(wrong[i]), &v));
        assert_int_equal(v, 7);
    }
}

static void building(void **state) {
    (void)state;
    struct text_buffer b = {.arena = &test_arena};
    text_add(&b, STR("a"));
    text_add_c(&b, "bc");
    text_add_char(&b, '-');
    text_add_int(&b, INT64_MIN);
    text_add_format(&b, "[%d|%s]", 5, "x");
    assert_str(text_str(&b), "abc--9223372036854775808[5|x]");
    for (int64_t n = 1; n < INT64_MAX / 10; n *= 10) {
        for (int64_t v = n - 1; v <= n + 1; v++) {
            struct text_buffer digits = {.arena = &test_arena};
            text_add_int(&digits, v);
            assert_str(text_str(&digits), str_format(&test_arena, "%lld", (long long)v).p);
        }
    }
    for (int i = 0; i < 10000; i++) {
        text_add_char(&b, 'z');
    }
    assert_int_equal(text_str(&b).n, 29 + 10000);
    assert_str(str_format(&test_arena, "%05d", 42), "00042");
    assert_str(str_lower(&test_arena, STR("AbÉZ")), "abÉz");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(comparing), TEST(finding_and_slicing), TEST(cutting), TEST(integers), TEST(building),
    };
    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
