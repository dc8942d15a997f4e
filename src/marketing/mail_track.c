/*
 * What receivers do with a mail, told by the addresses in it: it was opened (a pixel was asked
 * for), a link was followed, he unsubscribed, it bounced.
 *
 * Machines follow links too: scanners of mail servers look into each within seconds, previewers
 * fetch what a mail shows. A click is judged a quarter of a minute later: it counts as a person's
 * unless it came within seconds of the sending, from a program that says it is one, or together
 * with most other links of the mail. An opening is judged at once and stays an approximation, for
 * some mail programs fetch pictures unasked; nothing should rest on an opening alone.
 *
 * A click leads to the address that stands in the template as it was sent, never to one in the
 * request. Unsubscribing by GET does nothing (scanners would do it); POST does, with one click
 * (RFC 8058) or by the page's form, without a script.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "connector/mail.h"
#include "connector/mail_returns.h"
#include "customer/consent.h"
#include "customer/visitor.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "event/timer.h"
#include "http/rate_limit.h"
#include "http/route.h"
#include "marketing/mail_parts.h"
#include "marketing/mail_token.h"
#include "marketing/mailing.h"
#include "marketing/marketing.h"
#include "marketing/scoring.h"
#include "organization/company.h"

enum { AT_ONCE_MS = 5 * MS_SECOND, JUDGE_MS = 15 * MS_SECOND, TOGETHER_MS = 10 * MS_SECOND };
enum { ARRIVAL_MS = 30 * MS_MINUTE, ARRIVALS_MOST = 5 };
enum { TOGETHER_LINKS = 3, HITS_MOST = 50, BOUNCE_MOST = 256 * 1024 };

static const struct rate_limit by_address = {"mail_links", 300, 600};

/* A transparent GIF of one pixel. */
static const char pixel[43] =
    "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0"
    "\1\0\0\2\2D\1\0;";

/* Whether a browser's name is that of a program that reads on its own. */
static bool agent_machine(struct ctx *c, struct str agent) {
    static const char *const words[] = {
        "bot",       "crawl",     "spider",   "preview",  "scan",        "proofpoint", "mimecast",
        "barracuda", "safelinks", "python",   "curl/",    "wget",        "go-http",    "java/",
        "headless",  "okhttp",    "symantec", "ironport", "messagelabs", NULL};
    struct str low = str_lower(c->arena, agent);
    for (const char *const *w = words; *w; w++) {
        if (str_find(low, str_from(*w)) >= 0) {
            return true;
        }
    }
    return agent.n == 0;
}

static void hit_keep(struct ctx *c, const struct send_row *row, int64_t position, bool machine) {
    int64_t known = DB_INT(c, "SELECT count(*) FROM mail_hit WHERE send_id = $1", row->id);
    if (known < HITS_MOST) {
        DB_RUN(c,
               "INSERT INTO mail_hit (send_id, n, position, at, machine) "
               "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (send_id, n) DO NOTHING",
               row->id, known, position, c->now_ms, machine);
    }
}

static void machine_seen(struct ctx *c, const struct send_row *row) {
    if (DB_RUN(c, "UPDATE mail_send SET machine_at = $1 WHERE id = $2 AND machine_at IS NULL",
               c->now_ms, row->id)) {
        mail_total_add(c, row, "machine", 1);
    }
}

static void opened(struct ctx *c, const struct send_row *row) {
    if (DB_RUN(c, "UPDATE mail_send SET opened_at = $1 WHERE id = $2 AND opened_at IS NULL",
               c->now_ms, row->id)) {
        mail_total_add(c, row, "opened", 1);
        mail_event(c, row, "mail.opened", STR(""));
    }
}

/* Whoever may ask: a mail in hand is the right. */
static bool row_of(struct request *r, enum mail_token_kind kind, struct send_row *row,
                   int *position) {
    struct ctx *c = r->c;
    int64_t id = mail_token_read(c->arena, kind, request_path(r, "token"), position);
    c->actor = &actor_system;
    if (!id || !send_row_read(c, id, row)) {
        FAIL(c, ERROR_ABSENT, "mail.link_absent");
        return false;
    }
    return true;
}

