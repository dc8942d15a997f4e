/* See mail_effect.h. */
#include "marketing/mail_effect.h"

#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/sql.h"
#include "entity/access.h"
#include "http/route.h"
#include "marketing/credit_request.h"
#include "marketing/mail_parts.h"
#include "marketing/marketing.h"
#include "organization/company.h"

#define MANAGE "marketing:manage"
enum { COMPARED_LEAST = 30, DAYS_MOST = 730, WITHIN_MOST = 180 };

static int64_t number(struct request *r, const char *name, const int64_t bounds[3]) {
    int64_t value = request_query_int(r, name, bounds[2]);
    if (value < bounds[0] || value > bounds[1]) {
        FAIL_FIELD(r->c, str_format(r->c->arena, "/%s", name), "mail.effect_number",
                   {"least", str_format(r->c->arena, "%lld", (long long)bounds[0])},
                   {"most", str_format(r->c->arena, "%lld", (long long)bounds[1])});
    }
    return value;
}

static struct mail_effect_asked asked_read(struct request *r) {
    static const int64_t days[] = {1, DAYS_MOST, 180}, within[] = {1, WITHIN_MOST, 30};
    struct mail_effect_asked a = {.source = request_query(r, "source"),
                                  .source_id = request_query_int(r, "source_id", 0),
                                  .days = number(r, "days", days),
                                  .within = number(r, "within", within)};
    if (a.source.n && !str_lists(STR("journey mailing automation"), ' ', a.source)) {
        FAIL_FIELD(r->c, STR("/source"), "mail.source");
    }
    return a;
}

/* Each person once for each template and step: when he first got it, clicked, opened. */
static void got_add(struct ctx *c, struct sql *q, const struct mail_effect_asked *a) {
    SQL_ADD(q, "WITH got AS (SELECT template_id, ");
    sql_literal(q, a->source.n ? "step" : "'' AS step");
    SQL_ADD(q, ", person_id, max(content_id) AS content_id, min(sent_at) AS sent_at, "
               "min(clicked_at) AS clicked_at, min(opened_at) AS opened_at FROM mail_send "
               "WHERE state = 2 AND sent_at > ");
    SQL_VALUE(q, c->now_ms - a->days * MS_DAY);
    if (a->source.n) {
        SQL_ADD(q, " AND source = ");
        SQL_VALUE(q, a->source);
        SQL_ADD(q, " AND source_id = ");
        SQL_VALUE(q, a->source_id);
    }
    sql_literal(q, a->source.n ? " GROUP BY template_id, step, person_id) "
                               : " GROUP BY template_id, person_id) ");
}

/* After what came last, and within the days. */
static void between_add(struct sql *q, const char *column, int64_t within) {
    sql_literal(q, column);
    SQL_ADD(q, " > COALESCE(g.clicked_at, g.sent_at) AND ");
    sql_literal(q, column);
    SQL_ADD(q, " <= g.sent_at + ");
    SQL_VALUE(q, within * (int64_t)MS_DAY);
}

static void effects_query(struct ctx *c, struct sql *q, const struct mail_effect_asked *a) {
    got_add(c, q, a);
    SQL_ADD(q, "SELECT x.template_id, x.step, max(x.content_id), count(*), count(x.opened_at), "
               "count(x.clicked_at), CAST(sum((1 - x.did) * x.past) AS BIGINT), "
               "CAST(sum((1 - x.did) * x.past * x.won) AS BIGINT), "
               "CAST(sum(x.did * x.past) AS BIGINT), CAST(sum(x.did * x.past * x.won) AS BIGINT) "
               "FROM (SELECT g.*, CASE WHEN g.clicked_at IS NULL THEN 0 ELSE 1 END AS did, "
               "CASE WHEN g.sent_at <= ");
    SQL_VALUE(q, c->now_ms - a->within * MS_DAY);
    SQL_ADD(q, " THEN 1 ELSE 0 END AS past, CASE WHEN EXISTS (SELECT 1 FROM lead l WHERE "
               "l.person_id = g.person_id AND l.deleted_at IS NULL AND ");
    between_add(q, "l.converted_at", a->within);
    SQL_ADD(q, " AND ");
    access_where(c, q, entity_named(c, "lead"), ACTION_READ, "l");
    SQL_ADD(q, ") THEN 1 ELSE 0 END AS won FROM got g) x GROUP BY x.template_id, x.step "
               "ORDER BY count(*) DESC, x.template_id, x.step LIMIT ");
    SQL_VALUE(q, (int64_t)MAIL_EFFECTS);
}

static size_t effects_read(struct ctx *c, const struct mail_effect_asked *a,
                           struct mail_effect *list) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n = 0;
    effects_query(c, &q, a);
    sql_query(c, &rows, &q);
    while (n < MAIL_EFFECTS && db_next(&rows)) {
        list[n++] = (struct mail_effect){
            .template_id = db_int(&rows, 0),
            .step = db_text(&rows, 1),
            .content_id = db_int(&rows, 2),
            .people = db_int(&rows, 3),
            .opened = db_int(&rows, 4),
            .clicked = db_int(&rows, 5),
            .group = {{db_int(&rows, 6), db_int(&rows, 7)}, {db_int(&rows, 8), db_int(&rows, 9)}}};
    }
    db_done(&rows);
    return n;
}

