/*
 * The funnel over a period: funnel_bench BUILD-DATABASE LEADS BAR_MS FILTERED_BAR_MS
 *
 * Every fifth lead of the company (company.h) gets a deal somewhere in the pipeline, with its
 * history. Facts and totals are made from these records, which says what a lead costs the reactor.
 * Then each of the three readers asks for the funnel of periods of 1 to 24 months that begin on any
 * day, in turn with the same counted from the records by SQL; then again of one source (a quarter
 * of all), one region (all there are), one of twenty products, and of two of these at once. Ends
 * with failure when the worst median is above its bar, or when the two ever differ.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "company.h"
#include "db/sql.h"
#include "entity/row.h"
#include "sales/funnel.h"
#include "sales/opportunity.h"
#include "sales/pipeline.h"

enum { EVERY = 5, BATCH = 5000, ASKED = 200, COUNTED = 5, STAGES = 7, PRODUCTS = 20 };
#define FIRST_DEAL INT64_C(700000000000000)

static int64_t stages[STAGES], products[PRODUCTS];

static void put(struct record *r, const char *field, int64_t v) {
    record_set_value(r, field, (struct value){.kind = VALUE_INTEGER, .integer = v});
}

static void put_text(struct record *r, const char *field, struct str text) {
    record_set_value(r, field, (struct value){.kind = VALUE_TEXT, .text = text});
}

static void deal_insert(struct company *b, int64_t i) {
    struct ctx *c = &b->c;
    struct record *lead = record_load(c, b->lead, company_lead(i));
    struct record *r = record_new(c, entity_named(c, "opportunity"), FIRST_DEAL + i * 4096);
    int64_t at = record_int(lead, "created_at") + company_draw(b, 10) * MS_DAY;
    int stage = (int)company_draw(b, STAGES);
    static const char *const states[STAGES] = {"open", "open", "open", "open",
                                               "open", "won",  "lost"};
    put(r, "created_at", at);
    put(r, "updated_at", at);
    put(r, "version", 1);
    put(r, "owner_id", record_id(lead, "owner_id"));
    put(r, "owner_department_id", record_id(lead, "owner_department_id"));
    put(r, "stage_id", stages[stage]);
    put(r, "pipeline_id", pipeline_standard(c));
    put(r, "product_id", products[company_draw(b, PRODUCTS)]);
    put(r, "lead_id", lead->id);
    put_text(r, "name", STR("伺服改造"));
    put_text(r, "state", str_from(states[stage]));
    row_insert(c, r);
    for (int k = 0; k <= stage; k++) {
        opportunity_history_add(c, &(struct stage_move){r->id, k ? stages[k - 1] : 0, stages[k],
                                                        at + k * 5 * MS_DAY, 0});
    }
    DB_RUN(c, "UPDATE lead SET opportunity_id = $1 WHERE id = $2", r->id, lead->id);
}

static void deals_insert(struct company *b) {
    struct db_rows rows;
    size_t n = 0;
    db_begin(&b->c);
    pipeline_seed(&b->c);
    for (int i = 0; i < PRODUCTS; i++) {
        struct change_set set = change_new(&b->c, entity_named(&b->c, "product"));
        change_text(&set, "name", str_format(b->c.arena, "产品%d", i));
        struct record *product = record_insert(&b->c, &set);
        products[i] = product ? product->id : 0;
    }
    DB_QUERY(&b->c, &rows, "SELECT id FROM stage ORDER BY position LIMIT $1", (int64_t)STAGES);
    while (db_next(&rows) && n < STAGES) {
        stages[n++] = db_int(&rows, 0);
    }
    db_commit(&b->c);
    for (int64_t i = 0; i < b->leads; i += BATCH) {
        struct arena_mark mark = arena_mark(b->c.arena);
        db_begin(&b->c);
        for (int64_t k = i; k < i + BATCH && k < b->leads; k += EVERY) {
            deal_insert(b, k);
        }
        db_commit(&b->c);
        company_check(b);
        arena_reset(b->c.arena, mark);
    }
}

static void refresh(struct company *b, bool deals) {
    int64_t ids[FUNNEL_REFRESH];
    size_t n = 0;
    for (int64_t i = 0; i <= b->leads; i += deals ? EVERY : 1) {
        if (i < b->leads) {
            ids[n++] = deals ? FIRST_DEAL + i * 4096 : company_lead(i);
        }
        if (n == FUNNEL_REFRESH || (n && i + (deals ? EVERY : 1) > b->leads)) {
            struct arena_mark mark = arena_mark(b->c.arena);
            db_begin(&b->c);
            if (deals) {
                funnel_refresh_deals(&b->c, ids, n, false);
            } else {
                funnel_refresh_leads(&b->c, ids, n, false);
            }
            db_commit(&b->c);
            company_check(b);
            arena_reset(b->c.arena, mark);
            n = 0;
        }
    }
}

static void facts_make(struct company *b) {
    int64_t began = clock_steady_ns();
    refresh(b, false);
    double leads = (double)(clock_steady_ns() - began) / 1e3 / (double)b->leads;
    began = clock_steady_ns();
    refresh(b, true);
    printf("facts and totals: %.1f us a lead, %.1f us a deal with its lead again\n", leads,
           (double)(clock_steady_ns() - began) / 1e3 / (double)(b->leads / EVERY));
}

/* The leads of the period and how far they came, from the records. */
static int64_t counted(struct company *b, const struct funnel_filter *f, int64_t reached[2]) {
    struct ctx *c = &b->c;
    const struct zone *zone = zone_find(STR("Asia/Shanghai"));
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    int64_t began = clock_steady_ns();
    SQL_ADD(&q, "SELECT CAST(count(*) AS BIGINT), CAST(count(d.id) AS BIGINT) FROM lead l "
                "LEFT JOIN opportunity d ON d.id = l.opportunity_id AND d.deleted_at IS NULL "
                "WHERE l.deleted_at IS NULL AND l.created_at >= ");
    SQL_VALUE(&q, zone_midnight(zone, date_from_days(f->from)));
    SQL_ADD(&q, " AND l.created_at < ");
    SQL_VALUE(&q, zone_midnight(zone, date_from_days(f->to)));
    if (f->source.n) {
        SQL_ADD(&q, " AND l.source = ");
        SQL_VALUE(&q, f->source);
    }
    if (f->region.n) {
        SQL_ADD(&q, " AND l.region = ");
        SQL_VALUE(&q, f->region);
    }
    if (f->product_id) {
        SQL_ADD(&q, " AND d.product_id = ");
        SQL_VALUE(&q, f->product_id);
    }
    SQL_ADD(&q, " AND ");
    access_where(c, &q, b->lead, ACTION_READ, "l");
    sql_query(c, &rows, &q);
    reached[0] = reached[1] = 0;
    if (db_next(&rows)) {
        reached[0] = db_int(&rows, 0);
        reached[1] = db_int(&rows, 1);
    }
    db_done(&rows);
    return clock_steady_ns() - began;
}

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double ms(const int64_t *spans, size_t n, double p) {
    return (double)spans[(size_t)((double)(n - 1) * p)] / 1e6;
}

