/*
 * What the company allows itself in mails: how many a person gets in a day and a week, and in which
 * hours none goes. And the addresses that get none: those that bounced or complained, and what each
 * receiver has opted out of.
 */
#include "base/clock.h"
#include "base/email.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "connector/mail.h"
#include "connector/mail_reason.h"
#include "customer/consent.h"
#include "db/db.h"
#include "db/migration.h"
#include "http/route.h"
#include "marketing/mail_parts.h"
#include "marketing/marketing.h"
#include "marketing/scoring.h"
#include "organization/company.h"

#define MANAGE "marketing:manage"
enum { MINUTES = 24 * 60, PER_DAY = 1, PER_WEEK = 3, QUIET_FROM = 21 * 60, QUIET_TO = 8 * 60 };
enum { PAGE = 100, WARM_DAYS = 15, WARM_MOST = 100000 };

struct mail_policy mail_policy_read(struct ctx *c) {
    struct mail_policy p = {PER_DAY, PER_WEEK, QUIET_FROM, QUIET_TO, 0, 0};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT per_day, per_week, quiet_from, quiet_to, warm_from, warm_first "
             "FROM mail_policy WHERE id = 1");
    if (db_next(&rows)) {
        p = (struct mail_policy){db_int(&rows, 0), db_int(&rows, 1), db_int(&rows, 2),
                                 db_int(&rows, 3), db_int(&rows, 4), db_int(&rows, 5)};
        db_done(&rows);
    }
    return p;
}

int64_t mail_warm_up(struct ctx *c, const struct mail_policy *p) {
    const struct zone *z = company_zone(c);
    int64_t days = date_to_days(zone_date(z, c->now_ms)) - date_to_days(zone_date(z, p->warm_from));
    return !p->warm_first || days >= WARM_DAYS ? INT64_MAX
           : days <= 0                         ? p->warm_first
                                               : p->warm_first << days;
}

int64_t mail_quiet_end(struct ctx *c, const struct mail_policy *p, int64_t at) {
    const struct zone *z = company_zone(c);
    struct date day = zone_date(z, at);
    int64_t minute = zone_time_of_day(z, at) / MS_MINUTE;
    bool over_midnight = p->quiet_from > p->quiet_to;
    bool late = over_midnight && minute >= p->quiet_from;
    bool early = minute < p->quiet_to && (over_midnight || minute >= p->quiet_from);
    if (p->quiet_from == p->quiet_to || (!late && !early)) {
        return at;
    }
    struct date ends = late ? date_from_days(date_to_days(day) + 1) : day;
    return zone_midnight(z, ends) + p->quiet_to * MS_MINUTE;
}

static void policy_get(struct request *r) {
    struct ctx *c = r->c;
    struct mail_policy p = mail_policy_read(c);
    struct mail_account account;
    bool known = mail_account_read(c, &account);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "per_day", json_put_int, p.per_day);
    JSON_MEMBER(&w, "per_week", json_put_int, p.per_week);
    JSON_MEMBER(&w, "quiet_from", json_put_int, p.quiet_from);
    JSON_MEMBER(&w, "quiet_to", json_put_int, p.quiet_to);
    JSON_MEMBER(&w, "warm_first", json_put_int, p.warm_first);
    JSON_MEMBER(&w, "warm_from", json_put_instant_or_null, p.warm_from);
    JSON_MEMBER(&w, "account", json_put_bool, known);
    JSON_MEMBER(&w, "public_url", json_put_bool, account.public_url.n > 0);
    JSON_MEMBER(&w, "waiting", json_put_int,
                DB_INT(c,
                       "SELECT count(*) FROM (SELECT 1 AS one FROM mail_send WHERE state = 0 "
                       "AND at <= $1 LIMIT 100000) AS x",
                       c->now_ms));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static int64_t bounded(struct ctx *c, const struct json *body, const char *name, int64_t most) {
    int64_t value = json_int(body, name, -1);
    if (value < 0 || value > most) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", name), "mail.policy_number",
                   {"most", str_format(c->arena, "%lld", (long long)most)});
    }
    return value;
}

static void policy_put(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    if (!body) {
        return;
    }
    struct mail_policy before = mail_policy_read(c);
    struct mail_policy p = {bounded(c, body, "per_day", 50),
                            bounded(c, body, "per_week", 200),
                            bounded(c, body, "quiet_from", MINUTES - 1),
                            bounded(c, body, "quiet_to", MINUTES - 1),
                            before.warm_from,
                            before.warm_first};
    if (json_get(body, "warm_first")) {
        p.warm_first = bounded(c, body, "warm_first", WARM_MOST);
        p.warm_from = !p.warm_first                       ? 0
                      : p.warm_first == before.warm_first ? before.warm_from
                                                          : c->now_ms;
    }
    DB_RUN(c,
           "INSERT INTO mail_policy (id, per_day, per_week, quiet_from, quiet_to, warm_from, "
           "warm_first) VALUES (1, $1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET "
           "per_day = $1, per_week = $2, quiet_from = $3, quiet_to = $4, warm_from = $5, "
           "warm_first = $6",
           p.per_day, p.per_week, p.quiet_from, p.quiet_to, p.warm_from, p.warm_first);
    mail_dispatch_soon(c, c->now_ms);
    event_emit(c, &(struct event){.type = STR("mail_policy.changed")});
}

