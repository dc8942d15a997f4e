/*
 * Where handlers run. Inline on the network thread, within a time budget: a handler that
 * exceeds it is stopped and run again in the slow pool, so that one unlucky query costs its
 * neighbours the budget and no more. Slow and writer calls suspend their connection first,
 * for the other thread may be done before this one gets to it.
 */
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/scheduling.h"
#include "db/unit.h"
#include "http/call.h"

/* Queued calls a slow thread, and bytes of JSON that are parsed on a network thread. */
enum { WAITING_PER_THREAD = 64, PARSED_INLINE = 64 * 1024 };

struct reader {
    struct db *db;
    struct reader *next;
};

/* Each thread belongs to one server for life, so its connection is found without a lock. */
static _Thread_local struct {
    const struct server *server;
    struct db *db;
    bool slow;
} of_thread;

static struct db *thread_reader(struct server *s, struct ctx *c) {
    if (of_thread.server == s) {
        return of_thread.db;
    }
    struct db *db = db_open(c, s->options.url, of_thread.slow ? DB_READER : DB_ANSWERER);
    struct reader *reader = db ? calloc(1, sizeof *reader) : NULL;
    if (!reader) {
        log_error(c, "database.lost");
        ctx_clear_error(c);
        FAIL(c, ERROR_LIMIT, "database.lost");
        return NULL;
    }
    reader->db = db;
    if (of_thread.slow) {
        db_yielding(db);
    }
    pthread_mutex_lock(&s->lock);
    reader->next = s->readers;
    s->readers = reader;
    pthread_mutex_unlock(&s->lock);
    of_thread.server = s;
    of_thread.db = db;
    return db;
}

void readers_close(struct server *s) {
    while (s->readers) {
        struct reader *reader = s->readers;
        s->readers = reader->next;
        db_close(reader->db);
        free(reader);
    }
}

static void reading_begin(struct call *call, int64_t budget_ms) {
    struct ctx *c = call->x.request.c;
    bool without = call->x.request.route->flags & ROUTE_NO_DATABASE;
    if (without || !call->server->options.url.n) {
        return;
    }
    c->db = thread_reader(call->server, c);
    if (c->db) {
        call->deadline_ns = clock_steady_ns() + budget_ms * 1000000;
        db_deadline(c->db, call->deadline_ns);
        db_begin(c);
    }
}

static void reading_end(struct call *call) {
    struct ctx *c = call->x.request.c;
    if (c->db) {
        db_rollback(c->db);
        db_deadline(c->db, 0);
        c->db = NULL;
    }
}

/* It counts only when it came to its end: one that the budget stopped is begun anew. */
static void authorize_once(struct call *call) {
    struct ctx *c = call->x.request.c;
    if (!call->authorized && !ctx_failed(c)) {
        c->actor = NULL;
        exchange_authorize(&call->x);
        call->authorized = !ctx_failed(c);
    }
}

/* Whether the time budget stopped what ran here; then the failure is forgotten, for it can go on
 * in the slow pool. Told by the time, for handlers may have put it in words of their own. */
static bool late_forgiven(struct call *call) {
    struct ctx *c = call->x.request.c;
    bool late = c->error.code == ERROR_LIMIT && call->deadline_ns &&
                clock_steady_ns() >= call->deadline_ns && !call->subscriber;
    if (late) {
        ctx_clear_error(c);
    }
    return late;
}

void call_authorize(struct call *call) {
    reading_begin(call, call->server->options.inline_budget_ms);
    authorize_once(call);
    reading_end(call);
}

/* After this the network thread may send the reply and give the call back. */
static void resume(struct call *call) {
    struct server *s = call->server;
    struct MHD_Connection *connection = call->connection;
    call->state = CALL_READY;
    MHD_resume_connection(connection);
    atomic_fetch_sub(&s->suspended, 1);
}

static void suspend(struct call *call) {
    atomic_fetch_add(&call->server->suspended, 1);
    call->state = CALL_RUNNING;
    MHD_suspend_connection(call->connection);
}

/* The writer's lane. */

static void write_run(struct ctx *c, void *data) {
    struct call *call = data;
    (void)c;
    exchange_handle(&call->x);
}

