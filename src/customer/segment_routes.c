/*
 * Segments over REST, beyond their records: how many are in them, the count of a draft with a few
 * people it holds for, size over time, why somebody is in or not, static lists, and which segments
 * a record is in. Everything is of the records the caller may see.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "customer/membership.h"
#include "customer/person_day.h"
#include "customer/population.h"
#include "customer/segment.h"
#include "db/sql.h"
#include "entity/query.h"
#include "http/route.h"

enum { SAMPLE = 8, MEMBERS_AT_ONCE = 500, HISTORY_DAYS = 365, SEGMENTS_OF_ONE = 100 };
enum { DEFINITIONS_SHOWN = 500 };

static const struct entity *segment_of(struct ctx *c, const struct record *segment) {
    return segment ? model_entity(c->model, record_text(segment, "entity_name")) : NULL;
}

static struct record *segment_asked(struct request *r) {
    return record_read(r->c, entity_named(r->c, "segment"), request_id(r, "id"));
}

/* Counts. */

static int64_t members_seen(struct ctx *c, const struct entity *e, int64_t segment_id) {
    if (access_scope(c->actor, e, ACTION_READ) == SCOPE_ALL) {
        return DB_INT(c, "SELECT members FROM membership_total WHERE definition_id = $1",
                      segment_id);
    }
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT count(*) FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " t JOIN membership m ON m.subject_id = t.id AND m.member = 1 AND "
                "m.definition_id = ");
    SQL_VALUE(&q, segment_id);
    SQL_ADD(&q, " WHERE t.deleted_at IS NULL AND ");
    access_where(c, &q, e, ACTION_READ, "t");
    return sql_int(c, &q);
}

/* So many days ago; -1 when there was no segment yet. */
static int64_t members_before(struct ctx *c, int64_t segment_id, int64_t days) {
    int64_t members = -1;
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT members FROM membership_day WHERE definition_id = $1 AND day <= $2 "
             "ORDER BY day DESC LIMIT 1",
             segment_id, person_day_of(c, c->now_ms) - days);
    if (db_next(&rows)) {
        members = db_int(&rows, 0);
    }
    db_done(&rows);
    return members;
}

static void totals_get(struct request *r) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    struct list_request all = {.entity = entity_named(c, "segment"), .limit = LIST_LIMIT};
    struct list_page page = list_read(c, &all);
    reply_list_begin(&w);
    for (size_t i = 0; i < page.n && !ctx_failed(c); i++) {
        const struct entity *e = segment_of(c, page.records[i]);
        if (!e || access_scope(c->actor, e, ACTION_READ) == SCOPE_NONE) {
            continue;
        }
        bool all_seen = access_scope(c->actor, e, ACTION_READ) == SCOPE_ALL;
        int64_t week_ago = all_seen ? members_before(c, page.records[i]->id, 7) : -1;
        json_begin_object(&w);
        JSON_MEMBER(&w, "id", json_put_id, page.records[i]->id);
        JSON_MEMBER(&w, "members", json_put_int, members_seen(c, e, page.records[i]->id));
        json_key(&w, "week_ago");
        if (week_ago >= 0) {
            json_put_int(&w, week_ago);
        } else {
            json_put_null(&w);
        }
        JSON_MEMBER(&w, "sized", json_put_bool, all_seen);
        JSON_MEMBER(&w, "filling", json_put_bool, membership_filling(c, page.records[i]->id));
        json_end_object(&w);
    }
    reply_list_end(r, &w);
}

/* What segments and rules of tags ask for that is no more: of the types the caller may read. */
static void lost_get(struct request *r) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    struct db_rows rows;
    bool segments = access_scope(c->actor, entity_named(c, "segment"), ACTION_READ) == SCOPE_ALL;
    bool tags = access_scope(c->actor, entity_named(c, "tag"), ACTION_READ) == SCOPE_ALL;
    reply_list_begin(&w);
    DB_QUERY(c, &rows,
             "SELECT id, name, 'segment' FROM segment WHERE kind = 'live' AND deleted_at IS NULL "
             "AND $1 = 1 UNION ALL SELECT id, name, 'tag' FROM tag WHERE rule_on = 1 "
             "AND deleted_at IS NULL AND $2 = 1 ORDER BY 2, 1 LIMIT $3",
             (int64_t)segments, (int64_t)tags, (int64_t)DEFINITIONS_SHOWN);
    while (db_next(&rows)) {
        struct str why = definition_lost(c, db_int(&rows, 0));
        if (!why.n) {
            continue;
        }
        json_begin_object(&w);
        JSON_MEMBER(&w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(&w, "kind", json_put_str, db_view(&rows, 2));
        JSON_MEMBER(&w, "name", json_put_str, db_view(&rows, 1));
        JSON_MEMBER(&w, "why", json_put_str, why);
        json_end_object(&w);
    }
    reply_list_end(r, &w);
}

