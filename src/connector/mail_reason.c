/* See mail_reason.h. */
#include "connector/mail_reason.h"

#include <curl/curl.h>
#include <string.h>

#include "base/message.h"
#include "base/module.h"
#include "connector/mail.h"

/* Before there was a reply, as libcurl says it. */
static const struct {
    CURLcode code;
    const char *text;
} broken[] = {{CURLE_COULDNT_RESOLVE_HOST, "mail_said.dns"},
              {CURLE_COULDNT_CONNECT, "mail_said.connect"},
              {CURLE_OPERATION_TIMEDOUT, "mail_said.timeout"},
              {CURLE_USE_SSL_FAILED, "mail_said.no_tls"},
              {CURLE_SSL_CONNECT_ERROR, "mail_said.tls"},
              {CURLE_PEER_FAILED_VERIFICATION, "mail_said.certificate"},
              {CURLE_LOGIN_DENIED, "mail_said.login"},
              {CURLE_SEND_ERROR, "mail_said.broken"},
              {CURLE_RECV_ERROR, "mail_said.broken"},
              {CURLE_GOT_NOTHING, "mail_said.broken"},
              {CURLE_WEIRD_SERVER_REPLY, "mail_said.strange"}};

/* The program's own, which need no words behind them. */
static const struct {
    const char *said, *text;
} own[] = {{"the address is not public", "mail_said.private"},
           {"the server does not answer", "mail_said.timeout"},
           {"the server hung up", "mail_said.broken"},
           {"the server ended the session", "mail_said.broken"},
           {"the answers are too large", "mail_said.large_answer"},
           {"an answer is too large", "mail_said.large_answer"},
           {"an answer is too long", "mail_said.large_answer"},
           {"the server tells no UIDVALIDITY or UIDNEXT", "mail_said.strange"},
           {"the server refuses to be watched", "mail_said.strange"},
           {"the mails could not be stored", "mail_said.not_stored"},
           {"the mail is gone", "mail_said.gone"},
           {"the mail or its mailbox is gone", "mail_said.gone"},
           {"a file of the mail is lost", "mail_said.file_lost"}};

/* Enhanced codes, of 4 and 5 alike ("x"), the particular before their classes. */
static const struct {
    const char *status, *text;
} statuses[] = {{"x.1.1", "mail_said.no_mailbox"}, {"x.1.10", "mail_said.no_mailbox"},
                {"x.1.6", "mail_said.no_mailbox"}, {"x.1.0", "mail_said.no_mailbox"},
                {"x.1.2", "mail_said.no_domain"},  {"x.1.3", "mail_said.syntax"},
                {"x.1.7", "mail_said.sender"},     {"x.1.8", "mail_said.sender"},
                {"x.1.", "mail_said.no_mailbox"},  {"x.2.1", "mail_said.closed"},
                {"x.2.2", "mail_said.full"},       {"x.2.3", "mail_said.too_large"},
                {"x.2.", "mail_said.closed"},      {"x.3.4", "mail_said.too_large"},
                {"x.3.1", "mail_said.no_room"},    {"x.3.", "mail_said.busy"},
                {"x.4.4", "mail_said.no_domain"},  {"x.4.310", "mail_said.no_domain"},
                {"x.4.6", "mail_said.circle"},     {"x.4.7", "mail_said.too_late"},
                {"x.4.", "mail_said.unreachable"}, {"x.5.3", "mail_said.too_many"},
                {"x.5.", "mail_said.protocol"},    {"x.6.", "mail_said.content"},
                {"x.7.3", "mail_said.login"},      {"x.7.8", "mail_said.login"},
                {"x.7.9", "mail_said.login"},      {"x.7.10", "mail_said.wants_tls"},
                {"x.7.11", "mail_said.wants_tls"}, {"x.7.20", "mail_said.proof"},
                {"x.7.21", "mail_said.proof"},     {"x.7.22", "mail_said.proof"},
                {"x.7.23", "mail_said.proof"},     {"x.7.24", "mail_said.proof"},
                {"x.7.25", "mail_said.proof"},     {"x.7.26", "mail_said.proof"},
                {"x.7.27", "mail_said.proof"},     {"x.7.509", "mail_said.proof"},
                {"x.7.", "mail_said.policy"}};