void mail_suppress(struct ctx *c, struct str address, const char *why, struct str detail) {
    DB_RUN(c,
           "INSERT INTO mail_suppression (address, why, detail, at) VALUES ($1, $2, $3, $4) "
           "ON CONFLICT (address) DO NOTHING",
           address, why, text_truncate(detail, 300), c->now_ms);
}

/* The person is there still, and has agreed. */
const char *mail_suppression_refusal(struct ctx *c, struct str address) {
    struct str why = DB_TEXT(c, "SELECT why FROM mail_suppression WHERE address = $1", address);
    return str_is(why, "bounced")      ? "correspondence.bounced"
           : str_is(why, "complained") ? "correspondence.complained"
                                       : NULL;
}

static bool consent_known(struct ctx *c, int64_t person_id) {
    return record_load(c, entity_named(c, "person"), person_id) &&
           consent_state(c, person_id, "email") == CONSENT_GIVEN;
}

/* The address the mail went to, and where its receiver is reached by now. */
static int64_t opted_out(struct ctx *c, const struct send_row *row, int64_t person_id,
                         struct str topic, const char *how) {
    struct str now = mail_address_of(c, person_id);
    const struct str addresses[] = {row->address, now};
    int64_t changed = 0;
    for (size_t i = 0; i < 2; i++) {
        changed += addresses[i].n
                       ? DB_RUN(c,
                                "INSERT INTO mail_optout (address, topic, how, at) VALUES ($1, $2, "
                                "$3, $4) ON CONFLICT (address, topic) DO NOTHING",
                                addresses[i], topic, how, c->now_ms)
                       : 0;
    }
    return changed;
}

/* That an address is out already, by another who has it or long ago, does not make his word void:
 * whoever had agreed takes it back. */
void mail_opt_out(struct ctx *c, const struct send_row *row, struct str topic, const char *how) {
    int64_t person_id = score_person_now(c, row->person_id);
    bool changed = opted_out(c, row, person_id, topic, how) > 0;
    if (str_is(topic, "*") && consent_known(c, person_id)) {
        changed = true;
        consent_record(c, &(struct consent_line){.person_id = person_id,
                                                 .channel = STR("email"),
                                                 .source = STR("unsubscribe"),
                                                 .source_id = row->id});
    }
    if (changed && DB_RUN(c,
                          "UPDATE mail_send SET unsubscribed_at = $1 WHERE id = $2 "
                          "AND unsubscribed_at IS NULL",
                          c->now_ms, row->id)) {
        mail_total_add(c, row, "unsubscribed", 1);
        mail_event(c, row, "mail.unsubscribed", STR(""));
    }
}

void mail_opt_in(struct ctx *c, const struct send_row *row) {
    DB_RUN(c, "DELETE FROM mail_optout WHERE address IN ($1, $2)", row->address,
           mail_address_of(c, score_person_now(c, row->person_id)));
}

void mail_optouts_carry(struct ctx *c, int64_t person_id) {
    struct str address = mail_address_of(c, person_id);
    if (address.n) {
        DB_RUN(c,
               "INSERT INTO mail_optout (address, topic, how, at) SELECT DISTINCT $1, o.topic, "
               "'moved', $2 FROM mail_send s JOIN mail_optout o ON o.address = s.address "
               "WHERE s.person_id = $3 AND o.topic <> '*' ON CONFLICT (address, topic) DO NOTHING",
               address, c->now_ms, person_id);
    }
}

/* Newest first; the address masked, as everywhere it is somebody's. */
static void suppressions_get(struct request *r) {
    struct ctx *c = r->c;
    struct db_rows rows;
    int64_t before = request_query_int(r, "before", INT64_MAX);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    DB_QUERY(c, &rows,
             "SELECT address, why, detail, at FROM mail_suppression WHERE at < $1 "
             "ORDER BY at DESC LIMIT $2",
             before, (int64_t)PAGE);
    while (db_next(&rows)) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "address", json_put_str, email_mask(c->arena, db_text(&rows, 0)));
        JSON_MEMBER(&w, "why", json_put_str, db_text(&rows, 1));
        JSON_MEMBER(&w, "detail", json_put_str,
                    mail_reason(r->c->arena, r->c->language, db_text(&rows, 2)));
        JSON_MEMBER(&w, "at", json_put_instant, db_int(&rows, 3));
        json_end_object(&w);
    }
    reply_list_end(r, &w);
}

