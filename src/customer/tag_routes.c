/*
 * Tags over REST, beyond their records: what a record carries, putting on and taking off by hand,
 * of one or of many, and how many carry what. Who may change a record may tag it. Counts are of
 * the records the caller may see.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "customer/tag.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/query.h"
#include "http/route.h"
#include "organization/user.h"

enum { MANY_AT_ONCE = 500 };

/* The record type of the path; NULL after an error when nothing of it carries tags. */
static const struct entity *entity_asked(struct request *r) {
    const struct entity *e = model_plural(r->c->model, request_path(r, "plural"));
    if (!e || !tag_carried_by(e)) {
        FAIL(r->c, ERROR_ABSENT, "record.absent");
        return NULL;
    }
    return e;
}

static struct record *record_asked(struct request *r) {
    const struct entity *e = entity_asked(r);
    return e ? record_read(r->c, e, request_id(r, "id")) : NULL;
}

/* The tag named in the body, or 0 after a field error. */
static int64_t tag_named(struct ctx *c, struct str name) {
    int64_t id = tag_find(c, name);
    if (!id) {
        FAIL_FIELD(c, STR("/tag"), "tag.unknown");
    }
    return id;
}

static const char *source_of(const struct request *r) {
    return r->token_id ? "api" : "hand";
}

static void taggings_json(struct ctx *c, struct json_writer *w, const struct record *record) {
    struct db_rows rows;
    json_begin_object(w);
    json_key(w, "data");
    json_begin_array(w);
    DB_QUERY(c, &rows,
             "SELECT t.id, t.name, t.dimension, t.colour, g.source, g.at, g.expires_at, u.name "
             "FROM tagging g JOIN tag t ON t.id = g.tag_id AND t.deleted_at IS NULL "
             "LEFT JOIN \"user\" u ON u.id = g.by_id "
             "WHERE g.subject_id = $1 AND g.subject_type = $2 AND g.kept_off = 0 "
             "ORDER BY t.dimension, t.name",
             record->id, record->entity->name);
    while (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(w, "name", json_put_str, db_view(&rows, 1));
        JSON_MEMBER(w, "dimension", json_put_str, db_view(&rows, 2));
        JSON_MEMBER(w, "colour", json_put_str, db_view(&rows, 3));
        JSON_MEMBER(w, "source", json_put_str, db_view(&rows, 4));
        JSON_MEMBER(w, "at", json_put_instant, db_int(&rows, 5));
        json_key(w, "expires_at");
        if (db_null(&rows, 6)) {
            json_put_null(w);
        } else {
            json_put_instant(w, db_int(&rows, 6));
        }
        JSON_MEMBER(w, "by", json_put_str, db_view(&rows, 7));
        json_end_object(w);
    }
    json_end_array(w);
    JSON_MEMBER(w, "may_change", json_put_bool, access_record(c, ACTION_UPDATE, record));
    json_end_object(w);
}

static void reply_taggings(struct request *r, const struct record *record) {
    struct json_writer w = json_writer(r->c->arena);
    if (!ctx_failed(r->c)) {
        taggings_json(r->c, &w, record);
        reply_json(r, 200, &w);
    }
}

static void taggings_get(struct request *r) {
    struct record *record = record_asked(r);
    if (record) {
        reply_taggings(r, record);
    }
}

/* An instant of the future, or nothing. */
static int64_t expiry_asked(struct ctx *c, const struct json *body) {
    const struct json *given = json_get(body, "expires_at");
    int64_t at = 0;
    if (given && given->kind != JSON_IS_NULL &&
        (!json_is(given, JSON_IS_TEXT) || !instant_parse(given->text, &at) || at <= c->now_ms)) {
        FAIL_FIELD(c, STR("/expires_at"), "tag.expires_at");
    }
    return at;
}

static void tagging_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *record = body ? record_asked(r) : NULL;
    if (!record) {
        return;
    }
    access_require(c, ACTION_UPDATE, record);
    struct tagging t = {.tag_id = tag_named(c, json_text(body, "tag")),
                        .entity = record->entity,
                        .subject_id = record->id,
                        .source = source_of(r),
                        .expires_at = expiry_asked(c, body)};
    if (!ctx_failed(c)) {
        tag_put(c, &t);
        reply_taggings(r, record);
    }
}

