/* Instants, dates, zones, working days. */
#include "base_fixture.h"

#include "base/clock.h"

static int64_t at(const char *text) {
    int64_t ms = 0;
    assert_true(instant_parse(str_from(text), &ms));
    return ms;
}

#define assert_instant(ms, expected)            \
    do {                                        \
        char written[INSTANT_TEXT];             \
        instant_format((ms), written);          \
        assert_string_equal(written, expected); \
    } while (0)

static void instants_are_written(void **state) {
    (void)state;
    assert_instant(0, "1970-01-01T00:00:00.000Z");
    assert_instant(-1, "1969-12-31T23:59:59.999Z");
    assert_instant(INT64_C(1795417800123), "2026-11-23T07:10:00.123Z");
    assert_instant(INT64_C(951782400000), "2000-02-29T00:00:00.000Z");
    assert_instant(INT64_MAX, "9999-12-31T23:59:59.999Z");
    assert_instant(INT64_MIN, "0000-01-01T00:00:00.000Z");
}

static void instants_are_read(void **state) {
    (void)state;
    assert_instant(at("2026-11-23T07:10:00.123Z"), "2026-11-23T07:10:00.123Z");
    assert_instant(at("2026-11-23T07:10:00+08:00"), "2026-11-22T23:10:00.000Z");
    assert_instant(at("2026-11-23T07:10:00-03:30"), "2026-11-23T10:40:00.000Z");
    assert_instant(at("2026-11-23t07:10:00.5z"), "2026-11-23T07:10:00.500Z");
    assert_instant(at("2026-11-23 07:10:00.123999999"), "2026-11-23T07:10:00.123Z");
    assert_instant(at("2026-11-23T07:10"), "2026-11-23T07:10:00.000Z");
    static const char *const wrong[] = {
        "",
        "2026-11-23",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T07:60:00Z",
        "2026-11-23T07:10:60Z",
        "2026-11-23T07:10:00.Z",
        "2026-11-23T07:10:00+0800",
        "2026-11-23T07:10:00+24:00",
        "2026-11-23T07:10:00Z ",
        " 2026-11-23T07:10:00Z",
        "2026-11-23T7:10:00Z",
        "26-11-23T07:10:00Z",
        "2026-11-23T07:10:00.1234567890Z",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t ms = 7;
        assert_false(instant_parse(str_from(wrong[i]), &ms));
        assert_int_equal(ms, 7);
    }
}

static void every_day_of_eight_centuries_follows_the_last(void **state) {
    (void)state;
    struct date last = {1600, 1, 1};
    int64_t days = date_to_days(last);
    for (int weekday = date_weekday(last); last.year < 2400; weekday = weekday % 7 + 1) {
        struct date d = date_from_days(days);
        assert_int_equal(date_to_days(d), days);
        assert_int_equal(date_weekday(d), weekday);
        bool next_day = d.month == last.month && d.day == last.day + 1 && d.year == last.year;
        assert_true(d.day == 1 || next_day);
        last = d;
        days++;
    }
    assert_int_equal(date_to_days((struct date){1970, 1, 1}), 0);
    assert_int_equal(date_to_days((struct date){2000, 3, 1}), 11017);
    assert_int_equal(date_weekday((struct date){2026, 11, 23}), 1);
}

static void dates_are_read_strictly(void **state) {
    (void)state;
    struct date d;
    char text[DATE_TEXT];
    assert_true(date_parse(STR("2024-02-29"), &d));
    date_format(d, text);
    assert_string_equal(text, "2024-02-29");
    assert_false(date_parse(STR("2023-02-29"), &d));
    assert_false(date_parse(STR("1900-02-29"), &d));
    assert_true(date_parse(STR("2000-02-29"), &d));
    assert_false(date_parse(STR("2024-2-9"), &d));
    assert_false(date_parse(STR("2024-02-29x"), &d));
    assert_false(date_parse(STR("2024-00-10"), &d));
    assert_false(date_parse(STR("2024-04-31"), &d));
}

