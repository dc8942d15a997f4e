/*
 * See funnel.h. A fact is made from the record as it is, compared with the one that is kept, and
 * what differs moves the totals; so the same event twice, or events in any order, end the same.
 *
 * What deals and leads say of their furthest step is written beside them, as scores are, without a
 * version or an entry of the audit, for it is no edit; lists select by it, so that each figure of a
 * funnel opens to as many records.
 */
#include "sales/funnel_fact.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "db/sql.h"
#include "entity/record.h"
#include "event/event.h"
#include "organization/company.h"
#include "sales/funnel_total.h"

const struct migration funnel_fact_migrations[] = {
    {"sales.funnel_fact.1",
     "CREATE TABLE funnel_lead (lead_id {id}, at BIGINT NOT NULL, day BIGINT NOT NULL, "
     "owner_id BIGINT NOT NULL, department_id BIGINT NOT NULL, deal_id BIGINT NOT NULL, "
     "reached BIGINT NOT NULL, open BIGINT NOT NULL, source TEXT NOT NULL, "
     "region TEXT NOT NULL);\n"
     "CREATE TABLE funnel_deal (deal_id {id}, owner_id BIGINT NOT NULL, "
     "department_id BIGINT NOT NULL, pipeline_id BIGINT NOT NULL, product_id BIGINT NOT NULL, "
     "reached BIGINT NOT NULL, state BIGINT NOT NULL, at1 BIGINT NOT NULL, at2 BIGINT NOT NULL, "
     "at3 BIGINT NOT NULL, at4 BIGINT NOT NULL, at5 BIGINT NOT NULL, left_at BIGINT NOT NULL, "
     "source TEXT NOT NULL, region TEXT NOT NULL);\n"
     "CREATE TABLE funnel_zone (id {id}, zone TEXT NOT NULL)"},
    {"sales.funnel_fact.2", "CREATE TABLE funnel_brought (id {id}, first_lead BIGINT NOT NULL, "
                            "first_deal BIGINT NOT NULL)"},
    /* What is kept is made anew, now with what a lead's deal is of. */
    {"sales.funnel_fact.3",
     "INSERT INTO timer (id, kind, key, due_at, next_at, payload, attempts, parked, error) "
     "SELECT 1, 'sales.funnel_recount', 'all:0', 0, 0, '{\"leads\":false,\"after\":\"0\"}', 0, 0, "
     "'' WHERE EXISTS (SELECT 1 FROM funnel_lead);\n"
     "DELETE FROM funnel_lead;\nDELETE FROM funnel_deal;\nDELETE FROM funnel_department;\n"
     "DELETE FROM funnel_owner;\n"
     "ALTER TABLE funnel_lead ADD COLUMN pipeline_id BIGINT NOT NULL DEFAULT 0;\n"
     "ALTER TABLE funnel_lead ADD COLUMN product_id BIGINT NOT NULL DEFAULT 0;\n"
     "CREATE INDEX funnel_lead_owner ON funnel_lead (owner_id, day);\n"
     "CREATE INDEX funnel_lead_source ON funnel_lead (source, day);\n"
     "CREATE INDEX funnel_lead_product ON funnel_lead (product_id, day) WHERE product_id <> 0;\n"
     "CREATE INDEX funnel_deal_owner ON funnel_deal (owner_id);\n"
     "CREATE INDEX funnel_deal_source ON funnel_deal (source);\n"
     "CREATE INDEX funnel_deal_product ON funnel_deal (product_id)"},
    /* A source alone is asked of the totals; with a region or more, this index answers alone. */
    {"sales.funnel_fact.4",
     "DROP INDEX funnel_lead_source;\n"
     "CREATE INDEX funnel_lead_source ON funnel_lead (source, region, day, reached, open, "
     "department_id, owner_id, pipeline_id, product_id);\n"
     "CREATE INDEX funnel_lead_region ON funnel_lead (region, day)"},
    {0}};

enum { STATE_OPEN, STATE_WON, STATE_LOST };