static void write_done(struct write_job *job) {
    struct call *call = job->data;
    job->context.db = NULL;
    resume(call);
}

static void write_submit(struct call *call) {
    struct ctx *c = call->x.request.c;
    call->job.run = write_run;
    call->job.done = write_done;
    call->job.data = call;
    call->job.priority = WRITE_LIVE;
    if (!writer_submit(call->server->options.writer, &call->job)) {
        FAIL(c, ERROR_LIMIT, "server.busy");
        resume(call);
    }
}

/* The slow pool: two queues, for preparing what the writer waits for must not stand behind
 * reports. Reports leave one thread of several free. Its threads give way to the network's, so
 * they may stand still while they hold the lock: the network adds calls without it. */

struct queue {
    struct call *first, *last;
    atomic_int n; /* with those that still are among the arrived */
};

struct slow_pool {
    struct server *server;
    _Atomic(struct call *) arrived; /* the newest first */
    sem_t changed;                  /* once for each that arrived and for other reasons to look */
    pthread_mutex_t lock;
    struct queue preparing, reports;
    int n_threads, reporting;
    atomic_bool stopping;
    pthread_t threads[];
};

static struct queue *queue_of(struct slow_pool *pool, const struct call *call) {
    return call->preparing ? &pool->preparing : &pool->reports;
}

static struct call *queue_take(struct queue *q) {
    struct call *call = q->first;
    if (call) {
        q->first = call->next;
        q->last = q->first ? q->last : NULL;
        atomic_fetch_sub(&q->n, 1);
    }
    return call;
}

static bool slow_submit(struct slow_pool *pool, struct call *call) {
    struct queue *q = queue_of(pool, call);
    bool room = atomic_fetch_add(&q->n, 1) < WAITING_PER_THREAD * pool->n_threads;
    if (!room || atomic_load(&pool->stopping)) {
        atomic_fetch_sub(&q->n, 1);
        return false;
    }
    call->queued_ns = clock_steady_ns();
    call->next = atomic_load(&pool->arrived);
    while (!atomic_compare_exchange_weak(&pool->arrived, &call->next, call)) {
    }
    sem_post(&pool->changed);
    return true;
}

/* Behind those that wait already, in the order in which they came. */
static void arrived_sort(struct slow_pool *pool) {
    struct call *newest = atomic_exchange(&pool->arrived, NULL), *oldest = NULL;
    while (newest) {
        struct call *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest) {
        struct call *call = oldest;
        struct queue *q = queue_of(pool, call);
        oldest = call->next;
        call->next = NULL;
        *(q->last ? &q->last->next : &q->first) = call;
        q->last = call;
    }
}

static void report_run(struct call *call) {
    reading_begin(call, call->server->options.handler_seconds * (int64_t)MS_SECOND);
    authorize_once(call);
    exchange_handle(&call->x);
    reading_end(call);
    reply_compress(call);
    resume(call);
}

static void prepare_run(struct call *call) {
    struct request *r = &call->x.request;
    if (r->route->prepare || !call->authorized) {
        reading_begin(call, call->server->options.handler_seconds * (int64_t)MS_SECOND);
        authorize_once(call);
        if (r->route->prepare && !ctx_failed(r->c)) {
            r->route->prepare(r);
        }
        reading_end(call);
    }
    if (ctx_failed(r->c)) {
        resume(call);
    } else {
        write_submit(call);
    }
}

static void slow_run(struct call *call) {
    struct ctx *c = call->x.request.c;
    int64_t waited_ms = (clock_steady_ns() - call->queued_ns) / 1000000;
    if (waited_ms > call->server->options.handler_seconds * (int64_t)MS_SECOND) {
        FAIL(c, ERROR_LIMIT, "server.busy");
        resume(call);
        return;
    }
    body_unpack(call);
    exchange_read_body(&call->x);
    if (call->preparing) {
        prepare_run(call);
    } else {
        report_run(call);
    }
}

