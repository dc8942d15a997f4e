#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/scheduling.h"
#include "http/call.h"
#include "http/feed.h"
#include "http/idempotency.h"

/* Seconds a connection may rest between requests, bytes libmicrohttpd gives a connection for
 * heads and buffers, bytes of an idle call's arena, calls kept for reuse. */
enum { REST_SECONDS = 60, CONNECTION_MEMORY = 32 * 1024, CALL_MEMORY = 16 * 1024, POOLED = 256 };

static struct call *call_new(struct server *s) {
    struct call *call = calloc(1, sizeof *call);
    if (call) {
        call->server = s;
        arena_init(&call->arena);
        arena_alloc(&call->arena, CALL_MEMORY);
        call->empty = arena_mark(&call->arena);
        call->empty.used = 0;
    }
    return call;
}

static struct call *call_take(struct server *s) {
    pthread_mutex_lock(&s->lock);
    struct call *call = s->pooled;
    if (call) {
        s->pooled = call->next;
        s->n_pooled--;
    }
    pthread_mutex_unlock(&s->lock);
    call = call ? call : call_new(s);
    if (call) {
        atomic_fetch_add(&s->calls, 1);
    }
    return call;
}

static void call_give_back(struct call *call) {
    struct server *s = call->server;
    body_discard(call);
    arena_reset(&call->arena, call->empty);
    struct arena arena = call->arena;
    struct arena_mark empty = call->empty;
    memset(call, 0, sizeof *call);
    call->arena = arena;
    call->empty = empty;
    call->server = s;
    pthread_mutex_lock(&s->lock);
    bool keep = s->n_pooled < POOLED;
    if (keep) {
        call->next = s->pooled;
        s->pooled = call;
        s->n_pooled++;
    }
    pthread_mutex_unlock(&s->lock);
    if (!keep) {
        arena_free(&call->arena);
        free(call);
    }
    atomic_fetch_sub(&s->calls, 1);
}

static struct peer *peer_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void on_connection(void *data, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what) {
    struct server *s = data;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        peer_close(s->peers, *context);
        return;
    }
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *context = peer_open(s->peers, info->connect_fd, s->options.header_seconds);
}

/* 16 digits that tell requests of this process apart. */
static struct str request_id_new(struct server *s, struct arena *a) {
    uint64_t n = atomic_fetch_add_explicit(&s->numbered, 1, memory_order_relaxed);
    char *text = arena_alloc(a, 17);
    for (int i = 15; i >= 0; i--) {
        text[i] = "0123456789abcdef"[n & 15];
        n >>= 4;
    }
    return (struct str){text, 16};
}

/* The request line has arrived: a call begins. The result is passed to the other hooks. */
static void *on_target(void *data, const char *target, struct MHD_Connection *connection) {
    struct server *s = data;
    struct call *call = call_take(s);
    struct peer *peer = peer_of(connection);
    if (!call || !peer) {
        return NULL;
    }
    call->started_ns = clock_steady_ns();
    call->connection = connection;
    call->peer = peer;
    call->spool = -1;
    peer_allow(peer, s->options.header_seconds);
    size_t n = strlen(target);
    n = n > TARGET_LENGTH ? TARGET_LENGTH + 1 : n;
    call->raw_target = (struct str){arena_copy(&call->arena, target, n), n};
    struct request *r = &call->x.request;
    r->c = &call->job.context;
    r->c->arena = &call->arena;
    r->c->now_ms = clock_now_ms();
    r->c->request_id = request_id_new(s, &call->arena);
    r->server = s;
    r->connection = call;
    r->client = str_from(peer->address);
    call->x.options = &s->options;
    return call;
}

struct header_list {
    struct header *items;
    int n;
};

static enum MHD_Result add_header(void *data, enum MHD_ValueKind kind, const char *key,
                                  size_t key_size, const char *value, size_t value_size) {
    struct header_list *list = data;
    (void)kind;
    if (list->n == EXCHANGE_HEADERS) {
        return MHD_NO;
    }
    list->items[list->n++] = (struct header){{key, key_size}, {value, value_size}};
    return MHD_YES;
}

