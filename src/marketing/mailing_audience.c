/*
 * Whom a mailing is for, as one query over people: those of the segment (of accounts: their
 * contacts), those the condition selects (leads stand for their people), as far as the asker may
 * read them. And what would become of each of them, by the same checks mail_send makes
 * (mail_send.c), as sets: what is told before the launch is a forecast, for mail_send asks again
 * when each is due.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/segment.h"
#include "db/sql.h"
#include "entity/condition.h"
#include "entity/query.h"
#include "http/route.h"
#include "marketing/mail_parts.h"
#include "marketing/mailing.h"
#include "marketing/marketing.h"

#define MANAGE "marketing:manage"
enum { PAGE = 50 };

static void segment_take(struct ctx *c, struct mailing_audience *a, const struct record *segment) {
    struct str of = record_text(segment, "entity_name");
    a->segment_id = segment->id;
    a->segment_of_people = str_is(of, "person");
    a->segment_of_accounts = str_is(of, "account");
    if (!a->segment_of_people && !a->segment_of_accounts && !str_equal(of, a->entity->name)) {
        FAIL_FIELD(c, STR("/segment_id"), "mailing.segment");
    }
}

struct mailing_audience *mailing_audience(struct ctx *c, const struct record *mailing) {
    struct mailing_audience *a = ARENA_NEW(c->arena, struct mailing_audience);
    struct str where = record_text(mailing, "audience");
    int64_t segment_id = record_id(mailing, "segment_id");
    const struct record *segment = segment_id
                                       ? record_load(c, entity_named(c, "segment"), segment_id)
                                       : NULL;
    const struct record *t = record_load(c, entity_named(c, "mail_template"),
                                         record_id(mailing, "template_id"));
    a->entity = model_entity(c->model, record_text(mailing, "entity_name"));
    a->person = entity_named(c, "person");
    a->topic = t ? record_text(t, "topic") : STR("news");
    a->at = record_int(mailing, "starts_at") > c->now_ms ? record_int(mailing, "starts_at")
                                                         : c->now_ms;
    if (segment) {
        segment_take(c, a, segment);
    }
    if (where.n && a->entity) {
        a->where = condition_parse_text(c, a->entity, where);
    }
    if (!segment && !where.n) {
        FAIL_FIELD(c, STR("/segment_id"), "mailing.nobody");
    }
    return ctx_failed(c) ? NULL : a;
}

struct str mailing_lost(struct ctx *c, int64_t mailing_id) {
    struct db_rows rows;
    struct str where = STR(""), why;
    const struct entity *e = NULL;
    int64_t segment_id = 0;
    DB_QUERY(c, &rows, "SELECT entity_name, audience, segment_id FROM mailing WHERE id = $1",
             mailing_id);
    if (db_next(&rows)) {
        e = model_entity(c->model, db_view(&rows, 0));
        where = db_text(&rows, 1);
        segment_id = db_int(&rows, 2);
    }
    db_done(&rows);
    why = segment_id ? segment_lost(c, segment_id) : STR("");
    if (why.n || !e || !where.n) {
        return why;
    }
    why = condition_lost(c, e, where);
    return why.n ? why : definition_lost_in(c, json_parse(c, where));
}

void mailing_sound(struct ctx *c, const struct record *mailing) {
    struct str why = mailing_lost(c, mailing->id);
    if (why.n) {
        FAIL_FIELD(c, record_id(mailing, "segment_id") ? STR("/segment_id") : STR("/audience"),
                   "mailing.lost", {"why", why});
    }
}

static void member_of(struct sql *q, int64_t segment_id, const char *column) {
    SQL_ADD(q, " AND EXISTS (SELECT 1 FROM membership sm WHERE sm.definition_id = ");
    SQL_VALUE(q, segment_id);
    SQL_ADD(q, " AND sm.member = 1 AND sm.subject_id = ");
    sql_literal(q, column);
    SQL_ADD(q, ")");
}

/* People who are contacts of the segment's accounts, as far as the asker may see both. */
static void contact_of(struct ctx *c, struct sql *q, int64_t segment_id) {
    SQL_ADD(q, " AND EXISTS (SELECT 1 FROM contact ck JOIN account ca ON ca.id = ck.account_id "
               "AND ca.deleted_at IS NULL JOIN membership sm ON sm.subject_id = ca.id "
               "AND sm.member = 1 AND sm.definition_id = ");
    SQL_VALUE(q, segment_id);
    SQL_ADD(q, " WHERE ck.person_id = p.id AND ck.deleted_at IS NULL AND ");
    access_where(c, q, entity_named(c, "contact"), ACTION_READ, "ck");
    SQL_ADD(q, " AND ");
    access_where(c, q, entity_named(c, "account"), ACTION_READ, "ca");
    SQL_ADD(q, ")");
}