static bool too_soon(struct ctx *c, const struct send_row *row) {
    return !row->sent_at || c->now_ms - row->sent_at < AT_ONCE_MS;
}

static void open_get(struct request *r) {
    struct ctx *c = r->c;
    struct send_row row;
    if (!row_of(r, MAIL_OPEN, &row, NULL)) {
        return;
    }
    if (too_soon(c, &row) || agent_machine(c, request_header(r, "User-Agent"))) {
        machine_seen(c, &row);
    } else {
        opened(c, &row);
    }
    reply_text(r, 200, "image/gif", (struct str){pixel, sizeof pixel});
    reply_header(r, "Cache-Control", STR("no-store"));
}

/* The host of "https://www.example.cn:443/x". */
static struct str host_of(struct arena *a, struct str url) {
    ptrdiff_t begin = str_find(url, STR("://"));
    size_t from = begin < 0 ? 0 : (size_t)begin + 3, to = from;
    while (to < url.n && str_find_char(STR("/?#:"), url.p[to]) < 0) {
        to++;
    }
    return str_lower(a, str_slice(url, from, to));
}

/* One of the company's own sites: those it names, and the server itself. */
static bool own_site(struct ctx *c, struct str host) {
    struct mail_account account;
    struct str hosts = str_lower(c->arena, company_text(c, "site_hosts")), one;
    while (str_cut(&hosts, ' ', &one)) {
        if (one.n && str_equal(one, host)) {
            return true;
        }
    }
    return mail_account_read(c, &account) && str_equal(host_of(c->arena, account.public_url), host);
}

/* Led to an own site, the script there (tracker.js) hands the token back with what the browser
 * calls itself, and takes it out of the address. It says which mail, and nothing of the person. */
static struct str with_arrival(struct ctx *c, const struct send_row *row, struct str url) {
    if (!own_site(c, host_of(c->arena, url))) {
        return url;
    }
    ptrdiff_t hash = str_find_char(url, '#');
    struct str fragment = hash < 0 ? STR("") : str_slice(url, (size_t)hash, url.n);
    struct str page = str_slice(url, 0, url.n - fragment.n);
    return str_format(c->arena, "%.*s%cgt_c=%.*s%.*s", STR_ARG(page),
                      str_find_char(page, '?') < 0 ? '?' : '&',
                      STR_ARG(mail_token(c->arena, MAIL_ARRIVAL, row->id, 0)), STR_ARG(fragment));
}

/* "privacy" is that his data are used at all. */
static bool may_know(struct ctx *c, const struct send_row *row) {
    return record_load(c, entity_named(c, "person"), row->person_id) &&
           consent_state_for(c, row->person_id, "email", "privacy") != CONSENT_WITHDRAWN;
}

static void arrivals_join(struct ctx *c, const struct send_row *row) {
    int64_t visitors[ARRIVALS_MOST];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows, "SELECT visitor_id FROM mail_arrival WHERE send_id = $1 ORDER BY at LIMIT 5",
             row->id);
    while (n < ARRIVALS_MOST && db_next(&rows)) {
        visitors[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && may_know(c, row); i++) {
        visitor_join(c, visitors[i], row->person_id, "click");
    }
    DB_RUN(c, "DELETE FROM mail_arrival WHERE send_id = $1", row->id);
}

