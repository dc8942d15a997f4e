#include "event/timer.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "db/db.h"
#include "db/news.h"
#include "db/unit.h"
#include "event/event.h"
#include "event/timer_fire.h"

enum { ATTEMPTS_MOST = 10, PAUSE_FIRST_MS = 5 * MS_SECOND, PAUSE_LONGEST_MS = MS_HOUR };
/* Due timers read at once, and rounds of them in one transaction: a handler that sets its own
 * timer to the past would otherwise never let timer_fire_due end. */
enum { FIRE_AT_ONCE = 100, FIRE_ROUNDS = 1000 };

void timer_set(struct ctx *c, const char *kind, struct str key, int64_t due_at,
               struct str payload) {
    db_tell(c, NEWS_TIMERS);
    DB_PUT(c,
           "INSERT INTO timer (id, kind, key, due_at, next_at, payload, attempts, parked, error) "
           "VALUES ($1, $2, $3, $4, $4, $5, 0, 0, '') "
           "ON CONFLICT (kind, key) DO UPDATE SET id = $1, due_at = $4, next_at = $4, "
           "payload = $5, attempts = 0, parked = 0, error = ''",
           id_new(), kind, key, due_at, payload.n ? payload : STR("{}"));
}

void timer_set_earlier(struct ctx *c, const char *kind, struct str key, int64_t due_at) {
    int64_t moved = DB_RUN(
        c,
        "INSERT INTO timer (id, kind, key, due_at, next_at, payload, attempts, parked, error) "
        "VALUES ($1, $2, $3, $4, $4, '{}', 0, 0, '') "
        "ON CONFLICT (kind, key) DO UPDATE SET id = $1, due_at = $4, next_at = $4, attempts = 0, "
        "parked = 0, error = '' WHERE timer.due_at > excluded.due_at OR timer.parked = 1",
        id_new(), kind, key, due_at);
    if (moved) {
        db_tell(c, NEWS_TIMERS);
    }
}

void timer_cancel(struct ctx *c, const char *kind, struct str key) {
    DB_RUN(c, "DELETE FROM timer WHERE kind = $1 AND key = $2", kind, key);
}

bool timer_hold(struct ctx *c, const char *kind, struct str key, struct timer *t) {
    static const char *const ask[] = {
        [DB_SQLITE] = "SELECT id, due_at, payload FROM timer "
                      "WHERE kind = $1 AND key = $2 AND parked = 0",
        [DB_POSTGRES] = "SELECT id, due_at, payload FROM timer "
                        "WHERE kind = $1 AND key = $2 AND parked = 0 FOR UPDATE"};
    const struct db_value values[] = {db_from_c(kind), db_from_str(key)};
    bool found = false;
    /* One that was fired and set again while we waited is another row: the second look sees it. */
    for (int look = 0; look < 2 && !found && !ctx_failed(c); look++) {
        struct db_rows rows;
        db_query_values(c, &rows, ask[db_engine(c->db)], values, 2);
        found = db_next(&rows);
        if (found) {
            *t = (struct timer){.id = db_int(&rows, 0),
                                .kind = str_from(kind),
                                .key = key,
                                .due_at = db_int(&rows, 1),
                                .payload = db_text(&rows, 2)};
        }
        db_done(&rows);
    }
    return found && !ctx_failed(c);
}

const struct timer_kind *timer_kind_find(const struct timer_kind *const *kinds, struct str kind) {
    for (; *kinds; kinds++) {
        for (const struct timer_kind *k = *kinds; k->kind; k++) {
            if (str_is(kind, k->kind)) {
                return k;
            }
        }
    }
    return NULL;
}

static int64_t pause_after(int64_t attempts) {
    int64_t pause = PAUSE_FIRST_MS;
    for (int64_t i = 1; i < attempts && pause < PAUSE_LONGEST_MS; i++) {
        pause *= 3;
    }
    return pause < PAUSE_LONGEST_MS ? pause : PAUSE_LONGEST_MS;
}

