/*
 * DB_VALUES(a, b, …): "array, count" of struct db_value made from up to 24 arguments by
 * their C types. Part of db/db.h.
 */
#ifndef GUANTONG_DB_VALUES_H
#define GUANTONG_DB_VALUES_H

#include "db/db.h"

/* clang-format off */
#define DB_VALUE_OF(x)                                                                   \
    _Generic((x),                                                                        \
        bool: db_from_int, int: db_from_int, unsigned: db_from_int, long: db_from_int,   \
        long long: db_from_int, unsigned long: db_from_int, double: db_from_real,        \
        struct str: db_from_str, char *: db_from_c, const char *: db_from_c,             \
        struct db_value: db_same)(x)

#define DB_EACH_1(x) DB_VALUE_OF(x)
#define DB_EACH_2(x, ...) DB_VALUE_OF(x), DB_EACH_1(__VA_ARGS__)
#define DB_EACH_3(x, ...) DB_VALUE_OF(x), DB_EACH_2(__VA_ARGS__)
#define DB_EACH_4(x, ...) DB_VALUE_OF(x), DB_EACH_3(__VA_ARGS__)
#define DB_EACH_5(x, ...) DB_VALUE_OF(x), DB_EACH_4(__VA_ARGS__)
#define DB_EACH_6(x, ...) DB_VALUE_OF(x), DB_EACH_5(__VA_ARGS__)
#define DB_EACH_7(x, ...) DB_VALUE_OF(x), DB_EACH_6(__VA_ARGS__)
#define DB_EACH_8(x, ...) DB_VALUE_OF(x), DB_EACH_7(__VA_ARGS__)
#define DB_EACH_9(x, ...) DB_VALUE_OF(x), DB_EACH_8(__VA_ARGS__)
#define DB_EACH_10(x, ...) DB_VALUE_OF(x), DB_EACH_9(__VA_ARGS__)
#define DB_EACH_11(x, ...) DB_VALUE_OF(x), DB_EACH_10(__VA_ARGS__)
#define DB_EACH_12(x, ...) DB_VALUE_OF(x), DB_EACH_11(__VA_ARGS__)
#define DB_EACH_13(x, ...) DB_VALUE_OF(x), DB_EACH_12(__VA_ARGS__)
#define DB_EACH_14(x, ...) DB_VALUE_OF(x), DB_EACH_13(__VA_ARGS__)
#define DB_EACH_15(x, ...) DB_VALUE_OF(x), DB_EACH_14(__VA_ARGS__)
#define DB_EACH_16(x, ...) DB_VALUE_OF(x), DB_EACH_15(__VA_ARGS__)
#define DB_EACH_17(x, ...) DB_VALUE_OF(x), DB_EACH_16(__VA_ARGS__)
#define DB_EACH_18(x, ...) DB_VALUE_OF(x), DB_EACH_17(__VA_ARGS__)
#define DB_EACH_19(x, ...) DB_VALUE_OF(x), DB_EACH_18(__VA_ARGS__)
#define DB_EACH_20(x, ...) DB_VALUE_OF(x), DB_EACH_19(__VA_ARGS__)
#define DB_EACH_21(x, ...) DB_VALUE_OF(x), DB_EACH_20(__VA_ARGS__)
#define DB_EACH_22(x, ...) DB_VALUE_OF(x), DB_EACH_21(__VA_ARGS__)
#define DB_EACH_23(x, ...) DB_VALUE_OF(x), DB_EACH_22(__VA_ARGS__)
#define DB_EACH_24(x, ...) DB_VALUE_OF(x), DB_EACH_23(__VA_ARGS__)

#define DB_COUNT_PICK(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15, \
                      _16, _17, _18, _19, _20, _21, _22, _23, _24, n, ...) n
#define DB_COUNT(...)                                                                    \
    DB_COUNT_PICK(__VA_ARGS__, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11,   \
                  10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define DB_PASTE(a, b) a##b
#define DB_EACH(n) DB_PASTE(DB_EACH_, n)
#define DB_SOME(...)                                                                     \
    (struct db_value[]){DB_EACH(DB_COUNT(__VA_ARGS__))(__VA_ARGS__)}, DB_COUNT(__VA_ARGS__)
#define DB_NONE(...) NULL, 0
#define DB_VALUES(...) DB_VALUES_##__VA_OPT__(SOME)(__VA_ARGS__)
#define DB_VALUES_SOME(...) DB_SOME(__VA_ARGS__)
#define DB_VALUES_(...) DB_NONE()
/* clang-format on */

#endif
