/*
 * Mailboxes on the settings pages: everybody's own accounts, the company's for what comes back, and
 * for administrators how all of them fare (never what is in them).
 *
 * A password is kept sealed and never told. One of another server is not taken along to a new
 * one. Trying the settings logs in while the user waits and says what the server said.
 */
#include "base/clock.h"
#include "base/email.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "connector/mail_reason.h"
#include "connector/mailbox.h"
#include "connector/secret_box.h"
#include "db/db.h"
#include "entity/access.h"
#include "event/event.h"
#include "http/rate_limit.h"
#include "http/route.h"

#define MANAGE "settings:manage"
enum { TEXT_MOST = 200, EXCLUDED_MOST = 5000, AUTHORITY_MOST = 20000, FOLDERS = 200 };
enum { SINCE_DAYS = 30, PAGE = 200 };

static const struct rate_limit tries = {"mailbox_test", 10, 30};

static struct str member(struct ctx *c, const struct json *body, const char *name, size_t most) {
    struct str s = str_trim(json_text(body, name));
    bool lines = str_is(str_from(name), "excluded") || str_is(str_from(name), "authority");
    bool bad = s.n > most;
    for (size_t i = 0; i < s.n && !bad; i++) {
        bad = (unsigned char)s.p[i] < ' ' && !(lines && (s.p[i] == '\n' || s.p[i] == '\r'));
    }
    if (bad) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", name), "mailbox.text");
        return STR("");
    }
    return s;
}

static struct str host_member(struct ctx *c, const struct json *body, const char *name,
                              bool needed) {
    struct str host = str_lower(c->arena, member(c, body, name, TEXT_MOST));
    bool good = host.n > 0 || !needed;
    for (size_t i = 0; good && i < host.n; i++) {
        char b = host.p[i];
        good = (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || b == '.' || b == '-';
    }
    if (!good) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", name), "mailbox.host");
    }
    return host;
}

static int64_t port_member(struct ctx *c, const struct json *body, const char *name,
                           int64_t standard) {
    int64_t port = json_int(body, name, standard);
    if (port < 1 || port > 65535) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", name), "mailbox.port");
    }
    return port;
}

static struct str security_member(struct ctx *c, const struct json *body, const char *name) {
    struct str s = json_text(body, name);
    s = s.n ? s : STR("tls");
    if (!str_lists(STR("tls starttls none"), ' ', s)) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", name), "mailbox.security");
    }
    return s;
}

/* The day from which mails are read; a month ago when none is given. */
static int64_t since_member(struct ctx *c, const struct json *body) {
    struct str given = json_text(body, "since");
    struct date day;
    if (!given.n) {
        return c->now_ms - SINCE_DAYS * (int64_t)MS_DAY;
    }
    if (!date_parse(given, &day) || date_to_days(day) < 0) {
        FAIL_FIELD(c, STR("/since"), "mailbox.since");
        return 0;
    }
    return date_to_days(day) * (int64_t)MS_DAY;
}

static void box_parse(struct ctx *c, const struct json *body, struct mailbox *box) {
    struct email address = email_parse(c->arena, member(c, body, "address", TEXT_MOST));
    if (address.reason == EMAIL_SYNTAX || address.reason == EMAIL_EMPTY) {
        FAIL_FIELD(c, STR("/address"), "email.syntax");
    }
    box->enabled = json_bool(body, "enabled", true);
    box->name = member(c, body, "name", 100);
    box->address = address.address;
    box->imap.host = host_member(c, body, "imap_host", true);
    box->imap.port = port_member(c, body, "imap_port", 993);
    box->imap.security = security_member(c, body, "imap_security");
    box->imap.username = member(c, body, "username", TEXT_MOST);
    box->imap.username = box->imap.username.n ? box->imap.username : box->address;
    box->imap.authority = member(c, body, "authority", AUTHORITY_MOST);
    box->smtp_host = host_member(c, body, "smtp_host", false);
    box->smtp_port = port_member(c, body, "smtp_port", 465);
    box->smtp_security = security_member(c, body, "smtp_security");
    box->inbox = member(c, body, "inbox", TEXT_MOST);
    box->inbox = box->inbox.n ? box->inbox : STR("INBOX");
    box->sent = member(c, body, "sent", TEXT_MOST);
    box->since = since_member(c, body);
    box->excluded = member(c, body, "excluded", EXCLUDED_MOST);
    if (box->imap.authority.n && !str_starts(box->imap.authority, STR("-----BEGIN CERTIFICATE"))) {
        FAIL_FIELD(c, STR("/authority"), "mailbox.authority");
    }
}

