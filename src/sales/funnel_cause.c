/*
 * Why a step of the funnel is narrow: which source, region, department, person, product or
 * pipeline does worse than all others together, how sure that is, and how many more would have
 * passed had it done as well; and how long deals stay at each step.
 *
 * Those still under way are left out of the shares: nobody knows yet. In the times they count for
 * as long as they have stayed (statistics/survival.h), and so do lost deals up to their loss;
 * leads that were given up are left out, for nobody kept when. A difference is not a cause, and
 * the sentence says so.
 */
#include <math.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/sql.h"
#include "entity/query.h"
#include "sales/funnel_request.h"
#include "sales/funnel_total.h"
#include "sales/rate.h"
#include "sales/sales.h"
#include "statistics/contrast.h"
#include "statistics/survival.h"

enum { GROUPS_MOST = 200, GROUP_LEAST = 10, SAMPLE_LEAST = 30, SHOWN = 6, TIMES_MOST = 4000 };

/* What a step is split by. */
struct dimension_of {
    const char *name, *label;
    const char *of_leads, *of_deals; /* SQL over t, and d, the deal of a lead; NULL: has none */
    const char *entity;              /* of ids; NULL: texts */
    const char *lead_field, *deal_field;
};

static const struct dimension_of dimensions[] = {
    {"source", "funnel.by_source", "t.source", "t.source", NULL, "source", "source"},
    {"region", "funnel.by_region", "t.region", "t.region", NULL, "region", "account_id.region"},
    {"department", "funnel.by_department", "t.department_id", "t.department_id", "department",
     "owner_department_id", "owner_department_id"},
    {"owner", "funnel.by_owner", "t.owner_id", "t.owner_id", "user", "owner_id", "owner_id"},
    {"product", "funnel.by_product", "d.product_id", "t.product_id", "product",
     "opportunity_id.product_id", "product_id"},
    {"pipeline", "funnel.by_pipeline", "d.pipeline_id", "t.pipeline_id", "pipeline",
     "opportunity_id.pipeline_id", "pipeline_id"}};

enum { DIMENSIONS = sizeof dimensions / sizeof *dimensions };

struct group {
    const struct dimension_of *by;
    int64_t id;
    struct str text, title;
    struct contrast contrast;
    struct contrast_group n;
};

/* Deals of a period that entered the step; leads of it else. */
static bool of_deals(const struct funnel_request *q, int step) {
    return q->period && step > STEP_LEAD;
}

static bool has_dimension(const struct funnel_request *q, const struct dimension_of *d, int step) {
    bool of_the_deal = d->of_leads[0] == 'd';
    return of_deals(q, step) || step > STEP_LEAD || !of_the_deal;
}

static const char *at_column(int step) {
    static const char *const at[FUNNEL_STEPS] = {"t.at",  "t.at1", "t.at2",
                                                 "t.at3", "t.at4", "t.at5"};
    return at[step];
}

/* FROM and WHERE of those at the step whose fate is settled. */
static void settled_add(const struct funnel_request *q, struct sql *s, int step) {
    int64_t instants[2];
    if (of_deals(q, step)) {
        funnel_instants(q->zone, &q->filter, instants);
        SQL_ADD(s, " FROM funnel_deal t WHERE ");
        sql_literal(s, at_column(step));
        SQL_ADD(s, " >= ");
        SQL_VALUE(s, instants[0]);
        SQL_ADD(s, " AND ");
        sql_literal(s, at_column(step));
        SQL_ADD(s, " < ");
        SQL_VALUE(s, instants[1]);
        SQL_ADD(s, " AND NOT (t.state = 0 AND t.reached = ");
        sql_number(s, step);
        SQL_ADD(s, ")");
    } else {
        sql_literal(s, step ? " FROM funnel_lead t JOIN funnel_deal d ON d.deal_id = t.deal_id"
                            : " FROM funnel_lead t");
        SQL_ADD(s, " WHERE t.day >= ");
        SQL_VALUE(s, q->filter.from);
        SQL_ADD(s, " AND t.day < ");
        SQL_VALUE(s, q->filter.to);
        SQL_ADD(s, " AND t.reached >= ");
        sql_number(s, step);
        SQL_ADD(s, " AND NOT (t.open = 1 AND t.reached = ");
        sql_number(s, step);
        SQL_ADD(s, ")");
    }
    funnel_fact_where(q->c, s, &q->filter, of_deals(q, step), "t");
}

