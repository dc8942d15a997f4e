/*
 * See membership.h. The reactors of this file follow both streams: what people did is counted
 * first (person_day.h), then definitions that may be concerned are asked. Membership moves by
 * segment.entered and segment.left, tag.added and tag.removed, which are followed in turn; so a
 * segment that asks for another, or for a tag, follows it.
 *
 * Definitions are read and parsed once a thread, and again when a record of their tables changed.
 */
#include "customer/membership.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/module.h"
#include "customer/customer.h"
#include "customer/person_day.h"
#include "customer/population.h"
#include "customer/tag.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "entity/versions.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "event/turn.h"

enum { DEFINITIONS_MOST = 500, DUE_AT_ONCE = 100, ASKS_MOST = 256 };
enum { FILL_AT_ONCE = 100, ASKED_AHEAD = 20, FORGET_AT_ONCE = 1000 };
enum { HISTORY_AHEAD = 1000, HISTORY_PAUSE_MS = 250 };

static const struct migration migrations[] = {
    {"customer.membership.1",
     "CREATE TABLE membership (\n"
     "  definition_id BIGINT NOT NULL,\n"
     "  subject_id BIGINT NOT NULL,\n"
     "  member BIGINT NOT NULL,\n"
     "  since BIGINT NOT NULL,\n"
     "  due_at BIGINT,\n"
     "  PRIMARY KEY (definition_id, subject_id)\n"
     "){without_rowid};\n"
     "CREATE INDEX membership_subject ON membership (subject_id, definition_id);\n"
     "CREATE INDEX membership_due ON membership (due_at) WHERE due_at IS NOT NULL;\n"
     "CREATE TABLE membership_fill (definition_id BIGINT NOT NULL PRIMARY KEY, "
     "cursor_id BIGINT NOT NULL, quiet BIGINT NOT NULL);\n"
     "CREATE TABLE membership_day (\n"
     "  definition_id BIGINT NOT NULL,\n"
     "  day BIGINT NOT NULL,\n"
     "  entered BIGINT NOT NULL,\n"
     "  departed BIGINT NOT NULL,\n"
     "  members BIGINT NOT NULL,\n" /* at its end */
     "  PRIMARY KEY (definition_id, day)\n"
     "){without_rowid};\n"
     "CREATE TABLE membership_total (definition_id BIGINT NOT NULL PRIMARY KEY, "
     "members BIGINT NOT NULL)"},
    {"customer.membership.2",
     "CREATE TABLE membership_merged (\n" /* while a merge stands: what both were in before */
     "  loser_id BIGINT NOT NULL,\n"
     "  subject_id BIGINT NOT NULL,\n"
     "  definition_id BIGINT NOT NULL,\n"
     "  since BIGINT NOT NULL,\n"
     "  PRIMARY KEY (loser_id, subject_id, definition_id)\n"
     "){without_rowid}"},
    {0}};

/* Definitions. */

struct cache {
    struct versions versions; /* under which the stamp was read */
    int64_t stamp[6];
    struct arena arena;
    struct membership_definition *items;
    size_t n;
    bool filled;
};
static _Thread_local struct cache cache;
static pthread_key_t cache_key;
static pthread_once_t cache_once = PTHREAD_ONCE_INIT;

static void cache_end(void *data) {
    arena_free(&((struct cache *)data)->arena);
}

static void cache_key_make(void) {
    pthread_key_create(&cache_key, cache_end);
}

static void definition_add(struct ctx *c, struct cache *k, const struct db_rows *rows,
                           enum membership_kind kind) {
    struct ctx own = *c;
    own.arena = &k->arena;
    own.actor = &actor_system;
    const struct entity *e = model_entity(c->model, db_view(rows, 1));
    struct str text = str_copy(&k->arena, db_view(rows, 2));
    const struct condition *where = e ? condition_parse_text(&own, e, text) : NULL;
    if (where && !ctx_failed(&own) && k->n < DEFINITIONS_MOST) {
        k->items[k->n++] = (struct membership_definition){db_int(rows, 0), kind, e, where};
    } else if (own.error.code == ERROR_RETRY || own.error.code == ERROR_INTERNAL) {
        c->error = own.error;
    }
}

#define STAMP_OF(table)                                                                        \
    "(SELECT CAST(COALESCE(sum(version), 0) AS BIGINT) FROM " table "), (SELECT "              \
    "CAST(COALESCE(sum(id % 1000003), 0) AS BIGINT) FROM " table "), (SELECT max(updated_at) " \
    "FROM " table ")"