/* The sealed password: the given one, or the known one of the same server and user. */
static struct str password_member(struct ctx *c, const struct json *body, const struct mailbox *box,
                                  const struct mailbox *known) {
    const struct json *given = json_get(body, "password");
    if (json_is(given, JSON_IS_TEXT) && given->text.n) {
        if (given->text.n > TEXT_MOST) {
            FAIL_FIELD(c, STR("/password"), "mailbox.text");
        }
        return secret_box_seal(c, given->text);
    }
    bool same = known->id && str_equal(known->imap.host, box->imap.host) &&
                str_equal(known->imap.username, box->imap.username) &&
                str_equal(known->smtp_host, box->smtp_host);
    if (!same || !known->imap.password.n) {
        FAIL_FIELD(c, STR("/password"), "mailbox.password");
        return STR("");
    }
    return known->imap.password;
}

static void box_keep(struct ctx *c, const struct mailbox *b, int64_t id) {
    DB_RUN(c,
           "INSERT INTO mailbox (id, user_id, enabled, name, address, imap_host, imap_security, "
           "imap_port, username, password, authority, smtp_host, smtp_security, smtp_port, inbox, "
           "sent, since, excluded, state, why, synced_at, next_at, claimed_until, failures, "
           "version, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
           "$14, $15, $16, $17, $18, 'new', '', 0, $19, 0, 0, 1, $19) "
           "ON CONFLICT (id) DO UPDATE SET enabled = $3, name = $4, address = $5, "
           "imap_host = $6, imap_security = $7, imap_port = $8, username = $9, password = $10, "
           "authority = $11, smtp_host = $12, smtp_security = $13, smtp_port = $14, inbox = $15, "
           "sent = $16, since = $17, excluded = $18, state = 'new', why = '', next_at = $19, "
           "claimed_until = 0, failures = 0, version = mailbox.version + 1",
           id, b->user_id, b->enabled, b->name, b->address, b->imap.host, b->imap.security,
           b->imap.port, b->imap.username, b->imap.password, b->imap.authority, b->smtp_host,
           b->smtp_security, b->smtp_port, b->inbox, b->sent, b->since, b->excluded, c->now_ms);
}

/* Another account, another folder or an earlier day: it is read again from the beginning; what is
 * there already is known by its digest. */
static bool reads_anew(const struct mailbox *was, const struct mailbox *is) {
    return !str_equal(was->imap.host, is->imap.host) ||
           !str_equal(was->imap.username, is->imap.username) || !str_equal(was->inbox, is->inbox) ||
           !str_equal(was->sent, is->sent) || is->since / MS_DAY < was->since / MS_DAY;
}

/* The one meant, ?box=<id>: the first when none is named; id 0 when there is none, or for "new".
 * False after a field error. */
static bool box_asked(struct request *r, int64_t user_id, struct mailbox *box) {
    struct str asked = request_query(r, "box");
    int64_t id = 0;
    if (!asked.n) {
        mailbox_of(r->c, user_id, box);
    } else if (!str_is(asked, "new") && !(str_to_int(asked, &id) && mailbox_read(r->c, id, box) &&
                                          box->user_id == user_id)) {
        FAIL_FIELD(r->c, STR("/box"), "reference.absent");
    }
    return !ctx_failed(r->c);
}

static void box_new_check(struct ctx *c, int64_t user_id) {
    if (DB_INT(c, "SELECT count(*) FROM mailbox WHERE user_id = $1", user_id) >=
        (user_id ? MAILBOXES_MOST : 1)) {
        FAIL(c, ERROR_LIMIT, "mailbox.most");
    }
}

