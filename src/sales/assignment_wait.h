/*
 * Leads that wait for somebody: a rule matched, all its people are out (on leave, outside their
 * hours, full), and no pool takes them. They are tried again every quarter of an hour, and when a
 * rule or a pool changes. When the first begins to wait, the manager of the rule's people is told.
 */
#ifndef GUANTONG_SALES_ASSIGNMENT_WAIT_H
#define GUANTONG_SALES_ASSIGNMENT_WAIT_H

#include "sales/assignment_rule.h"

/* The lead waits from now on, for what was decided about it; false when it did already. */
bool assignment_wait(struct ctx *c, const struct record *lead, const struct assignment *d);
/* Try those that wait again, now. */
void assignment_wait_end(struct ctx *c);
/* How many wait, at most 10,000 counted. */
int64_t assignment_waiting(struct ctx *c);

#endif
