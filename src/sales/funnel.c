/*
 * The funnel (funnel.h), as it is shown: of the leads that came in a period, how many reached each
 * of the six steps and how many are still under way; or what a period brought of each step.
 *
 * A rate goes with its 95 % Wilson interval and the number of cases. Of leads it is judged by those
 * whose fate at the step is settled, and only from SAMPLE_LEAST of them on: below its threshold
 * only when the whole interval is. Quotes, orders and payments are what stages of the pipeline say:
 * where no stage means payment, nobody knows who has paid, and that is no zero.
 * Each figure says the condition of exactly the records it counts.
 */
#include "sales/funnel.h"

#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "organization/company.h"
#include "sales/funnel_request.h"
#include "sales/funnel_total.h"
#include "sales/rate.h"
#include "sales/sales.h"
#include "statistics/contrast.h"

enum { SAMPLE_LEAST = 30 };

const char *const funnel_step_codes[FUNNEL_STEPS] = {"lead",     "opportunity", "quote",
                                                     "contract", "order",       "payment"};

const char *const funnel_day_fields[FUNNEL_STEPS] = {
    NULL, NULL, "quoted_on", "contracted_on", "ordered_on", "paid_on"};

/* A lead knows nothing of sales, which may be switched off. */
const char *funnel_lead_says(int step) {
    return step == STEP_LEAD ? NULL : step == STEP_OPPORTUNITY ? "deal" : funnel_step_codes[step];
}

struct str funnel_step_label(struct ctx *c, int step) {
    static const char *const codes[FUNNEL_STEPS] = {"funnel.lead",  "funnel.opportunity",
                                                    "funnel.quote", "funnel.contract",
                                                    "funnel.order", "funnel.payment"};
    return message_words(c->language, codes[step]);
}

int64_t funnel_threshold(struct ctx *c, int step) {
    static const char *const names[FUNNEL_STEPS] = {
        "funnel_threshold_lead",     "funnel_threshold_opportunity", "funnel_threshold_quote",
        "funnel_threshold_contract", "funnel_threshold_order",       NULL};
    return names[step] ? company_int(c, names[step]) : 0;
}

/* How many went from a step to the next: of all, and of those of whom that is settled. */
struct passage {
    int64_t of, passed, settled;
};

static struct passage passage_of(const struct funnel_request *q, const struct funnel_counts *n,
                                 int k) {
    if (!q->period) {
        return (struct passage){n->reached[k], n->reached[k + 1], n->reached[k] - n->open[k]};
    }
    int64_t of = k ? n->entered[k] : n->reached[STEP_LEAD];
    return (struct passage){of, n->entered[k + 1], of};
}

static bool payment_known(struct ctx *c) {
    return DB_INT(c, "SELECT 1 FROM stage WHERE funnel_step = 'payment' AND deleted_at IS NULL "
                     "LIMIT 1") != 0;
}

static const char *verdict_of(struct passage p, int64_t threshold) {
    double share = p.settled > 0 ? (double)p.passed / (double)p.settled : 0;
    if (p.settled < SAMPLE_LEAST || p.passed > p.settled) {
        return p.passed > p.settled ? NULL : "little";
    }
    return share_interval(p.passed, p.settled).high * 100 < (double)threshold ? "below"
           : share * 100 < (double)threshold                                  ? "perhaps"
                                                                              : "fine";
}

/* A period may bring more orders than contracts: that is no share. */
static void share_json(struct ctx *c, struct json_writer *w, const char *key, int64_t passed,
                       int64_t of) {
    json_key(w, key);
    if (passed > of) {
        json_put_null(w);
    } else {
        rate_json(w, c->arena, passed, of);
    }
}

static void where_json(const struct funnel_request *q, struct json_writer *w, int k) {
    const struct funnel_figure all = {.step = k, .deals = q->period && k > STEP_LEAD};
    const struct funnel_figure open = {.step = k, .open = true};
    json_key(w, "where");
    funnel_where_json(q, w, &all);
    json_key(w, "open_where");
    if (q->period) {
        json_put_null(w);
    } else {
        funnel_where_json(q, w, &open);
    }
}

