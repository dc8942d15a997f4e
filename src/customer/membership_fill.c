/*
 * Filling a definition that is new or has changed: the records of its type are gone through once,
 * in pieces, each a firing of a timer.
 *
 * A piece is asked as one set: the condition as SQL says of whom it holds, of what people did, of
 * tags and segments reading what is the piece's; and only of those whose answer time may change is
 * asked in memory when.
 */
#include "base/module.h"
#include "customer/membership.h"
#include "customer/membership_parts.h"
#include "customer/segment.h"
#include "customer/tag.h"
#include "db/db.h"
#include "entity/access.h"
#include "event/timer.h"

enum { FILL_AT_ONCE = 2000, ASKED_AHEAD = 20, FORGET_AT_ONCE = 1000 };
enum { HISTORY_PAUSE_MS = 250 };

void membership_fill_lock(struct ctx *c, struct sql *q, const char *lock) {
    if (db_engine(c->db) == DB_POSTGRES) {
        sql_literal(q, lock);
    }
}

static struct str fill_key(struct ctx *c, int64_t id) {
    return str_format(c->arena, "%lld", (long long)id);
}

void membership_fill(struct ctx *c, int64_t definition_id, bool quiet) {
    DB_RUN(c,
           "INSERT INTO membership_fill (definition_id, cursor_id, quiet) VALUES ($1, 0, $2) "
           "ON CONFLICT (definition_id) DO UPDATE SET cursor_id = 0",
           definition_id, (int64_t)quiet);
    timer_set(c, "membership.fill", fill_key(c, definition_id), c->now_ms, STR(""));
}

bool membership_filling(struct ctx *c, int64_t definition_id) {
    return DB_INT(c, "SELECT 1 FROM membership_fill WHERE definition_id = $1", definition_id) == 1;
}

/* A definition that has ended: its rows go, and with them what they put on. True at the end. */
static bool forget(struct ctx *c, int64_t id) {
    const struct entity *tag = entity_named(c, "tag");
    struct record *r = record_load(c, tag, id);
    const struct entity *e = r ? model_entity(c->model, record_text(r, "entity_name")) : NULL;
    int64_t ids[FORGET_AT_ONCE];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows, "SELECT subject_id FROM membership WHERE definition_id = $1 LIMIT $2", id,
             (int64_t)FORGET_AT_ONCE);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (e) {
            tag_rule_ceases(c, id, e, ids[i]);
        }
        DB_RUN(c, "DELETE FROM membership WHERE definition_id = $1 AND subject_id = $2", id,
               ids[i]);
    }
    DB_RUN(c, "DELETE FROM membership_total WHERE definition_id = $1", id);
    return n < FORGET_AT_ONCE;
}

/* How far a filling has come, and how far its next piece goes. */
struct fill {
    const struct membership_definition *definition;
    int64_t cursor, up_to;
    bool quiet;
};

static struct fill fill_read(struct ctx *c, const struct membership_definition *d) {
    struct fill fill = {.definition = d};
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q, "SELECT cursor_id, quiet FROM membership_fill WHERE definition_id = ");
    SQL_VALUE(&q, d->id);
    membership_fill_lock(c, &q, " FOR UPDATE");
    sql_query(c, &rows, &q);
    if (db_next(&rows)) {
        fill.cursor = db_int(&rows, 0);
        fill.quiet = db_int(&rows, 1) != 0;
    }
    db_done(&rows);
    return fill;
}

/* One record of a piece, and what is kept of it. */
struct asked {
    int64_t id, due_at;
    bool holds, stirs, held;
};

/* The id of the piece's last record; 0: nothing is behind. */
static int64_t piece_end(struct ctx *c, const struct fill *fill) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT max(id) FROM (SELECT id FROM ");
    sql_identifier(&q, fill->definition->entity->table);
    SQL_ADD(&q, " WHERE id > ");
    SQL_VALUE(&q, fill->cursor);
    SQL_ADD(&q, " ORDER BY id LIMIT ");
    sql_number(&q, FILL_AT_ONCE);
    SQL_ADD(&q, ") AS piece");
    return sql_int(c, &q);
}

static void piece_sql(struct ctx *c, struct sql *q, const struct fill *fill) {
    const struct membership_definition *d = fill->definition;
    struct condition_rows rows = {"t", true, fill->cursor, fill->up_to};
    SQL_ADD(q, "SELECT t.id, CASE WHEN t.deleted_at IS NULL AND (");
    condition_sql_of(c, q, d->where, &rows);
    SQL_ADD(q, ") THEN 1 ELSE 0 END, CASE WHEN t.deleted_at IS NULL AND (");
    condition_stirs_sql(c, q, d->where, &rows);
    SQL_ADD(q, ") THEN 1 ELSE 0 END, COALESCE(m.member, 0), m.due_at FROM ");
    sql_identifier(q, d->entity->table);
    SQL_ADD(q, " t LEFT JOIN membership m ON m.definition_id = ");
    SQL_VALUE(q, d->id);
    SQL_ADD(q, " AND m.subject_id = t.id WHERE 1 = 1");
    condition_rows_within(q, &rows, "t", STR("id"));
    SQL_ADD(q, " ORDER BY t.id");
}

