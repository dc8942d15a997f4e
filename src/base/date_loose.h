/* Dates as spreadsheets and people spell them. */
#ifndef GUANTONG_BASE_DATE_LOOSE_H
#define GUANTONG_BASE_DATE_LOOSE_H

#include "base/clock.h"
#include "base/str.h"

/* Which of 03/05/2026 is the month. */
enum date_order { DATE_MONTH_FIRST, DATE_DAY_FIRST };

struct date_read {
    struct date date;
    int64_t ms;     /* time of day, -1 when none was given */
    bool anchored;  /* the text says how far from UTC its time is */
    int64_t offset; /* that, in ms east of it */
};

/*
 * 2026-3-5, 2026/3/5, 2026.03.05, 26-03-05, 20260305, 2026年3月5日; 03/05/2026 and 3/5/26 by
 * the order (day first too when the first number is above 12 or dots stand between); 5 Mar
 * 2026, Mar 5, 2026; a serial of a spreadsheet (days since 1899-12-30, five digits, with or
 * without fraction). A time may follow: 07:10, 07:10:00, 0710, 下午3:20, 3:20 PM, 07:10:00+08:00;
 * 202603050710 and 20260305071000 have it within. Seconds (10 digits) and milliseconds (13) since
 * 1970, of the years 2001 to 2030. Full-width digits count as digits.
 */
bool date_read(struct str text, enum date_order order, struct date_read *read);
/* When that was; times without an offset are of the zone, dates without a time its midnight. */
int64_t date_read_instant(const struct date_read *read, const struct zone *zone);
/* The date as the zone's calendar has it. */
struct date date_read_date(const struct date_read *read, const struct zone *zone);
/* Whether a text can only be read day first (25/12/2026): 1, only month first: -1, either: 0. */
int date_order_shown(struct str text);

/* The date as it is written, month first; *ms (may be NULL) the time of day or -1. */
bool date_parse_loose(struct str text, struct date *d, int64_t *ms);

#endif
