#include "event/event.h"

#include <string.h>

#include "base/id.h"
#include "db/news.h"
#include "db/sql.h"

#define EVENT_COLUMNS                                                                           \
    "id, type, version, occurred_at, recorded_at, origin, actor_id, subject_type, subject_id, " \
    "person_id, account_id, cause_id, depth, payload"
enum { EVENT_VALUES = 14 };

static void event_values(const void *item, struct db_value *values);
static const struct sql_rows streams[EVENT_STREAMS] = {
    [STREAM_BUSINESS] = {"INSERT INTO event (" EVENT_COLUMNS ")", EVENT_VALUES, event_values},
    [STREAM_BEHAVIOUR] = {"INSERT INTO behaviour (" EVENT_COLUMNS ")", EVENT_VALUES, event_values}};

/* The advisory lock of a stream on PostgreSQL is this plus the stream. */
enum { NUMBERING_LOCK = 0x67740000 };

static int64_t (*actor_user_id)(const struct actor *actor);

void event_actor_from(int64_t (*user_id)(const struct actor *actor)) {
    actor_user_id = user_id;
}

static bool (*part_silent)(struct ctx *c, const void *part);

void event_silence_from(bool (*silent)(struct ctx *c, const void *part)) {
    part_silent = silent;
}

bool event_silent(struct ctx *c, const void *part) {
    return part_silent && part_silent(c, part);
}

static void texts_copy(struct arena *a, struct event *e) {
    e->type = str_copy(a, e->type);
    e->subject_type = str_copy(a, e->subject_type);
    e->payload = str_copy(a, e->payload);
}

struct event *event_copy(struct arena *a, const struct event *events, size_t n) {
    struct event *copy = ARENA_NEW_ARRAY(a, n, struct event);
    for (size_t i = 0; i < n; i++) {
        copy[i] = events[i];
        texts_copy(a, &copy[i]);
    }
    return copy;
}

static void event_complete(const struct ctx *c, struct event *e) {
    e->id = e->id ? e->id : id_new();
    e->version = e->version ? e->version : 1;
    int64_t written = c->recorded_ms ? c->recorded_ms : c->now_ms;
    e->recorded_at = e->recorded_at ? e->recorded_at : written;
    e->occurred_at = e->occurred_at ? e->occurred_at : c->now_ms;
    e->payload = e->payload.n ? e->payload : STR("{}");
    e->origin = c->origin;
    e->cause_id = c->cause_id;
    e->depth = c->depth;
    if (actor_user_id) {
        e->actor_id = c->actor ? actor_user_id(c->actor) : 0;
    }
}

static void event_values(const void *item, struct db_value *values) {
    const struct event *e = item;
    const struct db_value all[EVENT_VALUES] = {
        db_from_int(e->id),
        db_from_str(e->type),
        db_from_int(e->version),
        db_from_int(e->occurred_at),
        db_from_int(e->recorded_at),
        db_from_int(e->origin),
        db_from_id(e->actor_id),
        db_from_str(e->subject_type.n ? e->subject_type : (struct str){NULL, 0}),
        db_from_id(e->subject_id),
        db_from_id(e->person_id),
        db_from_id(e->account_id),
        db_from_id(e->cause_id),
        db_from_int(e->depth),
        db_from_str(e->payload),
    };
    memcpy(values, all, sizeof all);
}

/*
 * Number and write the events of one stream. On PostgreSQL the lock lasts until the commit, and
 * a commit is visible before its locks go: so the numbers become visible in order.
 */
static void stream_append(struct ctx *c, enum event_stream stream, void *const *events, size_t n) {
    if (db_engine(c->db) == DB_POSTGRES) {
        DB_PUT(c, "SELECT pg_advisory_xact_lock($1)", (int64_t)NUMBERING_LOCK + stream);
    }
    sql_insert(c, &streams[stream], events, n);
    db_tell(c, stream == STREAM_BUSINESS ? NEWS_EVENTS : NEWS_BEHAVIOUR);
}

/* The deferred write. Always business before behaviour, so that two batches cannot wait for
 * each other's locks. */
static void events_append(struct ctx *c, void *const *items, size_t n) {
    struct arena *a = db_batch_arena(c->db);
    void **events = ARENA_NEW_ARRAY(a, n, void *);
    for (int stream = 0; stream < EVENT_STREAMS; stream++) {
        size_t found = 0;
        for (size_t i = 0; i < n; i++) {
            const struct event *e = items[i];
            if ((int)e->stream == stream) {
                events[found++] = items[i];
            }
        }
        if (found) {
            stream_append(c, (enum event_stream)stream, events, found);
        }
    }
}

int64_t event_emit(struct ctx *c, const struct event *e) {
    if (ctx_failed(c)) {
        return 0;
    }
    if (c->depth > EVENT_DEPTH) {
        FAIL(c, ERROR_LIMIT, "event.loop", {"type", e->type});
        return 0;
    }
    if (e->payload.n > EVENT_PAYLOAD) {
        FAIL(c, ERROR_INVALID, "event.payload_too_large", {"type", e->type});
        return 0;
    }
    struct event *kept = event_copy(db_batch_arena(c->db), e, 1);
    event_complete(c, kept);
    db_defer_many(c, events_append, kept);
    return kept->id;
}

void event_cause(struct ctx *c, const struct event *e) {
    c->cause_id = e->id;
    c->depth = e->depth + 1;
}

