/*
 * What came of what was spent: costs of a period against the leads that came in it, the deals and
 * customers that were won in it, and their revenue, by campaign or channel. A campaign in the trash
 * keeps its line. What was spent on none of them stands last, without a return.
 *
 * Revenue is given out by a model of attribution, so that no deal counts twice. The return is shown
 * as revenue per unit spent (50 : 1) and as what is left of it ((revenue - cost) / cost, 175 %).
 * Without costs there is neither; nor where the reader may read only a part of the deals or costs,
 * or not all were counted: a part of the one held against all of the other is no return. Who may
 * read no deals at all, or has none for sales is switched off, sees costs and leads ("sold").
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/sql.h"
#include "http/route.h"
#include "marketing/credit_request.h"
#include "marketing/marketing.h"
#include "organization/company.h"

enum { SPELLINGS = 8 };

struct return_row {
    int64_t cost, leads, credit;
    struct str said[SPELLINGS];   /* how its leads call it */
    struct str booked[SPELLINGS]; /* how its costs do */
    size_t n_said, n_booked;
    int64_t *deals, *customers; /* ids of those it has a part in, each once */
    size_t n_deals, n_customers;
};

struct returns {
    struct credits k;
    struct place_names names;
    struct return_row *rows; /* by name; the first of what was spent on none of them */
    size_t capacity;
    int64_t cost, leads;                  /* of all, those of no place too */
    bool sold;                            /* deals are counted: the actor may read them */
    bool all_deals, all_costs, all_leads; /* are there */
};

static struct return_row *row_of(struct returns *t, struct str name, int64_t said_at) {
    struct arena *a = t->k.c->arena;
    size_t at = (size_t)place_name(a, &t->names, name, said_at);
    if (at >= t->capacity) {
        struct return_row *more = ARENA_NEW_ARRAY(a, t->names.capacity, struct return_row);
        for (size_t i = 0; i < t->capacity; i++) {
            more[i] = t->rows[i];
        }
        t->rows = more;
        t->capacity = t->names.capacity;
    }
    return &t->rows[at];
}

static void costs_read(struct returns *t) {
    struct ctx *c = t->k.c;
    const struct entity *cost = entity_named(c, "cost");
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    sql_literal(&q, t->k.by_campaign ? "SELECT m.name" : "SELECT COALESCE(x.channel, m.channel)");
    SQL_ADD(&q, ", CAST(sum(x.amount) AS BIGINT) FROM cost x LEFT JOIN campaign m "
                "ON m.id = x.campaign_id WHERE x.deleted_at IS NULL AND x.amount_currency = ");
    SQL_VALUE(&q, t->k.currency);
    SQL_ADD(&q, " AND x.spent_on >= ");
    SQL_VALUE(&q, t->k.from);
    SQL_ADD(&q, " AND x.spent_on <= ");
    SQL_VALUE(&q, t->k.to);
    SQL_ADD(&q, " AND ");
    access_where(c, &q, cost, ACTION_READ, "x");
    SQL_ADD(&q, " GROUP BY 1 ORDER BY 1");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        struct return_row *row = row_of(t, db_view(&rows, 0), PLACE_GIVEN);
        row->cost += db_int(&rows, 1);
        if (row->n_booked < SPELLINGS) {
            row->booked[row->n_booked++] = db_text(&rows, 0);
        }
        t->cost += db_int(&rows, 1);
    }
}

static int64_t midnight(const struct returns *t, struct str day, int64_t later) {
    struct date d;
    date_parse(day, &d);
    return zone_midnight(company_zone(t->k.c), date_from_days(date_to_days(d) + later));
}

/* A campaign's leads say its name or its code. */
static void leads_count(struct returns *t, struct str said, int64_t n, int64_t first) {
    struct str name = t->k.by_campaign ? credit_campaign_name(&t->k, said) : said;
    struct return_row *row = row_of(t, name, first);
    row->leads += n;
    t->leads += n;
    if (row->n_said < SPELLINGS) {
        row->said[row->n_said++] = str_copy(t->k.c->arena, said);
    }
}