static void failure_store(struct ctx *c, const struct timer *t, struct str why) {
    int64_t attempts = 1 + DB_INT(c, "SELECT attempts FROM timer WHERE id = $1", t->id);
    int parked = attempts >= ATTEMPTS_MOST;
    DB_RUN(c, "UPDATE timer SET attempts = $1, next_at = $2, parked = $3, error = $4 WHERE id = $5",
           attempts, c->now_ms + pause_after(attempts), parked, why, t->id);
    LOG(LOG_WARN, parked ? "timer.parked" : "timer.failed", {"kind", t->kind}, {"key", t->key},
        {"attempts", .number = attempts}, {"error", why});
}

/* Take the row: a timer that was moved, cancelled or fired meanwhile is not there. */
static bool timer_take(struct ctx *c, struct timer *t) {
    struct db_rows rows;
    if (db_engine(c->db) == DB_POSTGRES) {
        DB_QUERY(c, &rows,
                 "DELETE FROM timer WHERE id = (SELECT id FROM timer WHERE id = $1 AND parked = 0 "
                 "FOR UPDATE SKIP LOCKED) RETURNING kind, key, due_at, payload",
                 t->id);
    } else {
        DB_QUERY(c, &rows,
                 "DELETE FROM timer WHERE id = $1 AND parked = 0 "
                 "RETURNING kind, key, due_at, payload",
                 t->id);
    }
    if (!db_next(&rows)) {
        return false;
    }
    t->kind = db_text(&rows, 0);
    t->key = db_text(&rows, 1);
    t->due_at = db_int(&rows, 2);
    t->payload = db_text(&rows, 3);
    db_done(&rows);
    return !ctx_failed(c);
}

void timer_fire(struct ctx *c, const struct timer_kind *kind, int64_t id) {
    struct timer t = {.id = id};
    int open = db_savepoints(c->db);
    db_savepoint(c);
    if (ctx_failed(c)) {
        return;
    }
    if (timer_take(c, &t)) {
        bool silent = c->silent;
        c->silent = event_silent(c, kind);
        kind->fire(c, &t);
        c->silent = silent;
    }
    if (!ctx_failed(c)) {
        db_release(c);
        return;
    }
    if (!db_in_transaction(c->db)) {
        return;
    }
    db_rollback_savepoints(c->db, open);
    if (c->error.code == ERROR_RETRY || !t.kind.p) {
        return;
    }
    struct str why = str_format(c->arena, "%s %s", c->error.text, c->error.internal);
    ctx_clear_error(c);
    failure_store(c, &t, why);
}

size_t timer_due(struct ctx *c, int64_t now_ms, struct timer_due *due, size_t limit) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, kind FROM timer WHERE parked = 0 AND next_at <= $1 "
             "ORDER BY next_at LIMIT $2",
             now_ms, (int64_t)limit);
    while (n < limit && db_next(&rows)) {
        due[n++] = (struct timer_due){db_int(&rows, 0), db_text(&rows, 1)};
    }
    db_done(&rows);
    return ctx_failed(c) ? 0 : n;
}

int64_t timer_next(struct ctx *c, int64_t after_ms) {
    /* Not min(): planned while the table was small, it would read all that are to come. */
    return DB_INT(c,
                  "SELECT next_at FROM timer WHERE parked = 0 AND next_at > $1 "
                  "ORDER BY next_at LIMIT 1",
                  after_ms);
}

void timer_put_off(struct ctx *c, int64_t id) {
    DB_RUN(c, "UPDATE timer SET next_at = $1 WHERE id = $2", c->now_ms + PAUSE_LONGEST_MS, id);
}

void timer_fire_due(struct ctx *c, const struct timer_kind *const *kinds) {
    struct timer_due due[FIRE_AT_ONCE];
    for (int round = 0; round < FIRE_ROUNDS && !ctx_failed(c); round++) {
        size_t n = timer_due(c, c->now_ms, due, FIRE_AT_ONCE);
        for (size_t i = 0; i < n && !ctx_failed(c); i++) {
            const struct timer_kind *kind = timer_kind_find(kinds, due[i].kind);
            if (kind) {
                timer_fire(c, kind, due[i].id);
            } else {
                timer_put_off(c, due[i].id);
            }
        }
        if (n == 0) {
            return;
        }
    }
}
