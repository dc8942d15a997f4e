/* What the tests of src/base share: an arena per test, and comparing slices. */
#ifndef GUANTONG_TESTS_BASE_FIXTURE_H
#define GUANTONG_TESTS_BASE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above before it. */
#include <cmocka.h>

#include "base/str.h"

static struct arena test_arena;

static inline int arena_begin(void **state) {
    (void)state;
    arena_init(&test_arena);
    return 0;
}

static inline int arena_end(void **state) {
    (void)state;
    arena_free(&test_arena);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, arena_begin, arena_end)

#define assert_str(actual, expected) \
    assert_string_equal(str_to_c(&test_arena, (actual)), (expected))

#endif
