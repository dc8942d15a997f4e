#include "db/writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/driver.h"

enum {
    QUEUE_BOUND = 10000,
    DEFAULT_BATCH = 64,
    DEFAULT_BUDGET_MS = 10,
    MOST_LANES = 4,
    DEFAULT_LANES = 2,
    ATTEMPTS = 10,
    REST_MOST_MS = 100, /* between two attempts */
    SLOW_MS = 50,
    BULK_REST = 4,        /* times as long as it took, while others wait */
    CAREFUL_BATCHES = 16, /* with savepoints, after a job has failed that had written */
    REACTION_SHARE = 4    /* every fourth place is a reaction's when both wait */
};

/* ns. */
static const int64_t bulk_patience = 50 * 1000000LL;   /* then bulk goes before live jobs once; */
static const int64_t bulk_rest_most = 250 * 1000000LL; /* or later, by BULK_REST */
static const int64_t load_patience = 3000 * 1000000LL; /* of history while somebody loads */
static const int64_t live_pause = 5 * 1000000LL; /* callers who were answered ask again soon */
static const int64_t lost_patience = 10 * 1000000000LL;

struct queue {
    struct write_job *first, *last;
};

/* A thread with its connection, and the batch it is working on. */
struct lane {
    struct writer *writer;
    pthread_t thread;
    bool started;
    struct arena arena;
    struct ctx c;
    struct queue batch;
    int n;                    /* jobs of the batch */
    int live, reactions;      /* those of them that are live, and that are reactions */
    bool single;              /* a job that is run again, by itself */
    enum write_priority back; /* a batch of those that stand back; WRITE_LIVE: it is none */
    int careful;              /* how many batches more have savepoints between their jobs */
    int64_t began_ns;
    int64_t joined_ns; /* when others joined a batch of those that stand back; 0: none did */
};

struct writer {
    struct writer_options options;
    pthread_mutex_t mutex;
    pthread_cond_t work, room;
    struct queue queues[WRITE_PRIORITIES];
    struct write_job *resting; /* to be run again, by the end of their rest */
    int waiting;
    _Atomic int live; /* those of them in the live queue */
    bool stopping;
    int loads;
    int at_work;                             /* lanes with a batch that does not stand back */
    int64_t stood_back_ns[WRITE_PRIORITIES]; /* when those that stand back last had a turn */
    int64_t rest_ns[WRITE_PRIORITIES];       /* how long they stand back after it */
    int64_t live_ns;                         /* when a live job last came, or was answered */
    struct writer_statistics statistics;
    int n_lanes;
    struct lane lanes[MOST_LANES];
};

static void queue_push(struct queue *q, struct write_job *job) {
    job->next = NULL;
    *(q->last ? &q->last->next : &q->first) = job;
    q->last = job;
}

static struct write_job *queue_pop(struct queue *q) {
    struct write_job *job = q->first;
    if (job) {
        q->first = job->next;
        q->last = q->first ? q->last : NULL;
        job->next = NULL;
    }
    return job;
}

static void resting_add(struct writer *w, struct write_job *job) {
    struct write_job **link = &w->resting;
    while (*link && (*link)->queued_ns <= job->queued_ns) {
        link = &(*link)->next;
    }
    job->next = *link;
    *link = job;
}

static struct write_job *job_pop(struct writer *w, enum write_priority priority) {
    struct write_job *job = queue_pop(&w->queues[priority]);
    w->live -= job && priority == WRITE_LIVE;
    return job;
}

/* From when on bulk jobs, or those of history, have their turn; never when none waits. They stand
 * back while others wait, are at work on another lane or have just come, but not for ever. */