static int64_t reached_of(const struct funnel_request *q, const struct funnel_counts *n, int k) {
    return q->period && k > STEP_LEAD ? n->entered[k] : n->reached[k];
}

/* The last step of which anything is known. */
static int last_step(const struct funnel_request *q) {
    return payment_known(q->c) ? STEP_PAYMENT : STEP_ORDER;
}

static void nothing_json(struct json_writer *w) {
    static const char *const keys[] = {"conversion", "settled", "threshold", "verdict"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_key(w, keys[i]);
        json_put_null(w);
    }
}

static void next_json(const struct funnel_request *q, struct json_writer *w,
                      const struct funnel_counts *n, int k) {
    struct passage p = passage_of(q, n, k);
    int64_t threshold = funnel_threshold(q->c, k);
    const char *verdict = verdict_of(p, threshold);
    share_json(q->c, w, "conversion", p.passed, p.of);
    share_json(q->c, w, "settled", p.passed, p.settled);
    JSON_MEMBER(w, "threshold", json_put_str,
                str_format(q->c->arena, "%.2f", (double)threshold / 100));
    json_key(w, "verdict");
    if (verdict) {
        json_put_c(w, verdict);
    } else {
        json_put_null(w);
    }
}

/* Leads that are no deal yet have no product and no pipeline: of those asked for by these all are
 * deals, and that is no share of anything. */
static bool of_the_deal(const struct funnel_request *q) {
    return q->filter.pipeline_id || q->filter.product_id;
}

static void before_json(const struct funnel_request *q, struct json_writer *w,
                        const struct funnel_counts *before, int k) {
    json_key(w, "before");
    if (!before) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    JSON_MEMBER(w, "reached", json_put_int, reached_of(q, before, k));
    if (k < last_step(q) && !(k == STEP_LEAD && of_the_deal(q))) {
        struct passage p = passage_of(q, before, k);
        share_json(q->c, w, "conversion", p.passed, p.of);
    } else {
        JSON_MEMBER(w, "conversion", json_put_raw, STR("null"));
    }
    json_end_object(w);
}

static void step_json(const struct funnel_request *q, struct json_writer *w,
                      const struct funnel_counts *n, const struct funnel_counts *before, int k) {
    bool deals = q->period && k > STEP_LEAD;
    json_begin_object(w);
    JSON_MEMBER(w, "step", json_put_c, funnel_step_codes[k]);
    JSON_MEMBER(w, "label", json_put_str, funnel_step_label(q->c, k));
    JSON_MEMBER(w, "entity", json_put_c, deals ? "opportunities" : "leads");
    JSON_MEMBER(w, "reached", json_put_int, reached_of(q, n, k));
    JSON_MEMBER(w, "open", json_put_int, q->period ? 0 : n->open[k]);
    where_json(q, w, k);
    if (k < last_step(q) && !(k == STEP_LEAD && of_the_deal(q))) {
        next_json(q, w, n, k);
    } else {
        nothing_json(w);
    }
    before_json(q, w, before, k);
    json_end_object(w);
}

/* Where most is missing to the threshold, of what is too narrow; what surely is, first. */
static const char *bottleneck(const struct funnel_request *q, const struct funnel_counts *n) {
    double worst = 0;
    int found = -1;
    for (int k = of_the_deal(q) ? STEP_OPPORTUNITY : STEP_LEAD; k < last_step(q); k++) {
        struct passage p = passage_of(q, n, k);
        int64_t threshold = funnel_threshold(q->c, k);
        const char *verdict = verdict_of(p, threshold);
        bool below = verdict && str_is(str_from(verdict), "below");
        if (!below && !(verdict && str_is(str_from(verdict), "perhaps"))) {
            continue;
        }
        double gap = (double)threshold / 100 - (double)p.passed / (double)p.settled + below;
        if (gap > worst) {
            worst = gap;
            found = k;
        }
    }
    return found < 0 ? NULL : funnel_step_codes[found];
}

