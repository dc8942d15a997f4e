/*
 * Webhooks: events told to other programs. See webhook.c for what a receiver gets.
 *
 * The verbs check what they are given but not who asks; their callers do.
 */
#ifndef GUANTONG_CONNECTOR_WEBHOOK_H
#define GUANTONG_CONNECTOR_WEBHOOK_H

#include "base/context.h"
#include "base/crypto.h"
#include "base/json.h"

/* Types: a JSON array of event types, ["lead.","opportunity.won"]; "lead." is all that begin so,
 * the empty array all events. */
struct webhook_draft {
    struct str name, url;
    const struct json *types; /* NULL: all */
    bool enabled;
};

struct webhook {
    int64_t id;
    struct str name, url;
    struct str types; /* JSON array */
    bool enabled;
    int64_t created_at;
    int64_t delivered_at, failed_at; /* last of each, 0 when never */
    int64_t failures;                /* dead letters since the last delivery */
    struct {
        int64_t delivered, dead, waiting; /* of the latest WEBHOOK_RECENT deliveries */
    } recent;
};
enum { WEBHOOK_RECENT = 100 };

enum { WEBHOOK_REPLAY_MOST = 2000 };

/* The key that seals the secrets in the database; set once at start. */
void webhook_secret_key(const struct secret_key *key);

/* The new webhook's id. *secret is shown to the caller this once. */
int64_t webhook_create(struct ctx *c, const struct webhook_draft *draft, struct str *secret);
void webhook_change(struct ctx *c, int64_t id, const struct webhook_draft *draft);
void webhook_remove(struct ctx *c, int64_t id);
/* A new secret. For a day deliveries are signed with the old one too. */
struct str webhook_rotate(struct ctx *c, int64_t id);

struct webhook *webhook_list(struct ctx *c, size_t *n);

/* Deliver again what happened in [from_ms, to_ms): the events the webhook is subscribed to
 * now, oldest first, up to WEBHOOK_REPLAY_MOST; how many. Events of imports are left out. */
int64_t webhook_replay(struct ctx *c, int64_t id, int64_t from_ms, int64_t to_ms);
/* Deliver a made-up event "webhook.tested" to this webhook, whatever it is subscribed to. */
void webhook_test(struct ctx *c, int64_t id);
/* Deliver a failed one again. */
void webhook_resend(struct ctx *c, int64_t id, int64_t outbox_id);

/* The delivery log, newest first. */
enum webhook_delivery_state { WEBHOOK_PENDING, WEBHOOK_DELIVERED, WEBHOOK_DEAD };
struct webhook_delivery {
    int64_t outbox_id; /* for webhook_resend */
    int64_t event_id;
    struct str type; /* of the event; empty when it is gone */
    enum webhook_delivery_state state;
    int64_t attempts, created_at, settled_at;
    int64_t next_at, took_ms; /* when pending: the next try; of the last try: how long */
    struct str why;           /* what the last try came to: "HTTP 500: no such path" */
};
struct webhook_delivery *webhook_deliveries(struct ctx *c, int64_t id, size_t limit, size_t *n);

extern const struct module webhook_module;
extern const struct module webhook_routes_module;

#endif