/* The next call for this thread; NULL when the pool stops and its queues are empty. */
static struct call *slow_take(struct slow_pool *pool) {
    int most = pool->n_threads > 1 ? pool->n_threads - 1 : 1;
    for (;;) {
        arrived_sort(pool);
        struct call *call = queue_take(&pool->preparing);
        if (!call && pool->reporting < most) {
            call = queue_take(&pool->reports);
            pool->reporting += call != NULL;
        }
        if (call || (atomic_load(&pool->stopping) && !pool->reports.first)) {
            return call;
        }
        pthread_mutex_unlock(&pool->lock);
        sem_wait(&pool->changed);
        pthread_mutex_lock(&pool->lock);
    }
}

static void *slow_thread(void *data) {
    struct slow_pool *pool = data;
    of_thread.slow = true;
    scheduling_yielding();
    pthread_mutex_lock(&pool->lock);
    for (struct call *call; (call = slow_take(pool));) {
        bool report = !call->preparing;
        pthread_mutex_unlock(&pool->lock);
        slow_run(call);
        pthread_mutex_lock(&pool->lock);
        pool->reporting -= report;
        if (report && pool->reports.first) {
            sem_post(&pool->changed);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    sem_post(&pool->changed);
    return NULL;
}

struct slow_pool *slow_pool_start(struct server *s) {
    int n = s->options.slow_threads;
    struct slow_pool *pool = calloc(1, sizeof *pool + (size_t)n * sizeof(pthread_t));
    if (!pool) {
        return NULL;
    }
    pool->server = s;
    pthread_mutex_init(&pool->lock, NULL);
    sem_init(&pool->changed, 0, 0);
    pthread_mutex_lock(&pool->lock);
    while (pool->n_threads < n &&
           pthread_create(&pool->threads[pool->n_threads], NULL, slow_thread, pool) == 0) {
        pool->n_threads++;
    }
    pthread_mutex_unlock(&pool->lock);
    if (pool->n_threads == n) {
        return pool;
    }
    slow_pool_stop(pool);
    return NULL;
}

void slow_pool_stop(struct slow_pool *pool) {
    if (!pool) {
        return;
    }
    atomic_store(&pool->stopping, true);
    sem_post(&pool->changed);
    for (int i = 0; i < pool->n_threads; i++) {
        pthread_join(pool->threads[i], NULL);
    }
    pthread_mutex_destroy(&pool->lock);
    sem_destroy(&pool->changed);
    free(pool);
}

int slow_pool_waiting(struct slow_pool *pool) {
    return atomic_load(&pool->preparing.n) + atomic_load(&pool->reports.n);
}

static void slow_hand_over(struct call *call) {
    if (!slow_submit(call->server->slow, call)) {
        FAIL(call->x.request.c, ERROR_LIMIT, "server.busy");
        resume(call);
    }
}

static bool needs_preparing(const struct call *call) {
    const struct request *r = &call->x.request;
    bool elsewhere = r->route->prepare && !(r->route->flags & ROUTE_PREPARE_HERE);
    return !call->authorized || elsewhere || call->spool >= 0 || r->body.n > PARSED_INLINE;
}

/* False: the connection is suspended, and the call is no longer this thread's. */
static bool run_elsewhere(struct call *call) {
    call->preparing = call->lane == LANE_WRITER && needs_preparing(call);
    if (call->lane == LANE_WRITER && !call->preparing) {
        struct request *r = &call->x.request;
        exchange_read_body(&call->x);
        if (r->route->prepare && !ctx_failed(r->c)) {
            r->route->prepare(r);
        }
        if (ctx_failed(r->c)) {
            return true;
        }
        suspend(call);
        write_submit(call);
        return false;
    }
    suspend(call);
    slow_hand_over(call);
    return false;
}

static bool run_inline(struct call *call) {
    reading_begin(call, call->server->options.inline_budget_ms);
    authorize_once(call);
    exchange_handle(&call->x);
    reading_end(call);
    if (!late_forgiven(call)) {
        return true;
    }
    call->lane = LANE_SLOW;
    return run_elsewhere(call);
}

bool call_run(struct call *call) {
    struct ctx *c = call->x.request.c;
    if (ctx_failed(c)) {
        return true;
    }
    call->lane = call->x.request.route->lane;
    if (call->lane == LANE_INLINE) {
        return run_inline(call);
    }
    if (!call->authorized) {
        call_authorize(call);
    }
    if (ctx_failed(c) && !late_forgiven(call)) {
        return true;
    }
    return run_elsewhere(call);
}
