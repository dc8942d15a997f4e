/*
 * Requests without a socket: the text cases of the API tests, and batches.
 */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/unit.h"
#include "db/writer.h"
#include "http/call.h"

enum { ATTEMPTS = 10 };

/* The router of the lists last asked for: a run of cases asks for the same ones. */
static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static struct router *cached;
static const struct route *const *cached_lists;

static const struct router *router_for(struct ctx *c, const struct route *const *lists) {
    pthread_mutex_lock(&cache_lock);
    if (cached_lists != lists) {
        router_free(cached);
        cached = router_build(c, lists);
        cached_lists = cached ? lists : NULL;
    }
    const struct router *router = cached;
    pthread_mutex_unlock(&cache_lock);
    return router;
}

/* As the writer does: inside a savepoint, and again when it was nobody's fault. */
static void handle_writing(struct exchange *x) {
    struct ctx *c = x->request.c;
    for (int i = 0; i < ATTEMPTS; i++) {
        int open = db_savepoints(c->db);
        db_savepoint(c);
        if (ctx_failed(c)) {
            return;
        }
        exchange_handle(x);
        if (!ctx_failed(c)) {
            db_release(c);
            return;
        }
        db_rollback_savepoints(c->db, open);
        if (c->error.code != ERROR_RETRY || i + 1 == ATTEMPTS) {
            return;
        }
        ctx_clear_error(c);
    }
}

/* The body of an upload as a file; it is never in parts here. */
static void upload_spool(struct exchange *x) {
    struct request *r = &x->request;
    if (!r->route || !(r->route->flags & ROUTE_UPLOAD) || !r->body.n) {
        return;
    }
    char *path = str_to_c(r->c->arena, str_format(r->c->arena, "%.*s/upload-XXXXXX",
                                                  STR_ARG(x->options->spool_folder)));
    int fd = mkstemp(path);
    bool written = fd >= 0 && write(fd, r->body.p, r->body.n) == (ssize_t)r->body.n;
    if (fd >= 0) {
        close(fd);
    }
    if (written) {
        r->upload = str_from(path);
    } else {
        ctx_fail_internal(r->c, "cannot write an upload to %s", path);
    }
}

static void upload_remove(const struct request *r) {
    if (r->upload.n && !r->upload_kept) {
        unlink(str_to_c(r->c->arena, r->upload));
    }
}

static void dispatch_run(struct exchange *x, struct str body) {
    struct request *r = &x->request;
    body_fits(x, body.n);
    exchange_authorize(x);
    if (!ctx_failed(r->c)) {
        exchange_read_body(x);
        upload_spool(x);
    }
    if (!ctx_failed(r->c) && r->route->prepare) {
        r->route->prepare(r);
    }
    if (ctx_failed(r->c)) {
        return;
    }
    if (r->route->lane == LANE_WRITER && r->c->db) {
        handle_writing(x);
    } else {
        exchange_handle(x);
    }
}

struct reply server_dispatch(struct ctx *c, const struct server_options *options,
                             const struct spoken_request *spoken) {
    const struct actor *actor = c->actor;
    enum language language = c->language;
    struct exchange *x = ARENA_NEW(c->arena, struct exchange);
    const struct router *router = router_for(c, options->routes);
    x->options = options;
    x->method = spoken->method;
    x->headers = spoken->headers;
    x->n_headers = (int)spoken->n_headers;
    x->request.c = c;
    x->request.body = spoken->body;
    x->request.client = STR("127.0.0.1");
    if (router) {
        exchange_open(x, router, spoken->target);
        dispatch_run(x, spoken->body);
        upload_remove(&x->request);
    }
    exchange_finish(x);
    ctx_clear_error(c);
    c->actor = actor;
    c->language = language;
    return x->request.reply;
}
