#include "event/outbox.h"

#include "base/id.h"
#include "db/db.h"

void outbox_add(struct ctx *c, const char *kind, struct str key, struct str payload) {
    if (c->origin != ORIGIN_LIVE) {
        return;
    }
    DB_RUN(c,
           "INSERT INTO outbox (id, kind, key, payload, state, attempts, next_at, created_at, why) "
           "VALUES ($1, $2, $3, $4, 0, 0, $5, $5, '') ON CONFLICT (kind, key) DO NOTHING",
           id_new(), kind, key, payload.n ? payload : STR("{}"), c->now_ms);
}

void outbox_resend(struct ctx *c, int64_t id) {
    int64_t changed = DB_RUN(c,
                             "UPDATE outbox SET state = 0, attempts = 0, next_at = $1, "
                             "settled_at = $2 WHERE id = $3 AND state = 2",
                             c->now_ms, db_from_id(0), id);
    if (changed == 0) {
        FAIL(c, ERROR_CONFLICT, "outbox.not_dead");
    }
}
