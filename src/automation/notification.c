#include "automation/notification.h"

#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/owner.h"
#include "event/event.h"
#include "http/route.h"

enum { PAGE = 50 };

static const struct migration migrations[] = {
    {"automation.notification.1",
     "CREATE TABLE notification (id {id}, user_id BIGINT NOT NULL, at BIGINT NOT NULL, "
     "code TEXT NOT NULL, parameters TEXT NOT NULL, subject_type TEXT, subject_id BIGINT, "
     "read_at BIGINT);\n"
     "CREATE INDEX notification_user ON notification (user_id, id);\n"
     "CREATE INDEX notification_unread ON notification (user_id, id) WHERE read_at IS NULL"},
    {0}};

static struct str parameters_json(struct ctx *c, const struct notification *n) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    for (int i = 0; i < ERROR_PARAMETERS && n->parameters[i].name; i++) {
        JSON_MEMBER(&w, n->parameters[i].name, json_put_str, n->parameters[i].value);
    }
    json_end_object(&w);
    return json_str(&w);
}

static struct str payload_json(struct ctx *c, int64_t id, int64_t user_id) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, id);
    JSON_MEMBER(&w, "user_id", json_put_id, user_id);
    json_end_object(&w);
    return json_str(&w);
}

bool user_active(struct ctx *c, int64_t user_id) {
    return owner_find(c, user_id).active;
}

void notify(struct ctx *c, const struct notification *n) {
    if (!n->user_id || c->origin != ORIGIN_LIVE || c->silent) {
        return;
    }
    int64_t id = id_new();
    DB_PUT(c,
           "INSERT INTO notification (id, user_id, at, code, parameters, subject_type, subject_id) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7)",
           id, n->user_id, c->now_ms, n->code, parameters_json(c, n), n->subject_type,
           db_from_id(n->subject_id));
    event_emit(c, &(struct event){.type = STR("notification.created"),
                                  .subject_type = STR("user"),
                                  .subject_id = n->user_id,
                                  .payload = payload_json(c, id, n->user_id)});
}

static struct str words_of(struct ctx *c, struct str code, struct str parameters) {
    struct text_parameter p[ERROR_PARAMETERS] = {{0}};
    const struct json *given = json_parse(c, parameters);
    for (size_t i = 0; given && i < given->n && i < ERROR_PARAMETERS; i++) {
        p[i] = (struct text_parameter){str_to_c(c->arena, given->members[i].key),
                                       given->members[i].value.text};
    }
    return message_format(c->arena, c->language, str_to_c(c->arena, code), p, ERROR_PARAMETERS);
}

static void row_json(struct ctx *c, struct json_writer *w, const struct db_rows *rows) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, db_int(rows, 0));
    JSON_MEMBER(w, "at", json_put_instant, db_int(rows, 1));
    JSON_MEMBER(w, "code", json_put_str, db_text(rows, 2));
    JSON_MEMBER(w, "text", json_put_str, words_of(c, db_text(rows, 2), db_text(rows, 3)));
    JSON_MEMBER(w, "subject_type", json_put_str, db_text(rows, 4));
    JSON_MEMBER(w, "subject_id", json_put_id, db_int(rows, 5));
    json_key(w, "read_at");
    if (db_null(rows, 6)) {
        json_put_null(w);
    } else {
        json_put_instant(w, db_int(rows, 6));
    }
    json_end_object(w);
}

static int64_t least(const int64_t *ids, size_t n) {
    int64_t id = ids[0];
    for (size_t i = 1; i < n; i++) {
        id = ids[i] < id ? ids[i] : id;
    }
    return id;
}

static int64_t most(const int64_t *ids, size_t n) {
    int64_t id = ids[0];
    for (size_t i = 1; i < n; i++) {
        id = ids[i] > id ? ids[i] : id;
    }
    return id;
}

/* Bounds beside the list: a plan made while there were few notifications would go through all of
 * them, for their order, and compare each with the list. */
