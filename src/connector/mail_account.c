/*
 * The company's account for sending mail: where its mail server is, how to log in there, in whose
 * name mails go, where bounces go. One row; its password is kept sealed and never told again.
 *
 * Event out: mail_account.changed. A test mail is sent while the administrator waits, so that he
 * reads what the server said.
 */
#include "base/clock.h"
#include "base/email.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "connector/mail.h"
#include "connector/mail_reason.h"
#include "db/db.h"
#include "db/migration.h"
#include "event/event.h"
#include "http/route.h"

#define MANAGE "settings:manage"
enum { PER_MINUTE = 60, PER_MINUTE_MOST = 60000, PASSWORD_MOST = 200, AUTHORITY_MOST = 20000 };

static const struct secret_key *sealing_key;
static struct hmac_key signing_key;
static struct str base_url;

void mail_start(const struct secret_key *key, struct str url) {
    unsigned char bytes[SHA256_BYTES];
    struct str master = {(const char *)key->bytes, sizeof key->bytes};
    sealing_key = key;
    base_url = url;
    hmac_sha256(master, STR("addresses in mails"), bytes);
    hmac_key_set(&signing_key, (struct str){(const char *)bytes, sizeof bytes});
}

void mail_sign(struct str text, unsigned char mac[MAIL_MAC]) {
    unsigned char digest[SHA256_BYTES];
    hmac_sha256_by(&signing_key, text, digest);
    for (int i = 0; i < MAIL_MAC; i++) {
        mac[i] = digest[i];
    }
}

static struct str password_open(struct ctx *c, struct str sealed) {
    struct str password = STR("");
    if (sealed.n && (!sealing_key || !secret_open(c->arena, sealing_key, sealed, &password))) {
        ctx_fail_internal(c, "the password of the mail account cannot be opened with this key");
    }
    return password;
}

static struct str slash_cut(struct str url) {
    while (url.n && url.p[url.n - 1] == '/') {
        url.n--;
    }
    return url;
}

bool mail_account_read(struct ctx *c, struct mail_account *account) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT host, port, security, username, password, from_name, from_address, reply_to, "
             "bounce_address, public_url, authority, per_minute FROM mail_account WHERE id = 1");
    if (!db_next(&rows)) {
        *account = (struct mail_account){.port = 587,
                                         .security = STR("starttls"),
                                         .public_url = slash_cut(base_url),
                                         .per_minute = PER_MINUTE};
        return false;
    }
    struct str sealed = db_text(&rows, 4);
    *account = (struct mail_account){.host = db_text(&rows, 0),
                                     .port = db_int(&rows, 1),
                                     .security = db_text(&rows, 2),
                                     .username = db_text(&rows, 3),
                                     .from_name = db_text(&rows, 5),
                                     .from_address = db_text(&rows, 6),
                                     .reply_to = db_text(&rows, 7),
                                     .bounce_address = db_text(&rows, 8),
                                     .public_url = slash_cut(db_text(&rows, 9)),
                                     .authority = db_text(&rows, 10),
                                     .per_minute = db_int(&rows, 11)};
    db_done(&rows);
    account->n_keys = dkim_keys(c, account->from_address, account->keys);
    account->password = password_open(c, sealed);
    account->public_url = account->public_url.n ? account->public_url : slash_cut(base_url);
    return !ctx_failed(c);
}

static struct str text_member(struct ctx *c, const struct json *body, const char *name,
                              size_t most) {
    struct str s = str_trim(json_text(body, name));
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < ' ') {
            s.n = most + 1; /* a line break would begin a line of its own in the message's head */
            break;
        }
    }
    if (s.n > most) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", name), "mail_account.text");
        return STR("");
    }
    return s;
}

static struct str address_member(struct ctx *c, const struct json *body, const char *name,
                                 bool needed) {
    struct str given = text_member(c, body, name, 200);
    struct email e = email_parse(c->arena, given);
    if (e.reason == EMAIL_SYNTAX || (needed && e.reason == EMAIL_EMPTY)) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", name), "email.syntax");
    }
    return e.reason == EMAIL_EMPTY ? STR("") : e.address.n ? e.address : given;
}

static bool host_valid(struct str host) {
    bool good = host.n > 0 && host.n <= 200;
    for (size_t i = 0; good && i < host.n; i++) {
        char b = host.p[i], low = (char)(b | 0x20);
        good = (b >= '0' && b <= '9') || (low >= 'a' && low <= 'z') || b == '.' || b == '-';
    }
    return good;
}

static bool url_valid(struct str url) {
    return (str_starts(url, STR("https://")) || str_starts(url, STR("http://"))) && url.n > 10 &&
           str_find_char(url, '"') < 0 && str_find_char(url, ' ') < 0;
}

