/*
 * The sales forecast of a period: what is closed; what open deals that are expected to close in it
 * are called (commit, best case, pipeline, omitted); and what the deals and the past say by
 * themselves (statistics/deal_forecast.h), with a range.
 *
 * A deal is called what its owner says, else what its stage says (sales/pipeline.h). Open deals
 * whose expected date has passed belong to the period that is under way, and are counted apart;
 * those without a date belong to none. Amounts are in the company's currency; deals in others are
 * counted, never added. A deal stands in one line, so that lines add up: among teams in that of the
 * team its owner has been in longest.
 */
#ifndef GUANTONG_SALES_FORECAST_H
#define GUANTONG_SALES_FORECAST_H

#include "sales/performance.h"
#include "statistics/deal_forecast.h"

enum forecast_part {
    FORECAST_CLOSED,
    FORECAST_COMMIT,
    FORECAST_BEST_CASE,
    FORECAST_PIPELINE,
    FORECAST_OMITTED,
    FORECAST_PARTS
};

struct forecast_line {
    int64_t id;
    struct str text; /* of a dimension that is no reference */
    int64_t counts[FORECAST_PARTS], sums[FORECAST_PARTS];
    int64_t overdue, other; /* expected before today; in another currency or without an amount */
    struct deal_outlook outlook; /* in minor units */
};

struct sales_forecast {
    struct ctx *c;
    const struct entity *deal;
    struct dimension by; /* people, departments as deals hold them, teams, or a field */
    struct period period;
    int64_t today;
    bool past; /* as it stood at the end of the day `today`, from what is known of it now */
    int64_t pipeline_id, product_id, owner_id, department_id; /* 0: all */
    struct str currency;
    int64_t (*teams)[2]; /* user and team, by user: when lines are teams */
    size_t n_teams;
    struct forecast_line *lines;
    size_t n;
    struct forecast_line total;
    int64_t undated;
    int32_t starts[DEAL_PERIODS + 1];
    struct period first; /* of the periods that starts begin with */
    struct deal_forecast statistics;
};

/* The team whose line the person's deals stand in, 0: in none. */
int64_t forecast_team_of(const struct sales_forecast *f, int64_t user_id);
/* Fill lines, total and statistics from the deals the actor may read. */
void forecast_read(struct sales_forecast *f);

/* "closed" "commit" "best_case" "pipeline" "omitted" */
const char *forecast_part_name(enum forecast_part part);

/* Keep the forecasts of this and the next month and quarter, by person, as of a day. */
void forecast_snapshot_take(struct ctx *c, int64_t day, bool past);
/* [{"on","closed","commit","best_case","pipeline","expected","spread"}…], oldest first: what was
 * kept of the period, for those whose deals the actor reads. */
void forecast_snapshots_json(const struct sales_forecast *f, struct json_writer *w);

#endif
