#include "statistics/forecast.h"

#include <math.h>
#include <nlopt.h>
#include <string.h>

static const double range_width = 1.2816; /* standard deviations that hold 80 % */
static const double bartlett = 1.645;     /* 90 %, both sides */

/* Seasonality */

static double mean_of(const double *y, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        sum += y[i];
    }
    return n > 0 ? sum / n : 0;
}

static double autocorrelation(const double *y, int n, int lag) {
    double mean = mean_of(y, n), variance = 0, covariance = 0;
    for (int i = 0; i < n; i++) {
        variance += (y[i] - mean) * (y[i] - mean);
        covariance += i >= lag ? (y[i] - mean) * (y[i - lag] - mean) : 0;
    }
    return variance > 0 ? covariance / variance : 0;
}

static bool season_found(const double *y, int n, int period) {
    double sum = 1;
    if (period < 2 || period > FORECAST_PERIOD_MOST || n < 2 * period) {
        return false;
    }
    for (int lag = 1; lag < period; lag++) {
        double r = autocorrelation(y, n, lag);
        sum += 2 * r * r;
    }
    return fabs(autocorrelation(y, n, period)) > bartlett * sqrt(sum / n);
}

/* The mean over one season around t, its ends counted half when the period is even. */
static double moving_average(const double *y, int t, int period) {
    int half = period / 2;
    double sum = 0;
    for (int i = t - half; i <= t + half; i++) {
        sum += y[i];
    }
    return (period % 2 ? sum : sum - (y[t - half] + y[t + half]) / 2) / period;
}

/* Ratios of each place of the season to the moving average, with mean 1. False when one
 * would be nothing, so that dividing by it says nothing. */
static bool season_indices(const double *y, int n, int period, double *index) {
    int half = period / 2, seen[FORECAST_PERIOD_MOST] = {0};
    memset(index, 0, sizeof *index * (size_t)period);
    for (int t = half; t < n - half; t++) {
        double average = moving_average(y, t, period);
        if (average > 0) {
            index[t % period] += y[t] / average;
            seen[t % period]++;
        }
    }
    for (int k = 0; k < period; k++) {
        index[k] = seen[k] ? index[k] / seen[k] : 1;
    }
    double mean = mean_of(index, period);
    bool usable = mean > 0;
    for (int k = 0; k < period; k++) {
        index[k] /= usable ? mean : 1;
        usable = usable && index[k] > 0.01;
    }
    return usable;
}

/* Theta */

struct line {
    double start, slope;
};

/* Least squares through (0, y[0]), (1, y[1]) … */
static struct line line_through(const double *y, int n) {
    double middle = (n - 1) / 2.0, mean = mean_of(y, n), above = 0, below = 0;
    for (int t = 0; t < n; t++) {
        above += (t - middle) * (y[t] - mean);
        below += (t - middle) * (t - middle);
    }
    double slope = below > 0 ? above / below : 0;
    return (struct line){mean - slope * middle, slope};
}

/* A series and what a method was found to fit it with. */
struct smoothing {
    const double *y;
    int n;
    struct line begin; /* of the damped trend */
    double level, trend, squares;
};

/* Simple exponential smoothing from the first value on. */
static double smooth(struct smoothing *s, double alpha) {
    s->level = s->y[0];
    s->squares = 0;
    for (int t = 1; t < s->n; t++) {
        double error = s->y[t] - s->level;
        s->squares += error * error;
        s->level += alpha * error;
    }
    return s->squares;
}

/* Golden section over the smoothing constant. */
static double best_alpha(struct smoothing *s) {
    const double ratio = (sqrt(5) - 1) / 2;
    double low = 0.01, high = 0.99;
    while (high - low > 1e-6) {
        double left = high - ratio * (high - low), right = low + ratio * (high - low);
        if (smooth(s, left) < smooth(s, right)) {
            high = right;
        } else {
            low = left;
        }
    }
    return (low + high) / 2;
}

