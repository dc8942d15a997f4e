/*
 * What became of mails: of a journey, a mailing, a rule, or one step of it; and who did not get
 * one, and why. People's names are shown as far as the reader may see them, addresses never.
 */
#include "base/message.h"
#include "base/module.h"
#include "connector/mail_reason.h"
#include "db/sql.h"
#include "entity/query.h"
#include "http/route.h"
#include "marketing/mail_parts.h"
#include "marketing/marketing.h"

#define MANAGE "marketing:manage"
enum { PAGE = 50 };

static int64_t total(struct ctx *c, struct str source, int64_t source_id, struct str step,
                     const char *what) {
    return step.p ? DB_INT(c,
                           "SELECT n FROM mail_total WHERE source = $1 AND source_id = $2 "
                           "AND step = $3 AND what = $4",
                           source, source_id, step, what)
                  : DB_INT(c,
                           "SELECT CAST(sum(n) AS BIGINT) FROM mail_total WHERE source = $1 "
                           "AND source_id = $2 AND what = $3",
                           source, source_id, what);
}

static int64_t waiting(struct ctx *c, struct str source, int64_t source_id, struct str step) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT count(*) FROM mail_send WHERE source = ");
    SQL_VALUE(&q, source);
    SQL_ADD(&q, " AND source_id = ");
    SQL_VALUE(&q, source_id);
    if (step.p) {
        SQL_ADD(&q, " AND step = ");
        SQL_VALUE(&q, step);
    }
    SQL_ADD(&q, " AND state IN (0, 1)");
    return sql_int(c, &q);
}

struct mail_totals mail_totals(struct ctx *c, struct str source, int64_t source_id,
                               struct str step) {
    struct mail_totals t = {.waiting = waiting(c, source, source_id, step),
                            .sent = total(c, source, source_id, step, "sent"),
                            .opened = total(c, source, source_id, step, "opened"),
                            .clicked = total(c, source, source_id, step, "clicked"),
                            .machine = total(c, source, source_id, step, "machine"),
                            .replied = total(c, source, source_id, step, "replied"),
                            .bounced = total(c, source, source_id, step, "bounced"),
                            .unsubscribed = total(c, source, source_id, step, "unsubscribed"),
                            .unsure = total(c, source, source_id, step, "unsure")};
    t.not_sent = step.p ? DB_INT(c,
                                 "SELECT CAST(sum(n) AS BIGINT) FROM mail_total WHERE source = $1 "
                                 "AND source_id = $2 AND step = $3 AND what >= 'not:' "
                                 "AND what < 'not;'",
                                 source, source_id, step)
                        : DB_INT(c,
                                 "SELECT CAST(sum(n) AS BIGINT) FROM mail_total WHERE source = $1 "
                                 "AND source_id = $2 AND what >= 'not:' AND what < 'not;'",
                                 source, source_id);
    return t;
}

void mail_totals_put(struct json_writer *w, const struct mail_totals *t) {
    json_begin_object(w);
    JSON_MEMBER(w, "waiting", json_put_int, t->waiting);
    JSON_MEMBER(w, "sent", json_put_int, t->sent);
    JSON_MEMBER(w, "opened", json_put_int, t->opened);
    JSON_MEMBER(w, "clicked", json_put_int, t->clicked);
    JSON_MEMBER(w, "machine", json_put_int, t->machine);
    JSON_MEMBER(w, "replied", json_put_int, t->replied);
    JSON_MEMBER(w, "bounced", json_put_int, t->bounced);
    JSON_MEMBER(w, "unsubscribed", json_put_int, t->unsubscribed);
    JSON_MEMBER(w, "not_sent", json_put_int, t->not_sent);
    JSON_MEMBER(w, "unsure", json_put_int, t->unsure);
    json_end_object(w);
}

/* Which mails a request asks for. */
struct asked {
    struct str source, step; /* step.p NULL: all */
    int64_t source_id;
};