static bool stamp_moved(struct ctx *c, struct cache *k) {
    struct db_rows rows;
    bool moved = !k->filled;
    if (!moved && versions_hold(c, &k->versions)) {
        return false;
    }
    DB_QUERY(c, &rows, "SELECT " STAMP_OF("segment") ", " STAMP_OF("tag"));
    if (db_next(&rows)) {
        for (int i = 0; i < 6; i++) {
            moved |= k->stamp[i] != db_int(&rows, i);
            k->stamp[i] = db_int(&rows, i);
        }
    }
    db_done(&rows);
    k->versions = versions_firm(c) ? c->versions : (struct versions){0};
    return moved;
}

struct membership_definitions membership_definitions(struct ctx *c) {
    struct cache *k = &cache;
    struct db_rows rows;
    if (stamp_moved(c, k)) {
        arena_free(&k->arena);
        pthread_once(&cache_once, cache_key_make);
        pthread_setspecific(cache_key, k); /* ends with its thread */
        k->items = ARENA_NEW_ARRAY(&k->arena, DEFINITIONS_MOST, struct membership_definition);
        k->n = 0;
        DB_QUERY(c, &rows,
                 "SELECT id, entity_name, condition FROM segment WHERE kind = 'live' "
                 "AND deleted_at IS NULL ORDER BY id");
        while (db_next(&rows)) {
            definition_add(c, k, &rows, MEMBERSHIP_SEGMENT);
        }
        DB_QUERY(c, &rows,
                 "SELECT id, entity_name, condition FROM tag WHERE rule_on = 1 "
                 "AND deleted_at IS NULL ORDER BY id");
        while (db_next(&rows)) {
            definition_add(c, k, &rows, MEMBERSHIP_TAG);
        }
        k->filled = !ctx_failed(c);
    }
    return (struct membership_definitions){k->items, ctx_failed(c) ? 0 : k->n};
}

static const struct membership_definition *definition_find(struct ctx *c, int64_t id) {
    struct membership_definitions all = membership_definitions(c);
    for (size_t i = 0; i < all.n; i++) {
        if (all.items[i].id == id) {
            return &all.items[i];
        }
    }
    return NULL;
}

/* Turns. */

static void total_move(struct ctx *c, int64_t id, bool entered) {
    int64_t by = entered ? 1 : -1;
    DB_RUN(c,
           "INSERT INTO membership_total (definition_id, members) VALUES ($1, $2) "
           "ON CONFLICT (definition_id) DO UPDATE SET "
           "members = membership_total.members + excluded.members",
           id, by);
    DB_RUN(c,
           "INSERT INTO membership_day (definition_id, day, entered, departed, members) "
           "VALUES ($1, $2, $3, $4, (SELECT members FROM membership_total WHERE "
           "definition_id = $1)) ON CONFLICT (definition_id, day) DO UPDATE SET "
           "entered = membership_day.entered + excluded.entered, "
           "departed = membership_day.departed + excluded.departed, members = excluded.members",
           id, person_day_of(c, c->now_ms), (int64_t)entered, (int64_t)!entered);
}

static void emit(struct ctx *c, int64_t segment_id, const struct entity *e, int64_t subject_id,
                 bool entered) {
    struct record *r = record_load(c, e, subject_id);
    bool person = str_is(e->name, "person"), account = str_is(e->name, "account");
    int64_t person_id = person ? subject_id : 0;
    if (r && entity_field(e, STR("person_id"))) {
        person_id = record_id(r, "person_id");
    }
    event_emit(c, &(struct event){.type = entered ? STR("segment.entered") : STR("segment.left"),
                                  .subject_type = e->name,
                                  .subject_id = subject_id,
                                  .person_id = person_id,
                                  .account_id = account ? subject_id : 0,
                                  .payload = str_format(c->arena, "{\"segment_id\":\"%lld\"}",
                                                        (long long)segment_id)});
}

struct turn {
    const struct membership_definition *definition;
    int64_t subject_id, due_at; /* INT64_MAX: never */
    bool holds, quiet;
};

static void turned(struct ctx *c, const struct turn *t) {
    const struct membership_definition *d = t->definition;
    total_move(c, d->id, t->holds);
    if (d->kind == MEMBERSHIP_TAG) {
        tag_rule_turned(c, d->id, d->entity, t->subject_id, t->holds);
    } else if (!t->quiet) {
        emit(c, d->id, d->entity, t->subject_id, t->holds);
    }
}

