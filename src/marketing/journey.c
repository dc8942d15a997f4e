#include "marketing/journey.h"

#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/segment.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "entity/condition.h"
#include "event/timer.h"
#include "http/route.h"
#include "marketing/marketing.h"

#define MANAGE "marketing:manage"

static const struct option statuses[] = {{"draft", "草稿", "Draft", "idle"},
                                         {"running", "运行中", "Running", "ok"},
                                         {"paused", "已暂停", "Paused", "warn"},
                                         {"stopped", "已停止", "Stopped", "idle"},
                                         {0}};
static const struct option entities[] = {
    {"person", "人", "People", "idle"}, {"lead", "线索", "Leads", "idle"}, {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"status", FIELD_OPTION, FIELD_READ_ONLY | FIELD_LISTED | FIELD_INDEXED, "状态", "Status",
     "group.basic", .options = statuses, .standard = "draft"},
    {"entity_name", FIELD_OPTION, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED, "对象", "Of",
     "group.basic", .options = entities, .standard = "person"},
    {"published_version", FIELD_INTEGER, FIELD_READ_ONLY | FIELD_LISTED, "已发布版本",
     "Published version", "group.basic", .standard = "0"},
    {"published_at", FIELD_INSTANT, FIELD_READ_ONLY, "发布时间", "Published at", "group.basic"},
    {"description", FIELD_TEXT, FIELD_LISTED, "说明", "Description", "group.basic",
     .max_length = 300},
    {"draft", FIELD_JSON, 0, "流程图", "Graph", "group.basic"},
    {0}};

static const struct entity *entity_of(const struct ctx *c, const struct record *journey) {
    return model_entity(c->model, record_text(journey, "entity_name"));
}

static void journey_entity_check(struct ctx *c, struct change *change) {
    const struct entity *e = entity_of(c, change->after);
    struct str draft = record_text(change->after, "draft");
    bool same = change->before && str_equal(draft, record_text(change->before, "draft"));
    struct journey_graph *g = e && draft.n && !same ? journey_graph_parse(c, e, draft) : NULL;
    for (size_t i = 0; g && i < g->n_nodes; i++) {
        if (!journey_node_shaped(&g->nodes[i])) {
            FAIL_FIELD(c, str_format(c->arena, "/draft/nodes/%zu/config", i), "journey.config");
        }
    }
}

/* Nobody is left standing in a journey that is no more. */
static void journey_trash(struct ctx *c, const struct record *journey) {
    struct str status = record_text(journey, "status");
    if (str_is(status, "running") || str_is(status, "paused")) {
        FAIL(c, ERROR_CONFLICT, "journey.stop_first");
    }
}

/* The graph that is drawn, or one that people are in. */
static const char journeys_naming[] =
    "SELECT j.name FROM journey j WHERE j.deleted_at IS NULL AND (j.draft LIKE $1 OR "
    "(j.status IN ('running', 'paused') AND EXISTS (SELECT 1 FROM journey_version v "
    "WHERE v.journey_id = j.id AND v.graph LIKE $1))) ORDER BY j.id LIMIT $2";

static const struct entity_definition journey_entity = {.name = "journey",
                                                        .plural = "journeys",
                                                        .zh = "营销路径",
                                                        .en = "Journey",
                                                        .fields = fields,
                                                        .naming = journeys_naming,
                                                        .check = journey_entity_check,
                                                        .trash = journey_trash};

static enum journey_status status_of(const struct record *r) {
    struct str word = record_text(r, "status");
    return str_is(word, "running")  ? JOURNEY_RUNNING
           : str_is(word, "paused") ? JOURNEY_PAUSED
           : str_is(word, "draft")  ? JOURNEY_DRAFT
                                    : JOURNEY_STOPPED;
}

struct journey journey_load(struct ctx *c, int64_t id, int64_t version) {
    struct record *r = record_load(c, entity_named(c, "journey"), id);
    struct journey j = {.id = id, .status = JOURNEY_STOPPED, .name = STR("")};
    if (!r) {
        return j;
    }
    j.name = record_title(r);
    j.status = status_of(r);
    j.version = version ? version : record_int(r, "published_version");
    struct str text = DB_TEXT(
        c, "SELECT graph FROM journey_version WHERE journey_id = $1 AND version = $2", id,
        j.version);
    j.graph = text.n ? journey_graph_parse(c, entity_of(c, r), text) : NULL;
    return j;
}