/* -1 when it is to be counted by the database. */
static int64_t counted_from_memory(struct ctx *c, const struct entity *e,
                                   const struct condition *where) {
    bool all = str_is(e->name, "person") && access_scope(c->actor, e, ACTION_READ) == SCOPE_ALL;
    return all && population_large(c) ? population_count(c, where) : -1;
}

static void preview_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    const struct entity *e = body ? model_entity(c->model, json_text(body, "entity_name")) : NULL;
    if (!body) {
        return;
    }
    if (!e || access_scope(c->actor, e, ACTION_READ) == SCOPE_NONE) {
        FAIL_FIELD(c, STR("/entity_name"), "role.entity");
        return;
    }
    int64_t began = clock_steady_ns();
    struct list_request q = {
        .entity = e, .where = condition_parse(c, e, json_get(body, "condition")), .limit = SAMPLE};
    if (ctx_failed(c)) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    int64_t count = counted_from_memory(c, e, q.where);
    struct list_total total = count < 0 ? list_count(c, &q, true)
                                        : (struct list_total){count, true};
    int64_t took = (clock_steady_ns() - began) / 1000;
    json_begin_object(&w);
    JSON_MEMBER(&w, "count", json_put_int, total.value);
    JSON_MEMBER(&w, "microseconds", json_put_int, took);
    JSON_MEMBER(&w, "words", json_put_str, condition_words(c, q.where));
    struct list_page page = list_read(c, &q);
    json_key(&w, "sample");
    records_json(c, &w, page.records, page.n, &record_with_titles);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* Size over time: of all members, so for those who may see all of them. */
static void size_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *segment = segment_asked(r);
    const struct entity *e = segment_of(c, segment);
    int64_t days = request_query_int(r, "days", 90);
    if (!e) {
        return;
    }
    if (access_scope(c->actor, e, ACTION_READ) != SCOPE_ALL) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    days = days < 1 ? 1 : days > HISTORY_DAYS ? HISTORY_DAYS : days;
    struct json_writer w = json_writer(c->arena);
    struct db_rows rows;
    int64_t from = person_day_of(c, c->now_ms) - days + 1;
    int64_t before = members_before(c, segment->id, days);
    char today[DATE_TEXT];
    date_format(date_from_days(person_day_of(c, c->now_ms)), today);
    json_begin_object(&w);
    JSON_MEMBER(&w, "today", json_put_c, today);
    JSON_MEMBER(&w, "before", json_put_int, before > 0 ? before : 0);
    json_key(&w, "data");
    json_begin_array(&w);
    DB_QUERY(c, &rows,
             "SELECT day, members, entered, departed FROM membership_day "
             "WHERE definition_id = $1 AND day >= $2 ORDER BY day",
             segment->id, from);
    while (db_next(&rows)) {
        char day[DATE_TEXT];
        date_format(date_from_days(db_int(&rows, 0)), day);
        json_begin_object(&w);
        JSON_MEMBER(&w, "day", json_put_c, day);
        JSON_MEMBER(&w, "members", json_put_int, db_int(&rows, 1));
        JSON_MEMBER(&w, "entered", json_put_int, db_int(&rows, 2));
        JSON_MEMBER(&w, "left", json_put_int, db_int(&rows, 3));
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* Why somebody is in or not, leaf by leaf, of what the caller may ask himself. */
static void why_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *segment = segment_asked(r);
    const struct entity *e = segment_of(c, segment);
    int64_t id = 0;
    str_to_int(request_query(r, "record"), &id);
    struct record *record = e ? record_read(c, e, id) : NULL;
    if (!record) {
        return;
    }
    const struct condition *where = condition_parse_text(c, e, record_text(segment, "condition"));
    struct json_writer w = json_writer(c->arena);
    struct db_rows rows;
    if (ctx_failed(c)) {
        return;
    }
    json_begin_object(&w);
    DB_QUERY(c, &rows,
             "SELECT member, since, due_at FROM membership WHERE definition_id = $1 "
             "AND subject_id = $2",
             segment->id, record->id);
    bool found = db_next(&rows);
    JSON_MEMBER(&w, "member", json_put_bool, found && db_int(&rows, 0));
    json_key(&w, "since");
    if (found && db_int(&rows, 0)) {
        json_put_instant(&w, db_int(&rows, 1));
    } else {
        json_put_null(&w);
    }
    json_key(&w, "next");
    if (found && !db_null(&rows, 2)) {
        json_put_instant(&w, db_int(&rows, 2));
    } else {
        json_put_null(&w);
    }
    db_done(&rows);
    json_key(&w, "why");
    if (record_empty(segment, "condition")) {
        json_put_null(&w);
    } else {
        condition_explain(condition_memo_new(c), &w, where, record);
    }
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* Static lists. */

static void members_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r), *ids = json_get(body, "ids");
    struct record *segment = body ? segment_asked(r) : NULL;
    const struct entity *e = segment_of(c, segment);
    bool remove = json_bool(body, "remove", false);
    int64_t changed = 0, left = 0;
    if (!e) {
        return;
    }
    access_require(c, ACTION_UPDATE, segment);
    if (!str_is(record_text(segment, "kind"), "static")) {
        FAIL(c, ERROR_CONFLICT, "segment.live");
    }
    if (!json_is(ids, JSON_IS_ARRAY) || ids->n == 0 || ids->n > MEMBERS_AT_ONCE) {
        FAIL_FIELD(c, STR("/ids"), "tag.ids");
    }
    for (size_t i = 0; !ctx_failed(c) && i < ids->n; i++) {
        int64_t id = json_as_id(&ids->items[i]);
        struct record *record = id ? record_load(c, e, id) : NULL;
        if (!record || !access_record(c, ACTION_READ, record)) {
            left++;
        } else {
            changed += membership_set(c, segment->id, e, id, !remove);
        }
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "changed", json_put_int, changed);
    JSON_MEMBER(&w, "left", json_put_int, left);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* The segments a record is in. */