static size_t groups_read(const struct funnel_request *q, int step, const struct dimension_of *by,
                          struct group *groups) {
    struct db_rows rows;
    struct sql s = sql_new(q->c->arena);
    size_t n = 0;
    SQL_ADD(&s, "SELECT ");
    sql_literal(&s, of_deals(q, step) ? by->of_deals : by->of_leads);
    SQL_ADD(&s, ", CAST(count(*) AS BIGINT), CAST(sum(CASE WHEN t.reached > ");
    sql_number(&s, step);
    SQL_ADD(&s, " THEN 1 ELSE 0 END) AS BIGINT)");
    settled_add(q, &s, step);
    SQL_ADD(&s, " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ");
    sql_number(&s, GROUPS_MOST);
    sql_query(q->c, &rows, &s);
    while (db_next(&rows) && n < GROUPS_MOST) {
        groups[n++] = (struct group){.by = by,
                                     .id = by->entity ? db_int(&rows, 0) : 0,
                                     .text = by->entity ? STR("") : db_text(&rows, 0),
                                     .n = {db_int(&rows, 1), db_int(&rows, 2)}};
    }
    db_done(&rows);
    return n;
}

static void titles_read(struct ctx *c, struct group *groups, size_t n) {
    int64_t ids[GROUPS_MOST];
    struct str titles[GROUPS_MOST];
    for (size_t i = 0; i < n; i++) {
        ids[i] = groups[i].id;
        titles[i] = groups[i].text;
    }
    if (n && groups[0].by->entity) {
        list_titles(c, entity_named(c, groups[0].by->entity), ids, n, titles);
    }
    for (size_t i = 0; i < n; i++) {
        bool none = !groups[i].id && !groups[i].text.n;
        groups[i].title = none          ? message_words(c->language, "funnel.none_given")
                          : titles[i].n ? titles[i]
                                        : message_words(c->language, "funnel.unseen");
    }
}

/* What was found of one step. */
struct cause {
    const struct funnel_request *q;
    int step;
    int64_t n, passed; /* settled, and of these passed on */
    size_t comparisons;
    struct group worst[SHOWN]; /* by what is missing, most first */
    size_t n_worst;
};

static void keep_worst(struct cause *k, const struct group *g) {
    size_t at = k->n_worst < SHOWN ? k->n_worst++ : SHOWN - 1;
    if (at == SHOWN - 1 && k->worst[at].contrast.missing >= g->contrast.missing &&
        k->worst[at].by) {
        return;
    }
    k->worst[at] = *g;
    for (; at > 0 && k->worst[at - 1].contrast.missing < k->worst[at].contrast.missing; at--) {
        struct group other = k->worst[at];
        k->worst[at] = k->worst[at - 1];
        k->worst[at - 1] = other;
    }
}

static void dimension_look(struct cause *k, const struct dimension_of *by) {
    struct ctx *c = k->q->c;
    struct group *groups = ARENA_NEW_ARRAY(c->arena, GROUPS_MOST, struct group);
    struct contrast_group *counts = ARENA_NEW_ARRAY(c->arena, GROUPS_MOST, struct contrast_group);
    size_t n = groups_read(k->q, k->step, by, groups);
    k->n = k->passed = 0;
    for (size_t i = 0; i < n; i++) {
        counts[i] = groups[i].n;
        k->n += counts[i].n;
        k->passed += counts[i].passed;
    }
    titles_read(c, groups, n);
    for (size_t i = 0; i < n && n > 1; i++) {
        if (counts[i].n < GROUP_LEAST) {
            continue;
        }
        groups[i].contrast = contrast_of(counts, n, i);
        k->comparisons++;
        if (groups[i].contrast.missing > 0) {
            keep_worst(k, &groups[i]);
        }
    }
}

static double adjusted(const struct cause *k, const struct group *g) {
    return contrast_adjusted(g->contrast.p, k->comparisons);
}

/* The first of the worst that chance alone would hardly bring about; NULL when there is none. */
static const struct group *finding(const struct cause *k) {
    for (size_t i = 0; i < k->n_worst && k->n >= SAMPLE_LEAST; i++) {
        if (adjusted(k, &k->worst[i]) < 0.05) {
            return &k->worst[i];
        }
    }
    return NULL;
}