static void theta(struct arena *a, const double *y, int n, double *steps, int horizon) {
    struct line line = line_through(y, n);
    double *doubled = ARENA_NEW_ARRAY(a, (size_t)n, double);
    for (int t = 0; t < n; t++) {
        doubled[t] = 2 * y[t] - (line.start + line.slope * t);
    }
    struct smoothing s = {.y = doubled, .n = n};
    smooth(&s, best_alpha(&s));
    for (int k = 0; k < horizon; k++) {
        steps[k] = (s.level + line.start + line.slope * (n + k)) / 2;
    }
}

/* Damped trend */

enum { ALPHA, BETA, PHI, LEVEL, TREND, PARAMETERS };

/* The last two move the beginning, in units of the series' range. */
static double damped_squares(unsigned n, const double *x, double *gradient, void *data) {
    struct smoothing *s = data;
    double level = s->begin.start + x[LEVEL], trend = s->begin.slope + x[TREND];
    (void)n;
    (void)gradient;
    s->squares = 0;
    for (int t = 0; t < s->n; t++) {
        double expected = level + x[PHI] * trend, error = s->y[t] - expected;
        s->squares += error * error;
        trend = x[PHI] * trend + x[ALPHA] * x[BETA] * error;
        level = expected + x[ALPHA] * error;
    }
    s->level = level;
    s->trend = trend;
    return s->squares;
}

static double range_of(const double *y, int n) {
    double low = y[0], high = y[0];
    for (int i = 1; i < n; i++) {
        low = fmin(low, y[i]);
        high = fmax(high, y[i]);
    }
    return high - low;
}

/* Nelder and Mead (1965), by NLopt, from usual values. */
static void damped_fit(struct smoothing *s, double *x) {
    double range = range_of(s->y, s->n);
    double low[PARAMETERS] = {0.001, 0.001, 0.8, -range, -range};
    double high[PARAMETERS] = {0.999, 0.999, 0.98, range, range};
    double step[PARAMETERS] = {0.1, 0.1, 0.05, range / 10, range / s->n};
    double squares;
    nlopt_opt search = nlopt_create(NLOPT_LN_NELDERMEAD, PARAMETERS);
    if (range > 0 && search) {
        nlopt_set_lower_bounds(search, low);
        nlopt_set_upper_bounds(search, high);
        nlopt_set_initial_step(search, step);
        nlopt_set_min_objective(search, damped_squares, s);
        nlopt_set_ftol_rel(search, 1e-7);
        nlopt_set_maxeval(search, 600);
        nlopt_optimize(search, x, &squares);
    }
    nlopt_destroy(search);
    damped_squares(PARAMETERS, x, NULL, s);
}

/* Steps ahead, and the standard deviation of each: errors one step ahead grow as the level takes
 * them in (Hyndman and others 2008, 6.1). */
static void damped(const double *y, int n, double *steps, double *spread, int horizon) {
    int first = n < 10 ? n : 10;
    double x[PARAMETERS] = {0.5, 0.12, 0.93, 0, 0}, sum = 0, power = 1, variance = 1;
    struct smoothing s = {.y = y, .n = n, .begin = line_through(y, first)};
    damped_fit(&s, x);
    double sigma = sqrt(s.squares / (n > PARAMETERS ? n - PARAMETERS : 1));
    for (int k = 0; k < horizon; k++) {
        power *= x[PHI];
        sum += power;
        steps[k] = s.level + sum * s.trend;
        spread[k] = sigma * sqrt(variance);
        double taken = x[ALPHA] * (1 + x[BETA] * sum);
        variance += taken * taken;
    }
}

/* Both together */

static struct forecast too_little(struct arena *a, const double *values, int n, int horizon) {
    double mean = mean_of(values, n), squares = 0;
    for (int i = 0; i < n; i++) {
        squares += (values[i] - mean) * (values[i] - mean);
    }
    double spread = n > 1 ? range_width * sqrt(squares / (n - 1) * (1 + 1.0 / n)) : fabs(mean);
    struct forecast out = {.steps = ARENA_NEW_ARRAY(a, (size_t)horizon, struct forecast_step),
                           .horizon = horizon};
    for (int k = 0; k < horizon; k++) {
        out.steps[k] = (struct forecast_step){mean, mean - spread, mean + spread};
    }
    return out;
}