/* " FROM person p … WHERE …": those it is for. A segment of people is where one begins to look. */
static void audience_from(struct ctx *c, struct sql *q, const struct mailing_audience *a) {
    bool lead = a->entity != a->person, joined = a->segment_id && a->segment_of_people;
    SQL_ADD(q, " FROM person p");
    if (joined) {
        SQL_ADD(q, " JOIN membership pm ON pm.subject_id = p.id AND pm.member = 1 "
                   "AND pm.definition_id = ");
        SQL_VALUE(q, a->segment_id);
    }
    SQL_ADD(q, " WHERE p.deleted_at IS NULL AND ");
    access_where(c, q, a->person, ACTION_READ, "p");
    if (a->segment_id && a->segment_of_accounts) {
        contact_of(c, q, a->segment_id);
    }
    if (!lead) {
        if (a->where) {
            SQL_ADD(q, " AND ");
            condition_sql(c, q, a->where, "p");
        }
        return;
    }
    SQL_ADD(q, " AND EXISTS (SELECT 1 FROM lead l WHERE l.person_id = p.id "
               "AND l.deleted_at IS NULL AND ");
    access_where(c, q, a->entity, ACTION_READ, "l");
    if (a->where) {
        SQL_ADD(q, " AND ");
        condition_sql(c, q, a->where, "l");
    }
    if (a->segment_id && !a->segment_of_people && !a->segment_of_accounts) {
        member_of(q, a->segment_id, "l.id");
    }
    SQL_ADD(q, ")");
}

static void over_cap(struct sql *q, int64_t most, int64_t since) {
    if (most) {
        SQL_ADD(q, " WHEN (SELECT count(*) FROM mail_send m WHERE m.person_id = x.id AND m.at > ");
        SQL_VALUE(q, since);
        SQL_ADD(q, " AND m.state <> 3 AND m.topic <> 'service') >= ");
        SQL_VALUE(q, most);
        SQL_ADD(q, " THEN 'capped'");
    }
}

/* The reasons of mail_send.c in their order, over x (id, email, agreed). */
static void reason_case(struct ctx *c, struct sql *q, const struct mailing_audience *a) {
    struct mail_policy p = mail_policy_read(c);
    bool service = str_is(a->topic, "service");
    SQL_ADD(q, "CASE WHEN COALESCE(x.email, '') = '' THEN 'no_address' WHEN EXISTS (SELECT 1 FROM "
               "mail_suppression s WHERE s.address = x.email) THEN 'suppressed'");
    if (service) {
        SQL_ADD(q, " WHEN x.agreed = 0 THEN 'unsubscribed' ELSE '' END");
        return;
    }
    SQL_ADD(q, " WHEN x.agreed < 0 THEN 'no_consent' WHEN x.agreed = 0 OR EXISTS (SELECT 1 FROM "
               "mail_optout o WHERE o.address = x.email AND o.topic IN ('*', ");
    SQL_VALUE(q, a->topic);
    SQL_ADD(q, ")) THEN 'unsubscribed'");
    over_cap(q, p.per_day, a->at - MS_DAY);
    over_cap(q, p.per_week, a->at - 7 * (int64_t)MS_DAY);
    SQL_ADD(q, " ELSE '' END");
}

/* "(SELECT id, reason …)": everybody with why not, empty for those who would get it. Of those with
 * one address the first gets it. */
