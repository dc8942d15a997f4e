#include "event/delivery.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/sql.h"
#include "event/event.h"

enum { PENDING, DONE, DEAD };
enum { PAUSE_FIRST_MS = 5 * MS_SECOND, PAUSE_LONGEST_MS = 6 * MS_HOUR };

static const struct outbox_kind *kind_find(const struct outbox_kind *const *kinds,
                                           struct str name) {
    for (; *kinds; kinds++) {
        for (const struct outbox_kind *k = *kinds; k->kind; k++) {
            if (str_is(name, k->kind)) {
                return k;
            }
        }
    }
    return NULL;
}

/* " FROM outbox WHERE …" of what is due and can be delivered by this program. */
static void due_condition(struct ctx *c, struct sql *q, const struct outbox_kind *const *kinds,
                          int64_t now_ms) {
    SQL_ADD(q, " FROM outbox WHERE state = 0 AND next_at <= ");
    SQL_VALUE(q, now_ms);
    SQL_ADD(q, " AND kind IN (''");
    for (; *kinds; kinds++) {
        for (const struct outbox_kind *k = *kinds; k->kind; k++) {
            if (!event_silent(c, k)) {
                SQL_ADD(q, ", ");
                SQL_VALUE(q, k->kind);
            }
        }
    }
    SQL_ADD(q, ")");
}

bool outbox_due(struct ctx *c, const struct outbox_kind *const *kinds, int64_t now_ms) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT 1");
    due_condition(c, &q, kinds, now_ms);
    SQL_ADD(&q, " LIMIT 1");
    return sql_int(c, &q) != 0;
}

/* RETURNING has no order. */
static int claim_order(const void *a, const void *b) {
    int64_t x = ((const struct outbox_claim *)a)->item.id;
    int64_t y = ((const struct outbox_claim *)b)->item.id;
    return (x > y) - (x < y);
}

size_t outbox_take(struct ctx *c, const struct outbox_kind *const *kinds,
                   struct outbox_claim *claims, size_t limit) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "UPDATE outbox SET attempts = attempts + 1, next_at = ");
    SQL_VALUE(&q, c->now_ms + OUTBOX_LEASE_MS);
    SQL_ADD(&q, " WHERE id IN (SELECT id");
    due_condition(c, &q, kinds, c->now_ms);
    SQL_ADD(&q, " ORDER BY next_at, id LIMIT ");
    SQL_VALUE(&q, (int64_t)limit);
    if (db_engine(c->db) == DB_POSTGRES) {
        SQL_ADD(&q, " FOR UPDATE SKIP LOCKED");
    }
    SQL_ADD(&q, ") RETURNING id, kind, key, attempts, payload, handed");
    struct db_rows rows;
    size_t n = 0;
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        struct outbox_item item = {
            .id = db_int(&rows, 0),
            .kind = db_text(&rows, 1),
            .key = db_text(&rows, 2),
            .attempts = (int)db_int(&rows, 3) - 1,
            .payload = db_text(&rows, 4),
            .handed = db_int(&rows, 5) != 0,
        };
        claims[n++] = (struct outbox_claim){.kind = kind_find(kinds, item.kind), .item = item};
    }
    if (ctx_failed(c)) {
        return 0;
    }
    qsort(claims, n, sizeof claims[0], claim_order);
    return n;
}

int64_t outbox_pause(int64_t attempts, int64_t id) {
    int64_t pause = PAUSE_FIRST_MS;
    for (int64_t i = 1; i < attempts && pause < PAUSE_LONGEST_MS; i++) {
        pause *= 2;
    }
    pause = pause < PAUSE_LONGEST_MS ? pause : PAUSE_LONGEST_MS;
    /* Fibonacci hashing spreads ids that follow each other. */
    uint64_t spread = ((uint64_t)id * UINT64_C(11400714819323198485)) >> 32;
    return pause + (int64_t)(spread % (uint64_t)(pause / 4));
}

static void end_record(struct ctx *c, const struct outbox_claim *claim, int state) {
    /* attempts tells our claim from a later one; a delivery counts whoever made it. */
    int64_t changed = DB_RUN(c,
                             "UPDATE outbox SET state = $1, settled_at = $2, why = $3, "
                             "took_ms = $7 "
                             "WHERE id = $4 AND state = 0 AND (attempts = $5 OR $6 = 1)",
                             state, c->now_ms, claim->why.p ? claim->why : STR(""), claim->item.id,
                             claim->item.attempts + 1, state == DONE ? 1 : 0, claim->took_ms);
    if (changed && claim->kind->settled) {
        claim->kind->settled(c, &claim->item, state == DONE);
    }
}

void outbox_settle(struct ctx *c, const struct outbox_claim *claim) {
    const struct outbox_item *item = &claim->item;
    int attempts = item->attempts + 1;
    if (claim->result == DELIVERED) {
        end_record(c, claim, DONE);
        return;
    }
    if (claim->result == DELIVERY_REFUSED || attempts >= claim->kind->attempts) {
        end_record(c, claim, DEAD);
        return;
    }
    DB_RUN(c,
           "UPDATE outbox SET next_at = $1, why = $2, took_ms = $5, handed = 0 "
           "WHERE id = $3 AND state = 0 AND attempts = $4",
           c->now_ms + outbox_pause(attempts, item->id), claim->why.p ? claim->why : STR(""),
           item->id, attempts, claim->took_ms);
}
