/*
 * The keys that sign outgoing mail, and what the domain's DNS should say for receivers to believe
 * it: the keys' records, SPF (who may send for the domain) and DMARC (what to do with the rest).
 *
 * A key is made, its record published, checked, and switched on; an old one stays in DNS for a week
 * after it is switched off, for mails under way. The check asks DNS; where there is none to ask, it
 * says so and hinders nothing.
 */
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "connector/mail.h"
#include "connector/secret_box.h"
#include "db/db.h"
#include "db/migration.h"
#include "event/event.h"
#include "http/route.h"

#define MANAGE "settings:manage"
enum { KEYS_MOST = 20, SELECTOR_MOST = 40 };

struct key_row {
    struct str selector, domain, public;
    bool ed25519, active;
    int64_t at;
};

static struct str domain_of(struct str address) {
    ptrdiff_t at = str_find_char(address, '@');
    return at < 0 ? STR("") : str_slice(address, (size_t)at + 1, address.n);
}

size_t dkim_keys(struct ctx *c, struct str address, struct dkim_key keys[DKIM_KEYS]) {
    struct db_rows rows;
    size_t n = 0;
    struct str sealed[DKIM_KEYS];
    DB_QUERY(c, &rows,
             "SELECT domain, selector, ed25519, private FROM mail_dkim WHERE active = 1 "
             "AND domain = $1 ORDER BY ed25519 DESC, created_at DESC LIMIT 2",
             domain_of(address));
    while (n < DKIM_KEYS && db_next(&rows)) {
        sealed[n] = db_text(&rows, 3);
        keys[n++] = (struct dkim_key){.domain = db_text(&rows, 0),
                                      .selector = db_text(&rows, 1),
                                      .ed25519 = db_int(&rows, 2) != 0};
    }
    db_done(&rows);
    for (size_t i = 0; i < n; i++) {
        keys[i].private = secret_box_open(c, sealed[i]);
    }
    return n;
}

static size_t rows_read(struct ctx *c, struct key_row *list) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT selector, domain, public, ed25519, active, created_at FROM mail_dkim "
             "ORDER BY created_at DESC, selector LIMIT 20");
    while (n < KEYS_MOST && db_next(&rows)) {
        list[n++] = (struct key_row){.selector = db_text(&rows, 0),
                                     .domain = db_text(&rows, 1),
                                     .public = db_text(&rows, 2),
                                     .ed25519 = db_int(&rows, 3) != 0,
                                     .active = db_int(&rows, 4) != 0,
                                     .at = db_int(&rows, 5)};
    }
    db_done(&rows);
    return n;
}

static struct str record_name(struct ctx *c, const struct key_row *k) {
    return str_format(c->arena, "%.*s._domainkey.%.*s", STR_ARG(k->selector), STR_ARG(k->domain));
}

static struct str record_value(struct ctx *c, const struct key_row *k) {
    return str_format(c->arena, "v=DKIM1; k=%s; p=%.*s", k->ed25519 ? "ed25519" : "rsa",
                      STR_ARG(k->public));
}

/* What one would publish who sends by this server alone. */
static struct str spf_value(struct ctx *c, const struct mail_account *account) {
    return str_format(c->arena, "v=spf1 a:%.*s mx ~all", STR_ARG(account->host));
}

static struct str dmarc_value(struct ctx *c, const struct mail_account *account) {
    struct str to = account->bounce_address.n ? account->bounce_address : account->from_address;
    return str_format(c->arena, "v=DMARC1; p=none; rua=mailto:%.*s", STR_ARG(to));
}

static void keys_get(struct request *r) {
    struct ctx *c = r->c;
    struct key_row list[KEYS_MOST];
    struct mail_account account;
    struct json_writer w = json_writer(c->arena);
    bool known = mail_account_read(c, &account);
    struct str domain = known ? domain_of(account.from_address) : STR("");
    size_t n = rows_read(c, list);
    json_begin_object(&w);
    JSON_MEMBER(&w, "domain", json_put_str, domain);
    json_key(&w, "keys");
    json_begin_array(&w);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "selector", json_put_str, list[i].selector);
        JSON_MEMBER(&w, "domain", json_put_str, list[i].domain);
        JSON_MEMBER(&w, "algorithm", json_put_c, list[i].ed25519 ? "ed25519" : "rsa");
        JSON_MEMBER(&w, "active", json_put_bool, list[i].active);
        JSON_MEMBER(&w, "record_name", json_put_str, record_name(c, &list[i]));
        JSON_MEMBER(&w, "record_value", json_put_str, record_value(c, &list[i]));
        JSON_MEMBER(&w, "created_at", json_put_instant, list[i].at);
        json_end_object(&w);
    }
    json_end_array(&w);
    JSON_MEMBER(&w, "spf_value", json_put_str, known ? spf_value(c, &account) : STR(""));
    JSON_MEMBER(&w, "dmarc_value", json_put_str, known ? dmarc_value(c, &account) : STR(""));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