static void box_put(struct request *r, int64_t user_id) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct mailbox box = {.user_id = user_id}, known = {0};
    if (!body || !box_asked(r, user_id, &known)) {
        return;
    }
    if (!known.id) {
        box_new_check(c, user_id);
    }
    box_parse(c, body, &box);
    box.imap.password = password_member(c, body, &box, &known);
    if (!ctx_failed(c) && user_id &&
        DB_INT(c, "SELECT 1 FROM mailbox WHERE address = $1 AND user_id <> 0 AND id <> $2 LIMIT 1",
               box.address, known.id)) {
        FAIL_FIELD(c, STR("/address"), "mailbox.taken");
    }
    if (ctx_failed(c)) {
        return;
    }
    box_keep(c, &box, known.id ? known.id : id_new());
    if (known.id && reads_anew(&known, &box)) {
        DB_RUN(c, "DELETE FROM mailbox_folder WHERE mailbox_id = $1", known.id);
    }
    event_emit(c, &(struct event){.type = STR("mailbox.changed")});
}

static void date_put(struct json_writer *w, int64_t ms) {
    char text[DATE_TEXT];
    date_format(date_from_days(ms / MS_DAY), text);
    json_put_c(w, text);
}

static void state_put(struct ctx *c, struct json_writer *w, const struct mailbox *box) {
    struct str code = str_format(c->arena, "mailbox.state_%.*s", STR_ARG(box->state));
    JSON_MEMBER(w, "enabled", json_put_bool, box->enabled);
    JSON_MEMBER(w, "address", json_put_str, box->address);
    JSON_MEMBER(w, "state", json_put_str, box->state);
    JSON_MEMBER(w, "advice", json_put_str,
                box->state.n ? message_words(c->language, code.p) : STR(""));
    JSON_MEMBER(w, "why", json_put_str, mail_reason(c->arena, c->language, box->why));
    JSON_MEMBER(w, "synced_at", json_put_instant_or_null, box->synced_at);
    JSON_MEMBER(w, "next_at", json_put_instant_or_null, box->next_at);
}

static void box_get(struct request *r, int64_t user_id) {
    struct ctx *c = r->c;
    struct mailbox box = {.enabled = true,
                          .imap = {.port = 993, .security = STR("tls")},
                          .smtp_port = 465,
                          .smtp_security = STR("tls"),
                          .inbox = STR("INBOX"),
                          .since = c->now_ms - SINCE_DAYS * (int64_t)MS_DAY};
    if (!box_asked(r, user_id, &box)) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "known", json_put_bool, box.id != 0);
    JSON_MEMBER(&w, "id", json_put_id, box.id);
    state_put(c, &w, &box);
    JSON_MEMBER(&w, "name", json_put_str, box.name);
    JSON_MEMBER(&w, "imap_host", json_put_str, box.imap.host);
    JSON_MEMBER(&w, "imap_port", json_put_int, box.imap.port);
    JSON_MEMBER(&w, "imap_security", json_put_str, box.imap.security);
    JSON_MEMBER(&w, "username", json_put_str, box.imap.username);
    JSON_MEMBER(&w, "has_password", json_put_bool, box.imap.password.n > 0);
    JSON_MEMBER(&w, "authority", json_put_str, box.imap.authority);
    JSON_MEMBER(&w, "smtp_host", json_put_str, box.smtp_host);
    JSON_MEMBER(&w, "smtp_port", json_put_int, box.smtp_port);
    JSON_MEMBER(&w, "smtp_security", json_put_str, box.smtp_security);
    JSON_MEMBER(&w, "inbox", json_put_str, box.inbox);
    JSON_MEMBER(&w, "sent", json_put_str, box.sent);
    json_key(&w, "since");
    date_put(&w, box.since);
    JSON_MEMBER(&w, "excluded", json_put_str, box.excluded);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* The account goes; what was read stays with the records it belongs to. */
static void box_delete(struct request *r, int64_t user_id) {
    struct ctx *c = r->c;
    struct mailbox box = {0};
    if (!box_asked(r, user_id, &box)) {
        return;
    }
    if (!box.id) {
        FAIL(c, ERROR_CONFLICT, "mailbox.absent");
        return;
    }
    DB_RUN(c, "DELETE FROM mailbox_folder WHERE mailbox_id = $1", box.id);
    DB_RUN(c, "DELETE FROM mailbox WHERE id = $1", box.id);
    event_emit(c, &(struct event){.type = STR("mailbox.changed")});
}

static void box_sync(struct request *r, int64_t user_id) {
    struct ctx *c = r->c;
    struct mailbox box = {0};
    if (box_asked(r, user_id, &box) &&
        !DB_RUN(c, "UPDATE mailbox SET next_at = $1, failures = 0 WHERE id = $2 AND enabled = 1",
                c->now_ms, box.id)) {
        FAIL(c, ERROR_CONFLICT, "mailbox.absent");
    }
}

