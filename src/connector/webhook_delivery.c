/*
 * What a receiver gets. The request follows the Standard Webhooks specification
 * (standardwebhooks.com), for which receivers find libraries in most languages:
 *
 *   POST <url>
 *   content-type: application/json
 *   webhook-id: 250650203508441088:250650203604910080
 *   webhook-timestamp: 1795420800
 *   webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=
 *
 *   {"type":"lead.created","timestamp":"2026-11-23T07:10:00.000Z","data":{"id":"2506…",
 *    "seq":812,"version":1,"occurred_at":"…","subject_type":"lead","subject_id":"…",
 *    "person_id":"…","account_id":null,"actor_id":"…","payload":{…}}}
 *
 * The signature is HMAC-SHA256 over webhook-id "." webhook-timestamp "." body, keyed with the
 * bytes whose base64 follows whsec_ in the secret, in base64. For a day after a rotation there
 * are two, separated by a blank. A receiver checks it, refuses timestamps more than five
 * minutes off, and remembers webhook-id, because a delivery may come more than once; seq tells the
 * order in which things happened, for deliveries may overtake each other.
 *
 * Any 2xx is success, 410 ends the delivery, anything else is tried again for about a day.
 * Redirects are not followed and private addresses not called (http/client.h).
 */
#include "connector/webhook_delivery.h"

#include "base/clock.h"
#include "base/text.h"
#include "db/db.h"
#include "event/event.h"
#include "http/client.h"

enum { ATTEMPTS = 14, TIMEOUT_MS = 10000, ANSWER_MAX = 16384, EXCERPT_MAX = 200 };

struct str webhook_signature(struct arena *a, struct str secret, struct str id, int64_t timestamp,
                             struct str body) {
    struct str prefix = STR(WEBHOOK_SECRET_PREFIX), key;
    if (!str_starts(secret, prefix) ||
        !base64_decode(a, str_slice(secret, prefix.n, secret.n), &key)) {
        return STR("");
    }
    struct text_buffer text = {.arena = a};
    text_add(&text, id);
    text_add_format(&text, ".%lld.", (long long)timestamp);
    text_add(&text, body);
    unsigned char digest[SHA256_BYTES];
    hmac_sha256(key, text_str(&text), digest);
    struct str encoded = base64_encode(a, (struct str){(const char *)digest, sizeof digest});
    return str_format(a, "v1,%.*s", STR_ARG(encoded));
}

static struct str body_write(struct arena *a, const struct event *e) {
    struct json_writer w = json_writer(a);
    json_begin_object(&w);
    JSON_MEMBER(&w, "type", json_put_str, e->type);
    JSON_MEMBER(&w, "timestamp", json_put_instant, e->recorded_at);
    json_key(&w, "data");
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, e->id);
    JSON_MEMBER(&w, "seq", json_put_int, e->seq);
    JSON_MEMBER(&w, "version", json_put_int, e->version);
    JSON_MEMBER(&w, "occurred_at", json_put_instant, e->occurred_at);
    JSON_MEMBER(&w, "subject_type", json_put_str, e->subject_type);
    JSON_MEMBER(&w, "subject_id", json_put_id, e->subject_id);
    JSON_MEMBER(&w, "person_id", json_put_id, e->person_id);
    JSON_MEMBER(&w, "account_id", json_put_id, e->account_id);
    JSON_MEMBER(&w, "actor_id", json_put_id, e->actor_id);
    JSON_MEMBER(&w, "payload", json_put_raw, e->payload);
    json_end_object(&w);
    json_end_object(&w);
    return json_str(&w);
}

/* The receiver as stored. */
struct receiver {
    struct str url, signature;
};

/* Read the webhook and sign for it. False when it is gone or switched off, or on error. */
static bool receiver_read(struct ctx *c, int64_t webhook_id, struct str id, struct str body,
                          struct receiver *receiver) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT url, secret, previous_secret, previous_until FROM webhook "
             "WHERE id = $1 AND enabled = 1",
             webhook_id);
    if (!db_next(&rows)) {
        return false;
    }
    receiver->url = db_text(&rows, 0);
    struct str sealed = db_text(&rows, 1), previous = db_text(&rows, 2);
    bool both = previous.n && db_int(&rows, 3) > c->now_ms;
    db_done(&rows);
    int64_t timestamp = c->now_ms / MS_SECOND;
    receiver->signature = webhook_signature(c->arena, webhook_secret_open(c, sealed), id, timestamp,
                                            body);
    if (both) {
        struct str old = webhook_signature(c->arena, webhook_secret_open(c, previous), id,
                                           timestamp, body);
        receiver->signature = str_format(c->arena, "%.*s %.*s", STR_ARG(receiver->signature),
                                         STR_ARG(old));
    }
    return !ctx_failed(c);
}

static enum delivery answer_judge(struct arena *a, const struct client_answer *answer,
                                  struct str *why) {
    if (answer->outcome != CLIENT_ANSWERED) {
        *why = answer->why;
        return answer->outcome == CLIENT_REFUSED ? DELIVERY_REFUSED : DELIVERY_RETRY;
    }
    *why = str_format(a, "HTTP %d", answer->status);
    if (answer->status >= 200 && answer->status < 300) {
        return DELIVERED;
    }
    struct str said = text_normalize(a, text_truncate(answer->body, EXCERPT_MAX));
    if (said.n) {
        *why = str_format(a, "HTTP %d: %.*s", answer->status, STR_ARG(said));
    }
    return answer->status == 410 ? DELIVERY_REFUSED : DELIVERY_RETRY;
}

static enum delivery webhook_deliver(struct ctx *c, const struct outbox_item *item,
                                     struct str *why) {
    const struct json *payload = json_parse(c, item->payload);
    const struct event *e = event_find(c, json_id(payload, "event_id"));
    struct receiver receiver;
    struct str body = e ? body_write(c->arena, e) : STR("");
    if (!e || !receiver_read(c, json_id(payload, "webhook_id"), item->key, body, &receiver)) {
        *why = STR("the webhook is gone or switched off");
        return DELIVERY_REFUSED;
    }
    const struct client_header headers[] = {
        {"content-type", STR("application/json")},
        {"webhook-id", item->key},
        {"webhook-timestamp", str_format(c->arena, "%lld", (long long)(c->now_ms / MS_SECOND))},
        {"webhook-signature", receiver.signature},
    };
    struct client_answer answer = client_call(
        c->arena, &(struct client_request){.method = "POST",
                                           .url = receiver.url,
                                           .headers = headers,
                                           .n_headers = sizeof headers / sizeof headers[0],
                                           .body = body,
                                           .timeout_ms = TIMEOUT_MS,
                                           .answer_max = ANSWER_MAX});
    return answer_judge(c->arena, &answer, why);
}

static void webhook_settled(struct ctx *c, const struct outbox_item *item, bool delivered) {
    int64_t id = json_id(json_parse(c, item->payload), "webhook_id");
    if (delivered) {
        DB_RUN(c, "UPDATE webhook SET delivered_at = $1, failures = 0 WHERE id = $2", c->now_ms,
               id);
    } else {
        DB_RUN(c, "UPDATE webhook SET failed_at = $1, failures = failures + 1 WHERE id = $2",
               c->now_ms, id);
    }
}

const struct outbox_kind webhook_outbox_kinds[] = {
    {"webhook", ATTEMPTS, webhook_deliver, webhook_settled},
    {0},
};
