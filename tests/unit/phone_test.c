/* Telephone numbers as people type them. */
#include "base_fixture.h"

#include "base/phone.h"

static void numbers_are_found(void **state) {
    (void)state;
    static const struct {
        const char *text, *digits, *e164;
        enum phone_kind kind;
    } cases[] = {
        {"13800132647", "13800132647", "+8613800132647", PHONE_MOBILE},
        {"电话:138 0013 2647 (微信同号)", "13800132647", "+8613800132647", PHONE_MOBILE},
        {"＋８６－１３８００１３２６４７", "13800132647", "+8613800132647", PHONE_MOBILE},
        {"86-13186031623", "13186031623", "+8613186031623", PHONE_MOBILE},
        {"008615012373817", "15012373817", "+8615012373817", PHONE_MOBILE},
        {"(+86) 150.1237.3817", "15012373817", "+8615012373817", PHONE_MOBILE},
        {"\u202D150 1237 3817\u202C", "15012373817", "+8615012373817", PHONE_MOBILE},
        {"015012373817", "15012373817", "+8615012373817", PHONE_MOBILE},
        {"15012373817.0", "15012373817", "+8615012373817", PHONE_MOBILE},
        {"13800132647/13900001111", "13800132647", "+8613800132647", PHONE_MOBILE},
        {"13800132647 13900001111", "13800132647", "+8613800132647", PHONE_MOBILE},
        {"3楼 13800132647", "13800132647", "+8613800132647", PHONE_MOBILE},
        {"16212345670", "16212345670", "+8616212345670", PHONE_MOBILE},
        {"0510-82712345", "0510-82712345", "+8651082712345", PHONE_LANDLINE},
        {"+86 510 8271 2345", "0510-82712345", "+8651082712345", PHONE_LANDLINE},
        {"0510 8271 2345 转 801", "0510-82712345", "+8651082712345", PHONE_LANDLINE},
        {"010-62345678-801", "010-62345678", "+861062345678", PHONE_LANDLINE},
        {"（021）62345678", "021-62345678", "+862162345678", PHONE_LANDLINE},
        {"+86 10 6234 5678", "010-62345678", "+861062345678", PHONE_LANDLINE},
        {"0510-82712345转8012 / 13712345013", "13712345013", "+8613712345013", PHONE_MOBILE},
        {"021-50801234、0510-82712345", "021-50801234", "+862150801234", PHONE_LANDLINE},
        {"400-812-3123", "4008123123", "", PHONE_SERVICE},
        {"+1 415 555 2671", "+14155552671", "+14155552671", PHONE_INTERNATIONAL},
        {"00852 9123 4567", "+85291234567", "+85291234567", PHONE_INTERNATIONAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct phone p;
        assert_true(phone_parse(str_from(cases[i].text), &p));
        assert_string_equal(p.digits, cases[i].digits);
        assert_string_equal(p.e164, cases[i].e164);
        assert_int_equal(p.kind, cases[i].kind);
        assert_int_equal(p.reason, PHONE_RIGHT);
    }
}

static void worthless_numbers_are_named(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum phone_reason reason;
    } cases[] = {
        {"", PHONE_EMPTY},
        {" \u3000", PHONE_EMPTY},
        {"-", PHONE_NO_NUMBER},
        {"无", PHONE_NO_NUMBER},
        {"1380013", PHONE_LENGTH},
        {"138001326471", PHONE_LENGTH},
        {"138 0013 264", PHONE_LENGTH},
        {"1.38001E+10", PHONE_LENGTH},
        {"12345678901", PHONE_PREFIX},
        {"29912345678", PHONE_PREFIX},
        {"14112345678", PHONE_PREFIX},
        {"+99 1234567890", PHONE_PREFIX},
        {"13800138000", PHONE_PLACEHOLDER},
        {"+86 138 0013 8000", PHONE_PLACEHOLDER},
        {"11111111111", PHONE_PLACEHOLDER},
        {"00000000000", PHONE_PLACEHOLDER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct phone p;
        assert_false(phone_parse(str_from(cases[i].text), &p));
        assert_int_equal(p.reason, cases[i].reason);
        assert_string_equal(p.digits, "");
        assert_non_null(phone_reason_text(p.reason));
    }
    assert_null(phone_reason_text(PHONE_RIGHT));
}

static void long_input_does_no_harm(void **state) {
    (void)state;
    struct phone p;
    struct text_buffer b = {.arena = &test_arena};
    for (int i = 0; i < 2000; i++) {
        text_add_c(&b, i % 3 ? "1" : "2 ");
    }
    assert_false(phone_parse(text_str(&b), &p));
}

static void masks(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"13800132647", "138****2647"},
        {"0510-82712345", "0510-****2345"},
        {"+14155552671", "+141****2671"},
        {"1234", "**34"},
        {"12", "**"},
        {"", ""},
        {"王先生13800132647", "****"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_str(phone_mask(&test_arena, str_from(cases[i][0])), cases[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(numbers_are_found),
        TEST(worthless_numbers_are_named),
        TEST(long_input_does_no_harm),
        TEST(masks),
    };
    return cmocka_run_group_tests_name("phone", tests, NULL, NULL);
}
