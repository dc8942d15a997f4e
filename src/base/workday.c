/*
 * Working days of China: the State Council's notices on holidays, 国办发明电〔2023〕7号
 * for 2024, 〔2024〕12号 for 2025 and 〔2025〕7号 for 2026. Only the days that differ from
 * Monday to Friday stand in the table.
 */
#include "base/clock.h"

struct span {
    int month, first, last; /* days of one month, both included */
};

struct calendar {
    int year;
    struct span off[12];  /* weekdays (and weekends among them) that are free */
    struct span work[12]; /* weekend days that are worked */
};

static const struct calendar calendars[] = {
    {2024,
     {{1, 1, 1}, {2, 10, 17}, {4, 4, 6}, {5, 1, 5}, {6, 10, 10}, {9, 15, 17}, {10, 1, 7}},
     {{2, 4, 4},
      {2, 18, 18},
      {4, 7, 7},
      {4, 28, 28},
      {5, 11, 11},
      {9, 14, 14},
      {9, 29, 29},
      {10, 12, 12}}},
    {2025,
     {{1, 1, 1}, {1, 28, 31}, {2, 1, 4}, {4, 4, 6}, {5, 1, 5}, {5, 31, 31}, {6, 1, 2}, {10, 1, 8}},
     {{1, 26, 26}, {2, 8, 8}, {4, 27, 27}, {9, 28, 28}, {10, 11, 11}}},
    {2026,
     {{1, 1, 3}, {2, 15, 23}, {4, 4, 6}, {5, 1, 5}, {6, 19, 21}, {9, 25, 27}, {10, 1, 7}},
     {{1, 4, 4}, {2, 14, 14}, {2, 28, 28}, {5, 9, 9}, {9, 20, 20}, {10, 10, 10}}},
};

static const struct calendar *calendar_of(int year) {
    for (size_t i = 0; i < sizeof calendars / sizeof *calendars; i++) {
        if (calendars[i].year == year) {
            return &calendars[i];
        }
    }
    return NULL;
}

static bool in_spans(const struct span *spans, struct date d) {
    for (size_t i = 0; i < 12 && spans[i].month; i++) {
        if (spans[i].month == d.month && d.day >= spans[i].first && d.day <= spans[i].last) {
            return true;
        }
    }
    return false;
}

bool workday_is(struct date d) {
    const struct calendar *calendar = calendar_of(d.year);
    if (calendar && in_spans(calendar->work, d)) {
        return true;
    }
    return date_weekday(d) <= 5 && !(calendar && in_spans(calendar->off, d));
}

static struct date next_workday(struct date d) {
    while (!workday_is(d)) {
        d = date_from_days(date_to_days(d) + 1);
    }
    return d;
}

struct date workday_add(struct date d, int n) {
    if (n <= 0) {
        return next_workday(d);
    }
    for (int i = 0; i < n; i++) {
        d = next_workday(date_from_days(date_to_days(d) + 1));
    }
    return d;
}