static const char *const state_codes[] = {"open", "won", "lost"};

struct lead_fact {
    int64_t id, at, day, owner, department, deal;
    int64_t reached, open;
    int64_t pipeline, product; /* of its deal */
    struct str source, region;
};

struct deal_fact {
    int64_t id, owner, department, pipeline, product;
    int64_t reached, state;
    int64_t at[FUNNEL_STEPS]; /* 0: not, or nobody knows when; at[STEP_LEAD] is not used */
    int64_t left_at;          /* when it was closed, 0: it is open */
    struct str source, region;
};

/* A refresh while it runs. */
struct refresh {
    struct ctx *c;
    const struct zone *zone;
    struct funnel_deltas *deltas;
    bool tell;
};

static struct refresh refresh_new(struct ctx *c, bool tell) {
    return (struct refresh){c, company_zone(c), funnel_deltas_new(c), tell};
}

static int64_t day_of(const struct refresh *r, int64_t at) {
    return date_to_days(zone_date(r->zone, at));
}

static int64_t midnight_of(const struct refresh *r, struct str date) {
    struct date d;
    return date_parse(date, &d) ? zone_midnight(r->zone, d) : 0;
}

/* Ascending, each once; how many. */
static int by_id(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void ids_add(struct sql *q, const char *select, const int64_t *ids, size_t n) {
    sql_literal(q, select);
    sql_ids(q, ids, n);
}

/* The fact of that id among n, in order of ids; NULL when there is none. */
static void *fact_find(void *facts, size_t n, size_t size, int64_t id) {
    return n ? bsearch(&id, facts, n, size, by_id) : NULL;
}

/* Leads. */

static struct lead_fact lead_fact_read(const struct db_rows *rows) {
    return (struct lead_fact){.id = db_int(rows, 0),
                              .at = db_int(rows, 1),
                              .owner = db_int(rows, 2),
                              .department = db_int(rows, 3),
                              .deal = db_int(rows, 4),
                              .source = db_text(rows, 5),
                              .region = db_text(rows, 6)};
}

static size_t leads_kept(const struct refresh *r, const int64_t *ids, size_t n,
                         struct lead_fact *facts) {
    struct db_rows rows;
    struct sql q = sql_new(r->c->arena);
    size_t found = 0;
    ids_add(&q,
            "SELECT lead_id, at, owner_id, department_id, deal_id, source, region, day, reached, "
            "open, pipeline_id, product_id FROM funnel_lead WHERE lead_id IN ",
            ids, n);
    SQL_ADD(&q, " ORDER BY lead_id");
    sql_query(r->c, &rows, &q);
    while (db_next(&rows) && found < n) {
        struct lead_fact f = lead_fact_read(&rows);
        f.day = db_int(&rows, 7);
        f.reached = db_int(&rows, 8);
        f.open = db_int(&rows, 9);
        f.pipeline = db_int(&rows, 10);
        f.product = db_int(&rows, 11);
        facts[found++] = f;
    }
    db_done(&rows);
    return found;
}

/* What the record says of its step now, to see whether that is still so. */
struct lead_says {
    int64_t id, person;
    int64_t deal; /* state of its deal */
    struct str step, state;
};

static void lead_read(const struct refresh *r, const struct db_rows *rows, struct lead_fact *f,
                      struct lead_says *said) {
    bool deal = !db_null(rows, 8);
    struct str status = db_view(rows, 7);
    *f = lead_fact_read(rows);
    f->day = day_of(r, f->at);
    f->reached = deal ? db_int(rows, 8) : STEP_LEAD;
    f->open = deal ? db_int(rows, 9) == STATE_OPEN
                   : str_lists(STR("new working nurturing returned"), ' ', status);
    f->pipeline = deal ? db_int(rows, 13) : 0;
    f->product = deal ? db_int(rows, 14) : 0;
    *said = (struct lead_says){f->id, db_int(rows, 12), db_int(rows, 9), db_text(rows, 10),
                               db_text(rows, 11)};
}

static size_t leads_now(const struct refresh *r, const int64_t *ids, size_t n,
                        struct lead_fact *facts, struct lead_says *said) {
    struct db_rows rows;
    struct sql q = sql_new(r->c->arena);
    size_t found = 0;
    ids_add(&q,
            "SELECT l.id, l.created_at, COALESCE(l.owner_id, 0), "
            "COALESCE(l.owner_department_id, 0), COALESCE(l.opportunity_id, 0), "
            "COALESCE(l.source, ''), COALESCE(l.region, ''), l.status, d.reached, d.state, "
            "l.furthest_step, l.deal_state, l.person_id, d.pipeline_id, d.product_id FROM lead l "
            "LEFT JOIN funnel_deal d ON d.deal_id = l.opportunity_id "
            "WHERE l.deleted_at IS NULL AND l.id IN ",
            ids, n);
    SQL_ADD(&q, " ORDER BY l.id");
    sql_query(r->c, &rows, &q);
    while (db_next(&rows) && found < n) {
        lead_read(r, &rows, &facts[found], &said[found]);
        found++;
    }
    db_done(&rows);
    return found;
}

static bool lead_same(const struct lead_fact *a, const struct lead_fact *b) {
    return a->at == b->at && a->day == b->day && a->owner == b->owner &&
           a->department == b->department && a->deal == b->deal && a->reached == b->reached &&
           a->open == b->open && a->pipeline == b->pipeline && a->product == b->product &&
           str_equal(a->source, b->source) && str_equal(a->region, b->region);
}

static void lead_count(const struct refresh *r, const struct lead_fact *f, int n) {
    const struct funnel_under under = {f->owner,   f->department, f->pipeline,
                                       f->product, f->source,     f->region};
    for (int64_t k = STEP_LEAD; k <= f->reached; k++) {
        funnel_delta(r->deltas, &under, f->day, FUNNEL_REACHED + (int)k, n);
    }
    if (f->open) {
        funnel_delta(r->deltas, &under, f->day, FUNNEL_OPEN + (int)f->reached, n);
    }
}

static void lead_values(const void *item, struct db_value *v) {
    const struct lead_fact *f = item;
    v[0] = db_from_int(f->id);
    v[1] = db_from_int(f->at);
    v[2] = db_from_int(f->day);
    v[3] = db_from_int(f->owner);
    v[4] = db_from_int(f->department);
    v[5] = db_from_int(f->deal);
    v[6] = db_from_int(f->reached);
    v[7] = db_from_int(f->open);
    v[8] = db_from_str(f->source);
    v[9] = db_from_str(f->region);
    v[10] = db_from_int(f->pipeline);
    v[11] = db_from_int(f->product);
}

static const struct sql_rows lead_rows = {
    "INSERT INTO funnel_lead (lead_id, at, day, owner_id, department_id, deal_id, reached, open, "
    "source, region, pipeline_id, product_id)",
    12, lead_values};

static void leads_forget(struct ctx *c, const int64_t *ids, size_t n) {
    struct sql q = sql_new(c->arena);
    if (n) {
        ids_add(&q, "DELETE FROM funnel_lead WHERE lead_id IN ", ids, n);
        sql_put(c, &q);
    }
}

/* An event as the verbs of records make it, for what is written beside the record. */
struct told {
    const char *type, *subject;
    int64_t id, person;
};

static void tell(struct ctx *c, const struct told *t, const char *const *fields) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "changed");
    json_begin_array(&w);
    for (; *fields; fields++) {
        json_put_c(&w, *fields);
    }
    json_end_array(&w);
    json_key(&w, "values");
    json_begin_object(&w);
    json_end_object(&w);
    json_end_object(&w);
    event_emit(c, &(struct event){.type = str_from(t->type),
                                  .subject_type = str_from(t->subject),
                                  .subject_id = t->id,
                                  .person_id = t->person,
                                  .payload = json_str(&w)});
}