static void row_write(struct ctx *c, const struct turn *t) {
    if (!t->holds && t->due_at == INT64_MAX) {
        DB_RUN(c, "DELETE FROM membership WHERE definition_id = $1 AND subject_id = $2",
               t->definition->id, t->subject_id);
        return;
    }
    DB_RUN(c,
           "INSERT INTO membership (definition_id, subject_id, member, since, due_at) "
           "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (definition_id, subject_id) DO UPDATE SET "
           "since = CASE WHEN membership.member = excluded.member THEN membership.since "
           "ELSE excluded.since END, member = excluded.member, due_at = excluded.due_at",
           t->definition->id, t->subject_id, (int64_t)t->holds, c->now_ms,
           db_from_id(t->due_at == INT64_MAX ? 0 : t->due_at));
    if (t->due_at != INT64_MAX) {
        timer_set_earlier(c, "membership.due", STR(""), t->due_at);
    }
}

#define MEMBER_SQL \
    "SELECT member, due_at FROM membership WHERE definition_id = $1 AND subject_id = $2"

void membership_ask(struct ctx *c, const struct membership_definition *d, int64_t subject_id,
                    bool quiet) {
    struct arena_mark mark = arena_mark(c->arena);
    const struct actor *actor = c->actor;
    c->actor = &actor_system;
    struct record *r = record_load(c, d->entity, subject_id);
    struct condition_memo *memo = condition_memo_new(c);
    struct turn t = {.definition = d,
                     .subject_id = subject_id,
                     .quiet = quiet,
                     .holds = r && condition_match_memo(memo, d->where, r),
                     .due_at = r ? condition_flips(memo, d->where, r) : INT64_MAX};
    bool was = false;
    int64_t was_due = INT64_MAX;
    struct db_rows rows;
    DB_QUERY(c, &rows, MEMBER_SQL, d->id, subject_id);
    if (db_next(&rows)) {
        was = db_int(&rows, 0) != 0;
        was_due = db_null(&rows, 1) ? INT64_MAX : db_int(&rows, 1);
    }
    db_done(&rows);
    if (!ctx_failed(c) && (was != t.holds || was_due != t.due_at)) {
        row_write(c, &t);
    }
    if (!ctx_failed(c) && was != t.holds) {
        turned(c, &t);
    }
    c->actor = actor;
    if (!ctx_failed(c)) {
        arena_reset(c->arena, mark);
    }
}

bool membership_set(struct ctx *c, int64_t segment_id, const struct entity *e, int64_t subject_id,
                    bool member) {
    int64_t n = member
                    ? DB_RUN(c,
                             "INSERT INTO membership (definition_id, subject_id, member, since) "
                             "VALUES ($1, $2, 1, $3) "
                             "ON CONFLICT (definition_id, subject_id) DO NOTHING",
                             segment_id, subject_id, c->now_ms)
                    : DB_RUN(c,
                             "DELETE FROM membership WHERE definition_id = $1 AND subject_id = $2",
                             segment_id, subject_id);
    if (n && !ctx_failed(c)) {
        total_move(c, segment_id, member);
        emit(c, segment_id, e, subject_id, member);
    }
    return n > 0;
}

/* Events. */

/* Room for all whom an event may concern, made when there is a definition it may concern. */
static struct reach *reach_new(struct ctx *c, const struct event *e, int64_t person_id) {
    struct reach *reach = arena_bytes(c->arena, sizeof *reach);
    reach->c = c;
    reach->e = e;
    reach->person_id = person_id;
    reach->subjects[0] = e->subject_id;
    reach->subjects[1] = json_id(json_parse(c, e->payload), "winner_id");
    return reach;
}

static void subjects_add(struct reach *reach, const struct membership_definition *d) {
    bool person = str_is(d->entity->name, "person");
    reach->n = 0;
    reach->lost = false;
    if (str_equal(d->entity->name, reach->e->subject_type)) {
        reach_add(reach, reach->subjects[0]);
        reach_add(reach, reach->subjects[1]);
    }
    if (person) {
        reach_add(reach, reach->person_id);
    }
    condition_reach(reach, d->where);
}

/* How far definitions have been gone through that are being filled. */
struct fills {
    int64_t ids[DEFINITIONS_MOST], cursors[DEFINITIONS_MOST];
    size_t n;
};

/* Where transactions write side by side, a turn that reads how far a filling has come and a piece
 * of the filling wait for each other: neither leaves a record to the other that passed it by. */
static void fill_lock(struct ctx *c, struct sql *q, const char *lock) {
    if (db_engine(c->db) == DB_POSTGRES) {
        sql_literal(q, lock);
    }
}

