/* The company's own holidays and make-up days: calendar.c. */
#ifndef GUANTONG_ORGANIZATION_CALENDAR_H
#define GUANTONG_ORGANIZATION_CALENDAR_H

#include "base/clock.h"
#include "base/json.h"

/* The company's working days; whole: all hours of them, else its working hours. */
struct working_time company_working_time(struct ctx *c, bool whole);
/* When it last entered or took away days; 0: never. */
int64_t company_calendar_changed(struct ctx *c);
/* When a clock ends that was to end at was and ends at is by the calendar as it is now: one that
 * comes sooner has a day left, if it had one. */
int64_t calendar_moved(const struct ctx *c, int64_t was, int64_t is);
struct timer_kind; /* event/timer.h */
/* The kinds of a list that are reckoned anew (calendar_recount.c), at start. */
void calendar_recounts(const struct timer_kind *list);

/* What the company entered, for every question about working days (base/clock.h). */
const struct workdays *company_workdays(struct ctx *c);

/* {"year","announced","working_days","days":[{"date","works","source","name"}…]}: the days of a
 * year that are not simply Monday to Friday or the weekend; source: company, notice, law. */
void calendar_json(struct ctx *c, struct json_writer *w, int year);

#endif
