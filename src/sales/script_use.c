/*
 * Uses of scripts, and what came of them.
 *
 * A use is an activity on the record's timeline with the words that were said, and a row here that
 * joins it with the script, its revision, and where the record stood. Seven days later a timer
 * looks once: did somebody answer (a later activity with a reached, interested or appointment
 * outcome), was a next step planned (a task, or a follow-up date), did the record move (a deal to a
 * later stage or won, a lead converted). Sums stand in script_tally, so that a library of thousands
 * of uses is shown at once. Finished uses alone are counted as chances.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/query.h"
#include "event/event.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "http/route.h"
#include "sales/rate.h"
#include "sales/sales.h"
#include "sales/script.h"
#include "sales/script_rank.h"

enum { WATCHED_DAYS = 7, USES_SHOWN = 30, SCRIPTS_MOST = 1000, WORDS_MOST = 5000 };

static const struct field_definition fields[] = {
    {"script_id", FIELD_REFERENCE, FIELD_REQUIRED | FIELD_INDEXED, "话术", "Script", "group.basic",
     .target = "script"},
    {"revision", FIELD_INTEGER, FIELD_REQUIRED, "版本", "Revision", "group.basic"},
    {"activity_id", FIELD_REFERENCE, 0, "跟进", "Activity", "group.basic", .target = "activity"},
    {"subject_type", FIELD_TEXT, FIELD_REQUIRED, "对象类型", "About (type)", "group.basic"},
    {"subject_id", FIELD_REFERENCE, FIELD_REQUIRED, "对象", "About", "group.basic"},
    {"state_before", FIELD_TEXT, 0, "当时状态", "State then", "group.basic"},
    {"judged_at", FIELD_INSTANT, 0, "查看时间", "Looked at", "group.basic"},
    {"replied", FIELD_BOOLEAN, 0, "有回音", "Answered", "group.basic"},
    {"planned", FIELD_BOOLEAN, 0, "约了下一步", "Next step", "group.basic"},
    {"moved", FIELD_BOOLEAN, 0, "有推进", "Moved on", "group.basic"},
    {0}};

static const struct entity_definition use_entity = {
    .name = "script_use",
    .plural = "script_uses",
    .zh = "话术使用",
    .en = "Script use",
    .flags = ENTITY_INTERNAL,
    .fields = fields,
    .indexes = (const struct index_definition[]){
        {"subject_type, subject_id, created_at"}, {"script_id, created_at"}, {"activity_id"}, {0}}};

static const struct migration migrations[] = {
    {"sales.script_use.1",
     "CREATE TABLE script_tally (script_id {id}, used BIGINT NOT NULL, judged BIGINT NOT NULL, "
     "replied BIGINT NOT NULL, planned BIGINT NOT NULL, moved BIGINT NOT NULL)"},
    {0}};

static void tally_add(struct ctx *c, int64_t script_id, const struct script_tally *t) {
    DB_RUN(c,
           "INSERT INTO script_tally (script_id, used, judged, replied, planned, moved) "
           "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (script_id) DO UPDATE SET "
           "used = script_tally.used + $2, judged = script_tally.judged + $3, "
           "replied = script_tally.replied + $4, planned = script_tally.planned + $5, "
           "moved = script_tally.moved + $6",
           script_id, t->used, t->judged, t->replied, t->planned, t->moved);
}

static struct script_tally tally_read(const struct db_rows *rows, int first) {
    return (struct script_tally){db_int(rows, first), db_int(rows, first + 1),
                                 db_int(rows, first + 2), db_int(rows, first + 3),
                                 db_int(rows, first + 4)};
}

struct script_tally script_tally_of(struct ctx *c, int64_t script_id) {
    struct script_tally t = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT used, judged, replied, planned, moved FROM script_tally WHERE script_id = $1",
             script_id);
    if (db_next(&rows)) {
        t = tally_read(&rows, 0);
    }
    db_done(&rows);
    return t;
}

struct script_tally script_tally_all(struct ctx *c) {
    struct script_tally t = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT CAST(COALESCE(sum(used), 0) AS BIGINT), "
             "CAST(COALESCE(sum(judged), 0) AS BIGINT), CAST(COALESCE(sum(replied), 0) AS BIGINT), "
             "CAST(COALESCE(sum(planned), 0) AS BIGINT), CAST(COALESCE(sum(moved), 0) AS BIGINT) "
             "FROM script_tally");
    if (db_next(&rows)) {
        t = tally_read(&rows, 0);
    }
    db_done(&rows);
    return t;
}

void script_tally_recount(struct ctx *c) {
    DB_RUN(c, "DELETE FROM script_tally");
    DB_RUN(c, "INSERT INTO script_tally (script_id, used, judged, replied, planned, moved) "
              "SELECT script_id, count(*), count(judged_at), "
              "CAST(sum(COALESCE(replied, 0)) AS BIGINT), "
              "CAST(sum(COALESCE(planned, 0)) AS BIGINT), "
              "CAST(sum(COALESCE(moved, 0)) AS BIGINT) FROM script_use "
              "WHERE deleted_at IS NULL GROUP BY script_id");
}

/* Where a record stands: a deal's stage, a lead's status. */
static struct str state_of(struct ctx *c, const struct record *subject) {
    struct str name = subject->entity->name;
    return str_is(name, "opportunity")
               ? str_format(c->arena, "%lld", (long long)record_id(subject, "stage_id"))
           : str_is(name, "lead") ? record_text(subject, "status")
                                  : STR("");
}

