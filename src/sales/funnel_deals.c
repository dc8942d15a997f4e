/*
 * What became of deals: how many of a period's reached each step, what was won and lost, by whom,
 * of what and why. (How leads thin out, and what a period brought, is funnel.c.)
 *
 * A lead step counts leads captured in the period; the others count the period's deals (begun
 * on their engaged date, else when they were created). A deal has reached a step when its
 * stage history says it entered a stage of that step or a later one, when it stands in one, or,
 * for orders, when it was won. A deal that was brought in without history may have passed earlier
 * steps or not: unless its stage tells, that is unknown, and is shown so, never as zero. Rates
 * carry a 95 % Wilson interval and the number of known cases.
 *
 * Sums never mix currencies: one amount per currency.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/sql.h"
#include "entity/query.h"
#include "entity/row.h"
#include "organization/company.h"
#include "sales/funnel_request.h"
#include "sales/rate.h"
#include "sales/sales.h"

enum { CURRENCIES = 8, GROUPS_MOST = 60 };

/* The rank of a funnel step as SQL, over a table of stages as s. */
#define STEP_RANK                                                                          \
    "CASE s.funnel_step WHEN 'lead' THEN 0 WHEN 'opportunity' THEN 1 WHEN 'quote' THEN 2 " \
    "WHEN 'contract' THEN 3 WHEN 'order' THEN 4 ELSE 5 END"

struct funnel {
    struct ctx *c;
    const struct entity *deal;
    struct funnel_request q;
    struct str from, to; /* dates, inclusive; empty: open */
    const struct zone *zone;
};

static bool funnel_read(struct request *r, struct funnel *f) {
    struct ctx *c = r->c;
    *f = (struct funnel){.c = c, .deal = entity_named(c, "opportunity")};
    bool read = funnel_request_read(r, &f->q);
    f->from = f->q.from;
    f->to = f->q.to;
    f->zone = f->q.zone;
    return read;
}

static void column_is(struct sql *q, const char *alias, const char *column) {
    sql_literal(q, alias);
    SQL_ADD(q, ".");
    sql_literal(q, column);
}

static void set_where(struct sql *q, const char *alias, const char *column,
                      const struct id_set *set) {
    if (set) {
        column_is(q, alias, column);
        SQL_ADD(q, " IN (0");
        for (size_t i = 0; i < set->n; i++) {
            SQL_ADD(q, ", ");
            SQL_VALUE(q, set->ids[i]);
        }
        SQL_ADD(q, ") AND ");
    }
}

static void who_where(const struct funnel *f, struct sql *q, const char *alias) {
    const struct funnel_filter *by = &f->q.filter;
    if (by->owner_id) {
        column_is(q, alias, "owner_id");
        SQL_ADD(q, " = ");
        SQL_VALUE(q, by->owner_id);
        SQL_ADD(q, " AND ");
    }
    set_where(q, alias, "owner_id", by->owners);
    set_where(q, alias, "owner_department_id", by->departments);
    if (by->source.n) {
        column_is(q, alias, "source");
        SQL_ADD(q, " = ");
        SQL_VALUE(q, by->source);
        SQL_ADD(q, " AND ");
    }
    access_where(f->c, q, f->deal, ACTION_READ, alias);
}

/* The instant a day of the company begins. */
static int64_t begin_of(const struct funnel *f, struct str date, int64_t days, int64_t otherwise) {
    struct date d;
    if (!date.n || !date_parse(date, &d)) {
        return otherwise;
    }
    return zone_midnight(f->zone, date_from_days(date_to_days(d) + days));
}

static void what_where(const struct funnel *f, struct sql *q) {
    const struct funnel_filter *by = &f->q.filter;
    if (by->pipeline_id) {
        SQL_ADD(q, "d.pipeline_id = ");
        SQL_VALUE(q, by->pipeline_id);
        SQL_ADD(q, " AND ");
    }
    if (by->product_id) {
        SQL_ADD(q, "d.product_id = ");
        SQL_VALUE(q, by->product_id);
        SQL_ADD(q, " AND ");
    }
    if (by->region.n) {
        SQL_ADD(q, "EXISTS (SELECT 1 FROM account a WHERE a.id = d.account_id AND "
                   "a.deleted_at IS NULL AND a.region = ");
        SQL_VALUE(q, by->region);
        SQL_ADD(q, ") AND ");
    }
}

