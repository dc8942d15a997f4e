#include "event/reactor.h"

#include "base/clock.h"
#include "db/db.h"
#include "db/unit.h"
#include "event/turn.h"

/*
 * How a turn protects itself from a handler that fails: events are handled together in one
 * savepoint. When one of them fails all of it is undone and done again one by one, each in a
 * savepoint of its own, so that only the poisonous one is parked. Failures are rare and
 * savepoints cost two round trips on PostgreSQL; on SQLite each page that is changed behind one is
 * copied, so there a turn does without until something fails (bare).
 */
enum { TOGETHER = 64, READ_AT_ONCE = 512, LAG_LIMIT = 100000 };

/* What part of its time a bulk turn has at least, however many wait for it. A turn of history goes
 * on beyond its time until somebody waits: on SQLite each commit writes the pages that were touched
 * here and there in the indexes, so that one large one costs much less than many small ones. */
enum { YIELD_SHARE = 5, HISTORY_MS = 1000 };

/* A turn while it runs. */
struct progress {
    struct ctx *c;
    struct reactor_turn *turn;
    struct db_mark part; /* where the part that may have to be undone begins */
    int open;            /* savepoints there */
    bool any_parked;
    int64_t ends_ns;   /* steady; 0: never */
    int64_t yields_ns; /* from when on it ends when somebody waits */
};

static void budget_begin(struct progress *p) {
    const struct reactor_turn *turn = p->turn;
    int64_t now = clock_steady_ns(), budget_ns = turn->budget_ms * INT64_C(1000000);
    bool bulk = turn->reactor->lane == REACTOR_BULK;
    bool patient = turn->history && db_engine(p->c->db) == DB_SQLITE;
    p->yields_ns = now + (bulk ? budget_ns / YIELD_SHARE : budget_ns);
    p->ends_ns = patient ? now + HISTORY_MS * INT64_C(1000000) : now + budget_ns;
}

static bool budget_spent(const struct progress *p) {
    int64_t now = p->ends_ns ? clock_steady_ns() : 0;
    return p->ends_ns && (now >= p->ends_ns || (now >= p->yields_ns && db_awaited(p->c->db)));
}

struct reactor_cursor reactor_cursor_read(struct ctx *c, const struct reactor *r) {
    struct reactor_cursor cursor = {0, 0};
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT seq, since FROM reactor_cursor WHERE name = $1", r->name);
    if (db_next(&rows)) {
        cursor = (struct reactor_cursor){db_int(&rows, 0), db_int(&rows, 1)};
        db_done(&rows);
    }
    return cursor;
}

bool reactor_reads_on(struct ctx *c, const struct reactor *r) {
    enum { MUCH = 1000 };
    return event_head(c, r->stream) - reactor_cursor_read(c, r).seq > MUCH;
}

void reactor_register(struct ctx *c, const struct reactor *const *reactors) {
    for (; *reactors && !ctx_failed(c); reactors++) {
        DB_RUN(c,
               "INSERT INTO reactor_cursor (name, stream, seq, since) VALUES ($1, $2, 0, $3) "
               "ON CONFLICT (name) DO NOTHING",
               (*reactors)->name, (int)(*reactors)->stream, c->now_ms);
    }
}

#define CURSOR_MOVE                                                              \
    "UPDATE reactor_cursor SET seq = $1 WHERE name = $2 AND seq = $3 RETURNING " \
    "CASE WHEN EXISTS (SELECT 1 FROM reactor_parked WHERE reactor = $2) THEN 1 ELSE 0 END"

/* Whether events of the reactor are parked. */
static bool cursor_move(struct ctx *c, const struct reactor *r, int64_t from, int64_t to) {
    struct db_rows rows;
    DB_QUERY(c, &rows, CURSOR_MOVE, to, r->name, from);
    if (!db_next(&rows)) {
        FAIL(c, ERROR_CONFLICT, "reactor.moved", {"reactor", str_from(r->name)});
        return false;
    }
    bool parked = db_int(&rows, 0) != 0;
    db_done(&rows);
    return parked;
}

static enum origin event_origin(const struct reactor_turn *turn, const struct event *e) {
    bool history = turn->replay || e->recorded_at < turn->cursor.since;
    return history ? ORIGIN_REPLAY : e->origin;
}

/* Call the handler with the event as the cause of all it does; with many, the first. */
static void events_call(struct ctx *c, const struct reactor_turn *turn, const struct event *e,
                        size_t n) {
    const struct ctx before = *c;
    c->origin = event_origin(turn, e);
    event_cause(c, e);
    c->silent = turn->silent;
    if (n == 1) {
        turn->reactor->handle(c, e);
    } else {
        turn->reactor->handle_history(c, e, n);
    }
    c->origin = before.origin;
    c->cause_id = before.cause_id;
    c->depth = before.depth;
    c->silent = before.silent;
}

/* Undo what was done since so many savepoints were open. True when the unit of work may go on; the
 * failure is then forgotten, *why keeps it. */