static void account_parse(struct ctx *c, const struct json *body, struct mail_account *a) {
    a->host = text_member(c, body, "host", 200);
    a->port = json_int(body, "port", 587);
    a->security = json_text(body, "security");
    a->username = text_member(c, body, "username", 200);
    a->from_name = text_member(c, body, "from_name", 100);
    a->from_address = address_member(c, body, "from_address", true);
    a->reply_to = address_member(c, body, "reply_to", false);
    a->bounce_address = address_member(c, body, "bounce_address", false);
    a->public_url = slash_cut(text_member(c, body, "public_url", 200));
    a->authority = str_trim(json_text(body, "authority"));
    a->per_minute = json_int(body, "per_minute", PER_MINUTE);
    if (!host_valid(a->host)) {
        FAIL_FIELD(c, STR("/host"), "mail_account.host");
    }
    if (a->port < 1 || a->port > 65535) {
        FAIL_FIELD(c, STR("/port"), "mail_account.port");
    }
    if (!str_lists(STR("tls starttls none"), ' ', a->security) || !a->security.n) {
        FAIL_FIELD(c, STR("/security"), "mail_account.security");
    }
    if (a->public_url.n && !url_valid(a->public_url)) {
        FAIL_FIELD(c, STR("/public_url"), "mail_account.public_url");
    }
    if (a->authority.n > AUTHORITY_MOST ||
        (a->authority.n && !str_starts(a->authority, STR("-----BEGIN CERTIFICATE")))) {
        FAIL_FIELD(c, STR("/authority"), "mail_account.authority");
    }
    if (a->per_minute < 1 || a->per_minute > PER_MINUTE_MOST) {
        FAIL_FIELD(c, STR("/per_minute"), "mail_account.per_minute");
    }
}

/* A password that is left out stays, an empty one goes; one of another server never goes along. */
static struct str sealed_password(struct ctx *c, const struct json *body, struct str host) {
    const struct json *given = json_get(body, "password");
    if (!json_is(given, JSON_IS_TEXT)) {
        struct str kept = DB_TEXT(c, "SELECT password FROM mail_account WHERE id = 1 AND host = $1",
                                  host);
        return kept.p ? kept : STR("");
    }
    if (given->text.n > PASSWORD_MOST) {
        FAIL_FIELD(c, STR("/password"), "mail_account.text");
        return STR("");
    }
    if (!given->text.n) {
        return STR("");
    }
    if (!sealing_key) {
        ctx_fail_internal(c, "no key to seal the password of the mail account");
        return STR("");
    }
    return secret_seal(c->arena, sealing_key, given->text);
}

static void account_put(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct mail_account a;
    if (!body) {
        return;
    }
    account_parse(c, body, &a);
    struct str sealed = sealed_password(c, body, a.host);
    if (ctx_failed(c)) {
        return;
    }
    DB_RUN(c,
           "INSERT INTO mail_account (id, host, port, security, username, password, from_name, "
           "from_address, reply_to, bounce_address, public_url, authority, per_minute, updated_at) "
           "VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
           "ON CONFLICT (id) DO UPDATE SET host = $1, port = $2, security = $3, username = $4, "
           "password = $5, from_name = $6, from_address = $7, reply_to = $8, bounce_address = $9, "
           "public_url = $10, authority = $11, per_minute = $12, updated_at = $13",
           a.host, a.port, a.security, a.username, sealed, a.from_name, a.from_address, a.reply_to,
           a.bounce_address, a.public_url, a.authority, a.per_minute, c->now_ms);
    event_emit(c, &(struct event){.type = STR("mail_account.changed")});
}

static void account_get(struct request *r) {
    struct ctx *c = r->c;
    struct mail_account a;
    bool known = mail_account_read(c, &a);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "known", json_put_bool, known);
    JSON_MEMBER(&w, "host", json_put_str, a.host);
    JSON_MEMBER(&w, "port", json_put_int, a.port);
    JSON_MEMBER(&w, "security", json_put_str, a.security);
    JSON_MEMBER(&w, "username", json_put_str, a.username);
    JSON_MEMBER(&w, "has_password", json_put_bool, a.password.n > 0);
    JSON_MEMBER(&w, "from_name", json_put_str, a.from_name);
    JSON_MEMBER(&w, "from_address", json_put_str, a.from_address);
    JSON_MEMBER(&w, "reply_to", json_put_str, a.reply_to);
    JSON_MEMBER(&w, "bounce_address", json_put_str, a.bounce_address);
    JSON_MEMBER(&w, "public_url", json_put_str, a.public_url);
    JSON_MEMBER(&w, "authority", json_put_str, a.authority);
    JSON_MEMBER(&w, "per_minute", json_put_int, a.per_minute);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static struct mail_message test_message(struct ctx *c, struct str to) {
    bool english = c->language == LANGUAGE_EN;
    struct str words = message_words(c->language, "mail_account.test_text");
    return (struct mail_message){.to_address = to,
                                 .subject = english ? STR("Test mail") : STR("测试邮件"),
                                 .html = str_format(c->arena, "<p>%.*s</p>", STR_ARG(words)),
                                 .text = words,
                                 .id = str_format(c->arena, "test.%lld", (long long)id_new()),
                                 .at = c->now_ms};
}