void journey_listen(struct ctx *c, const struct journey *j) {
    DB_RUN(c, "DELETE FROM journey_listen WHERE journey_id = $1 AND entry = 1", j->id);
    for (size_t i = 0; i < j->graph->n_nodes; i++) {
        const struct journey_node *n = &j->graph->nodes[i];
        bool entry = n->type == NODE_ENTRY;
        struct str event = entry && str_is(n->kind, "segment") ? STR("segment.entered")
                                                               : json_text(n->config, "event");
        bool where = !entry && json_is(json_get(n->config, "where"), JSON_IS_OBJECT);
        if (!event.n && !(where && n->type != NODE_BRANCH && n->type != NODE_ACTION)) {
            continue;
        }
        DB_RUN(c,
               "INSERT INTO journey_listen (type, journey_id, entry) VALUES ($1, $2, $3) "
               "ON CONFLICT (type, journey_id, entry) DO NOTHING",
               event.n ? event : STR("*"), j->id, entry);
    }
}

static void dates_set(struct ctx *c, const struct journey *j) {
    for (size_t i = 0; i < j->graph->n_nodes; i++) {
        const struct journey_node *n = &j->graph->nodes[i];
        int64_t at;
        if (n->type == NODE_ENTRY && str_is(n->kind, "date") &&
            instant_parse(json_text(n->config, "at"), &at) && at >= c->now_ms) {
            struct json_writer w = json_writer(c->arena);
            json_begin_object(&w);
            JSON_MEMBER(&w, "node", json_put_str, n->id);
            JSON_MEMBER(&w, "version", json_put_int, j->version);
            json_end_object(&w);
            timer_set(c, "journey.enter",
                      str_format(c->arena, "%lld.%.*s", (long long)j->id, STR_ARG(n->id)), at,
                      json_str(&w));
        }
    }
}

static void status_set(struct ctx *c, const struct record *r, const char *status,
                       const char *event) {
    struct change_set set = change_new(c, r->entity);
    change_text(&set, "status", str_from(status));
    record_holds(c, r);
    record_change(c, r->id, &set);
    event_emit(c, &(struct event){.type = str_from(event),
                                  .subject_type = STR("journey"),
                                  .subject_id = r->id});
}

static struct record *journey_of(struct request *r, enum action action) {
    struct record *journey = record_read(r->c, entity_named(r->c, "journey"), request_id(r, "id"));
    if (journey) {
        access_require(r->c, action, journey);
    }
    return ctx_failed(r->c) ? NULL : journey;
}

static void marks_put(struct json_writer *w, const struct journey_mark *marks, size_t n) {
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "node", json_put_str, marks[i].node);
        JSON_MEMBER(w, "message", json_put_str, marks[i].message);
        json_end_object(w);
    }
    json_end_array(w);
}

/* What is still to be put right in a draft, node by node. */
static void check_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    const struct entity *e = model_entity(c->model, json_text(body, "entity_name"));
    struct json_writer graph = json_writer(c->arena), w = json_writer(c->arena);
    struct journey_mark marks[JOURNEY_MARKS];
    if (body && !e) {
        FAIL_FIELD(c, STR("/entity_name"), "role.entity");
    }
    if (ctx_failed(c)) {
        return;
    }
    if (json_get(body, "draft")) {
        json_put_json(&graph, json_get(body, "draft"));
    }
    struct journey_graph *g = journey_graph_parse(c, e, json_str(&graph));
    size_t n = g ? journey_check(c, g, marks) : 0;
    json_begin_object(&w);
    json_key(&w, "marks");
    marks_put(&w, marks, n);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static int64_t version_keep(struct ctx *c, const struct record *journey) {
    int64_t version = record_int(journey, "published_version") + 1;
    record_holds(c, journey);
    DB_RUN(c,
           "INSERT INTO journey_version (journey_id, version, graph, at, actor_id) "
           "VALUES ($1, $2, $3, $4, $5)",
           journey->id, version, record_text(journey, "draft"), c->now_ms,
           db_from_id(access_user_id(c->actor)));
    struct change_set set = change_new(c, journey->entity);
    change_int(&set, "published_version", version);
    change_int(&set, "published_at", c->now_ms);
    change_text(&set, "status", STR("running"));
    record_change(c, journey->id, &set);
    return version;
}

static bool publishable(struct ctx *c, const struct record *journey) {
    struct journey_mark marks[JOURNEY_MARKS];
    struct journey_graph *g = journey_graph_parse(c, entity_of(c, journey),
                                                  record_text(journey, "draft"));
    size_t n = g ? journey_check(c, g, marks) : 0;
    if (n) {
        FAIL_FIELD(c, STR("/draft"), "journey.marks", {"n", str_format(c->arena, "%zu", n)},
                   {"first", marks[0].message});
    }
    return !ctx_failed(c);
}