static struct db_value code_or_null(const char *code) {
    return code ? db_from_str(str_from(code)) : db_from_null();
}

static bool says(struct str said, const char *code) {
    return code ? str_is(said, code) : !said.n;
}

static void lead_say(const struct refresh *r, const struct lead_fact *f,
                     const struct lead_says *said) {
    static const char *const fields[] = {"furthest_step", "deal_state", NULL};
    const char *step = funnel_lead_says((int)f->reached);
    const char *outcome = f->reached > STEP_LEAD ? state_codes[said->deal] : NULL;
    if (says(said->step, step) && says(said->state, outcome)) {
        return;
    }
    DB_PUT(r->c, "UPDATE lead SET furthest_step = $1, deal_state = $2 WHERE id = $3",
           code_or_null(step), code_or_null(outcome), f->id);
    if (r->tell) {
        tell(r->c, &(struct told){"lead.updated", "lead", f->id, said->person}, fields);
    }
}

static void leads_refresh(const struct refresh *r, const int64_t *ids, size_t n) {
    struct ctx *c = r->c;
    struct lead_fact *was = ARENA_NEW_ARRAY(c->arena, n, struct lead_fact);
    struct lead_fact *now = ARENA_NEW_ARRAY(c->arena, n, struct lead_fact);
    struct lead_says *said = ARENA_NEW_ARRAY(c->arena, n, struct lead_says);
    void **fresh = ARENA_NEW_ARRAY(c->arena, n, void *);
    int64_t *gone = ARENA_NEW_ARRAY(c->arena, n, int64_t);
    size_t n_was = leads_kept(r, ids, n, was), n_now = leads_now(r, ids, n, now, said);
    size_t n_fresh = 0, n_gone = 0;
    for (size_t i = 0; i < n_was && !ctx_failed(c); i++) {
        const struct lead_fact *same = fact_find(now, n_now, sizeof *now, was[i].id);
        if (!same || !lead_same(same, &was[i])) {
            gone[n_gone++] = was[i].id;
            lead_count(r, &was[i], -1);
        }
    }
    for (size_t i = 0; i < n_now && !ctx_failed(c); i++) {
        const struct lead_fact *before = fact_find(was, n_was, sizeof *was, now[i].id);
        if (!before || !lead_same(before, &now[i])) {
            fresh[n_fresh++] = &now[i];
            lead_count(r, &now[i], 1);
        }
        lead_say(r, &now[i], &said[i]);
    }
    leads_forget(c, gone, n_gone);
    sql_insert(c, &lead_rows, fresh, n_fresh);
}