/* The deals of the period, as d. A day of a deal is its engaged date, else that of creation. */
static void deal_where(const struct funnel *f, struct sql *q) {
    SQL_ADD(q, "d.deleted_at IS NULL AND ");
    what_where(f, q);
    if (f->from.n) {
        SQL_ADD(q, "(d.engaged_date >= ");
        SQL_VALUE(q, f->from);
        SQL_ADD(q, " OR (d.engaged_date IS NULL AND d.created_at >= ");
        SQL_VALUE(q, begin_of(f, f->from, 0, 0));
        SQL_ADD(q, ")) AND ");
    }
    if (f->to.n) {
        SQL_ADD(q, "(d.engaged_date <= ");
        SQL_VALUE(q, f->to);
        SQL_ADD(q, " OR (d.engaged_date IS NULL AND d.created_at < ");
        SQL_VALUE(q, begin_of(f, f->to, 1, INT64_MAX));
        SQL_ADD(q, ")) AND ");
    }
    who_where(f, q, "d");
}

/* The same deals as a condition of the list, so that a figure opens to its records. */
static void deal_condition(const struct funnel *f, struct json_writer *w, const char *state) {
    struct funnel_figure figure = {.step = STEP_OPPORTUNITY, .deals = true};
    if (state) {
        figure.more = str_format(f->c->arena,
                                 "{\"field\":\"state\",\"op\":\"eq\",\"value\":\"%s\"}", state);
    }
    funnel_where_json(&f->q, w, &figure);
}

/* Counts of one step: what is known to have reached it, what stands there, what is unknown. */
struct step {
    int64_t reached, current, unknown;
};

/*
 * One pass over the period's deals: for each the rank it stands at, the highest it ever
 * entered, and whether its beginning is known. Grouped, so that few rows come back.
 */
static void count_deals(const struct funnel *f, struct step *steps) {
    struct db_rows rows;
    struct sql q = sql_new(f->c->arena);
    SQL_ADD(&q,
            "SELECT g.now_rank, g.high_rank, g.known, g.state, CAST(count(*) AS BIGINT) FROM ("
            "SELECT " STEP_RANK " AS now_rank, d.state AS state, "
            "COALESCE((SELECT max(CASE hs.funnel_step WHEN 'lead' THEN 0 WHEN 'opportunity' THEN 1 "
            "WHEN 'quote' THEN 2 WHEN 'contract' THEN 3 WHEN 'order' THEN 4 ELSE 5 END) "
            "FROM stage_history h JOIN stage hs ON hs.id = h.to_stage_id "
            "WHERE h.opportunity_id = d.id AND hs.kind <> 'lost'), -1) AS high_rank, "
            "CASE WHEN EXISTS (SELECT 1 FROM stage_history h WHERE h.opportunity_id = d.id "
            "AND h.from_stage_id IS NULL) THEN 1 ELSE 0 END AS known "
            "FROM opportunity d JOIN stage s ON s.id = d.stage_id WHERE ");
    deal_where(f, &q);
    SQL_ADD(&q, ") AS g GROUP BY g.now_rank, g.high_rank, g.known, g.state");
    sql_query(f->c, &rows, &q);
    while (db_next(&rows)) {
        int64_t now = db_int(&rows, 0), high = db_int(&rows, 1), n = db_int(&rows, 4);
        bool known = db_int(&rows, 2) != 0;
        struct str state = db_view(&rows, 3);
        bool won = str_is(state, "won"), lost = str_is(state, "lost");
        int64_t sure = lost ? high : now > high ? now : high; /* the lost stage says nothing */
        sure = won && sure < STEP_ORDER ? STEP_ORDER : sure;
        sure = sure < STEP_OPPORTUNITY ? STEP_OPPORTUNITY : sure;
        if (!won && !lost && now < FUNNEL_STEPS) {
            steps[now].current += n;
        }
        for (int64_t k = STEP_OPPORTUNITY; k < FUNNEL_STEPS; k++) {
            bool between = won && !known && k > STEP_OPPORTUNITY && k < STEP_ORDER;
            bool after = lost && !known && k > sure && k < STEP_ORDER;
            if (between || after) {
                steps[k].unknown += n;
            } else if (k <= sure) {
                steps[k].reached += n;
            }
        }
    }
}

