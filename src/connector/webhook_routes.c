/* Webhooks over REST, for who may manage them. A secret is shown once, when it is made. */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "connector/webhook.h"
#include "http/route.h"

#define MANAGE "webhooks:manage"
enum { DELIVERIES = 100 };

static const char *const state_words[] = {
    [WEBHOOK_PENDING] = "pending", [WEBHOOK_DELIVERED] = "delivered", [WEBHOOK_DEAD] = "dead"};

static bool draft_read(struct request *r, struct webhook_draft *draft) {
    const struct json *body = request_json(r);
    *draft = (struct webhook_draft){.name = json_text(body, "name"),
                                    .url = json_text(body, "url"),
                                    .types = json_get(body, "types"),
                                    .enabled = json_bool(body, "enabled", true)};
    return body != NULL;
}

static void webhook_put(struct json_writer *w, const struct webhook *h) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, h->id);
    JSON_MEMBER(w, "name", json_put_str, h->name);
    JSON_MEMBER(w, "url", json_put_str, h->url);
    JSON_MEMBER(w, "types", json_put_raw, h->types);
    JSON_MEMBER(w, "enabled", json_put_bool, h->enabled);
    JSON_MEMBER(w, "created_at", json_put_instant_or_null, h->created_at);
    JSON_MEMBER(w, "delivered_at", json_put_instant_or_null, h->delivered_at);
    JSON_MEMBER(w, "failed_at", json_put_instant_or_null, h->failed_at);
    JSON_MEMBER(w, "failures", json_put_int, h->failures);
    json_key(w, "recent");
    json_begin_object(w);
    JSON_MEMBER(w, "delivered", json_put_int, h->recent.delivered);
    JSON_MEMBER(w, "dead", json_put_int, h->recent.dead);
    JSON_MEMBER(w, "waiting", json_put_int, h->recent.waiting);
    json_end_object(w);
    json_end_object(w);
}

static void webhooks_get(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    size_t n;
    const struct webhook *list = webhook_list(r->c, &n);
    reply_list_begin(&w);
    for (size_t i = 0; i < n; i++) {
        webhook_put(&w, &list[i]);
    }
    reply_list_end(r, &w);
}

static void reply_secret(struct request *r, int status, int64_t id, struct str secret) {
    struct json_writer w = json_writer(r->c->arena);
    if (ctx_failed(r->c)) {
        return;
    }
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, id);
    JSON_MEMBER(&w, "secret", json_put_str, secret);
    json_end_object(&w);
    reply_json(r, status, &w);
}

static void webhook_post(struct request *r) {
    struct webhook_draft draft;
    struct str secret = STR("");
    if (draft_read(r, &draft)) {
        int64_t id = webhook_create(r->c, &draft, &secret);
        reply_secret(r, 201, id, secret);
    }
}

static void webhook_put_change(struct request *r) {
    struct webhook_draft draft;
    int64_t id = request_id(r, "id");
    if (draft_read(r, &draft)) {
        webhook_change(r->c, id, &draft);
    }
}

static void webhook_delete(struct request *r) {
    webhook_remove(r->c, request_id(r, "id"));
}

static void webhook_rotate_post(struct request *r) {
    int64_t id = request_id(r, "id");
    reply_secret(r, 200, id, webhook_rotate(r->c, id));
}

static void delivery_put(struct json_writer *w, const struct webhook_delivery *d) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, d->outbox_id);
    JSON_MEMBER(w, "event_id", json_put_id, d->event_id);
    JSON_MEMBER(w, "type", json_put_str, d->type.p ? d->type : STR(""));
    JSON_MEMBER(w, "state", json_put_c, state_words[d->state]);
    JSON_MEMBER(w, "attempts", json_put_int, d->attempts);
    JSON_MEMBER(w, "created_at", json_put_instant_or_null, d->created_at);
    JSON_MEMBER(w, "settled_at", json_put_instant_or_null, d->settled_at);
    JSON_MEMBER(w, "next_at", json_put_instant_or_null,
                d->state == WEBHOOK_PENDING ? d->next_at : 0);
    JSON_MEMBER(w, "took_ms", json_put_int, d->took_ms);
    JSON_MEMBER(w, "why", json_put_str, d->why);
    json_end_object(w);
}

static void deliveries_get(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    size_t n;
    const struct webhook_delivery *list = webhook_deliveries(r->c, request_id(r, "id"), DELIVERIES,
                                                             &n);
    reply_list_begin(&w);
    for (size_t i = 0; i < n; i++) {
        delivery_put(&w, &list[i]);
    }
    reply_list_end(r, &w);
}