/* What is asked for besides a period. */
struct asked {
    const char *name;
    bool source, region, product;
};
static const struct asked all = {"", false, false, false};
static const struct asked some[] = {{"of a source", true, false, false},
                                    {"of a region", false, true, false},
                                    {"of a product", false, false, true},
                                    {"of a source and a region", true, true, false},
                                    {"of a source and a product", true, false, true}};

static void ask_for(struct company *b, const struct asked *what, struct funnel_filter *f) {
    f->source = what->source ? STR("exhibition") : STR("");
    f->region = what->region ? STR("江苏省无锡市") : STR("");
    f->product_id = what->product ? products[company_draw(b, PRODUCTS)] : 0;
}

/* The median for one reader; from nothing how long. */
static double measure(struct company *b, enum company_role role, const struct asked *what) {
    int64_t spans[ASKED], direct[COUNTED], last_day = b->c.now_ms / MS_DAY;
    size_t n_direct = 0;
    b->c.actor = company_actor(b, role);
    for (int i = 0; i < ASKED; i++) {
        struct arena_mark mark = arena_mark(b->c.arena);
        struct funnel_filter f = {.to = last_day - company_draw(b, 60)};
        f.from = f.to - 30 * (1 + company_draw(b, 24)) - company_draw(b, 30);
        ask_for(b, what, &f);
        int64_t began = clock_steady_ns(), reached[2];
        struct funnel_counts n = funnel_count(&b->c, &f);
        spans[i] = clock_steady_ns() - began;
        if (i % (ASKED / COUNTED) == 0) {
            direct[n_direct++] = counted(b, &f, reached);
            if (n.reached[0] != reached[0] || n.reached[1] != reached[1]) {
                printf("differs: %lld leads kept, %lld counted\n", (long long)n.reached[0],
                       (long long)reached[0]);
                exit(EXIT_FAILURE);
            }
        }
        company_check(b);
        arena_reset(b->c.arena, mark);
    }
    b->c.actor = &actor_system;
    qsort(spans, ASKED, sizeof *spans, ascending);
    qsort(direct, n_direct, sizeof *direct, ascending);
    double p50 = ms(spans, ASKED, 0.5);
    printf("%-28s %s p50 %.3f ms, p99 %.3f ms; counting the records %.1f ms, %.0f times as long\n",
           company_role_names[role], what->name, p50, ms(spans, ASKED, 0.99),
           ms(direct, n_direct, 0.5), ms(direct, n_direct, 0.5) / p50);
    return p50;
}

