/*
 * The scheduling thread of the reactors.
 *
 * One thread reads new events, once for all reactors, with a connection of its own. A reactor
 * that wants some of them gets a turn: a job of the writer that holds copies of them. A reactor
 * that wants none just advances in memory; its stored cursor follows when it has fallen
 * SKIPPED_MOST events or SKIPPED_LONGEST_MS behind, and at the stop. So reactions, which are
 * events themselves, do not cause commits without end.
 *
 * For each reactor:  stored ≤ reach ≤ scanned.  stored is the cursor in the database, reach is
 * up to where everything is handled, in the running turn, or unwanted, scanned is up to where
 * the thread has read the stream. A reactor with reach < scanned (it was busy, or starts with a
 * backlog) reads what it wants by itself, filtered by the database.
 *
 * Exactly one process works for a reactor: on PostgreSQL it holds an advisory lock in the
 * session of the reading connection, which ends with the process. What guards correctness,
 * whatever happens to that lock, is the turn's conditional move of the cursor.
 */
#include "event/reactor.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/news.h"
#include "db/writer.h"
#include "event/lease.h"
#include "event/pacer.h"
#include "event/turn.h"

enum {
    SCAN_AT_ONCE = 512,
    HISTORY_AT_ONCE = 4096, /* while a seat catches up on what nobody waits for */
    SKIPPED_MOST = 1000,
    SKIPPED_LONGEST_MS = 60000,
    TICK_MS = 1000, /* leases, retries, skipped cursors */
    POLL_SQLITE_MS = 1000,
    POLL_POSTGRES_MS = 100,
    PAUSE_FIRST_MS = 50,
    PAUSE_LONGEST_MS = 10000,
    DEFAULT_BUDGET_MS = 15,
};

struct seat {
    const struct reactor *reactor;
    struct reactor_runner *runner;
    struct reactor_cursor cursor; /* as stored */
    int64_t reach;
    bool held;                   /* we work for this reactor */
    bool known;                  /* cursor and reach are valid */
    atomic_bool busy;            /* a job is with the writer */
    bool retry;                  /* the job tries parked events, it is no turn */
    int64_t skipped_at;          /* steady ms when it was first seen to have skipped; 0: not */
    int64_t pause_ms, resume_at; /* after failures */
    struct arena arena;          /* of the job */
    struct reactor_turn turn;
    struct write_job job;
};

struct reactor_runner {
    struct reactor_runner_options options;
    struct seat *seats;
    size_t n_seats;
    int64_t scanned[EVENT_STREAMS];
    bool used[EVENT_STREAMS];
    atomic_bool fresh[EVENT_STREAMS]; /* may hold more than was scanned */
    int64_t looked_at[EVENT_STREAMS]; /* steady ms */
    struct arena arena;               /* of the thread's reading, reset each round */
    struct ctx c;
    int64_t next_tick;
    struct pacer pacer;
    pthread_t thread;
};

static int64_t steady_ms(void) {
    return clock_steady_ns() / 1000000;
}

void reactor_runner_wake_for(struct reactor_runner *r, unsigned news) {
    if (news & NEWS_EVENTS) {
        atomic_store(&r->fresh[STREAM_BUSINESS], true);
    }
    if (news & NEWS_BEHAVIOUR) {
        atomic_store(&r->fresh[STREAM_BEHAVIOUR], true);
    }
    pacer_wake(&r->pacer);
}

void reactor_runner_wake(struct reactor_runner *r) {
    reactor_runner_wake_for(r, NEWS_EVENTS | NEWS_BEHAVIOUR);
}

static void job_run(struct ctx *c, void *data) {
    struct seat *s = data;
    if (s->retry) {
        reactor_retry_parked(c, s->reactor);
        return;
    }
    reactor_turn_run(c, &s->turn);
}

static void job_ahead(struct ctx *c, void *data) {
    const struct seat *s = data;
    if (!s->retry) {
        reactor_turn_ahead(c, &s->turn);
    }
}

static void job_done(struct write_job *job) {
    struct seat *s = job->data;
    atomic_store(&s->busy, false);
    pacer_leave(&s->runner->pacer);
}

