/*
 * Why leads are whose they are, and what a list would do.
 *
 * GET  /api/v1/leads/{id}/assignments      every decision of the list on a lead: rule, strategy,
 *                                          who was considered and what spoke against them
 * POST /api/v1/assignment_rules/trial      {"rules"?, "days"?} what the list that is on, or a draft
 *                                          of one, would have done with recent leads: each as it
 *                                          stands now, people as they are now. Writes nothing.
 * GET  /api/v1/assignment_rules/report     of each rule: leads given, by whom held, what became of
 *                                          them, the exploration slice beside the others; how many
 *                                          leads wait for somebody
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/query.h"
#include "entity/row.h"
#include "http/route.h"
#include "sales/assignment_wait.h"
#include "sales/sales.h"

enum { TRIAL_LEADS = 200, TALLIES_MOST = 300, DECISIONS = 20 };

static void considered_json(struct ctx *c, struct json_writer *w, const struct json *list) {
    json_key(w, "considered");
    json_begin_array(w);
    for (size_t i = 0; json_is(list, JSON_IS_ARRAY) && i < list->n; i++) {
        const struct json *one = &list->items[i];
        struct str out = json_text(one, "out");
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_str, json_text(one, "id"));
        JSON_MEMBER(w, "name", json_put_str, json_text(one, "name"));
        JSON_MEMBER(w, "open_leads", json_put_int, json_int(one, "open_leads", 0));
        json_key(w, "out");
        if (out.n) {
            json_put_str(w, message_words(c->language, str_to_c(c->arena, out)));
        } else {
            json_put_null(w);
        }
        json_end_object(w);
    }
    json_end_array(w);
}

static void decision_json(struct ctx *c, struct json_writer *w, const struct db_rows *rows) {
    const struct json *detail = json_parse(c, db_text(rows, 5));
    json_begin_object(w);
    JSON_MEMBER(w, "at", json_put_instant, db_int(rows, 0));
    JSON_MEMBER(w, "rule_id", json_put_id, db_int(rows, 1));
    JSON_MEMBER(w, "user_id", json_put_id, db_int(rows, 2));
    JSON_MEMBER(w, "user", json_put_str, db_text(rows, 3));
    JSON_MEMBER(w, "explored", json_put_bool, db_int(rows, 4) != 0);
    JSON_MEMBER(w, "reason", json_put_str, json_text(detail, language_tag(c->language)));
    considered_json(c, w, json_get(detail, "considered"));
    json_end_object(w);
}

static void assignments_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *lead = record_read(c, entity_named(c, "lead"), request_id(r, "id"));
    struct db_rows rows;
    if (!lead) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    DB_QUERY(c, &rows,
             "SELECT d.at, d.rule_id, d.user_id, COALESCE(u.name, ''), d.explored, d.detail "
             "FROM assignment_decision d LEFT JOIN \"user\" u ON u.id = d.user_id "
             "WHERE d.lead_id = $1 ORDER BY d.id DESC LIMIT $2",
             lead->id, (int64_t)DECISIONS);
    while (db_next(&rows)) {
        decision_json(c, &w, &rows);
    }
    reply_list_end(r, &w);
}

/* How often something came out. */
struct tally {
    int64_t id; /* of a user, or of a rule; 0: nobody, none */
    struct str name;
    int64_t n;
};

struct tallies {
    struct tally items[TALLIES_MOST];
    size_t n;
};

static void tally_add(struct tallies *t, int64_t id, struct str name) {
    for (size_t i = 0; i < t->n; i++) {
        if (t->items[i].id == id && str_equal(t->items[i].name, name)) {
            t->items[i].n++;
            return;
        }
    }
    if (t->n < TALLIES_MOST) {
        t->items[t->n++] = (struct tally){id, name, 1};
    }
}

static void tallies_json(struct json_writer *w, const char *key, const struct tallies *t) {
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < t->n; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_id, t->items[i].id);
        JSON_MEMBER(w, "name", json_put_str, t->items[i].name);
        JSON_MEMBER(w, "leads", json_put_int, t->items[i].n);
        json_end_object(w);
    }
    json_end_array(w);
}

