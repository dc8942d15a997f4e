/*
 * Forecasts of deals: what is bound to hold whatever they are, and a simulated company whose rates
 * are known.
 */
#include "base_fixture.h"

#include <math.h>

#include "statistics/deal_forecast.h"

enum { MONTHS = 24, DEALS_MOST = 8000 };

static int32_t starts[MONTHS + 1];
static struct deal deals[DEALS_MOST];

static struct deal_history history(size_t n, int groups) {
    for (int m = 0; m <= MONTHS; m++) {
        starts[m] = 1000 + 30 * m;
    }
    return (struct deal_history){deals, n, groups, 1, starts, MONTHS, 12};
}

static void the_first_deal_is_worth_something_uncertain(void **state) {
    (void)state;
    int32_t now = 1000 + 30 * 12;
    deals[0] = (struct deal){
        .begun = now - 10, .closed = DEAL_STILL_OPEN, .amount = 90000, .chance = 0.25};
    struct deal_history h = history(1, 1);
    struct deal_forecast f = deal_forecast(&test_arena, &h, (struct deal_question){12, now});
    assert_false(f.full);
    assert_int_equal(f.n_origins, 0);
    assert_true(f.total.expected > 0 && f.total.expected < 90000);
    assert_true(f.total.low >= 0 && f.total.low < f.total.expected / 2);
    assert_true(f.total.high > 1.5 * f.total.expected);
    deals[0].chance = 0.9; /* a later stage is worth more */
    double more = deal_forecast(&test_arena, &h, (struct deal_question){12, now}).total.open;
    assert_true(more > f.total.open);
    deals[0].expected = now + 20; /* and more when it is said to close in the period */
    assert_true(deal_forecast(&test_arena, &h, (struct deal_question){12, now}).total.open > more);
    deals[0].expected = now + 40; /* and less when it is said to close after it */
    assert_true(deal_forecast(&test_arena, &h, (struct deal_question){12, now}).total.open < more);
}

static void nothing_is_forecast_of_nothing(void **state) {
    (void)state;
    struct deal_history h = history(0, 2);
    struct deal_forecast f = deal_forecast(&test_arena, &h, (struct deal_question){3, 1000 + 95});
    assert_true(f.total.expected == 0 && f.total.low == 0 && f.total.high == 0);
}

/* A credit note among the deals: the range holds what is expected all the same. */
static void a_negative_amount_stays_within_its_range(void **state) {
    (void)state;
    int32_t now = 1000 + 30 * 12;
    deals[0] = (struct deal){
        .begun = now - 10, .closed = DEAL_STILL_OPEN, .amount = -90000, .chance = 0.25};
    struct deal_history h = history(1, 1);
    struct deal_outlook t = deal_forecast(&test_arena, &h, (struct deal_question){12, now}).total;
    assert_true(t.expected < 0);
    assert_true(t.low <= t.expected && t.expected <= t.high);
}

static double uniform(void) {
    static uint64_t x = 88172645463325252ULL;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (double)(x >> 11) / 9007199254740992.0;
}

/* Four deals a day in two groups, one in three won, closed on each day with a chance of 1 in 70; of
 * those that close on or after the day only what was known then. */
static size_t simulate(int32_t now, double *came) {
    size_t n = 0;
    for (int32_t day = 700; day < 1000 + 30 * MONTHS; day++) {
        for (int k = 0; k < 4 && n < DEALS_MOST; k++) {
            int32_t closed = day;
            while (uniform() > 1.0 / 70) {
                closed++;
            }
            bool won = uniform() < 1.0 / 3;
            double amount = 1000 * (0.5 + uniform());
            int32_t group = k % 2;
            if (won && closed >= now && closed < now + 30) {
                came[group] += amount;
            }
            if (day < now) {
                bool known = closed < now;
                deals[n++] = (struct deal){.begun = day,
                                           .closed = known ? closed : DEAL_STILL_OPEN,
                                           .won = known && won,
                                           .group = group,
                                           .amount = known && won ? amount : NAN,
                                           .chance = NAN};
            }
        }
    }
    return n;
}

static void a_steady_company_is_forecast_well(void **state) {
    (void)state;
    int inside = 0, trials = 0;
    double error = 0, naive = 0, all = 0;
    for (int m = 12; m < 22; m++) {
        int32_t now = 1000 + 30 * m;
        double came[2] = {0};
        size_t n = simulate(now, came);
        struct deal_history h = history(n, 2);
        struct arena_mark mark = arena_mark(&test_arena);
        struct deal_forecast f = deal_forecast(&test_arena, &h, (struct deal_question){m, now});
        assert_true(f.full);
        assert_int_equal(f.n_origins, DEAL_ORIGINS);
        for (int g = 0; g < 2; g++) {
            inside += came[g] >= f.groups[g].low && came[g] <= f.groups[g].high;
            error += fabs(f.groups[g].expected - came[g]);
            naive += fabs(f.groups[g].naive - came[g]);
            all += came[g];
            trials++;
        }
        arena_reset(&test_arena, mark);
    }
    assert_true(error / all < 0.2);
    assert_true(error < naive);
    assert_true(inside >= trials * 7 / 10);
}

static void what_is_won_already_counts_in_full(void **state) {
    (void)state;
    int32_t now = 1000 + 30 * 12 + 29;
    double came[2] = {0};
    size_t n = simulate(now, came);
    struct deal_history h = history(n, 2);
    struct deal_forecast f = deal_forecast(&test_arena, &h, (struct deal_question){12, now});
    assert_true(f.total.closed > 0 && f.total.low >= f.total.closed);
    /* One day of thirty is left: at most a seventh of the month may come. */
    assert_true(f.total.expected < f.total.closed * 1.15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_first_deal_is_worth_something_uncertain), TEST(nothing_is_forecast_of_nothing),
        TEST(a_negative_amount_stays_within_its_range),    TEST(a_steady_company_is_forecast_well),
        TEST(what_is_won_already_counts_in_full),
    };
    return cmocka_run_group_tests_name("deal_forecast", tests, NULL, NULL);
}
