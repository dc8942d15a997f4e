/*
 * Idempotency keys: a POST sent again with the same Idempotency-Key has no second effect; it
 * is answered with the stored reply and the header Idempotency-Replayed.
 *
 * The key is written in the transaction of the effect, before the handler runs, so that of
 * two requests at the same time one waits for the other or is run again. A request that fails
 * leaves no key. A key belongs to a user and a route (or to all the public together), is
 * bound to the content it came with, and is forgotten after 24 h.
 */
#ifndef GUANTONG_HTTP_IDEMPOTENCY_H
#define GUANTONG_HTTP_IDEMPOTENCY_H

#include "db/migration.h"
#include "event/timer.h"
#include "http/exchange.h"

/* Run the handler once for the key of the request; inside a transaction. */
void idempotency_handle(struct exchange *x);

/* Set the timer that forgets old keys; once at start, inside a transaction. */
void idempotency_start(struct ctx *c);

extern const struct migration http_migrations[];
extern const struct timer_kind http_timers[];

#endif
