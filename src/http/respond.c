#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/log.h"
#include "http/call.h"
#include "http/feed.h"
#include "http/pages.h"

/* Below this compressing gains nothing on the wire: it fits one packet. */
enum { COMPRESS_FROM = 1400, SEND_SECONDS = 30, SEND_BYTES_A_SECOND = 16384 };

static bool reply_has(const struct reply *reply, const char *name) {
    for (int i = 0; i < reply->n_headers; i++) {
        const struct header *h = &reply->headers[i];
        if (h->name.n == strlen(name) && strncasecmp(h->name.p, name, h->name.n) == 0) {
            return true;
        }
    }
    return false;
}

static bool compress_into(struct arena *a, struct str body, struct str *out) {
    z_stream z = {0};
    /* 15 + 16: a gzip header. */
    if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return false;
    }
    uLong bound = deflateBound(&z, (uLong)body.n);
    z.next_in = (Bytef *)(uintptr_t)body.p;
    z.avail_in = (uInt)body.n;
    z.next_out = (Bytef *)arena_alloc(a, bound);
    z.avail_out = (uInt)bound;
    out->p = (const char *)z.next_out;
    bool whole = deflate(&z, Z_FINISH) == Z_STREAM_END;
    out->n = z.total_out;
    deflateEnd(&z);
    return whole;
}

void reply_compress(struct call *call) {
    struct request *r = &call->x.request;
    struct reply *reply = &r->reply;
    struct str accepted = request_header(r, "Accept-Encoding");
    bool text = !reply->mime.n || str_starts(reply->mime, STR("text/")) ||
                mime_is(reply->mime, "application/json");
    if (ctx_failed(r->c) || reply->body.n < COMPRESS_FROM || reply->body.n > UINT32_MAX / 2 ||
        !text || reply_has(reply, "Content-Encoding") || str_find(accepted, STR("gzip")) < 0 ||
        str_find(accepted, STR("gzip;q=0")) >= 0) {
        return;
    }
    struct str smaller;
    if (compress_into(r->c->arena, reply->body, &smaller) && smaller.n < reply->body.n) {
        reply->body = smaller;
        reply_header(r, "Content-Encoding", STR("gzip"));
        reply_header(r, "Vary", STR("Accept-Encoding"));
    }
}

static struct MHD_Response *file_response(struct call *call) {
    struct reply *reply = &call->x.request.reply;
    struct ctx *c = call->x.request.c;
    char *path = str_to_c(c->arena, reply->file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    if (reply->file_temporary) {
        unlink(path);
    }
    if (fd < 0 || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        if (fd >= 0) {
            close(fd);
        }
        ctx_fail_internal(c, "a file to send cannot be opened");
        return NULL;
    }
    struct MHD_Response *response = MHD_create_response_from_fd64((uint64_t)about.st_size, fd);
    peer_allow(call->peer, SEND_SECONDS + about.st_size / SEND_BYTES_A_SECOND);
    return response;
}

static struct MHD_Response *body_response(struct call *call) {
    struct str body = call->x.request.reply.body;
    peer_allow(call->peer, SEND_SECONDS + (int64_t)(body.n / SEND_BYTES_A_SECOND));
    /* The bytes stay in the arena until the call is given back, after they were sent. */
    return MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)body.p,
                                           MHD_RESPMEM_PERSISTENT);
}

static void add(struct MHD_Response *response, const char *name, const char *value) {
    MHD_add_response_header(response, name, value);
}

static void add_mime(struct MHD_Response *response, const struct call *call) {
    const struct reply *reply = &call->x.request.reply;
    struct arena *a = call->x.request.c->arena;
    const char *mime = reply->mime.n ? str_to_c(a, reply->mime) : "application/json";
    add(response, "Content-Type", mime);
    if (strncmp(mime, "text/html", 9) == 0) {
        if (!reply_has(reply, "Content-Security-Policy")) {
            add(response, "X-Frame-Options", "DENY");
            add(response, "Content-Security-Policy", page_policy);
        }
    }
}

static void add_headers(struct MHD_Response *response, const struct call *call) {
    const struct request *r = &call->x.request;
    const struct reply *reply = &r->reply;
    for (int i = 0; i < reply->n_headers; i++) {
        add(response, reply->headers[i].name.p, reply->headers[i].value.p);
    }
    if (reply->status != 204 && reply->status != 304) {
        add_mime(response, call);
    }
    if (!reply_has(reply, "Cache-Control")) {
        add(response, "Cache-Control", reply_has(reply, "ETag") ? "private, no-cache" : "no-store");
    }
    add(response, "X-Content-Type-Options", "nosniff");
    add(response, "Referrer-Policy", "same-origin");
    add(response, "X-Request-Id", str_to_c(r->c->arena, r->c->request_id));
    if (call->close || atomic_load(&call->server->stopping)) {
        add(response, "Connection", "close");
    }
}

enum MHD_Result call_respond(struct call *call) {
    struct exchange *x = &call->x;
    struct reply *reply = &x->request.reply;
    struct MHD_Response *response = NULL;
    if (ctx_failed(x->request.c)) {
        call->subscriber = feed_leave(call->subscriber);
    }
    exchange_finish(x);
    if (call->subscriber) {
        response = feed_response(call->subscriber);
        peer_allow(call->peer, 0);
    } else if (reply->file.n) {
        response = file_response(call);
        if (!response) {
            exchange_finish(x);
        }
    }
    if (!response) {
        response = body_response(call);
    }
    if (!response) {
        return MHD_NO;
    }
    add_headers(response, call);
    enum MHD_Result queued = MHD_queue_response(call->connection, (unsigned)reply->status,
                                                response);
    MHD_destroy_response(response);
    return queued;
}