void mail_arrived(struct ctx *c, struct str token, int64_t visitor_id) {
    struct send_row row;
    int64_t id = mail_token_read(c->arena, MAIL_ARRIVAL, token, NULL);
    if (!id || !send_row_read(c, id, &row) ||
        !DB_INT(c, "SELECT 1 FROM mail_hit WHERE send_id = $1 AND machine = 0 AND at > $2 LIMIT 1",
                id, c->now_ms - ARRIVAL_MS)) {
        return;
    }
    if (row.clicked_at && may_know(c, &row)) {
        visitor_join(c, visitor_id, row.person_id, "click");
        return;
    }
    DB_RUN(c,
           "INSERT INTO mail_arrival (send_id, visitor_id, at) VALUES ($1, $2, $3) "
           "ON CONFLICT (send_id, visitor_id) DO NOTHING",
           id, visitor_id, c->now_ms);
}

static void click_get(struct request *r) {
    struct ctx *c = r->c;
    struct send_row row;
    int position;
    if (!row_of(r, MAIL_CLICK, &row, &position)) {
        return;
    }
    struct str url = DB_TEXT(c, "SELECT url FROM mail_link WHERE content_id = $1 AND position = $2",
                             row.content_id, (int64_t)position);
    if (!url.n) {
        FAIL(c, ERROR_ABSENT, "mail.link_absent");
        return;
    }
    bool machine = too_soon(c, &row) || agent_machine(c, request_header(r, "User-Agent"));
    hit_keep(c, &row, position, machine);
    if (machine) {
        machine_seen(c, &row);
    } else if (!row.clicked_at) {
        timer_set(c, "mail.judge", str_format(c->arena, "%lld", (long long)row.id),
                  c->now_ms + JUDGE_MS, STR(""));
    }
    url = machine ? url : with_arrival(c, &row, url);
    reply_redirect(r, str_is(row.source, "mailing") ? mailing_url(c, row.source_id, url) : url);
    r->reply.status = 302;
    reply_header(r, "Cache-Control", STR("no-store"));
    reply_header(r, "Referrer-Policy", STR("no-referrer"));
}

/* Whether several links were followed at the same moment as this hit. */
static bool among_many(struct ctx *c, int64_t send_id, int64_t at) {
    return DB_INT(c,
                  "SELECT count(DISTINCT position) FROM mail_hit WHERE send_id = $1 "
                  "AND at BETWEEN $2 AND $3",
                  send_id, at - TOGETHER_MS, at + TOGETHER_MS) >= TOGETHER_LINKS;
}

/* The first hit that is a person's; false when there is none. */
static bool hit_human(struct ctx *c, int64_t send_id, int64_t *position, int64_t *at) {
    struct db_rows rows;
    int64_t positions[HITS_MOST], times[HITS_MOST];
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT position, at FROM mail_hit WHERE send_id = $1 AND machine = 0 ORDER BY n",
             send_id);
    while (n < HITS_MOST && db_next(&rows)) {
        positions[n] = db_int(&rows, 0);
        times[n++] = db_int(&rows, 1);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (among_many(c, send_id, times[i])) {
            DB_RUN(c, "UPDATE mail_hit SET machine = 1 WHERE send_id = $1 AND at = $2", send_id,
                   times[i]);
        } else {
            *position = positions[i];
            *at = times[i];
            return true;
        }
    }
    return false;
}

static void judge(struct ctx *c, const struct timer *t) {
    struct send_row row;
    int64_t id = 0, position = 0, at = 0;
    str_to_int(t->key, &id);
    if (!send_row_read(c, id, &row) || row.clicked_at) {
        return;
    }
    if (!hit_human(c, id, &position, &at)) {
        DB_RUN(c, "DELETE FROM mail_arrival WHERE send_id = $1", id);
        machine_seen(c, &row);
        return;
    }
    opened(c, &row);
    DB_RUN(c, "UPDATE mail_send SET clicked_at = $1 WHERE id = $2", at, id);
    mail_total_add(c, &row, "clicked", 1);
    arrivals_join(c, &row);
    mail_event(c, &row, "mail.clicked",
               DB_TEXT(c, "SELECT url FROM mail_link WHERE content_id = $1 AND position = $2",
                       row.content_id, position));
}