static struct str leaf_of(const struct cause *k, const struct group *g) {
    struct json_writer w = json_writer(k->q->c->arena);
    bool none = !g->id && !g->text.n;
    json_begin_object(&w);
    JSON_MEMBER(&w, "field", json_put_c,
                of_deals(k->q, k->step) ? g->by->deal_field : g->by->lead_field);
    JSON_MEMBER(&w, "op", json_put_c, none ? "is_empty" : "eq");
    if (!none && g->by->entity) {
        JSON_MEMBER(&w, "value", json_put_id, g->id);
    } else if (!none) {
        JSON_MEMBER(&w, "value", json_put_str, g->text);
    }
    json_end_object(&w);
    return json_str(&w);
}

static struct str percent(struct arena *a, double share) {
    return str_format(a, "%.1f%%", share * 100);
}

static void group_json(const struct cause *k, struct json_writer *w, const struct group *g) {
    struct arena *a = k->q->c->arena;
    const struct funnel_figure figure = {
        .step = k->step, .deals = of_deals(k->q, k->step), .settled = true, .more = leaf_of(k, g)};
    json_begin_object(w);
    JSON_MEMBER(w, "dimension", json_put_c, g->by->name);
    JSON_MEMBER(w, "label", json_put_str, message_words(k->q->c->language, g->by->label));
    JSON_MEMBER(w, "id", json_put_id, g->id);
    JSON_MEMBER(w, "title", json_put_str, g->title);
    JSON_MEMBER(w, "n", json_put_int, g->n.n);
    JSON_MEMBER(w, "passed", json_put_int, g->n.passed);
    json_key(w, "rate");
    rate_json(w, a, g->n.passed, g->n.n);
    JSON_MEMBER(w, "rest", json_put_str, str_format(a, "%.4f", g->contrast.rest));
    JSON_MEMBER(w, "missing", json_put_str, str_format(a, "%.1f", g->contrast.missing));
    JSON_MEMBER(w, "p", json_put_str, str_format(a, "%.4g", adjusted(k, g)));
    json_key(w, "where");
    funnel_where_json(k->q, w, &figure);
    json_end_object(w);
}

static struct str p_words(struct arena *a, double p) {
    return p < 0.001 ? STR("< 0.001") : str_format(a, "= %.3f", p);
}

static struct str sentence(const struct cause *k, const struct group *g) {
    struct ctx *c = k->q->c;
    struct arena *a = c->arena;
    struct str from = funnel_step_label(c, k->step), to = funnel_step_label(c, k->step + 1);
    struct str n = str_format(a, "%lld", (long long)k->n);
    struct str many = str_format(a, "%zu", k->comparisons);
    if (k->n < SAMPLE_LEAST || !g) {
        const struct text_parameter few[] = {
            {"from", from}, {"to", to}, {"n", n}, {"comparisons", many}};
        return message_format(a, c->language,
                              k->n < SAMPLE_LEAST ? "funnel.cause_little" : "funnel.cause_none",
                              few, 4);
    }
    double would = ((double)k->passed + g->contrast.missing) / (double)k->n;
    const struct text_parameter p[] = {{"from", from},
                                       {"to", to},
                                       {"dimension", message_words(c->language, g->by->label)},
                                       {"title", g->title},
                                       {"n", str_format(a, "%lld", (long long)g->n.n)},
                                       {"passed", str_format(a, "%lld", (long long)g->n.passed)},
                                       {"rate", percent(a, g->contrast.rate)},
                                       {"rest", percent(a, g->contrast.rest)},
                                       {"missing", str_format(a, "%.0f", g->contrast.missing)},
                                       {"would", percent(a, would)},
                                       {"now", percent(a, (double)k->passed / (double)k->n)},
                                       {"comparisons", many},
                                       {"p", p_words(a, adjusted(k, g))}};
    return message_format(a, c->language, "funnel.cause_found", p, sizeof p / sizeof *p);
}

/* How long they stay: whole days, how many passed on after so long, and how many are known to have
 * stayed so long at least. */
struct stay {
    struct survival_time times[TIMES_MOST];
    size_t n;
    int64_t ended, censored;
};