/* Nobody waits for what history brings. */
static bool of_history(const struct event *events, size_t n) {
    bool history = n > 0;
    for (size_t i = 0; history && i < n; i++) {
        history = events[i].origin != ORIGIN_LIVE;
    }
    return history;
}

static enum write_priority seat_priority(const struct seat *s) {
    bool history = s->turn.history;
    switch (s->reactor->lane) {
    case REACTOR_PROMPT: /* what is behind it may be live */
        return history ? WRITE_REACTION : WRITE_LIVE;
    case REACTOR_STEADY:
        return history ? WRITE_HISTORY : WRITE_REACTION;
    default:
        return history ? WRITE_HISTORY : WRITE_BULK;
    }
}

/* Give the seat's job to the writer; when its queue is full the seat simply stays idle. */
static void seat_submit(struct seat *s) {
    s->job = (struct write_job){
        .run = job_run,
        .data = s,
        .ahead = job_ahead,
        .done = job_done,
        .context = {.arena = &s->arena,
                    .now_ms = clock_now_ms(),
                    .language = LANGUAGE_ZH,
                    .model = s->runner->c.model},
        .priority = seat_priority(s),
    };
    atomic_store(&s->busy, true);
    pacer_enter(&s->runner->pacer);
    if (!writer_submit(s->runner->options.writer, &s->job)) {
        atomic_store(&s->busy, false);
        pacer_leave(&s->runner->pacer);
        s->known = false;
        s->resume_at = steady_ms() + PAUSE_FIRST_MS;
    }
}

#ifdef FAULT_CURSOR_OUTSIDE
/* The deliberate defect the crash harness must find: the cursor moves in a transaction before
 * the one that handles the events. */
static void fault_move(struct ctx *c, void *data) {
    struct seat *s = data;
    DB_RUN(c, "UPDATE reactor_cursor SET seq = $1 WHERE name = $2", s->turn.upto, s->reactor->name);
    s->turn.cursor.seq = s->turn.upto;
}

static void seat_submit_turn(struct seat *s) {
    struct arena a;
    arena_init(&a);
    struct write_job move = {
        .run = fault_move, .data = s, .context = {.arena = &a, .now_ms = clock_now_ms()}};
    writer_run(s->runner->options.writer, &move);
    arena_free(&a);
    seat_submit(s);
}
#else
static void seat_submit_turn(struct seat *s) {
    seat_submit(s);
}
#endif

/* A turn over (cursor, upto] with the wanted events, which are copied. */
static void seat_turn(struct seat *s, const struct event *wanted, size_t n, int64_t upto) {
    arena_free(&s->arena);
    s->retry = false;
    s->turn = (struct reactor_turn){
        .reactor = s->reactor,
        .cursor = s->cursor,
        .upto = upto,
        .events = event_copy(&s->arena, wanted, n),
        .n = n,
        .budget_ms = s->runner->options.budget_ms,
        .history = of_history(wanted, n),
        .bare = db_engine(s->runner->c.db) == DB_SQLITE,
    };
    s->reach = upto;
    seat_submit_turn(s);
}

/* The job is over: take over where it left the cursor. */
static void seat_settle(struct seat *s) {
    struct ctx *c = &s->job.context;
    s->job.run = NULL;
    if (!ctx_failed(c)) {
        s->pause_ms = 0;
        if (!s->retry) {
            s->cursor.seq = s->turn.reached;
            if (s->turn.reached < s->turn.upto) {
                s->reach = s->turn.reached;
            }
        }
        return;
    }
    if (c->error.code != ERROR_CONFLICT) {
        log_error(c, "reactor.turn_failed");
    }
    s->known = false;
    s->pause_ms = s->pause_ms ? 2 * s->pause_ms : PAUSE_FIRST_MS;
    s->pause_ms = s->pause_ms < PAUSE_LONGEST_MS ? s->pause_ms : PAUSE_LONGEST_MS;
    s->resume_at = steady_ms() + s->pause_ms;
}

/* Whether the seat can take work now; settles a finished job. */
static bool seat_ready(struct seat *s) {
    if (atomic_load(&s->busy)) {
        return false;
    }
    if (s->job.run) {
        seat_settle(s);
        arena_free(&s->arena); /* copies of its events: of history there are many */
    }
    return s->held && steady_ms() >= s->resume_at;
}