/* By the history of its stages, so that a look that comes late sees what there was to see. */
static bool deal_moved(struct ctx *c, const struct record *use, int64_t until) {
    int64_t from = 0;
    str_to_int(record_text(use, "state_before"), &from);
    int64_t to = DB_INT(c,
                        "SELECT to_stage_id FROM stage_history WHERE opportunity_id = $1 AND "
                        "at <= $2 ORDER BY at DESC, id DESC LIMIT 1",
                        record_id(use, "subject_id"), until);
    return DB_INT(c,
                  "SELECT 1 FROM stage a JOIN stage b ON b.pipeline_id = a.pipeline_id "
                  "WHERE a.id = $1 AND b.id = $2 AND b.kind <> 'lost' AND b.position > a.position",
                  from, to);
}

static bool lead_moved(struct ctx *c, const struct record *use, int64_t until) {
    return DB_INT(c,
                  "SELECT 1 FROM lead WHERE id = $1 AND converted_at > $2 AND converted_at <= $3",
                  record_id(use, "subject_id"), record_int(use, "created_at"), until);
}

static bool has_moved(struct ctx *c, const struct record *use, int64_t until) {
    struct str type = record_text(use, "subject_type");
    return str_is(type, "opportunity") ? deal_moved(c, use, until)
           : str_is(type, "lead")      ? lead_moved(c, use, until)
                                       : false;
}

/* He was reached, or wrote himself. */
static bool was_answered(struct ctx *c, const struct record *use, int64_t until) {
    return DB_INT(c,
                  "SELECT 1 FROM correspondence_link l JOIN correspondence m ON m.id = l.mail_id "
                  "WHERE l.subject_type = $1 AND l.subject_id = $2 AND l.at > $3 AND l.at <= $4 "
                  "AND m.outgoing = 0 AND m.automatic = 0 LIMIT 1",
                  record_text(use, "subject_type"), record_id(use, "subject_id"),
                  record_int(use, "created_at"), until) ||
           DB_INT(c,
                  "SELECT 1 FROM activity WHERE subject_type = $1 AND subject_id = $2 AND "
                  "occurred_at > $3 AND occurred_at <= $4 AND id <> $5 AND deleted_at IS NULL AND "
                  "outcome IN ('reached', 'interested', 'appointment') LIMIT 1",
                  record_text(use, "subject_type"), record_id(use, "subject_id"),
                  record_int(use, "created_at"), until, record_id(use, "activity_id"));
}