struct pair {
    struct str private, public;
    bool ed25519;
};

/* On the slow pool: finding large primes takes its time. */
static void key_prepare(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct pair *pair = ARENA_NEW(c->arena, struct pair);
    struct str algorithm = json_text(body, "algorithm");
    r->state = pair;
    if (!body || (!str_is(algorithm, "rsa") && !str_is(algorithm, "ed25519"))) {
        FAIL_FIELD(c, STR("/algorithm"), "dkim.algorithm");
        return;
    }
    pair->ed25519 = str_is(algorithm, "ed25519");
    if (!dkim_make(c->arena, pair->ed25519, &pair->private, &pair->public)) {
        ctx_fail_internal(c, "no key pair could be made");
    }
}

static bool selector_valid(struct str s) {
    bool good = s.n > 0 && s.n <= SELECTOR_MOST && s.p[0] != '-';
    for (size_t i = 0; good && i < s.n; i++) {
        good = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
               s.p[i] == '-';
    }
    return good;
}

static void key_post(struct request *r) {
    struct ctx *c = r->c;
    const struct pair *pair = r->state;
    struct str selector = json_text(request_json(r), "selector");
    struct mail_account account;
    if (!mail_account_read(c, &account)) {
        FAIL(c, ERROR_CONFLICT, "mail_account.absent");
    } else if (!selector_valid(selector)) {
        FAIL_FIELD(c, STR("/selector"), "dkim.selector");
    } else if (DB_INT(c, "SELECT count(*) FROM mail_dkim") >= KEYS_MOST) {
        FAIL(c, ERROR_LIMIT, "dkim.many");
    }
    struct str sealed = ctx_failed(c) ? STR("") : secret_box_seal(c, pair->private);
    if (!DB_RUN(c,
                "INSERT INTO mail_dkim (selector, domain, ed25519, private, public, active, "
                "created_at) VALUES ($1, $2, $3, $4, $5, 0, $6) "
                "ON CONFLICT (selector, domain) DO NOTHING",
                selector, domain_of(account.from_address), pair->ed25519, sealed, pair->public,
                c->now_ms)) {
        FAIL_FIELD(c, STR("/selector"), "dkim.selector_taken");
    }
    event_emit(c, &(struct event){.type = STR("mail_dkim.changed")});
}

static void key_switch(struct request *r, bool remove, bool active) {
    struct ctx *c = r->c;
    struct str selector = request_path(r, "selector");
    int64_t n = remove ? DB_RUN(c, "DELETE FROM mail_dkim WHERE selector = $1", selector)
                       : DB_RUN(c, "UPDATE mail_dkim SET active = $1 WHERE selector = $2", active,
                                selector);
    if (!n) {
        FAIL(c, ERROR_ABSENT, "dkim.absent");
    }
    event_emit(c, &(struct event){.type = STR("mail_dkim.changed")});
}

static void on_post(struct request *r) {
    key_switch(r, false, true);
}

static void off_post(struct request *r) {
    key_switch(r, false, false);
}

static void key_delete(struct request *r) {
    key_switch(r, true, false);
}

/* A record without blanks and the last semicolon: DNS tools write them as they like. */
static struct str record_plain(struct arena *a, struct str record) {
    struct text_buffer out = {.arena = a};
    for (size_t i = 0; i < record.n; i++) {
        if (record.p[i] != ' ' && !(record.p[i] == ';' && i + 1 == record.n)) {
            text_add_char(&out, record.p[i]);
        }
    }
    return text_str(&out);
}

static bool same_record(struct arena *a, struct str x, struct str y) {
    return str_equal(record_plain(a, x), record_plain(a, y));
}

struct looking {
    struct ctx *c;
    struct json_writer w;
    bool unreachable; /* nobody is asked again in vain */
};

/* One record: what is there, and whether it is right. begins: of its kind; wanted p = NULL: any of
 * the kind will do. */
static void look(struct looking *l, struct str name, const char *begins, struct str wanted) {
    struct ctx *c = l->c;
    struct json_writer *w = &l->w;
    struct dns_texts t = l->unreachable ? (struct dns_texts){.outcome = DNS_UNREACHABLE}
                                        : dns_texts(c->arena, name);
    l->unreachable = t.outcome == DNS_UNREACHABLE;
    const char *state = t.outcome == DNS_UNREACHABLE ? "unreachable" : "missing";
    struct str found = STR("");
    for (size_t i = 0; i < t.n; i++) {
        if (str_starts(t.texts[i], str_from(begins))) {
            found = t.texts[i];
            state = !wanted.p || same_record(c->arena, found, wanted) ? "ok" : "differs";
        }
    }
    json_begin_object(w);
    JSON_MEMBER(w, "name", json_put_str, name);
    JSON_MEMBER(w, "state", json_put_c, state);
    JSON_MEMBER(w, "found", json_put_str, found);
    json_end_object(w);
}

