/*
 * Working days of China: the State Council's notices on holidays, 国办发明电〔2023〕7号
 * for 2024, 〔2024〕12号 for 2025 and 〔2025〕7号 for 2026. Only the days that differ from
 * Monday to Friday stand in the table. Of other years: the holidays by date of the State Council's
 * 全国年节及纪念日放假办法 as amended in November 2024 (国务院令第795号).
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

static const struct span by_law[12] = {{1, 1, 1}, {5, 1, 2}, {10, 1, 3}};

bool workday_announced(int year) {
    return calendar_of(year) != NULL;
}

static const struct workday_span *own_span(const struct workdays *own, struct date d) {
    int64_t day = date_to_days(d);
    for (size_t i = 0; own && i < own->n; i++) {
        const struct workday_span *s = &own->spans[i];
        if (date_to_days(s->first) <= day && day <= date_to_days(s->last)) {
            return s;
        }
    }
    return NULL;
}

struct workday workday_of(const struct workdays *own, struct date d) {
    const struct workday_span *said = own_span(own, d);
    const struct calendar *calendar = calendar_of(d.year);
    if (said) {
        return (struct workday){said->works, WORKDAY_OF_COMPANY};
    }
    if (calendar && in_spans(calendar->work, d)) {
        return (struct workday){true, WORKDAY_OF_NOTICE};
    }
    if (in_spans(calendar ? calendar->off : by_law, d)) {
        return (struct workday){false, calendar ? WORKDAY_OF_NOTICE : WORKDAY_OF_LAW};
    }
    return (struct workday){date_weekday(d) <= 5, WORKDAY_OF_WEEK};
}

bool workday_is(const struct workdays *own, struct date d) {
    return workday_of(own, d).works;
}

static struct date next_workday(const struct workdays *own, struct date d) {
    while (!workday_is(own, d)) {
        d = date_from_days(date_to_days(d) + 1);
    }
    return d;
}

struct date workday_add(const struct workdays *own, struct date d, int n) {
    if (n <= 0) {
        return next_workday(own, d);
    }
    for (int i = 0; i < n; i++) {
        d = next_workday(own, date_from_days(date_to_days(d) + 1));
    }
    return d;
}

const struct day_hours whole_day = {0, 24 * 60};

static bool two_digits(struct str s, size_t at, int64_t *value) {
    bool digits = s.p[at] >= '0' && s.p[at] <= '9' && s.p[at + 1] >= '0' && s.p[at + 1] <= '9';
    *value = digits ? (s.p[at] - '0') * 10 + (s.p[at + 1] - '0') : -1;
    return digits;
}

bool day_hours_parse(struct str text, struct day_hours *hours) {
    enum { LENGTH = 11 };
    int64_t h[2], m[2];
    if (text.n != LENGTH || text.p[2] != ':' || text.p[5] != '-' || text.p[8] != ':') {
        return false;
    }
    for (size_t i = 0; i < 2; i++) {
        bool read = two_digits(text, i * 6, &h[i]) && two_digits(text, i * 6 + 3, &m[i]);
        if (!read || m[i] > 59 || h[i] * 60 + m[i] > 24 * 60) {
            return false;
        }
    }
    *hours = (struct day_hours){h[0] * 60 + m[0], h[1] * 60 + m[1]};
    return hours->begin < hours->end;
}

int64_t working_time_after(const struct working_time *w, int64_t from, int64_t ms) {
    enum { DAYS_MOST = 3660 };
    struct date d = zone_date(w->zone, from);
    int64_t at = from;
    for (int i = 0; i < DAYS_MOST; i++) {
        int64_t midnight = zone_midnight(w->zone, d);
        int64_t begin = midnight + w->hours.begin * MS_MINUTE;
        int64_t end = midnight + w->hours.end * MS_MINUTE;
        at = at < begin ? begin : at;
        if (workday_is(w->own, d) && at < end) {
            if (ms < end - at) {
                return at + ms;
            }
            ms -= end - at;
        }
        d = date_from_days(date_to_days(d) + 1);
        at = zone_midnight(w->zone, d);
    }
    return at;
}

bool working_time_is(const struct working_time *w, int64_t at) {
    int64_t minute = zone_time_of_day(w->zone, at) / MS_MINUTE;
    return workday_is(w->own, zone_date(w->zone, at)) && minute >= w->hours.begin &&
           minute < w->hours.end;
}