static void money_of(const struct funnel *f, struct json_writer *w, int64_t minor,
                     struct str currency) {
    value_to_json(w, entity_field(f->deal, STR("amount")),
                  (struct value){VALUE_MONEY, minor, currency});
}

/* Sums by currency of the deals in a state. */
static void amounts_json(const struct funnel *f, struct json_writer *w, const char *state) {
    struct db_rows rows;
    struct sql q = sql_new(f->c->arena);
    SQL_ADD(&q, "SELECT d.amount_currency, CAST(sum(d.amount) AS BIGINT) FROM opportunity d "
                "WHERE d.amount IS NOT NULL AND d.state = ");
    SQL_VALUE(&q, state);
    SQL_ADD(&q, " AND ");
    deal_where(f, &q);
    SQL_ADD(&q, " GROUP BY d.amount_currency ORDER BY 2 DESC");
    sql_query(f->c, &rows, &q);
    json_begin_array(w);
    while (db_next(&rows)) {
        money_of(f, w, db_int(&rows, 1), db_text(&rows, 0));
    }
    json_end_array(w);
}

static int64_t count_state(const struct funnel *f, const char *state) {
    struct sql q = sql_new(f->c->arena);
    SQL_ADD(&q, "SELECT CAST(count(*) AS BIGINT) FROM opportunity d WHERE d.state = ");
    SQL_VALUE(&q, state);
    SQL_ADD(&q, " AND ");
    deal_where(f, &q);
    return sql_int(f->c, &q);
}

/* A step's own rate: of those known to have reached it, how many reached the next. */
static void step_json(const struct funnel *f, struct json_writer *w, const struct step *steps,
                      int k) {
    struct arena *a = f->c->arena;
    bool last = k == FUNNEL_STEPS - 1;
    json_begin_object(w);
    JSON_MEMBER(w, "step", json_put_c, funnel_step_codes[k]);
    JSON_MEMBER(w, "label", json_put_str, funnel_step_label(f->c, k));
    JSON_MEMBER(w, "reached", json_put_int, steps[k].reached);
    JSON_MEMBER(w, "current", json_put_int, steps[k].current);
    JSON_MEMBER(w, "unknown", json_put_int, steps[k].unknown);
    json_key(w, "conversion");
    /* leads have no product and no pipeline yet */
    bool apart = k == STEP_LEAD && (f->q.filter.pipeline_id || f->q.filter.product_id);
    if (last || apart || k == STEP_ORDER || steps[k + 1].unknown || steps[k].unknown) {
        json_put_null(w);
    } else {
        int64_t of = steps[k].reached, to = steps[k + 1].reached;
        rate_json(w, a, to < of ? to : of, of);
    }
    json_key(w, "threshold");
    if (last || apart) {
        json_put_null(w);
    } else {
        json_put_str(w, str_format(a, "%.2f", (double)funnel_threshold(f->c, k) / 100));
    }
    JSON_MEMBER(w, "entity", json_put_c, k == STEP_LEAD ? "leads" : "opportunities");
    json_end_object(w);
}

static void steps_json(const struct funnel *f, struct json_writer *w) {
    struct step steps[FUNNEL_STEPS] = {{0}};
    steps[STEP_LEAD].reached = funnel_count(f->c, &f->q.filter).reached[STEP_LEAD];
    count_deals(f, steps);
    /* Receipts are not kept yet: whether an order was paid is not known. */
    steps[STEP_PAYMENT].unknown = steps[STEP_ORDER].reached;
    steps[STEP_PAYMENT].reached = 0;
    json_key(w, "steps");
    json_begin_array(w);
    for (int k = 0; k < FUNNEL_STEPS; k++) {
        step_json(f, w, steps, k);
    }
    json_end_array(w);
}

/* How closed deals split by something: a column of ids with titles, or the quarter. */
struct split {
    const char *key;    /* of the JSON array */
    const char *column; /* SQL over d */
    const char *entity; /* of the ids; NULL when the column is text */
};

