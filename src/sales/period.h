/*
 * Periods of the calendar in which sales are planned, counted and forecast: days, weeks from
 * Monday, months, quarters, years. A period is a span of whole days in the company's zone.
 */
#ifndef GUANTONG_SALES_PERIOD_H
#define GUANTONG_SALES_PERIOD_H

#include "base/clock.h"

enum period_kind {
    PERIOD_DAY,
    PERIOD_WEEK,
    PERIOD_MONTH,
    PERIOD_QUARTER,
    PERIOD_YEAR,
    PERIOD_KINDS
};

struct period {
    enum period_kind kind;
    int64_t from, to; /* days since 1970-01-01; to is the day after the last */
};

/* The period of that kind in which the day lies; n periods later (earlier: negative). */
struct period period_at(enum period_kind kind, int64_t day);
struct period period_step(struct period p, int n);

/* "day" "week" "month" "quarter" "year"; find gives false for any other word. */
const char *period_kind_name(enum period_kind kind);
bool period_kind_find(struct str name, enum period_kind *kind);

/* "2026-11-25", "2026-W48", "2026-11", "2026-Q4", "2026": the same in all languages. */
struct str period_code(struct arena *a, struct period p);
/* A day as a date text; today in the company's zone; a date text as a day, -1 when it is none. */
struct str period_date(struct arena *a, int64_t day);
int64_t period_today(struct ctx *c);
int64_t period_day(struct str date);
/* When the day begins for the company. */
int64_t period_instant(struct ctx *c, int64_t day);

struct json_writer;
/* {"kind","code","from","to"}, the last day included. */
void period_json(struct ctx *c, struct json_writer *w, const char *key, struct period p);

#endif