static void untag_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *record = body ? record_asked(r) : NULL;
    if (!record) {
        return;
    }
    access_require(c, ACTION_UPDATE, record);
    struct tagging t = {.tag_id = tag_find(c, json_text(body, "tag")),
                        .entity = record->entity,
                        .subject_id = record->id,
                        .source = source_of(r)};
    if (!ctx_failed(c) && (!t.tag_id || !tag_take(c, &t))) {
        FAIL(c, ERROR_ABSENT, "tag.not_carried");
    }
    reply_taggings(r, record);
}

/* Many at once. */

struct many {
    const struct entity *entity;
    struct tagging t;
    bool remove;
    int64_t ids[MANY_AT_ONCE];
    size_t n;
    struct list_total total; /* of those selected by a condition that are still to do */
};

static void many_named(struct ctx *c, struct many *m, const struct json *ids) {
    if (ids->n == 0 || ids->n > MANY_AT_ONCE) {
        FAIL_FIELD(c, STR("/ids"), "tag.ids");
        return;
    }
    for (size_t i = 0; i < ids->n; i++) {
        int64_t id = json_as_id(&ids->items[i]);
        if (!id) {
            FAIL_FIELD(c, str_format(c->arena, "/ids/%zu", i), "reference.absent");
        }
        m->ids[m->n++] = id;
    }
}

/* Those the condition holds for who do not carry it yet, or who do when it is to be taken off. */
static void many_selected(struct ctx *c, struct many *m, const struct json *where) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "all");
    json_begin_array(&w);
    json_put_json(&w, where);
    json_put_raw(&w, str_format(c->arena,
                                m->remove ? "{\"tag\":\"%lld\"}" : "{\"not\":{\"tag\":\"%lld\"}}",
                                (long long)m->t.tag_id));
    json_end_array(&w);
    json_end_object(&w);
    if (where->n == 0 || ctx_failed(c)) {
        FAIL_FIELD(c, STR("/where"), "field.required");
        return;
    }
    struct list_request q = {.entity = m->entity,
                             .where = condition_parse_text(c, m->entity, json_str(&w)),
                             .action = ACTION_UPDATE};
    if (!ctx_failed(c)) {
        m->n = list_ids(c, &q, m->ids, MANY_AT_ONCE);
        m->total = list_count(c, &q, false);
    }
}

static void many_prepare(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    const struct entity *e = body ? entity_asked(r) : NULL;
    const struct json *ids = json_get(body, "ids"), *where = json_get(body, "where");
    if (!e) {
        return;
    }
    if (access_scope(c->actor, e, ACTION_UPDATE) == SCOPE_NONE) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    struct many *m = ARENA_NEW(c->arena, struct many);
    m->entity = e;
    m->remove = json_bool(body, "remove", false);
    m->t = (struct tagging){.tag_id = tag_named(c, json_text(body, "tag")),
                            .entity = e,
                            .source = source_of(r),
                            .expires_at = expiry_asked(c, body)};
    if (json_is(ids, JSON_IS_ARRAY)) {
        many_named(c, m, ids);
    } else if (json_is(where, JSON_IS_OBJECT)) {
        many_selected(c, m, where);
    } else {
        FAIL_FIELD(c, STR("/ids"), "field.required");
    }
    r->state = m;
}