int64_t event_head(struct ctx *c, enum event_stream stream) {
    return stream == STREAM_BUSINESS ? DB_INT(c, "SELECT max(seq) FROM event")
                                     : DB_INT(c, "SELECT max(seq) FROM behaviour");
}

bool event_type_matches(const char *const *types, struct str type) {
    if (!types || !types[0]) {
        return true;
    }
    for (; *types; types++) {
        struct str wanted = str_from(*types);
        bool prefix = wanted.n && wanted.p[wanted.n - 1] == '.';
        if (prefix ? str_starts(type, wanted) : str_equal(type, wanted)) {
            return true;
        }
    }
    return false;
}

/* "type = $n", or for "lead." "type >= 'lead.' AND type < 'lead/'": '/' follows '.'. */
static void type_condition(struct sql *q, struct str wanted) {
    if (!wanted.n || wanted.p[wanted.n - 1] != '.') {
        SQL_ADD(q, "type = ");
        sql_value(q, db_from_str(wanted));
        return;
    }
    SQL_ADD(q, "(type >= ");
    sql_value(q, db_from_str(wanted));
    SQL_ADD(q, " AND type < ");
    struct str stem = str_slice(wanted, 0, wanted.n - 1);
    sql_value(q, db_from_str(str_format(q->text.arena, "%.*s/", STR_ARG(stem))));
    SQL_ADD(q, ")");
}

static void range_source(struct sql *q, const struct event_range *range) {
    sql_literal(q, range->stream == STREAM_BUSINESS ? " FROM event WHERE seq > "
                                                    : " FROM behaviour WHERE seq > ");
    SQL_VALUE(q, range->after);
    if (range->upto) {
        SQL_ADD(q, " AND seq <= ");
        SQL_VALUE(q, range->upto);
    }
    if (!range->types || !range->types[0]) {
        return;
    }
    for (const char *const *type = range->types; *type; type++) {
        sql_literal(q, type == range->types ? " AND (" : " OR ");
        type_condition(q, str_from(*type));
    }
    SQL_ADD(q, ")");
}

/* The current row, whose columns are seq, EVENT_COLUMNS. */
static struct event event_row(const struct db_rows *rows, enum event_stream stream) {
    return (struct event){
        .stream = stream,
        .seq = db_int(rows, 0),
        .id = db_int(rows, 1),
        .type = db_text(rows, 2),
        .version = (int)db_int(rows, 3),
        .occurred_at = db_int(rows, 4),
        .recorded_at = db_int(rows, 5),
        .origin = (enum origin)db_int(rows, 6),
        .actor_id = db_int(rows, 7),
        .subject_type = db_text(rows, 8),
        .subject_id = db_int(rows, 9),
        .person_id = db_int(rows, 10),
        .account_id = db_int(rows, 11),
        .cause_id = db_int(rows, 12),
        .depth = (int)db_int(rows, 13),
        .payload = db_text(rows, 14),
    };
}

static struct event *events_grow(struct arena *a, const struct event *old, size_t n) {
    struct event *larger = ARENA_NEW_ARRAY(a, n ? 2 * n : 8, struct event);
    for (size_t i = 0; i < n; i++) {
        larger[i] = old[i];
    }
    return larger;
}

static struct sql range_question(struct ctx *c, const struct event_range *range) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT seq, " EVENT_COLUMNS);
    range_source(&q, range);
    sql_literal(&q, range->newest_first ? " ORDER BY seq DESC LIMIT " : " ORDER BY seq LIMIT ");
    SQL_VALUE(&q, (int64_t)range->limit);
    return q;
}

void event_ahead(struct ctx *c, enum event_stream stream, int64_t after, size_t limit) {
    struct sql q = range_question(
        c, &(struct event_range){.stream = stream, .after = after, .limit = limit});
    sql_ahead(c, &q);
}

struct event *event_read_range(struct ctx *c, const struct event_range *range, size_t *n) {
    struct sql q = range_question(c, range);
    struct event *events = NULL;
    size_t capacity = 0;
    *n = 0;
    struct db_rows rows;
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        if (*n == capacity) {
            events = events_grow(c->arena, events, *n);
            capacity = *n ? 2 * *n : 8;
        }
        events[(*n)++] = event_row(&rows, range->stream);
    }
    if (ctx_failed(c)) {
        *n = 0;
    }
    return events;
}

struct event *event_read(struct ctx *c, enum event_stream stream, int64_t after, size_t limit,
                         size_t *n) {
    return event_read_range(
        c, &(struct event_range){.stream = stream, .after = after, .limit = limit}, n);
}

int64_t event_count_range(struct ctx *c, const struct event_range *range) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT count(*) FROM (SELECT 1");
    range_source(&q, range);
    SQL_ADD(&q, " ORDER BY seq LIMIT ");
    SQL_VALUE(&q, (int64_t)range->limit);
    SQL_ADD(&q, ") AS counted");
    return sql_int(c, &q);
}

struct event *event_find(struct ctx *c, int64_t id) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT seq, " EVENT_COLUMNS " FROM event WHERE id = $1", id);
    if (!db_next(&rows)) {
        return NULL;
    }
    struct event *found = ARENA_NEW(c->arena, struct event);
    *found = event_row(&rows, STREAM_BUSINESS);
    db_done(&rows);
    return found;
}