/* Deals. */

static size_t deals_kept(const struct refresh *r, const int64_t *ids, size_t n,
                         struct deal_fact *facts) {
    struct db_rows rows;
    struct sql q = sql_new(r->c->arena);
    size_t found = 0;
    ids_add(&q,
            "SELECT deal_id, owner_id, department_id, pipeline_id, product_id, source, region, "
            "reached, state, at1, at2, at3, at4, at5, left_at FROM funnel_deal WHERE deal_id IN ",
            ids, n);
    SQL_ADD(&q, " ORDER BY deal_id");
    sql_query(r->c, &rows, &q);
    while (db_next(&rows) && found < n) {
        struct deal_fact f = {.id = db_int(&rows, 0),
                              .owner = db_int(&rows, 1),
                              .department = db_int(&rows, 2),
                              .pipeline = db_int(&rows, 3),
                              .product = db_int(&rows, 4),
                              .source = db_text(&rows, 5),
                              .region = db_text(&rows, 6),
                              .reached = db_int(&rows, 7),
                              .state = db_int(&rows, 8),
                              .left_at = db_int(&rows, 14)};
        for (int k = STEP_OPPORTUNITY; k < FUNNEL_STEPS; k++) {
            f.at[k] = db_int(&rows, 8 + k);
        }
        facts[found++] = f;
    }
    db_done(&rows);
    return found;
}

