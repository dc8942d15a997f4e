/* Characters, forms, search keys, words, pinyin. */
#include "base_fixture.h"

#include <string.h>

#include "base/text.h"

/* Well-formed and ill-formed sequences of the Unicode standard, table 3-7. */
static void utf8_is_checked(void **state) {
    (void)state;
    static const char *const right[] = {"",       "a",          "é",         "无锡",
                                        "😀",      "\u0800",     "\uD7FF",    "\uE000",
                                        "\uFFFF", "\U00010000", "\U0010FFFF"};
    static const char *const wrong[] = {"\x80",
                                        "\xC0\x80",
                                        "\xC1\xBF",
                                        "\xE0\x9F\x80",
                                        "\xED\xA0\x80",
                                        "\xF0\x8F\x80\x80",
                                        "\xF4\x90\x80\x80",
                                        "\xF5\x80\x80\x80",
                                        "\xE4\xB8",
                                        "\xFF",
                                        "a\xE4"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_true(text_valid(str_from(right[i])));
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(text_valid(str_from(wrong[i])));
        assert_true(text_valid(text_repair(&test_arena, str_from(wrong[i]))));
    }
    assert_str(text_repair(&test_arena, STR("a\0\xFF z")), "a\xEF\xBF\xBD z");
}

static void characters_go_round(void **state) {
    (void)state;
    struct text_buffer b = {.arena = &test_arena};
    uint32_t character;
    for (uint32_t ch = 1; ch < 0x110000; ch += ch < 0x900 ? 1 : 251) {
        text_add_character(&b, ch);
    }
    struct str rest = text_str(&b);
    assert_true(text_valid(rest));
    for (uint32_t ch = 1; ch < 0x110000; ch += ch < 0x900 ? 1 : 251) {
        assert_true(text_next(&rest, &character));
        assert_int_equal(character, ch >= 0xD800 && ch < 0xE000 ? 0xFFFD : ch);
    }
    assert_false(text_next(&rest, &character));
}

static void lengths_and_cuts(void **state) {
    (void)state;
    assert_int_equal(text_length(STR("a无😀")), 3);
    assert_int_equal(text_length(STR("a\xFF\xE4\xB8")), 4);
    assert_str(text_truncate(STR("a无锡😀z"), 3), "a无锡");
    assert_str(text_truncate(STR("ab"), 9), "ab");
    assert_str(text_truncate(STR("ab"), 0), "");
    assert_str(text_trim(STR("\u200B\u3000 a b\u00A0\uFEFF\r\n")), "a b");
    assert_str(text_trim(STR("\u3000")), "");
    assert_str(text_trim(STR(" \xE3\x80\x80\xE3\x80")), "\xE3\x80");
    assert_str(text_trim(STR("\xE3\xE3\x80\x80")), "\xE3");
    assert_str(text_trim(STR("\x80\x80\x80\x80\x80 ")), "\x80\x80\x80\x80\x80");
    assert_str(text_trim(STR("😀\u200D ")), "😀");
}

static void one_form_for_equal_text(void **state) {
    (void)state;
    static const struct {
        const char *from, *normal, *key;
    } cases[] = {
        {"无锡天工", "无锡天工", "无锡天工"},
        {"ＡＢＣ－１２", "ABC-12", "abc-12"},
        {"  a \t b\u3000c ", "a b c", "a b c"},
        {"Straße İ", "Straße İ", "strasse i\u0307"},
        {"\u200Bab\u200Dc", "abc", "abc"},
        {"ﾊﾟ ㎏ ①", "パ kg 1", "パ kg 1"},
        {"e\u0301", "é", "é"},
        {"e\u200B\u0301", "é", "é"},
        {"（上海）", "(上海)", "(上海)"},
        {"", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_str(text_normalize(&test_arena, str_from(cases[i].from)), cases[i].normal);
        assert_str(text_search_key(&test_arena, str_from(cases[i].from)), cases[i].key);
    }
}

static const char *joined(struct str_list list) {
    struct text_buffer b = {.arena = &test_arena};
    for (size_t i = 0; i < list.n; i++) {
        text_add_c(&b, i ? "|" : "");
        text_add(&b, list.items[i]);
    }
    text_add_char(&b, '\0');
    return text_str(&b).p;
}

static void terms(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"无锡天工", "无锡|锡天|天工"},
        {"李 ABC-12 李", "李|abc|12"},
        {"无锡无锡", "无锡|锡无"},
        {"Co.,Ltd无锡", "co|ltd|无锡"},
        {"", ""},
        {"，。！", ""},
        {"１３８00132647", "13800132647"},
        {"𠮷野家", "𠮷野|野家"},
        {"Müller", "müller"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str_list list = text_terms(&test_arena, str_from(cases[i][0]));
        assert_string_equal(joined(list), cases[i][1]);
    }
    char *many = arena_alloc(&test_arena, 30000);
    memset(many, ' ', 30000);
    for (int i = 0; i < 30000; i += 2) {
        many[i] = (char)('a' + i / 2 % 26);
    }
    assert_int_equal(text_terms(&test_arena, (struct str){many, 30000}).n, 26);
}

static void words(void **state) {
    (void)state;
    assert_string_equal(joined(text_words(&test_arena, STR("报价太高，客户要求打折 Discount!"))),
                        "报价|太高|客户|要求|打折|discount");
    assert_int_equal(text_words(&test_arena, STR("，。")).n, 0);
}

static void pinyin(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"孙立民", "sunlimin", "slm"},
        {"单国强", "shanguoqiang", "sgq"},
        {"欧阳娜娜", "ouyangnana", "oynn"},
        {"尉迟恭", "yuchigong", "ycg"},
        {"张伟 Tom", "zhangweitom", "zwt"},
        {"吕布", "lubu", "lb"},
        {"Smith 2", "smith2", "s2"},
        {"", "", ""},
        {"，", "", ""},
    };
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            struct pinyin p = text_pinyin(&test_arena, str_from(cases[i][0]));
            assert_str(p.full, cases[i][1]);
            assert_str(p.initials, cases[i][2]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(utf8_is_checked),
        TEST(characters_go_round),
        TEST(lengths_and_cuts),
        TEST(one_form_for_equal_text),
        TEST(terms),
        TEST(words),
        TEST(pinyin),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
