/*
 * The outbox: effects on the outside world, waiting to be delivered.
 *
 * Sending mail or calling a provider is a row written in the transaction that decided it.
 * A sender delivers it afterwards, at least once, with the row's idempotency key; tries
 * again with growing pauses; after the kind's limit the row is a dead letter that can be
 * sent again by hand. A kind whose receiver may not get an effect twice says so just before it
 * hands it over (outbox_hand_over); a later try then knows that an earlier one may have arrived,
 * when the program died before it could tell. Nothing is written for origins other than live, nor
 * by a module that is switched off.
 */
#ifndef GUANTONG_EVENT_OUTBOX_H
#define GUANTONG_EVENT_OUTBOX_H

#include "base/context.h"
#include "base/json.h"

struct sender;
struct outbox_item {
    int64_t id;
    struct str kind, key;  /* key: the idempotency key given to the receiver */
    int attempts;          /* made before this one */
    struct str payload;    /* JSON object */
    bool handed;           /* an earlier try was handed over; how it ended nobody knows */
    struct sender *sender; /* of this try; NULL: none */
};

/* Within deliver: from here on the receiver may have it. Kept, durably, until the try's end is
 * recorded. False when that failed or the claim ran out: then it must not be handed over. */
bool outbox_hand_over(const struct outbox_item *item);

enum delivery { DELIVERED, DELIVERY_RETRY, DELIVERY_REFUSED };

struct outbox_kind {
    const char *kind; /* "webhook"; NULL ends a list */
    int attempts;     /* before it is a dead letter */
    /* Runs outside any transaction on a sender thread, c->db a reading connection. *why
     * tells the operator what happened (never secrets). */
    enum delivery (*deliver)(struct ctx *c, const struct outbox_item *item, struct str *why);
    /* In the transaction that records the end (delivered or dead); may be NULL. */
    void (*settled)(struct ctx *c, const struct outbox_item *item, bool delivered);
};

/* Queue an effect. A second with the same kind and key changes nothing. */
void outbox_add(struct ctx *c, const char *kind, struct str key, struct str payload);
/* Make a dead letter pending again; ERROR_CONFLICT "outbox.not_dead" when it is none. */
void outbox_resend(struct ctx *c, int64_t id);

/* The timer "outbox.upkeep", which sets itself again: what was delivered long ago
 * (OUTBOX_KEPT_DAYS) is removed. Its key can then be queued anew. */
enum { OUTBOX_KEPT_DAYS = 90 };
struct timer;
void outbox_upkeep(struct ctx *c, const struct timer *t);

struct outbox_sender;
struct writer;
struct outbox_sender *outbox_sender_start(struct ctx *c, struct writer *w, struct str url,
                                          const struct outbox_kind *const *kinds);
void outbox_sender_wake(struct outbox_sender *s);
void outbox_sender_stop(struct outbox_sender *s);

#endif