static struct asked asked_read(struct request *r) {
    struct asked a = {.source = request_query(r, "source"), .step = request_query(r, "step")};
    a.source_id = request_query_int(r, "source_id", 0);
    if (!str_lists(STR("journey mailing automation"), ' ', a.source) || !a.source.n) {
        FAIL_FIELD(r->c, STR("/source"), "mail.source");
    }
    return a;
}

/* {"reason":n} of those not sent. */
static void reasons_put(struct ctx *c, struct json_writer *w, const struct asked *a) {
    struct db_rows rows;
    json_begin_object(w);
    DB_QUERY(c, &rows,
             "SELECT what, CAST(sum(n) AS BIGINT) FROM mail_total WHERE source = $1 "
             "AND source_id = $2 AND what >= 'not:' AND what < 'not;' AND ($3 = '*' OR step = $3) "
             "GROUP BY what ORDER BY what",
             a->source, a->source_id, a->step.p ? a->step : STR("*"));
    while (db_next(&rows)) {
        struct str what = db_text(&rows, 0);
        json_key_str(w, str_slice(what, 4, what.n));
        json_put_int(w, db_int(&rows, 1));
    }
    json_end_object(w);
}

static void summary_get(struct request *r) {
    struct ctx *c = r->c;
    struct asked a = asked_read(r);
    if (ctx_failed(c)) {
        return;
    }
    struct mail_totals t = mail_totals(c, a.source, a.source_id, a.step);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "totals");
    mail_totals_put(&w, &t);
    json_key(&w, "reasons");
    reasons_put(c, &w, &a);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

struct line {
    int64_t id, person_id, at, state;
    int64_t opened_at, clicked_at, machine_at, bounced_at, unsubscribed_at, unsure;
    struct str reason, step, name;
    struct str suppressed; /* why its address is, empty when it is not */
    int64_t replied_at;
    struct str answer; /* of the server, as it said it */
    struct str held;   /* why it waits, beyond its time */
};

static const char *const state_words[] = {"waiting", "queued", "sent", "not_sent"};

static int64_t state_asked(struct request *r) {
    struct str word = request_query(r, "state");
    for (int i = 0; word.n && i < 4; i++) {
        if (str_is(word, state_words[i])) {
            return i;
        }
    }
    if (word.n) {
        FAIL_FIELD(r->c, STR("/state"), "mail.state");
    }
    return -1;
}

/* Only those of whom this is known: "clicked" … */
static void did_add(struct request *r, struct sql *q) {
    static const struct {
        const char *word, *where;
    } known[] = {{"opened", " AND s.opened_at IS NOT NULL"},
                 {"clicked", " AND s.clicked_at IS NOT NULL"},
                 {"machine", " AND s.machine_at IS NOT NULL"},
                 {"bounced", " AND s.bounced_at IS NOT NULL"},
                 {"unsubscribed", " AND s.unsubscribed_at IS NOT NULL"},
                 {"replied", " AND s.replied_at IS NOT NULL"},
                 {"unsure", " AND s.unsure = 1"}};
    struct str did = request_query(r, "did");
    bool found = !did.n;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_is(did, known[i].word)) {
            sql_literal(q, known[i].where);
            found = true;
        }
    }
    if (!found) {
        FAIL_FIELD(r->c, STR("/did"), "mail.did");
    }
}