static void plan_show(struct company *b, const char *what, const char *sql) {
    struct db_rows rows;
    if (db_engine(b->c.db) != DB_SQLITE) {
        return;
    }
    db_query_values(&b->c, &rows, sql, NULL, 0);
    while (db_next(&rows)) {
        printf("plan, %s: %.*s\n", what, STR_ARG(db_view(&rows, 3)));
    }
    db_done(&rows);
}

int main(int argc, char **argv) {
    static struct company company;
    if (argc < 5) {
        fputs("usage: funnel_bench URL LEADS BAR_MS FILTERED_BAR_MS\n", stderr);
        return 2;
    }
    double bar = strtod(argv[3], NULL), filtered_bar = strtod(argv[4], NULL);
    double worst = 0, filtered = 0;
    company_open(&company, argv[1], strtoll(argv[2], NULL, 10));
    deals_insert(&company);
    facts_make(&company);
    for (int role = 0; role < COMPANY_ROLES; role++) {
        double p50 = measure(&company, (enum company_role)role, &all);
        worst = p50 > worst ? p50 : worst;
        for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
            p50 = measure(&company, (enum company_role)role, &some[i]);
            filtered = p50 > filtered ? p50 : filtered;
        }
    }
    plan_show(&company, "departments",
              "EXPLAIN QUERY PLAN SELECT sum(reached0) FROM funnel_department t WHERE t.bucket >= "
              "20000 AND t.bucket < 20030 AND t.department_id IN (100, 101)");
    plan_show(&company, "owner",
              "EXPLAIN QUERY PLAN SELECT sum(reached0) FROM funnel_owner t WHERE t.bucket >= 20000 "
              "AND t.bucket < 20030 AND t.owner_id IN (1000)");
    plan_show(&company, "value",
              "EXPLAIN QUERY PLAN SELECT sum(reached0) FROM funnel_value t WHERE t.kind = 1 AND "
              "t.value = 'exhibition' AND t.bucket >= 20000 AND t.bucket < 20030");
    bool met = worst <= bar && filtered <= filtered_bar;
    printf("worst p50 %.3f ms of %.1f ms, filtered %.3f ms of %.1f ms: %s\n", worst, bar, filtered,
           filtered_bar, met ? "met" : "missed");
    company_close(&company);
    return met ? EXIT_SUCCESS : EXIT_FAILURE;
}
