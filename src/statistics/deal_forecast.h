/*
 * What deals will bring in a period: from those won before, those open, and those that will begin.
 *
 * The middle of three opinions is taken. Of the *deals*: each open one wins within the period with
 * the chance that deals of its age did (competing risks by week of age, product limit), corrected
 * by the chance of its stage and its expected date where they are known; deals that will begin
 * come at the pace of the last quarter of a year. Of the *history*: the series of earlier periods,
 * carried on (statistics/forecast.h). And the *naive* one: what the same period before brought.
 * The median of opinions that err differently is hurt little by one that goes wrong, and needs no
 * weights, for which most companies have too few periods behind them. Without a whole period in
 * the past the deals alone are asked.
 *
 * How good it is, is judged on the past periods, each forecast from what was known at its
 * beginning; on MavenTech's pipeline by tests/eval/deals_eval.c.
 *
 * Rates of a young company lean on priors (one deal in four is won, within some eight weeks), with
 * the weight of a few deals, so that the first deal already gives an answer with a wide range.
 */
#ifndef GUANTONG_STATISTICS_DEAL_FORECAST_H
#define GUANTONG_STATISTICS_DEAL_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { DEAL_STILL_OPEN = INT32_MAX, DEAL_ORIGINS = 8, DEAL_PERIODS = 60 };

/* Days are counted from any fixed day. */
struct deal {
    int32_t begun, closed; /* closed: DEAL_STILL_OPEN while nobody has won or lost it */
    int32_t expected;      /* the day it is said to close; 0: not said */
    int32_t group, kind;   /* whom it counts for; what is sold: from 0 */
    bool won;
    double amount; /* NAN: not known */
    double chance; /* of its stage, to be won at all; NAN: not known */
};

struct deal_history {
    const struct deal *deals;
    size_t n;
    int groups, kinds;
    const int32_t *starts; /* first days of periods in a row, and the day after the last */
    int periods;           /* at most DEAL_PERIODS */
    int season;            /* periods of a year: 12, 4 */
};

/* The period to be forecast, by its place, and the first day of which nothing is known yet: it lies
 * in this period or an earlier one. */
struct deal_question {
    int period;
    int32_t now;
};

/* Of one group. expected = closed + what is to come; in 80 of 100 cases it lies in low … high. */
struct deal_outlook {
    double closed;                      /* won in the period already */
    double open, fresh;                 /* what is to come by the deals: open ones, new ones */
    double deals, history, naive;       /* the three opinions of the whole period */
    double expected, low, high, spread; /* spread: standard deviation */
};

/* A past period, forecast at its beginning: sums over the groups. */
struct deal_origin {
    int period;
    double came, said, naive;
};

struct deal_forecast {
    struct deal_outlook *groups; /* history.groups of them */
    struct deal_outlook total;
    struct deal_origin origins[DEAL_ORIGINS]; /* oldest first */
    int n_origins;
    /* Errors as shares of what came: of the sums, and of the groups one by one. */
    double wape, naive_wape, group_wape, group_naive_wape;
    bool full; /* at least one whole period lies in the past */
};

struct deal_forecast deal_forecast(struct arena *a, const struct deal_history *h,
                                   struct deal_question q);

#endif