static void folders_put(struct ctx *c, struct json_writer *w, struct imap *i) {
    struct imap_folder *folders = ARENA_NEW_ARRAY(c->arena, FOLDERS, struct imap_folder);
    size_t n = imap_folders(i, folders, FOLDERS);
    json_key(w, "folders");
    json_begin_array(w);
    for (size_t k = 0; k < n; k++) {
        json_begin_object(w);
        JSON_MEMBER(w, "name", json_put_str, folders[k].name);
        JSON_MEMBER(w, "label", json_put_str, imap_folder_words(c->arena, folders[k].name));
        JSON_MEMBER(w, "sent", json_put_bool, folders[k].sent);
        json_end_object(w);
    }
    json_end_array(w);
}

/* Outside any transaction, on the slow lane. */
static void box_test(struct request *r, int64_t user_id) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct mailbox box = {.user_id = user_id}, known = {0};
    if (!body || !box_asked(r, user_id, &known)) {
        return;
    }
    box_parse(c, body, &box);
    box.imap.password = password_member(c, body, &box, &known);
    mailbox_open(c, &box);
    if (ctx_failed(c)) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    struct imap *i = imap_open(c->arena, &box.imap);
    json_begin_object(&w);
    folders_put(c, &w, i);
    imap_examine(i, box.inbox);
    struct str state = str_from(imap_outcomes[imap_outcome(i)]);
    JSON_MEMBER(&w, "works", json_put_bool, imap_outcome(i) == IMAP_WORKS);
    JSON_MEMBER(&w, "state", json_put_str, state);
    JSON_MEMBER(
        &w, "advice", json_put_str,
        message_words(c->language, str_format(c->arena, "mailbox.state_%.*s", STR_ARG(state)).p));
    JSON_MEMBER(&w, "why", json_put_str, mail_reason(c->arena, c->language, imap_why(i)));
    json_end_object(&w);
    imap_close(i);
    reply_json(r, 200, &w);
}

static int64_t me(struct request *r) {
    return access_user_id(r->c->actor);
}

static void own_get(struct request *r) {
    box_get(r, me(r));
}
static void own_put(struct request *r) {
    box_put(r, me(r));
}
static void own_delete(struct request *r) {
    box_delete(r, me(r));
}
static void own_sync(struct request *r) {
    box_sync(r, me(r));
}
static void own_test(struct request *r) {
    request_rate_limit(r, &tries, str_format(r->c->arena, "%lld", (long long)me(r)));
    if (!ctx_failed(r->c)) {
        box_test(r, me(r));
    }
}
static void returns_get(struct request *r) {
    box_get(r, 0);
}
static void returns_put(struct request *r) {
    box_put(r, 0);
}
static void returns_delete(struct request *r) {
    box_delete(r, 0);
}
static void returns_sync(struct request *r) {
    box_sync(r, 0);
}
static void returns_test(struct request *r) {
    box_test(r, 0);
}

