/*
 * Forecasts of series whose continuation is known, and how the record of past forecasts is kept.
 */
#include "base_fixture.h"

#include <math.h>
#include <stdlib.h>

#include "statistics/forecast.h"

enum { N = 60 };

/* Both methods trust a trend only in part, so it rises a little less than the line. */
static void a_straight_line_goes_on(void **state) {
    (void)state;
    double y[N];
    for (int t = 0; t < N; t++) {
        y[t] = 100 + 2 * t;
    }
    struct forecast f = forecast_series(&test_arena, &(struct series){y, N, 12, true}, 6);
    assert_true(f.enough && !f.seasonal);
    for (int k = 0; k < 6; k++) {
        assert_true(fabs(f.steps[k].value / (100 + 2 * (N + k)) - 1) < 0.03);
        assert_true(f.steps[k].value > (k ? f.steps[k - 1].value : y[N - 1]));
        assert_true(f.steps[k].low <= f.steps[k].value && f.steps[k].value <= f.steps[k].high);
    }
}

static double season(int t) {
    static const double of[12] = {0.6, 0.7, 1.0, 1.1, 1.2, 1.3, 0.9, 0.8, 1.1, 1.2, 1.0, 1.1};
    return of[t % 12];
}

static void a_season_is_found_and_put_back(void **state) {
    (void)state;
    double y[N];
    for (int t = 0; t < N; t++) {
        y[t] = (500 + 3 * t) * season(t);
    }
    struct forecast f = forecast_series(&test_arena, &(struct series){y, N, 12, true}, 12);
    assert_true(f.seasonal);
    for (int k = 0; k < 12; k++) {
        double came = (500 + 3 * (N + k)) * season(N + k);
        assert_true(fabs(f.steps[k].value / came - 1) < 0.05);
    }
}

static double normal(void) {
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        sum += random() / ((double)RAND_MAX + 1);
    }
    return sum - 6;
}

/* A level that wanders: the best forecast is the level, and four of five outcomes must
 * fall into the range at every step. */
static void the_range_holds_what_it_says(void **state) {
    (void)state;
    enum { SERIES = 400, STEPS = 6 };
    int inside[STEPS] = {0};
    srandom(3);
    for (int s = 0; s < SERIES; s++) {
        double y[N + STEPS], level = 1000;
        for (int t = 0; t < N + STEPS; t++) {
            level += 10 * normal();
            y[t] = level + 20 * normal();
        }
        struct forecast f = forecast_series(&test_arena, &(struct series){y, N, 1, true}, STEPS);
        for (int k = 0; k < STEPS; k++) {
            inside[k] += y[N + k] >= f.steps[k].low && y[N + k] <= f.steps[k].high;
        }
    }
    for (int k = 0; k < STEPS; k++) {
        assert_true(inside[k] > 0.70 * SERIES && inside[k] < 0.90 * SERIES);
    }
}

static void few_values_say_so(void **state) {
    (void)state;
    double y[] = {10, 14, 12};
    struct forecast f = forecast_series(&test_arena, &(struct series){y, 3, 12, true}, 2);
    assert_false(f.enough);
    assert_true(fabs(f.steps[0].value - 12) < 1e-9 && f.steps[1].low < 10);
    f = forecast_series(&test_arena, &(struct series){y, 0, 12, true}, 1);
    assert_false(f.enough);
    assert_true(f.steps[0].value == 0);
}

static void nothing_falls_below_zero(void **state) {
    (void)state;
    double y[24];
    for (int t = 0; t < 24; t++) {
        y[t] = t < 20 ? 100 - 5 * t : 0;
    }
    struct forecast f = forecast_series(&test_arena, &(struct series){y, 24, 12, true}, 12);
    for (int k = 0; k < 12; k++) {
        assert_true(f.steps[k].low >= 0 && f.steps[k].value >= 0);
    }
    f = forecast_series(&test_arena, &(struct series){(double[24]){0}, 24, 12, true}, 3);
    assert_true(f.steps[2].value == 0 && f.steps[2].high == 0);
}

static void the_naive_forecast_is_the_season_before(void **state) {
    (void)state;
    double y[] = {1, 2, 3, 4, 5, 6, 7, 8}, steps[6];
    forecast_naive(&(struct series){y, 8, 4, true}, steps, 6);
    assert_true(steps[0] == 5 && steps[3] == 8 && steps[4] == 5);
    forecast_naive(&(struct series){y, 3, 4, true}, steps, 2);
    assert_true(steps[0] == 3 && steps[1] == 3);
}

/* What is looked back at is known only as it was known then. */
static void the_record_compares_with_the_naive(void **state) {
    (void)state;
    double y[N];
    for (int t = 0; t < N; t++) {
        y[t] = (500 + 12 * t) * season(t);
    }
    struct forecast_record r = forecast_backtest(&test_arena, &(struct series){y, N, 12, true}, 3,
                                                 10);
    assert_int_equal(r.origins, 10);
    assert_true(r.wape < 0.05 && r.naive_wape > 0.10 && r.inside >= 0 && r.inside <= 1);
    double before = r.wape;
    y[N - 1] *= 10; /* only the last outcome of the last origin */
    r = forecast_backtest(&test_arena, &(struct series){y, N, 12, true}, 3, 10);
    assert_true(r.wape > before);
    r = forecast_backtest(&test_arena, &(struct series){y, 12, 12, true}, 3, 10);
    assert_int_equal(r.origins, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_straight_line_goes_on),
        TEST(a_season_is_found_and_put_back),
        TEST(the_range_holds_what_it_says),
        TEST(few_values_say_so),
        TEST(nothing_falls_below_zero),
        TEST(the_naive_forecast_is_the_season_before),
        TEST(the_record_compares_with_the_naive),
    };
    return cmocka_run_group_tests_name("forecast", tests, NULL, NULL);
}