static bool was_planned(struct ctx *c, const struct record *use, int64_t until) {
    return DB_INT(c,
                  "SELECT 1 FROM activity WHERE subject_type = $1 AND subject_id = $2 AND "
                  "occurred_at > $3 AND occurred_at <= $4 AND id <> $5 AND deleted_at IS NULL AND "
                  "(next_follow_up_at IS NOT NULL OR outcome = 'appointment') UNION ALL "
                  "SELECT 1 FROM task WHERE subject_type = $1 AND subject_id = $2 AND "
                  "created_at > $3 AND created_at <= $4 AND deleted_at IS NULL LIMIT 1",
                  record_text(use, "subject_type"), record_id(use, "subject_id"),
                  record_int(use, "created_at"), until, record_id(use, "activity_id"));
}

/* A use whose activity was taken back never was. */
static bool still_stands(struct ctx *c, const struct record *use) {
    return DB_INT(c, "SELECT 1 FROM activity WHERE id = $1 AND deleted_at IS NULL",
                  record_id(use, "activity_id"));
}

void script_use_judge(struct ctx *c, int64_t id) {
    const struct record *use = record_load(c, entity_named(c, "script_use"), id);
    if (!use || !record_empty(use, "judged_at")) {
        return;
    }
    int64_t until = record_int(use, "created_at") + (int64_t)WATCHED_DAYS * MS_DAY;
    if (!still_stands(c, use)) {
        tally_add(c, record_id(use, "script_id"), &(struct script_tally){.used = -1});
        record_remove(c, use->entity, use->id);
        return;
    }
    bool replied = was_answered(c, use, until), planned = was_planned(c, use, until);
    bool moved = has_moved(c, use, until);
    struct change_set set = change_new(c, use->entity);
    change_int(&set, "judged_at", c->now_ms);
    change_int(&set, "replied", replied);
    change_int(&set, "planned", planned);
    change_int(&set, "moved", moved);
    record_change(c, use->id, &set);
    tally_add(c, record_id(use, "script_id"),
              &(struct script_tally){0, 1, replied, planned, moved});
}

static void use_due(struct ctx *c, const struct timer *t) {
    int64_t id = 0;
    str_to_int(t->key, &id);
    script_use_judge(c, id);
}

int64_t script_use_add(struct ctx *c, const struct script_use *u) {
    struct change_set set = change_new(c, entity_named(c, "script_use"));
    change_id(&set, "script_id", u->script->id);
    change_int(&set, "revision", record_int(u->script, "revision"));
    change_id(&set, "activity_id", u->activity_id);
    change_text(&set, "subject_type", u->subject_type);
    change_id(&set, "subject_id", u->subject_id);
    if (u->state.n) {
        change_text(&set, "state_before", u->state);
    }
    if (u->by) {
        change_id(&set, "created_by", u->by);
    }
    struct record *use = record_insert(c, &set);
    if (!use) {
        return 0;
    }
    tally_add(c, u->script->id, &(struct script_tally){.used = 1});
    timer_set(c, "script.judge", str_format(c->arena, "%lld", (long long)use->id),
              c->now_ms + (int64_t)WATCHED_DAYS * MS_DAY, STR(""));
    return use->id;
}

/* The activity, by the caller's own right to record one. */
static struct record *activity_write(struct ctx *c, const struct json *body,
                                     const struct record *subject) {
    struct change_set set = change_new(c, entity_named(c, "activity"));
    struct str type = json_text(body, "type"), words = text_trim(json_text(body, "text"));
    if (!words.n || text_length(words) > WORDS_MOST) {
        FAIL_FIELD(c, STR("/text"), "script.words");
    }
    change_text(&set, "type", type.n ? type : STR("message"));
    change_text(&set, "content", words);
    change_text(&set, "subject_type", subject->entity->name);
    change_id(&set, "subject_id", subject->id);
    return ctx_failed(c) ? NULL : record_create(c, &set);
}

static struct record *subject_named(struct ctx *c, const struct json *body) {
    const struct entity *e = model_entity(c->model, json_text(body, "entity"));
    if (!e || !(e->flags & ENTITY_TIMELINE)) {
        FAIL_FIELD(c, STR("/entity"), "role.entity");
        return NULL;
    }
    return record_read(c, e, json_id(body, "id"));
}