static void leads_read(struct returns *t) {
    struct ctx *c = t->k.c;
    const struct entity *lead = entity_named(c, "lead");
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    if (access_scope(c->actor, lead, ACTION_READ) == SCOPE_NONE) {
        return;
    }
    sql_literal(&q, t->k.by_campaign ? "SELECT l.campaign" : "SELECT l.source");
    SQL_ADD(&q, ", CAST(count(*) AS BIGINT), min(l.created_at) FROM lead l "
                "WHERE l.deleted_at IS NULL AND l.created_at >= ");
    SQL_VALUE(&q, midnight(t, t->k.from, 0));
    SQL_ADD(&q, " AND l.created_at < ");
    SQL_VALUE(&q, midnight(t, t->k.to, 1));
    SQL_ADD(&q, " AND ");
    access_where(c, &q, lead, ACTION_READ, "l");
    SQL_ADD(&q, " GROUP BY 1 ORDER BY 3, 1");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        leads_count(t, db_view(&rows, 0), db_int(&rows, 1), db_int(&rows, 2));
    }
}

/* Adds an id unless it was the last. */
static void id_add(struct arena *a, int64_t **ids, size_t *n, int64_t id) {
    if (*n && (*ids)[*n - 1] == id) {
        return;
    }
    if ((*n & (*n - 1)) == 0) { /* full at powers of two */
        int64_t *more = ARENA_NEW_ARRAY(a, *n ? *n * 2 : 1, int64_t);
        for (size_t i = 0; i < *n; i++) {
            more[i] = (*ids)[i];
        }
        *ids = more;
    }
    (*ids)[(*n)++] = id;
}

static int by_id(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static size_t ids_unique(int64_t *ids, size_t n) {
    size_t kept = 0;
    qsort(ids, n, sizeof *ids, by_id);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || ids[i] != ids[kept - 1]) {
            ids[kept++] = ids[i];
        }
    }
    return kept;
}

static void credits_sum(struct returns *t, int model) {
    struct credits *k = &t->k;
    struct arena *a = k->c->arena;
    for (size_t i = 0; i < k->n; i++) {
        const struct credited_deal *d = &k->deals[i];
        int64_t *credits = ARENA_NEW_ARRAY(a, d->n, int64_t);
        double *shares = ARENA_NEW_ARRAY(a, d->n, double);
        if (d->n) {
            credit_shares(k, d, model, shares);
            attribution_credits(shares, d->n, d->amount, credits);
        }
        for (size_t n = 0; n < d->n; n++) {
            if (shares[n] > 0) {
                struct str name = credit_places(k)->of[credit_name(k, &d->touches[n])];
                struct return_row *row = row_of(t, name, INT64_MAX);
                row->credit += credits[n];
                id_add(a, &row->deals, &row->n_deals, d->id);
                id_add(a, &row->customers, &row->n_customers,
                       d->account_id ? d->account_id : d->person_id);
            }
        }
    }
    for (size_t i = 0; i < t->names.n; i++) {
        struct return_row *row = &t->rows[i];
        row->n_customers = row->n_customers ? ids_unique(row->customers, row->n_customers) : 0;
    }
}

static void ratios_json(const struct returns *t, struct json_writer *w, int64_t credit,
                        int64_t cost) {
    struct arena *a = t->k.c->arena;
    json_key(w, "ratio");
    if (cost > 0 && t->all_deals && t->all_costs) {
        json_put_str(w, str_format(a, "%.2f", (double)credit / (double)cost));
        JSON_MEMBER(w, "net", json_put_str,
                    str_format(a, "%.4f", (double)(credit - cost) / (double)cost));
    } else {
        json_put_null(w);
        json_key(w, "net");
        json_put_null(w);
    }
}

static void each_json(const struct returns *t, struct json_writer *w, const char *key, int64_t cost,
                      size_t n) {
    bool all = t->all_costs &&
               (str_is(str_from(key), "cost_per_lead") ? t->all_leads : t->all_deals);
    if (cost > 0 && n > 0 && all) {
        credit_money(&t->k, w, key, (cost + (int64_t)n / 2) / (int64_t)n);
    } else {
        json_key(w, key);
        json_put_null(w);
    }
}

static void spellings_json(struct json_writer *w, const char *key, const struct str *all,
                           size_t n) {
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        json_put_str(w, all[i]);
    }
    json_end_array(w);
}

