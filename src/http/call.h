/*
 * A call: an exchange on a socket, and the parts of the server that carry it.
 *
 * A call is taken from a pool when a request line arrives and given back when libmicrohttpd
 * has sent the reply or lost the connection. It is touched by one thread at a time: the
 * network thread, or, while its connection is suspended, the thread of the slow pool or of
 * the writer that holds it.
 */
#ifndef GUANTONG_HTTP_CALL_H
#define GUANTONG_HTTP_CALL_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http/exchange.h"
#include "http/metrics.h"
#include "http/peer.h"

enum call_state {
    CALL_HEADERS, /* nothing but the request line is known */
    CALL_BODY,
    CALL_RUNNING, /* suspended: in the slow pool or the writer */
    CALL_READY    /* the reply can be sent */
};

struct subscriber;

struct call {
    struct exchange x;
    struct write_job job; /* job.context is the context of the request */
    struct arena arena;
    struct arena_mark empty; /* keeps the first block from call to call */
    struct server *server;
    struct MHD_Connection *connection;
    struct peer *peer;
    enum call_state state;
    enum route_lane lane; /* where the handler ran, for metrics */
    int64_t started_ns, queued_ns;
    int64_t deadline_ns; /* of the database work in hand; 0 when there was none */
    struct str raw_target;
    bool authorized, preparing, too_large, close;
    uint64_t arrived; /* bytes of the body so far */
    struct text_buffer body;
    int spool; /* file of an upload's body, -1 when there is none */
    struct str spool_path;
    struct subscriber *subscriber;
    struct call *next; /* in a queue or the pool */
};

struct reader; /* a reading connection that belongs to a thread */
struct slow_pool;
struct feed;

struct server {
    struct server_options options;
    struct arena arena;
    struct router *router;
    struct MHD_Daemon *daemon;
    struct slow_pool *slow;
    struct peers *peers;
    struct feed *feed;
    struct metrics *metrics;
    pthread_mutex_t lock; /* readers, pooled calls */
    struct reader *readers;
    struct call *pooled;
    int n_pooled;
    _Atomic int calls;     /* taken and not given back */
    _Atomic int suspended; /* of them, those with the slow pool or the writer */
    _Atomic uint64_t numbered;
    _Atomic bool stopping;
};

/* lanes.c: run the call's handler where its route wants it. True when the reply is ready; false
 * when the connection was suspended: then the call may already be another thread's. */
bool call_run(struct call *call);
/* Who calls and may he, on this thread with its own reading connection. */
void call_authorize(struct call *call);
struct slow_pool *slow_pool_start(struct server *s);
void slow_pool_stop(struct slow_pool *pool);
int slow_pool_waiting(struct slow_pool *pool);
void readers_close(struct server *s);

/* body.c: false when the call cannot go on and its context has failed. */
bool body_begin(struct call *call);
void body_add(struct call *call, const char *data, size_t n);
/* The whole body is there: make it the request's. */
void body_end(struct call *call);
/* Take a multipart upload apart; may read and write files, so not on a network thread. */
void body_unpack(struct call *call);
void body_discard(struct call *call);

/* respond.c: finish the exchange and hand its reply to libmicrohttpd. */
enum MHD_Result call_respond(struct call *call);
/* Compress a large reply when the client accepts it; not on a network thread. */
void reply_compress(struct call *call);

#endif
