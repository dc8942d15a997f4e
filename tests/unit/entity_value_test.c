/* Values from text as people write it, money of every scale, and back to text. */
#include "entity_fixture.h"

#include "entity/money.h"

static struct arena arena;
static struct ctx context;

static int begin(void **state) {
    (void)state;
    arena_init(&arena);
    model_register(entity_fixture_definitions, "platform");
    context = (struct ctx){.arena = &arena, .model = model_standard()};
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct field *deal_field(const char *name) {
    return entity_field(entity_named(&context, "deal"), str_from(name));
}

static struct value read_text(const char *field, const char *text) {
    return value_from_text(&context, deal_field(field), str_from(text));
}

/* Read and written again; "-" when it is refused. */
static const char *rewritten(const char *field, const char *text) {
    struct value v = read_text(field, text);
    if (ctx_failed(&context)) {
        assert_int_equal(v.kind, VALUE_NULL);
        ctx_clear_error(&context);
        return "-";
    }
    return str_to_c(&arena, value_to_text(&context, deal_field(field), v));
}

static void decimals_are_exact(void **state) {
    (void)state;
    int64_t v;
    assert_int_equal(decimal_parse(STR("9223372036854775807"), 0, &v), DECIMAL_RIGHT);
    assert_true(v == INT64_MAX);
    assert_int_equal(decimal_parse(STR("9223372036854775808"), 0, &v), DECIMAL_RANGE);
    assert_int_equal(decimal_parse(STR("-9223372036854775808"), 0, &v), DECIMAL_RIGHT);
    assert_true(v == INT64_MIN);
    assert_int_equal(decimal_parse(STR("92233720368547758.08"), 2, &v), DECIMAL_RANGE);
    assert_int_equal(decimal_parse(STR("0.10"), 1, &v), DECIMAL_RIGHT);
    assert_int_equal(v, 1);
    assert_int_equal(decimal_parse(STR("0.11"), 1, &v), DECIMAL_SCALE);
    static const char *const wrong[] = {"", "-", ".5", "5.", "1e3", "1 2", "--1", "0x1", "1.2.3"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(decimal_parse(str_from(wrong[i]), 2, &v), DECIMAL_SYNTAX);
    }
    assert_text(decimal_format(&arena, -5, 2), "-0.05");
    assert_text(decimal_format(&arena, INT64_MIN, 0), "-9223372036854775808");
    assert_text(decimal_format_short(&arena, 12500000, 6), "12.5");
    assert_text(decimal_format_short(&arena, 3000000, 6), "3");
}

static void currencies_by_iso(void **state) {
    (void)state;
    assert_int_equal(currency_digits(STR("CNY")), 2);
    assert_int_equal(currency_digits(STR("JPY")), 0);
    assert_int_equal(currency_digits(STR("KWD")), 3);
    assert_int_equal(currency_digits(STR("cny")), -1);
    assert_int_equal(currency_digits(STR("XXX")), -1);
    assert_text(currency_find(STR("元")), "CNY");
    assert_text(currency_find(STR("usd")), "USD");
    assert_int_equal(currency_find(STR("ab")).n, 0);
}

static void money_as_written(void **state) {
    (void)state;
    assert_string_equal(rewritten("amount", "¥1,234.5"), "1234.50 CNY");
    assert_string_equal(rewritten("amount", "１２３４．５０元"), "1234.50 CNY");
    assert_string_equal(rewritten("amount", "USD 12"), "12.00 USD");
    assert_string_equal(rewritten("amount", "120 日元"), "120 JPY");
    assert_string_equal(rewritten("amount", "1.2万"), "12000.00 CNY");
    assert_string_equal(rewritten("amount", "￥3,000.5 万元"), "30005000.00 CNY");
    assert_string_equal(rewritten("amount", "0.8亿 USD"), "80000000.00 USD");
    assert_string_equal(rewritten("amount", "1.5 JPY"), "-");
    assert_string_equal(rewritten("amount", "12 Taler"), "-");
    assert_string_equal(rewritten("amount", "$12 USD"), "12.00 USD"); /* the same twice */
    assert_string_equal(rewritten("amount", "$12 CNY"), "-");
    assert_string_equal(rewritten("amount", "-3.10"), "-3.10 CNY");
    assert_string_equal(rewritten("amount", "many"), "-");
}

static void other_kinds_as_written(void **state) {
    (void)state;
    assert_string_equal(rewritten("hot", "是"), "是");
    assert_string_equal(rewritten("hot", " NO "), "否");
    assert_string_equal(rewritten("hot", "vielleicht"), "-");
    assert_string_equal(rewritten("seats", "1,2"), "12");
    assert_string_equal(rewritten("seats", "12.00"), "12");
    assert_string_equal(rewritten("seats", "12.5"), "-");
    assert_string_equal(rewritten("seats", "501"), "-");
    assert_string_equal(rewritten("chance", "25%"), "0.25");
    assert_string_equal(rewritten("chance", "101%"), "-");
    assert_string_equal(rewritten("closes_on", "2026年3月5日"), "2026-03-05");
    assert_string_equal(rewritten("closes_on", "5 März"), "-");
    assert_string_equal(rewritten("met_at", "2026/3/5 07:10"), "2026-03-04T23:10:00.000Z");
    assert_string_equal(rewritten("met_at", "2026-03-05T07:10:00Z"), "2026-03-05T07:10:00.000Z");
    assert_string_equal(rewritten("stage", "赢单"), "赢单");
    assert_string_equal(rewritten("stage", "WON"), "赢单");
    assert_string_equal(rewritten("stage", "lost"), "-");
    assert_string_equal(rewritten("phone", "(+86) 139-1234-2647"), "13912342647");
    assert_string_equal(rewritten("site", "example.cn/a"), "https://example.cn/a");
    assert_string_equal(rewritten("site", "javascript:alert(1)"), "-");
    assert_string_equal(rewritten("extra", "{\"a\": 1}"), "{\"a\":1}");
    assert_string_equal(rewritten("extra", "{"), "-");
    assert_string_equal(rewritten("firm_id", "12"), "12");
    assert_string_equal(rewritten("firm_id", "-1"), "-");
    assert_int_equal(read_text("title", " \t\u3000").kind, VALUE_NULL);
    assert_string_equal(rewritten("title", "十个字十个字十个字十"), "十个字十个字十个字十");
    assert_string_equal(rewritten("title", "十个字十个字十个字十一"), "-");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(decimals_are_exact, begin, end),
        cmocka_unit_test_setup_teardown(currencies_by_iso, begin, end),
        cmocka_unit_test_setup_teardown(money_as_written, begin, end),
        cmocka_unit_test_setup_teardown(other_kinds_as_written, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