static int64_t back_due(const struct writer *w, enum write_priority priority) {
    const struct write_job *job = w->queues[priority].first;
    if (!job) {
        return INT64_MAX;
    }
    int64_t last = w->stood_back_ns[priority];
    int64_t before = job->queued_ns > last ? job->queued_ns : last;
    bool held = priority == WRITE_HISTORY && w->loads > 0 && !w->stopping;
    bool others = w->queues[WRITE_LIVE].first || w->queues[WRITE_REACTION].first || held ||
                  w->at_work > 0;
    int64_t patient = before + (held ? load_patience : w->rest_ns[priority]);
    int64_t quiet = w->stopping ? 0 : w->live_ns + live_pause;
    return others || patient < quiet ? patient : quiet;
}

/* The first job of a batch decides what kind of batch it is. */
static struct write_job *first_take(struct writer *w, struct lane *lane, int64_t now) {
    struct write_job *rested = w->resting;
    if (rested && rested->queued_ns <= now) {
        w->resting = rested->next;
        lane->single = true;
        return rested;
    }
    int64_t bulk = back_due(w, WRITE_BULK), history = back_due(w, WRITE_HISTORY);
    if (now >= bulk || now >= history) {
        lane->back = history < bulk ? WRITE_HISTORY : WRITE_BULK;
        w->stood_back_ns[lane->back] = now;
        return job_pop(w, lane->back);
    }
    bool live = w->queues[WRITE_LIVE].first;
    return job_pop(w, live ? WRITE_LIVE : WRITE_REACTION);
}

static bool batch_full(const struct writer *w, const struct lane *lane, int64_t now) {
    int64_t since = lane->joined_ns ? lane->joined_ns : lane->began_ns;
    return lane->single || lane->n >= w->options.batch ||
           now - since > w->options.budget_ms * 1000000LL;
}

/* Who waits for the end of what stands back joins it: its commit is the only one to wait for. */
static struct write_job *further_take(struct writer *w, struct lane *lane, int64_t now) {
    bool live = w->queues[WRITE_LIVE].first;
    bool reaction = w->queues[WRITE_REACTION].first;
    if (lane->back && !lane->joined_ns && (live || reaction)) {
        lane->joined_ns = now;
    }
    if (batch_full(w, lane, now)) {
        return NULL;
    }
    if (lane->back && !live && !reaction) {
        return lane->joined_ns ? NULL : job_pop(w, lane->back);
    }
    if (reaction && (!live || lane->reactions * REACTION_SHARE < lane->n)) {
        return job_pop(w, WRITE_REACTION);
    }
    return job_pop(w, WRITE_LIVE);
}

/* The next job of the batch; NULL when the batch is to be committed as it is. */
static struct write_job *job_take(struct lane *lane) {
    struct writer *w = lane->writer;
    int64_t now = clock_steady_ns();
    pthread_mutex_lock(&w->mutex);
    struct write_job *job = lane->n == 0 ? first_take(w, lane, now) : further_take(w, lane, now);
    if (job) {
        w->waiting--;
        w->at_work += lane->n == 0 && !lane->back;
        pthread_cond_signal(&w->room);
    }
    pthread_mutex_unlock(&w->mutex);
    if (job) {
        queue_push(&lane->batch, job);
        lane->n++;
        lane->live += job->priority == WRITE_LIVE;
        lane->reactions += job->priority == WRITE_REACTION;
    }
    return job;
}

static void slow_log(struct writer *w, const struct write_job *job, int64_t ns) {
    pthread_mutex_lock(&w->mutex);
    w->statistics.slow++;
    pthread_mutex_unlock(&w->mutex);
    LOG(LOG_WARN, "writer.slow", {"request", .text = job->context.request_id},
        {"priority", .number = job->priority}, {"ms", .number = ns / 1000000});
}