static struct fills *fills_read(struct ctx *c) {
    struct fills *fills = ARENA_NEW(c->arena, struct fills);
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q,
            "SELECT definition_id, cursor_id FROM membership_fill ORDER BY definition_id LIMIT ");
    sql_number(&q, DEFINITIONS_MOST);
    fill_lock(c, &q, " FOR SHARE");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        fills->ids[fills->n] = db_int(&rows, 0);
        fills->cursors[fills->n++] = db_int(&rows, 1);
    }
    return fills;
}

/* Records behind this id will be asked by the filling. */
static int64_t fill_cursor(const struct fills *fills, int64_t id) {
    for (size_t i = 0; i < fills->n; i++) {
        if (fills->ids[i] == id) {
            return fills->cursors[i];
        }
    }
    return INT64_MAX;
}

/* Whom history concerns, each asked once. */
struct asks {
    struct ask {
        const struct membership_definition *d;
        int64_t subject_id;
        const struct event *e; /* the last */
    } items[ASKS_MOST];
    size_t n;
};

static void asks_run(struct ctx *c, struct asks *asks) {
    for (size_t i = 0; i < asks->n && !ctx_failed(c); i++) {
        event_cause(c, asks->items[i].e);
        membership_ask(c, asks->items[i].d, asks->items[i].subject_id, false);
    }
    asks->n = 0;
}

static void ask_add(struct ctx *c, struct asks *asks, struct ask ask) {
    for (size_t i = 0; i < asks->n; i++) {
        if (asks->items[i].d == ask.d && asks->items[i].subject_id == ask.subject_id) {
            asks->items[i].e = ask.e;
            return;
        }
    }
    if (asks->n == ASKS_MOST) {
        asks_run(c, asks);
    }
    asks->items[asks->n++] = ask;
}

/* asks: NULL when all are to be asked at once; fills: NULL when they are to be read. */
static void follow(struct ctx *c, const struct event *e, int64_t person_id, struct asks *asks,
                   struct fills *fills) {
    struct membership_definitions all = membership_definitions(c);
    struct reach *reach = NULL;
    for (size_t i = 0; i < all.n && !ctx_failed(c); i++) {
        const struct membership_definition *d = &all.items[i];
        if (!condition_concerned(d->where, e)) {
            continue;
        }
        fills = fills ? fills : fills_read(c);
        int64_t cursor = fill_cursor(fills, d->id);
        if (cursor == 0) {
            continue;
        }
        reach = reach ? reach : reach_new(c, e, person_id);
        subjects_add(reach, d);
        for (size_t s = 0; s < reach->n && !ctx_failed(c); s++) {
            if (reach->ids[s] <= cursor && asks) {
                ask_add(c, asks, (struct ask){d, reach->ids[s], e});
            } else if (reach->ids[s] <= cursor) {
                membership_ask(c, d, reach->ids[s], false);
            }
        }
        if (reach->lost) {
            membership_fill(c, d->id, false);
        }
    }
}

void membership_follow(struct ctx *c, const struct event *e, int64_t person_id) {
    follow(c, e, person_id, NULL, NULL);
}

static void handle(struct ctx *c, const struct event *e) {
    int64_t person_id = person_day_follow(c, e);
    membership_turn_lists(c, e);
    if (!ctx_failed(c) && (e->stream == STREAM_BUSINESS || person_id)) {
        membership_follow(c, e, person_id);
    }
    membership_since_again(c, e);
}

static void handle_history(struct ctx *c, const struct event *events, size_t n) {
    int64_t *people = ARENA_NEW_ARRAY(c->arena, n, int64_t);
    struct asks *asks = ARENA_NEW(c->arena, struct asks);
    struct fills *fills = fills_read(c);
    person_day_follow_many(c, events, n, people);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        membership_turn_lists(c, &events[i]);
        if (events[i].stream == STREAM_BUSINESS || people[i]) {
            follow(c, &events[i], people[i], asks, fills);
        }
        if (membership_merge_verb(&events[i]) == MERGE_PARTS) { /* before they are joined anew */
            asks_run(c, asks);
            membership_since_again(c, &events[i]);
        }
    }
    asks_run(c, asks);
}

static void choose_behaviour(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    for (size_t i = 0; i < n; i++) {
        wanted[i] = person_day_wants(c, &events[i]);
    }
}

static const struct reactor business = {.name = "customer.membership",
                                        .stream = STREAM_BUSINESS,
                                        .lane = REACTOR_STEADY,
                                        .types = (const char *const[]){NULL},
                                        .handle = handle,
                                        .handle_history = handle_history,
                                        .live_together = 256};