static bool is_draining(const struct call *call) {
    struct str path = call->x.request.path;
    return atomic_load_explicit(&call->server->stopping, memory_order_relaxed) &&
           !str_is(path, "/healthz") && !str_is(path, "/readyz") && !str_is(path, "/metrics");
}

/* The head is complete. False when the reply must be sent without reading the body. */
static bool call_begin(struct call *call, const char *method) {
    struct exchange *x = &call->x;
    struct request *r = &x->request;
    struct header_list list = {ARENA_NEW_ARRAY(&call->arena, EXCHANGE_HEADERS, struct header), 0};
    MHD_get_connection_values_n(call->connection, MHD_HEADER_KIND, add_header, &list);
    x->method = method_parse(method);
    x->headers = list.items;
    x->n_headers = list.n;
    call->state = CALL_BODY;
    exchange_open(x, call->server->router, call->raw_target);
    if (is_draining(call)) {
        FAIL(r->c, ERROR_LIMIT, "server.stopping");
    }
    bool has_body = request_header(r, "Transfer-Encoding").p ||
                    request_header(r, "Content-Length").p;
    if (!has_body) {
        peer_allow(call->peer, 0);
        return true;
    }
    peer_allow(call->peer, call->server->options.body_seconds);
    return body_begin(call) && !str_is(str_from(r->c->error.text), "request.smuggled");
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *bytes,
                                  size_t *n_bytes, void **context) {
    struct call *call = *context;
    (void)data, (void)connection, (void)url, (void)version;
    if (!call) {
        return MHD_NO;
    }
    if (call->state == CALL_HEADERS) {
        call->close = !call_begin(call, method);
        return call->close ? call_respond(call) : MHD_YES;
    }
    if (call->state == CALL_BODY && *n_bytes) {
        body_add(call, bytes, *n_bytes);
        *n_bytes = 0;
        /* A body that goes on far beyond the limit is not worth an answer. */
        bool endless = call->too_large && call->arrived / 4 > call->server->options.body_limit;
        return endless ? MHD_NO : MHD_YES;
    }
    if (call->state == CALL_BODY) {
        peer_allow(call->peer, 0);
        body_end(call);
        return call_run(call) ? call_respond(call) : MHD_YES;
    }
    /* Asked again after the connection was resumed. */
    return call->state == CALL_READY ? call_respond(call) : MHD_YES;
}

static void log_access(const struct call *call, int64_t duration_ns) {
    static const char *const lanes[] = {"none", "inline", "slow", "writer"};
    const struct request *r = &call->x.request;
    LOG(call->server->options.access_log ? LOG_INFO : LOG_DEBUG, "request",
        {"request_id", .text = r->c->request_id},
        {"method", .text = str_from(method_word(call->x.method))},
        {"route", .text = r->route ? str_from(r->route->path) : STR("-")},
        {"status", .number = r->reply.status}, {"lane", .text = str_from(lanes[call->lane])},
        {"duration_us", .number = duration_ns / 1000}, {"client", .text = r->client});
}

static void on_completed(void *data, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode why) {
    struct call *call = *context;
    (void)data, (void)connection, (void)why;
    if (!call) {
        return;
    }
    *context = NULL;
    int64_t duration = clock_steady_ns() - call->started_ns;
    if (call->x.request.reply.status && !call->subscriber) {
        metrics_request(call->server->metrics, (int)call->lane, call->x.request.reply.status,
                        duration);
    }
    log_access(call, duration);
    feed_leave(call->subscriber);
    peer_allow(call->peer, REST_SECONDS);
    call_give_back(call);
}

static void on_complaint(void *data, const char *format, va_list arguments) {
    char text[256];
    (void)data;
    vsnprintf(text, sizeof text, format, arguments);
    LOG(LOG_DEBUG, "server.library", {"text", .text = str_trim(str_from(text))});
}

/* Starting and stopping. */

