/* Kaplan-Meier and the comparison of shares against published results. */
#include "base_fixture.h"

#include <math.h>

#include "statistics/contrast.h"
#include "statistics/survival.h"

/* Freireich and others, Blood 21 (1963): weeks in remission of 21 children given 6-MP, nine of
 * whom had a relapse, and of 21 given a placebo, all of whom had one. */
static const struct survival_time mercaptopurine[] = {
    {6, 3, 1},  {7, 1, 0},  {9, 0, 1},  {10, 1, 1}, {11, 0, 1}, {13, 1, 0}, {16, 1, 0}, {17, 0, 1},
    {19, 0, 1}, {20, 0, 1}, {22, 1, 0}, {23, 1, 0}, {25, 0, 1}, {32, 0, 2}, {34, 0, 1}, {35, 0, 1}};
static const struct survival_time placebo[] = {{1, 2, 0},  {2, 2, 0},  {3, 1, 0},  {4, 2, 0},
                                               {5, 2, 0},  {8, 4, 0},  {11, 2, 0}, {12, 2, 0},
                                               {15, 1, 0}, {17, 1, 0}, {22, 1, 0}, {23, 1, 0}};
#define N(times) (sizeof(times) / sizeof *(times))

static void remissions_last_as_published(void **state) {
    (void)state;
    assert_true(survival_quantile(mercaptopurine, N(mercaptopurine), 0.5) == 23);
    assert_true(survival_quantile(placebo, N(placebo), 0.5) == 8);
    assert_true(fabs(survival_share(mercaptopurine, N(mercaptopurine), 6) - 0.857) < 0.0005);
    assert_true(fabs(survival_share(mercaptopurine, N(mercaptopurine), 10) - 0.753) < 0.0005);
    assert_true(fabs(survival_share(mercaptopurine, N(mercaptopurine), 23) - 0.448) < 0.0005);
}

static void what_was_not_seen_is_not_told(void **state) {
    (void)state;
    assert_true(isnan(survival_quantile(mercaptopurine, N(mercaptopurine), 0.9)));
    assert_true(isnan(survival_quantile(NULL, 0, 0.5)));
    const struct survival_time waiting[] = {{5, 0, 7}};
    assert_true(isnan(survival_quantile(waiting, 1, 0.5)));
    assert_true(survival_share(waiting, 1, 5) == 1);
}

/* Bickel, Hammel and O'Connell, Science 187 (1975): applicants to Berkeley in 1973, chi-square
 * 110.8. */
static void berkeley_admits_as_published(void **state) {
    (void)state;
    const struct contrast_group groups[] = {{8442, 3738}, {4321, 1494}};
    struct contrast women = contrast_of(groups, 2, 1);
    assert_true(fabs(women.chi_square - 110.8) < 0.1);
    assert_true(women.p < 1e-20);
    assert_true(fabs(women.rate - 0.3458) < 0.0005 && fabs(women.rest - 0.4428) < 0.0005);
    assert_true(fabs(women.missing - 419.3) < 0.5);
}

static void groups_without_others_say_nothing(void **state) {
    (void)state;
    const struct contrast_group alone[] = {{50, 10}};
    const struct contrast_group all[] = {{50, 50}, {20, 20}};
    assert_true(contrast_of(alone, 1, 0).p == 1);
    assert_true(contrast_of(all, 2, 0).p == 1);
    assert_true(contrast_adjusted(0.02, 10) > 0.199 && contrast_adjusted(0.5, 10) == 1);
}

/* Newcombe, Statistics in Medicine 17 (1998), table II, methods 3 of one share and 10 of two. */
static void intervals_are_as_published(void **state) {
    (void)state;
    struct share_interval one = share_interval(81, 263);
    assert_true(fabs(one.low - 0.2553) < 0.0001 && fabs(one.high - 0.3662) < 0.0001);
    const struct contrast_group more = {70, 56}, fewer = {80, 48}, none = {10, 0}, empty = {0, 0};
    struct share_interval d = share_difference(&more, &fewer);
    assert_true(fabs(d.low - 0.0524) < 0.0001 && fabs(d.high - 0.3339) < 0.0001);
    struct share_interval same = share_difference(&none, &none);
    assert_true(same.low < 0 && same.high > 0);
    assert_true(share_difference(&more, &empty).low == -1 && share_interval(0, 0).high == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remissions_last_as_published),
        cmocka_unit_test(what_was_not_seen_is_not_told),
        cmocka_unit_test(berkeley_admits_as_published),
        cmocka_unit_test(groups_without_others_say_nothing),
        cmocka_unit_test(intervals_are_as_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