static void webhook_test_post(struct request *r) {
    webhook_test(r->c, request_id(r, "id"));
}

static void webhook_resend_post(struct request *r) {
    webhook_resend(r->c, request_id(r, "id"), request_id(r, "delivery"));
}

/* A moment of the body; one that is left out is the last of all. */
static int64_t moment_read(struct request *r, const char *name, bool needed) {
    struct str text = json_text(request_json(r), name);
    int64_t ms = INT64_MAX;
    if ((text.n || needed) && !instant_parse(text, &ms)) {
        FAIL_FIELD(r->c, str_format(r->c->arena, "/%s", name), "instant.syntax");
    }
    return ms;
}

static void webhook_replay_post(struct request *r) {
    int64_t from = moment_read(r, "from", true), to = moment_read(r, "to", false);
    int64_t queued = ctx_failed(r->c) ? 0 : webhook_replay(r->c, request_id(r, "id"), from, to);
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "queued", json_put_int, queued);
    JSON_MEMBER(&w, "more", json_put_bool, queued == WEBHOOK_REPLAY_MOST);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/webhooks", MANAGE, LANE_INLINE, webhooks_get, .summary = "route.webhooks",
     .answer = "data:[(id:id! name:text! url:text! types:[text]! enabled:boolean! "
               "created_at:instant?! delivered_at:instant?! failed_at:instant?! "
               "failures:integer!)]!"},
    {METHOD_POST, "/api/v1/webhooks", MANAGE, LANE_WRITER, webhook_post, .flags = ROUTE_SECRET,
     .summary = "route.webhook_create", .body = "name:text! url:text! types:[text] enabled:boolean",
     .answer = "201 id:id! secret:text!"},
    {METHOD_PUT, "/api/v1/webhooks/{id}", MANAGE, LANE_WRITER, webhook_put_change,
     .summary = "route.webhook_change",
     .body = "name:text! url:text! types:[text] enabled:boolean"},
    {METHOD_DELETE, "/api/v1/webhooks/{id}", MANAGE, LANE_WRITER, webhook_delete,
     .summary = "route.webhook_remove"},
    {METHOD_POST, "/api/v1/webhooks/{id}/rotate", MANAGE, LANE_WRITER, webhook_rotate_post,
     .flags = ROUTE_SECRET, .summary = "route.webhook_rotate", .answer = "id:id! secret:text!"},
    {METHOD_GET, "/api/v1/webhooks/{id}/deliveries", MANAGE, LANE_INLINE, deliveries_get,
     .summary = "route.webhook_deliveries",
     .answer = "data:[(id:id! event_id:id? type:text! state:text! "
               "attempts:integer! created_at:instant?! settled_at:instant?! "
               "next_at:instant?! took_ms:integer why:text)]!"},
    {METHOD_POST, "/api/v1/webhooks/{id}/test", MANAGE, LANE_WRITER, webhook_test_post,
     .summary = "route.webhook_test"},
    {METHOD_POST, "/api/v1/webhooks/{id}/replay", MANAGE, LANE_WRITER, webhook_replay_post,
     .summary = "route.webhook_replay", .body = "from:instant! to:instant",
     .answer = "queued:integer! more:boolean!"},
    {METHOD_POST, "/api/v1/webhooks/{id}/deliveries/{delivery}/resend", MANAGE, LANE_WRITER,
     webhook_resend_post, .summary = "route.webhook_resend"},
    {0}};

static const struct text texts[] = {
    {"route.webhooks", "列出 Webhook", "List webhooks"},
    {"route.webhook_create", "新建 Webhook，密钥只显示一次",
     "Create a webhook; its secret is shown once"},
    {"route.webhook_change", "修改 Webhook", "Change a webhook"},
    {"route.webhook_remove", "删除 Webhook", "Remove a webhook"},
    {"route.webhook_rotate", "更换密钥", "Rotate the secret"},
    {"route.webhook_test", "试发一次", "Send a test delivery"},
    {"route.webhook_replay", "重新投递一段时间内的事件，一次最多 2,000 条",
     "Deliver again what happened in a period, 2,000 events at most"},
    {"route.webhook_resend", "重发失败的投递", "Deliver a failed one again"},
    {"route.webhook_deliveries", "投递记录", "Deliveries of a webhook"},
    {0}};

static const struct permission permissions[] = {{MANAGE, "管理 Webhook", "Manage webhooks"}, {0}};

const struct module webhook_routes_module = {.name = "connector.webhook_routes",
                                             .cloud = "platform",
                                             .routes = routes,
                                             .texts = texts,
                                             .permissions = permissions};