/* A user's mailboxes, the first first. */
static void own_all_get(struct request *r) {
    struct ctx *c = r->c;
    int64_t ids[MAILBOXES_MOST];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows, "SELECT id FROM mailbox WHERE user_id = $1 ORDER BY id LIMIT $2", me(r),
             (int64_t)MAILBOXES_MOST);
    while (n < MAILBOXES_MOST && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct mailbox box;
        if (mailbox_read(c, ids[i], &box)) {
            json_begin_object(&w);
            JSON_MEMBER(&w, "id", json_put_id, box.id);
            state_put(c, &w, &box);
            json_end_object(&w);
        }
    }
    json_end_array(&w);
    JSON_MEMBER(&w, "most", json_put_int, MAILBOXES_MOST);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void all_get(struct request *r) {
    struct ctx *c = r->c;
    struct db_rows rows;
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    int64_t after = request_query_int(r, "after", 0), last = 0;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT b.user_id, u.name, b.enabled, b.address, b.state, b.why, b.synced_at, "
             "b.next_at, b.id FROM mailbox b LEFT JOIN \"user\" u ON u.id = b.user_id "
             "WHERE b.id > $1 ORDER BY b.id LIMIT $2",
             after, (int64_t)PAGE);
    while (db_next(&rows)) {
        struct mailbox box = {.enabled = db_int(&rows, 2) != 0,
                              .address = db_text(&rows, 3),
                              .state = db_text(&rows, 4),
                              .why = db_text(&rows, 5),
                              .synced_at = db_int(&rows, 6),
                              .next_at = db_int(&rows, 7)};
        last = db_int(&rows, 8);
        n++;
        json_begin_object(&w);
        JSON_MEMBER(&w, "id", json_put_id, last);
        JSON_MEMBER(&w, "user_id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(&w, "user", json_put_str, db_text(&rows, 1));
        state_put(c, &w, &box);
        json_end_object(&w);
    }
    json_end_array(&w);
    JSON_MEMBER(&w, "next", json_put_id, n == PAGE ? last : 0);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

#define STATE                                                            \
    "enabled:boolean! address:text! state:text! advice:text! why:text! " \
    "synced_at:instant?! next_at:instant?!"
#define SETTINGS                                                                    \
    "enabled:boolean name:text address:text! imap_host:text! imap_port:integer "    \
    "imap_security:text username:text password:text authority:text smtp_host:text " \
    "smtp_port:integer smtp_security:text inbox:text sent:text since:date excluded:text"
#define KNOWN                                                                         \
    "known:boolean! id:id?! " STATE " name:text! imap_host:text! imap_port:integer! " \
    "imap_security:text! username:text! has_password:boolean! authority:text! "       \
    "smtp_host:text! smtp_port:integer! smtp_security:text! inbox:text! sent:text! "  \
    "since:date! excluded:text!"
#define TRIED                                                                       \
    "folders:[(name:text! label:text! sent:boolean!)]! works:boolean! state:text! " \
    "advice:text! why:text!"

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/mailbox", PERMISSION_SIGNED_IN, LANE_INLINE, own_get,
     .summary = "route.mailbox", .query = "box:text", .answer = KNOWN},
    {METHOD_GET, "/api/v1/mailbox/boxes", PERMISSION_SIGNED_IN, LANE_INLINE, own_all_get,
     .summary = "route.mailbox_boxes", .answer = "data:[(id:id! " STATE ")]! most:integer!"},
    {METHOD_PUT, "/api/v1/mailbox", PERMISSION_SIGNED_IN, LANE_WRITER, own_put,
     .flags = ROUTE_SECRET, .summary = "route.mailbox_set", .query = "box:text", .body = SETTINGS},
    {METHOD_DELETE, "/api/v1/mailbox", PERMISSION_SIGNED_IN, LANE_WRITER, own_delete,
     .summary = "route.mailbox_delete", .query = "box:text"},
    {METHOD_POST, "/api/v1/mailbox/sync", PERMISSION_SIGNED_IN, LANE_WRITER, own_sync,
     .summary = "route.mailbox_sync", .query = "box:text"},
    {METHOD_POST, "/api/v1/mailbox/test", PERMISSION_SIGNED_IN, LANE_SLOW, own_test,
     .summary = "route.mailbox_test", .query = "box:text", .body = SETTINGS, .answer = TRIED},
    {METHOD_GET, "/api/v1/mailboxes", MANAGE, LANE_INLINE, all_get, .summary = "route.mailboxes",
     .query = "after:id", .answer = "data:[(id:id! user_id:id?! user:text! " STATE ")]! next:id?!"},
    {METHOD_GET, "/api/v1/mailboxes/returns", MANAGE, LANE_INLINE, returns_get,
     .summary = "route.mailbox_returns", .answer = KNOWN},
    {METHOD_PUT, "/api/v1/mailboxes/returns", MANAGE, LANE_WRITER, returns_put,
     .flags = ROUTE_SECRET, .summary = "route.mailbox_returns_set", .body = SETTINGS},
    {METHOD_DELETE, "/api/v1/mailboxes/returns", MANAGE, LANE_WRITER, returns_delete,
     .summary = "route.mailbox_returns_delete"},
    {METHOD_POST, "/api/v1/mailboxes/returns/sync", MANAGE, LANE_WRITER, returns_sync,
     .summary = "route.mailbox_returns_sync"},
    {METHOD_POST, "/api/v1/mailboxes/returns/test", MANAGE, LANE_SLOW, returns_test,
     .summary = "route.mailbox_returns_test", .body = SETTINGS, .answer = TRIED},
    {0}};

