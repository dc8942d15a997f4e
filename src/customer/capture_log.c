#include "customer/capture_log.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "db/migration.h"
#include "db/sql.h"
#include "organization/company.h"

enum { EXTERNAL_MOST = 100 }; /* bytes */

/* external holds the row's own id when the platform gave none, so that one index serves both. */
static const struct migration migrations[] = {
    {"customer.capture.1",
     "CREATE TABLE capture (\n"
     "  id {id},\n"
     "  kind TEXT NOT NULL,\n"
     "  place_id BIGINT NOT NULL,\n"
     "  external TEXT NOT NULL,\n"
     "  state TEXT NOT NULL,\n"
     "  payload TEXT NOT NULL,\n"
     "  digest TEXT NOT NULL,\n"
     "  version BIGINT NOT NULL,\n"
     "  why TEXT NOT NULL,\n"
     "  received_at BIGINT NOT NULL,\n"
     "  attempts BIGINT NOT NULL,\n"
     "  person_id BIGINT,\n"
     "  lead_id BIGINT,\n"
     "  touch_id BIGINT\n"
     ");\n"
     "CREATE UNIQUE INDEX capture_external ON capture (kind, place_id, external);\n"
     "CREATE INDEX capture_place ON capture (kind, place_id, received_at, state);\n"
     "CREATE INDEX capture_state ON capture (kind, place_id, state, id);\n"
     "CREATE INDEX capture_digest ON capture (digest)"},
    {0}};

#define COLUMNS                                                                               \
    "id, external, state, payload, version, why, received_at, attempts, person_id, lead_id, " \
    "touch_id, kind, place_id"

static struct capture row(struct ctx *c, const struct db_rows *rows) {
    return (struct capture){.id = db_int(rows, 0),
                            .external = db_text(rows, 1),
                            .state = db_text(rows, 2),
                            .payload = db_text(rows, 3),
                            .version = db_int(rows, 4),
                            .why = db_text(rows, 5),
                            .received_at = db_int(rows, 6),
                            .attempts = db_int(rows, 7),
                            .person_id = db_int(rows, 8),
                            .lead_id = db_int(rows, 9),
                            .touch_id = db_int(rows, 10),
                            .place = {str_to_c(c->arena, db_text(rows, 11)), db_int(rows, 12)}};
}

static struct capture *first(struct ctx *c, struct db_rows *rows) {
    struct capture *found = NULL;
    if (db_next(rows)) {
        found = ARENA_NEW(c->arena, struct capture);
        *found = row(c, rows);
    }
    db_done(rows);
    return found;
}

struct capture *capture_find(struct ctx *c, int64_t id) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT " COLUMNS " FROM capture WHERE id = $1", id);
    return first(c, &rows);
}

static struct str digest_of(struct ctx *c, struct str payload) {
    return str_slice(sha256_hex(c->arena, payload), 0, 32);
}

bool capture_keep(struct ctx *c, struct capture *capture) {
    struct db_rows rows;
    int64_t id = id_new();
    if (capture->payload.n > CAPTURE_PAYLOAD) {
        FAIL(c, ERROR_LIMIT, "request.too_large", {"limit", STR("64 KB")});
        return true;
    }
    if (capture->external.n > EXTERNAL_MOST) { /* cut short, two of them might be one */
        capture->external = sha256_hex(c->arena, capture->external);
    } else if (!capture->external.n) {
        capture->external = str_format(c->arena, "%lld", (long long)id);
    }
    capture->id = id;
    capture->state = STR("received");
    capture->received_at = c->now_ms;
    int64_t kept = DB_RUN(
        c,
        "INSERT INTO capture (id, kind, place_id, external, state, payload, digest, version, why, "
        "received_at, attempts) VALUES ($1, $2, $3, $4, 'received', $5, $6, $7, '', $8, 0) "
        "ON CONFLICT (kind, place_id, external) DO NOTHING",
        id, capture->place.kind, capture->place.id, capture->external, capture->payload,
        digest_of(c, capture->payload), capture->version, c->now_ms);
    if (kept || ctx_failed(c)) {
        return true;
    }
    DB_QUERY(c, &rows,
             "SELECT " COLUMNS " FROM capture WHERE kind = $1 AND place_id = $2 AND external = $3",
             capture->place.kind, capture->place.id, capture->external);
    const struct capture *there = first(c, &rows);
    if (there) {
        *capture = *there;
    }
    return false;
}

int64_t capture_same(struct ctx *c, const struct capture *capture, int64_t since) {
    return DB_INT(c,
                  "SELECT id FROM capture WHERE digest = $1 AND kind = $2 AND place_id = $3 "
                  "AND received_at >= $4 AND id <> $5 AND state = 'done' ORDER BY id LIMIT 1",
                  digest_of(c, capture->payload), capture->place.kind, capture->place.id, since,
                  capture->id);
}

void capture_run(struct ctx *c, struct capture *capture,
                 void (*make)(struct ctx *c, struct capture *capture)) {
    capture->state = STR("done");
    capture->why = STR("");
    db_savepoint(c);
    make(c, capture);
    if (!ctx_failed(c)) {
        db_release(c);
    } else if (ctx_failed_for_good(c)) {
        capture->why = message_failure_kept(c->arena, &c->error);
        capture->state = STR("failed");
        capture->person_id = capture->lead_id = capture->touch_id = 0;
        ctx_clear_error(c);
        db_rollback_savepoint(c->db);
    }
    capture->attempts++;
    DB_RUN(c,
           "UPDATE capture SET state = $1, why = $2, attempts = $3, person_id = $4, lead_id = $5, "
           "touch_id = $6 WHERE id = $7",
           capture->state, capture->why, capture->attempts, db_from_id(capture->person_id),
           db_from_id(capture->lead_id), db_from_id(capture->touch_id), capture->id);
}