/* others: how many places the row stands for, 0: it is one. */
static void row_json(const struct returns *t, struct json_writer *w, const struct return_row *row,
                     struct str title, size_t others) {
    int64_t cost = title.n ? row->cost : 0; /* of no place: nothing is its return */
    json_begin_object(w);
    JSON_MEMBER(w, "title", json_put_str, title);
    JSON_MEMBER(w, "others", json_put_int, (int64_t)others);
    spellings_json(w, "said", row->said, row->n_said);
    spellings_json(w, "booked", row->booked, row->n_booked);
    credit_money(&t->k, w, "cost", row->cost);
    JSON_MEMBER(w, "leads", json_put_int, row->leads);
    JSON_MEMBER(w, "deals", json_put_int, (int64_t)row->n_deals);
    JSON_MEMBER(w, "customers", json_put_int, (int64_t)row->n_customers);
    credit_money(&t->k, w, "revenue", row->credit);
    each_json(t, w, "cost_per_lead", cost, (size_t)row->leads);
    each_json(t, w, "cost_per_customer", cost, row->n_customers);
    ratios_json(t, w, row->credit, cost);
    credit_deals_where(&t->k, w, row->deals, row->n_deals);
    json_end_object(w);
}

struct ranked {
    const struct return_row *row;
    struct str title;
};

/* The most revenue first, then the most cost; no place last. */
static int by_revenue(const void *a, const void *b) {
    const struct return_row *x = ((const struct ranked *)a)->row,
                            *y = ((const struct ranked *)b)->row;
    bool x_none = !((const struct ranked *)a)->title.n;
    bool y_none = !((const struct ranked *)b)->title.n;
    return x_none != y_none         ? (x_none ? 1 : -1)
           : x->credit != y->credit ? (x->credit < y->credit ? 1 : -1)
           : x->cost != y->cost     ? (x->cost < y->cost ? 1 : -1)
                                    : (x > y) - (x < y);
}

/* The places of which there is anything to say. */
static struct ranked *rows_rank(const struct returns *t, size_t *n) {
    struct ranked *all = ARENA_NEW_ARRAY(t->k.c->arena, t->names.n + 1, struct ranked);
    *n = 0;
    for (size_t i = 0; i < t->names.n; i++) {
        const struct return_row *row = &t->rows[i];
        if (row->cost || (t->names.of[i].n && (row->leads || row->n_deals))) {
            all[(*n)++] = (struct ranked){row, t->names.of[i]};
        }
    }
    qsort(all, *n, sizeof *all, by_revenue);
    return all;
}

static void ids_join(struct arena *a, int64_t **ids, size_t *n, const int64_t *more,
                     size_t n_more) {
    for (size_t i = 0; i < n_more; i++) {
        id_add(a, ids, n, more[i]);
    }
}

/* Many places in one row. */
static void others_json(const struct returns *t, struct json_writer *w, const struct ranked *rows,
                        size_t n) {
    struct ctx *c = t->k.c;
    struct return_row sum = {0};
    struct text_parameter many = {"n", str_format(c->arena, "%zu", n)};
    for (size_t i = 0; i < n; i++) {
        const struct return_row *row = rows[i].row;
        sum.cost += row->cost;
        sum.leads += row->leads;
        sum.credit += row->credit;
        ids_join(c->arena, &sum.deals, &sum.n_deals, row->deals, row->n_deals);
        ids_join(c->arena, &sum.customers, &sum.n_customers, row->customers, row->n_customers);
    }
    sum.n_deals = sum.n_deals ? ids_unique(sum.deals, sum.n_deals) : 0;
    sum.n_customers = sum.n_customers ? ids_unique(sum.customers, sum.n_customers) : 0;
    row_json(t, w, &sum,
             message_format(c->arena, c->language,
                            t->k.by_campaign ? "attribution.other_campaigns"
                                             : "attribution.other_channels",
                            &many, 1),
             n);
}

static void rows_json(const struct returns *t, struct json_writer *w) {
    size_t n, named, own;
    const struct ranked *all = rows_rank(t, &n);
    named = n && !all[n - 1].title.n ? n - 1 : n;
    own = named < CREDIT_PLACES ? named : CREDIT_PLACES - 2;
    json_key(w, "rows");
    json_begin_array(w);
    for (size_t i = 0; i < own; i++) {
        row_json(t, w, all[i].row, all[i].title, 0);
    }
    if (own < named) {
        others_json(t, w, all + own, named - own);
    }
    if (named < n) {
        row_json(t, w, all[named].row, all[named].title, 0);
    }
    json_end_array(w);
}