static void job_execute(struct lane *lane, struct write_job *job) {
    const struct writer_options *o = &lane->writer->options;
    arena_reset(job->context.arena, job->mark);
    ctx_clear_error(&job->context);
    job->context.db = lane->c.db;
    int64_t before = clock_steady_ns();
    if (job->ahead && job->attempts == 0 && lane->c.db->hurried) {
        job->ahead(&job->context, job->data);
    }
    if (o->prepare) {
        o->prepare(&job->context, o->data);
    }
    job->run(&job->context, job->data);
    int64_t ns = clock_steady_ns() - before;
    if (ns > SLOW_MS * 1000000LL) {
        slow_log(lane->writer, job, ns);
    }
}

static void sleep_ms(int64_t ms) {
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* Begin, waiting for a database that is being restarted or replaced. */
static void lane_begin(struct lane *lane, struct ctx *c) {
    int64_t until = clock_steady_ns() + lost_patience;
    for (int64_t ms = 10;; ms = ms < 320 ? ms * 2 : ms) {
        db_begin(c);
        if (!ctx_failed(c) || !c->db->driver->lost(c->db) || clock_steady_ns() > until) {
            return;
        }
        LOG(LOG_WARN, "writer.database_lost", {"lane", .number = lane - lane->writer->lanes});
        ctx_clear_error(c);
        sleep_ms(ms);
    }
}

/* Whether a job gets a savepoint. The first needs none, as nothing stands before it. A savepoint
 * copies each page that is written after it on SQLite, and costs PostgreSQL a transaction within
 * the transaction and us a round trip, so the others do without as long as all goes well: a job
 * that fails has mostly written nothing yet. But what stood back is too long to be run again for
 * who joined it. */
static bool job_guarded(const struct lane *lane, const struct write_job *job) {
    bool joined = lane->back && job->priority != lane->back;
    return (lane->careful > 0 || joined) && job != lane->batch.first;
}

/* A job without savepoint has failed. False when it had written: then nothing of the transaction
 * is left, and a new one has begun. */
static bool job_undo(struct lane *lane, struct db_mark before) {
    struct db *db = lane->c.db;
    if (db->touched == before.touched && db_in_transaction(db)) {
        deferred_cut(db, before.deferred);
        return true;
    }
    db_rollback(db);
    lane_begin(lane, &lane->c);
    return false;
}

enum outcome { JOB_IN, JOB_ALL_AGAIN, JOB_BATCH_LOST };

/* Run a job inside the batch's transaction. */
static enum outcome job_run_among(struct lane *lane, struct write_job *job) {
    struct db *db = lane->c.db;
    bool guarded = job_guarded(lane, job), kept = true;
    struct db_mark before = db_mark(db);
    if (guarded) {
        db_savepoint(&lane->c);
    }
    if (!ctx_failed(&lane->c)) {
        job_execute(lane, job);
    }
    bool failed = ctx_failed(&job->context);
    if (failed && !guarded) {
        kept = job_undo(lane, before);
    }
    while (db->depth > 0 && !ctx_failed(&lane->c)) { /* the job may have left its own open */
        if (failed) {
            db_rollback_savepoint(db);
        } else {
            db_release(&lane->c);
        }
    }
    if (ctx_failed(&lane->c) || !db_in_transaction(db)) {
        return JOB_BATCH_LOST;
    }
    return kept || job == lane->batch.first ? JOB_IN : JOB_ALL_AGAIN;
}

static void count(struct lane *lane, int jobs, int commits, int reruns) {
    struct writer *w = lane->writer;
    pthread_mutex_lock(&w->mutex);
    w->statistics.jobs += jobs;
    w->statistics.commits += commits;
    w->statistics.reruns += reruns;
    pthread_mutex_unlock(&w->mutex);
}

static void committed(struct lane *lane, int64_t written_before) {
    const struct writer_options *o = &lane->writer->options;
    struct db *db = lane->c.db;
    if (o->committed && db->written > written_before) {
        o->committed(o->data, db->news);
    }
    db->news = 0;
}

/* A job's end: answered, or put to rest to be run again. */
static void job_settle(struct lane *lane, struct write_job *job) {
    struct writer *w = lane->writer;
    job->context.db = NULL;
    if (job->context.error.code == ERROR_RETRY && ++job->attempts < ATTEMPTS) {
        int64_t ms = 1LL << job->attempts;
        ms = ms < REST_MOST_MS ? ms : REST_MOST_MS;
        int64_t now = clock_steady_ns();
        job->queued_ns = now + ms * 1000000 + now % 1000000;
        pthread_mutex_lock(&w->mutex);
        w->statistics.reruns++;
        w->waiting++;
        resting_add(w, job);
        pthread_cond_signal(&w->work);
        pthread_mutex_unlock(&w->mutex);
        return;
    }
    count(lane, 1, 0, 0);
    job->done(job);
}

/* A job in a transaction of its own. */
static void job_run_singly(struct lane *lane, struct write_job *job) {
    struct ctx *c = &job->context;
    ctx_clear_error(c);
    c->db = lane->c.db;
    int64_t written = c->db->written;
    c->db->hurried = false;
    lane_begin(lane, c);
    if (!ctx_failed(c)) {
        job_execute(lane, job);
    }
    if (ctx_failed(c)) {
        db_rollback(lane->c.db);
    } else {
        db_commit(c);
    }
    if (!ctx_failed(c)) {
        count(lane, 0, 1, 0);
        committed(lane, written);
    }
    job_settle(lane, job);
}

/* The transaction was lost with all its work: everybody gets a second try alone. */
static void batch_run_again(struct lane *lane) {
    LOG(LOG_WARN, "writer.batch_lost", {"jobs", .number = lane->n},
        {"error", .text = str_from(lane->c.error.text)},
        {"internal", .text = str_from(lane->c.error.internal)});
    db_rollback(lane->c.db);
    count(lane, 0, 0, lane->n);
    lane->careful = lane->c.error.code == ERROR_RETRY ? lane->careful : CAREFUL_BATCHES;
    for (struct write_job *job; (job = queue_pop(&lane->batch));) {
        job_run_singly(lane, job);
    }
}

/* Run again, it might be done twice. Who asked hears of a failure; guards (cursors, keys of
 * requests) tell whoever tries again whether it was done. */
static void batch_give_up(struct lane *lane) {
    struct error why = lane->c.error;
    log_error(&lane->c, "writer.commit_in_doubt");
    db_rollback(lane->c.db);
    for (struct write_job *job; (job = queue_pop(&lane->batch));) {
        if (!ctx_failed(&job->context)) {
            job->context.error = why;
        }
        job_settle(lane, job);
    }
}

static void batch_run(struct lane *lane) {
    struct db *db = lane->c.db;
    int64_t written = db->written;
    struct write_job *job = lane->batch.first;
    db->hurried = true;
    db->careful = lane->careful > 0;
    lane_begin(lane, &lane->c);
    bool alive = !ctx_failed(&lane->c);
    while (alive && job) {
        lane->c.now_ms = job->context.now_ms;
        db->careful |= job_guarded(lane, job);
        enum outcome outcome = job_run_among(lane, job);
        alive = outcome != JOB_BATCH_LOST;
        if (outcome == JOB_ALL_AGAIN) {
            count(lane, 0, 0, lane->n);
            lane->careful = CAREFUL_BATCHES;
            db->careful = true;
            job = lane->batch.first;
        } else if (alive) {
            job = job->next ? job->next : job_take(lane);
        }
    }
    lane->careful -= lane->careful > 0;
    if (alive) {
        db_commit(&lane->c);
        alive = !ctx_failed(&lane->c);
    }
    if (!alive && db->in_doubt) {
        batch_give_up(lane);
        return;
    }
    if (!alive) {
        batch_run_again(lane);
        return;
    }
    count(lane, 0, 1, 0);
    committed(lane, written);
    while ((job = queue_pop(&lane->batch))) {
        job_settle(lane, job);
    }
}

/* Wait until there may be a job to take. False when the writer stops and nothing waits. */
static bool lane_wait(struct writer *w) {
    pthread_mutex_lock(&w->mutex);
    while (w->waiting == 0 && !w->stopping) {
        pthread_cond_wait(&w->work, &w->mutex);
    }
    bool queued = w->queues[WRITE_LIVE].first || w->queues[WRITE_REACTION].first;
    int64_t bulk = back_due(w, WRITE_BULK), history = back_due(w, WRITE_HISTORY);
    int64_t at = bulk < history ? bulk : history;
    if (w->resting && w->resting->queued_ns < at) {
        at = w->resting->queued_ns;
    }
    if (w->waiting && !queued && at > clock_steady_ns()) {
        struct timespec t = {at / 1000000000, at % 1000000000};
        pthread_cond_timedwait(&w->work, &w->mutex, &t);
    }
    bool more = w->waiting > 0 || !w->stopping;
    pthread_mutex_unlock(&w->mutex);
    return more;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most) {
    return value < least ? least : value > most ? most : value;
}

/* What answers the answered comes within the pause too. Who stands back does so the longer the
 * longer it took: however many wait, it gets a part of the time and no more. */
static void batch_settle(struct lane *lane) {
    struct writer *w = lane->writer;
    int64_t now = clock_steady_ns();
    pthread_mutex_lock(&w->mutex);
    if (lane->back) {
        w->stood_back_ns[lane->back] = now;
        w->rest_ns[lane->back] = clamp(BULK_REST * (now - lane->began_ns), bulk_patience,
                                       bulk_rest_most);
    } else {
        w->at_work--;
    }
    w->live_ns = lane->live ? now : w->live_ns;
    pthread_mutex_unlock(&w->mutex);
}

static void *lane_run(void *data) {
    struct lane *lane = data;
    while (lane_wait(lane->writer)) {
        lane->n = lane->live = lane->reactions = 0;
        lane->joined_ns = 0;
        lane->back = WRITE_LIVE;
        lane->single = false;
        lane->began_ns = clock_steady_ns();
        if (!job_take(lane)) {
            continue;
        }
        if (lane->single || lane->writer->options.batch == 1) {
            job_run_singly(lane, queue_pop(&lane->batch));
        } else {
            batch_run(lane);
        }
        batch_settle(lane);
        ctx_clear_error(&lane->c);
        arena_free(&lane->arena);
        lane->c.db->driver->keep_turn(lane->c.db);
    }
    return NULL;
}

static void lane_open(struct ctx *c, struct writer *w, struct lane *lane) {
    lane->writer = w;
    arena_init(&lane->arena);
    lane->c = (struct ctx){.arena = &lane->arena};
    struct ctx opener = *c;
    opener.db = lane->c.db = db_open(&opener, w->options.url, DB_WRITER);
    if (!ctx_failed(&opener)) {
        opener.db->driver->keep_start(&opener);
        db_await(opener.db, &w->live);
    }
    c->error = opener.error;
}

static void lanes_start(struct ctx *c, struct writer *w) {
    for (int i = 0; i < w->n_lanes && !ctx_failed(c); i++) {
        struct lane *lane = &w->lanes[i];
        int error = pthread_create(&lane->thread, NULL, lane_run, lane);
        lane->started = error == 0;
        if (error) {
            ctx_fail_internal(c, "no thread for the writer: %d", error);
        }
    }
}

static void writer_init(struct writer *w, const struct writer_options *options) {
    w->options = *options;
    if (w->options.batch < 1) {
        w->options.batch = DEFAULT_BATCH;
    }
    if (w->options.budget_ms < 1) {
        w->options.budget_ms = DEFAULT_BUDGET_MS;
    }
    w->rest_ns[WRITE_BULK] = w->rest_ns[WRITE_HISTORY] = bulk_patience;
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->mutex, NULL);
    pthread_cond_init(&w->work, &steady);
    pthread_cond_init(&w->room, NULL);
    pthread_condattr_destroy(&steady);
}