/* Deals of all who got it, won within their days. */
static void deals_read(struct ctx *c, const struct mail_effect_asked *a, struct mail_effect *list,
                       size_t n) {
    const struct entity *deal = model_entity(c->model, STR("opportunity"));
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    if (!deal || !n) {
        return;
    }
    got_add(c, &q, a);
    SQL_ADD(&q, "SELECT g.template_id, g.step, count(*), CAST(sum(d.amount) AS BIGINT) FROM got g "
                "JOIN won_deal d ON d.person_id = g.person_id AND ");
    between_add(&q, "d.won_at", a->within);
    SQL_ADD(&q, " WHERE d.currency = ");
    SQL_VALUE(&q, company_currency(c));
    SQL_ADD(&q, " AND ");
    access_where(c, &q, deal, ACTION_READ, "d");
    SQL_ADD(&q, " GROUP BY g.template_id, g.step");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        for (size_t i = 0; i < n; i++) {
            if (list[i].template_id == db_int(&rows, 0) &&
                str_equal(list[i].step, db_view(&rows, 1))) {
                list[i].deals = db_int(&rows, 2);
                list[i].amount = db_int(&rows, 3);
            }
        }
    }
}

static void group_put(struct json_writer *w, const char *name, const struct contrast_group *g) {
    struct share_interval i = share_interval(g->passed, g->n);
    json_key(w, name);
    json_begin_object(w);
    JSON_MEMBER(w, "people", json_put_int, g->n);
    JSON_MEMBER(w, "converted", json_put_int, g->passed);
    JSON_MEMBER(w, "low", json_put_real, i.low);
    JSON_MEMBER(w, "high", json_put_real, i.high);
    json_end_object(w);
}

/* "few": too few people to say; "same": chance alone would do that; "more", "less": of those who
 * clicked more, or less, were converted. */
static const char *verdict(const struct mail_effect *e, const struct share_interval *difference) {
    bool few = e->group[0].n < COMPARED_LEAST || e->group[1].n < COMPARED_LEAST;
    return few ? "few" : difference->low > 0 ? "more" : difference->high < 0 ? "less" : "same";
}

static void effect_put(struct ctx *c, struct json_writer *w, const struct mail_effect *e) {
    struct share_interval difference = share_difference(&e->group[1], &e->group[0]);
    json_begin_object(w);
    JSON_MEMBER(w, "template_id", json_put_id, e->template_id);
    JSON_MEMBER(w, "name", json_put_str,
                DB_TEXT(c, "SELECT name FROM mail_content WHERE id = $1", e->content_id));
    JSON_MEMBER(w, "step", json_put_str, e->step);
    JSON_MEMBER(w, "people", json_put_int, e->people);
    JSON_MEMBER(w, "opened", json_put_int, e->opened);
    JSON_MEMBER(w, "clicked", json_put_int, e->clicked);
    group_put(w, "after_click", &e->group[1]);
    group_put(w, "without_click", &e->group[0]);
    JSON_MEMBER(w, "difference_low", json_put_real, difference.low);
    JSON_MEMBER(w, "difference_high", json_put_real, difference.high);
    JSON_MEMBER(w, "verdict", json_put_c, verdict(e, &difference));
    JSON_MEMBER(w, "won_deals", json_put_int, e->deals);
    credit_money(&(struct credits){.c = c, .currency = company_currency(c)}, w, "won_amount",
                 e->amount);
    json_end_object(w);
}

size_t mail_effects(struct ctx *c, const struct mail_effect_asked *a, struct mail_effect *list) {
    size_t n = effects_read(c, a, list);
    deals_read(c, a, list, n);
    return n;
}

static void effects_get(struct request *r) {
    struct ctx *c = r->c;
    struct mail_effect_asked a = asked_read(r);
    struct mail_effect *list = ARENA_NEW_ARRAY(c->arena, MAIL_EFFECTS, struct mail_effect);
    size_t n = ctx_failed(c) ? 0 : mail_effects(c, &a, list);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "within", json_put_int, a.within);
    JSON_MEMBER(&w, "compared_least", json_put_int, COMPARED_LEAST);
    json_key(&w, "data");
    json_begin_array(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        effect_put(c, &w, &list[i]);
    }
    json_end_array(&w);
    json_end_object(&w);
    if (!ctx_failed(c)) {
        reply_json(r, 200, &w);
    }
}

#define GROUP "(people:integer! converted:integer! low:number! high:number!)!"
static const struct route routes[] = {
    {METHOD_GET, "/api/v1/mail/effects", MANAGE, LANE_SLOW, effects_get,
     .summary = "route.mail_effects",
     .query = "source:text source_id:id days:integer within:integer",
     .answer = "within:integer! compared_least:integer! data:[(template_id:id?! name:text! "
               "step:text! people:integer! opened:integer! clicked:integer! after_click:" GROUP
               " without_click:" GROUP " difference_low:number! difference_high:number! "
               "verdict:text! won_deals:integer! won_amount:money!)]!"},
    {0}};

static const struct text texts[] = {
    {"mail.effect_number", "应为 {least} 至 {most}", "{least} to {most}"},
    {"route.mail_effects", "各封邮件之后的转化", "What followed each mail"},
    {0}};

const struct module mail_effect_module = {
    .name = "marketing.mail_effect", .cloud = "marketing", .routes = routes, .texts = texts};