static void page_begin(struct text_buffer *out, enum language l, const char *title) {
    text_add_format(out,
                    "<!doctype html><html lang=\"%s\"><meta charset=\"utf-8\"><meta "
                    "name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" "
                    "content=\"noindex\"><title>",
                    l == LANGUAGE_EN ? "en" : "zh-CN");
    text_add(out, message_words(l, title));
    text_add_c(out, "</title><style>:root{color-scheme:light dark}h1{font-size:1.5rem}"
                    "body{font:16px/1.6 system-ui,'PingFang SC','Noto Sans CJK SC',"
                    "sans-serif;color:#17212a;background:#f6f8f9;margin:0}main{max-width:32rem;"
                    "margin:8vh auto;padding:24px;background:#fff}label{display:flex;gap:8px;"
                    "align-items:center;min-height:44px}input{width:20px;height:20px}button{margin:"
                    "12px 12px 0 0;min-height:44px;padding:0 24px;border:1px solid #8a96a0;"
                    "border-radius:6px;background:#fff;font:inherit}button.main{border-color:"
                    "#0b6e84;background:#0b6e84;color:#fff}@media(prefers-color-scheme:dark){body{"
                    "color:#e7ecef;background:#101518}main,button{background:#161c20;color:inherit}"
                    "}</style><main><h1>");
    text_add(out, message_words(l, title));
    text_add_c(out, "</h1>");
}

static bool out_of(struct ctx *c, const struct send_row *row, const char *topic) {
    return DB_INT(c, "SELECT 1 FROM mail_optout WHERE address = $1 AND topic IN ('*', $2) LIMIT 1",
                  row->address, topic) != 0;
}

/* The choices: a topic that is ticked goes on. */
static void page_form(struct ctx *c, struct text_buffer *out, enum language l,
                      const struct send_row *row) {
    text_add_c(out, "<form method=\"post\"><p>");
    text_add(out, message_words(l, "mail.page_choose"));
    text_add_c(out, "</p>");
    for (const char *const *topic = mail_topics; *topic; topic++) {
        if (str_is(str_from(*topic), "service")) {
            continue;
        }
        text_add_format(out, "<label><input type=\"checkbox\" name=\"%s\" value=\"1\"%s>", *topic,
                        out_of(c, row, *topic) ? "" : " checked");
        text_add(out, message_words(l, str_format(c->arena, "mail.topic_%s", *topic).p));
        text_add_c(out, "</label>");
    }
    text_add_c(out, "<button name=\"do\" value=\"save\">");
    text_add(out, message_words(l, "mail.page_save"));
    text_add_c(out, "</button><button class=\"main\" name=\"do\" value=\"all\">");
    text_add(out, message_words(l, "mail.page_all"));
    text_add_c(out, "</button></form>");
}

static enum language page_language(struct request *r) {
    return language_parse(request_header(r, "Accept-Language"));
}

static void unsubscribe_get(struct request *r) {
    struct ctx *c = r->c;
    struct send_row row;
    struct text_buffer out = {.arena = c->arena};
    enum language l = page_language(r);
    if (!row_of(r, MAIL_UNSUBSCRIBE, &row, NULL)) {
        return;
    }
    page_begin(&out, l, "mail.page_title");
    page_form(c, &out, l, &row);
    text_add_c(&out, "</main></html>");
    reply_text(r, 200, "text/html; charset=utf-8", text_str(&out));
    reply_header(r, "Cache-Control", STR("no-store"));
    reply_header(r, "Referrer-Policy", STR("no-referrer"));
}

/* Who had unsubscribed from all and now ticks something agrees again, to these words. */
static void agree_again(struct ctx *c, const struct send_row *row) {
    int64_t person_id = score_person_now(c, row->person_id);
    if (consent_state(c, person_id, "email") == CONSENT_WITHDRAWN) {
        consent_record(
            c, &(struct consent_line){.person_id = person_id,
                                      .channel = STR("email"),
                                      .given = true,
                                      .text = message_words(c->language, "mail.page_choose"),
                                      .version = STR("mail preferences 1"),
                                      .source = STR("preferences"),
                                      .source_id = row->id});
    }
}

