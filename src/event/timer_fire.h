/* What timer.c does inside a transaction, for timer_runner.c. */
#ifndef GUANTONG_EVENT_TIMER_FIRE_H
#define GUANTONG_EVENT_TIMER_FIRE_H

#include "event/timer.h"

struct timer_due {
    int64_t id;
    struct str kind;
};

/* Up to limit timers that are due, the longest due first. */
size_t timer_due(struct ctx *c, int64_t now_ms, struct timer_due *due, size_t limit);

/* When the first is due of those that are due after an instant; 0: none is. */
int64_t timer_next(struct ctx *c, int64_t after_ms);

/* Remove the timer and run its handler; when the handler fails, undo and try later. Nothing
 * happens when the timer was moved, cancelled or taken by somebody else. */
void timer_fire(struct ctx *c, const struct timer_kind *kind, int64_t id);

/* A timer of a kind this program does not have (a module is switched off): look at it later. */
void timer_put_off(struct ctx *c, int64_t id);

const struct timer_kind *timer_kind_find(const struct timer_kind *const *kinds, struct str kind);

#endif
