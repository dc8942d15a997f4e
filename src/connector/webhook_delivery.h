/* How a webhook's request is made and signed; shared by webhook.c and its tests. */
#ifndef GUANTONG_CONNECTOR_WEBHOOK_DELIVERY_H
#define GUANTONG_CONNECTOR_WEBHOOK_DELIVERY_H

#include "connector/webhook.h"
#include "event/outbox.h"

#define WEBHOOK_SECRET_PREFIX "whsec_"

/* "v1,<base64 of HMAC-SHA256(secret, id.timestamp.body)>". secret has its prefix; the empty
 * str when it is none. timestamp in seconds. */
struct str webhook_signature(struct arena *a, struct str secret, struct str id, int64_t timestamp,
                             struct str body);

/* The outbox kind "webhook". */
extern const struct outbox_kind webhook_outbox_kinds[];

/* A secret out of the database; ERROR_INTERNAL when it cannot be opened. */
struct str webhook_secret_open(struct ctx *c, struct str sealed);

#endif