static void judged(struct ctx *c, struct sql *q, const struct mailing_audience *a) {
    bool service = str_is(a->topic, "service");
    SQL_ADD(q, "(SELECT y.id, CASE WHEN y.why = '' AND y.nth > 1 THEN ");
    sql_literal(q, service ? "''" : "'duplicate'");
    SQL_ADD(q, " ELSE y.why END AS reason FROM (SELECT z.id, z.why, row_number() OVER "
               "(PARTITION BY z.why, z.email ORDER BY z.id) AS nth FROM (SELECT x.id, x.email, ");
    reason_case(c, q, a);
    SQL_ADD(q, " AS why FROM (SELECT p.id, p.email, COALESCE((SELECT k.given FROM consent k WHERE "
               "k.person_id = p.id AND k.purpose = ");
    SQL_VALUE(q, service ? "service" : "marketing");
    SQL_ADD(q, " AND k.channel IN ('email', 'any') ORDER BY k.at DESC, k.id DESC LIMIT 1), -1) "
               "AS agreed");
    audience_from(c, q, a);
    SQL_ADD(q, ") x) z) y)");
}

struct mailing_forecast mailing_forecast(struct ctx *c, const struct mailing_audience *a) {
    struct mailing_forecast f = {0};
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT j.reason, count(*) FROM ");
    judged(c, &q, a);
    SQL_ADD(&q, " j GROUP BY j.reason ORDER BY j.reason");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        int64_t n = db_int(&rows, 1);
        f.people += n;
        if (!db_view(&rows, 0).n) {
            f.will = n;
        } else if (f.n < sizeof f.against / sizeof *f.against) {
            f.against[f.n].reason = db_text(&rows, 0);
            f.against[f.n++].n = n;
        }
    }
    return f;
}

int64_t mailing_plan_piece(struct ctx *c, const struct mailing_audience *a,
                           struct mailing_piece *piece) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "INSERT INTO mailing_recipient (mailing_id, n, person_id) SELECT CAST(");
    SQL_VALUE(&q, piece->mailing_id);
    SQL_ADD(&q, " AS BIGINT), CAST(");
    SQL_VALUE(&q, piece->planned);
    SQL_ADD(&q, " AS BIGINT) + row_number() OVER (ORDER BY w.id), w.id FROM (SELECT p.id");
    audience_from(c, &q, a);
    SQL_ADD(&q, " AND p.id > ");
    SQL_VALUE(&q, piece->last_id);
    if (a->segment_id && a->segment_of_people) {
        /* Said again of the segment, so that a piece begins where the last ended. */
        SQL_ADD(&q, " AND pm.subject_id > ");
        SQL_VALUE(&q, piece->last_id);
    }
    SQL_ADD(&q, " ORDER BY p.id LIMIT ");
    SQL_VALUE(&q, piece->limit);
    SQL_ADD(&q, ") w");
    int64_t added = sql_run(c, &q);
    piece->planned += added;
    piece->last_id = DB_INT(c,
                            "SELECT person_id FROM mailing_recipient WHERE mailing_id = $1 "
                            "AND n = $2",
                            piece->mailing_id, piece->planned);
    return added;
}

static struct mailing_audience *audience_asked(struct request *r, struct record **mailing) {
    *mailing = record_read(r->c, entity_named(r->c, "mailing"), request_id(r, "id"));
    if (*mailing) {
        mailing_sound(r->c, *mailing);
    }
    return ctx_failed(r->c) ? NULL : mailing_audience(r->c, *mailing);
}

static void reason_put(struct ctx *c, struct json_writer *w, struct str reason, int64_t n) {
    struct str code = str_format(c->arena, "mail.reason_%.*s", STR_ARG(reason));
    json_begin_object(w);
    JSON_MEMBER(w, "reason", json_put_str, reason);
    JSON_MEMBER(w, "why", json_put_str, message_words(c->language, code.p));
    JSON_MEMBER(w, "people", json_put_int, n);
    json_end_object(w);
}

/* When the last would be handed on: at the slowest of what the mailing and the account say. */
static int64_t ends_at(struct ctx *c, const struct record *mailing, int64_t begins,
                       int64_t people) {
    struct mail_account account;
    int64_t spread = record_int(mailing, "spread_hours") * MS_HOUR;
    int64_t per_hour = record_int(mailing, "per_hour");
    int64_t longest = spread;
    if (mail_account_read(c, &account) && account.per_minute) {
        int64_t ms = people * MS_MINUTE / account.per_minute;
        longest = ms > longest ? ms : longest;
    }
    if (per_hour && people * MS_HOUR / per_hour > longest) {
        longest = people * MS_HOUR / per_hour;
    }
    return begins + longest;
}

