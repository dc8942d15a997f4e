/*
 * A turn of a reactor: the part that runs inside a transaction. Shared by the runner, which
 * reads events beforehand, and by drain and replay.
 */
#ifndef GUANTONG_EVENT_TURN_H
#define GUANTONG_EVENT_TURN_H

#include "event/reactor.h"

/* A reactor's row of reactor_cursor. */
struct reactor_cursor {
    int64_t seq;
    int64_t since; /* events recorded before are handled with origin replay */
};

struct reactor_turn {
    const struct reactor *reactor;
    struct reactor_cursor cursor; /* as read before; seq is the guard */
    int64_t upto;                 /* the cursor when all events are handled */
    const struct event *events;   /* wanted ones in (cursor.seq, upto], oldest first */
    size_t n;
    int64_t budget_ms; /* 0: until the end */
    bool history;      /* nobody waits for any of them: it goes on until somebody does */
    bool replay;       /* whatever they were, handle them with origin replay */
    /* Without savepoints: a failure that had written ends it with ERROR_RETRY, and bare is false
     * then. Only for who runs the turn again in another transaction, as the writer does. */
    bool bare;
    bool silent; /* the reactor's module is switched off; told by reactor_turn_run */
    /* Result: where the cursor is now; below upto when the budget ended the turn. */
    int64_t reached;
};

/*
 * Move the cursor and handle the events. ERROR_CONFLICT "reactor.moved" when the stored cursor
 * is not turn->cursor.seq: somebody else works for this reactor.
 */
void reactor_turn_run(struct ctx *c, struct reactor_turn *turn);

/* What the turn asks first will be asked before long (DB_AHEAD): called before anything else is
 * done in its transaction. */
void reactor_turn_ahead(struct ctx *c, const struct reactor_turn *turn);

/* What of n events of its types the reactor chooses, kept in place; how many. */
size_t reactor_choose(struct ctx *c, const struct reactor *r, struct event *events, size_t n);

/* The stored cursor; ERROR_ABSENT never: an unregistered reactor reads as the beginning. */
struct reactor_cursor reactor_cursor_read(struct ctx *c, const struct reactor *r);

/* Whether the reactor has much to read yet, more than the cursor of one that only skips may lag. */
bool reactor_reads_on(struct ctx *c, const struct reactor *r);

/* Handle one event under its own savepoint. False when the handler failed and its work was
 * undone; then *why (in the arena) tells the failure, and c is clear again unless the unit of
 * work itself must be run again. */
bool reactor_handle_alone(struct ctx *c, const struct reactor_turn *turn, const struct event *e,
                          struct str *why);

/* Parking (event/parked.c). */
struct str reactor_key(struct ctx *c, const struct reactor *r, const struct event *e);
bool reactor_key_parked(struct ctx *c, const struct reactor *r, struct str key);
/* why empty: it only waits behind an earlier one. */
void reactor_park(struct ctx *c, const struct reactor *r, const struct event *e, struct str why);

#endif