static int listen_on(struct ctx *c, const struct server_options *o) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)o->port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)o->port)};
    const char *address = str_to_c(c->arena, o->address.n ? o->address : STR("127.0.0.1"));
    bool is_six = strchr(address, ':') != NULL;
    if (inet_pton(is_six ? AF_INET6 : AF_INET, address,
                  is_six ? (void *)&six.sin6_addr : (void *)&four.sin_addr) != 1) {
        ctx_fail_internal(c, "%s is no address to listen on", address);
        return -1;
    }
    int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    const struct sockaddr *name = is_six ? (void *)&six : (void *)&four;
    if (fd < 0 || bind(fd, name, is_six ? sizeof six : sizeof four) != 0 ||
        listen(fd, SOMAXCONN) != 0) {
        ctx_fail_internal(c, "cannot listen on %s port %d: %s", address, o->port, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

/* Each connection is a file; the soft limit is often as low as 1,024. */
static void raise_file_limit(int connections) {
    struct rlimit limit;
    rlim_t wanted = (rlim_t)connections + 512;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void daemon_start(struct ctx *c, struct server *s) {
    const struct server_options *o = &s->options;
    int fd = listen_on(c, o);
    if (fd < 0) {
        return;
    }
    unsigned per_client = o->trust_proxy || o->connections_per_client < 0
                              ? 0
                              : (unsigned)o->connections_per_client;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_THREAD_POOL_SIZE, o->network_threads > 1 ? o->network_threads : 0, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, o->connections, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)per_client, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, REST_SECONDS, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, s},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_target, s},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, s},
        {MHD_OPTION_END, 0, NULL},
    };
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO |
                     MHD_USE_ERROR_LOG;
    scheduling_prompt(true);
    s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER,
                                 on_complaint, NULL, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    scheduling_prompt(false);
    if (!s->daemon) {
        close(fd);
        ctx_fail_internal(c, "the HTTP library does not start");
        return;
    }
    struct sockaddr_storage bound = {0};
    socklen_t n = sizeof bound;
    getsockname(fd, (struct sockaddr *)&bound, &n);
    s->options.port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                        : ((struct sockaddr_in *)&bound)->sin_port);
}

static void options_take(struct server *s, const struct server_options *options) {
    struct server_options *o = &s->options;
    *o = *options;
    o->address = str_copy(&s->arena, options->address);
    o->url = str_copy(&s->arena, options->url);
    o->spool_folder = str_copy(&s->arena, options->spool_folder);
    o->trusted_proxies = str_copy(&s->arena, options->trusted_proxies);
    o->network_threads = o->network_threads > 0 ? o->network_threads : 1;
    o->slow_threads = o->slow_threads > 0 ? o->slow_threads : 1;
    o->body_limit = o->body_limit ? o->body_limit : 1 << 20;
    o->upload_limit = o->upload_limit ? o->upload_limit : 100 << 20;
    o->header_seconds = o->header_seconds ? o->header_seconds : 10;
    o->body_seconds = o->body_seconds ? o->body_seconds : 60;
    o->handler_seconds = o->handler_seconds ? o->handler_seconds : 60;
    o->inline_budget_ms = o->inline_budget_ms ? o->inline_budget_ms : 50;
    o->connections = o->connections ? o->connections : 4000;
}

static void need_writer(struct ctx *c, const struct server_options *o) {
    for (const struct route *const *list = o->routes; *list && !o->writer; list++) {
        for (const struct route *route = *list; route->path; route++) {
            if (route->lane == LANE_WRITER) {
                ctx_fail_internal(c, "route %s wants a writer, and there is none", route->path);
            }
        }
    }
}

static void server_free(struct server *s) {
    slow_pool_stop(s->slow);
    feed_stop(s->feed);
    peers_stop(s->peers);
    readers_close(s);
    while (s->pooled) {
        struct call *call = s->pooled;
        s->pooled = call->next;
        arena_free(&call->arena);
        free(call);
    }
    router_free(s->router);
    metrics_free(s->metrics);
    pthread_mutex_destroy(&s->lock);
    arena_free(&s->arena);
    free(s);
}

