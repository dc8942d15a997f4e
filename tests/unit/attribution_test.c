/*
 * Attribution: shares by hand for each model, credits to the cent for random deals, and the
 * population models against counting all orders and against simulated removal.
 */
#include "base_fixture.h"

#include <math.h>
#include <stdlib.h>

#include "statistics/attribution.h"

#define DAY INT64_C(86400000)

static const struct attribution_touch path[] = {{0, 0, false, false},
                                                {7 * DAY, 1, true, false},
                                                {10 * DAY, 2, false, false},
                                                {14 * DAY, 1, false, true},
                                                {21 * DAY, 3, false, false}};
enum { TOUCHES = sizeof path / sizeof *path };

static void shares_are(enum attribution_model model, const double *expected) {
    double shares[TOUCHES];
    attribution_shares(model, path, TOUCHES, 21 * DAY, shares);
    for (int i = 0; i < TOUCHES; i++) {
        assert_true(fabs(shares[i] - expected[i]) < 1e-9);
    }
}

static void models_share_as_they_say(void **state) {
    (void)state;
    double nearness[] = {0.125, 0.25, exp2(-11.0 / 7), 0.5, 1}, sum = 0;
    for (int i = 0; i < TOUCHES; i++) {
        sum += nearness[i];
    }
    for (int i = 0; i < TOUCHES; i++) {
        nearness[i] /= sum;
    }
    shares_are(ATTRIBUTION_FIRST, (double[]){1, 0, 0, 0, 0});
    shares_are(ATTRIBUTION_LAST, (double[]){0, 0, 0, 0, 1});
    shares_are(ATTRIBUTION_LINEAR, (double[]){0.2, 0.2, 0.2, 0.2, 0.2});
    shares_are(ATTRIBUTION_DECAY, nearness);
    shares_are(ATTRIBUTION_U, (double[]){0.4, 0.4, 0.2 / 3, 0.2 / 3, 0.2 / 3});
    shares_are(ATTRIBUTION_W, (double[]){0.3, 0.3, 0.05, 0.3, 0.05});
    shares_are(ATTRIBUTION_FULL, (double[]){0.225, 0.225, 0.1, 0.225, 0.225});
}

static void keys_that_fall_together_keep_all_parts(void **state) {
    (void)state;
    double shares[2];
    const struct attribution_touch one[] = {{0, 0, true, true}, {DAY, 1, false, false}};
    attribution_shares(ATTRIBUTION_W, one, 2, DAY, shares);
    assert_true(fabs(shares[0] - 0.9) < 1e-9 && fabs(shares[1] - 0.1) < 1e-9);
    attribution_shares(ATTRIBUTION_W, one, 1, DAY, shares);
    assert_true(fabs(shares[0] - 1) < 1e-9);
    attribution_shares(ATTRIBUTION_U, one + 1, 1, DAY, shares);
    assert_true(fabs(shares[0] - 1) < 1e-9);
}

/* Each deal's credits are its revenue, in every model, and none differs from its share by a cent
 * or more. */
static void credits_are_the_revenue_to_the_cent(void **state) {
    (void)state;
    enum { DEALS = 20000, MOST = 12 };
    srandom(5);
    for (int d = 0; d < DEALS; d++) {
        struct attribution_touch touches[MOST];
        double shares[MOST];
        int64_t credits[MOST], sum = 0, at = 0;
        size_t n = 1 + (size_t)(random() % MOST);
        for (size_t i = 0; i < n; i++) {
            at += random() % (30 * DAY);
            touches[i] = (struct attribution_touch){at, (int32_t)(random() % 5), random() % 4 == 0,
                                                    random() % 6 == 0};
        }
        int64_t revenue = random() % 3 == 0 ? random() % 100 : random() * (random() % 50000);
        revenue = random() % 10 == 0 ? -revenue : revenue;
        attribution_shares((enum attribution_model)(d % ATTRIBUTION_MODELS), touches, n, at,
                           shares);
        attribution_credits(shares, n, revenue, credits);
        for (size_t i = 0; i < n; i++) {
            sum += credits[i];
            assert_true(fabs((double)credits[i] - shares[i] * (double)revenue) < 1.001);
        }
        assert_true(sum == revenue);
    }
    int64_t credits[3];
    attribution_credits((double[]){1 / 3.0, 1 / 3.0, 1 / 3.0}, 3, 100, credits);
    assert_true(credits[0] == 34 && credits[1] == 33 && credits[2] == 33);
}