static const struct {
    int code;
    const char *text;
} codes[] = {{421, "mail_said.busy"},
             {432, "mail_said.login"},
             {450, "mail_said.later"},
             {451, "mail_said.later"},
             {452, "mail_said.no_room"},
             {454, "mail_said.no_tls"},
             {521, "mail_said.no_domain"},
             {530, "mail_said.wants_login"},
             {534, "mail_said.login"},
             {535, "mail_said.login"},
             {538, "mail_said.wants_tls"},
             {550, "mail_said.refused_address"},
             {551, "mail_said.no_mailbox"},
             {552, "mail_said.full"},
             {553, "mail_said.refused_address"},
             {556, "mail_said.no_domain"}};

static bool digit(char ch) {
    return ch >= '0' && ch <= '9';
}

/* The first word of three digits that begins with 4 or 5; 0: none. */
static int code_of(struct str words) {
    for (size_t i = 0; i + 3 <= words.n; i++) {
        bool begins = (words.p[i] == '4' || words.p[i] == '5') && (i == 0 || words.p[i - 1] == ' ');
        bool ends = i + 3 == words.n || words.p[i + 3] == ' ' || words.p[i + 3] == '-';
        if (begins && ends && digit(words.p[i + 1]) && digit(words.p[i + 2])) {
            return (words.p[i] - '0') * 100 + (words.p[i + 1] - '0') * 10 + (words.p[i + 2] - '0');
        }
    }
    return 0;
}

static const char *text_of_status(struct str status) {
    struct str rest = status.n ? str_slice(status, 1, status.n) : STR("");
    bool failed = status.n && status.p[0] != '2';
    for (size_t i = 0; failed && i < sizeof statuses / sizeof *statuses; i++) {
        struct str known = str_from(statuses[i].status + 1);
        bool class = known.p[known.n - 1] == '.';
        if (class ? str_starts(rest, known) : str_equal(rest, known)) {
            return statuses[i].text;
        }
    }
    return NULL;
}

static const char *text_of_code(int code) {
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].code == code) {
            return codes[i].text;
        }
    }
    return code >= 500 ? "mail_said.refused" : code >= 400 ? "mail_said.later" : NULL;
}

static const char *text_of_broken(struct str words) {
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        if (str_is(words, curl_easy_strerror(broken[i].code))) {
            return broken[i].text;
        }
    }
    return NULL;
}

static const char *text_of_own(struct str words) {
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (str_is(words, own[i].said)) {
            return own[i].text;
        }
    }
    return NULL;
}

/* IMAP tells of a log-in that failed in words of its own. */
static bool login_failed(struct str words) {
    static const char *const marks[] = {"AUTHENTICATIONFAILED", "LOGIN fail", "Login fail",
                                        "LOGIN Login error", "Invalid credentials"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (str_find(words, str_from(marks[i])) >= 0) {
            return true;
        }
    }
    return false;
}

/* What a log-in says goes before its enhanced code, which servers choose as they like. */
static const char *text_of(struct str words) {
    int code = code_of(words);
    bool entry = code == 530 || code == 534 || code == 535 || code == 538;
    const char *text = text_of_broken(words);
    text = text || !entry ? text : text_of_code(code);
    text = text ? text : text_of_status(mail_status(words));
    text = text || !login_failed(words) ? text : "mail_said.login";
    return text ? text : text_of_code(code);
}

struct str mail_reason(struct arena *a, enum language language, struct str words) {
    words = str_trim(str_starts(words, STR("0 ")) ? str_slice(words, 2, words.n) : words);
    const char *text = words.n ? text_of_own(words) : NULL;
    if (text) {
        return message_words(language, text);
    }
    text = words.n ? text_of(words) : NULL;
    if (!text) {
        return words;
    }
    return str_format(a, language == LANGUAGE_ZH ? "%.*s（%.*s）" : "%.*s (%.*s)",
                      STR_ARG(message_words(language, text)), STR_ARG(words));
}

struct str mail_reason_reply(struct arena *a, enum language language, int code, struct str words) {
    bool told = !code || code_of(words) == code || text_of_own(words) || text_of_broken(words);
    return mail_reason(a, language, told ? words : str_format(a, "%d %.*s", code, STR_ARG(words)));
}

