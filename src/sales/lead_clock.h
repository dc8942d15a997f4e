/*
 * The clocks a lead is under while somebody holds it.
 *
 * One durable timer a lead, set when it is given to somebody and looked at anew whenever it is
 * due: follow-ups move what is due later, so they need not touch it. Three things can be due:
 *
 *   alert    no follow-up for the company's follow_up_days: its owner and his manager are told,
 *            once for each silence
 *   warning  some hours before the pool's clock runs out: its owner is told
 *   recycle  no follow-up in the pool's hours, or no deal in its days: back into the pool
 *
 * The pool is the first whose condition fits (lead_pool.h); its hours count on working days alone
 * where it says so. History that was imported starts no clock; a pool made or changed starts those
 * of all leads, which run from that moment. Another calendar, or another number of days, moves the
 * clocks that run.
 */
#ifndef GUANTONG_SALES_LEAD_CLOCK_H
#define GUANTONG_SALES_LEAD_CLOCK_H

#include "entity/record.h"

/* What the clocks say of a lead somebody holds; instants, 0: never. */
struct lead_clock {
    int64_t since;    /* the last follow-up, else since when he has it */
    int64_t alert_at; /* no follow-up for the company's days */
    int64_t recycle_at;
    int64_t warn_at;
    const char *recycle; /* "follow_up" or "deal" */
};
struct lead_clock lead_clock(struct ctx *c, const struct record *lead);

/* Whether clocks run for the lead: somebody has it, and it is to be worked. */
bool lead_clock_runs(const struct record *lead);
/* Set the lead's timer for what is next, or take it away. */
void lead_clock_set(struct ctx *c, const struct record *lead);
/* Set those of all leads that are held, a part at a time. */
void lead_clocks_start(struct ctx *c);

#endif
