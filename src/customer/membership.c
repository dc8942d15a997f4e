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
#include "customer/membership_parts.h"
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
    struct versions versions;  /* under which the stamp was read */
    const struct model *model; /* by which they were parsed */
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
    const struct entity *e = model_entity(c->model, db_view(rows, 1));
    struct str text = db_view(rows, 2);
    const struct condition *where = e ? condition_parse_kept(c, &k->arena, e, text) : NULL;
    if (where && k->n < DEFINITIONS_MOST) {
        k->items[k->n++] = (struct membership_definition){db_int(rows, 0), kind, e, where};
    }
}

#define STAMP_OF(table)                                                                        \
    "(SELECT CAST(COALESCE(sum(version), 0) AS BIGINT) FROM " table "), (SELECT "              \
    "CAST(COALESCE(sum(id % 1000003), 0) AS BIGINT) FROM " table "), (SELECT max(updated_at) " \
    "FROM " table ")"

static bool stamp_moved(struct ctx *c, struct cache *k) {
    struct db_rows rows;
    bool moved = !k->filled || k->model != c->model;
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
    k->model = c->model;
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

const struct membership_definition *membership_definition(struct ctx *c, int64_t id) {
    struct membership_definitions all = membership_definitions(c);
    for (size_t i = 0; i < all.n; i++) {
        if (all.items[i].id == id) {
            return &all.items[i];
        }
    }
    return NULL;
}

/* Turns. */

static void totals_move(struct ctx *c, int64_t id, int64_t entered, int64_t departed) {
    DB_RUN(c,
           "INSERT INTO membership_total (definition_id, members) VALUES ($1, $2) "
           "ON CONFLICT (definition_id) DO UPDATE SET "
           "members = membership_total.members + excluded.members",
           id, entered - departed);
    DB_RUN(c,
           "INSERT INTO membership_day (definition_id, day, entered, departed, members) "
           "VALUES ($1, $2, $3, $4, (SELECT members FROM membership_total WHERE "
           "definition_id = $1)) ON CONFLICT (definition_id, day) DO UPDATE SET "
           "entered = membership_day.entered + excluded.entered, "
           "departed = membership_day.departed + excluded.departed, members = excluded.members",
           id, person_day_of(c, c->now_ms), entered, departed);
}

static void emit(struct ctx *c, int64_t segment_id, const struct entity *e, int64_t subject_id,
                 bool entered) {
    bool person = str_is(e->name, "person"), account = str_is(e->name, "account");
    bool names_one = entity_field(e, STR("person_id")) != NULL;
    struct record *r = names_one ? record_load(c, e, subject_id) : NULL;
    event_emit(c, &(struct event){.type = entered ? STR("segment.entered") : STR("segment.left"),
                                  .subject_type = e->name,
                                  .subject_id = subject_id,
                                  .person_id = person ? subject_id
                                               : r    ? record_id(r, "person_id")
                                                      : 0,
                                  .account_id = account ? subject_id : 0,
                                  .payload = str_format(c->arena, "{\"segment_id\":\"%lld\"}",
                                                        (long long)segment_id)});
}

/* A row as it is to be written. */
struct row {
    int64_t definition_id, subject_id, member, since;
    struct db_value due_at;
};

static void row_values(const void *item, struct db_value *values) {
    const struct row *row = item;
    values[0] = db_from_int(row->definition_id);
    values[1] = db_from_int(row->subject_id);
    values[2] = db_from_int(row->member);
    values[3] = db_from_int(row->since);
    values[4] = row->due_at;
}

static const struct sql_rows row_shape = {
    "INSERT INTO membership (definition_id, subject_id, member, since, due_at)", 5, row_values,
    " ON CONFLICT (definition_id, subject_id) DO UPDATE SET "
    "since = CASE WHEN membership.member = excluded.member THEN membership.since "
    "ELSE excluded.since END, member = excluded.member, due_at = excluded.due_at"};

static bool turn_leaves_nothing(const struct membership_turn *t) {
    return !t->holds && t->due_at == INT64_MAX;
}

static void rows_delete(struct ctx *c, int64_t definition_id, const int64_t *ids, size_t n) {
    for (size_t i = 0; i < n; i += SQL_IDS) {
        struct sql q = sql_new(c->arena);
        SQL_ADD(&q, "DELETE FROM membership WHERE definition_id = ");
        SQL_VALUE(&q, definition_id);
        SQL_ADD(&q, " AND subject_id IN ");
        sql_ids(&q, ids + i, n - i < SQL_IDS ? n - i : SQL_IDS);
        sql_run(c, &q);
    }
}

static void rows_write(struct ctx *c, int64_t definition_id, const struct membership_turn *turns,
                       size_t n) {
    void **rows = ARENA_NEW_ARRAY(c->arena, n, void *);
    int64_t *gone = ARENA_NEW_ARRAY(c->arena, n, int64_t), first = INT64_MAX;
    size_t n_rows = 0, n_gone = 0;
    for (size_t i = 0; i < n; i++) {
        const struct membership_turn *t = &turns[i];
        if (turn_leaves_nothing(t)) {
            gone[n_gone++] = t->subject_id;
            continue;
        }
        struct row *row = ARENA_NEW(c->arena, struct row);
        *row = (struct row){definition_id, t->subject_id, t->holds, c->now_ms,
                            db_from_id(t->due_at == INT64_MAX ? 0 : t->due_at)};
        rows[n_rows++] = row;
        first = t->due_at < first ? t->due_at : first;
    }
    rows_delete(c, definition_id, gone, n_gone);
    sql_insert(c, &row_shape, rows, n_rows);
    if (first != INT64_MAX && !ctx_failed(c)) {
        timer_set_earlier(c, "membership.due", STR(""), first);
    }
}

/* Tell of those who went in, or of those who went out. */
static void tell(struct ctx *c, const struct membership_definition *d, const int64_t *ids, size_t n,
                 bool entered) {
    if (d->kind == MEMBERSHIP_TAG && entered) {
        tag_rule_holds(c, d->id, d->entity, ids, n);
        return;
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (d->kind == MEMBERSHIP_TAG) {
            tag_rule_ceases(c, d->id, d->entity, ids[i]);
        } else {
            emit(c, d->id, d->entity, ids[i], entered);
        }
    }
}

void membership_turn(struct ctx *c, const struct membership_definition *d,
                     const struct membership_turn *turns, size_t n, bool quiet) {
    int64_t *in = ARENA_NEW_ARRAY(c->arena, 2 * n, int64_t), *out = in + n;
    size_t entered = 0, departed = 0;
    for (size_t i = 0; i < n; i++) {
        if (turns[i].holds && !turns[i].held) {
            in[entered++] = turns[i].subject_id;
        } else if (turns[i].held && !turns[i].holds) {
            out[departed++] = turns[i].subject_id;
        }
    }
    rows_write(c, d->id, turns, n);
    if ((entered || departed) && !ctx_failed(c)) {
        totals_move(c, d->id, (int64_t)entered, (int64_t)departed);
    }
    if (d->kind == MEMBERSHIP_TAG || !quiet) {
        tell(c, d, in, entered, true);
        tell(c, d, out, departed, false);
    }
}

void membership_ask(struct ctx *c, const struct membership_definition *d, int64_t subject_id,
                    bool quiet) {
    struct arena_mark mark = arena_mark(c->arena);
    const struct actor *actor = c->actor;
    c->actor = &actor_system;
    struct record *r = record_load(c, d->entity, subject_id);
    struct condition_memo *memo = condition_memo_new(c);
    struct membership_turn t = {.subject_id = subject_id,
                                .holds = r && condition_match_memo(memo, d->where, r),
                                .due_at = r ? condition_flips(memo, d->where, r) : INT64_MAX};
    int64_t was_due = INT64_MAX;
    struct db_rows rows;
    DB_QUERY(c, &rows, MEMBERSHIP_SQL, d->id, subject_id);
    if (db_next(&rows)) {
        t.held = db_int(&rows, 0) != 0;
        was_due = db_null(&rows, 1) ? INT64_MAX : db_int(&rows, 1);
    }
    db_done(&rows);
    if (!ctx_failed(c) && (t.held != t.holds || was_due != t.due_at)) {
        membership_turn(c, d, &t, 1, quiet);
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
        totals_move(c, segment_id, member, !member);
        emit(c, segment_id, e, subject_id, member);
    }
    return n > 0;
}

/* Events. */

static void (*then)(struct ctx *c, const struct event *events, const int64_t *people, size_t n);

void membership_then(void (*follows)(struct ctx *c, const struct event *events,
                                     const int64_t *people, size_t n)) {
    then = follows;
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

static struct fills *fills_read(struct ctx *c) {
    struct fills *fills = ARENA_NEW(c->arena, struct fills);
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q,
            "SELECT definition_id, cursor_id FROM membership_fill ORDER BY definition_id LIMIT ");
    sql_number(&q, DEFINITIONS_MOST);
    membership_fill_lock(c, &q, " FOR SHARE");
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
    membership_mend(c, e);
    membership_since_again(c, e);
    if (then && !ctx_failed(c)) {
        then(c, e, &person_id, 1);
    }
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
        membership_mend(c, &events[i]);
        if (membership_merge_verb(&events[i]) == MERGE_PARTS) { /* before they are joined anew */
            asks_run(c, asks);
            membership_since_again(c, &events[i]);
        }
    }
    asks_run(c, asks);
    if (then && !ctx_failed(c)) {
        then(c, events, people, n);
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
                                         .choose = person_day_choose};

bool membership_history_ahead(struct ctx *c) {
    return reactor_reads_on(c, &business);
}

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
    fills_read(c); /* no filling goes on beside it */
    DB_QUERY(c, &rows,
             "SELECT definition_id, subject_id FROM membership WHERE due_at <= $1 "
             "ORDER BY due_at LIMIT $2",
             c->now_ms, (int64_t)DUE_AT_ONCE);
    while (db_next(&rows)) {
        due[n++] = (struct due){db_int(&rows, 0), db_int(&rows, 1)};
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct membership_definition *d = membership_definition(c, due[i].definition_id);
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

static const struct timer_kind timers[] = {
    {"membership.due", due_fire}, {"membership.fill", membership_fill_fire}, {0}};

const struct module membership_module = {
    .name = "customer.membership",
    .cloud = "customer",
    .reactors = (const struct reactor *const[]){&business, &behaviour, NULL},
    .timers = timers,
    .migrations = migrations};
