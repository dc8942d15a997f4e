/*
 * What became of a mailing: how far it is, who did what, which links, and what came of it.
 *
 * What came of it is what people did who clicked: the times they came back by a form or another
 * source within two weeks of their click, and the deals they won within ninety days. It is what
 * followed, not what the mail caused; that is for attribution to say.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/sql.h"
#include "entity/access.h"
#include "http/route.h"
#include "marketing/credit_request.h"
#include "marketing/mail_parts.h"
#include "marketing/mailing.h"
#include "marketing/marketing.h"
#include "organization/company.h"

#define MANAGE "marketing:manage"
enum { TOUCH_DAYS = 14, DEAL_DAYS = 90, IDS_MOST = 100 };

static void reasons_put(struct ctx *c, struct json_writer *w, int64_t mailing_id) {
    struct db_rows rows;
    json_begin_array(w);
    DB_QUERY(c, &rows,
             "SELECT what, n FROM mail_total WHERE source = 'mailing' AND source_id = $1 "
             "AND step = '' AND what >= 'not:' AND what < 'not;' AND n > 0 ORDER BY n DESC, what",
             mailing_id);
    while (db_next(&rows)) {
        struct str what = db_text(&rows, 0), reason = str_slice(what, 4, what.n);
        struct str code = str_format(c->arena, "mail.reason_%.*s", STR_ARG(reason));
        json_begin_object(w);
        JSON_MEMBER(w, "reason", json_put_str, reason);
        JSON_MEMBER(w, "why", json_put_str, message_words(c->language, code.p));
        JSON_MEMBER(w, "people", json_put_int, db_int(&rows, 1));
        json_end_object(w);
    }
    json_end_array(w);
}

/* Each link with how many people followed it, and how often; machines are left out. */
static void links_put(struct ctx *c, struct json_writer *w, int64_t mailing_id) {
    struct db_rows rows;
    json_begin_array(w);
    DB_QUERY(c, &rows,
             "SELECT l.position, l.url, COALESCE(h.people, 0), COALESCE(h.times, 0) "
             "FROM mailing_plan p JOIN mail_link l ON l.content_id = p.content_id LEFT JOIN "
             "(SELECT x.position, count(DISTINCT x.send_id) AS people, count(*) AS times "
             "FROM mail_send s JOIN mail_hit x ON x.send_id = s.id AND x.machine = 0 "
             "WHERE s.source = 'mailing' AND s.source_id = $1 AND s.clicked_at IS NOT NULL "
             "GROUP BY x.position) h ON h.position = l.position WHERE p.mailing_id = $1 "
             "ORDER BY l.position",
             mailing_id);
    while (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "position", json_put_int, db_int(&rows, 0));
        JSON_MEMBER(w, "url", json_put_str, db_text(&rows, 1));
        JSON_MEMBER(w, "people", json_put_int, db_int(&rows, 2));
        JSON_MEMBER(w, "clicks", json_put_int, db_int(&rows, 3));
        json_end_object(w);
    }
    json_end_array(w);
}

/* People who clicked and then left a touch, as far as the reader may see touches. */
static int64_t came_back(struct ctx *c, int64_t mailing_id) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT count(DISTINCT s.person_id) FROM mail_send s JOIN touch t ON "
                "t.person_id = s.person_id AND t.created_at > s.clicked_at AND t.created_at < "
                "s.clicked_at + ");
    SQL_VALUE(&q, TOUCH_DAYS * (int64_t)MS_DAY);
    SQL_ADD(&q, " WHERE s.source = 'mailing' AND s.source_id = ");
    SQL_VALUE(&q, mailing_id);
    SQL_ADD(&q, " AND s.clicked_at IS NOT NULL AND t.deleted_at IS NULL AND ");
    access_where(c, &q, entity_named(c, "touch"), ACTION_READ, "t");
    return sql_int(c, &q);
}

struct won {
    int64_t deals, amount;
};

static struct won won_after(struct ctx *c, int64_t mailing_id) {
    const struct entity *deal = model_entity(c->model, STR("opportunity"));
    struct won won = {0};
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    if (!deal) {
        return won;
    }
    SQL_ADD(&q, "SELECT count(*), CAST(COALESCE(sum(d.amount), 0) AS BIGINT) FROM won_deal d "
                "WHERE d.currency = ");
    SQL_VALUE(&q, company_currency(c));
    SQL_ADD(&q, " AND EXISTS (SELECT 1 FROM mail_send s WHERE s.source = 'mailing' AND "
                "s.source_id = ");
    SQL_VALUE(&q, mailing_id);
    SQL_ADD(&q, " AND s.clicked_at IS NOT NULL AND s.person_id = d.person_id AND d.won_at > "
                "s.clicked_at AND d.won_at < s.clicked_at + ");
    SQL_VALUE(&q, DEAL_DAYS * (int64_t)MS_DAY);
    SQL_ADD(&q, ") AND ");
    access_where(c, &q, deal, ACTION_READ, "d");
    sql_query(c, &rows, &q);
    if (db_next(&rows)) {
        won = (struct won){db_int(&rows, 0), db_int(&rows, 1)};
        db_done(&rows);
    }
    return won;
}