/* A new version of the draft, for all who enter from now on; "move": also for those in flight. */
static void publish_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *journey = body ? journey_of(r, ACTION_UPDATE) : NULL;
    if (!journey || !publishable(c, journey)) {
        return;
    }
    bool was_paused = str_is(record_text(journey, "status"), "paused");
    int64_t version = version_keep(c, journey);
    struct journey j = journey_load(c, journey->id, version);
    if (!j.graph) {
        return;
    }
    journey_listen(c, &j);
    dates_set(c, &j);
    if (json_bool(body, "move", false)) {
        journey_batch(c, "move", j.id, STR("{}"), c->now_ms);
    }
    if (was_paused) {
        journey_batch(c, "release", j.id, STR("{}"), c->now_ms);
    }
    event_emit(c, &(struct event){.type = STR("journey.published"),
                                  .subject_type = STR("journey"),
                                  .subject_id = j.id});
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "version", json_put_int, version);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void turn(struct request *r, const char *from, const char *to, const char *event) {
    struct ctx *c = r->c;
    struct record *journey = journey_of(r, ACTION_UPDATE);
    if (!journey) {
        return;
    }
    if (!str_lists(str_from(from), ' ', record_text(journey, "status"))) {
        FAIL(c, ERROR_CONFLICT, "journey.status");
        return;
    }
    status_set(c, journey, to, event);
}

static void pause_post(struct request *r) {
    turn(r, "running", "paused", "journey.paused");
}

static void resume_post(struct request *r) {
    turn(r, "paused", "running", "journey.resumed");
    if (!ctx_failed(r->c)) {
        journey_batch(r->c, "release", request_id(r, "id"), STR("{}"), r->c->now_ms);
    }
}

static void stop_post(struct request *r) {
    turn(r, "running paused", "stopped", "journey.stopped");
    if (!ctx_failed(r->c)) {
        DB_RUN(r->c, "DELETE FROM journey_listen WHERE journey_id = $1", request_id(r, "id"));
        journey_batch(r->c, "end", request_id(r, "id"), STR("{}"), r->c->now_ms);
    }
}

/* Nobody is brought in while it cannot be told whom it concerns. */
static void sound_check(struct ctx *c, const struct journey *j, const struct json *where) {
    struct str why = j->graph ? journey_lost(c, j->graph) : STR("");
    why = why.n ? why : definition_lost_in(c, where);
    if (why.n) {
        FAIL(c, ERROR_CONFLICT, "journey.lost", {"why", why});
    }
}

/* Bring in, by hand, everybody a condition selects: in pieces, behind a timer. */
static void enter_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *journey = body ? journey_of(r, ACTION_UPDATE) : NULL;
    struct journey j = journey ? journey_load(c, journey->id, 0) : (struct journey){0};
    if (!journey) {
        return;
    }
    const struct journey_node *entry = NULL;
    for (size_t i = 0; j.graph && i < j.graph->n_nodes && !entry; i++) {
        const struct journey_node *n = &j.graph->nodes[i];
        entry = n->type == NODE_ENTRY && str_is(n->kind, "manual") ? n : NULL;
    }
    if (!entry || j.status != JOURNEY_RUNNING) {
        FAIL(c, ERROR_CONFLICT, "journey.no_manual");
        return;
    }
    const struct json *where = json_get(body, "where");
    if (json_is(where, JSON_IS_OBJECT)) {
        condition_parse(c, j.graph->entity, where);
    }
    sound_check(c, &j, where);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "node", json_put_str, entry->id);
    JSON_MEMBER(&w, "version", json_put_int, j.version);
    if (json_is(where, JSON_IS_OBJECT)) {
        JSON_MEMBER(&w, "where", json_put_json, where);
    }
    json_end_object(&w);
    journey_batch(c, "enter", j.id, json_str(&w), c->now_ms);
}