static void many_post(struct request *r) {
    struct ctx *c = r->c;
    struct many *m = r->state;
    struct json_writer w = json_writer(c->arena);
    int64_t changed = 0, left = 0;
    if (!m) {
        return;
    }
    json_begin_object(&w);
    json_key(&w, "ids");
    json_begin_array(&w);
    for (size_t i = 0; i < m->n && !ctx_failed(c); i++) {
        struct record *record = record_load(c, m->entity, m->ids[i]);
        m->t.subject_id = m->ids[i];
        if (!record || !access_record(c, ACTION_READ, record) ||
            !access_record(c, ACTION_UPDATE, record)) {
            left++;
        } else if (m->remove ? tag_take(c, &m->t) : tag_put(c, &m->t)) {
            changed++;
            json_put_id(&w, m->ids[i]);
        }
    }
    json_end_array(&w);
    JSON_MEMBER(&w, "changed", json_put_int, changed);
    JSON_MEMBER(&w, "left", json_put_int, left);
    JSON_MEMBER(&w, "remaining", json_put_int,
                m->total.value > (int64_t)m->n ? m->total.value - (int64_t)m->n : 0);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* Counts. */

static void totals_put(struct ctx *c, struct json_writer *w, const struct entity *e) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    json_key_str(w, e->plural);
    json_begin_object(w);
    if (access_scope(c->actor, e, ACTION_READ) == SCOPE_ALL) {
        SQL_ADD(&q, "SELECT tag_id, records FROM tag_total WHERE subject_type = ");
        SQL_VALUE(&q, e->name);
    } else {
        SQL_ADD(&q, "SELECT g.tag_id, count(*) FROM ");
        sql_identifier(&q, e->table);
        SQL_ADD(&q, " t JOIN tagging g ON g.subject_id = t.id AND g.kept_off = 0 "
                    "AND g.subject_type = ");
        SQL_VALUE(&q, e->name);
        SQL_ADD(&q, " WHERE t.deleted_at IS NULL AND ");
        access_where(c, &q, e, ACTION_READ, "t");
        SQL_ADD(&q, " GROUP BY g.tag_id");
    }
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        json_key_str(w, str_format(c->arena, "%lld", (long long)db_int(&rows, 0)));
        json_put_int(w, db_int(&rows, 1));
    }
    json_end_object(w);
}

static void totals_get(struct request *r) {
    static const char *const carriers[] = {"person", "lead", "account"};
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    for (size_t i = 0; i < sizeof carriers / sizeof *carriers; i++) {
        const struct entity *e = entity_named(c, carriers[i]);
        if (access_scope(c->actor, e, ACTION_READ) != SCOPE_NONE) {
            totals_put(c, &w, e);
        }
    }
    json_end_object(&w);
    reply_json(r, 200, &w);
}

#define TAGGINGS                                                                      \
    "data:[(id:id! name:text! dimension:text! colour:text! source:text! at:instant! " \
    "expires_at:instant?! by:text!)]! may_change:boolean!"

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/tags/totals", PERMISSION_SIGNED_IN, LANE_SLOW, totals_get,
     .summary = "route.tag_totals", .answer = "people:object leads:object accounts:object"},
    {METHOD_GET, "/api/v1/{plural}/{id}/tags", PERMISSION_RECORD, LANE_INLINE, taggings_get,
     .summary = "route.taggings", .answer = TAGGINGS},
    {METHOD_POST, "/api/v1/{plural}/{id}/tags", PERMISSION_RECORD, LANE_WRITER, tagging_post,
     .summary = "route.tagging_add", .body = "tag:text! expires_at:instant?", .answer = TAGGINGS},
    {METHOD_POST, "/api/v1/{plural}/{id}/untag", PERMISSION_RECORD, LANE_WRITER, untag_post,
     .summary = "route.tagging_remove", .body = "tag:text!", .answer = TAGGINGS},
    {METHOD_POST, "/api/v1/{plural}/tags", PERMISSION_RECORD, LANE_WRITER, many_post, many_prepare,
     .summary = "route.tagging_many",
     .body = "tag:text! ids:[id] where:object remove:boolean expires_at:instant?",
     .answer = "ids:[id]! changed:integer! left:integer! remaining:integer!"},
    {0}};

static const struct text texts[] = {
    {"tag.ids", "1 到 500 条记录", "1 to 500 records"},
    {"tag.expires_at", "应为将来的时间", "Should be a time to come"},
    {"tag.not_carried", "没有这个标签", "It does not carry this tag"},
    {"route.tag_totals", "各标签的记录数", "How many records carry each tag"},
    {"route.taggings", "记录的标签", "Tags of a record"},
    {"route.tagging_add", "打标签", "Put a tag on"},
    {"route.tagging_remove", "去掉标签", "Take a tag off"},
    {"route.tagging_many", "批量打标签或去掉标签", "Put a tag on many, or take it off"},
    {0}};

const struct module tag_routes_module = {
    .name = "customer.tag_routes", .cloud = "customer", .routes = routes, .texts = texts};