static int64_t step_of(struct str code) {
    for (int k = FUNNEL_STEPS - 1; k > STEP_OPPORTUNITY; k--) {
        if (str_is(code, funnel_step_codes[k])) {
            return k;
        }
    }
    return STEP_OPPORTUNITY;
}

static int64_t state_code(struct str code) {
    return str_is(code, "won") ? STATE_WON : str_is(code, "lost") ? STATE_LOST : STATE_OPEN;
}

/* What the record says of its steps now. */
struct deal_says {
    int64_t id, person;
    struct str step, days[FUNNEL_STEPS];
};

/* What a deal tells without its history: where it stands, and that what is won was ordered. */
static struct deal_fact deal_read(const struct refresh *r, const struct db_rows *rows) {
    struct deal_fact f = {.id = db_int(rows, 0),
                          .owner = db_int(rows, 1),
                          .department = db_int(rows, 2),
                          .pipeline = db_int(rows, 3),
                          .product = db_int(rows, 4),
                          .source = db_text(rows, 5),
                          .region = db_text(rows, 6),
                          .state = state_code(db_view(rows, 8)),
                          .reached = STEP_OPPORTUNITY};
    int64_t stands = step_of(db_view(rows, 7));
    int64_t engaged = midnight_of(r, db_view(rows, 9)), closed = midnight_of(r, db_view(rows, 11));
    f.at[STEP_OPPORTUNITY] = engaged ? engaged : db_int(rows, 10);
    if (f.state != STATE_LOST && stands > f.reached) {
        f.reached = stands;
    }
    if (f.state != STATE_OPEN) {
        f.left_at = closed;
    }
    if (f.state == STATE_WON) {
        f.reached = f.reached < STEP_ORDER ? STEP_ORDER : f.reached;
        f.at[STEP_ORDER] = closed;
    }
    return f;
}

static size_t deals_now(const struct refresh *r, const int64_t *ids, size_t n,
                        struct deal_fact *facts, struct deal_says *said) {
    struct db_rows rows;
    struct sql q = sql_new(r->c->arena);
    size_t found = 0;
    ids_add(&q,
            "SELECT d.id, COALESCE(d.owner_id, 0), COALESCE(d.owner_department_id, 0), "
            "COALESCE(d.pipeline_id, 0), COALESCE(d.product_id, 0), COALESCE(d.source, ''), "
            "COALESCE(a.region, ''), s.funnel_step, d.state, d.engaged_date, d.created_at, "
            "d.closed_date, d.furthest_step, d.quoted_on, d.contracted_on, d.ordered_on, "
            "d.paid_on, d.person_id FROM opportunity d JOIN stage s ON s.id = d.stage_id "
            "LEFT JOIN account a ON a.id = d.account_id AND a.deleted_at IS NULL "
            "WHERE d.deleted_at IS NULL AND d.id IN ",
            ids, n);
    SQL_ADD(&q, " ORDER BY d.id");
    sql_query(r->c, &rows, &q);
    while (db_next(&rows) && found < n) {
        facts[found] = deal_read(r, &rows);
        said[found] = (struct deal_says){
            facts[found].id, db_int(&rows, 17), db_text(&rows, 12), {{0}}};
        for (int k = STEP_QUOTE; k < FUNNEL_STEPS; k++) {
            said[found].days[k] = db_text(&rows, 11 + k);
        }
        found++;
    }
    db_done(&rows);
    return found;
}

