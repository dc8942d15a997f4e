/*
 * What operators and their machines ask: is the process up, can it work, how is it doing.
 */
#include "db/db.h"
#include "http/call.h"
#include "http/idempotency.h"
#include "http/texts.h"

static void reply_word(struct request *r, int status, const char *word) {
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "status", json_put_c, word);
    json_end_object(&w);
    reply_json(r, status, &w);
}

static void health_handle(struct request *r) {
    reply_word(r, 200, "up");
}

/* The program migrates before it serves, so a database that answers is a migrated one. */
static void ready_handle(struct request *r) {
    bool stopping = r->server && atomic_load(&r->server->stopping);
    if (stopping) {
        FAIL(r->c, ERROR_LIMIT, "server.stopping");
        return;
    }
    if (r->c->db && DB_INT(r->c, "SELECT CAST(1 AS BIGINT)") != 1) {
        FAIL(r->c, ERROR_LIMIT, "database.lost");
        return;
    }
    reply_word(r, 200, "ready");
}

static void metrics_handle(struct request *r) {
    struct text_buffer out = {.arena = r->c->arena};
    text_add_c(&out, "# HELP guantong_info The version that runs.\n# TYPE guantong_info gauge\n"
                     "guantong_info{version=\"" GUANTONG_VERSION "\"} 1\n");
    if (r->server) {
        metrics_write(r->server->metrics, &out);
    }
    if (r->server && r->server->options.writer) {
        metrics_write_writer(r->server->options.writer, &out);
    }
    reply_text(r, 200, "text/plain; version=0.0.4; charset=utf-8", text_str(&out));
}

static const struct route health_routes[] = {
    {METHOD_GET, "/healthz", PERMISSION_PUBLIC, LANE_INLINE, health_handle, NULL,
     ROUTE_HIDDEN | ROUTE_NO_DATABASE, NULL, NULL, NULL},
    {METHOD_GET, "/readyz", PERMISSION_PUBLIC, LANE_INLINE, ready_handle, NULL, ROUTE_HIDDEN, NULL,
     NULL, NULL},
    {METHOD_GET, "/metrics", PERMISSION_PUBLIC, LANE_INLINE, metrics_handle, NULL,
     ROUTE_HIDDEN | ROUTE_NO_DATABASE, NULL, NULL, NULL},
    {0},
};

const struct module http_module = {
    .name = "platform.http",
    .cloud = "platform",
    .routes = health_routes,
    .timers = http_timers,
    .texts = http_texts,
    .migrations = http_migrations,
};
