/* Mail addresses, and names of companies and people. */
#include "base_fixture.h"

#include "base/company.h"
#include "base/email.h"

static void addresses(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum email_reason reason;
        const char *address;
    } cases[] = {
        {" Zhang.San+crm@Example.COM ", EMAIL_RIGHT, "zhang.san+crm@example.com"},
        {"ａ＠ｑｑ．ｃｏｍ", EMAIL_RIGHT, "a@qq.com"},
        {"mailto:x@y.cn", EMAIL_RIGHT, "x@y.cn"},
        {"a@xn--fiqs8s.cn", EMAIL_RIGHT, "a@xn--fiqs8s.cn"},
        {"", EMAIL_EMPTY, ""},
        {"  ", EMAIL_EMPTY, ""},
        {"zhang796224", EMAIL_SYNTAX, ""},
        {"li450352#163.com", EMAIL_SYNTAX, ""},
        {"u75950@163.com@", EMAIL_SYNTAX, ""},
        {"u405362 at outlook.com", EMAIL_SYNTAX, ""},
        {"yang283275@sinacom", EMAIL_SYNTAX, ""},
        {"a..b@c.com", EMAIL_SYNTAX, ""},
        {".a@c.com", EMAIL_SYNTAX, ""},
        {"a.@c.com", EMAIL_SYNTAX, ""},
        {"@c.com", EMAIL_SYNTAX, ""},
        {"a@-c.com", EMAIL_SYNTAX, ""},
        {"a@c..com", EMAIL_SYNTAX, ""},
        {"a@10.0.0.1", EMAIL_SYNTAX, ""},
        {"a@c.com\r\nBcc: x@y.cn", EMAIL_SYNTAX, ""},
        {"张三@qq.com", EMAIL_SYNTAX, ""},
        {"x@mailinator.com", EMAIL_DISPOSABLE, ""},
        {"x@sub.YOPMAIL.com", EMAIL_DISPOSABLE, ""},
        {"x@0-mail.com", EMAIL_DISPOSABLE, ""},
        {"x@mintemail.com", EMAIL_DISPOSABLE, ""},
        {"x@moakt.com", EMAIL_DISPOSABLE, ""},
        {"x@yopmail.net", EMAIL_DISPOSABLE, ""},
        {"<Li.Lei@Example.cn>", EMAIL_RIGHT, "li.lei@example.cn"},
        {"李雷 <li@example.cn>", EMAIL_RIGHT, "li@example.cn"},
        {"\"Li, Lei\" <li@example.cn>", EMAIL_SYNTAX, ""},
        {"'li@example.cn'", EMAIL_RIGHT, "li@example.cn"},
        {"li@example.cn。", EMAIL_RIGHT, "li@example.cn"},
        {"li@example.cn；", EMAIL_RIGHT, "li@example.cn"},
        {"li@example.cn.", EMAIL_RIGHT, "li@example.cn"},
        {"li@example.cn..", EMAIL_SYNTAX, ""},
        {"li@163。com", EMAIL_RIGHT, "li@163.com"},
        {"li @ 163.com", EMAIL_RIGHT, "li@163.com"},
        {"li lei @163.com", EMAIL_SYNTAX, ""},
        {"li@163.com。han@qq.com", EMAIL_RIGHT, "li@163.com"},
        {"test@test.com", EMAIL_PLACEHOLDER, ""},
        {"Test@163.com", EMAIL_PLACEHOLDER, ""},
        {"123456@qq.com", EMAIL_PLACEHOLDER, ""},
        {"111111@qq.com", EMAIL_PLACEHOLDER, ""},
        {"abc@abc.com", EMAIL_PLACEHOLDER, ""},
        {"123@123.com", EMAIL_PLACEHOLDER, ""},
        {"a@qq.com", EMAIL_RIGHT, "a@qq.com"},
        {"502265@qq.com", EMAIL_RIGHT, "502265@qq.com"},
        {"lilei@lilei.cn", EMAIL_RIGHT, "lilei@lilei.cn"},
        {"li@example.cn; han@example.cn", EMAIL_RIGHT, "li@example.cn"},
        {"x@yopmail.com，li@example.cn", EMAIL_RIGHT, "li@example.cn"},
        {"li,lei@example.cn", EMAIL_SYNTAX, ""},
        {"li@example,cn", EMAIL_SYNTAX, ""},
        {"li lei@example.cn", EMAIL_SYNTAX, ""},
        {"；。", EMAIL_SYNTAX, ""},
        {"<>", EMAIL_SYNTAX, ""},
        {"x@notyopmail.com", EMAIL_RIGHT, "x@notyopmail.com"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct email e = email_parse(&test_arena, str_from(cases[i].text));
        assert_int_equal(e.reason, cases[i].reason);
        assert_str(e.address, cases[i].address);
        assert_int_equal(email_reason_text(e.reason) == NULL, e.reason == EMAIL_RIGHT);
    }
}