static struct forecast combine(struct arena *a, const double *y, int n, int horizon) {
    struct forecast out = {.steps = ARENA_NEW_ARRAY(a, (size_t)horizon, struct forecast_step),
                           .horizon = horizon,
                           .enough = true};
    double *first = ARENA_NEW_ARRAY(a, (size_t)horizon, double);
    double *second = ARENA_NEW_ARRAY(a, (size_t)horizon, double);
    double *spread = ARENA_NEW_ARRAY(a, (size_t)horizon, double);
    theta(a, y, n, first, horizon);
    damped(y, n, second, spread, horizon);
    for (int k = 0; k < horizon; k++) {
        double value = (first[k] + second[k]) / 2, half = range_width * spread[k];
        out.steps[k] = (struct forecast_step){value, value - half, value + half};
    }
    return out;
}

static void step_scale(struct forecast_step *s, double factor, bool positive) {
    s->value *= factor;
    s->low *= factor;
    s->high *= factor;
    if (positive) {
        s->value = fmax(s->value, 0);
        s->low = fmax(s->low, 0);
        s->high = fmax(s->high, 0);
    }
}

struct forecast forecast_series(struct arena *a, const struct series *s, int horizon) {
    double index[FORECAST_PERIOD_MOST];
    if (s->n < FORECAST_LEAST) {
        return too_little(a, s->values, s->n, horizon);
    }
    bool seasonal = season_found(s->values, s->n, s->period) &&
                    season_indices(s->values, s->n, s->period, index);
    double *y = ARENA_NEW_ARRAY(a, (size_t)s->n, double);
    for (int t = 0; t < s->n; t++) {
        y[t] = s->values[t] / (seasonal ? index[t % s->period] : 1);
    }
    struct forecast out = combine(a, y, s->n, horizon);
    out.seasonal = seasonal;
    for (int k = 0; k < horizon; k++) {
        step_scale(&out.steps[k], seasonal ? index[(s->n + k) % s->period] : 1, s->positive);
    }
    return out;
}

void forecast_naive(const struct series *s, double *steps, int horizon) {
    int season = s->period > 0 && s->n >= s->period ? s->period : 1;
    for (int k = 0; k < horizon; k++) {
        steps[k] = s->n > 0 ? s->values[s->n - season + k % season] : 0;
    }
}

/* One origin: what came against what would have been said. */
struct comparison {
    double error, naive_error, total, inside;
};

static void compare(struct arena *a, const struct series *known, const double *came, int horizon,
                    struct comparison *sum) {
    struct arena_mark mark = arena_mark(a);
    struct forecast f = forecast_series(a, known, horizon);
    double *naive = ARENA_NEW_ARRAY(a, (size_t)horizon, double);
    forecast_naive(known, naive, horizon);
    for (int k = 0; k < horizon; k++) {
        sum->error += fabs(came[k] - f.steps[k].value);
        sum->naive_error += fabs(came[k] - naive[k]);
        sum->total += fabs(came[k]);
        sum->inside += came[k] >= f.steps[k].low && came[k] <= f.steps[k].high;
    }
    arena_reset(a, mark);
}

struct forecast_record forecast_backtest(struct arena *a, const struct series *s, int horizon,
                                         int origins) {
    struct forecast_record record = {0};
    struct comparison sum = {0};
    struct series known = *s;
    int least = s->period + FORECAST_LEAST;
    for (int from = s->n - horizon; from >= least && record.origins < origins; from--) {
        known.n = from;
        compare(a, &known, s->values + from, horizon, &sum);
        record.origins++;
    }
    if (record.origins && sum.total > 0) {
        record.wape = sum.error / sum.total;
        record.naive_wape = sum.naive_error / sum.total;
        record.inside = sum.inside / (record.origins * horizon);
    }
    return record;
}
