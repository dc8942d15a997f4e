/*
 * The HTTP server: libmicrohttpd on epoll, three lanes, deadlines and limits.
 *
 * The server knows nothing of users. It asks the `authenticate` hook who calls (on the
 * network thread, with a reading connection) and the `permit` hook whether the actor has
 * the route's permission. Idempotency keys of POSTs are kept for 24 h through the `replay`
 * hooks, inside the writer's transaction.
 */
#ifndef GUANTONG_HTTP_SERVER_H
#define GUANTONG_HTTP_SERVER_H

#include "base/module.h"
#include "http/route.h"

struct writer;

struct server_options {
    struct str address; /* "127.0.0.1" */
    int port;           /* 0 picks one */
    int network_threads, slow_threads;
    struct str url; /* database, for reading connections */
    struct writer *writer;
    const struct route *const *routes; /* lists, NULL-terminated */
    size_t body_limit, upload_limit;
    int header_seconds, body_seconds, handler_seconds; /* total deadlines */
    int inline_budget_ms;
    int connections;            /* most at once */
    int connections_per_client; /* 0: no bound; not counted behind a trusted proxy */
    struct str spool_folder;    /* for uploads; empty: /tmp */
    bool access_log;            /* a line a request at info, else at debug */
    bool trust_proxy;
    struct str trusted_proxies; /* addresses, by commas; empty with trust_proxy: any */
    /* Fill c->actor, c->language, r->session_id, r->token_id. Leaves actor NULL for the public. */
    void (*authenticate)(struct request *r);
    /* Set c->model and whatever else a context needs; before authenticate. */
    void (*prepare)(struct ctx *c);
    /* False: the route belongs to a module that is switched off; the answer is 404. Not asked
     * before it is known who calls. */
    bool (*open)(struct ctx *c, const struct route *route);
    /* False: the dispatcher answers 401 (no actor) or 403. */
    bool (*permit)(struct ctx *c, const char *permission);
};

struct server *server_start(struct ctx *c, const struct server_options *options);
int server_port(const struct server *s);
/* Stop taking connections, finish what runs (bounded by handler_seconds), stop. */
void server_stop(struct server *s);

/* A request without a socket. */
struct spoken_request {
    enum method method;
    struct str target;
    const struct header *headers;
    size_t n_headers;
    struct str body;
};

/* Run a request through routing, permission and handler without a socket, in the given
 * context (writer-lane handlers run in its transaction): text cases of the API tests. */
struct reply server_dispatch(struct ctx *c, const struct server_options *options,
                             const struct spoken_request *spoken);

/* A figure for /metrics: read when asked, on any thread, as long as the server runs. */
struct gauge {
    const char *name, *help; /* static: "guantong_event_lag" */
    double (*read)(void *data);
    void *data;
};
void server_gauge(struct server *s, const struct gauge *g);

/* Health, readiness and metrics; idempotency keys; the texts of this folder. */
extern const struct module http_module;

#endif