static struct str address_given(struct request *r) {
    struct email e = email_parse(r->c->arena, json_text(request_json(r), "address"));
    if (e.reason == EMAIL_SYNTAX || e.reason == EMAIL_EMPTY) {
        FAIL_FIELD(r->c, STR("/address"), "email.syntax");
    }
    return e.address;
}

static void suppression_post(struct request *r) {
    struct str address = address_given(r);
    if (!ctx_failed(r->c)) {
        mail_suppress(r->c, address, "manual", STR(""));
        event_emit(r->c, &(struct event){.type = STR("mail_suppression.added")});
    }
}

/* Somebody knows that the address takes mail again. */
static void suppression_remove(struct request *r) {
    struct str address = address_given(r);
    if (!ctx_failed(r->c) &&
        DB_RUN(r->c, "DELETE FROM mail_suppression WHERE address = $1", address) == 0) {
        FAIL(r->c, ERROR_ABSENT, "mail.not_suppressed");
    }
    event_emit(r->c, &(struct event){.type = STR("mail_suppression.removed")});
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/mail/policy", MANAGE, LANE_SLOW, policy_get,
     .summary = "route.mail_policy",
     .answer = "per_day:integer! per_week:integer! quiet_from:integer! quiet_to:integer! "
               "warm_first:integer! warm_from:instant?! account:boolean! public_url:boolean! "
               "waiting:integer!"},
    {METHOD_PUT, "/api/v1/mail/policy", MANAGE, LANE_WRITER, policy_put,
     .summary = "route.mail_policy_set",
     .body = "per_day:integer! per_week:integer! quiet_from:integer! quiet_to:integer! "
             "warm_first:integer"},
    {METHOD_GET, "/api/v1/mail/suppressions", MANAGE, LANE_INLINE, suppressions_get,
     .summary = "route.mail_suppressions", .query = "before:integer",
     .answer = "data:[(address:text! why:text! detail:text! at:instant!)]!"},
    {METHOD_POST, "/api/v1/mail/suppressions", MANAGE, LANE_WRITER, suppression_post,
     .summary = "route.mail_suppress", .body = "address:text!"},
    {METHOD_POST, "/api/v1/mail/suppressions/remove", MANAGE, LANE_WRITER, suppression_remove,
     .summary = "route.mail_unsuppress", .body = "address:text!"},
    {0}};

static const struct migration migrations[] = {
    {"marketing.mail_policy.1",
     "CREATE TABLE mail_policy (id BIGINT NOT NULL PRIMARY KEY, per_day BIGINT NOT NULL, "
     "per_week BIGINT NOT NULL, quiet_from BIGINT NOT NULL, quiet_to BIGINT NOT NULL);\n"
     "CREATE TABLE mail_suppression (address TEXT NOT NULL PRIMARY KEY, why TEXT NOT NULL, "
     "detail TEXT NOT NULL, at BIGINT NOT NULL){without_rowid};\n"
     "CREATE INDEX mail_suppression_at ON mail_suppression (at);\n"
     "CREATE TABLE mail_optout (address TEXT NOT NULL, topic TEXT NOT NULL, how TEXT NOT NULL, "
     "at BIGINT NOT NULL, PRIMARY KEY (address, topic)){without_rowid}"},
    {"marketing.mail_policy.2", "ALTER TABLE mail_policy ADD COLUMN warm_from BIGINT;\n"
                                "ALTER TABLE mail_policy ADD COLUMN warm_first BIGINT"},
    {0}};

static const struct text texts[] = {
    {"mail.policy_number", "应为 0 至 {most}", "0 to {most}"},
    {"mail.not_suppressed", "这个地址没有被屏蔽", "This address is not suppressed"},
    {"route.mail_policy", "邮件频次与免打扰", "Caps and quiet hours of mails"},
    {"route.mail_policy_set", "设置邮件频次与免打扰", "Set caps and quiet hours of mails"},
    {"route.mail_suppressions", "被屏蔽的地址", "Suppressed addresses"},
    {"route.mail_suppress", "屏蔽一个地址", "Suppress an address"},
    {"route.mail_unsuppress", "解除屏蔽", "Lift a suppression"},
    {0}};

static const struct event_type event_types[] = {
    {"mail_policy.changed", NULL, "改邮件频次", "mail policy changed"},
    {"mail_suppression.added", NULL, "屏蔽邮件地址", "mail address suppressed"},
    {"mail_suppression.removed", NULL, "解除邮件屏蔽", "mail suppression lifted"},
    {0}};

static const struct permission permissions[] = {
    {"marketing:manage", "管理邮件与旅程", "Manage mails and journeys"}, {0}};

const struct module mail_policy_module = {.name = "marketing.mail_policy",
                                          .cloud = "marketing",
                                          .routes = routes,
                                          .events = event_types,
                                          .permissions = permissions,
                                          .migrations = migrations,
                                          .texts = texts};