static size_t lines_read(struct request *r, const struct asked *a, struct line *lines) {
    struct ctx *c = r->c;
    struct db_rows rows;
    size_t n = 0;
    int64_t state = state_asked(r);
    struct str reason = request_query(r, "reason");
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT s.id, s.person_id, s.at, s.state, s.opened_at, s.clicked_at, s.machine_at, "
                "s.bounced_at, s.unsubscribed_at, s.unsure, s.reason, s.step, m.name, x.why, "
                "s.replied_at, s.answer FROM mail_send s "
                "JOIN mail_content m ON m.id = s.content_id "
                "LEFT JOIN mail_suppression x ON x.address = s.address WHERE s.source = ");
    SQL_VALUE(&q, a->source);
    SQL_ADD(&q, " AND s.source_id = ");
    SQL_VALUE(&q, a->source_id);
    if (a->step.p) {
        SQL_ADD(&q, " AND s.step = ");
        SQL_VALUE(&q, a->step);
    }
    if (state >= 0) {
        SQL_ADD(&q, " AND s.state = ");
        SQL_VALUE(&q, state);
    }
    did_add(r, &q);
    if (reason.n) {
        SQL_ADD(&q, " AND s.reason = ");
        SQL_VALUE(&q, reason);
    }
    SQL_ADD(&q, " AND s.id < ");
    SQL_VALUE(&q, request_query_int(r, "before", INT64_MAX));
    SQL_ADD(&q, " ORDER BY s.id DESC LIMIT ");
    SQL_VALUE(&q, (int64_t)PAGE);
    sql_query(c, &rows, &q);
    while (n < PAGE && db_next(&rows)) {
        lines[n++] = (struct line){
            db_int(&rows, 0),   db_int(&rows, 1),   db_int(&rows, 2),   db_int(&rows, 3),
            db_int(&rows, 4),   db_int(&rows, 5),   db_int(&rows, 6),   db_int(&rows, 7),
            db_int(&rows, 8),   db_int(&rows, 9),   db_text(&rows, 10), db_text(&rows, 11),
            db_text(&rows, 12), db_text(&rows, 13), db_int(&rows, 14),  db_text(&rows, 15)};
    }
    db_done(&rows);
    return n;
}

/* Why it was not sent, or came back, in words; of a suppressed address, by what. */
static struct str why_of(struct ctx *c, const struct line *l) {
    bool by_cause = str_is(l->reason, "suppressed") && l->suppressed.n;
    struct str code = str_format(c->arena, by_cause ? "mail.suppressed_%.*s" : "mail.reason_%.*s",
                                 STR_ARG(by_cause ? l->suppressed : l->reason));
    struct str words = l->reason.n ? message_words(c->language, code.p) : STR("");
    bool told = str_lists(STR("bounced failed"), ' ', l->reason) || l->bounced_at;
    struct str said = told ? mail_reason(c->arena, c->language, l->answer) : STR("");
    const char *between = c->language == LANGUAGE_ZH ? "：" : ": ";
    return said.n && words.n
               ? str_format(c->arena, "%.*s%s%.*s", STR_ARG(words), between, STR_ARG(said))
           : words.n ? words
                     : said;
}

static void line_put(struct ctx *c, struct json_writer *w, const struct line *l, struct str title) {
    struct str why = why_of(c, l);
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, l->id);
    JSON_MEMBER(w, "person_id", json_put_id, title.n ? l->person_id : 0);
    JSON_MEMBER(w, "person", json_put_str, title);
    JSON_MEMBER(w, "name", json_put_str, l->name);
    JSON_MEMBER(w, "step", json_put_str, l->step);
    JSON_MEMBER(w, "at", json_put_instant, l->at);
    JSON_MEMBER(w, "state", json_put_c, state_words[l->state]);
    JSON_MEMBER(w, "reason", json_put_str, l->reason);
    JSON_MEMBER(w, "why", json_put_str, why.n ? why : l->held);
    JSON_MEMBER(w, "suppressed", json_put_str, l->suppressed);
    JSON_MEMBER(w, "replied_at", json_put_instant_or_null, l->replied_at);
    JSON_MEMBER(w, "opened_at", json_put_instant_or_null, l->opened_at);
    JSON_MEMBER(w, "clicked_at", json_put_instant_or_null, l->clicked_at);
    JSON_MEMBER(w, "machine_at", json_put_instant_or_null, l->machine_at);
    JSON_MEMBER(w, "bounced_at", json_put_instant_or_null, l->bounced_at);
    JSON_MEMBER(w, "unsubscribed_at", json_put_instant_or_null, l->unsubscribed_at);
    JSON_MEMBER(w, "unsure", json_put_bool, l->unsure != 0);
    json_end_object(w);
}