static void of_record_get(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = model_plural(c->model, request_path(r, "plural"));
    struct record *record = e ? record_read(c, e, request_id(r, "id")) : NULL;
    if (!e) {
        FAIL(c, ERROR_ABSENT, "record.absent");
    }
    if (!record) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    struct db_rows rows;
    reply_list_begin(&w);
    DB_QUERY(c, &rows,
             "SELECT s.id, s.name, s.kind, m.since FROM membership m JOIN segment s ON "
             "s.id = m.definition_id AND s.deleted_at IS NULL AND s.entity_name = $2 "
             "WHERE m.subject_id = $1 AND m.member = 1 ORDER BY s.name LIMIT $3",
             record->id, e->name, (int64_t)SEGMENTS_OF_ONE);
    while (db_next(&rows)) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(&w, "name", json_put_str, db_view(&rows, 1));
        JSON_MEMBER(&w, "kind", json_put_str, db_view(&rows, 2));
        JSON_MEMBER(&w, "since", json_put_instant, db_int(&rows, 3));
        json_end_object(&w);
    }
    reply_list_end(r, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/segments/totals", PERMISSION_SIGNED_IN, LANE_SLOW, totals_get,
     .summary = "route.segment_totals",
     .answer =
         "data:[(id:id! members:integer! week_ago:integer?! sized:boolean! filling:boolean!)]!"},
    {METHOD_GET, "/api/v1/lost_definitions", PERMISSION_SIGNED_IN, LANE_SLOW, lost_get,
     .summary = "route.lost_definitions",
     .answer = "data:[(id:id! kind:text! name:text! why:text!)]!"},
    {METHOD_POST, "/api/v1/segments/preview", PERMISSION_SIGNED_IN, LANE_SLOW, preview_post,
     .summary = "route.segment_preview", .body = "entity_name:text! condition:object?",
     .answer = "count:integer! microseconds:integer! words:text! sample:[@]!"},
    {METHOD_GET, "/api/v1/segments/{id}/size", PERMISSION_SIGNED_IN, LANE_INLINE, size_get,
     .summary = "route.segment_size", .query = "days:integer",
     .answer = "today:date! before:integer! data:[(day:date! members:integer! entered:integer! "
               "left:integer!)]!"},
    {METHOD_GET, "/api/v1/segments/{id}/why", PERMISSION_SIGNED_IN, LANE_INLINE, why_get,
     .summary = "route.segment_why", .query = "record:id!",
     .answer = "member:boolean! since:instant?! next:instant?! why:object?!"},
    {METHOD_POST, "/api/v1/segments/{id}/members", PERMISSION_SIGNED_IN, LANE_WRITER, members_post,
     .summary = "route.segment_members", .body = "ids:[id]! remove:boolean",
     .answer = "changed:integer! left:integer!"},
    {METHOD_GET, "/api/v1/{plural}/{id}/segments", PERMISSION_RECORD, LANE_INLINE, of_record_get,
     .summary = "route.segments_of",
     .answer = "data:[(id:id! name:text! kind:text! "
               "since:instant!)]!"},
    {0}};

static const struct text texts[] = {
    {"segment.live", "动态人群的成员由条件决定", "The condition decides who is in a live segment"},
    {"route.segment_totals", "各人群的人数", "How many are in each segment"},
    {"route.lost_definitions", "条件失效的人群和标签规则",
     "Segments and rules of tags that ask for what is no more"},
    {"route.segment_preview", "条件的人数和样例",
     "How many a condition holds for, and a few of them"},
    {"route.segment_size", "人群大小的变化", "A segment's size over time"},
    {"route.segment_why", "为什么在或不在人群里", "Why somebody is in a segment or not"},
    {"route.segment_members", "增减固定名单", "Put into a static list, or out of it"},
    {"route.segments_of", "记录所在的人群", "Segments a record is in"},
    {0}};

const struct module segment_routes_module = {
    .name = "customer.segment_routes", .cloud = "customer", .routes = routes, .texts = texts};