static void split_query(const struct funnel *f, const struct split *s, struct db_rows *rows) {
    struct sql q = sql_new(f->c->arena);
    SQL_ADD(&q, "SELECT ");
    sql_literal(&q, s->column);
    SQL_ADD(&q, ", CAST(sum(CASE WHEN d.state = 'won' THEN 1 ELSE 0 END) AS BIGINT), "
                "CAST(sum(CASE WHEN d.state = 'lost' THEN 1 ELSE 0 END) AS BIGINT), "
                "d.amount_currency, "
                "CAST(COALESCE(sum(CASE WHEN d.state = 'won' THEN d.amount END), 0) AS BIGINT) "
                "FROM opportunity d WHERE d.state <> 'open' AND ");
    deal_where(f, &q);
    sql_literal(&q, s->entity ? " GROUP BY 1, d.amount_currency ORDER BY 5 DESC, 1 LIMIT "
                              : " GROUP BY 1, d.amount_currency ORDER BY 1 LIMIT ");
    sql_number(&q, GROUPS_MOST * CURRENCIES);
    sql_query(f->c, rows, &q);
}

struct group {
    int64_t id;
    struct str text;
    int64_t won, lost;
    int64_t sums[CURRENCIES];
    struct str currencies[CURRENCIES];
    size_t n;
};

static struct group *group_of(struct group *groups, size_t *n, int64_t id, struct str text) {
    for (size_t i = 0; i < *n; i++) {
        if (groups[i].id == id && str_equal(groups[i].text, text)) {
            return &groups[i];
        }
    }
    if (*n == GROUPS_MOST) {
        return NULL;
    }
    groups[*n] = (struct group){.id = id, .text = text};
    return &groups[(*n)++];
}

static size_t groups_read(const struct funnel *f, const struct split *s, struct group *groups) {
    struct db_rows rows;
    size_t n = 0;
    split_query(f, s, &rows);
    while (db_next(&rows)) {
        struct group *g = group_of(groups, &n, s->entity ? db_int(&rows, 0) : 0,
                                   s->entity ? STR("") : db_text(&rows, 0));
        if (!g) {
            continue;
        }
        g->won += db_int(&rows, 1);
        g->lost += db_int(&rows, 2);
        if (!db_null(&rows, 3) && g->n < CURRENCIES) {
            g->currencies[g->n] = db_text(&rows, 3);
            g->sums[g->n++] = db_int(&rows, 4);
        }
    }
    return n;
}

static void group_json(const struct funnel *f, struct json_writer *w, const struct group *g,
                       struct str title) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, g->id);
    JSON_MEMBER(w, "title", json_put_str, title);
    JSON_MEMBER(w, "won", json_put_int, g->won);
    JSON_MEMBER(w, "lost", json_put_int, g->lost);
    json_key(w, "win_rate");
    rate_json(w, f->c->arena, g->won, g->won + g->lost);
    json_key(w, "amounts");
    json_begin_array(w);
    for (size_t i = 0; i < g->n; i++) {
        if (g->sums[i]) {
            money_of(f, w, g->sums[i], g->currencies[i]);
        }
    }
    json_end_array(w);
    json_end_object(w);
}

/* A reason the company gives no more is still why deals were lost. */
static void title_gone(struct ctx *c, const struct entity *e, int64_t id, struct str *title) {
    bool gone = e->flags & ENTITY_SETTING && id && !title->n;
    struct record *r = gone ? row_read(c, e, id) : NULL;
    *title = r ? record_title_in(c, r) : *title;
}

static void split_json(const struct funnel *f, struct json_writer *w, const struct split *s) {
    struct ctx *c = f->c;
    struct group *groups = ARENA_NEW_ARRAY(c->arena, GROUPS_MOST, struct group);
    size_t n = groups_read(f, s, groups);
    int64_t ids[GROUPS_MOST];
    struct str titles[GROUPS_MOST];
    for (size_t i = 0; i < n; i++) {
        ids[i] = groups[i].id;
        titles[i] = groups[i].text;
    }
    if (s->entity) {
        list_titles(c, entity_named(c, s->entity), ids, n, titles);
        for (size_t i = 0; i < n && !ctx_failed(c); i++) {
            title_gone(c, entity_named(c, s->entity), ids[i], &titles[i]);
        }
    }
    json_key(w, s->key);
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        group_json(f, w, &groups[i], titles[i]);
    }
    json_end_array(w);
}

/* Mean days from where a deal began (as deal_where) to its close; null when nothing closed. What
 * closed before, as history brought in without its beginning, took nobody knows how long. */