static bool failure_undo(struct ctx *c, int open, struct str *why) {
    if (!db_in_transaction(c->db)) {
        return false;
    }
    db_rollback_savepoints(c->db, open);
    if (c->error.code == ERROR_RETRY) {
        return false;
    }
    *why = str_format(c->arena, "%s %s", c->error.text, c->error.internal);
    ctx_clear_error(c);
    return true;
}

bool reactor_handle_alone(struct ctx *c, const struct reactor_turn *turn, const struct event *e,
                          struct str *why) {
    int open = db_savepoints(c->db);
    db_savepoint(c);
    if (ctx_failed(c)) {
        return false;
    }
    events_call(c, turn, e, 1);
    if (!ctx_failed(c)) {
        db_release(c);
        return true;
    }
    failure_undo(c, open, why);
    return false;
}

/* Park the event when an earlier one of its key is parked. */
static bool event_waits(const struct progress *p, const struct event *e) {
    const struct reactor *r = p->turn->reactor;
    if (!p->any_parked || !reactor_key_parked(p->c, r, reactor_key(p->c, r, e))) {
        return false;
    }
    reactor_park(p->c, r, e, STR(""));
    return true;
}

static void events_ahead(struct ctx *c, const struct reactor_turn *turn, size_t first) {
    size_t n = turn->n - first < TOGETHER ? turn->n - first : TOGETHER;
    if (turn->reactor->ahead && n && !ctx_failed(c)) {
        turn->reactor->ahead(c, turn->events + first, n);
    }
}

void reactor_turn_ahead(struct ctx *c, const struct reactor_turn *turn) {
    DB_AHEAD(c, CURSOR_MOVE, turn->upto, turn->reactor->name, turn->cursor.seq);
    events_ahead(c, turn, 0);
}

static void part_begin(struct progress *p) {
    p->part = db_mark(p->c->db);
    p->open = db_savepoints(p->c->db);
    if (!p->turn->bare) {
        db_savepoint(p->c);
    }
}

/* What a bare turn wrote cannot be undone alone: it is run again, with savepoints. */
static void bare_fail(struct progress *p) {
    struct ctx *c = p->c;
    bool clean = db_in_transaction(c->db) && db_untouched(c->db, p->part);
    if (c->error.code == ERROR_RETRY) {
        return;
    }
    ctx_clear_error(c);
    if (!clean) {
        p->turn->bare = false;
        FAIL(c, ERROR_RETRY, "database.busy");
    }
}

/* Whether the part stands; when not, nothing of it is left, or the turn has failed. */
static bool part_end(struct progress *p) {
    struct str why;
    if (!ctx_failed(p->c)) {
        if (!p->turn->bare) {
            db_release(p->c);
        }
        return !ctx_failed(p->c);
    }
    if (p->turn->bare) {
        bare_fail(p);
    } else {
        failure_undo(p->c, p->open, &why);
    }
    return false;
}

/* Handle up to n events as one part. How many were done; 0 when one failed and nothing was. */
static size_t events_together(struct progress *p, const struct event *events, size_t n) {
    struct ctx *c = p->c;
    size_t done = 0;
    part_begin(p);
    while (done < n && !ctx_failed(c) && (done == 0 || !budget_spent(p))) {
        if (!event_waits(p, &events[done])) {
            events_call(c, p->turn, &events[done], 1);
        }
        done++;
    }
    return part_end(p) ? done : 0;
}

/* How many events from there on are handled as one piece of history; fewer than 2: none. */
static size_t history_at(const struct progress *p, size_t from) {
    const struct reactor_turn *turn = p->turn;
    enum origin origin = event_origin(turn, &turn->events[from]);
    size_t n = 0;
    size_t most = origin == ORIGIN_LIVE ? turn->reactor->live_together : REACTOR_HISTORY_MOST;
    if (!turn->reactor->handle_history || p->any_parked) {
        return 0;
    }
    while (from + n < turn->n && n < most &&
           event_origin(turn, &turn->events[from + n]) == origin) {
        n++;
    }
    return n;
}

/* Handle a piece of history as one part. 0 when it failed and nothing was done. */
static size_t history_together(struct progress *p, const struct event *events, size_t n) {
    part_begin(p);
    if (!ctx_failed(p->c)) {
        events_call(p->c, p->turn, events, n);
    }
    return part_end(p) ? n : 0;
}

static size_t events_singly(struct progress *p, const struct event *events, size_t n) {
    struct ctx *c = p->c;
    size_t done = 0;
    while (done < n && !ctx_failed(c) && (done == 0 || !budget_spent(p))) {
        const struct event *e = &events[done++];
        struct str why = STR("");
        if (event_waits(p, e) || reactor_handle_alone(c, p->turn, e, &why) || ctx_failed(c)) {
            continue;
        }
        reactor_park(c, p->turn->reactor, e, why);
        p->any_parked = true;
    }
    return done;
}