static void seat_lease(struct ctx *c, struct seat *s) {
    if (s->held) {
        return;
    }
    s->held = lease_take(c, s->reactor->name);
    s->known = false;
}

static void seat_load(struct ctx *c, struct seat *s) {
    s->cursor = reactor_cursor_read(c, s->reactor);
    s->reach = s->cursor.seq;
    s->known = !ctx_failed(c);
}

/* What of n events the reactor wants, in the round's arena. */
static struct event *wanted_pick(struct ctx *c, const struct reactor *r, const struct event *events,
                                 size_t n, size_t *found) {
    struct event *wanted = ARENA_NEW_ARRAY(c->arena, n, struct event);
    *found = 0;
    for (size_t i = 0; i < n; i++) {
        if (event_type_matches(r->types, events[i].type)) {
            wanted[(*found)++] = events[i];
        }
    }
    *found = reactor_choose(c, r, wanted, *found);
    return wanted;
}

/* Offer events that follow scanned to a seat that has kept up to there. */
static void seat_offer(struct seat *s, const struct event *events, size_t n, int64_t scanned) {
    if (!s->known || !s->held || s->reach != scanned) {
        return;
    }
    size_t found;
    struct ctx *c = &s->runner->c;
    struct event *wanted = wanted_pick(c, s->reactor, events, n, &found);
    int64_t upto = events[n - 1].seq;
    if (ctx_failed(c)) {
        return;
    }
    if (found == 0) {
        s->reach = upto;
    } else if (seat_ready(s) && s->known && s->reach == scanned) {
        seat_turn(s, wanted, found, upto);
    }
}

/* How long a commit of another process may stay unseen. */
static int64_t look_again_ms(const struct reactor_runner *r) {
    return r->c.db && db_engine(r->c.db) == DB_POSTGRES ? POLL_POSTGRES_MS : POLL_SQLITE_MS;
}

/* Whether the stream is to be read on: something may have come. */
static bool stream_due(struct reactor_runner *r, enum event_stream stream, int64_t now) {
    bool fresh = atomic_exchange(&r->fresh[stream], false);
    bool due = r->used[stream] && (fresh || now - r->looked_at[stream] >= look_again_ms(r));
    r->looked_at[stream] = due ? now : r->looked_at[stream];
    return due;
}

/* Read on in a stream. True when there may be more. */
static bool stream_scan(struct reactor_runner *r, enum event_stream stream) {
    size_t n;
    int64_t scanned = r->scanned[stream];
    struct event *events = event_read(&r->c, stream, scanned, SCAN_AT_ONCE, &n);
    if (n == 0) {
        return false;
    }
    for (size_t i = 0; i < r->n_seats; i++) {
        if (r->seats[i].reactor->stream == stream) {
            seat_offer(&r->seats[i], events, n, scanned);
        }
    }
    r->scanned[stream] = events[n - 1].seq;
    if (n == SCAN_AT_ONCE) {
        atomic_store(&r->fresh[stream], true);
    }
    return n == SCAN_AT_ONCE;
}

/* Make the context ready for choose. What choose goes by must not be older than the events: on
 * PostgreSQL these are asked for first and both come in one round trip, on SQLite both are of one
 * snapshot. */
static void streams_prepare(struct reactor_runner *r, const bool *due) {
    const struct reactor_runner_options *o = &r->options;
    if (db_engine(r->c.db) == DB_SQLITE) {
        db_begin(&r->c);
    }
    for (int stream = 0; stream < EVENT_STREAMS; stream++) {
        if (due[stream]) {
            event_ahead(&r->c, (enum event_stream)stream, r->scanned[stream], SCAN_AT_ONCE);
        }
    }
    if (o->prepare) {
        o->prepare(&r->c);
    }
}

static bool streams_scan(struct reactor_runner *r) {
    bool due[EVENT_STREAMS], more = false;
    int64_t now = steady_ms();
    for (int stream = 0; stream < EVENT_STREAMS; stream++) {
        due[stream] = stream_due(r, (enum event_stream)stream, now);
    }
    if (!due[STREAM_BUSINESS] && !due[STREAM_BEHAVIOUR]) {
        return false;
    }
    streams_prepare(r, due);
    for (int stream = 0; stream < EVENT_STREAMS; stream++) {
        more |= due[stream] && stream_scan(r, (enum event_stream)stream);
    }
    db_rollback(r->c.db); /* the snapshot, if there is one */
    return more;
}

