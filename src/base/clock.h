/*
 * Instants, dates, zones and workdays.
 *
 * An instant is a count of milliseconds since 1970-01-01T00:00Z. A date is a day in the
 * calendar without a zone. Business code takes the time from ctx->now_ms; only the edges
 * of the program (server, workers, command line) call clock_now_ms.
 */
#ifndef GUANTONG_BASE_CLOCK_H
#define GUANTONG_BASE_CLOCK_H

#include "base/context.h"

enum { INSTANT_TEXT = 32, DATE_TEXT = 16 };
enum { MS_SECOND = 1000, MS_MINUTE = 60000, MS_HOUR = 3600000, MS_DAY = 86400000 };

/* The machine's clock (or the one tests moved). Not for business code. */
int64_t clock_now_ms(void);
/* A steady clock for measuring durations, ns. */
int64_t clock_steady_ns(void);
/* Tests: all later clock_now_ms are moved by ms. */
void clock_advance(int64_t ms);
/* Stand still at a moment; 0: run again. For tests. */
void clock_stand(int64_t at_ms);

/* "2026-11-23T07:10:00.000Z" */
void instant_format(int64_t ms, char text[INSTANT_TEXT]);
/* RFC 3339 with any offset, or a plain date-time taken as UTC. False when it is none. */
bool instant_parse(struct str text, int64_t *ms);

struct date {
    int year, month, day; /* proleptic Gregorian, month and day from 1 */
};

bool date_parse(struct str text, struct date *d); /* YYYY-MM-DD, a day that exists */
void date_format(struct date d, char text[DATE_TEXT]);
int64_t date_to_days(struct date d); /* days since 1970-01-01 */
struct date date_from_days(int64_t days);
int date_weekday(struct date d); /* 1 Monday … 7 Sunday */

/* A time zone by its IANA name; NULL when there is none such. Lives as long as the program. */
struct zone;
const struct zone *zone_find(struct str name);
/* The date and the ms since local midnight of an instant in the zone. */
struct date zone_date(const struct zone *z, int64_t ms);
int64_t zone_time_of_day(const struct zone *z, int64_t ms);
/* The instant at which the date begins in the zone. */
int64_t zone_midnight(const struct zone *z, struct date d);

/* Days a company said of itself that they are free or worked; they go before all else. */
struct workday_span {
    struct date first, last; /* both included */
    bool works;
};
struct workdays {
    const struct workday_span *spans;
    size_t n;
};

/* The Chinese calendar of working days: what the company says (own, or NULL), else the notices of
 * the State Council (2024–2026), else Monday to Friday without the holidays that the law sets by
 * date: 1 January, 1 and 2 May, 1 to 3 October. */
enum workday_source { WORKDAY_OF_WEEK, WORKDAY_OF_LAW, WORKDAY_OF_NOTICE, WORKDAY_OF_COMPANY };
struct workday {
    bool works;
    enum workday_source source; /* of the week: it is as any week says */
};
struct workday workday_of(const struct workdays *own, struct date d);
bool workday_is(const struct workdays *own, struct date d);
/* Whether the program knows the notice of that year. */
bool workday_announced(int year);
/* The n-th working day after d (n ≥ 0; 0 gives d itself or the next working day). */
struct date workday_add(const struct workdays *own, struct date d, int n);
/* The hours of a day in which people work, in minutes since midnight. */
struct day_hours {
    int64_t begin, end;
};
extern const struct day_hours whole_day;
/* "09:00-18:00"; false when it is none such. */
bool day_hours_parse(struct str text, struct day_hours *hours);
/* When people work: the days and the hours of them. */
struct working_time {
    const struct workdays *own;
    const struct zone *zone;
    struct day_hours hours;
};
/* The instant by which so much working time has gone by: of working days the given hours, nothing
 * of days that are free. At most 10 years on. */
int64_t working_time_after(const struct working_time *w, int64_t from, int64_t ms);
/* Whether people work at that instant. */
bool working_time_is(const struct working_time *w, int64_t at);

#endif