static struct sql tell_question(struct ctx *c, const int64_t *ids, size_t n) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT n.id, n.at, n.code, n.parameters, n.subject_type, n.subject_id, "
                "n.read_at, n.user_id, u.language FROM notification n "
                "JOIN \"user\" u ON u.id = n.user_id WHERE n.id >= ");
    SQL_VALUE(&q, least(ids, n));
    SQL_ADD(&q, " AND n.id <= ");
    SQL_VALUE(&q, most(ids, n));
    SQL_ADD(&q, " AND n.id IN ");
    sql_ids(&q, ids, n);
    SQL_ADD(&q, " ORDER BY n.id");
    return q;
}

void notifications_ahead(struct ctx *c, const int64_t *ids, size_t n) {
    struct sql q = tell_question(c, ids, n);
    sql_ahead(c, &q);
}

void notifications_tell(struct ctx *c, const int64_t *ids, size_t n,
                        void (*tell)(void *data, int64_t user_id, struct str json), void *data) {
    const enum language before = c->language;
    struct sql q = tell_question(c, ids, n);
    struct db_rows rows;
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        struct json_writer w = json_writer(c->arena);
        c->language = language_parse(db_view(&rows, 8));
        row_json(c, &w, &rows);
        tell(data, db_int(&rows, 7), json_str(&w));
    }
    c->language = before;
}

static void list_get(struct request *r) {
    struct ctx *c = r->c;
    int64_t before = request_query_int(r, "cursor", INT64_MAX), last = 0;
    int n = 0;
    struct db_rows rows;
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    if (request_query_bool(r, "unread")) {
        DB_QUERY(c, &rows,
                 "SELECT id, at, code, parameters, subject_type, subject_id, read_at "
                 "FROM notification WHERE user_id = $1 AND id < $2 AND read_at IS NULL "
                 "ORDER BY id DESC LIMIT $3",
                 c->actor->user_id, before, (int64_t)PAGE);
    } else {
        DB_QUERY(c, &rows,
                 "SELECT id, at, code, parameters, subject_type, subject_id, read_at "
                 "FROM notification WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                 c->actor->user_id, before, (int64_t)PAGE);
    }
    while (db_next(&rows)) {
        last = db_int(&rows, 0);
        n++;
        row_json(c, &w, &rows);
    }
    json_end_array(&w);
    JSON_MEMBER(&w, "next", json_put_id, n == PAGE ? last : 0);
    JSON_MEMBER(&w, "unread", json_put_int,
                DB_INT(c,
                       "SELECT CAST(count(*) AS BIGINT) FROM (SELECT 1 FROM notification "
                       "WHERE user_id = $1 AND read_at IS NULL LIMIT 100) AS newest",
                       c->actor->user_id));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void read_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    const struct json *ids = json_get(body, "ids");
    if (json_bool(body, "all", false)) {
        DB_RUN(c, "UPDATE notification SET read_at = $1 WHERE user_id = $2 AND read_at IS NULL",
               c->now_ms, c->actor->user_id);
    }
    for (size_t i = 0; json_is(ids, JSON_IS_ARRAY) && i < ids->n && !ctx_failed(c); i++) {
        DB_RUN(c,
               "UPDATE notification SET read_at = $1 WHERE id = $2 AND user_id = $3 "
               "AND read_at IS NULL",
               c->now_ms, json_as_id(&ids->items[i]), c->actor->user_id);
    }
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/notifications", PERMISSION_SIGNED_IN, LANE_INLINE, list_get,
     .summary = "route.notifications", .query = "unread:boolean cursor:text",
     .answer = "data:[(id:id! at:instant! code:text! text:text! subject_type:text? "
               "subject_id:id? read_at:instant?!)]! next:id?! unread:integer!"},
    {METHOD_POST, "/api/v1/notifications/read", PERMISSION_SIGNED_IN, LANE_WRITER, read_post,
     .summary = "route.notifications_read", .body = "ids:[id] all:boolean"},
    {0}};

static const struct text texts[] = {{"route.notifications", "通知", "Notifications"},
                                    {"route.notifications_read", "标为已读", "Mark as read"},
                                    {0}};

static const struct event_type event_types[] = {
    {"notification.created", "user", "收到通知", "notified"}, {0}};

const struct module notification_module = {.name = "automation.notification",
                                           .cloud = "platform",
                                           .events = event_types,
                                           .routes = routes,
                                           .migrations = migrations,
                                           .texts = texts};
