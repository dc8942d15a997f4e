/* Memory that lives and dies together. */
#include "base_fixture.h"

#include <string.h>

static void memory_is_zeroed_and_aligned(void **state) {
    (void)state;
    for (size_t n = 0; n < 100; n++) {
        unsigned char *p = arena_alloc(&test_arena, n);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(p[i], 0);
        }
        memset(p, 0xFF, n);
    }
}

static void a_mark_gives_back_what_came_after(void **state) {
    (void)state;
    char *kept = arena_copy(&test_arena, "kept", 4);
    struct arena_mark mark = arena_mark(&test_arena);
    size_t held = arena_held(&test_arena);
    for (int turn = 0; turn < 3; turn++) {
        memset(arena_alloc(&test_arena, 300000), 'x', 300000);
        assert_true(arena_held(&test_arena) >= held + 300000);
        arena_reset(&test_arena, mark);
        assert_int_equal(arena_held(&test_arena), held);
    }
    assert_string_equal(kept, "kept");
    unsigned char *again = arena_alloc(&test_arena, 64);
    assert_int_equal(again[0], 0);
}

static void a_large_piece_gets_its_own_block(void **state) {
    (void)state;
    char *large = arena_alloc(&test_arena, 5 << 20);
    large[(5 << 20) - 1] = 'x';
    assert_true(arena_held(&test_arena) >= 5 << 20);
    arena_free(&test_arena);
    assert_int_equal(arena_held(&test_arena), 0);
    assert_non_null(arena_alloc(&test_arena, 1));
}

static void arrays_and_copies(void **state) {
    (void)state;
    int64_t *numbers = ARENA_NEW_ARRAY(&test_arena, 1000, int64_t);
    assert_int_equal(numbers[999], 0);
    char *copy = arena_copy(&test_arena, "a\0b", 3);
    assert_memory_equal(copy, "a\0b\0", 4);
    assert_string_equal(arena_copy(&test_arena, NULL, 0), "");
}

static void extends_what_was_allocated_last(void **state) {
    (void)state;
    arena_free(&test_arena);
    char *first = arena_bytes(&test_arena, 20);
    assert_true(arena_extend(&test_arena, first, 20, 100));
    memset(first, 'x', 120);
    char *second = arena_alloc(&test_arena, 16);
    assert_true(second >= first + 120);
    assert_false(arena_extend(&test_arena, first, 120, 1000));
    assert_false(arena_extend(&test_arena, second, 16, 1 << 20));
    assert_true(arena_extend(&test_arena, second, 16, 0));
    assert_int_equal(first[119], 'x');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(memory_is_zeroed_and_aligned),     TEST(a_mark_gives_back_what_came_after),
        TEST(a_large_piece_gets_its_own_block), TEST(arrays_and_copies),
        TEST(extends_what_was_allocated_last),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
