/* Dates as spreadsheets and people spell them. */
#include "base_fixture.h"

#include "base/date_loose.h"

static void spellings(void **state) {
    (void)state;
    static const struct {
        const char *text, *date;
        int seconds; /* of the day; -1 for none */
    } cases[] = {
        {"2026-03-05", "2026-03-05", -1},
        {"2026/3/5", "2026-03-05", -1},
        {"2026.03.05 07:10:00", "2026-03-05", 25800},
        {"20260305", "2026-03-05", -1},
        {"2026年3月5日", "2026-03-05", -1},
        {"2026 年 3 月 5 日 7时10分", "2026-03-05", 25800},
        {"２０２６／３／５", "2026-03-05", -1},
        {"03/05/2026", "2026-03-05", -1},
        {"25/12/2026", "2026-12-25", -1},
        {"26-03-05", "2026-03-05", -1},
        {"26.3.05", "2026-03-05", -1},
        {"3/5/26", "2026-03-05", -1},
        {"Mar-05-2026", "2026-03-05", -1},
        {"2026-03-05T07:10:00+08:00", "2026-03-05", 25800},
        {"05.03.2026", "2026-03-05", -1},
        {"5 Mar 2026", "2026-03-05", -1},
        {"Mar 5, 2026", "2026-03-05", -1},
        {"5-Sept-26", "2026-09-05", -1},
        {"2026-03-05T07:10:00Z", "2026-03-05", 25800},
        {"2026-03-05 下午3:20", "2026-03-05", 55200},
        {"2026/3/5 12:20 AM", "2026-03-05", 1200},
        {"45991", "2025-11-30", -1},
        {"45991.5", "2025-11-30", 43200},
        {"46000.298611111", "2025-12-09", 25800},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct date d;
        int64_t ms;
        char text[DATE_TEXT];
        assert_true(date_parse_loose(str_from(cases[i].text), &d, &ms));
        date_format(d, text);
        assert_string_equal(text, cases[i].date);
        assert_int_equal(ms, cases[i].seconds < 0 ? -1 : (int64_t)cases[i].seconds * 1000);
    }
}

static void what_is_no_date_is_none(void **state) {
    (void)state;
    static const char *const none[] = {"",
                                       "2026-2-30",
                                       "2026-13-01",
                                       "13800132647",
                                       "12345678",
                                       "2026.3",
                                       "100",
                                       "99999",
                                       "2026-3-5 x",
                                       "2026-3-5 25:00",
                                       "昨天",
                                       "2026/3-5",
                                       "2026-03-05 07:61",
                                       "1.5",
                                       "创建时间"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct date d = {1, 2, 3};
        assert_false(date_parse_loose(str_from(none[i]), &d, NULL));
        assert_int_equal(d.year, 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(spellings), TEST(what_is_no_date_is_none)};
    return cmocka_run_group_tests_name("date_loose", tests, NULL, NULL);
}