/* Handle events until the end or the budget; how many. */
static size_t events_handle(struct progress *p) {
    const struct reactor_turn *turn = p->turn;
    size_t done = 0;
    while (done < turn->n && !ctx_failed(p->c) && (done == 0 || !budget_spent(p))) {
        size_t history = history_at(p, done), n = history > 1 ? history : 1;
        while (history < 2 && n < TOGETHER && done + n < turn->n && history_at(p, done + n) < 2) {
            n++;
        }
        struct arena_mark mark = arena_mark(p->c->arena);
        if (done > 0) {
            events_ahead(p->c, turn, done);
        }
        size_t handled = history > 1 ? history_together(p, turn->events + done, n)
                                     : events_together(p, turn->events + done, n);
        if (handled == 0 && !ctx_failed(p->c)) {
            handled = events_singly(p, turn->events + done, n);
        }
        done += handled;
        if (!ctx_failed(p->c)) {
            arena_reset(p->c->arena, mark);
        }
    }
    return done;
}

void reactor_turn_run(struct ctx *c, struct reactor_turn *turn) {
    const struct reactor *r = turn->reactor;
    turn->reached = turn->upto;
    struct progress progress = {
        .c = c, .turn = turn, .any_parked = cursor_move(c, r, turn->cursor.seq, turn->upto)};
    if (turn->n == 0 || ctx_failed(c)) {
        return;
    }
    turn->silent = event_silent(c, r);
    if (turn->budget_ms) {
        budget_begin(&progress);
    }
    size_t done = events_handle(&progress);
    if (done < turn->n && !ctx_failed(c)) {
        turn->reached = turn->events[done].seq - 1;
        cursor_move(c, r, turn->upto, turn->reached);
    }
}

size_t reactor_choose(struct ctx *c, const struct reactor *r, struct event *events, size_t n) {
    if (!r->choose || n == 0) {
        return n;
    }
    bool *wanted = ARENA_NEW_ARRAY(c->arena, n, bool);
    r->choose(c, events, n, wanted);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (wanted[i]) {
            events[kept++] = events[i];
        }
    }
    return kept;
}

/* One turn in this transaction on what was written so far. False when nothing was left. */
static bool reactor_step(struct ctx *c, const struct reactor *r, bool replay) {
    struct arena_mark mark = arena_mark(c->arena);
    struct reactor_turn turn = {.reactor = r, .replay = replay};
    turn.cursor = reactor_cursor_read(c, r);
    int64_t head = event_head(c, r->stream);
    if (ctx_failed(c) || turn.cursor.seq >= head) {
        return false;
    }
    struct event *events = event_read_range(c,
                                            &(struct event_range){.stream = r->stream,
                                                                  .after = turn.cursor.seq,
                                                                  .upto = head,
                                                                  .types = r->types,
                                                                  .limit = READ_AT_ONCE},
                                            &turn.n);
    turn.events = events;
    turn.upto = turn.n < READ_AT_ONCE ? head : turn.events[turn.n - 1].seq;
    turn.n = reactor_choose(c, r, events, turn.n);
    reactor_turn_run(c, &turn);
    db_flush(c);
    if (!ctx_failed(c)) {
        arena_reset(c->arena, mark);
    }
    return !ctx_failed(c);
}

void reactor_drain(struct ctx *c, const struct reactor *const *reactors) {
    reactor_register(c, reactors);
    db_flush(c);
    bool any = true;
    while (any && !ctx_failed(c)) {
        any = false;
        for (const struct reactor *const *r = reactors; *r; r++) {
            while (reactor_step(c, *r, false)) {
                any = true;
            }
        }
    }
}

void reactor_replay(struct ctx *c, const struct reactor *r) {
    if (!r->reset) {
        FAIL(c, ERROR_INVALID, "reactor.no_reset", {"reactor", str_from(r->name)});
        return;
    }
    reactor_register(c, (const struct reactor *const[]){r, NULL});
    /* Takes the row first, so that a turn elsewhere waits and then fails its guard. */
    DB_RUN(c, "UPDATE reactor_cursor SET seq = 0 WHERE name = $1", r->name);
    DB_RUN(c, "DELETE FROM reactor_parked WHERE reactor = $1", r->name);
    if (!ctx_failed(c)) {
        r->reset(c);
    }
    db_flush(c);
    while (reactor_step(c, r, true)) {
    }
}

/* The cursor stays: what is behind it says again what the records say already. */
void reactor_rebuild(struct ctx *c, const struct reactor *r) {
    if (!r->rebuild) {
        reactor_replay(c, r);
        return;
    }
    reactor_register(c, (const struct reactor *const[]){r, NULL});
    DB_RUN(c, "UPDATE reactor_cursor SET seq = seq WHERE name = $1", r->name);
    r->reset(c);
    r->rebuild(c);
    db_flush(c);
}

int64_t reactor_lag(struct ctx *c, const struct reactor *r) {
    return event_count_range(c, &(struct event_range){.stream = r->stream,
                                                      .after = reactor_cursor_read(c, r).seq,
                                                      .types = r->types,
                                                      .limit = LAG_LIMIT});
}