static void choices_keep(struct request *r, const struct send_row *row) {
    struct ctx *c = r->c;
    bool any = false;
    for (const char *const *topic = mail_topics; *topic; topic++) {
        any |= !str_is(str_from(*topic), "service") && request_form(r, *topic).n > 0;
    }
    if (any) {
        agree_again(c, row);
    }
    mail_opt_in(c, row);
    for (const char *const *topic = mail_topics; *topic; topic++) {
        if (!str_is(str_from(*topic), "service") && !request_form(r, *topic).n) {
            mail_opt_out(c, row, str_from(*topic), "page");
        }
    }
}

static void unsubscribe_post(struct request *r) {
    struct ctx *c = r->c;
    struct send_row row;
    struct text_buffer out = {.arena = c->arena};
    enum language l = page_language(r);
    if (!row_of(r, MAIL_UNSUBSCRIBE, &row, NULL)) {
        return;
    }
    bool one_click = str_is(request_form(r, "List-Unsubscribe"), "One-Click");
    bool save = str_is(request_form(r, "do"), "save");
    if (one_click || !save) {
        mail_opt_out(c, &row, STR("*"), one_click ? "one_click" : "page");
    } else {
        choices_keep(r, &row);
    }
    page_begin(&out, l, save ? "mail.page_saved" : "mail.page_gone");
    page_form(c, &out, l, &row);
    text_add_c(&out, "</main></html>");
    if (!ctx_failed(c)) {
        reply_text(r, 200, "text/html; charset=utf-8", text_str(&out));
    }
}

/* The value of a header field in a report, wherever it stands in its parts (RFC 3464 has them as
 * plain lines); empty when there is none. */
static struct str report_field(struct str report, const char *name) {
    struct str line;
    size_t n = str_from(name).n;
    while (str_cut(&report, '\n', &line)) {
        if (line.n > n && line.p[n] == ':' && str_equal(str_slice(line, 0, n), str_from(name))) {
            return str_trim(str_slice(line, n + 1, line.n));
        }
    }
    return STR("");
}

/* The token of ours between "+" and "@" of an address in the report. */
static int64_t report_mail(struct ctx *c, struct str report) {
    enum { TOKEN = 40 };
    for (size_t i = 0; i + TOKEN + 1 < report.n; i++) {
        if (report.p[i] == '+' && report.p[i + TOKEN + 1] == '@') {
            int64_t id = mail_token_read(c->arena, MAIL_BOUNCE,
                                         str_slice(report, i + 1, i + 1 + TOKEN), NULL);
            if (id) {
                return id;
            }
        }
    }
    return 0;
}

/*
 * A report as the mail server got it, put here by a pipe:  | curl --data-binary @-
 * https://…/hook/mail A bounce (RFC 3464) whose address has a token of ours, or a complaint (RFC
 * 5965). Without a token it is thanked and left: whoever writes to a bounce address by hand
 * learns nothing.
 */
static void bounce_post(struct request *r) {
    struct ctx *c = r->c;
    struct send_row row;
    struct mail_read *mail = ARENA_NEW(c->arena, struct mail_read);
    c->actor = &actor_system;
    if (mail_read(c->arena, str_slice(r->body, 0, BOUNCE_MOST), mail) &&
        mail->report.kind != RETURN_NONE) {
        struct mail_returned returned = mail_return_of(c->arena, mail);
        mail_returned(c, &returned);
        return;
    }
    struct str report = text_repair(c->arena, str_slice(r->body, 0, BOUNCE_MOST));
    int64_t id = report_mail(c, report);
    if (!id || !send_row_read(c, id, &row)) {
        return;
    }
    struct str action = str_lower(c->arena, report_field(report, "Action"));
    struct str status = report_field(report, "Status");
    struct str said = report_field(report, "Diagnostic-Code");
    if (report_field(report, "Feedback-Type").n) {
        mail_suppress(c, row.address, "complained", STR("abuse report"));
        mail_opt_out(c, &row, STR("*"), "complaint");
    } else if (str_is(action, "failed") && str_starts(status, STR("5."))) {
        mail_bounced(c, &row, mail_bounce_hard(status, 0), said.n ? said : status);
    }
}