static void zones_know_their_offsets(void **state) {
    (void)state;
    const struct zone *shanghai = zone_find(STR("Asia/Shanghai"));
    const struct zone *new_york = zone_find(STR("America/New_York"));
    assert_non_null(shanghai);
    assert_ptr_equal(shanghai, zone_find(STR("Asia/Shanghai")));
    assert_null(zone_find(STR("Asia/Nowhere")));
    assert_null(zone_find(STR("")));
    assert_null(zone_find(STR("GMT+25:77")));
    struct date d = zone_date(shanghai, at("2026-11-22T16:00:00Z"));
    assert_int_equal(d.day, 23);
    assert_int_equal(zone_time_of_day(shanghai, at("2026-11-22T16:00:01Z")), 1000);
    /* China had summer time from 1986 to 1991. */
    assert_int_equal(zone_time_of_day(shanghai, at("1988-07-01T00:00:00Z")), 9 * MS_HOUR);
    assert_int_equal(zone_time_of_day(new_york, at("2026-07-04T04:00:00Z")), 0);
    assert_int_equal(zone_time_of_day(new_york, at("2026-01-04T05:00:00Z")), 0);
}

static void midnight_where_clocks_jump(void **state) {
    (void)state;
    const struct zone *z = zone_find(STR("Asia/Shanghai"));
    assert_instant(zone_midnight(z, (struct date){2026, 11, 23}), "2026-11-22T16:00:00.000Z");
    z = zone_find(STR("America/Sao_Paulo")); /* forward at midnight: the day began at 01:00 */
    assert_instant(zone_midnight(z, (struct date){2018, 11, 4}), "2018-11-04T03:00:00.000Z");
    assert_int_equal(zone_time_of_day(z, at("2018-11-04T03:00:00Z")), MS_HOUR);
    /* back at midnight to 23:00 */
    assert_instant(zone_midnight(z, (struct date){2018, 2, 18}), "2018-02-18T03:00:00.000Z");
    z = zone_find(STR("America/Havana")); /* back at 01:00: midnight came twice */
    assert_instant(zone_midnight(z, (struct date){2022, 11, 6}), "2022-11-06T04:00:00.000Z");
}

static void working_days_of_china(void **state) {
    (void)state;
    static const int per_year[][2] = {{2024, 251}, {2025, 248}, {2026, 248}};
    for (size_t i = 0; i < 3; i++) {
        int n = 0;
        int64_t first = date_to_days((struct date){per_year[i][0], 1, 1});
        int64_t end = date_to_days((struct date){per_year[i][0] + 1, 1, 1});
        for (int64_t day = first; day < end; day++) {
            n += workday_is(NULL, date_from_days(day));
        }
        assert_int_equal(n, per_year[i][1]);
    }
    assert_false(workday_is(NULL, (struct date){2025, 1, 28}));
    assert_true(workday_is(NULL, (struct date){2025, 1, 26}));
    assert_false(workday_is(NULL, (struct date){2026, 2, 23}));
    assert_true(workday_is(NULL, (struct date){2026, 2, 28}));
}

/* Of a year without a notice: the holidays the law sets by date, and what the company says. */
static void working_days_of_years_to_come(void **state) {
    (void)state;
    static const struct date free_by_law[] = {{2027, 1, 1},  {2029, 5, 1},  {2029, 5, 2},
                                              {2030, 10, 1}, {2030, 10, 2}, {2030, 10, 3}};
    for (size_t i = 0; i < sizeof free_by_law / sizeof *free_by_law; i++) {
        struct workday day = workday_of(NULL, free_by_law[i]);
        assert_true(!day.works && day.source == WORKDAY_OF_LAW);
    }
    assert_true(workday_is(NULL, (struct date){2027, 2, 8}));  /* Spring Festival: not known */
    assert_true(workday_is(NULL, (struct date){2027, 10, 4})); /* a Monday */
    assert_false(workday_is(NULL, (struct date){2027, 1, 2})); /* a Saturday */
    assert_true(workday_announced(2026) && !workday_announced(2027));
    const struct workday_span said[] = {{{2027, 2, 5}, {2027, 2, 11}, false},
                                        {{2027, 2, 20}, {2027, 2, 20}, true},
                                        {{2027, 1, 1}, {2027, 1, 1}, true},
                                        {{2026, 10, 8}, {2026, 10, 8}, false}};
    const struct workdays own = {said, sizeof said / sizeof *said};
    assert_false(workday_is(&own, (struct date){2027, 2, 8}));
    assert_true(workday_is(&own, (struct date){2027, 2, 20})); /* a Saturday */
    assert_true(workday_is(&own, (struct date){2027, 1, 1}));  /* before the law */
    assert_int_equal(workday_of(&own, (struct date){2026, 10, 8}).source, WORKDAY_OF_COMPANY);
    struct date d = workday_add(&own, (struct date){2027, 2, 4}, 1);
    assert_true(d.month == 2 && d.day == 12);
    const struct working_time days = {&own, zone_find(STR("Asia/Shanghai")), whole_day};
    assert_instant(working_time_after(&days, at("2027-02-04T12:00:00+08:00"), MS_DAY),
                   "2027-02-12T04:00:00.000Z");
}