static void check_post(struct request *r) {
    struct ctx *c = r->c;
    struct key_row list[KEYS_MOST];
    struct mail_account account;
    struct looking l = {.c = c, .w = json_writer(c->arena)};
    size_t n = rows_read(c, list);
    if (!mail_account_read(c, &account)) {
        FAIL(c, ERROR_CONFLICT, "mail_account.absent");
        return;
    }
    struct str domain = domain_of(account.from_address);
    json_begin_object(&l.w);
    json_key(&l.w, "data");
    json_begin_array(&l.w);
    for (size_t i = 0; i < n && i < 4; i++) {
        look(&l, record_name(c, &list[i]), "v=DKIM1", record_value(c, &list[i]));
    }
    look(&l, domain, "v=spf1", (struct str){0});
    look(&l, str_format(c->arena, "_dmarc.%.*s", STR_ARG(domain)), "v=DMARC1", (struct str){0});
    json_end_array(&l.w);
    json_end_object(&l.w);
    if (!ctx_failed(c)) {
        reply_json(r, 200, &l.w);
    }
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/mail/dkim", MANAGE, LANE_INLINE, keys_get, .summary = "route.dkim",
     .answer = "domain:text! keys:[(selector:text! domain:text! algorithm:text! active:boolean! "
               "record_name:text! record_value:text! created_at:instant!)]! spf_value:text! "
               "dmarc_value:text!"},
    {METHOD_POST, "/api/v1/mail/dkim", MANAGE, LANE_WRITER, key_post, .prepare = key_prepare,
     .summary = "route.dkim_make", .body = "selector:text! algorithm:text!"},
    {METHOD_POST, "/api/v1/mail/dkim/check", MANAGE, LANE_SLOW, check_post,
     .summary = "route.dkim_check", .answer = "data:[(name:text! state:text! found:text!)]!"},
    {METHOD_POST, "/api/v1/mail/dkim/{selector}/on", MANAGE, LANE_WRITER, on_post,
     .summary = "route.dkim_on"},
    {METHOD_POST, "/api/v1/mail/dkim/{selector}/off", MANAGE, LANE_WRITER, off_post,
     .summary = "route.dkim_off"},
    {METHOD_DELETE, "/api/v1/mail/dkim/{selector}", MANAGE, LANE_WRITER, key_delete,
     .summary = "route.dkim_delete"},
    {0}};

static const struct migration migrations[] = {
    {"connector.mail_dkim.1",
     "CREATE TABLE mail_dkim (selector TEXT NOT NULL, domain TEXT NOT NULL, "
     "ed25519 BIGINT NOT NULL, private TEXT NOT NULL, public TEXT NOT NULL, "
     "active BIGINT NOT NULL, created_at BIGINT NOT NULL, "
     "PRIMARY KEY (selector, domain)){without_rowid}"},
    {0}};

static const struct text texts[] = {
    {"dkim.algorithm", "算法只能是 rsa 或 ed25519", "An algorithm is rsa or ed25519"},
    {"dkim.selector", "选择器为 1 至 40 个小写字母、数字或「-」",
     "A selector is 1 to 40 small letters, digits or \"-\""},
    {"dkim.selector_taken", "这个选择器已经用过", "This selector is taken"},
    {"dkim.many", "密钥太多，请先删除旧的", "Too many keys: delete old ones first"},
    {"dkim.absent", "没有这个密钥", "There is no such key"},
    {"route.dkim", "签名密钥与应发布的 DNS 记录", "Signing keys, and the DNS records to publish"},
    {"route.dkim_make", "新建签名密钥", "Make a signing key"},
    {"route.dkim_check", "检查 DNS 记录", "Check the DNS records"},
    {"route.dkim_on", "启用签名密钥", "Let a key sign"},
    {"route.dkim_off", "停用签名密钥", "Let a key sign no more"},
    {"route.dkim_delete", "删除签名密钥", "Delete a signing key"},
    {0}};

static const struct event_type event_types[] = {
    {"mail_dkim.changed", NULL, "改签名密钥", "signing keys changed"}, {0}};

const struct module mail_dkim_module = {.name = "connector.mail_dkim",
                                        .cloud = "platform",
                                        .routes = routes,
                                        .events = event_types,
                                        .migrations = migrations,
                                        .texts = texts};