struct writer *writer_start(struct ctx *c, const struct writer_options *options) {
    struct writer *w = ctx_failed(c) ? NULL : calloc(1, sizeof *w);
    if (!w) {
        ctx_fail_internal(c, "out of memory");
        return NULL;
    }
    writer_init(w, options);
    int wanted = options->threads > 0 ? options->threads : DEFAULT_LANES;
    wanted = wanted < MOST_LANES ? wanted : MOST_LANES;
    while (w->n_lanes < wanted && !ctx_failed(c)) {
        lane_open(c, w, &w->lanes[w->n_lanes++]);
        if (!ctx_failed(c) && db_engine(w->lanes[0].c.db) == DB_SQLITE) {
            break;
        }
    }
    lanes_start(c, w);
    if (ctx_failed(c)) {
        writer_stop(w);
        return NULL;
    }
    return w;
}

/* With the mutex held. False when there is no room. */
static bool job_enter(struct writer *w, struct write_job *job) {
    if (w->waiting >= QUEUE_BOUND || w->stopping) {
        return false;
    }
    job->mark = arena_mark(job->context.arena);
    job->attempts = 0;
    job->queued_ns = clock_steady_ns();
    if (job->priority == WRITE_LIVE) {
        w->live++;
        w->live_ns = job->queued_ns;
    }
    queue_push(&w->queues[job->priority], job);
    w->waiting++;
    pthread_cond_signal(&w->work);
    return true;
}

