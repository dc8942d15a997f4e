/* The claims and settlements of the outbox, each inside a transaction; for its senders. */
#ifndef GUANTONG_EVENT_DELIVERY_H
#define GUANTONG_EVENT_DELIVERY_H

#include "event/outbox.h"

/* A claim lasts this long; a sender that has died holds its rows no longer. Deliveries end
 * well before: each kind bounds its calls. */
enum { OUTBOX_LEASE_MS = 120000, OUTBOX_CLAIM = 8 };

struct outbox_claim {
    const struct outbox_kind *kind;
    struct outbox_item item;
    enum delivery result; /* set by the sender, with why */
    struct str why;
    int64_t took_ms;
};

/* Whether something of these kinds is due at now_ms; reads only. */
bool outbox_due(struct ctx *c, const struct outbox_kind *const *kinds, int64_t now_ms);

/* Take up to limit due items for OUTBOX_LEASE_MS, in c->arena, oldest first; how many. On
 * PostgreSQL rows that another sender is taking are passed over. */
size_t outbox_take(struct ctx *c, const struct outbox_kind *const *kinds,
                   struct outbox_claim *claims, size_t limit);

/*
 * Record how a delivery ended: delivered, to be tried again after a pause, or dead. A
 * result that comes after the claim ran out counts only when it is DELIVERED.
 */
void outbox_settle(struct ctx *c, const struct outbox_claim *claim);

/* The pause before the try that follows this many: doubles from 5 s to 6 h, and differs
 * by id by up to a quarter, so that what failed together is not tried together. */
int64_t outbox_pause(int64_t attempts, int64_t id);

#endif
