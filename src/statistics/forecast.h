/*
 * Forecasts of a series in equal steps: sales by month, leads by week.
 *
 * Seasonality is tested for (the autocorrelation at one season against Bartlett's bounds, 90 %)
 * and, when found, taken out by ratios to moving averages, and put back at the end. What remains is
 * forecast by the mean of two methods that err differently: Theta (Assimakopoulos and Nikolopoulos
 * 2000: half the straight trend, half exponential smoothing of the series with doubled
 * curvature) and exponential smoothing with a damped trend (Gardner and McKenzie 1985).
 *
 * On the monthly series of the M3 sample the sMAPE is 14.05; Theta's in the competition was 14.18
 * (tests/eval/forecast_eval.c).
 */
#ifndef GUANTONG_STATISTICS_FORECAST_H
#define GUANTONG_STATISTICS_FORECAST_H

#include <stdbool.h>

#include "base/arena.h"

enum { FORECAST_PERIOD_MOST = 53, FORECAST_LEAST = 6 };

/* n values, oldest first. */
struct series {
    const double *values;
    int n;
    int period;    /* steps of a season: 12 for months, 4 for quarters, 1 for none */
    bool positive; /* it cannot fall below zero, so neither does its forecast */
};

/* A step ahead: the value, and the range that holds the outcome in 80 of 100 cases. */
struct forecast_step {
    double value, low, high;
};

struct forecast {
    struct forecast_step *steps; /* horizon of them */
    int horizon;
    bool seasonal; /* a season was found */
    bool enough;   /* false: fewer than FORECAST_LEAST values; then every step is their mean */
};

struct forecast forecast_series(struct arena *a, const struct series *s, int horizon);

/* What the same steps of the season before were: the forecast to beat. The last value when there is
 * no whole season yet. */
void forecast_naive(const struct series *s, double *steps, int horizon);

/*
 * How good both would have been: from each of the last `origins` places in the series, horizon
 * steps ahead, knowing only what was known then. Errors are shares of what came (WAPE); inside is
 * the share of outcomes within the range. origins is 0 when the series is too short to look back.
 */
struct forecast_record {
    int origins;
    double wape, naive_wape, inside;
};
struct forecast_record forecast_backtest(struct arena *a, const struct series *s, int horizon,
                                         int origins);

#endif