static void sends_get(struct request *r) {
    struct ctx *c = r->c;
    struct line *lines = ARENA_NEW_ARRAY(c->arena, PAGE, struct line);
    struct asked a = asked_read(r);
    size_t n = ctx_failed(c) ? 0 : lines_read(r, &a, lines);
    int64_t people[PAGE];
    struct str titles[PAGE];
    for (size_t i = 0; i < n; i++) {
        people[i] = lines[i].person_id;
    }
    list_titles(c, entity_named(c, "person"), people, n, titles);
    struct str held = n ? mail_source_lost(c, a.source, a.source_id) : STR("");
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        lines[i].held = lines[i].state == MAIL_WAITING ? held : STR("");
        line_put(c, &w, &lines[i], titles[i]);
    }
    json_end_array(&w);
    json_key(&w, "next");
    json_put_id(&w, n == PAGE ? lines[n - 1].id : 0);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

#define ASKED "source:text! source_id:id! step:text"
static const struct route routes[] = {
    {METHOD_GET, "/api/v1/mail/summary", MANAGE, LANE_SLOW, summary_get,
     .summary = "route.mail_summary", .query = ASKED,
     .answer = "totals:(waiting:integer! sent:integer! opened:integer! clicked:integer! "
               "machine:integer! replied:integer! bounced:integer! unsubscribed:integer! "
               "not_sent:integer! unsure:integer!)! "
               "reasons:object!"},
    {METHOD_GET, "/api/v1/mail/sends", MANAGE, LANE_SLOW, sends_get, .summary = "route.mail_sends",
     .query = ASKED " state:text reason:text did:text before:id",
     .answer = "data:[(id:id! person_id:id?! person:text! name:text! step:text! at:instant! "
               "state:text! reason:text! why:text! suppressed:text! replied_at:instant?! "
               "opened_at:instant?! clicked_at:instant?! "
               "machine_at:instant?! bounced_at:instant?! unsubscribed_at:instant?! "
               "unsure:boolean!)]! next:id?!"},
    {0}};

static const struct text texts[] = {
    {"mail.source", "来源只能是 journey、mailing 或 automation",
     "A source is journey, mailing or automation"},
    {"mail.state", "状态只能是 waiting、queued、sent 或 not_sent",
     "A state is waiting, queued, sent or not_sent"},
    {"mail.did", "只能是 opened、clicked、machine、replied、bounced、unsubscribed 或 unsure",
     "It is opened, clicked, machine, replied, bounced, unsubscribed or unsure"},
    {"mail.reason_no_address", "没有邮箱地址", "No mail address"},
    {"mail.reason_suppressed", "地址被屏蔽：曾退信或投诉",
     "Address suppressed: it bounced or complained"},
    {"mail.suppressed_bounced", "地址被屏蔽：退信，地址不存在",
     "Address suppressed: it bounced, it does not exist"},
    {"mail.suppressed_unreachable", "地址被屏蔽：多日投递不到",
     "Address suppressed: it could not be reached on several days"},
    {"mail.suppressed_complained", "地址被屏蔽：对方投诉为垃圾邮件",
     "Address suppressed: its owner reported spam"},
    {"mail.suppressed_manual", "地址被屏蔽：由同事手工屏蔽", "Address suppressed by a colleague"},
    {"mail.reason_no_consent", "没有同意接收邮件", "No consent to mails"},
    {"mail.reason_unsubscribed", "已退订", "Unsubscribed"},
    {"mail.reason_capped", "超出频次上限", "Over the cap of mails"},
    {"mail.reason_duplicate", "同一地址已收到这一步的邮件",
     "The address has had this step's mail already"},
    {"mail.reason_bounced", "对方服务器拒收", "Refused by the receiver's server"},
    {"mail.reason_cancelled", "群发已取消", "The mailing was cancelled"},
    {"mail.reason_failed", "多次尝试仍发不出去", "Could not be handed over"},
    {"route.mail_summary", "邮件效果汇总", "What became of mails, in figures"},
    {"route.mail_sends", "逐人的发送结果与未发原因",
     "Mails one by one, and why some were not sent"},
    {0}};

const struct module mail_report_module = {
    .name = "marketing.mail_report", .cloud = "marketing", .routes = routes, .texts = texts};
