/* Dates as spreadsheets and people spell them. */
#ifndef GUANTONG_BASE_DATE_LOOSE_H
#define GUANTONG_BASE_DATE_LOOSE_H

#include "base/clock.h"

/*
 * 2026-3-5, 2026/3/5, 2026.03.05, 26-03-05, 20260305, 2026年3月5日; 03/05/2026 and 3/5/26
 * (month first; day first when the first number is above 12 or dots stand between); 5 Mar
 * 2026, Mar 5, 2026; a serial of a spreadsheet (days since 1899-12-30, five digits, with or
 * without fraction). A time may follow: 07:10, 07:10:00, 下午3:20, 3:20 PM, 07:10:00+08:00
 * (whose offset is not looked at). Full-width digits count as digits.
 * *ms (may be NULL) is the time of day, -1 when none was given.
 */
bool date_parse_loose(struct str text, struct date *d, int64_t *ms);

#endif