static void masks(void **state) {
    (void)state;
    assert_str(email_mask(&test_arena, STR("sunlimin@qq.com")), "s****n@qq.com");
    assert_str(email_mask(&test_arena, STR("ab@qq.com")), "a****@qq.com");
    assert_str(email_mask(&test_arena, STR("张三丰@qq.com")), "张****丰@qq.com");
    assert_str(email_mask(&test_arena, STR("nothing")), "****");
    assert_str(email_mask(&test_arena, STR("")), "****");
}

static void company_keys(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"无锡天工智能装备股份有限公司", "无锡天工智能装备"},
        {"无锡天工智能装备 有限责任公司", "无锡天工智能装备"},
        {"无锡天工智能装备集团有限公司", "无锡天工智能装备"},
        {"无锡天工智能装备", "无锡天工智能装备"},
        {"西门子（中国）有限公司", "西门子中国"},
        {"西门子(中国)有限公司", "西门子中国"},
        {"华为技术有限公司无锡分公司", "华为技术有限公司无锡分公司"},
        {"Apple Co., Ltd.", "apple"},
        {"APPLE Inc", "apple"},
        {"Guantong Technology Co.,Ltd", "guantong technology"},
        {"上海ABC Co., Ltd", "上海abc"},
        {"O'Reilly Media, Inc.", "oreilly media"},
        {"Cisco", "cisco"},
        {"有限公司", "有限公司"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_str(company_key(&test_arena, str_from(cases[i][0])), cases[i][1]);
    }
}

static void placeholder_names(void **state) {
    (void)state;
    assert_true(name_is_placeholder(STR("test")));
    assert_true(name_is_placeholder(STR(" TEST ")));
    assert_true(name_is_placeholder(STR("Asdf")));
    assert_true(name_is_placeholder(STR("aaa")));
    assert_true(name_is_placeholder(STR("张三测试")));
    assert_false(name_is_placeholder(STR("李女士")));
    assert_false(name_is_placeholder(STR("Tester")));
    assert_true(name_is_placeholder(STR("aaaa")));
    assert_true(name_is_placeholder(STR("123")));
    assert_true(name_is_placeholder(STR("啊啊啊")));
    assert_false(name_is_placeholder(STR("丽丽")));
    assert_false(name_is_placeholder(STR("13812342647")));
    assert_true(name_is_blank(STR("无")));
    assert_true(name_is_blank(STR(" N/A ")));
    assert_false(name_is_blank(STR("无锡")));
    assert_false(name_is_placeholder(STR("")));
    assert_true(name_is_blank(STR(" - /—、")));
    assert_false(name_is_blank(STR("-李-")));
    assert_false(name_is_blank(STR("X")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(addresses),
        TEST(masks),
        TEST(company_keys),
        TEST(placeholder_names),
    };
    return cmocka_run_group_tests_name("email", tests, NULL, NULL);
}
