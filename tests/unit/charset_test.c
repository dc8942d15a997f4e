/* Finding out an encoding, and converting chunk by chunk. */
#include "base_fixture.h"

#include "base/charset.h"

static void detection(void **state) {
    (void)state;
    static const struct {
        struct str sample;
        enum charset charset;
    } cases[] = {
        {{"name,phone\n", 11}, CHARSET_UTF8},
        {{"\xEF\xBB\xBF\xE6\x97\xA0", 6}, CHARSET_UTF8},
        {{"无锡天工", 12}, CHARSET_UTF8},
        {{"无锡天工", 11}, CHARSET_UTF8}, /* cut within a character */
        {{"\xFF\xFE\xE0\x65", 4}, CHARSET_UTF16LE},
        {{"\xFE\xFF\x65\xE0", 4}, CHARSET_UTF16BE},
        {{"a\0,\0b\0\n\0", 8}, CHARSET_UTF16LE},
        {{"\0a\0,\0b\0\n", 8}, CHARSET_UTF16BE},
        {{"\xCE\xDE\xCE\xFD\xCC\xEC\xB9\xA4", 8}, CHARSET_GB18030},
        {{"\xCE\xDE\xCE\xFD\xCC\xEC\xB9", 7}, CHARSET_GB18030},
        {{"\x94\x39\xD6\x35", 4}, CHARSET_GB18030}, /* 💃 in four bytes */
        {{"", 0}, CHARSET_UTF8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(charset_detect(cases[i].sample), cases[i].charset);
    }
}

static void traditional_characters(void **state) {
    (void)state;
    /* 公司名稱 聯絡電話 備註 臺北市 新竹縣 客戶 訂單 報價 in Big5. */
    struct str big5 = STR("\xA4\xBD\xA5\x71\xA6\x57\xBA\xD9\xA1\x41\xC1\x70\xB5\xB8\xB9\x71\xB8\xDC"
                          "\xA1\x41\xB3\xC6\xB5\xF9\xA1\x41\xBB\x4F\xA5\x5F\xA5\xAB\xA1\x41\xB7\x73"
                          "\xA6\xCB\xBF\xA4\xA1\x41\xAB\xC8\xA4\xE1\xA1\x41\xAD\x71\xB3\xE6\xA1\x41"
                          "\xB3\xF8\xBB\xF9");
    assert_int_equal(charset_detect(big5), CHARSET_BIG5);
    assert_true(str_starts(charset_convert(&test_arena, CHARSET_BIG5, big5), STR("公司名稱")));
}

static void chunks_of_any_size_give_the_same(void **state) {
    (void)state;
    static const struct {
        enum charset charset;
        struct str bytes;
        const char *text;
    } cases[] = {
        {CHARSET_GB18030,
         {"\xCE\xDE\xCE\xFD"
          "a\x94\x39\xD6\x35z",
          10},
         "无锡a💃z"},
        {CHARSET_UTF16LE, {"\xFF\xFE\xE0\x65\x3D\xD8\x00\xDE", 8}, "无😀"},
        {CHARSET_UTF16BE, {"\x65\xE0\xD8\x3D\xDE\x00", 6}, "无😀"},
        {CHARSET_UTF8, {"\xEF\xBB\xBF\xE6\x97\xA0", 6}, "无"},
        {CHARSET_UTF8, {"a\xFFz", 3}, "a\xEF\xBF\xBDz"},
        {CHARSET_UTF8, {"a\xE6\x97", 3}, "a\xEF\xBF\xBD"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str bytes = cases[i].bytes;
        assert_str(charset_convert(&test_arena, cases[i].charset, bytes), cases[i].text);
        for (size_t size = 1; size < 5; size++) {
            struct text_buffer out = {.arena = &test_arena};
            struct charset_reader *r = charset_reader_new(cases[i].charset);
            assert_non_null(r);
            for (size_t at = 0; at < bytes.n; at += size) {
                charset_reader_add(r, str_slice(bytes, at, at + size), at + size >= bytes.n, &out);
            }
            charset_reader_free(r);
            assert_str(text_str(&out), cases[i].text);
        }
    }
}

static void names(void **state) {
    (void)state;
    enum charset charset;
    assert_true(charset_find(STR("utf-8"), &charset) && charset == CHARSET_UTF8);
    assert_true(charset_find(STR("GBK"), &charset) && charset == CHARSET_GB18030);
    assert_true(charset_find(STR("gb18030"), &charset) && charset == CHARSET_GB18030);
    assert_false(charset_find(STR("latin-1"), &charset));
    assert_string_equal(charset_name(CHARSET_UTF16LE), "UTF-16LE");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(detection),
        TEST(traditional_characters),
        TEST(chunks_of_any_size_give_the_same),
        TEST(names),
    };
    return cmocka_run_group_tests_name("charset", tests, NULL, NULL);
}