/* Days from one step to the next; until now, or the loss, of who has not come to it. */
static void stay_query(const struct funnel_request *q, struct sql *s, int step) {
    static const char *const next[FUNNEL_STEPS] = {"d.at1", "t.at2", "t.at3", "t.at4", "t.at5"};
    static const char *const of_lead[FUNNEL_STEPS] = {"t.at",  "d.at1", "d.at2",
                                                      "d.at3", "d.at4", "d.at5"};
    bool deals = of_deals(q, step);
    const char *from = deals ? at_column(step) : of_lead[step];
    const char *to = deals ? next[step] : of_lead[step + 1];
    sql_literal(s, step ? "SELECT x.days, x.ended, CAST(count(*) AS BIGINT) FROM (SELECT ((CASE "
                          "WHEN "
                        : "SELECT x.days, x.ended, CAST(count(*) AS BIGINT) FROM (SELECT ((CASE "
                          "WHEN t.reached > 0 AND ");
    sql_literal(s, to);
    SQL_ADD(s, " > 0 THEN ");
    sql_literal(s, to);
    if (step) {
        sql_literal(s, deals ? " WHEN t.left_at > 0 THEN t.left_at"
                             : " WHEN d.left_at > 0 THEN "
                               "d.left_at");
    }
    SQL_ADD(s, " ELSE ");
    SQL_VALUE(s, q->c->now_ms);
    SQL_ADD(s, " END) - ");
    sql_literal(s, from);
    SQL_ADD(s, ") / 86400000 AS days, CASE WHEN ");
    sql_literal(s, to);
    SQL_ADD(s, " > 0 THEN 1 ELSE 0 END AS ended");
}

static void stay_from(const struct funnel_request *q, struct sql *s, int step) {
    int64_t instants[2];
    if (of_deals(q, step)) {
        funnel_instants(q->zone, &q->filter, instants);
        SQL_ADD(s, " FROM funnel_deal t WHERE ");
        sql_literal(s, at_column(step));
        SQL_ADD(s, " >= ");
        SQL_VALUE(s, instants[0]);
        SQL_ADD(s, " AND ");
        sql_literal(s, at_column(step));
        SQL_ADD(s, " < ");
        SQL_VALUE(s, instants[1]);
    } else {
        static const char *const known[FUNNEL_STEPS] = {" AND (t.open = 1 OR t.reached > 0)",
                                                        " AND d.at1 > 0",
                                                        " AND d.at2 > 0",
                                                        " AND d.at3 > 0",
                                                        " AND d.at4 > 0",
                                                        " AND d.at5 > 0"};
        sql_literal(s, step ? " FROM funnel_lead t JOIN funnel_deal d ON d.deal_id = t.deal_id"
                            : " FROM funnel_lead t LEFT JOIN funnel_deal d ON d.deal_id = "
                              "t.deal_id");
        SQL_ADD(s, " WHERE t.day >= ");
        SQL_VALUE(s, q->filter.from);
        SQL_ADD(s, " AND t.day < ");
        SQL_VALUE(s, q->filter.to);
        sql_literal(s, known[step]);
    }
    funnel_fact_where(q->c, s, &q->filter, of_deals(q, step), "t");
    SQL_ADD(s, ") x GROUP BY x.days, x.ended ORDER BY x.days");
}

static void stay_read(const struct funnel_request *q, int step, struct stay *stay) {
    struct db_rows rows;
    struct sql s = sql_new(q->c->arena);
    *stay = (struct stay){.n = 0};
    stay_query(q, &s, step);
    stay_from(q, &s, step);
    sql_query(q->c, &rows, &s);
    while (db_next(&rows)) {
        double days = (double)db_int(&rows, 0);
        days = days < 0 ? 0 : days;
        bool ended = db_int(&rows, 1) != 0;
        int64_t n = db_int(&rows, 2);
        bool same = stay->n && stay->times[stay->n - 1].time >= days;
        if (!same && stay->n < TIMES_MOST) {
            stay->times[stay->n++] = (struct survival_time){.time = days};
        }
        struct survival_time *at = &stay->times[stay->n - 1];
        at->ended += ended ? n : 0;
        at->censored += ended ? 0 : n;
        stay->ended += ended ? n : 0;
        stay->censored += ended ? 0 : n;
    }
}

static void days_json(struct json_writer *w, const char *key, const struct stay *stay, double p) {
    double days = survival_quantile(stay->times, stay->n, p);
    json_key(w, key);
    if (isnan(days)) {
        json_put_null(w);
    } else {
        json_put_int(w, (int64_t)days);
    }
}

static void times_json(const struct funnel_request *q, struct json_writer *w) {
    struct stay *stay = ARENA_NEW(q->c->arena, struct stay);
    json_key(w, "times");
    json_begin_array(w);
    for (int k = 0; k < FUNNEL_STEPS - 1 && !ctx_failed(q->c); k++) {
        stay_read(q, k, stay);
        json_begin_object(w);
        JSON_MEMBER(w, "step", json_put_c, funnel_step_codes[k]);
        days_json(w, "median_days", stay, 0.5);
        days_json(w, "p90_days", stay, 0.9);
        JSON_MEMBER(w, "passed", json_put_int, stay->ended);
        JSON_MEMBER(w, "not_yet", json_put_int, stay->censored);
        json_end_object(w);
    }
    json_end_array(w);
}