static const struct reactor behaviour = {.name = "customer.membership_behaviour",
                                         .stream = STREAM_BEHAVIOUR,
                                         .lane = REACTOR_STEADY,
                                         .types = (const char *const[]){NULL},
                                         .handle = handle,
                                         .handle_history = handle_history,
                                         .live_together = 256,
                                         .choose = choose_behaviour};

struct population_place membership_place(struct ctx *c) {
    return (struct population_place){reactor_cursor_read(c, &business).seq,
                                     reactor_cursor_read(c, &behaviour).seq};
}

/* Time. */

struct due {
    int64_t definition_id, subject_id;
};

static void due_fire(struct ctx *c, const struct timer *timer) {
    struct due due[DUE_AT_ONCE];
    struct db_rows rows;
    size_t n = 0;
    (void)timer;
    DB_QUERY(c, &rows,
             "SELECT definition_id, subject_id FROM membership WHERE due_at <= $1 "
             "ORDER BY due_at LIMIT $2",
             c->now_ms, (int64_t)DUE_AT_ONCE);
    while (db_next(&rows)) {
        due[n++] = (struct due){db_int(&rows, 0), db_int(&rows, 1)};
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct membership_definition *d = definition_find(c, due[i].definition_id);
        if (d) {
            membership_ask(c, d, due[i].subject_id, false);
        } else {
            DB_RUN(c,
                   "UPDATE membership SET due_at = NULL WHERE definition_id = $1 "
                   "AND subject_id = $2",
                   due[i].definition_id, due[i].subject_id);
        }
    }
    int64_t next = DB_INT(c, "SELECT min(due_at) FROM membership WHERE due_at IS NOT NULL");
    if (next && !ctx_failed(c)) {
        timer_set_earlier(c, "membership.due", STR(""), next);
    }
}

/* Going through the records. */

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
            tag_rule_turned(c, id, e, ids[i], false);
        }
        DB_RUN(c, "DELETE FROM membership WHERE definition_id = $1 AND subject_id = $2", id,
               ids[i]);
    }
    DB_RUN(c, "DELETE FROM membership_total WHERE definition_id = $1", id);
    return n < FORGET_AT_ONCE;
}

static bool fill_piece(struct ctx *c, const struct membership_definition *d) {
    int64_t ids[FILL_AT_ONCE], cursor = 0;
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    bool quiet = false;
    size_t n = 0;
    SQL_ADD(&q, "SELECT cursor_id, quiet FROM membership_fill WHERE definition_id = ");
    SQL_VALUE(&q, d->id);
    fill_lock(c, &q, " FOR UPDATE");
    sql_query(c, &rows, &q);
    if (db_next(&rows)) {
        cursor = db_int(&rows, 0);
        quiet = db_int(&rows, 1) != 0;
    }
    db_done(&rows);
    q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT id FROM ");
    sql_identifier(&q, d->entity->table);
    SQL_ADD(&q, " WHERE id > ");
    SQL_VALUE(&q, cursor);
    SQL_ADD(&q, " ORDER BY id LIMIT ");
    sql_number(&q, FILL_AT_ONCE);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        for (size_t k = i; i % ASKED_AHEAD == 0 && k < n && k < i + ASKED_AHEAD; k++) {
            record_ahead(c, d->entity->name, ids[k]);
            DB_AHEAD(c, MEMBER_SQL, d->id, ids[k]);
        }
        membership_ask(c, d, ids[i], quiet);
    }
    if (n) {
        DB_RUN(c, "UPDATE membership_fill SET cursor_id = $1 WHERE definition_id = $2", ids[n - 1],
               d->id);
    }
    return n < FILL_AT_ONCE;
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

/* While much of the log is still to be followed, as in a program newly set up, going through the
 * records would find them as they were. */
static bool history_ahead(struct ctx *c) {
    return event_head(c, STREAM_BUSINESS) - reactor_cursor_read(c, &business).seq > HISTORY_AHEAD;
}

static void fill_fire(struct ctx *c, const struct timer *timer) {
    int64_t id = 0;
    str_to_int(timer->key, &id);
    if (history_ahead(c)) {
        timer_set(c, "membership.fill", timer->key, c->now_ms + HISTORY_PAUSE_MS, STR(""));
        return;
    }
    const struct membership_definition *d = definition_find(c, id);
    bool done = ctx_failed(c) || (d ? fill_piece(c, d) : forget(c, id));
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

static const struct timer_kind timers[] = {
    {"membership.due", due_fire}, {"membership.fill", fill_fire}, {0}};

const struct module membership_module = {
    .name = "customer.membership",
    .cloud = "customer",
    .reactors = (const struct reactor *const[]){&business, &behaviour, NULL},
    .timers = timers,
    .migrations = migrations};