/* Where deals have been, oldest first: a lost stage says nothing. */
static void history_read(const struct refresh *r, const int64_t *ids, size_t n,
                         struct deal_fact *facts, size_t n_facts) {
    struct db_rows rows;
    struct sql q = sql_new(r->c->arena);
    ids_add(&q,
            "SELECT h.opportunity_id, h.at, s.funnel_step FROM stage_history h "
            "JOIN stage s ON s.id = h.to_stage_id AND s.kind <> 'lost' "
            "WHERE h.opportunity_id IN ",
            ids, n);
    SQL_ADD(&q, " ORDER BY h.opportunity_id, h.at, h.id");
    sql_query(r->c, &rows, &q);
    while (db_next(&rows)) {
        struct deal_fact *f = fact_find(facts, n_facts, sizeof *facts, db_int(&rows, 0));
        int64_t step = step_of(db_view(&rows, 2)), at = db_int(&rows, 1);
        for (int64_t k = STEP_QUOTE; f && k <= step; k++) {
            f->at[k] = f->at[k] && f->at[k] < at ? f->at[k] : at;
        }
        if (f && step > f->reached) {
            f->reached = step;
        }
    }
}

static bool deal_same(const struct deal_fact *a, const struct deal_fact *b) {
    for (int k = STEP_OPPORTUNITY; k < FUNNEL_STEPS; k++) {
        if (a->at[k] != b->at[k]) {
            return false;
        }
    }
    return a->owner == b->owner && a->department == b->department && a->pipeline == b->pipeline &&
           a->product == b->product && a->reached == b->reached && a->state == b->state &&
           a->left_at == b->left_at && str_equal(a->source, b->source) &&
           str_equal(a->region, b->region);
}

static void deal_count(const struct refresh *r, const struct deal_fact *f, int n) {
    const struct funnel_under under = {f->owner,   f->department, f->pipeline,
                                       f->product, f->source,     f->region};
    for (int k = STEP_OPPORTUNITY; k < FUNNEL_STEPS; k++) {
        if (f->at[k]) {
            funnel_delta(r->deltas, &under, day_of(r, f->at[k]), FUNNEL_ENTERED + k - 1, n);
        }
    }
}

static void deal_values(const void *item, struct db_value *v) {
    const struct deal_fact *f = item;
    v[0] = db_from_int(f->id);
    v[1] = db_from_int(f->owner);
    v[2] = db_from_int(f->department);
    v[3] = db_from_int(f->pipeline);
    v[4] = db_from_int(f->product);
    v[5] = db_from_int(f->reached);
    v[6] = db_from_int(f->state);
    for (int k = STEP_OPPORTUNITY; k < FUNNEL_STEPS; k++) {
        v[6 + k] = db_from_int(f->at[k]);
    }
    v[12] = db_from_int(f->left_at);
    v[13] = db_from_str(f->source);
    v[14] = db_from_str(f->region);
}

static const struct sql_rows deal_rows = {
    "INSERT INTO funnel_deal (deal_id, owner_id, department_id, pipeline_id, product_id, reached, "
    "state, at1, at2, at3, at4, at5, left_at, source, region)",
    15, deal_values};

static void deal_say(const struct refresh *r, const struct deal_fact *f,
                     const struct deal_says *said) {
    static const char *const fields[] = {"furthest_step", "quoted_on", "contracted_on",
                                         "ordered_on",    "paid_on",   NULL};
    struct db_value days[FUNNEL_STEPS];
    bool same = says(said->step, funnel_step_codes[f->reached]);
    for (int k = STEP_QUOTE; k < FUNNEL_STEPS; k++) {
        char text[DATE_TEXT] = "";
        if (f->at[k]) {
            date_format(zone_date(r->zone, f->at[k]), text);
        }
        same = same && str_is(said->days[k], text);
        days[k] = f->at[k] ? db_from_str(str_copy(r->c->arena, str_from(text))) : db_from_null();
    }
    if (same) {
        return;
    }
    DB_PUT(r->c,
           "UPDATE opportunity SET furthest_step = $1, quoted_on = $2, contracted_on = $3, "
           "ordered_on = $4, paid_on = $5 WHERE id = $6",
           str_from(funnel_step_codes[f->reached]), days[STEP_QUOTE], days[STEP_CONTRACT],
           days[STEP_ORDER], days[STEP_PAYMENT], f->id);
    if (r->tell) {
        tell(r->c, &(struct told){"opportunity.updated", "opportunity", f->id, said->person},
             fields);
    }
}

