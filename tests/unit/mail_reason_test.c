/* What servers reply, in the reader's language, with their own words behind it. */
#include "base_fixture.h"

#include <curl/curl.h>

#include "app/modules.h"
#include "connector/mail_reason.h"

static struct str zh(const char *words) {
    return mail_reason(&test_arena, LANGUAGE_ZH, str_from(words));
}

static void replies_are_explained(void **state) {
    (void)state;
    static const struct {
        const char *words, *begins;
    } all[] = {
        {"550 5.1.1 <nobody@example.com> User unknown", "收件地址不存在（550 5.1.1 "},
        {"550-5.1.1 The email account does not exist", "收件地址不存在（"},
        {"nobody@example.com: 5.1.1 550 no such user", "收件地址不存在（"},
        {"452 4.2.2 Over quota", "对方邮箱满了（"},
        {"552 5.2.2 Mailbox full", "对方邮箱满了（"},
        {"552 message too long", "对方邮箱满了"},
        {"552 5.3.4 Message size exceeds limit", "邮件太大"},
        {"550 5.7.1 Relaying denied", "对方按自己的规则拒收"},
        {"550 5.7.26 Unauthenticated mail", "发件域名的验证没有通过"},
        {"535 5.7.8 Authentication credentials invalid", "登录被拒"},
        {"535 Error: authentication failed", "登录被拒"},
        {"530 5.7.0 Must issue a STARTTLS command first", "邮件服务器要求先登录"},
        {"421 4.7.0 Try again later", "对方按自己的规则拒收"},
        {"421 Service not available", "邮件服务器忙"},
        {"451 Greylisted, try later", "对方服务器暂时不收"},
        {"450 4.1.1 unverified", "收件地址不存在"},
        {"550 Mailbox unavailable", "对方拒收"},
        {"553 sorry", "对方拒收"},
        {"554 Transaction failed", "邮件服务器拒收"},
        {"599 odd", "邮件服务器拒收"},
        {"[AUTHENTICATIONFAILED] Invalid credentials (Failure)", "登录被拒"},
        {"the address is not public", "服务器的地址不是公网地址"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct str said = zh(all[i].words);
        if (!str_starts(said, str_from(all[i].begins))) {
            print_error("%s: %.*s\n", all[i].words, STR_ARG(said));
        }
        assert_true(str_starts(said, str_from(all[i].begins)));
    }
}

/* What broke before there was a reply is libcurl's, whatever its version calls it. */
static void breaks_are_explained(void **state) {
    (void)state;
    static const struct {
        CURLcode code;
        const char *begins;
    } all[] = {{CURLE_COULDNT_RESOLVE_HOST, "The mail server was not found"},
               {CURLE_COULDNT_CONNECT, "The mail server does not accept connections"},
               {CURLE_OPERATION_TIMEDOUT, "The mail server did not answer in time"},
               {CURLE_USE_SSL_FAILED, "The mail server does not offer the encryption"},
               {CURLE_PEER_FAILED_VERIFICATION, "The mail server's certificate"},
               {CURLE_LOGIN_DENIED, "The log-in was refused"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct str kept = str_format(&test_arena, "0 %s", curl_easy_strerror(all[i].code));
        struct str said = mail_reason(&test_arena, LANGUAGE_EN, kept);
        assert_true(str_starts(said, str_from(all[i].begins)));
        assert_true(str_find(said, str_from(curl_easy_strerror(all[i].code))) > 0);
    }
}

static void the_rest_stays(void **state) {
    (void)state;
    assert_str(zh(""), "");
    assert_str(zh("250 2.1.5 queued"), "250 2.1.5 queued");
    assert_str(zh("something else entirely"), "something else entirely");
    assert_str(zh("room 404b"), "room 404b");
    assert_str(mail_reason_reply(&test_arena, LANGUAGE_EN, 550, STR("no such user")),
               "Refused: there is no such address, or it does not accept this sender "
               "(550 no such user)");
    assert_str(mail_reason_reply(&test_arena, LANGUAGE_EN, 550, STR("550 5.1.1 no")),
               "There is no such mailbox (550 5.1.1 no)");
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(replies_are_explained), TEST(breaks_are_explained),
                                       TEST(the_rest_stays)};
    modules_register();
    return cmocka_run_group_tests_name("mail reason", tests, NULL, NULL);
}