static void progress_put(struct ctx *c, struct json_writer *w, int64_t mailing_id) {
    struct db_rows rows;
    int64_t handed = 0, planned = 0, left_ms = 0;
    DB_QUERY(c, &rows,
             "SELECT handed, planned, interval_us FROM mailing_plan WHERE mailing_id = $1",
             mailing_id);
    if (db_next(&rows)) {
        handed = db_int(&rows, 0);
        planned = db_int(&rows, 1);
        left_ms = (planned - handed) * db_int(&rows, 2) / 1000;
        db_done(&rows);
    }
    JSON_MEMBER(w, "planned", json_put_int, planned);
    JSON_MEMBER(w, "handed", json_put_int, handed);
    JSON_MEMBER(w, "left_ms", json_put_int, left_ms);
}

/* Why it stands still though it is under way; empty: it does not. */
static struct str held_by(struct ctx *c, const struct record *m) {
    bool under_way = str_lists(STR("scheduled planning sending paused"), ' ',
                               record_text(m, "status"));
    return under_way ? mailing_lost(c, m->id) : STR("");
}

static void report_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *m = record_read(c, entity_named(c, "mailing"), request_id(r, "id"));
    if (!m) {
        return;
    }
    struct mail_totals t = mail_totals(c, STR("mailing"), m->id, (struct str){0});
    struct won won = won_after(c, m->id);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    progress_put(c, &w, m->id);
    JSON_MEMBER(&w, "held", json_put_str, held_by(c, m));
    json_key(&w, "totals");
    mail_totals_put(&w, &t);
    json_key(&w, "against");
    reasons_put(c, &w, m->id);
    json_key(&w, "links");
    links_put(c, &w, m->id);
    JSON_MEMBER(&w, "came_back", json_put_int, came_back(c, m->id));
    JSON_MEMBER(&w, "won_deals", json_put_int, won.deals);
    credit_money(&(struct credits){.c = c, .currency = company_currency(c)}, &w, "won_amount",
                 won.amount);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* The figures of several, for their list: "ids=1,2,3". */
static void totals_get(struct request *r) {
    struct ctx *c = r->c;
    struct str ids = request_query(r, "ids"), one;
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (int n = 0; n < IDS_MOST && !ctx_failed(c) && str_cut(&ids, ',', &one); n++) {
        int64_t id = 0;
        if (!str_to_int(one, &id) || !record_read(c, entity_named(c, "mailing"), id)) {
            break;
        }
        struct mail_totals t = mail_totals(c, STR("mailing"), id, (struct str){0});
        json_begin_object(&w);
        JSON_MEMBER(&w, "id", json_put_id, id);
        json_key(&w, "totals");
        mail_totals_put(&w, &t);
        json_end_object(&w);
    }
    reply_list_end(r, &w);
}

#define TOTALS                                                                 \
    "totals:(waiting:integer! sent:integer! opened:integer! clicked:integer! " \
    "machine:integer! bounced:integer! unsubscribed:integer! not_sent:integer! unsure:integer!)!"
static const struct route routes[] = {
    {METHOD_GET, "/api/v1/mailings/{id}/report", MANAGE, LANE_SLOW, report_get,
     .summary = "route.mailing_report",
     .answer = "planned:integer! handed:integer! left_ms:integer! held:text! " TOTALS
               " against:[(reason:text! why:text! people:integer!)]! "
               "links:[(position:integer! url:text! people:integer! clicks:integer!)]! "
               "came_back:integer! won_deals:integer! won_amount:money!"},
    {METHOD_GET, "/api/v1/mailing_totals", MANAGE, LANE_SLOW, totals_get,
     .summary = "route.mailing_totals", .query = "ids:text!",
     .answer = "data:[(id:id! " TOTALS ")]!"},
    {0}};

static const struct text texts[] = {
    {"route.mailing_report", "群发的进度与效果", "How far a mailing is, and what came of it"},
    {"route.mailing_totals", "几次群发的数字", "The figures of several mailings"},
    {0}};

const struct module mailing_report_module = {
    .name = "marketing.mailing_report", .cloud = "marketing", .routes = routes, .texts = texts};
