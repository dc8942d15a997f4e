/* Ids that sort by time and never repeat. */
#include "base_fixture.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"

enum { THREADS = 4, EACH = 20000 };

static int64_t ids[THREADS][EACH];

static void *make_ids(void *of) {
    for (int i = 0; i < EACH; i++) {
        ((int64_t *)of)[i] = id_new();
    }
    return NULL;
}

static int by_value(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void threads_never_make_the_same_id(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, make_ids, ids[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        for (int k = 1; k < EACH; k++) {
            assert_true(ids[i][k] > ids[i][k - 1]);
        }
    }
    int64_t *all = &ids[0][0];
    qsort(all, (size_t)THREADS * EACH, sizeof *all, by_value);
    for (int i = 1; i < THREADS * EACH; i++) {
        assert_true(all[i] > all[i - 1]);
    }
}

static void an_id_knows_its_time_and_node(void **state) {
    (void)state;
    id_node(5);
    clock_advance(MS_DAY);
    int64_t before = clock_now_ms(), id = id_new(), after = clock_now_ms();
    assert_true(id_time(id) >= before && id_time(id) <= after);
    assert_int_equal(id >> 12 & 1023, 5);
    assert_true(id_at(id_time(id)) <= id && id_at(id_time(id) + 1) > id);
    assert_int_equal(id_at(INT64_C(1735689600001)), INT64_C(1) << 22);
    assert_int_equal(id_at(INT64_MAX), INT64_MAX);
    assert_int_equal(id_at(INT64_MIN), 0);
}

static void a_clock_that_goes_back_makes_no_smaller_ids(void **state) {
    (void)state;
    int64_t last = id_new();
    clock_advance(-MS_HOUR);
    assert_true(id_new() > last);
    clock_advance(MS_HOUR);
    assert_true(id_new() > last);
}

/* A span lent to another process ends where the next one's begins. */
static void ids_stay_within_the_span_of_their_number(void **state) {
    (void)state;
    int64_t now = clock_now_ms(), from = now + MS_HOUR, until = from + 2;
    id_lend(7, from, until);
    for (int i = 0; i < 2 * 4096 - 2; i++) {
        int64_t id = id_new();
        assert_int_equal(id >> 12 & 1023, 7);
        assert_true(id > id_at(from) && id < id_at(until));
    }
    assert_true(id_newest() < until);
}

static void *make_one(void *id) {
    *(int64_t *)id = id_new();
    return NULL;
}

static void a_used_span_is_waited_for(void **state) {
    (void)state;
    int64_t until = id_newest() + 1, id = 0;
    pthread_t thread;
    id_lend(8, until - 1, until);
    while (id_newest() < until - 1 || (id = id_new()) % 4096 < 4094) {
    }
    assert_int_equal(pthread_create(&thread, NULL, make_one, &id), 0);
    id_lend(9, until + MS_DAY, until + 2 * MS_DAY);
    pthread_join(thread, NULL);
    assert_int_equal(id >> 12 & 1023, 9);
    assert_true(id_time(id) >= until + MS_DAY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(threads_never_make_the_same_id),
        TEST(an_id_knows_its_time_and_node),
        TEST(a_clock_that_goes_back_makes_no_smaller_ids),
        TEST(ids_stay_within_the_span_of_their_number),
        TEST(a_used_span_is_waited_for),
    };
    return cmocka_run_group_tests_name("id", tests, NULL, NULL);
}
