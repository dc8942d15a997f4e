/* Totals of the funnel while facts change: what is to be added to which row, written together. */
#ifndef GUANTONG_SALES_FUNNEL_TOTAL_H
#define GUANTONG_SALES_FUNNEL_TOTAL_H

#include "base/clock.h"
#include "db/migration.h"
#include "db/sql.h"
#include "sales/funnel.h"

/* Columns of a row of totals: reached0 … 5, open0 … 5, entered1 … 5. */
enum {
    FUNNEL_REACHED = 0,
    FUNNEL_OPEN = FUNNEL_REACHED + FUNNEL_STEPS,
    FUNNEL_ENTERED = FUNNEL_OPEN + FUNNEL_STEPS, /* of step 1 */
    FUNNEL_MEASURES = FUNNEL_ENTERED + FUNNEL_STEPS - 1
};
extern const char *const funnel_measures[FUNNEL_MEASURES];

/* Where a day and its month stand among the rows: no day is as large as a month. */
int64_t funnel_month_bucket(int64_t day);

/* What a lead or a deal is counted under, besides its day. Empty texts and zero ids: nothing. */
struct funnel_under {
    int64_t owner, department, pipeline, product;
    struct str source, region;
};
/* By which value the totals by value are kept: one at a time. */
enum funnel_value { UNDER_NONE, UNDER_SOURCE, UNDER_REGION, UNDER_PIPELINE, UNDER_PRODUCT };

struct funnel_deltas;
struct funnel_deltas *funnel_deltas_new(struct ctx *c);
/* n more (or fewer) of that measure on that day. */
void funnel_delta(struct funnel_deltas *d, const struct funnel_under *under, int64_t day,
                  int measure, int n);
void funnel_deltas_write(struct ctx *c, struct funnel_deltas *d);

/* "SELECT …" of the sums by which facts of leads (reached, open) or of deals (entered, in the
 * filter's days) are counted, over the table as t, behind the columns given. */
void funnel_sums_of_leads(struct sql *q, const char *columns);
void funnel_sums_of_deals(struct sql *q, const char *columns, const int64_t instants[2]);
/* The instants between which the filter's days lie. */
void funnel_instants(const struct zone *zone, const struct funnel_filter *f, int64_t instants[2]);

extern const struct migration funnel_total_migrations[];

#endif