static size_t piece_read(struct ctx *c, const struct fill *fill, struct asked *asked) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t n = 0;
    piece_sql(c, &q, fill);
    sql_query(c, &rows, &q);
    while (n < FILL_AT_ONCE && db_next(&rows)) {
        asked[n++] = (struct asked){.id = db_int(&rows, 0),
                                    .holds = db_int(&rows, 1) != 0,
                                    .stirs = db_int(&rows, 2) != 0,
                                    .held = db_int(&rows, 3) != 0,
                                    .due_at = db_null(&rows, 4) ? INT64_MAX : db_int(&rows, 4)};
    }
    db_done(&rows);
    return n;
}

/* When time alone may change the answer. */
static int64_t flips(struct ctx *c, const struct membership_definition *d, int64_t id) {
    struct arena_mark mark = arena_mark(c->arena);
    struct record *r = record_load(c, d->entity, id);
    int64_t at = r ? condition_flips(condition_memo_new(c), d->where, r) : INT64_MAX;
    if (!ctx_failed(c)) {
        arena_reset(c->arena, mark);
    }
    return at;
}

static void piece_ask(struct ctx *c, const struct fill *fill) {
    const struct membership_definition *d = fill->definition;
    struct asked *asked = ARENA_NEW_ARRAY(c->arena, FILL_AT_ONCE, struct asked);
    size_t n = piece_read(c, fill, asked), changed = 0;
    struct membership_turn *turns = ARENA_NEW_ARRAY(c->arena, n + 1, struct membership_turn);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        for (size_t k = i; i % ASKED_AHEAD == 0 && k < n && k < i + ASKED_AHEAD; k++) {
            record_ahead(c, d->entity->name, asked[k].stirs ? asked[k].id : 0);
        }
        int64_t due_at = asked[i].stirs ? flips(c, d, asked[i].id) : INT64_MAX;
        if (asked[i].held != asked[i].holds || asked[i].due_at != due_at) {
            turns[changed++] = (struct membership_turn){asked[i].id, due_at, asked[i].held,
                                                        asked[i].holds};
        }
    }
    if (!ctx_failed(c)) {
        membership_turn(c, d, turns, changed, fill->quiet);
    }
}

/* True at the end. */
static bool fill_piece(struct ctx *c, const struct membership_definition *d) {
    const struct actor *actor = c->actor;
    struct fill fill = fill_read(c, d);
    fill.up_to = piece_end(c, &fill);
    if (!fill.up_to || ctx_failed(c)) {
        return true;
    }
    c->actor = &actor_system;
    piece_ask(c, &fill);
    c->actor = actor;
    DB_RUN(c, "UPDATE membership_fill SET cursor_id = $1 WHERE definition_id = $2", fill.up_to,
           d->id);
    return false;
}

/* Those that ask for a segment filled quietly have not heard of its members. */
static void fill_dependants(struct ctx *c, int64_t id) {
    struct membership_definitions all = membership_definitions(c);
    struct event e = {.type = STR("segment.entered"),
                      .payload = str_format(c->arena, "{\"segment_id\":\"%lld\"}", (long long)id)};
    for (size_t i = 0; i < all.n && !ctx_failed(c); i++) {
        if (all.items[i].id != id && condition_concerned(all.items[i].where, &e)) {
            membership_fill(c, all.items[i].id, false);
        }
    }
}

void membership_fill_fire(struct ctx *c, const struct timer *timer) {
    int64_t id = 0;
    str_to_int(timer->key, &id);
    /* While much of the log is still to be followed, as in a program newly set up, going through
     * the records would find them as they were. */
    if (membership_history_ahead(c)) {
        timer_set(c, "membership.fill", timer->key, c->now_ms + HISTORY_PAUSE_MS, STR(""));
        return;
    }
    const struct membership_definition *d = membership_definition(c, id);
    bool lost = !d && definition_stands(c, id); /* gone through when it is understood again */
    bool done = ctx_failed(c) || lost || (d ? fill_piece(c, d) : forget(c, id));
    if (ctx_failed(c)) {
        return;
    }
    if (!done) {
        timer_set(c, "membership.fill", fill_key(c, id), c->now_ms, STR(""));
        return;
    }
    DB_RUN(c, "DELETE FROM membership_fill WHERE definition_id = $1", id);
    if (d && d->kind == MEMBERSHIP_SEGMENT) {
        fill_dependants(c, id);
    }
}