static void versions_get(struct request *r) {
    struct ctx *c = r->c;
    struct db_rows rows;
    struct record *journey = journey_of(r, ACTION_READ);
    struct json_writer w = json_writer(c->arena);
    if (!journey) {
        return;
    }
    reply_list_begin(&w);
    DB_QUERY(c, &rows,
             "SELECT v.version, v.at, v.graph, (SELECT count(*) FROM journey_run r WHERE "
             "r.journey_id = v.journey_id AND r.version = v.version AND r.ended_at IS NULL) "
             "FROM journey_version v WHERE v.journey_id = $1 ORDER BY v.version DESC LIMIT 50",
             journey->id);
    while (db_next(&rows)) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "version", json_put_int, db_int(&rows, 0));
        JSON_MEMBER(&w, "at", json_put_instant, db_int(&rows, 1));
        JSON_MEMBER(&w, "graph", json_put_raw, db_text(&rows, 2));
        JSON_MEMBER(&w, "active", json_put_int, db_int(&rows, 3));
        json_end_object(&w);
    }
    reply_list_end(r, &w);
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/journeys/check", MANAGE, LANE_SLOW, check_post,
     .summary = "route.journey_check", .body = "entity_name:text! draft:object!",
     .answer = "marks:[(node:text! message:text!)]!"},
    {METHOD_POST, "/api/v1/journeys/{id}/publish", MANAGE, LANE_WRITER, publish_post,
     .summary = "route.journey_publish", .body = "move:boolean", .answer = "version:integer!"},
    {METHOD_POST, "/api/v1/journeys/{id}/pause", MANAGE, LANE_WRITER, pause_post,
     .summary = "route.journey_pause"},
    {METHOD_POST, "/api/v1/journeys/{id}/resume", MANAGE, LANE_WRITER, resume_post,
     .summary = "route.journey_resume"},
    {METHOD_POST, "/api/v1/journeys/{id}/stop", MANAGE, LANE_WRITER, stop_post,
     .summary = "route.journey_stop"},
    {METHOD_POST, "/api/v1/journeys/{id}/enter", MANAGE, LANE_WRITER, enter_post,
     .summary = "route.journey_enter", .body = "where:object"},
    {METHOD_GET, "/api/v1/journeys/{id}/versions", MANAGE, LANE_SLOW, versions_get,
     .summary = "route.journey_versions",
     .answer = "data:[(version:integer! at:instant! graph:object! active:integer!)]!"},
    {0}};

static const struct migration migrations[] = {
    {"marketing.journey.1",
     "CREATE TABLE journey_version (journey_id BIGINT NOT NULL, version BIGINT NOT NULL, "
     "graph TEXT NOT NULL, at BIGINT NOT NULL, actor_id BIGINT, "
     "PRIMARY KEY (journey_id, version)){without_rowid};\n"
     "CREATE TABLE journey_listen (type TEXT NOT NULL, journey_id BIGINT NOT NULL, "
     "entry BIGINT NOT NULL, PRIMARY KEY (type, journey_id, entry)){without_rowid};\n"
     "CREATE TABLE journey_run (id {id}, journey_id BIGINT NOT NULL, version BIGINT NOT NULL, "
     "subject_id BIGINT NOT NULL, person_id BIGINT NOT NULL, node TEXT NOT NULL, "
     "port TEXT NOT NULL, arrived_at BIGINT NOT NULL, due_at BIGINT, entered_at BIGINT NOT NULL, "
     "steps BIGINT NOT NULL, held BIGINT NOT NULL, ended_at BIGINT, ended_how TEXT);\n"
     "CREATE UNIQUE INDEX journey_run_active ON journey_run (journey_id, subject_id) "
     "WHERE ended_at IS NULL;\n"
     "CREATE INDEX journey_run_subject ON journey_run (journey_id, subject_id, id);\n"
     "CREATE INDEX journey_run_node ON journey_run (journey_id, node, id) "
     "WHERE ended_at IS NULL;\n"
     "CREATE INDEX journey_run_version ON journey_run (journey_id, version) "
     "WHERE ended_at IS NULL;\n"
     "CREATE INDEX journey_run_ended ON journey_run (journey_id, ended_at) "
     "WHERE ended_at IS NOT NULL;\n"
     "CREATE INDEX journey_run_person ON journey_run (person_id, id);\n"
     "CREATE TABLE journey_step (id {id}, run_id BIGINT NOT NULL, node TEXT NOT NULL, "
     "at BIGINT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL);\n"
     "CREATE INDEX journey_step_run ON journey_step (run_id, id);\n"
     "CREATE TABLE journey_wait (type TEXT NOT NULL, person_id BIGINT NOT NULL, "
     "run_id BIGINT NOT NULL, node TEXT NOT NULL, "
     "PRIMARY KEY (type, person_id, run_id, node)){without_rowid};\n"
     "CREATE INDEX journey_wait_run ON journey_wait (run_id);\n"
     "CREATE TABLE journey_total (journey_id BIGINT NOT NULL, node TEXT NOT NULL, "
     "what TEXT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (journey_id, node, what)){without_rowid}"},
    /* origin_id: the record that came in, when it was merged into another since. */
    {"marketing.journey.2",
     "ALTER TABLE journey_run ADD COLUMN origin_id BIGINT;\n"
     "UPDATE journey_run SET version = -version WHERE version < 0;\n"
     "CREATE INDEX journey_run_under_way ON journey_run (journey_id, id) WHERE ended_at IS NULL;\n"
     "CREATE INDEX journey_run_of ON journey_run (subject_id)"},
    /* What came with whom is kept with the merge (merge_rows); of what a merge ended, as well. */
    {"marketing.journey.3",
     "INSERT INTO merge_carried (loser_id, what, row_id) SELECT origin_id, 'journey_run', id "
     "FROM journey_run WHERE origin_id IS NOT NULL;\n"
     "INSERT INTO merge_carried (loser_id, what, row_id) SELECT origin_id, 'journey_run ended', id "
     "FROM journey_run WHERE origin_id IS NOT NULL AND ended_how = 'merged'"},
    {0}};