/* Of what the reader sees, or what was counted, only a part. */
static void partial_json(const struct returns *t, struct json_writer *w) {
    json_key(w, "partial");
    json_begin_array(w);
    if (!t->all_costs) {
        json_put_c(w, "costs");
    }
    if (!t->all_leads) {
        json_put_c(w, "leads");
    }
    if (!t->all_deals && t->sold) {
        json_put_c(w, "deals");
    }
    json_end_array(w);
}

static void roi_json(const struct returns *t, struct json_writer *w, int model) {
    int64_t credit = 0;
    for (size_t i = 1; i < t->names.n; i++) { /* of what was spent on */
        credit += t->rows[i].cost ? t->rows[i].credit : 0;
    }
    json_begin_object(w);
    JSON_MEMBER(w, "from", json_put_str, t->k.from);
    JSON_MEMBER(w, "to", json_put_str, t->k.to);
    JSON_MEMBER(w, "window", json_put_int, t->k.window_days);
    JSON_MEMBER(w, "by", json_put_c, t->k.by_campaign ? "campaign" : "channel");
    JSON_MEMBER(w, "model", json_put_c, credit_model_name(model));
    JSON_MEMBER(w, "currency", json_put_str, t->k.currency);
    JSON_MEMBER(w, "sold", json_put_bool, t->sold);
    credit_cut_json(&t->k, w);
    partial_json(t, w);
    rows_json(t, w);
    json_key(w, "total");
    json_begin_object(w);
    credit_money(&t->k, w, "cost", t->cost);
    JSON_MEMBER(w, "leads", json_put_int, t->leads);
    credit_money(&t->k, w, "revenue", credit);
    ratios_json(t, w, credit, t->cost);
    json_end_object(w);
    json_end_object(w);
}

static bool reads_all(struct ctx *c, const char *entity) {
    return access_range(c, entity_named(c, entity), ACTION_READ).all;
}

static bool reads_costs(struct ctx *c) {
    static const char *const asked[] = {"cost", "campaign", "lead"};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        if (access_scope(c->actor, entity_named(c, asked[i]), ACTION_READ) == SCOPE_NONE) {
            FAIL(c, ERROR_DENIED, "access.denied");
        }
    }
    return !ctx_failed(c);
}

static void roi_get(struct request *r) {
    struct ctx *c = r->c;
    struct returns *t = ARENA_NEW(c->arena, struct returns);
    int model;
    if (!credit_request(r, &t->k, &model) || !reads_costs(c)) {
        return;
    }
    t->k.by_campaign = !str_is(request_query(r, "by"), "channel");
    row_of(t, STR(""), PLACE_GIVEN);
    credit_campaigns_read(&t->k);
    costs_read(t);
    leads_read(t);
    t->sold = credit_may_read(c);
    if (t->sold && credits_read(&t->k)) {
        credits_sum(t, model);
        t->all_deals = reads_all(c, "opportunity") && !t->k.deals_cut && !t->k.touches_cut;
    }
    t->all_costs = reads_all(c, "cost");
    t->all_leads = reads_all(c, "lead");
    struct json_writer w = json_writer(c->arena);
    roi_json(t, &w, model);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/reports/roi", "reports:read", LANE_SLOW, roi_get, .summary = "route.roi",
     .query = "from:date to:date window:integer by:text model:text product_id:id",
     .answer = "from:date! to:date! window:integer! by:text! model:text! currency:text! "
               "sold:boolean! "
               "cut:(deals:integer touches:integer)?! "
               "partial:[text]! rows:[(title:text! others:integer! said:[text]! booked:[text]! "
               "cost:money! leads:integer! deals:integer! "
               "customers:integer! revenue:money! cost_per_lead:money?! "
               "cost_per_customer:money?! ratio:text?! net:text?! where:any!)]! "
               "total:object!"},
    {0}};

static const struct text texts[] = {{"route.roi", "投入产出", "Return on what was spent"}, {0}};

const struct module roi_module = {
    .name = "marketing.roi", .cloud = "marketing", .routes = routes, .texts = texts};
