/*
 * Reactors: whatever answers events.
 *
 * A reactor reads a stream behind a durable cursor. A turn is one job of the writer: it
 * reads events after the cursor, handles those it wants, and moves the cursor, all in one
 * transaction; so each event takes effect exactly once, across crashes. Turns drain by time
 * budget. Events nobody wants are skipped without a commit of their own.
 *
 * An event whose handler fails (other than RETRY) is parked under its key with the error;
 * later events of that key wait behind it in order while all others go on. Parked events
 * are tried again with growing pauses and can be retried or dropped by an administrator.
 *
 * Handlers run in a context whose actor is the system, whose now_ms is the clock's, and
 * whose cause is the event. For events that are not live, handlers keep projections up to
 * date but cause nothing outside (outbox_add and notifications see to that by origin).
 */
#ifndef GUANTONG_EVENT_REACTOR_H
#define GUANTONG_EVENT_REACTOR_H

#include "event/event.h"

enum reactor_lane {
    REACTOR_PROMPT, /* cheap, people wait for it: assignment, notification, stream */
    REACTOR_STEADY, /* projections */
    REACTOR_BULK    /* heavy; may lag */
};

enum { REACTOR_HISTORY_MOST = 1024 };

struct reactor {
    const char *name; /* "automation.rules": unique for ever, names the cursor */
    enum event_stream stream;
    enum reactor_lane lane;
    /* Types handled; "lead." means all that begin so; {NULL} alone means every type. */
    const char *const *types;
    void (*handle)(struct ctx *c, const struct event *e);
    /* Optional: sets wanted[i] for those of n events the handler would do something with, so that
     * the others cost no transaction. Called by the runner on a reading connection that sees
     * whatever was committed before the events. */
    void (*choose)(struct ctx *c, const struct event *events, size_t n, bool *wanted);
    /* Optional: asks (DB_AHEAD) for what the handler will read of n events, so that one round trip
     * brings it all. What an earlier event of the turn changes in the record of a later one may not
     * be seen by the later one then; when it writes on that ground, the turn is run again without.
     * c->model may be an older one. */
    void (*ahead)(struct ctx *c, const struct event *events, size_t n);
    /* Optional: handles n events of history of one origin (not live) at once, at most
     * REACTOR_HISTORY_MOST, to the end handle would come to one after the other; what lies between
     * need not be told. Sets the cause of
     * what it emits by event_cause. When it fails, handle does it again event by event. */
    void (*handle_history)(struct ctx *c, const struct event *events, size_t n);
    /* How many live events at once handle_history is good for, too; 0: none. Small where handling
     * is dear, for nobody else writes on SQLite meanwhile. */
    size_t live_together;
    /* What must stay in order and be parked together: default (NULL) is the subject.
     * Looks at the event only. */
    struct str (*key)(struct ctx *c, const struct event *e);
    /* For projections: empties what the reactor built, so that a replay rebuilds it. */
    void (*reset)(struct ctx *c);
    /* Optional, beside reset: builds it as of now from the records themselves. */
    void (*rebuild)(struct ctx *c);
};

struct reactor_runner;
struct writer;

struct reactor_runner_options {
    struct writer *writer;
    struct str url; /* for the reading connection that looks for new events */
    const struct reactor *const *reactors; /* NULL-terminated */
    int64_t budget_ms;                     /* of one turn */
    void (*prepare)(struct ctx *c); /* optional: makes the reading context ready for choose */
};

/* Start the scheduling thread. */
struct reactor_runner *reactor_runner_start(struct ctx *c,
                                            const struct reactor_runner_options *options);
/* New events may be there: called after each commit, from any thread, cheap; with the news of the
 * commit (db/news.h) only their streams are read. */
void reactor_runner_wake(struct reactor_runner *r);
void reactor_runner_wake_for(struct reactor_runner *r, unsigned news);
void reactor_runner_stop(struct reactor_runner *r);

/*
 * Give each reactor that has none its cursor, at the beginning of its stream: at start, after
 * the migrations. Events recorded before this moment are history to the reactor: they reach it
 * with origin replay, so that a reactor new in this version builds its projection but sends
 * nothing for what happened years ago.
 */
void reactor_register(struct ctx *c, const struct reactor *const *reactors);

/* Run every reactor in this context's transaction until nothing is left: for tests, the
 * command line and imports that must end with projections up to date. */
void reactor_drain(struct ctx *c, const struct reactor *const *reactors);
/* Empty the projection and read its stream again from the beginning, origin replay. */
void reactor_replay(struct ctx *c, const struct reactor *r);
/* Empty the projection and build it as of now: from the records where it can be, else by a replay.
 */
void reactor_rebuild(struct ctx *c, const struct reactor *r);
/* Events it wants that are behind its cursor, for /metrics; at most 100,000 are counted. */
int64_t reactor_lag(struct ctx *c, const struct reactor *r);
/* Try parked events that are due again; called by the runner. */
void reactor_retry_parked(struct ctx *c, const struct reactor *r);
/* The administrator's verbs on one parked event: due at once, and forgotten for ever. Fail with
 * ERROR_ABSENT "reactor.not_parked". */
void reactor_parked_retry(struct ctx *c, struct str reactor, int64_t seq);
void reactor_parked_drop(struct ctx *c, struct str reactor, int64_t seq);

#endif
