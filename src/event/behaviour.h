/*
 * The upkeep of the behaviour stream: daily totals that stay, and the end of old rows.
 *
 * The reactor counts each event into behaviour_daily (day in the company's zone, type,
 * subject). The timer removes rows older than the retention, in small pieces, but never rows a
 * reactor has yet to read and never the newest row, by which SQLite numbers the next.
 */
#ifndef GUANTONG_EVENT_BEHAVIOUR_H
#define GUANTONG_EVENT_BEHAVIOUR_H

#include "event/reactor.h"
#include "event/timer.h"

enum { BEHAVIOUR_RETENTION_DAYS = 400 };

struct zone;

/* How to tell the company's zone, by which an event belongs to a day. Set once at start; without it
 * Asia/Shanghai holds. A total once counted stays as it was when the zone is changed. */
void behaviour_zone_from(const struct zone *(*zone)(struct ctx *c));

/* Remove up to limit rows recorded before the instant; how many were removed. */
int64_t behaviour_remove(struct ctx *c, int64_t before_ms, int64_t limit);

/* The timer "behaviour.upkeep", which sets itself again. */
void behaviour_upkeep(struct ctx *c, const struct timer *t);

extern const struct reactor behaviour_daily; /* "behaviour.daily" */

#endif