/* A rule as it is written in the request, checked as a record of its own would be. */
static struct record *draft_rule(struct ctx *c, const struct json *o, size_t i) {
    const struct entity *e = entity_named(c, "assignment_rule");
    struct change_set set = change_from_json(c, e, o);
    struct record *rule = record_new(c, e, json_id(o, "id") ? json_id(o, "id") : -1 - (int64_t)i);
    for (int f = 0; f < e->n_fields; f++) {
        if (set.set[f]) {
            rule->values[f] = set.values[f];
        } else if (e->fields[f].standard) {
            rule->values[f] = *e->fields[f].standard;
        }
    }
    struct change change = {.entity = e, .after = rule};
    e->definition->check(c, &change);
    return rule;
}

static struct assigner *trial_assigner(struct ctx *c, const struct json *rules) {
    if (!rules) {
        return assigner_new(c, true);
    }
    if (rules->kind != JSON_IS_ARRAY || rules->n > RULES_MOST) {
        FAIL_FIELD(c, STR("/rules"), "assignment.rules");
        return NULL;
    }
    struct record **drafts = ARENA_NEW_ARRAY(c->arena, rules->n ? rules->n : 1, struct record *);
    size_t n = 0;
    for (size_t i = 0; i < rules->n; i++) {
        struct record *rule = draft_rule(c, &rules->items[i], i);
        if (record_int(rule, "enabled")) {
            drafts[n++] = rule;
        }
    }
    return assigner_of(c, drafts, n);
}

static struct list_page recent_leads(struct ctx *c, int64_t days) {
    struct list_request q = {
        .entity = entity_named(c, "lead"), .limit = TRIAL_LEADS, .action = ACTION_READ};
    struct str where = str_format(c->arena,
                                  "{\"field\":\"created_at\",\"op\":\"within_last\","
                                  "\"value\":\"%lldd\"}",
                                  (long long)days);
    q.where = condition_parse_text(c, q.entity, where);
    return ctx_failed(c) ? (struct list_page){0} : list_read(c, &q);
}

static struct str name_of(const struct assignment *d) {
    for (int i = 0; i < d->n; i++) {
        if (d->candidates[i].user_id == d->user_id) {
            return d->candidates[i].name;
        }
    }
    return STR("");
}

static void trial_lead_json(struct ctx *c, struct json_writer *w, const struct record *lead,
                            const struct assignment *d) {
    json_begin_object(w);
    JSON_MEMBER(w, "lead_id", json_put_id, lead->id);
    JSON_MEMBER(w, "title", json_put_str, record_title(lead));
    JSON_MEMBER(w, "company_name", json_put_str, record_text(lead, "company_name"));
    JSON_MEMBER(w, "created_at", json_put_instant, record_int(lead, "created_at"));
    JSON_MEMBER(w, "owner_id", json_put_id, record_id(lead, "owner_id"));
    JSON_MEMBER(w, "rule", json_put_str, d->rule ? record_title(d->rule) : STR(""));
    JSON_MEMBER(w, "user_id", json_put_id, d->user_id);
    JSON_MEMBER(w, "user", json_put_str, name_of(d));
    JSON_MEMBER(w, "pool_id", json_put_id, d->user_id ? 0 : d->pool_id);
    JSON_MEMBER(w, "reason", json_put_str, d->rule ? assignment_words(c, c->language, d) : STR(""));
    json_end_object(w);
}

static void trial_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    int64_t days = json_int(body, "days", 30);
    if (!body) {
        return;
    }
    if (days < 1 || days > 366) {
        FAIL_FIELD(c, STR("/days"), "pool.days");
    }
    struct assigner *a = trial_assigner(c, json_get(body, "rules"));
    struct list_page page = ctx_failed(c) ? (struct list_page){0} : recent_leads(c, days);
    struct tallies *people = ARENA_NEW(c->arena, struct tallies);
    struct tallies *rules = ARENA_NEW(c->arena, struct tallies);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "leads");
    json_begin_array(&w);
    for (size_t i = page.n; i-- > 0 && !ctx_failed(c);) { /* as they came */
        struct assignment d = assigner_decide(a, page.records[i]);
        trial_lead_json(c, &w, page.records[i], &d);
        tally_add(rules, d.rule ? d.rule->id : 0, d.rule ? record_title(d.rule) : STR(""));
        tally_add(people, d.user_id, name_of(&d));
    }
    json_end_array(&w);
    tallies_json(&w, "rules", rules);
    tallies_json(&w, "people", people);
    JSON_MEMBER(&w, "days", json_put_int, days);
    JSON_MEMBER(&w, "all", json_put_bool, !page.next.p);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void slice_json(struct json_writer *w, const char *key, int64_t leads, int64_t converted) {
    json_key(w, key);
    json_begin_object(w);
    JSON_MEMBER(w, "leads", json_put_int, leads);
    JSON_MEMBER(w, "converted", json_put_int, converted);
    json_end_object(w);
}