static void limit(struct request *r) {
    request_rate_limit(r, &by_address, r->client);
}

#define PAGE_FLAGS (ROUTE_HIDDEN | ROUTE_PLAIN_ERRORS | ROUTE_PREPARE_HERE)
static const struct route routes[] = {
    {METHOD_GET, "/o/{token}", PERMISSION_PUBLIC, LANE_WRITER, open_get, .prepare = limit,
     .flags = PAGE_FLAGS, .summary = "route.mail_open"},
    {METHOD_GET, "/c/{token}", PERMISSION_PUBLIC, LANE_WRITER, click_get, .prepare = limit,
     .flags = PAGE_FLAGS, .summary = "route.mail_click"},
    {METHOD_GET, "/u/{token}", PERMISSION_PUBLIC, LANE_INLINE, unsubscribe_get,
     .flags = ROUTE_HIDDEN | ROUTE_PLAIN_ERRORS, .summary = "route.mail_unsubscribe"},
    {METHOD_POST, "/u/{token}", PERMISSION_PUBLIC, LANE_WRITER, unsubscribe_post, .prepare = limit,
     .flags = PAGE_FLAGS | ROUTE_NO_CSRF, .summary = "route.mail_unsubscribe"},
    {METHOD_POST, "/hook/mail", PERMISSION_PUBLIC, LANE_WRITER, bounce_post, .prepare = limit,
     .flags = PAGE_FLAGS | ROUTE_NO_CSRF, .summary = "route.mail_bounce"},
    {0}};

static const struct migration migrations[] = {
    {"marketing.mail_hit.1",
     "CREATE TABLE mail_hit (send_id BIGINT NOT NULL, n BIGINT NOT NULL, position BIGINT NOT NULL, "
     "at BIGINT NOT NULL, machine BIGINT NOT NULL, PRIMARY KEY (send_id, n)){without_rowid}"},
    {"marketing.mail_arrival.1",
     "CREATE TABLE mail_arrival (send_id BIGINT NOT NULL, visitor_id BIGINT NOT NULL, "
     "at BIGINT NOT NULL, PRIMARY KEY (send_id, visitor_id)){without_rowid}"},
    {0}};

static const struct text texts[] = {
    {"mail.link_absent", "这个链接无效", "This link is not valid"},
    {"mail.page_title", "邮件偏好", "Mail preferences"},
    {"mail.page_choose", "您愿意收到哪些邮件？", "Which mails would you like to get?"},
    {"mail.page_save", "保存选择", "Save"},
    {"mail.page_all", "全部退订", "Unsubscribe from all"},
    {"mail.page_saved", "已保存您的选择", "Your choice is saved"},
    {"mail.page_gone", "已退订，我们不再给您发营销邮件",
     "Unsubscribed: you get no more of our mails"},
    {"mail.topic_news", "资讯", "News"},
    {"mail.topic_case", "产品与案例", "Products and cases"},
    {"mail.topic_offer", "优惠与活动", "Offers and events"},
    {"route.mail_open", "邮件打开", "A mail was opened"},
    {"route.mail_click", "邮件点击", "A link of a mail was followed"},
    {"route.mail_unsubscribe", "退订与邮件偏好", "Unsubscribing and mail preferences"},
    {"route.mail_bounce", "接收退信与投诉", "Take in bounces and complaints"},
    {0}};

static const struct timer_kind timers[] = {{"mail.judge", judge}, {0}};

const struct module mail_track_module = {.name = "marketing.mail_track",
                                         .cloud = "marketing",
                                         .routes = routes,
                                         .timers = timers,
                                         .migrations = migrations,
                                         .texts = texts};