static void use_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *script = body ? record_read(c, entity_named(c, "script"), request_id(r, "id"))
                                 : NULL;
    struct record *subject = script ? subject_named(c, body) : NULL;
    if (!subject) {
        return;
    }
    struct str state = state_of(c, subject);
    struct record *activity = activity_write(c, body, subject);
    if (!activity) {
        return;
    }
    int64_t use = script_use_add(c, &(struct script_use){.script = script,
                                                         .activity_id = activity->id,
                                                         .subject_type = subject->entity->name,
                                                         .subject_id = subject->id,
                                                         .state = state});
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, use);
    JSON_MEMBER(&w, "activity_id", json_put_id, activity->id);
    json_end_object(&w);
    reply_json(r, 201, &w);
}

static void tally_json(struct ctx *c, struct json_writer *w, const struct script_tally *t) {
    JSON_MEMBER(w, "used", json_put_int, t->used);
    JSON_MEMBER(w, "judged", json_put_int, t->judged);
    JSON_MEMBER(w, "enough", json_put_bool, t->judged >= SCRIPT_ENOUGH);
    json_key(w, "replied");
    rate_json(w, c->arena, t->replied, t->judged);
    json_key(w, "planned");
    rate_json(w, c->arena, t->planned, t->judged);
    json_key(w, "moved");
    rate_json(w, c->arena, t->moved, t->judged);
}

/* Totals of scripts the caller may read, and which are his favourites. */
static void statistics_get(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = entity_named(c, "script");
    struct script_tally all = script_tally_all(c);
    struct json_writer w = json_writer(c->arena);
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q, "SELECT s.id, COALESCE(t.used, 0), COALESCE(t.judged, 0), "
                "COALESCE(t.replied, 0), COALESCE(t.planned, 0), COALESCE(t.moved, 0), "
                "f.user_id FROM script s LEFT JOIN script_tally t ON t.script_id = s.id "
                "LEFT JOIN script_favourite f ON f.script_id = s.id AND f.user_id = ");
    SQL_VALUE(&q, c->actor->user_id);
    SQL_ADD(&q, " WHERE s.deleted_at IS NULL AND (t.used > 0 OR f.user_id IS NOT NULL) AND ");
    access_where(c, &q, e, ACTION_READ, "s");
    SQL_ADD(&q, " ORDER BY COALESCE(t.used, 0) DESC, s.id LIMIT ");
    sql_number(&q, SCRIPTS_MOST);
    sql_query(c, &rows, &q);
    json_begin_object(&w);
    JSON_MEMBER(&w, "days", json_put_int, WATCHED_DAYS);
    JSON_MEMBER(&w, "least", json_put_int, SCRIPT_ENOUGH);
    json_key(&w, "all");
    json_begin_object(&w);
    tally_json(c, &w, &all);
    json_end_object(&w);
    json_key(&w, "data");
    json_begin_array(&w);
    while (db_next(&rows)) {
        struct script_tally t = tally_read(&rows, 1);
        json_begin_object(&w);
        JSON_MEMBER(&w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(&w, "favourite", json_put_bool, !db_null(&rows, 6));
        tally_json(c, &w, &t);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* One flag of a use: null while it is being watched. */
static void flag_put(struct json_writer *w, const char *name, const struct record *use) {
    json_key(w, name);
    if (record_empty(use, "judged_at")) {
        json_put_null(w);
    } else {
        json_put_bool(w, record_int(use, name) != 0);
    }
}

static void use_json(struct ctx *c, struct json_writer *w, const struct record *use,
                     const struct record *subject) {
    int64_t by = record_id(use, "created_by");
    struct str who = {0};
    list_titles(c, entity_named(c, "user"), &by, 1, &who);
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, use->id);
    JSON_MEMBER(w, "at", json_put_instant, record_int(use, "created_at"));
    JSON_MEMBER(w, "by", json_put_str, who);
    JSON_MEMBER(w, "revision", json_put_int, record_int(use, "revision"));
    JSON_MEMBER(w, "entity", json_put_str, subject->entity->name);
    JSON_MEMBER(w, "subject_id", json_put_id, subject->id);
    JSON_MEMBER(w, "title", json_put_str, record_title(subject));
    flag_put(w, "replied", use);
    flag_put(w, "planned", use);
    flag_put(w, "moved", use);
    json_end_object(w);
}

/* The latest uses of a script on records the caller may read. */
static void uses_get(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = entity_named(c, "script_use");
    struct record *script = record_read(c, entity_named(c, "script"), request_id(r, "id"));
    int64_t ids[USES_SHOWN];
    size_t n = 0;
    struct db_rows rows;
    if (!script) {
        return;
    }
    DB_QUERY(c, &rows,
             "SELECT id FROM script_use WHERE script_id = $1 AND deleted_at IS NULL "
             "ORDER BY created_at DESC LIMIT $2",
             script->id, (int64_t)USES_SHOWN);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct record *use = record_load(c, e, ids[i]);
        const struct entity *of = use ? model_entity(c->model, record_text(use, "subject_type"))
                                      : NULL;
        const struct record *subject = of ? record_load(c, of, record_id(use, "subject_id")) : NULL;
        if (subject && access_record(c, ACTION_READ, subject)) {
            use_json(c, &w, use, subject);
        }
    }
    reply_list_end(r, &w);
}