static void deals_refresh(const struct refresh *r, const int64_t *ids, size_t n) {
    struct ctx *c = r->c;
    struct deal_fact *was = ARENA_NEW_ARRAY(c->arena, n, struct deal_fact);
    struct deal_fact *now = ARENA_NEW_ARRAY(c->arena, n, struct deal_fact);
    struct deal_says *said = ARENA_NEW_ARRAY(c->arena, n, struct deal_says);
    void **fresh = ARENA_NEW_ARRAY(c->arena, n, void *);
    int64_t *gone = ARENA_NEW_ARRAY(c->arena, n, int64_t);
    size_t n_was = deals_kept(r, ids, n, was), n_now = deals_now(r, ids, n, now, said);
    size_t n_fresh = 0, n_gone = 0;
    history_read(r, ids, n, now, n_now);
    for (size_t i = 0; i < n_was && !ctx_failed(c); i++) {
        const struct deal_fact *same = fact_find(now, n_now, sizeof *now, was[i].id);
        if (!same || !deal_same(same, &was[i])) {
            gone[n_gone++] = was[i].id;
            deal_count(r, &was[i], -1);
        }
    }
    for (size_t i = 0; i < n_now && !ctx_failed(c); i++) {
        const struct deal_fact *before = fact_find(was, n_was, sizeof *was, now[i].id);
        if (!before || !deal_same(before, &now[i])) {
            fresh[n_fresh++] = &now[i];
            deal_count(r, &now[i], 1);
        }
        deal_say(r, &now[i], &said[i]);
    }
    if (n_gone) {
        struct sql q = sql_new(c->arena);
        ids_add(&q, "DELETE FROM funnel_deal WHERE deal_id IN ", gone, n_gone);
        sql_put(c, &q);
    }
    sql_insert(c, &deal_rows, fresh, n_fresh);
}

static size_t leads_of(struct ctx *c, const int64_t *deals, size_t n, int64_t *ids, size_t most) {
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    size_t found = 0;
    ids_add(&q, "SELECT id FROM lead WHERE opportunity_id IN ", deals, n);
    SQL_ADD(&q, " AND deleted_at IS NULL LIMIT ");
    sql_number(&q, (int64_t)most);
    sql_query(c, &rows, &q);
    while (db_next(&rows) && found < most) {
        ids[found++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return found;
}

static size_t ids_sorted(struct ctx *c, const int64_t *ids, size_t n, int64_t **out) {
    size_t kept = 0;
    *out = ARENA_NEW_ARRAY(c->arena, n + 1, int64_t);
    memcpy(*out, ids, n * sizeof *ids);
    qsort(*out, n, sizeof **out, by_id);
    for (size_t i = 0; i < n; i++) {
        if (!i || (*out)[i] != (*out)[kept - 1]) {
            (*out)[kept++] = (*out)[i];
        }
    }
    return kept;
}

void funnel_refresh_leads(struct ctx *c, const int64_t *ids, size_t n, bool tell_of_it) {
    int64_t *sorted;
    size_t kept = ctx_failed(c) ? 0 : ids_sorted(c, ids, n, &sorted);
    if (kept) {
        struct refresh r = refresh_new(c, tell_of_it);
        leads_refresh(&r, sorted, kept);
        funnel_deltas_write(c, r.deltas);
    }
}

void funnel_refresh_deals(struct ctx *c, const int64_t *ids, size_t n, bool tell_of_it) {
    int64_t *sorted, leads[FUNNEL_REFRESH];
    size_t kept = ctx_failed(c) ? 0 : ids_sorted(c, ids, n, &sorted);
    if (kept) {
        struct refresh r = refresh_new(c, tell_of_it);
        deals_refresh(&r, sorted, kept);
        funnel_deltas_write(c, r.deltas);
        size_t n_leads = leads_of(c, sorted, kept, leads, FUNNEL_REFRESH);
        funnel_refresh_leads(c, leads, n_leads, tell_of_it);
    }
}