static void parts_start(struct ctx *c, struct server *s) {
    uint64_t from;
    random_bytes(&from, sizeof from);
    atomic_store(&s->numbered, from);
    raise_file_limit(s->options.connections);
    if (s->options.spool_folder.n) {
        mkdir(s->options.spool_folder.p, 0700); /* when it is not there yet */
    }
    s->metrics = metrics_new();
    s->peers = peers_start();
    s->feed = s->peers ? feed_start(s->peers) : NULL;
    s->slow = slow_pool_start(s);
    if (!s->metrics || !s->feed || !s->slow) {
        ctx_fail_internal(c, "the server cannot start its threads");
        return;
    }
    daemon_start(c, s);
}

static double slow_waiting(void *data) {
    return slow_pool_waiting(((struct server *)data)->slow);
}

static double feed_count(void *data) {
    return stream_count(data);
}

static double connection_count(void *data) {
    return peers_count(((struct server *)data)->peers);
}

static double feed_cut(void *data) {
    return (double)feed_dropped(((struct server *)data)->feed);
}

static void own_gauges(struct server *s) {
    const struct gauge gauges[] = {
        {"guantong_connections", "Open connections.", connection_count, s},
        {"guantong_slow_waiting", "Requests waiting for the slow pool.", slow_waiting, s},
        {"guantong_stream_subscribers", "Open live feeds.", feed_count, s},
        {"guantong_stream_cut", "Live feeds cut off for reading too slowly.", feed_cut, s},
    };
    for (size_t i = 0; i < sizeof gauges / sizeof gauges[0]; i++) {
        server_gauge(s, &gauges[i]);
    }
}

/* A job of the writer that nobody waits for and that frees itself. */
static void start_timers(struct ctx *c, void *data) {
    (void)data;
    idempotency_start(c);
}

static void set_timers(struct server *s) {
    struct arena arena;
    arena_init(&arena);
    struct write_job job = {.run = start_timers,
                            .context = {.arena = &arena, .now_ms = clock_now_ms()}};
    writer_run(s->options.writer, &job);
    if (ctx_failed(&job.context)) {
        log_error(&job.context, "server.timers");
    }
    arena_free(&arena);
}

struct server *server_start(struct ctx *c, const struct server_options *options) {
    if (!crypto_start()) {
        ctx_fail_internal(c, "no source of randomness");
        return NULL;
    }
    struct server *s = calloc(1, sizeof *s);
    if (!s) {
        ctx_fail_internal(c, "no memory for the server");
        return NULL;
    }
    pthread_mutex_init(&s->lock, NULL);
    arena_init(&s->arena);
    options_take(s, options);
    need_writer(c, &s->options);
    s->router = router_build(c, s->options.routes);
    if (!ctx_failed(c)) {
        parts_start(c, s);
    }
    if (ctx_failed(c)) {
        server_free(s);
        return NULL;
    }
    own_gauges(s);
    if (s->options.writer) {
        set_timers(s);
    }
    return s;
}

int server_port(const struct server *s) {
    return s->options.port;
}

void server_gauge(struct server *s, const struct gauge *g) {
    metrics_add_gauge(s->metrics, g);
}

static void wait_ms(int ms) {
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

void server_stop(struct server *s) {
    atomic_store(&s->stopping, true);
    int fd = MHD_quiesce_daemon(s->daemon);
    feed_end(s->feed);
    int64_t until = clock_steady_ns() + s->options.handler_seconds * INT64_C(1000000000);
    while (atomic_load(&s->calls) > 0 && clock_steady_ns() < until) {
        wait_ms(5);
    }
    /* libmicrohttpd cannot stop while the pool or the writer holds a connection. */
    while (atomic_load(&s->suspended) > 0 || stream_count(s) > 0) {
        wait_ms(5);
    }
    MHD_stop_daemon(s->daemon);
    if (fd >= 0) {
        close(fd);
    }
    server_free(s);
}