/* A seat that is behind what was scanned reads for itself. True when it should go on at once. */
static bool seat_catch_up(struct reactor_runner *r, struct seat *s) {
    int64_t scanned = r->scanned[s->reactor->stream];
    if (!seat_ready(s)) {
        return false;
    }
    if (!s->known) {
        seat_load(&r->c, s);
    }
    if (!s->known || s->reach >= scanned) {
        return false;
    }
    size_t n, most = s->turn.history ? HISTORY_AT_ONCE : SCAN_AT_ONCE;
    struct event *events = event_read_range(&r->c,
                                            &(struct event_range){.stream = s->reactor->stream,
                                                                  .after = s->reach,
                                                                  .upto = scanned,
                                                                  .types = s->reactor->types,
                                                                  .limit = most},
                                            &n);
    int64_t upto = n < most ? scanned : events[n - 1].seq;
    n = reactor_choose(&r->c, s->reactor, events, n);
    if (ctx_failed(&r->c)) {
        return false;
    }
    if (n == 0) {
        s->reach = upto;
        return upto < scanned;
    }
    seat_turn(s, events, n, upto);
    return false;
}

/* Whether a stored cursor is due to follow what was skipped. */
static bool seat_must_store(struct seat *s, int64_t now) {
    if (!s->known || s->reach <= s->cursor.seq) {
        s->skipped_at = 0;
        return false;
    }
    s->skipped_at = s->skipped_at ? s->skipped_at : now;
    return s->reach - s->cursor.seq >= SKIPPED_MOST || now - s->skipped_at >= SKIPPED_LONGEST_MS;
}

static void seat_retry_parked(struct reactor_runner *r, struct seat *s) {
    if (DB_INT(&r->c,
               "SELECT 1 FROM reactor_parked WHERE first = 1 AND next_at <= $1 AND reactor = $2 "
               "LIMIT 1",
               clock_now_ms(), s->reactor->name) == 0) {
        return;
    }
    arena_free(&s->arena);
    s->turn = (struct reactor_turn){.reactor = s->reactor}; /* its events lay there */
    s->retry = true;
    seat_submit(s);
}

/* What is done once a second: leases, parked events, cursors that only skipped. */
static void runner_tick(struct reactor_runner *r) {
    int64_t now = steady_ms();
    if (now < r->next_tick) {
        return;
    }
    r->next_tick = now + TICK_MS;
    for (size_t i = 0; i < r->n_seats && !ctx_failed(&r->c); i++) {
        struct seat *s = &r->seats[i];
        seat_lease(&r->c, s);
        if (!seat_ready(s)) {
            continue;
        }
        if (seat_must_store(s, now)) {
            seat_turn(s, NULL, 0, s->reach);
        } else {
            seat_retry_parked(r, s);
        }
    }
}

/* A reading connection, and where its streams end. Asked anew of each: a server that takes the
 * place of one that died may not have its last events, and gives their numbers to others. */
static void runner_open(struct reactor_runner *r) {
    r->c.db = db_open(&r->c, r->options.url, DB_WATCHER);
    for (int stream = 0; stream < EVENT_STREAMS && !ctx_failed(&r->c); stream++) {
        r->scanned[stream] = event_head(&r->c, (enum event_stream)stream);
    }
}

/* A new reading connection: the leases were the old one's. */
static void runner_connect(struct reactor_runner *r) {
    for (size_t i = 0; i < r->n_seats; i++) {
        r->seats[i].held = false;
    }
    for (int stream = 0; stream < EVENT_STREAMS; stream++) {
        atomic_store(&r->fresh[stream], true);
    }
    if (r->c.db) {
        db_close(r->c.db);
    }
    ctx_clear_error(&r->c);
    r->next_tick = 0;
    runner_open(r);
    if (ctx_failed(&r->c)) {
        log_error(&r->c, "reactor.connecting_failed");
        ctx_clear_error(&r->c);
        if (r->c.db) {
            db_close(r->c.db);
        }
        r->c.db = NULL;
    }
}