static void adding_working_days(void **state) {
    (void)state;
    struct date d = workday_add(NULL, (struct date){2026, 9, 30}, 1);
    assert_true(d.month == 10 && d.day == 8);
    d = workday_add(NULL, (struct date){2026, 10, 1}, 0);
    assert_true(d.month == 10 && d.day == 8);
    d = workday_add(NULL, (struct date){2026, 10, 8}, 0);
    assert_true(d.month == 10 && d.day == 8);
    d = workday_add(NULL, (struct date){2026, 10, 8}, 2);
    assert_true(d.month == 10 && d.day == 10); /* a worked Saturday */
    d = workday_add(NULL, (struct date){2026, 12, 31}, 1);
    assert_true(d.year == 2027 && d.month == 1 && d.day == 4);
}

static void working_time_passes_on_working_days_alone(void **state) {
    (void)state;
    const struct working_time days = {NULL, zone_find(STR("Asia/Shanghai")), whole_day};
    int64_t friday = at("2026-11-27T10:00:00+08:00");
    assert_instant(working_time_after(&days, friday, 4 * MS_HOUR), "2026-11-27T06:00:00.000Z");
    assert_instant(working_time_after(&days, friday, MS_DAY), "2026-11-30T02:00:00.000Z");
    /* Friday is over with its last moment: what is due then is due as Monday begins. */
    assert_instant(working_time_after(&days, friday, 14 * MS_HOUR), "2026-11-29T16:00:00.000Z");
    /* Eight days of holidays, then a worked Saturday. */
    assert_instant(working_time_after(&days, at("2026-09-30T12:00:00+08:00"), MS_DAY),
                   "2026-10-08T04:00:00.000Z");
    assert_instant(working_time_after(&days, at("2026-10-09T12:00:00+08:00"), MS_DAY),
                   "2026-10-10T04:00:00.000Z");
}

static void working_hours_are_counted(void **state) {
    (void)state;
    struct working_time hours = {NULL, zone_find(STR("Asia/Shanghai")), whole_day};
    assert_true(day_hours_parse(STR("09:00-18:00"), &hours.hours));
    static const char *const wrong[] = {
        "",           "9:00-18:00", "09:00-09:00", "18:00-09:00", "09:60-18:00", "09:00-25:00",
        "09.00-18:00"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct day_hours none;
        assert_false(day_hours_parse(str_from(wrong[i]), &none));
    }
    /* Friday five in the afternoon: one hour is left, three more on Monday. */
    assert_instant(working_time_after(&hours, at("2026-11-27T17:00:00+08:00"), 4 * MS_HOUR),
                   "2026-11-30T04:00:00.000Z");
    assert_instant(working_time_after(&hours, at("2026-11-27T07:00:00+08:00"), MS_HOUR),
                   "2026-11-27T02:00:00.000Z");
    assert_instant(working_time_after(&hours, at("2026-11-28T11:00:00+08:00"), MS_HOUR),
                   "2026-11-30T02:00:00.000Z");
    assert_true(working_time_is(&hours, at("2026-11-27T09:00:00+08:00")));
    assert_false(working_time_is(&hours, at("2026-11-27T18:00:00+08:00")));
    assert_false(working_time_is(&hours, at("2026-11-28T10:00:00+08:00")));
    assert_true(working_time_is(&hours, at("2026-10-10T10:00:00+08:00")));
}

static void tests_can_move_the_clock(void **state) {
    (void)state;
    int64_t before = clock_now_ms();
    clock_advance(3 * MS_DAY);
    assert_true(clock_now_ms() - before >= 3 * MS_DAY);
    clock_advance(-3 * MS_DAY);
    int64_t steady = clock_steady_ns();
    assert_true(clock_steady_ns() >= steady);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(instants_are_written),
        TEST(instants_are_read),
        TEST(every_day_of_eight_centuries_follows_the_last),
        TEST(dates_are_read_strictly),
        TEST(zones_know_their_offsets),
        TEST(midnight_where_clocks_jump),
        TEST(working_days_of_china),
        TEST(working_days_of_years_to_come),
        TEST(adding_working_days),
        TEST(working_time_passes_on_working_days_alone),
        TEST(working_hours_are_counted),
        TEST(tests_can_move_the_clock),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