static void report_json(struct ctx *c, struct json_writer *w, int64_t from) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT x.rule_id, COALESCE(r.name, ''), "
             "CAST(sum(CASE WHEN x.explored = 0 AND x.user_id IS NOT NULL THEN 1 ELSE 0 END) AS "
             "BIGINT), "
             "CAST(sum(CASE WHEN x.explored = 0 AND x.status = 'converted' THEN 1 ELSE 0 END) AS "
             "BIGINT), "
             "CAST(sum(CASE WHEN x.explored = 1 THEN 1 ELSE 0 END) AS BIGINT), "
             "CAST(sum(CASE WHEN x.explored = 1 AND x.status = 'converted' THEN 1 ELSE 0 END) AS "
             "BIGINT), "
             "CAST(sum(CASE WHEN x.user_id IS NULL THEN 1 ELSE 0 END) AS BIGINT) "
             "FROM (SELECT d.rule_id, d.explored, d.user_id, l.status FROM assignment_decision d "
             "JOIN lead l ON l.id = d.lead_id WHERE d.at >= $1 AND l.deleted_at IS NULL "
             "ORDER BY d.at DESC LIMIT 50000) x LEFT JOIN assignment_rule r ON r.id = x.rule_id "
             "GROUP BY x.rule_id, r.name, r.position ORDER BY r.position, x.rule_id",
             from);
    while (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "rule_id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(w, "rule", json_put_str, db_view(&rows, 1));
        slice_json(w, "strategy", db_int(&rows, 2), db_int(&rows, 3));
        slice_json(w, "explored", db_int(&rows, 4), db_int(&rows, 5));
        JSON_MEMBER(w, "to_pool", json_put_int, db_int(&rows, 6));
        json_end_object(w);
    }
}

static void report_get(struct request *r) {
    struct ctx *c = r->c;
    int64_t days = request_query_int(r, "days", 30);
    if (days < 1 || days > 366) {
        FAIL_FIELD(c, STR("/days"), "pool.days");
        return;
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "days", json_put_int, days);
    json_key(&w, "rules");
    json_begin_array(&w);
    report_json(c, &w, c->now_ms - days * MS_DAY);
    json_end_array(&w);
    JSON_MEMBER(&w, "waiting", json_put_int, assignment_waiting(c));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/leads/{id}/assignments", PERMISSION_RECORD, LANE_INLINE, assignments_get,
     .summary = "route.lead_assignments",
     .answer = "data:[(at:instant! rule_id:id! user_id:id?! user:text! explored:boolean! "
               "reason:text! considered:[(id:id! name:text! open_leads:integer! out:text?!)]!)]!"},
    {METHOD_POST, "/api/v1/assignment_rules/trial", "pools:manage", LANE_SLOW, trial_post,
     .summary = "route.assignment_trial", .body = "rules:[object] days:integer",
     .answer = "leads:[(lead_id:id! title:text! company_name:text! created_at:instant! "
               "owner_id:id?! rule:text! user_id:id?! user:text! pool_id:id?! reason:text!)]! "
               "rules:[object]! people:[object]! days:integer! all:boolean!"},
    {METHOD_GET, "/api/v1/assignment_rules/report", "pools:manage", LANE_SLOW, report_get,
     .summary = "route.assignment_report", .query = "days:integer",
     .answer = "days:integer! rules:[(rule_id:id! rule:text! strategy:object! explored:object! "
               "to_pool:integer!)]! waiting:integer!"},
    {0}};

static const struct text texts[] = {
    {"assignment.rules", "最多 100 条规则", "At most 100 rules"},
    {"route.lead_assignments", "线索为什么归他", "Why a lead is whose it is"},
    {"route.assignment_trial", "试算分配规则", "Try the assignment list on recent leads"},
    {"route.assignment_report", "分配规则的结果", "What became of assignments"},
    {0}};

const struct module assignment_views_module = {
    .name = "sales.assignment_views", .cloud = "sales", .routes = routes, .texts = texts};