/* Before the launch: how many would get it, why the others would not, when. */
static void preflight_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *mailing;
    struct mail_account account;
    struct mailing_audience *a = audience_asked(r, &mailing);
    if (!a) {
        return;
    }
    struct mailing_forecast f = mailing_forecast(c, a);
    struct mail_policy policy = mail_policy_read(c);
    bool service = str_is(a->topic, "service");
    int64_t begins = service ? a->at : mail_quiet_end(c, &policy, a->at);
    bool known = mail_account_read(c, &account);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "people", json_put_int, f.people);
    JSON_MEMBER(&w, "will", json_put_int, f.will);
    json_key(&w, "against");
    json_begin_array(&w);
    for (size_t i = 0; i < f.n; i++) {
        reason_put(c, &w, f.against[i].reason, f.against[i].n);
    }
    json_end_array(&w);
    JSON_MEMBER(&w, "quiet", json_put_bool, begins > a->at);
    JSON_MEMBER(&w, "begins_at", json_put_instant, begins);
    JSON_MEMBER(&w, "ends_at", json_put_instant, ends_at(c, mailing, begins, f.will));
    JSON_MEMBER(&w, "account", json_put_bool, known && account.public_url.n > 0);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* Who stands behind one figure of it; reason empty: those who would get it. */
static void people_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *mailing;
    struct db_rows rows;
    int64_t people[PAGE];
    struct str titles[PAGE];
    size_t n = 0;
    struct mailing_audience *a = audience_asked(r, &mailing);
    if (!a) {
        return;
    }
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT j.id FROM ");
    judged(c, &q, a);
    SQL_ADD(&q, " j WHERE j.reason = ");
    SQL_VALUE(&q, request_query(r, "reason").n ? request_query(r, "reason") : STR(""));
    SQL_ADD(&q, " AND j.id > ");
    SQL_VALUE(&q, request_query_int(r, "after", 0));
    SQL_ADD(&q, " ORDER BY j.id LIMIT ");
    SQL_VALUE(&q, (int64_t)PAGE);
    sql_query(c, &rows, &q);
    while (n < PAGE && db_next(&rows)) {
        people[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    list_titles(c, a->person, people, n, titles);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "person_id", json_put_id, people[i]);
        JSON_MEMBER(&w, "person", json_put_str, titles[i]);
        json_end_object(&w);
    }
    json_end_array(&w);
    JSON_MEMBER(&w, "next", json_put_id, n == PAGE ? people[n - 1] : 0);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/mailings/{id}/preflight", MANAGE, LANE_SLOW, preflight_get,
     .summary = "route.mailing_preflight",
     .answer = "people:integer! will:integer! against:[(reason:text! why:text! people:integer!)]! "
               "quiet:boolean! begins_at:instant! ends_at:instant! account:boolean!"},
    {METHOD_GET, "/api/v1/mailings/{id}/preflight/people", MANAGE, LANE_SLOW, people_get,
     .summary = "route.mailing_preflight_people", .query = "reason:text after:id",
     .answer = "data:[(person_id:id! person:text!)]! next:id?!"},
    {0}};

static const struct text texts[] = {
    {"mailing.segment", "这个人群不是发送对象的", "That segment is not of those it is sent to"},
    {"mailing.lost", "现在不能发：{why}。请先改好条件",
     "It cannot go now: {why}. Change the condition first"},
    {"mailing.nobody", "请选择人群或填写条件", "Choose a segment or give a condition"},
    {"route.mailing_preflight", "群发之前：多少人会收到，其余为什么不会",
     "Before a mailing: how many get it, and why the rest do not"},
    {"route.mailing_preflight_people", "群发之前：每个数字背后的人",
     "Before a mailing: the people behind a figure"},
    {0}};

const struct module mailing_audience_module = {
    .name = "marketing.mailing_audience", .cloud = "marketing", .routes = routes, .texts = texts};