/* Outside any transaction, on the slow lane: the server may take its time. */
static void test_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct mail_account a;
    if (!body) {
        return;
    }
    struct str to = address_member(c, body, "to", true);
    if (!ctx_failed(c) && !mail_account_read(c, &a)) {
        FAIL(c, ERROR_CONFLICT, "mail_account.absent");
    }
    if (ctx_failed(c)) {
        return;
    }
    struct mail_message m = test_message(c, to);
    struct mail_result result = mail_deliver(c->arena, &a, &m);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "accepted", json_put_bool, result.outcome == MAIL_ACCEPTED);
    JSON_MEMBER(&w, "code", json_put_int, result.code);
    JSON_MEMBER(&w, "why", json_put_str,
                mail_reason_reply(c->arena, c->language, result.code, result.why));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/mail/account", MANAGE, LANE_INLINE, account_get,
     .summary = "route.mail_account",
     .answer = "known:boolean! host:text! port:integer! security:text! username:text! "
               "has_password:boolean! from_name:text! from_address:text! reply_to:text! "
               "bounce_address:text! public_url:text! authority:text! per_minute:integer!"},
    {METHOD_PUT, "/api/v1/mail/account", MANAGE, LANE_WRITER, account_put, .flags = ROUTE_SECRET,
     .summary = "route.mail_account_set",
     .body = "host:text! port:integer! security:text! username:text password:text from_name:text "
             "from_address:text! reply_to:text bounce_address:text public_url:text authority:text "
             "per_minute:integer"},
    {METHOD_POST, "/api/v1/mail/account/test", MANAGE, LANE_SLOW, test_post,
     .summary = "route.mail_account_test", .body = "to:text!",
     .answer = "accepted:boolean! code:integer! why:text!"},
    {0}};

static const struct migration migrations[] = {
    {"connector.mail.1",
     "CREATE TABLE mail_account (id BIGINT NOT NULL PRIMARY KEY, host TEXT NOT NULL, "
     "port BIGINT NOT NULL, security TEXT NOT NULL, username TEXT NOT NULL, "
     "password TEXT NOT NULL, from_name TEXT NOT NULL, from_address TEXT NOT NULL, "
     "reply_to TEXT NOT NULL, bounce_address TEXT NOT NULL, public_url TEXT NOT NULL, "
     "authority TEXT NOT NULL, per_minute BIGINT NOT NULL, updated_at BIGINT NOT NULL)"},
    {0}};

static const struct text texts[] = {
    {"mail_account.absent", "还没有设置发信账号", "No sending account is set up yet"},
    {"mail_account.host", "请填写邮件服务器的主机名", "The host name of a mail server is needed"},
    {"mail_account.port", "端口为 1 至 65535", "A port is 1 to 65535"},
    {"mail_account.security", "加密方式只能是 tls、starttls 或 none",
     "Encryption is tls, starttls or none"},
    {"mail_account.public_url", "须为 http 或 https 网址", "An http or https address is needed"},
    {"mail_account.authority", "须为 PEM 格式的证书", "A certificate in PEM form is needed"},
    {"mail_account.per_minute", "每分钟 1 至 60,000 封", "1 to 60,000 mails a minute"},
    {"mail_account.text", "太长，或含有换行", "Too long, or it has a line break"},
    {"mail_account.test_text", "这是一封测试邮件：发信账号可以使用。",
     "This is a test mail: the sending account works."},
    {"route.mail_account", "发信账号（密码不返回）", "The sending account, without its password"},
    {"route.mail_account_set", "设置发信账号", "Set the sending account"},
    {"route.mail_account_test", "发一封测试邮件", "Send a test mail"},
    {0}};

static const struct event_type event_types[] = {
    {"mail_account.changed", NULL, "改发信账号", "sending account changed"}, {0}};

const struct module mail_account_module = {.name = "connector.mail_account",
                                           .cloud = "platform",
                                           .routes = routes,
                                           .events = event_types,
                                           .migrations = migrations,
                                           .texts = texts};
