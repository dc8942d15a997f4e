/*
 * Durable timers: something to do at a time.
 *
 * A timer is a row: kind, key, due time, payload. (kind, key) is unique, so setting again
 * moves it. When it is due, its handler runs in one transaction with the removal of the
 * row: exactly once. A handler that fails is tried again with growing pauses, and parked
 * after ten tries, shown to the administrator.
 */
#ifndef GUANTONG_EVENT_TIMER_H
#define GUANTONG_EVENT_TIMER_H

#include "base/context.h"
#include "base/json.h"

struct timer {
    int64_t id;
    struct str kind, key;
    int64_t due_at;
    struct str payload; /* JSON object */
};

struct timer_kind {
    const char *kind; /* "automation.wait"; NULL ends a list */
    void (*fire)(struct ctx *c, const struct timer *t);
    /* The company's calendar has changed: move it if it counts working time
     * (organization/calendar.h). NULL: no such timer does. */
    void (*recount)(struct ctx *c, const struct timer *t);
};

void timer_set(struct ctx *c, const char *kind, struct str key, int64_t due_at, struct str payload);
/* The same, but one that is set already is moved only to an earlier time. */
void timer_set_earlier(struct ctx *c, const char *kind, struct str key, int64_t due_at);
void timer_cancel(struct ctx *c, const char *kind, struct str key);
/* Keep a timer as it is from everybody else to the end of the transaction, also from being fired;
 * waits for who has it. False: there is none, or it is parked. */
bool timer_hold(struct ctx *c, const char *kind, struct str key, struct timer *t);

struct timer_runner;
struct writer;
/* Start the thread that submits due timers to the writer. kinds: lists, NULL-terminated. */
struct timer_runner *timer_runner_start(struct ctx *c, struct writer *w, struct str url,
                                        const struct timer_kind *const *kinds);
void timer_runner_wake(struct timer_runner *r);
void timer_runner_stop(struct timer_runner *r);
/* Fire all that are due at c->now_ms in this transaction: tests, "@advance 3d". */
void timer_fire_due(struct ctx *c, const struct timer_kind *const *kinds);

#endif
