/* Heads of mails that are not ASCII (RFC 2047): what is composed is what a reader gets back. */
#include "base_fixture.h"

#include "base/crypto.h"
#include "base/text.h"
#include "connector/mail.h"
#include "connector/mail_words.h"

/* The words of a value, decoded one by one; each is whole characters and short enough. */
static struct str decoded(struct str value) {
    struct text_buffer out = {.arena = &test_arena};
    struct str line, bytes;
    while (value.n && str_cut(&value, '\n', &line)) {
        line = str_trim(line);
        assert_true(line.n <= 75);
        assert_true(str_starts(line, STR("=?UTF-8?B?")) && str_ends(line, STR("?=")));
        assert_true(base64_decode(&test_arena, str_slice(line, 10, line.n - 2), &bytes));
        assert_true(text_valid(bytes));
        text_add(&out, bytes);
    }
    return text_str(&out);
}

static void words_come_back(void **state) {
    (void)state;
    static const char *const texts[] = {
        "关于贵公司华东区数控机床产线数字化改造项目二期工程的白皮书、案例与报价说明，烦请查收",
        "🎉👨‍👩‍👧‍👦𠮷田 a 数控 b", "=?UTF-8?B?5pWw?= 不是编码", "é", ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (size_t column = 0; column < 40; column++) {
            assert_str(decoded(mail_words(&test_arena, str_from(texts[i]), column)), texts[i]);
        }
    }
    assert_true(mail_words_plain(STR("Spring news, 10 % off")));
    assert_false(mail_words_plain(STR("=?x?=")));
    assert_false(mail_words_plain(STR("a\tb")));
}

/* What stands in a message after "name:", unfolded with \n. */
static struct str header(struct str wire, const char *name) {
    struct text_buffer out = {.arena = &test_arena};
    struct str line, start = str_format(&test_arena, "%s: ", name);
    bool inside = false;
    while (str_cut(&wire, '\n', &line) && line.n > 1) {
        assert_true(line.n <= 77); /* with its \r */
        bool begins = str_starts(line, start), goes_on = line.p[0] == ' ' || line.p[0] == '\t';
        inside = begins || (inside && goes_on);
        if (inside) {
            text_add(&out, str_slice(line, begins ? start.n : 0, line.n - 1));
            text_add_char(&out, '\n');
        }
    }
    return str_trim(text_str(&out));
}

static void heads_are_folded(void **state) {
    (void)state;
    const char *subject =
        "数控机床产线数字化改造项目二期工程的白皮书、案例与报价说明，烦请转给设备部 🎉";
    struct mail_account account = {.from_name = STR("华岳工业控制技术（江苏）有限公司市场部"),
                                   .from_address = STR("news@example.cn")};
    struct mail_message m = {.to_name = STR("欧阳𠮷🎉欧阳𠮷🎉欧阳𠮷🎉欧阳𠮷🎉"),
                             .to_address = STR("ouyang@example.com"),
                             .others = STR("li@example.com, sun@example.com"),
                             .subject = str_from(subject),
                             .html = STR("<p>x</p>"),
                             .text = STR("x"),
                             .id = STR("m.1")};
    struct str wire = mail_compose(&test_arena, &account, &m);
    assert_str(decoded(header(wire, "Subject")), subject);
    struct str to = header(wire, "To");
    assert_true(str_ends(to, STR("<ouyang@example.com>,\n <li@example.com>,\n <sun@example.com>")));
    assert_str(decoded(str_slice(to, 0, (size_t)str_find(to, STR("\n <")))),
               "欧阳𠮷🎉欧阳𠮷🎉欧阳𠮷🎉欧阳𠮷🎉");
    assert_true(str_ends(header(wire, "From"), STR("\n <news@example.cn>")));
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(words_come_back), TEST(heads_are_folded)};
    return cmocka_run_group_tests_name("mail words", tests, NULL, NULL);
}