static const struct text texts[] = {
    {"journey.graph", "流程图格式有误，或超过 100 个节点", "Not a graph, or more than 100 nodes"},
    {"journey.config", "这个节点的设置格式有误", "Not the settings of such a node"},
    {"journey.marks", "有 {n} 处要改才能发布：{first}",
     "{n} things must be put right first: {first}"},
    {"journey.status", "现在的状态不能这样做", "Its status does not allow this now"},
    {"journey.stop_first", "请先停止这条路径", "Stop the journey first"},
    {"journey.no_manual", "没有在运行，或没有「手动」入口", "Not running, or no manual entry"},
    {"journey.moved", "这个人已被移动", "This run was moved"},
    {"journey.mark_entry", "还没有入口", "There is no entry"},
    {"journey.mark_event", "请选择与人或线索有关的事件",
     "Choose an event that concerns a person or a lead"},
    {"journey.lost", "现在不能进入：{why}。请先改好条件",
     "Nobody can enter now: {why}. Change the condition first"},
    {"journey.mark_segment", "请选择人群", "Choose a segment"},
    {"journey.mark_date", "请选择时间", "Choose a time"},
    {"journey.mark_again", "再次进入的间隔应为 1 至 3650 天", "Again after 1 to 3650 days"},
    {"journey.mark_kind", "请选择方式", "Choose how"},
    {"journey.mark_of", "请选择发邮件的节点", "Choose the node that sends the mail"},
    {"journey.mark_window", "开始时间要早于结束时间", "The window must begin before it ends"},
    {"journey.mark_minutes", "等待应为 1 分钟至 366 天", "A wait is 1 minute to 366 days"},
    {"journey.mark_condition", "请填写条件", "A condition is needed"},
    {"journey.mark_branches", "请给出 1 至 10 个分支", "One to ten branches are needed"},
    {"journey.mark_percent", "各分支的比例之和应为 100%", "The shares must add up to 100 %"},
    {"journey.mark_field", "请选择字段", "Choose a field"},
    {"journey.mark_value", "有分支没有填值", "A branch has no value"},
    {"journey.mark_open", "有出口没有连到下一步", "A way out leads nowhere"},
    {"journey.mark_unreached", "从入口走不到这里", "No way leads here"},
    {"journey.mark_circle", "这里会不停地转圈：循环里至少要有一个一定会等的「等一段时间」",
     "This goes round without a rest: put a wait for a time into the circle"},
    {"journey.mark_parameter", "{name}：{why}", "{name}: {why}"},
    {"route.journey_check", "检查路径草稿", "Check the draft of a journey"},
    {"route.journey_publish", "发布路径", "Publish a journey"},
    {"route.journey_pause", "暂停路径", "Pause a journey"},
    {"route.journey_resume", "继续路径", "Resume a journey"},
    {"route.journey_stop", "停止路径，路上的人退出", "Stop a journey; those on their way leave"},
    {"route.journey_enter", "让一批人进入", "Bring people in by hand"},
    {"route.journey_versions", "已发布的版本", "Published versions"},
    {0}};

static const struct event_type event_types[] = {
    {"journey.published", "journey", "发布路径", "journey published"},
    {"journey.paused", "journey", "暂停路径", "journey paused"},
    {"journey.resumed", "journey", "继续路径", "journey resumed"},
    {"journey.stopped", "journey", "停止路径", "journey stopped"},
    {"journey.entered", "person", "进入营销路径", "entered a journey"},
    {"journey.ended", "person", "离开营销路径", "left a journey"},
    {0}};

const struct module journey_module = {
    .name = "marketing.journey",
    .cloud = "marketing",
    .entities = (const struct entity_definition *const[]){&journey_entity, NULL},
    .routes = routes,
    .timers = journey_timers,
    .events = event_types,
    .migrations = migrations,
    .texts = texts};