bool writer_submit(struct writer *w, struct write_job *job) {
    pthread_mutex_lock(&w->mutex);
    bool entered = job_enter(w, job);
    pthread_mutex_unlock(&w->mutex);
    return entered;
}

struct waiter {
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    bool done;
};

static void waiter_done(struct write_job *job) {
    struct waiter *waiter = job->waiter;
    pthread_mutex_lock(&waiter->mutex);
    waiter->done = true;
    pthread_cond_signal(&waiter->cond);
    pthread_mutex_unlock(&waiter->mutex);
}

void writer_run(struct writer *w, struct write_job *job) {
    struct waiter waiter = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    if (ctx_failed(&job->context)) {
        return;
    }
    job->waiter = &waiter;
    job->done = waiter_done;
    pthread_mutex_lock(&w->mutex);
    bool entered;
    while (!(entered = job_enter(w, job)) && !w->stopping) {
        pthread_cond_wait(&w->room, &w->mutex);
    }
    pthread_mutex_unlock(&w->mutex);
    if (!entered) {
        FAIL(&job->context, ERROR_RETRY, "database.busy");
        return;
    }
    pthread_mutex_lock(&waiter.mutex);
    while (!waiter.done) {
        pthread_cond_wait(&waiter.cond, &waiter.mutex);
    }
    pthread_mutex_unlock(&waiter.mutex);
}

void writer_stop(struct writer *w) {
    if (!w) {
        return;
    }
    pthread_mutex_lock(&w->mutex);
    w->stopping = true;
    pthread_cond_broadcast(&w->work);
    pthread_cond_broadcast(&w->room);
    pthread_mutex_unlock(&w->mutex);
    for (int i = 0; i < w->n_lanes; i++) {
        if (w->lanes[i].started) {
            pthread_join(w->lanes[i].thread, NULL);
        }
        db_close(w->lanes[i].c.db);
    }
    pthread_mutex_destroy(&w->mutex);
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->room);
    free(w);
}

void writer_loading(struct writer *w, bool begins) {
    pthread_mutex_lock(&w->mutex);
    w->loads += begins ? 1 : -1;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->mutex);
}

struct writer_statistics writer_statistics(struct writer *w) {
    pthread_mutex_lock(&w->mutex);
    struct writer_statistics s = w->statistics;
    s.waiting = w->waiting;
    pthread_mutex_unlock(&w->mutex);
    return s;
}
