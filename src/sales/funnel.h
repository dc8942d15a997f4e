/*
 * The funnel: six steps from a lead to its payment.
 *
 * Two things are counted. A *lead* belongs to the day it was captured and has come as far as its
 * deal has: so a cohort of leads thins out from step to step, and part of it is still under way.
 * A *deal* enters a step on the day it first stood there or beyond: so a period has entries. What
 * a deal passed before anybody kept its history has no day, and counts as no entry.
 *
 * Both are kept as facts, one row a lead and one a deal, and as totals by day and month, owner and
 * department, by the reactor sales.funnel (funnel_fact.c): as many leads as there are, a funnel is
 * the sum of few rows. Facts are made from the records as they are now, so the totals can be made
 * from nothing at any time, and are the same.
 */
#ifndef GUANTONG_SALES_FUNNEL_H
#define GUANTONG_SALES_FUNNEL_H

#include "entity/access.h"

enum funnel_step {
    STEP_LEAD,
    STEP_OPPORTUNITY,
    STEP_QUOTE,
    STEP_CONTRACT,
    STEP_ORDER,
    STEP_PAYMENT,
    FUNNEL_STEPS
};

extern const char *const funnel_step_codes[FUNNEL_STEPS];
/* What a lead says of it (furthest_step): of the first step nothing. */
const char *funnel_lead_says(int step);
struct str funnel_step_label(struct ctx *c, int step);
/* The share in percent below which the step from this one to the next is too narrow. */
int64_t funnel_threshold(struct ctx *c, int step);
/* The field of a deal that says on which day it first stood at the step or beyond; of the first
 * step, on which a deal begins, NULL. */
extern const char *const funnel_day_fields[FUNNEL_STEPS];

/* Leads that came and how far, of them still under way at their furthest step; deals that entered
 * a step (entered[STEP_LEAD] is not used: leads that came are reached[STEP_LEAD]). */
struct funnel_counts {
    int64_t reached[FUNNEL_STEPS], open[FUNNEL_STEPS], entered[FUNNEL_STEPS];
};

/* What is counted. Empty texts, zero ids and NULL sets: all. */
struct funnel_filter {
    int64_t from,
        to; /* days since 1970-01-01, to is the day after the last; INT64_MIN, INT64_MAX */
    int64_t owner_id;
    const struct id_set *owners;      /* of a team */
    const struct id_set *departments; /* a department and those below */
    struct str source, region;
    int64_t pipeline_id, product_id; /* of deals, and of leads by their deal */
};

/* Within what the actor may read of leads and of deals, shares included. */
struct funnel_counts funnel_count(struct ctx *c, const struct funnel_filter *f);

/* " AND …" over the facts of leads (funnel_lead) or deals (funnel_deal) under the alias: the
 * filter but its days, and what the actor may read. */
void funnel_fact_where(struct ctx *c, struct sql *q, const struct funnel_filter *f, bool of_deals,
                       const char *alias);

/* Bring the facts and totals of these records up to date; at most FUNNEL_REFRESH of them. Those of
 * the deals' leads too. tell: what the records say of their step is an event. */
enum { FUNNEL_REFRESH = 500 };
void funnel_refresh_leads(struct ctx *c, const int64_t *ids, size_t n, bool tell);
void funnel_refresh_deals(struct ctx *c, const int64_t *ids, size_t n, bool tell);

#endif