static const struct text texts[] = {
    {"mailbox.absent", "还没有设置邮箱", "No mailbox is set up yet"},
    {"mailbox.text", "太长，或含有不允许的字符", "Too long, or with characters that may not be"},
    {"mailbox.host", "请填写邮件服务器的主机名", "The host name of a mail server is needed"},
    {"mailbox.port", "端口为 1 至 65535", "A port is 1 to 65535"},
    {"mailbox.security", "加密方式只能是 tls、starttls 或 none",
     "Encryption is tls, starttls or none"},
    {"mailbox.since", "请填写日期，如 2026-11-01", "A date is needed, as 2026-11-01"},
    {"mailbox.authority", "须为 PEM 格式的证书", "A certificate in PEM form is needed"},
    {"mailbox.password", "请填写密码或授权码（换服务器或用户名时须重新填写）",
     "The password is needed (again, when server or user change)"},
    {"mailbox.taken", "同事已经接入了这个邮箱", "A colleague has this mailbox already"},
    {"mailbox.most", "最多接入 5 个邮箱", "At most five mailboxes"},
    {"route.mailbox_boxes", "我的所有邮箱", "All my mailboxes"},
    {"mailbox.moved", "邮箱已被另一进程读取", "The mailbox was read by another process"},
    {"mailbox.state_new", "等待第一次收取", "Waiting to be read for the first time"},
    {"mailbox.state_reading", "正在收取历史邮件", "Older mails are being read"},
    {"mailbox.state_works", "工作正常", "Works"},
    {"mailbox.state_private",
     "这是内网地址：请管理员在 GUANTONG_PRIVATE_HOSTS 中允许这台邮件服务器",
     "A private address: an administrator has to allow it in GUANTONG_PRIVATE_HOSTS"},
    {"mailbox.state_unreachable", "连不上服务器：请核对主机名、端口和加密方式，稍后会自动重试",
     "The server cannot be reached: check host, port and encryption; it is tried again by itself"},
    {"mailbox.state_certificate",
     "服务器的证书不可信或已过期：请核对主机名和加密方式，自签证书请把签发证书填在下方",
     "The server's certificate is not to be trusted or has expired: check host and encryption; for "
     "a certificate of your own, add its authority below"},
    {"mailbox.state_login",
     "用户名或密码不对：QQ、163、腾讯企业邮等须在网页邮箱中开启 IMAP，并使用“授权码”而不是登录密码",
     "User or password refused: many providers want IMAP switched on in their settings, and an "
     "app password instead of yours"},
    {"mailbox.state_refused", "服务器拒绝了：请核对文件夹，并确认已开启 IMAP 服务",
     "The server refused: check the folders, and that IMAP is switched on"},
    {"mailbox.state_strange", "服务器的回答不是 IMAP：请核对主机名和端口",
     "What answers there is no IMAP: check host and port"},
    {"route.mailbox", "我的邮箱（密码不返回）", "My mailbox, without its password"},
    {"route.mailbox_set", "设置我的邮箱", "Set my mailbox"},
    {"route.mailbox_delete", "断开我的邮箱（已收进来的往来邮件保留）",
     "Disconnect my mailbox; mails that were filed stay"},
    {"route.mailbox_sync", "立即收取", "Read my mailbox now"},
    {"route.mailbox_test", "测试连接", "Try the settings of a mailbox"},
    {"route.mailboxes", "所有邮箱的状态", "How all mailboxes fare"},
    {"route.mailbox_returns", "退信邮箱", "The mailbox for what comes back from mailings"},
    {"route.mailbox_returns_set", "设置退信邮箱", "Set the mailbox for what comes back"},
    {"route.mailbox_returns_delete", "断开退信邮箱", "Disconnect the mailbox for what comes back"},
    {"route.mailbox_returns_sync", "立即收取退信", "Read what came back now"},
    {"route.mailbox_returns_test", "测试退信邮箱", "Try the settings of the returns mailbox"},
    {0}};

static const struct event_type event_types[] = {
    {"mailbox.changed", NULL, "改邮箱设置", "mailbox settings changed"}, {0}};

const struct module mailbox_routes_module = {.name = "connector.mailbox_routes",
                                             .cloud = "platform",
                                             .routes = routes,
                                             .events = event_types,
                                             .texts = texts};
