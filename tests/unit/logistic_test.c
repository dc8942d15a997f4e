/*
 * Logistic regression on simulated rows whose true chances are known.
 */
#include "base_fixture.h"

#include <math.h>
#include <stdlib.h>

#include "base/context.h"
#include "statistics/logistic.h"

enum { ROWS = 6000 };

static double visits[ROWS];
static struct str source[ROWS], after[ROWS];
static bool bought[ROWS];
static double chance[ROWS];

static double uniform(void) {
    return random() / ((double)RAND_MAX + 1);
}

/* Chances rise with visits up to 10 and fall again, are higher for 转介绍, and visits are missing for
 * some. What sales noted afterwards is the outcome itself. */
static struct logistic_table simulate(void) {
    static struct logistic_column columns[] = {{{"visits", 6}, visits, NULL},
                                               {{"source", 6}, NULL, source}};
    srandom(11);
    for (int i = 0; i < ROWS; i++) {
        bool referred = uniform() < 0.3, missing = uniform() < 0.1;
        double v = uniform() * 20, odds = -1 + (referred ? 1.5 : 0);
        odds += missing ? 0 : 2 - 0.04 * (v - 10) * (v - 10);
        visits[i] = missing ? NAN : v;
        source[i] = referred ? STR("转介绍") : STR("官网");
        chance[i] = 1 / (1 + exp(-odds));
        bought[i] = uniform() < chance[i];
        after[i] = bought[i] ? STR("已签约") : uniform() < 0.5 ? STR("无意向") : STR("");
    }
    return (struct logistic_table){columns, 2, ROWS, bought};
}

static void chances_come_near_the_true_ones(void **state) {
    (void)state;
    struct logistic_table t = simulate();
    struct logistic_model *m = logistic_fit(&test_arena, &t, NULL);
    double error = 0;
    assert_non_null(m);
    for (size_t i = 0; i < ROWS; i++) {
        error += fabs(logistic_probability(m, &t, i) - chance[i]) / ROWS;
    }
    assert_true(error < 0.05);
}

static void unseen_rows_are_judged_beside_the_trivial_answer(void **state) {
    (void)state;
    static double p[ROWS];
    struct logistic_table t = simulate();
    struct logistic_quality q = logistic_validate(&test_arena, &t, 5, 1, p);
    double best = logistic_auc(&test_arena, chance, bought, ROWS);
    assert_true(q.enough && q.auc > best - 0.01 && q.auc <= best + 0.01);
    assert_true(q.log_loss < q.baseline_log_loss && q.accuracy > q.baseline_accuracy);
    double said = 0, came = 0; /* calibrated: of those above one half as many buy as was said */
    for (size_t i = 0; i < ROWS; i++) {
        said += p[i] > 0.5 ? p[i] : 0;
        came += p[i] > 0.5 ? bought[i] : 0;
    }
    assert_true(fabs(said / came - 1) < 0.05);
    /* Noise is not taken for knowledge. */
    for (size_t i = 0; i < ROWS; i++) {
        bought[i] = uniform() < 0.3;
    }
    q = logistic_validate(&test_arena, &t, 5, 1, NULL);
    assert_true(fabs(q.auc - 0.5) < 0.03);
}

/* With the reasons a row's odds are those of the mean row plus what is added. */
static void reasons_add_up(void **state) {
    (void)state;
    struct logistic_table t = simulate();
    struct logistic_model *m = logistic_fit(&test_arena, &t, NULL);
    double rest = NAN, mean = 0;
    for (size_t i = 0; i < ROWS; i++) {
        double added[2], p = logistic_probability(m, &t, i);
        logistic_reasons(m, &t, i, added);
        double without = log(p / (1 - p)) - added[0] - added[1];
        assert_true(isnan(rest) || fabs(without - rest) < 1e-9);
        rest = without;
        mean += added[1] / ROWS;
        assert_true((added[1] > 0) == str_is(source[i], "转介绍"));
    }
    assert_true(fabs(mean) < 1e-9);
}

