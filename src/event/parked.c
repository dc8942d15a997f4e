/*
 * Parked events: those whose handler failed, and those of the same key behind them. The first of
 * a key carries the time of its next try; when it succeeds, the rest follow in order.
 *
 * Everything here but the reads works under the row lock of the reactor's cursor, like a
 * turn: otherwise a turn could put an event behind a key whose last one is just being finished.
 */
#include "base/clock.h"
#include "base/log.h"
#include "db/db.h"
#include "event/turn.h"

enum { RETRY_FIRST_MS = 10 * MS_SECOND, RETRY_LONGEST_MS = 6 * MS_HOUR };
/* Keys of one call, and events that follow a key that got free. */
enum { KEYS_AT_ONCE = 20, FOLLOWERS_AT_ONCE = 200 };

struct parked {
    int64_t seq, attempts;
    struct str key;
};

/* Events without a subject have nothing to keep order with: each is its own key. */
struct str reactor_key(struct ctx *c, const struct reactor *r, const struct event *e) {
    if (r->key) {
        return r->key(c, e);
    }
    if (e->subject_id == 0) {
        return str_format(c->arena, "event:%lld", (long long)e->id);
    }
    return str_format(c->arena, "%.*s:%lld", STR_ARG(e->subject_type), (long long)e->subject_id);
}

bool reactor_key_parked(struct ctx *c, const struct reactor *r, struct str key) {
    return DB_INT(c, "SELECT 1 FROM reactor_parked WHERE reactor = $1 AND key = $2 LIMIT 1",
                  r->name, key) != 0;
}

void reactor_park(struct ctx *c, const struct reactor *r, const struct event *e, struct str why) {
    int first = why.n ? 1 : 0;
    DB_RUN(c,
           "INSERT INTO reactor_parked "
           "(reactor, seq, key, first, attempts, next_at, parked_at, error) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
           r->name, e->seq, reactor_key(c, r, e), first, first, c->now_ms + RETRY_FIRST_MS,
           c->now_ms, why);
    if (first) {
        LOG(LOG_WARN, "reactor.parked", {"reactor", str_from(r->name)}, {"seq", .number = e->seq},
            {"error", why});
    }
}

static int64_t retry_pause(int64_t attempts) {
    int64_t pause = RETRY_FIRST_MS;
    for (int64_t i = 1; i < attempts && pause < RETRY_LONGEST_MS; i++) {
        pause *= 4;
    }
    return pause < RETRY_LONGEST_MS ? pause : RETRY_LONGEST_MS;
}

static void cursor_lock(struct ctx *c, struct str reactor) {
    DB_RUN(c, "UPDATE reactor_cursor SET seq = seq WHERE name = $1", reactor);
}

static void row_remove(struct ctx *c, struct str reactor, int64_t seq) {
    DB_RUN(c, "DELETE FROM reactor_parked WHERE reactor = $1 AND seq = $2", reactor, seq);
}

/* The next of the key becomes its first, to be tried now. */
static void key_promote(struct ctx *c, struct str reactor, struct str key) {
    DB_RUN(c,
           "UPDATE reactor_parked SET first = 1, next_at = $1 WHERE reactor = $2 AND seq = "
           "(SELECT min(seq) FROM reactor_parked WHERE reactor = $2 AND key = $3)",
           c->now_ms, reactor, key);
}

/* Try one parked event. True when it is off the list. */
static bool parked_try(struct ctx *c, const struct reactor_turn *turn, const struct parked *p) {
    struct str name = str_from(turn->reactor->name), why = STR("");
    size_t n = 0;
    const struct event *e = event_read_range(
        c,
        &(struct event_range){
            .stream = turn->reactor->stream, .after = p->seq - 1, .upto = p->seq, .limit = 1},
        &n);
    if (n == 0 || reactor_handle_alone(c, turn, e, &why)) {
        row_remove(c, name, p->seq);
        return !ctx_failed(c);
    }
    DB_RUN(c,
           "UPDATE reactor_parked SET first = 1, attempts = $1, next_at = $2, error = $3 "
           "WHERE reactor = $4 AND seq = $5",
           p->attempts + 1, c->now_ms + retry_pause(p->attempts + 1), why, name, p->seq);
    return false;
}

static size_t parked_read(struct db_rows *rows, struct parked *list, size_t limit) {
    size_t n = 0;
    while (n < limit && db_next(rows)) {
        list[n++] = (struct parked){db_int(rows, 0), db_int(rows, 1), db_text(rows, 2)};
    }
    db_done(rows);
    return ctx_failed(rows->c) ? 0 : n;
}

/* The first of the key got through: so do those behind it, until one fails. */
static void followers_try(struct ctx *c, const struct reactor_turn *turn, struct str key) {
    struct parked list[FOLLOWERS_AT_ONCE];
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT seq, attempts, key FROM reactor_parked WHERE reactor = $1 AND key = $2 "
             "ORDER BY seq",
             turn->reactor->name, key);
    size_t n = parked_read(&rows, list, FOLLOWERS_AT_ONCE);
    for (size_t i = 0; i < n; i++) {
        if (!parked_try(c, turn, &list[i])) {
            return;
        }
    }
    if (n == FOLLOWERS_AT_ONCE) {
        key_promote(c, str_from(turn->reactor->name), key);
    }
}

void reactor_retry_parked(struct ctx *c, const struct reactor *r) {
    cursor_lock(c, str_from(r->name));
    struct reactor_turn turn = {
        .reactor = r, .cursor = reactor_cursor_read(c, r), .silent = event_silent(c, r)};
    struct parked list[KEYS_AT_ONCE];
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT seq, attempts, key FROM reactor_parked "
             "WHERE first = 1 AND next_at <= $1 AND reactor = $2 ORDER BY seq",
             c->now_ms, r->name);
    size_t n = parked_read(&rows, list, KEYS_AT_ONCE);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (parked_try(c, &turn, &list[i])) {
            followers_try(c, &turn, list[i].key);
        }
    }
}

void reactor_parked_retry(struct ctx *c, struct str reactor, int64_t seq) {
    cursor_lock(c, reactor);
    if (DB_RUN(c,
               "UPDATE reactor_parked SET next_at = $1 WHERE reactor = $2 AND seq = $3 "
               "AND first = 1",
               c->now_ms, reactor, seq) == 0) {
        FAIL(c, ERROR_ABSENT, "reactor.not_parked");
    }
}

void reactor_parked_drop(struct ctx *c, struct str reactor, int64_t seq) {
    cursor_lock(c, reactor);
    struct str key = DB_TEXT(c, "SELECT key FROM reactor_parked WHERE reactor = $1 AND seq = $2",
                             reactor, seq);
    if (!key.p) {
        FAIL(c, ERROR_ABSENT, "reactor.not_parked");
        return;
    }
    row_remove(c, reactor, seq);
    key_promote(c, reactor, key);
}
