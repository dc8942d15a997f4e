/* What the files of memberships share: membership.c, membership_fill.c. */
#ifndef GUANTONG_CUSTOMER_MEMBERSHIP_PARTS_H
#define GUANTONG_CUSTOMER_MEMBERSHIP_PARTS_H

#include "customer/membership.h"
#include "event/timer.h"

/* What is kept of a record by a definition. */
#define MEMBERSHIP_SQL \
    "SELECT member, due_at FROM membership WHERE definition_id = $1 AND subject_id = $2"

/* NULL when it is not followed (any more). */
const struct membership_definition *membership_definition(struct ctx *c, int64_t id);

/* A record whose row changes: whether the definition held for it and holds now, and when to ask
 * again; INT64_MAX: never. */
struct membership_turn {
    int64_t subject_id, due_at;
    bool held, holds;
};
/* Write the rows and the totals and tell of those who went in or out: tags are put on and taken
 * off, segments tell unless quietly. No record twice. */
void membership_turn(struct ctx *c, const struct membership_definition *d,
                     const struct membership_turn *turns, size_t n, bool quiet);

/* Where transactions write side by side, a turn that reads how far a filling has come and a piece
 * of the filling wait for each other: neither leaves a record to the other that passed it by. */
void membership_fill_lock(struct ctx *c, struct sql *q, const char *lock);
/* Much of the log is still to be followed. */
bool membership_history_ahead(struct ctx *c);
/* What a definition asks for may be back by this event: go through those it concerns. */
void membership_mend(struct ctx *c, const struct event *e);
/* The timer "membership.fill". */
void membership_fill_fire(struct ctx *c, const struct timer *timer);

#endif
