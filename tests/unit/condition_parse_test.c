/* Reading conditions: what is understood, and where each complaint points. */
#include "entity_fixture.h"

#include "entity/condition.h"
#include "entity/query_texts.h"

static struct arena arena;
static struct ctx context;

static int begin(void **state) {
    (void)state;
    static bool registered;
    if (!registered) {
        model_register(entity_fixture_definitions, "platform");
        message_register(query_texts);
        registered = true;
    }
    arena_init(&arena);
    context = (struct ctx){.arena = &arena,
                           .now_ms = 1790000000000,
                           .model = model_standard(),
                           .actor = &actor_system};
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct condition *parse(const char *text) {
    return condition_parse_text(&context, entity_named(&context, "deal"), str_from(text));
}

/* Accepted when complaints is empty, else refused with exactly these. */
static void check(const char *text, const char *complaints) {
    const struct condition *cond = parse(text);
    if (complaints[0] == 0) {
        if (!cond || ctx_failed(&context)) {
            fail_msg("%s: %s", text, entity_errors(&context));
        }
        return;
    }
    assert_null(cond);
    assert_string_equal(entity_errors(&context), complaints);
}

static void forms(void **state) {
    (void)state;
    check("", "");
    check("null", "");
    check("{}", "");
    check("{\"all\":[]}", "");
    check("{\"any\":[{\"not\":{\"field\":\"seats\",\"op\":\"gt\",\"value\":3}}]}", "");
    check("[]", "/where condition.object_expected\n");
    check("{\"some\":[]}", "/where condition.unknown_form\n");
    check("{\"all\":{}}", "/where/all condition.list_expected\n");
    check("{\"all\":[],\"any\":[]}", "/where/any condition.unknown_key\n");
    check("{\"not\":[]}", "/where/not condition.object_expected\n");
    check("{\"all\":[{}]}", "/where/all/0 condition.unknown_form\n");
}

static void every_complaint_is_gathered(void **state) {
    (void)state;
    check(
        "{\"all\":[{\"field\":\"nothing\",\"op\":\"eq\",\"value\":1},"
        "{\"field\":\"seats\",\"op\":\"like\"},{\"field\":\"seats\",\"op\":\"contains\",\"value\":"
        "\"a\"},{\"not\":{\"field\":\"seats\",\"op\":\"eq\",\"value\":\"many\"}},"
        "{\"field\":\"stage\",\"op\":\"in\",\"value\":[\"new\",\"odd\"],\"extra\":1}]}",
        "/where/all/0/field condition.unknown_field\n"
        "/where/all/1/op condition.unknown_operator\n"
        "/where/all/2/op condition.operator_not_for_field\n"
        "/where/all/3/not/value number.whole\n"
        "/where/all/4/value/1 option.unknown\n"
        "/where/all/4/extra condition.unknown_key\n");
}

static void values(void **state) {
    (void)state;
    check("{\"field\":\"seats\",\"op\":\"eq\"}", "/where/value condition.value_missing\n");
    check("{\"field\":\"seats\",\"op\":\"eq\",\"value\":null}",
          "/where/value condition.value_missing\n");
    check("{\"field\":\"seats\",\"op\":\"is_empty\",\"value\":1}",
          "/where/value condition.value_unexpected\n");
    check("{\"field\":\"seats\",\"op\":\"between\",\"value\":[1]}",
          "/where/value condition.pair_expected\n");
    check("{\"field\":\"seats\",\"op\":\"in\",\"value\":5}",
          "/where/value condition.list_expected\n");
    check("{\"field\":\"title\",\"op\":\"contains\",\"value\":\"\"}",
          "/where/value condition.text_expected\n");
    check("{\"field\":\"met_at\",\"op\":\"within_last\",\"value\":\"12h\"}", "");
    check("{\"field\":\"closes_on\",\"op\":\"within_last\",\"value\":\"12h\"}",
          "/where/value condition.duration_expected\n");
    check("{\"field\":\"closes_on\",\"op\":\"older_than\",\"value\":\"99999d\"}",
          "/where/value condition.duration_expected\n");
    check("{\"field\":\"closes_on\",\"op\":\"older_than\",\"value\":\"-3d\"}",
          "/where/value condition.duration_expected\n");
    check("{\"field\":\"met_at\",\"op\":\"is\",\"value\":\"last_quarter\"}", "");
    check("{\"field\":\"met_at\",\"op\":\"is\",\"value\":\"some_day\"}",
          "/where/value condition.period_expected\n");
    check("{\"field\":\"met_at\",\"op\":\"lte\",\"value\":\"2026-11-23\"}", "");
    check("{\"field\":\"amount\",\"op\":\"between\",\"value\":[{\"amount\":\"1.00\",\"currency\":"
          "\"CNY\"},{\"amount\":\"2.00\",\"currency\":\"USD\"}]}",
          "/where/value condition.mixed_currencies\n");
    check("{\"field\":\"extra\",\"op\":\"eq\",\"value\":{}}",
          "/where/op condition.operator_not_for_field\n");
    check("{\"field\":\"extra\",\"op\":\"not_empty\"}", "");
}

static void paths(void **state) {
    (void)state;
    check("{\"field\":\"firm_id.parent_id.name\",\"op\":\"starts_with\",\"value\":\"a\"}", "");
    check("{\"field\":\"firm_id.parent_id.parent_id.name\",\"op\":\"is_empty\"}", "");
    check("{\"field\":\"firm_id.parent_id.parent_id.parent_id.name\",\"op\":\"is_empty\"}",
          "/where/field condition.path_too_long\n");
    check("{\"field\":\"title.name\",\"op\":\"is_empty\"}",
          "/where/field condition.no_reference\n");
    check("{\"field\":\"firm_id.\",\"op\":\"is_empty\"}", "/where/field condition.unknown_field\n");
    check("{\"field\":\"firm_id.secret\",\"op\":\"is_empty\"}",
          "/where/field condition.unknown_field\n");
    check("{\"field\":\"owner_id\",\"op\":\"is_me\"}", "");
    check("{\"field\":\"firm_id.owner_id\",\"op\":\"in_my_tree\"}", "");
    check("{\"field\":\"created_by\",\"op\":\"in_my_tree\"}", "");
    check("{\"field\":\"owner_department_id\",\"op\":\"in_my_tree\"}", "");
    check("{\"field\":\"owner_department_id\",\"op\":\"is_me\"}",
          "/where/op condition.operator_not_for_field\n");
    check("{\"field\":\"firm_id\",\"op\":\"in_my_team\"}",
          "/where/op condition.operator_not_for_field\n");
}

/* What is not shown in full is not asked about; what is not shown at all is not there. */
static void rights(void **state) {
    (void)state;
    struct actor *actor = entity_actor(&context, 7, 9, SCOPE_OWN);
    const struct entity *deal = entity_named(&context, "deal");
    unsigned char *fields = (unsigned char *)entity_rights_of(actor, deal)->fields;
    fields[field_position(deal, "phone")] = RIGHT_MASKED;
    fields[field_position(deal, "email")] = RIGHT_NONE;
    fields[field_position(deal, "seats")] = RIGHT_READ;
    context.actor = actor;
    check("{\"field\":\"phone\",\"op\":\"not_empty\"}", "/where/field condition.masked_field\n");
    check("{\"field\":\"email\",\"op\":\"not_empty\"}", "/where/field condition.unknown_field\n");
    check("{\"field\":\"seats\",\"op\":\"not_empty\"}", "");
    struct entity_rights *firm = entity_rights_of(actor, entity_named(&context, "firm"));
    firm->scope[ACTION_READ] = SCOPE_NONE;
    check("{\"field\":\"firm_id.name\",\"op\":\"not_empty\"}",
          "/where/field condition.unknown_field\n");
    check("{\"field\":\"firm_id\",\"op\":\"not_empty\"}", "");
}

static const char *nested(int depth) {
    struct text_buffer b = {.arena = &arena};
    for (int i = 0; i < depth; i++) {
        text_add_c(&b, "{\"not\":");
    }
    text_add_c(&b, "{\"field\":\"seats\",\"op\":\"is_empty\"}");
    for (int i = 0; i < depth; i++) {
        text_add_char(&b, '}');
    }
    return str_to_c(&arena, text_str(&b));
}

static const char *many(int n, const char *open, const char *item, const char *close) {
    struct text_buffer b = {.arena = &arena};
    text_add_c(&b, open);
    for (int i = 0; i < n; i++) {
        text_add_c(&b, i > 0 ? "," : "");
        text_add_c(&b, item);
    }
    text_add_c(&b, close);
    return str_to_c(&arena, text_str(&b));
}

static void limits(void **state) {
    (void)state;
    check(nested(CONDITION_DEPTH), "");
    assert_null(parse(nested(CONDITION_DEPTH + 1)));
    assert_non_null(strstr(entity_errors(&context), "condition.too_deep"));
    const char *leaf = "{\"field\":\"seats\",\"op\":\"is_empty\"}";
    check(many(CONDITION_LEAVES, "{\"all\":[", leaf, "]}"), "");
    check(many(CONDITION_LEAVES + 1, "{\"all\":[", leaf, "]}"),
          "/where/all condition.too_many_leaves\n");
    const char *half = many(CONDITION_LEAVES / 2 + 1, "{\"all\":[", leaf, "]}");
    check(many(2, "{\"any\":[", half, "]}"), "/where/any/1/all/49 condition.too_many_leaves\n");
    const char *open = "{\"field\":\"seats\",\"op\":\"in\",\"value\":[";
    check(many(CONDITION_VALUES, open, "5", "]}"), "");
    check(many(CONDITION_VALUES + 1, open, "5", "]}"), "/where/value condition.too_many_values\n");
}

static void timed_and_reads(void **state) {
    (void)state;
    const struct entity *deal = entity_named(&context, "deal");
    const struct condition *plain = parse("{\"field\":\"seats\",\"op\":\"gt\",\"value\":3}");
    const struct condition *timed = parse("{\"any\":[{\"not\":{\"field\":\"met_at\",\"op\":"
                                          "\"older_than\",\"value\":\"3d\"}}]}");
    const struct condition *path = parse("{\"field\":\"firm_id.created_at\",\"op\":\"is\","
                                         "\"value\":\"today\"}");
    assert_false(condition_timed(plain));
    assert_true(condition_timed(timed));
    assert_true(condition_timed(path));
    assert_false(condition_timed(parse("")));
    assert_true(condition_reads(plain, entity_field(deal, STR("seats"))));
    assert_false(condition_reads(plain, entity_field(deal, STR("met_at"))));
    assert_true(condition_reads(path, entity_field(deal, STR("firm_id"))));
    assert_false(condition_reads(path, entity_field(deal, STR("created_at"))));
}

static void words(void **state) {
    (void)state;
    const struct condition *cond = parse(
        "{\"all\":[{\"field\":\"stage\",\"op\":\"in\",\"value\":[\"new\",\"won\"]},"
        "{\"any\":[{\"field\":\"firm_id.name\",\"op\":\"contains\",\"value\":\"天工\"},"
        "{\"not\":{\"field\":\"met_at\",\"op\":\"within_last\",\"value\":\"36h\"}}]}]}");
    assert_text(
        condition_words(&context, cond),
        "阶段 是其中之一 新建、赢单 且 (客户 · 名称 包含 天工 或 非 (见面 在最近 36 小时))");
    assert_text(condition_words(&context, parse("{\"field\":\"closes_on\",\"op\":"
                                                "\"older_than\",\"value\":\"9130d\"}")),
                "日期 早于 25 年");
    context.language = LANGUAGE_EN;
    assert_text(condition_words(&context, parse("{\"field\":\"met_at\",\"op\":"
                                                "\"older_than\",\"value\":\"740d\"}")),
                "Met at is older than 740 days");
    assert_text(condition_words(&context, parse("")), "always");
    assert_text(
        condition_words(&context, parse("{\"field\":\"created_by\",\"op\":\"in_my_tree\"}")),
        "Created by is in my department or below");
}

static void money_is_said(const char *amount, const char *currency, const char *words) {
    char text[160];
    snprintf(
        text, sizeof text,
        "{\"field\":\"amount\",\"op\":\"gte\",\"value\":{\"amount\":\"%s\",\"currency\":\"%s\"}}",
        amount, currency);
    assert_text(condition_words(&context, parse(text)), words);
}

static void money_as_people_say_it(void **state) {
    (void)state;
    money_is_said("10000000", "CNY", "金额 不小于 1,000 万");
    money_is_said("200000000.00", "CNY", "金额 不小于 2 亿");
    money_is_said("12500.50", "CNY", "金额 不小于 12,500.5");
    money_is_said("-50000", "CNY", "金额 不小于 -5 万");
    money_is_said("0", "CNY", "金额 不小于 0");
    money_is_said("500000", "USD", "金额 不小于 50 万 USD");
    context.language = LANGUAGE_EN;
    money_is_said("10000000", "CNY", "Amount is at least CNY 10,000,000");
    money_is_said("-123456.78", "USD", "Amount is at least USD -123,456.78");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(forms),
        TEST(every_complaint_is_gathered),
        TEST(values),
        TEST(paths),
        TEST(rights),
        TEST(limits),
        TEST(timed_and_reads),
        TEST(words),
        TEST(money_as_people_say_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