static int step_asked(struct request *r) {
    struct str asked = request_query(r, "step");
    for (int k = 0; k < FUNNEL_STEPS - 1; k++) {
        if (str_is(asked, funnel_step_codes[k])) {
            return k;
        }
    }
    if (asked.n) {
        FAIL_FIELD(r->c, STR("/step"), "funnel.step");
    }
    return STEP_LEAD;
}

static void cause_get(struct request *r) {
    struct funnel_request q;
    int step = step_asked(r);
    if (!funnel_request_read(r, &q)) {
        return;
    }
    struct cause *k = ARENA_NEW(r->c->arena, struct cause);
    *k = (struct cause){.q = &q, .step = step};
    for (int i = 0; i < DIMENSIONS && !ctx_failed(r->c); i++) {
        if (has_dimension(&q, &dimensions[i], step)) {
            dimension_look(k, &dimensions[i]);
        }
    }
    const struct group *found = finding(k);
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "step", json_put_c, funnel_step_codes[step]);
    JSON_MEMBER(&w, "n", json_put_int, k->n);
    JSON_MEMBER(&w, "passed", json_put_int, k->passed);
    JSON_MEMBER(&w, "comparisons", json_put_int, (int64_t)k->comparisons);
    JSON_MEMBER(&w, "sentence", json_put_str, sentence(k, found));
    json_key(&w, "finding");
    if (found) {
        group_json(k, &w, found);
    } else {
        json_put_null(&w);
    }
    json_key(&w, "worst");
    json_begin_array(&w);
    for (size_t i = 0; i < k->n_worst; i++) {
        group_json(k, &w, &k->worst[i]);
    }
    json_end_array(&w);
    times_json(&q, &w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/reports/funnel/cause", "reports:read", LANE_SLOW, cause_get,
     .summary = "route.funnel_cause", .query = "step:text " FUNNEL_QUERY,
     .answer = "step:text! n:integer! passed:integer! comparisons:integer! sentence:text! "
               "finding:object? worst:[object]! times:[(step:text! median_days:integer? "
               "p90_days:integer? passed:integer! not_yet:integer!)]!"},
    {0}};

static const struct text texts[] = {
    {"funnel.by_source", "来源", "source"},
    {"funnel.by_region", "地区", "region"},
    {"funnel.by_department", "部门", "department"},
    {"funnel.by_owner", "负责人", "owner"},
    {"funnel.by_product", "产品", "product"},
    {"funnel.by_pipeline", "流程", "pipeline"},
    {"funnel.none_given", "未填", "not given"},
    {"funnel.unseen", "看不到的一项", "one you may not see"},
    {"funnel.step", "没有这一步", "There is no such step"},
    {"funnel.cause_found",
     "「{from}→{to}」差别最大的是{dimension}「{title}」：{n} 个里走过 {passed} 个（{rate}），其余为 "
     "{rest}。如果和其余一样，会多走过 {missing} 个，整体从 {now} 到 {would}。比较了 {comparisons} "
     "组，校正后 p {p}；这是相关，不一定是原因。",
     "From {from} to {to} the {dimension} \"{title}\" differs most: {passed} of {n} passed "
     "({rate}), of the others {rest}. As good as the others, {missing} more would have passed, "
     "{would} of all instead of {now}. {comparisons} groups compared, corrected p {p}; related is "
     "not yet caused."},
    {"funnel.cause_none",
     "「{from}→{to}」比较了 {comparisons} 组来源、地区、部门、人和产品，没有哪一组明显比其余差（校正后 p "
     "都不小于 0.05）：看来是普遍的。",
     "From {from} to {to} none of {comparisons} sources, regions, departments, people and products "
     "does clearly worse than the others (corrected p of 0.05 and more): it seems to be general."},
    {"funnel.cause_little", "「{from}→{to}」只有 {n} 个有了结果（少于 30 个），还不能说为什么。",
     "From {from} to {to} only {n} are settled (less than 30): too few to say why."},
    {"route.funnel_cause", "漏斗卡在哪里、为什么", "Why a step of the funnel is narrow"},
    {0}};

const struct module funnel_cause_module = {
    .name = "sales.funnel_cause", .cloud = "sales", .routes = routes, .texts = texts};