/* One round of reading and submitting. True when another should follow at once. */
static bool runner_round(struct reactor_runner *r) {
    arena_free(&r->arena);
    if (!r->c.db) {
        runner_connect(r);
    }
    if (!r->c.db) {
        return false;
    }
    runner_tick(r);
    bool more = streams_scan(r);
    for (size_t i = 0; i < r->n_seats && !ctx_failed(&r->c); i++) {
        more |= seat_catch_up(r, &r->seats[i]);
    }
    if (ctx_failed(&r->c)) {
        log_error(&r->c, "reactor.reading_failed");
        runner_connect(r);
        return false;
    }
    return more;
}

/* A shorter wait while a seat pauses after a failure. */
static int64_t runner_poll_ms(const struct reactor_runner *r) {
    int64_t poll = look_again_ms(r);
    int64_t now = steady_ms();
    for (size_t i = 0; i < r->n_seats; i++) {
        int64_t left = r->seats[i].resume_at - now;
        if (left > 0 && left < poll) {
            poll = left + 1;
        }
    }
    return poll;
}

/* Let running jobs end; seats that only skipped store their cursor. */
static void runner_finish(struct reactor_runner *r) {
    pacer_wait_idle(&r->pacer);
    for (size_t i = 0; i < r->n_seats; i++) {
        struct seat *s = &r->seats[i];
        if (seat_ready(s) && s->known && s->reach > s->cursor.seq) {
            seat_turn(s, NULL, 0, s->reach);
        }
    }
    pacer_wait_idle(&r->pacer);
}

static void *runner_main(void *data) {
    struct reactor_runner *r = data;
    while (pacer_wait(&r->pacer, runner_poll_ms(r))) {
        while (runner_round(r) && !pacer_stopping(&r->pacer)) {
        }
    }
    runner_finish(r);
    return NULL;
}

static void register_run(struct ctx *c, void *data) {
    reactor_register(c, data);
}

/* Give new reactors their cursors, through the writer. */
static void runner_register(struct ctx *c, struct reactor_runner *r) {
    struct write_job job = {
        .run = register_run,
        .data = (void *)r->options.reactors,
        .context = {.arena = c->arena, .now_ms = c->now_ms, .language = c->language},
    };
    writer_run(r->options.writer, &job);
    if (ctx_failed(&job.context)) {
        c->error = job.context.error;
    }
}

static void runner_seats(struct reactor_runner *r) {
    while (r->options.reactors[r->n_seats]) {
        r->n_seats++;
    }
    r->seats = calloc(r->n_seats + 1, sizeof *r->seats);
    if (!r->seats) {
        abort();
    }
    for (size_t i = 0; i < r->n_seats; i++) {
        struct seat *s = &r->seats[i];
        s->reactor = r->options.reactors[i];
        s->runner = r;
        r->used[s->reactor->stream] = true;
    }
}

static void runner_free(struct reactor_runner *r) {
    if (r->c.db) {
        db_close(r->c.db);
    }
    for (size_t i = 0; i < r->n_seats; i++) {
        arena_free(&r->seats[i].arena);
    }
    arena_free(&r->arena);
    pacer_free(&r->pacer);
    free(r->seats);
    free(r);
}

static struct reactor_runner *runner_new(const struct reactor_runner_options *options) {
    struct reactor_runner *r = calloc(1, sizeof *r);
    if (!r) {
        abort();
    }
    r->options = *options;
    if (r->options.budget_ms <= 0) {
        r->options.budget_ms = DEFAULT_BUDGET_MS;
    }
    r->c = (struct ctx){.arena = &r->arena};
    pacer_init(&r->pacer);
    runner_seats(r);
    return r;
}

struct reactor_runner *reactor_runner_start(struct ctx *c,
                                            const struct reactor_runner_options *options) {
    struct reactor_runner *r = runner_new(options);
    runner_register(c, r);
    if (!ctx_failed(c)) {
        runner_open(r);
        c->error = r->c.error;
    }
    if (ctx_failed(c) || pthread_create(&r->thread, NULL, runner_main, r) != 0) {
        runner_free(r);
        return NULL;
    }
    return r;
}

void reactor_runner_stop(struct reactor_runner *r) {
    pacer_stop(&r->pacer);
    pthread_join(r->thread, NULL);
    runner_free(r);
}