static void tally_reset(struct ctx *c) {
    DB_RUN(c, "DELETE FROM script_tally");
    DB_RUN(c,
           "INSERT INTO script_tally (script_id, used, judged, replied, planned, moved) "
           "SELECT script_id, CAST(count(*) AS BIGINT), "
           "CAST(sum(CASE WHEN judged_at IS NULL THEN 0 ELSE 1 END) AS BIGINT), "
           "CAST(COALESCE(sum(replied), 0) AS BIGINT), CAST(COALESCE(sum(planned), 0) AS BIGINT), "
           "CAST(COALESCE(sum(moved), 0) AS BIGINT) FROM script_use WHERE deleted_at IS NULL "
           "GROUP BY script_id");
}

/* Uses that went with the sample company are counted no more. */
static void recount(struct ctx *c, const struct event *e) {
    (void)e;
    tally_reset(c);
}

static const struct reactor tallies = {.name = "sales.script_tally",
                                       .stream = STREAM_BUSINESS,
                                       .lane = REACTOR_STEADY,
                                       .types = (const char *const[]){"sample.removed", NULL},
                                       .handle = recount};

static const struct timer_kind timers[] = {{"script.judge", use_due}, {NULL, NULL}};

#define TALLY_SHAPE \
    "used:integer! judged:integer! enough:boolean! replied:object?! planned:object?! moved:object?!"

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/scripts/{id}/use", PERMISSION_SIGNED_IN, LANE_WRITER, use_post,
     .summary = "route.script_use", .body = "entity:text! id:id! text:text! type:text",
     .answer = "201 id:id! activity_id:id!"},
    {METHOD_GET, "/api/v1/scripts/statistics", PERMISSION_SIGNED_IN, LANE_INLINE, statistics_get,
     .summary = "route.script_statistics",
     .answer = "days:integer! least:integer! all:(" TALLY_SHAPE
               ")! data:[(id:id! favourite:boolean! " TALLY_SHAPE ")]!"},
    {METHOD_GET, "/api/v1/scripts/{id}/uses", PERMISSION_SIGNED_IN, LANE_INLINE, uses_get,
     .summary = "route.script_uses",
     .answer = "data:[(id:id! at:instant! by:text! revision:integer! entity:text! subject_id:id! "
               "title:text! replied:boolean?! planned:boolean?! moved:boolean?!)]!"},
    {0}};

static const struct text texts[] = {
    {"script.words", "写 1 到 5000 个字", "1 to 5,000 characters"},
    {"route.script_use", "记下用了一条话术", "Record that a script was used"},
    {"route.script_statistics", "话术用过之后怎样了", "What happened after scripts were used"},
    {"route.script_uses", "一条话术最近用在哪里", "Where a script was used lately"},
    {0}};

const struct module script_use_module = {
    .name = "sales.script_use",
    .cloud = "sales",
    .entities = (const struct entity_definition *const[]){&use_entity, NULL},
    .migrations = migrations,
    .timers = timers,
    .reactors = (const struct reactor *const[]){&tallies, NULL},
    .routes = routes,
    .texts = texts};
