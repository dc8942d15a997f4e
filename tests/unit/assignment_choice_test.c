/* Who of several gets the next lead. */
#include "base_fixture.h"

#include <stdlib.h>

#include "sales/assignment_choice.h"

enum { N = 3 };

static struct assignee *fresh(void) {
    static struct assignee people[N];
    for (int i = 0; i < N; i++) {
        people[i] = (struct assignee){.user_id = i + 1, .weight = 1};
    }
    return people;
}

static void turns_go_round_and_pass_over_who_is_out(void **state) {
    (void)state;
    struct assignee *p = fresh();
    int64_t turn = 0;
    int got[N] = {0};
    p[0].out = "away";
    for (int i = 0; i < 10; i++) {
        int at = assignment_choose(STRATEGY_ROUND_ROBIN, p, N, turn);
        turn = at + 1;
        got[at]++;
    }
    /* Whoever stands behind the one who is out gets no more than the others. */
    assert_int_equal(got[0], 0);
    assert_int_equal(got[1], 5);
    assert_int_equal(got[2], 5);
    p[1].out = p[2].out = "away";
    assert_int_equal(assignment_choose(STRATEGY_ROUND_ROBIN, p, N, turn), -1);
    assert_int_equal(assignment_choose(STRATEGY_OWNER, p, N, turn), -1);
    assert_int_equal(assignment_choose(STRATEGY_WEIGHTED, p, 0, 0), -1);
}

/* The published sequence of smooth weighted round robin for weights 5, 1, 1 (nginx, commit
 * 52327e0627f4: "{ a, a, b, a, c, a, a }"). */
static void weights_are_spread_evenly(void **state) {
    (void)state;
    static const int sequence[] = {0, 0, 1, 0, 2, 0, 0};
    struct assignee *p = fresh();
    p[0].weight = 5;
    for (size_t i = 0; i < 70; i++) {
        int at = assignment_choose(STRATEGY_WEIGHTED, p, N, 0);
        assert_int_equal(at, sequence[i % 7]);
        assignment_settle(p, N, at);
    }
}

static void who_was_away_does_not_catch_up(void **state) {
    (void)state;
    struct assignee *p = fresh();
    int got[N] = {0};
    p[2].out = "away";
    for (int i = 0; i < 100; i++) {
        assignment_settle(p, N, assignment_choose(STRATEGY_WEIGHTED, p, N, 0));
    }
    p[2].out = NULL;
    for (int i = 0; i < 9; i++) {
        int at = assignment_choose(STRATEGY_WEIGHTED, p, N, 0);
        got[at]++;
        assignment_settle(p, N, at);
    }
    assert_int_equal(got[2], 3);
}

static void the_least_loaded_gets_it_and_equals_take_turns(void **state) {
    (void)state;
    struct assignee *p = fresh();
    p[0].load = 4;
    p[1].load = 2;
    p[2].load = 2;
    assert_int_equal(assignment_choose(STRATEGY_LEAST_LOADED, p, N, 0), 1);
    assert_int_equal(assignment_choose(STRATEGY_LEAST_LOADED, p, N, 2), 2);
    p[1].out = p[2].out = "full";
    assert_int_equal(assignment_choose(STRATEGY_LEAST_LOADED, p, N, 2), 0);
    assert_int_equal(assignment_choose(STRATEGY_SKILL, p, N, 2), 0);
}

/* A slice of that size, the same leads each time, and everybody alike within it. */
static void chance_is_even(void **state) {
    (void)state;
    enum { LEADS = 60000, PERCENT = 10 };
    struct assignee *p = fresh();
    int explored = 0, got[N] = {0};
    p[1].out = "away";
    for (int64_t i = 0; i < LEADS; i++) {
        int64_t id = INT64_C(251465990259347475) + i * 4096;
        if (assignment_explores(id, PERCENT)) {
            explored++;
            got[assignment_explore(p, N, assignment_seed(id))]++;
        }
        assert_false(assignment_explores(id, 0));
    }
    assert_true(explored > LEADS / 10 - 400 && explored < LEADS / 10 + 400);
    assert_int_equal(got[1], 0);
    assert_true(abs(got[0] - got[2]) < 400);
    p[0].out = p[2].out = "away";
    assert_int_equal(assignment_explore(p, N, 7), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(turns_go_round_and_pass_over_who_is_out),
        TEST(weights_are_spread_evenly),
        TEST(who_was_away_does_not_catch_up),
        TEST(the_least_loaded_gets_it_and_equals_take_turns),
        TEST(chance_is_even),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
