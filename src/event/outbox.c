#include "event/outbox.h"

#include "base/clock.h"
#include "base/id.h"
#include "db/db.h"
#include "db/news.h"
#include "event/timer.h"

enum { REMOVE_AT_ONCE = 1000, NEXT_PIECE_MS = 200, NEXT_LOOK_MS = MS_HOUR };

void outbox_add(struct ctx *c, const char *kind, struct str key, struct str payload) {
    if (c->origin != ORIGIN_LIVE || c->silent) {
        return;
    }
    db_tell(c, NEWS_OUTBOX);
    DB_PUT(c,
           "INSERT INTO outbox (id, kind, key, payload, state, attempts, next_at, created_at, why) "
           "VALUES ($1, $2, $3, $4, 0, 0, $5, $5, '') ON CONFLICT (kind, key) DO NOTHING",
           id_new(), kind, key, payload.n ? payload : STR("{}"), c->now_ms);
}

void outbox_resend(struct ctx *c, int64_t id) {
    int64_t changed = DB_RUN(c,
                             "UPDATE outbox SET state = 0, attempts = 0, handed = 0, next_at = $1, "
                             "settled_at = $2 WHERE id = $3 AND state = 2",
                             c->now_ms, db_from_id(0), id);
    db_tell(c, NEWS_OUTBOX);
    if (changed == 0) {
        FAIL(c, ERROR_CONFLICT, "outbox.not_dead");
    }
}

/* Ids sort by time, so the oldest rows are found without an index of their own. */
void outbox_upkeep(struct ctx *c, const struct timer *t) {
    int64_t removed = DB_RUN(c,
                             "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox "
                             "WHERE id < $1 AND state = 1 ORDER BY id LIMIT $2)",
                             id_at(c->now_ms - OUTBOX_KEPT_DAYS * (int64_t)MS_DAY), REMOVE_AT_ONCE);
    int64_t pause = removed == REMOVE_AT_ONCE ? NEXT_PIECE_MS : NEXT_LOOK_MS;
    timer_set(c, "outbox.upkeep", t->key, c->now_ms + pause, STR(""));
}