static void values_never_seen_and_missing_do_no_harm(void **state) {
    (void)state;
    struct logistic_table t = simulate();
    struct logistic_model *m = logistic_fit(&test_arena, &t, NULL);
    source[0] = STR("从未见过");
    visits[0] = NAN;
    visits[1] = 1e300;
    assert_true(isfinite(logistic_probability(m, &t, 0)));
    assert_true(isfinite(logistic_probability(m, &t, 1)));
}

static void too_little_data_gives_no_model(void **state) {
    (void)state;
    struct logistic_table t = simulate();
    t.rows = LOGISTIC_ROWS_LEAST - 1;
    assert_null(logistic_fit(&test_arena, &t, NULL));
    t.rows = 200;
    for (int i = 0; i < 200; i++) {
        bought[i] = i < 5;
    }
    assert_null(logistic_fit(&test_arena, &t, NULL));
    assert_false(logistic_validate(&test_arena, &t, 5, 1, NULL).enough);
}

static void auc_counts_ties_half(void **state) {
    (void)state;
    const double scores[] = {1, 2, 2, 3};
    const bool outcomes[] = {false, true, false, true};
    assert_true(fabs(logistic_auc(&test_arena, scores, outcomes, 4) - 0.875) < 1e-12);
    assert_true(logistic_auc(&test_arena, scores, (const bool[4]){0}, 4) == 0.5);
}

static void what_was_filled_in_afterwards_is_found_out(void **state) {
    (void)state;
    struct logistic_table t = simulate();
    struct logistic_column columns[] = {t.columns[0], t.columns[1], {STR("note"), NULL, after}};
    t.columns = columns;
    t.n_columns = 3;
    assert_false(logistic_leak(&test_arena, &t, 0).leaks);
    assert_false(logistic_leak(&test_arena, &t, 1).leaks);
    struct logistic_leak leak = logistic_leak(&test_arena, &t, 2);
    assert_true(leak.leaks && leak.decided > 0.5 && leak.auc > 0.9);
}

/* A model read back from its text tells every row the same. */
static void a_model_survives_being_kept(void **state) {
    (void)state;
    struct ctx c = {.arena = &test_arena};
    struct arena *a = &test_arena;
    struct logistic_table t = simulate();
    struct logistic_model *m = logistic_fit(a, &t, NULL);
    struct logistic_model *again = logistic_restore(&c, logistic_store(a, m));
    assert_non_null(again);
    for (size_t i = 0; i < t.rows; i += 7) {
        double told = logistic_probability(m, &t, i), kept = logistic_probability(again, &t, i);
        assert_true(fabs(told - kept) < 1e-9);
    }
    assert_null(logistic_restore(&c, STR("{\"weights\":[1],\"columns\":[{\"first\":9}]}")));
    assert_null(logistic_restore(&c, STR("{}")));
}

/* Chances told too boldly are drawn in until they mean what they say. */
static void chances_are_calibrated(void **state) {
    (void)state;
    static double bold[ROWS];
    simulate();
    double bold_off = 0, off = 0, told = 0, came = 0;
    for (int i = 0; i < ROWS; i++) {
        double odds = log(chance[i] / (1 - chance[i]));
        bold[i] = 1 / (1 + exp(-(3 * odds + 1)));
    }
    struct logistic_calibration k = logistic_calibrate(&test_arena, bold, bought, ROWS);
    for (int i = 0; i < ROWS; i++) {
        double p = logistic_calibrated(k, bold[i]);
        bold_off += fabs(bold[i] - chance[i]) / ROWS;
        off += fabs(p - chance[i]) / ROWS;
        told += p;
        came += bought[i];
    }
    assert_true(off < 0.02 && bold_off > 0.1);
    assert_true(fabs(told - came) < 5);
    assert_true(fabs(k.slope - 1.0 / 3) < 0.05);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(chances_come_near_the_true_ones),
        TEST(unseen_rows_are_judged_beside_the_trivial_answer),
        TEST(reasons_add_up),
        TEST(values_never_seen_and_missing_do_no_harm),
        TEST(too_little_data_gives_no_model),
        TEST(auc_counts_ties_half),
        TEST(what_was_filled_in_afterwards_is_found_out),
        TEST(a_model_survives_being_kept),
        TEST(chances_are_calibrated),
    };
    return cmocka_run_group_tests_name("logistic", tests, NULL, NULL);
}