static void funnel_get(struct request *r) {
    struct funnel_request q;
    struct funnel_filter earlier;
    if (!funnel_request_read(r, &q)) {
        return;
    }
    struct ctx *c = r->c;
    struct funnel_counts now = funnel_count(c, &q.filter), before;
    bool compared = funnel_period_before(&q, &earlier);
    if (compared) {
        before = funnel_count(c, &earlier);
    }
    const char *narrow = bottleneck(&q, &now);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "view", json_put_c, q.period ? "period" : "leads");
    json_key(&w, "steps");
    json_begin_array(&w);
    for (int k = 0; k < FUNNEL_STEPS; k++) {
        step_json(&q, &w, &now, compared ? &before : NULL, k);
    }
    json_end_array(&w);
    json_key(&w, "bottleneck");
    if (narrow) {
        json_put_c(&w, narrow);
    } else {
        json_put_null(&w);
    }
    JSON_MEMBER(&w, "sample_least", json_put_int, SAMPLE_LEAST);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

enum { CHOICES_MOST = 300 };

/* The values there are, one look into the index for each. */
static void choices_json(struct ctx *c, struct json_writer *w, const char *key,
                         enum funnel_value kind) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "WITH RECURSIVE v (value) AS (SELECT min(value) FROM funnel_value WHERE kind = $1 "
             "UNION ALL SELECT (SELECT min(f.value) FROM funnel_value f WHERE f.kind = $1 AND "
             "f.value > v.value) FROM v WHERE v.value IS NOT NULL) "
             "SELECT value FROM v WHERE value IS NOT NULL LIMIT $2",
             (int64_t)kind, (int64_t)CHOICES_MOST);
    json_key(w, key);
    json_begin_array(w);
    while (db_next(&rows)) {
        json_put_str(w, db_view(&rows, 0));
    }
    json_end_array(w);
}

static void choices_get(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    choices_json(r->c, &w, "sources", UNDER_SOURCE);
    choices_json(r->c, &w, "regions", UNDER_REGION);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/reports/funnel/choices", "reports:read", LANE_INLINE, choices_get,
     .summary = "route.funnel_choices", .answer = "sources:[text]! regions:[text]!"},
    {METHOD_GET, "/api/v1/reports/funnel", "reports:read", LANE_INLINE, funnel_get,
     .summary = "route.funnel", .query = FUNNEL_QUERY,
     .answer = "view:text! steps:[(step:text! label:text! entity:text! reached:integer! "
               "open:integer! where:any! open_where:any conversion:object? "
               "settled:object? threshold:text? verdict:text? before:object?)]! bottleneck:text? "
               "sample_least:integer!"},
    {0}};

static const struct text texts[] = {
    {"funnel.lead", "线索", "Lead"},
    {"funnel.opportunity", "商机", "Opportunity"},
    {"funnel.quote", "报价", "Quote"},
    {"funnel.contract", "合同", "Contract"},
    {"funnel.order", "订单", "Order"},
    {"funnel.payment", "回款", "Payment"},
    {"funnel.view", "只有 leads（同批次线索）和 period（当期发生）两种",
     "There are leads (of the period) and period (what it brought)"},
    {"route.funnel_choices", "漏斗可选的来源和地区", "Sources and regions a funnel can ask for"},
    {"route.funnel", "销售漏斗", "Sales funnel"},
    {0}};

static const struct permission permissions[] = {{"reports:read", "查看报表", "Read reports"}, {0}};

const struct module funnel_module = {.name = "sales.funnel",
                                     .cloud = "sales",
                                     .routes = routes,
                                     .texts = texts,
                                     .permissions = permissions};