/* The game's Shapley value by its definition: the mean of what a channel adds over all orders. */
static void shapley_is_the_mean_over_all_orders(void **state) {
    (void)state;
    static const int32_t a[] = {0, 1, 0}, b[] = {1}, c[] = {0, 1, 2}, d[] = {2}, e[] = {0, 2};
    const struct attribution_path paths[] = {{a, 3, true},  {b, 1, true}, {c, 3, true},
                                             {d, 1, false}, {e, 2, true}, {b, 1, true}};
    static const unsigned sets[] = {3, 2, 7, 4, 5, 2};
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    double expected[3] = {0}, weights[3];
    for (int o = 0; o < 6; o++) {
        unsigned have = 0;
        for (int i = 0; i < 3; i++) {
            unsigned with = have | 1u << orders[o][i];
            for (int p = 0; p < 6; p++) {
                bool gained = (sets[p] & ~with) == 0 && (sets[p] & ~have) != 0;
                expected[orders[o][i]] += gained && paths[p].converted ? 1 / 6.0 : 0;
            }
            have = with;
        }
    }
    attribution_shapley(paths, 6, 3, weights);
    for (int k = 0; k < 3; k++) {
        assert_true(fabs(weights[k] - expected[k] / 5) < 1e-9); /* five deals */
    }
}

/* start → 0 → deal half the time; start → 1 → 0: without 0 nothing converts, without 1 half is
 * lost of what came that way. By hand: P = 1/2; without 0: 0; without 1: 1/4. */
static void markov_weighs_what_would_be_lost(void **state) {
    (void)state;
    static const int32_t direct[] = {0}, round[] = {1, 0};
    const struct attribution_path paths[] = {
        {direct, 1, true}, {direct, 1, false}, {round, 2, true}, {round, 2, false}};
    double weights[3];
    attribution_markov(&test_arena, paths, 4, 3, weights);
    assert_true(fabs(weights[0] - 1 / 1.5) < 1e-6);
    assert_true(fabs(weights[1] - 0.5 / 1.5) < 1e-6);
    assert_true(weights[2] == 0);
    const struct attribution_path lost[] = {{direct, 1, false}};
    attribution_markov(&test_arena, lost, 1, 3, weights);
    assert_true(weights[0] == 0 && weights[1] == 0);
}

static void weights_are_shared_out_over_a_deals_own_touches(void **state) {
    (void)state;
    double shares[TOUCHES];
    attribution_weigh(path, TOUCHES, (double[]){0.2, 0.1, 0.3, 0.3}, shares);
    assert_true(fabs(shares[0] - 0.2) < 1e-9 && fabs(shares[1] - 0.1) < 1e-9);
    assert_true(fabs(shares[3] - 0.1) < 1e-9);
    attribution_weigh(path, TOUCHES, (double[]){0, 0, 0, 0}, shares);
    assert_true(fabs(shares[2] - 0.2) < 1e-9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(models_share_as_they_say),
        TEST(keys_that_fall_together_keep_all_parts),
        TEST(credits_are_the_revenue_to_the_cent),
        TEST(shapley_is_the_mean_over_all_orders),
        TEST(markov_weighs_what_would_be_lost),
        TEST(weights_are_shared_out_over_a_deals_own_touches),
    };
    return cmocka_run_group_tests_name("attribution", tests, NULL, NULL);
}