static void days_json(const struct funnel *f, struct json_writer *w) {
    struct db_rows rows;
    struct sql q = sql_new(f->c->arena);
    int64_t n[2] = {0}, days[2] = {0}; /* all, won */
    SQL_ADD(&q, "SELECT d.engaged_date, CASE WHEN d.engaged_date IS NULL THEN d.created_at ELSE 0 "
                "END, d.closed_date, d.state, CAST(count(*) AS BIGINT) FROM opportunity d "
                "WHERE d.state <> 'open' AND d.closed_date IS NOT NULL AND ");
    deal_where(f, &q);
    SQL_ADD(&q, " GROUP BY d.engaged_date, 2, d.closed_date, d.state");
    sql_query(f->c, &rows, &q);
    while (db_next(&rows)) {
        struct date from, to;
        if (!date_parse(db_view(&rows, 0), &from)) {
            from = zone_date(f->zone, db_int(&rows, 1));
        }
        int64_t each = date_parse(db_view(&rows, 2), &to) ? date_to_days(to) - date_to_days(from)
                                                          : -1;
        int64_t count = each < 0 ? 0 : db_int(&rows, 4);
        int64_t won = str_is(db_view(&rows, 3), "won") ? count : 0;
        n[0] += count;
        days[0] += each * count;
        n[1] += won;
        days[1] += each * won;
    }
    json_key(w, "mean_days_to_close");
    json_begin_object(w);
    for (int i = 0; i < 2; i++) {
        json_key(w, i ? "won" : "all");
        if (n[i]) {
            json_put_str(w, str_format(f->c->arena, "%.2f", (double)days[i] / (double)n[i]));
        } else {
            json_put_null(w);
        }
    }
    json_end_object(w);
}

static void closed_json(const struct funnel *f, struct json_writer *w) {
    static const char *const states[] = {"won", "lost", "open"};
    int64_t counts[3];
    for (int i = 0; i < 3; i++) {
        counts[i] = count_state(f, states[i]);
        json_key(w, states[i]);
        json_begin_object(w);
        JSON_MEMBER(w, "count", json_put_int, counts[i]);
        json_key(w, "amounts");
        amounts_json(f, w, states[i]);
        json_key(w, "where");
        deal_condition(f, w, states[i]);
        json_end_object(w);
    }
    json_key(w, "win_rate");
    rate_json(w, f->c->arena, counts[0], counts[0] + counts[1]);
}

static void funnel_get(struct request *r) {
    static const struct split splits[] = {
        {"by_quarter",
         "CASE WHEN d.closed_date IS NULL THEN '' ELSE substr(d.closed_date, 1, 4) || '-Q' || "
         "CASE WHEN substr(d.closed_date, 6, 2) <= '03' THEN '1' "
         "WHEN substr(d.closed_date, 6, 2) <= '06' THEN '2' "
         "WHEN substr(d.closed_date, 6, 2) <= '09' THEN '3' ELSE '4' END END",
         NULL},
        {"by_owner", "d.owner_id", "user"},
        {"by_product", "d.product_id", "product"},
        {"lost_reasons", "d.lost_reason_id", "lost_reason"}};
    struct funnel f;
    if (!funnel_read(r, &f)) {
        return;
    }
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    steps_json(&f, &w);
    json_key(&w, "leads_where");
    funnel_where_json(&f.q, &w, &(struct funnel_figure){.step = STEP_LEAD});
    json_key(&w, "where");
    deal_condition(&f, &w, NULL);
    closed_json(&f, &w);
    days_json(&f, &w);
    for (size_t i = 0; i < sizeof splits / sizeof *splits; i++) {
        split_json(&f, &w, &splits[i]);
    }
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/reports/funnel/deals", "reports:read", LANE_SLOW, funnel_get,
     .summary = "route.funnel_deals", .query = FUNNEL_QUERY,
     .answer = "steps:[(step:text! label:text! reached:integer! current:integer! "
               "unknown:integer! entity:text!)]! leads_where:any! where:any! won:object! "
               "lost:object!"},
    {0}};

static const struct text texts[] = {{"route.funnel_deals", "商机的结果", "What became of deals"},
                                    {0}};

const struct module funnel_deals_module = {
    .name = "sales.funnel_deals", .cloud = "sales", .routes = routes, .texts = texts};