static const struct text texts[] = {
    {"mail_said.dns", "找不到邮件服务器：主机名解析不了",
     "The mail server was not found: its name does not resolve"},
    {"mail_said.connect", "连不上邮件服务器：它不接受连接，或端口不对",
     "The mail server does not accept connections, or the port is wrong"},
    {"mail_said.timeout", "邮件服务器没有应答，超时了", "The mail server did not answer in time"},
    {"mail_said.no_tls", "邮件服务器不提供要求的加密（TLS）",
     "The mail server does not offer the encryption asked for (TLS)"},
    {"mail_said.tls", "加密连接（TLS）没有建立：加密方式或端口不对",
     "The encrypted connection (TLS) failed: wrong kind of encryption, or wrong port"},
    {"mail_said.certificate", "邮件服务器的证书不可信",
     "The mail server's certificate is not trusted"},
    {"mail_said.login", "登录被拒：用户名或密码不对（很多邮箱要用授权码）",
     "The log-in was refused: wrong user or password (many mailboxes want an app password)"},
    {"mail_said.wants_login", "邮件服务器要求先登录或先加密",
     "The mail server wants a log-in or encryption first"},
    {"mail_said.wants_tls", "邮件服务器要求加密（TLS）", "The mail server wants encryption (TLS)"},
    {"mail_said.broken", "与邮件服务器的连接中断了", "The connection to the mail server broke"},
    {"mail_said.strange", "对方的应答不像邮件服务器",
     "What answered does not act like a mail server"},
    {"mail_said.private", "服务器的地址不是公网地址，不允许连接",
     "The server's address is not public; it may not be called"},
    {"mail_said.large_answer", "邮件服务器的应答太大", "The mail server's answer is too large"},
    {"mail_said.not_stored", "邮件没能存下来", "The mails could not be stored"},
    {"mail_said.gone", "这封邮件或它的邮箱已经不在了", "The mail or its mailbox is gone"},
    {"mail_said.file_lost", "邮件的一个附件丢失了", "A file of the mail is lost"},
    {"mail_said.no_mailbox", "收件地址不存在", "There is no such mailbox"},
    {"mail_said.no_domain", "收件域名不存在，或不收邮件",
     "The receiver's domain does not exist, or takes no mail"},
    {"mail_said.syntax", "收件地址写法不对", "The receiver's address is malformed"},
    {"mail_said.sender", "发件地址不被接受", "The sender's address is not accepted"},
    {"mail_said.closed", "对方邮箱停用了，或暂时不收信",
     "The mailbox is closed, or takes no mail now"},
    {"mail_said.full", "对方邮箱满了", "The mailbox is full"},
    {"mail_said.too_large", "邮件太大，对方不收", "The mail is too large for the receiver"},
    {"mail_said.no_room", "对方服务器空间不够", "The receiver's server has no room"},
    {"mail_said.busy", "邮件服务器忙，或暂停服务", "The mail server is busy, or out of service"},
    {"mail_said.later", "对方服务器暂时不收", "The receiver's server takes no mail at the moment"},
    {"mail_said.unreachable", "对方服务器联系不上", "The receiver's server cannot be reached"},
    {"mail_said.circle", "邮件在服务器之间打转", "The mail went in circles between servers"},
    {"mail_said.too_late", "送了太久没送到，放弃了", "It could not be delivered in time"},
    {"mail_said.too_many", "一次的收件人太多", "Too many receivers at once"},
    {"mail_said.protocol", "邮件服务器不懂或不接受这个指令",
     "The mail server does not understand or accept the command"},
    {"mail_said.content", "邮件的内容或编码不被接受",
     "The content or its encoding is not accepted"},
    {"mail_said.proof", "发件域名的验证没有通过（SPF、DKIM、DMARC 或反向解析）",
     "The sender's domain could not be verified (SPF, DKIM, DMARC or reverse DNS)"},
    {"mail_said.policy", "对方按自己的规则拒收（发件服务器不被信任，或内容像垃圾邮件）",
     "Refused by the receiver's policy (the sender is not trusted, or it looks like spam)"},
    {"mail_said.refused_address", "对方拒收：地址不存在，或不接受这个发件人",
     "Refused: there is no such address, or it does not accept this sender"},
    {"mail_said.refused", "邮件服务器拒收", "The mail server refused it"},
    {0}};

const struct module mail_reason_module = {
    .name = "connector.mail_reason", .cloud = "platform", .texts = texts};
