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
        {"20260305071000", "2026-03-05", 25800},
        {"202603050710", "2026-03-05", 25800},
        {"20260305T071000Z", "2026-03-05", 25800},
        {"20260305 0710", "2026-03-05", 25800},
        {"1772694600", "2026-03-05", 25800},
        {"1772694600000", "2026-03-05", 25800},
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
                                       "20260305256000",
                                       "202613050710",
                                       "20260305071000 07:10",
                                       "0772694600",
                                       "2026-03-05 07:10 +",
                                       "2026-03-05 07:10 +25:00",
                                       "创建时间"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct date d = {1, 2, 3};
        assert_false(date_parse_loose(str_from(none[i]), &d, NULL));
        assert_int_equal(d.year, 1);
    }
}

/* Times say which zone they are of, or are the company's. */
static void instants(void **state) {
    (void)state;
    static const struct {
        const char *text, *utc, *date;
    } cases[] = {
        {"2026-03-05T07:10:00+08:00", "2026-03-04T23:10:00.000Z", "2026-03-05"},
        {"2026-03-05T07:10:00Z", "2026-03-05T07:10:00.000Z", "2026-03-05"},
        {"2026-03-05 23:10:00 -0500", "2026-03-06T04:10:00.000Z", "2026-03-06"},
        {"2026-03-05 07:10", "2026-03-04T23:10:00.000Z", "2026-03-05"},
        {"2026-03-05", "2026-03-04T16:00:00.000Z", "2026-03-05"},
        {"1772640000", "2026-03-04T16:00:00.000Z", "2026-03-05"},
    };
    const struct zone *zone = zone_find(STR("Asia/Shanghai"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct date_read read;
        int64_t expected;
        char date[DATE_TEXT];
        assert_true(date_read(str_from(cases[i].text), DATE_MONTH_FIRST, &read));
        assert_true(instant_parse(str_from(cases[i].utc), &expected));
        assert_int_equal(date_read_instant(&read, zone), expected);
        date_format(date_read_date(&read, zone), date);
        assert_string_equal(date, cases[i].date);
    }
}

static void day_or_month_first(void **state) {
    (void)state;
    static const struct {
        const char *text, *day_first;
        int shown;
    } cases[] = {
        {"03/05/2026", "2026-05-03", 0},   {"25/12/2026", "2026-12-25", 1},
        {"12/25/2026", "2026-12-25", -1},  {"5/5/2026", "2026-05-05", 0},
        {"3/5/26 07:10", "2026-05-03", 0}, {"2026/12/25", "2026-12-25", 0},
        {"25.12.2026", "2026-12-25", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct date_read read;
        char date[DATE_TEXT];
        assert_true(date_read(str_from(cases[i].text), DATE_DAY_FIRST, &read));
        date_format(read.date, date);
        assert_string_equal(date, cases[i].day_first);
        assert_int_equal(date_order_shown(str_from(cases[i].text)), cases[i].shown);
    }
    assert_int_equal(date_order_shown(STR("13800132647")), 0);
    assert_int_equal(date_order_shown(STR("25/13/2026")), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(spellings), TEST(what_is_no_date_is_none),
                                       TEST(instants), TEST(day_or_month_first)};
    return cmocka_run_group_tests_name("date_loose", tests, NULL, NULL);
}