struct capture *captures_read(struct ctx *c, const struct capture_place *place, struct str state,
                              int64_t before, size_t *n) {
    struct capture *list = ARENA_NEW_ARRAY(c->arena, CAPTURES_MOST, struct capture);
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    *n = 0;
    SQL_ADD(&q, "SELECT " COLUMNS " FROM capture WHERE kind = ");
    SQL_VALUE(&q, place->kind);
    SQL_ADD(&q, " AND place_id = ");
    SQL_VALUE(&q, place->id);
    if (state.n) {
        SQL_ADD(&q, " AND state = ");
        SQL_VALUE(&q, state);
        SQL_ADD(&q, " AND id < ");
        SQL_VALUE(&q, before);
        SQL_ADD(&q, " ORDER BY id DESC LIMIT ");
    } else {
        SQL_ADD(&q, " AND id < ");
        SQL_VALUE(&q, before);
        SQL_ADD(&q, " ORDER BY received_at DESC, id DESC LIMIT ");
    }
    sql_number(&q, CAPTURES_MOST);
    sql_query(c, &rows, &q);
    while (*n < CAPTURES_MOST && db_next(&rows)) {
        list[(*n)++] = row(c, &rows);
    }
    db_done(&rows);
    return list;
}

size_t captures_failed(struct ctx *c, const struct capture_place *place, int64_t *ids,
                       size_t limit) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM capture WHERE kind = $1 AND place_id = $2 AND state = 'failed' "
             "ORDER BY id LIMIT $3",
             place->kind, place->id, (int64_t)limit);
    while (n < limit && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return n;
}

struct capture_counts capture_counts(struct ctx *c, const struct capture_place *place) {
    const struct zone *zone = company_zone(c);
    int64_t today = zone_midnight(zone, zone_date(zone, c->now_ms));
    struct capture_counts counts = {0};
    struct db_rows rows;
    counts.last_at = DB_INT(c,
                            "SELECT received_at FROM capture WHERE kind = $1 AND place_id = $2 "
                            "ORDER BY received_at DESC LIMIT 1",
                            place->kind, place->id);
    DB_QUERY(c, &rows,
             "SELECT state, CAST(count(*) AS BIGINT), "
             "CAST(sum(CASE WHEN received_at >= $4 THEN 1 ELSE 0 END) AS BIGINT) FROM capture "
             "WHERE kind = $1 AND place_id = $2 AND received_at >= $3 GROUP BY state",
             place->kind, place->id, c->now_ms - 7 * (int64_t)MS_DAY, today);
    while (db_next(&rows)) {
        counts.week += db_int(&rows, 1);
        counts.today += db_int(&rows, 2);
        counts.week_failed += str_is(db_view(&rows, 0), "failed") ? db_int(&rows, 1) : 0;
    }
    counts.failed = DB_INT(c,
                           "SELECT count(*) FROM (SELECT 1 FROM capture WHERE kind = $1 "
                           "AND place_id = $2 AND state = 'failed' LIMIT 1000) x",
                           place->kind, place->id);
    return counts;
}

/* The place after one, in the order of the index; false when there is none. Each step is one look
 * into it, however much came in by a place. */
static bool place_next(struct ctx *c, struct capture_place *place) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT kind, place_id FROM capture WHERE (kind, place_id) > ($1, $2) "
             "ORDER BY kind, place_id LIMIT 1",
             place->kind, place->id);
    bool found = db_next(&rows);
    if (found) {
        *place = (struct capture_place){str_to_c(c->arena, db_view(&rows, 0)), db_int(&rows, 1)};
    }
    db_done(&rows);
    return found;
}

static void total_add(struct ctx *c, struct capture_total *t, const struct capture_place *place,
                      int64_t since) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT state, count(*) FROM capture WHERE kind = $1 AND place_id = $2 "
             "AND received_at >= $3 GROUP BY state",
             place->kind, place->id, since);
    while (db_next(&rows)) {
        struct str state = db_view(&rows, 0);
        int64_t n = db_int(&rows, 1);
        t->received += n;
        t->done += str_is(state, "done") ? n : 0;
        t->duplicate += str_is(state, "duplicate") ? n : 0;
        t->spam += str_is(state, "spam") ? n : 0;
        t->failed += str_is(state, "failed") ? n : 0;
    }
    db_done(&rows);
}

size_t capture_totals(struct ctx *c, int64_t since, struct capture_total totals[CAPTURE_KINDS]) {
    struct capture_place place = {"", 0};
    size_t n = 0;
    while (place_next(c, &place)) {
        if (!n || !str_is(totals[n - 1].kind, place.kind)) {
            if (n == CAPTURE_KINDS) {
                break;
            }
            totals[n++] = (struct capture_total){.kind = str_from(place.kind)};
        }
        total_add(c, &totals[n - 1], &place, since);
    }
    return n;
}

const struct module capture_log_module = {
    .name = "customer.capture_log", .cloud = "customer", .migrations = migrations};
