/*
 * Rules: when an event – if a condition – then actions.
 *
 * A rule is a record (entity "automation"): the event type that triggers it, the record type it
 * concerns, a condition on that record, and an ordered list of actions. The reactor
 * automation.rules runs matching rules in their order, each event once. What an action
 * changes is an event again, with this one as its cause; a chain of twelve is a loop and is
 * stopped with a message to the rule's owner. History that was imported triggers nothing.
 */
#include "automation/action.h"
#include "automation/automation.h"
#include "automation/notification.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/condition.h"
#include "event/reactor.h"
#include "http/route.h"

enum { RULE_ACTIONS = 20, RULES_PER_EVENT = 50, RUN_PAGE = 50 };

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 100},
    {"trigger", FIELD_TEXT, FIELD_REQUIRED | FIELD_LISTED, "触发事件", "Trigger", "group.basic",
     .max_length = 100},
    {"entity_name", FIELD_TEXT, FIELD_REQUIRED | FIELD_LISTED, "记录类型", "Record type",
     "group.basic", .max_length = 60},
    {"condition", FIELD_JSON, 0, "条件", "Condition", "group.basic", .max_length = 20000},
    {"actions", FIELD_JSON, FIELD_REQUIRED, "动作", "Actions", "group.basic", .max_length = 20000},
    {"enabled", FIELD_BOOLEAN, FIELD_LISTED, "启用", "Enabled", "group.basic", .standard = "0"},
    {"position", FIELD_INTEGER, FIELD_LISTED, "顺序", "Order", "group.basic", .standard = "0"},
    {"description", FIELD_LONG_TEXT, 0, "说明", "Description", "group.basic"},
    {0}};

static void check_actions(struct ctx *c, const struct entity *e, struct str text) {
    const struct json *actions = text.n ? json_parse(c, text) : NULL;
    if (!json_is(actions, JSON_IS_ARRAY) || actions->n == 0 || actions->n > RULE_ACTIONS) {
        FAIL_FIELD(c, STR("/actions"), "rule.actions");
        return;
    }
    for (size_t i = 0; i < actions->n; i++) {
        action_check(c, e, &actions->items[i], str_format(c->arena, "/actions/%zu", i));
    }
}

static void rule_check(struct ctx *c, struct change *change) {
    const struct entity *e = model_entity(c->model, record_text(change->after, "entity_name"));
    if (!e) {
        FAIL_FIELD(c, STR("/entity_name"), "role.entity");
        return;
    }
    check_actions(c, e, record_text(change->after, "actions"));
    struct str where = record_text(change->after, "condition");
    if (where.n) {
        condition_parse_text(c, e, where);
    }
}

static const struct entity_definition rule_entity = {
    .name = "automation",
    .plural = "automations",
    .zh = "自动化规则",
    .en = "Automation",
    .flags = ENTITY_SETTING,
    .fields = fields,
    .indexes = (const struct index_definition[]){{"trigger, position"}, {0}},
    .check = rule_check};

static const struct migration migrations[] = {
    {"automation.rule.1",
     "CREATE TABLE automation_run (id {id}, automation_id BIGINT NOT NULL, at BIGINT NOT NULL, "
     "event_id BIGINT NOT NULL, subject_type TEXT NOT NULL, subject_id BIGINT NOT NULL);\n"
     "CREATE INDEX automation_run_rule ON automation_run (automation_id, id)"},
    {0}};

/* The record an event is about, when the rule is for its type. */
static struct record *event_subject(struct ctx *c, const struct event *e) {
    const struct entity *entity = model_entity(c->model, e->subject_type);
    return entity && e->subject_id ? record_load(c, entity, e->subject_id) : NULL;
}

static void run_actions(struct ctx *c, const struct record *rule, const struct record *record,
                        const struct event *e) {
    const struct json *actions = json_parse(c, record_text(rule, "actions"));
    for (size_t i = 0; actions && i < actions->n && !ctx_failed(c); i++) {
        const struct action_kind *kind = action_find(json_text(&actions->items[i], "action"));
        if (kind) {
            kind->run(
                c, &(struct action_call){.record = record,
                                         .event = e,
                                         .parameters = json_get(&actions->items[i], "parameters"),
                                         .rule_id = rule->id,
                                         .rule_name = record_text(rule, "name")});
        }
    }
}

static bool rule_holds(struct ctx *c, const struct record *rule, const struct record *record) {
    const struct condition *where = condition_parse_text(c, record->entity,
                                                         record_text(rule, "condition"));
    return !ctx_failed(c) && condition_match(c, where, record);
}

static void record_run(struct ctx *c, const struct record *rule, const struct event *e) {
    DB_RUN(c,
           "INSERT INTO automation_run (id, automation_id, at, event_id, subject_type, "
           "subject_id) VALUES ($1, $2, $3, $4, $5, $6)",
           id_new(), rule->id, c->now_ms, e->id, e->subject_type, e->subject_id);
}

static size_t rules_for(struct ctx *c, const struct event *e, int64_t *ids, size_t limit) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM automation WHERE trigger = $1 AND entity_name = $2 AND enabled = 1 "
             "AND deleted_at IS NULL ORDER BY position, id LIMIT $3",
             e->type, e->subject_type, (int64_t)limit);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    return n;
}

static void handle(struct ctx *c, const struct event *e) {
    int64_t ids[RULES_PER_EVENT];
    if (e->origin != ORIGIN_LIVE) {
        return;
    }
    size_t n = rules_for(c, e, ids, RULES_PER_EVENT);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct record *rule = record_load(c, entity_named(c, "automation"), ids[i]);
        struct record *record = event_subject(c, e);
        if (rule && record && rule_holds(c, rule, record)) {
            run_actions(c, rule, record, e);
            record_run(c, rule, e);
        }
    }
}

/* The few (trigger, record type) pairs that enabled rules want; most events are none of them. */
static void choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT DISTINCT trigger, entity_name FROM automation "
             "WHERE enabled = 1 AND deleted_at IS NULL");
    while (db_next(&rows)) {
        struct str trigger = db_view(&rows, 0), entity = db_view(&rows, 1);
        for (size_t i = 0; i < n; i++) {
            wanted[i] |= events[i].origin == ORIGIN_LIVE && str_equal(events[i].type, trigger) &&
                         str_equal(events[i].subject_type, entity);
        }
    }
}

static const struct reactor reactor = {.name = "automation.rules",
                                       .stream = STREAM_BUSINESS,
                                       .lane = REACTOR_PROMPT,
                                       .types = (const char *const[]){NULL},
                                       .handle = handle,
                                       .choose = choose};

static void action_json(struct ctx *c, struct json_writer *w, const struct action_kind *a) {
    bool english = c->language == LANGUAGE_EN;
    json_begin_object(w);
    JSON_MEMBER(w, "name", json_put_c, a->name);
    JSON_MEMBER(w, "label", json_put_c, english ? a->en : a->zh);
    json_key(w, "entity");
    json_put_str(w, str_from(a->entity));
    json_key(w, "parameters");
    json_begin_array(w);
    for (const struct action_parameter *p = a->parameters; p && p->name; p++) {
        json_begin_object(w);
        JSON_MEMBER(w, "name", json_put_c, p->name);
        JSON_MEMBER(w, "type", json_put_c, p->type);
        JSON_MEMBER(w, "required", json_put_bool, p->required);
        JSON_MEMBER(w, "label", json_put_c, english ? p->en : p->zh);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

static void actions_get(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    json_key(&w, "data");
    json_begin_array(&w);
    for (const struct action_kind *const *a = action_all(); *a; a++) {
        action_json(r->c, &w, *a);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* Would the rule act on this record, and with which actions? Nothing is changed. */
static void test_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *rule = record_read(c, entity_named(c, "automation"), request_id(r, "id"));
    const struct entity *e = rule ? model_entity(c->model, record_text(rule, "entity_name")) : NULL;
    struct record *record = e ? record_read(c, e, json_id(body, "record_id")) : NULL;
    if (!rule || !record) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "matches", json_put_bool, rule_holds(c, rule, record));
    json_key(&w, "actions");
    json_put_raw(&w, record_text(rule, "actions"));
    json_end_object(&w);
    if (!ctx_failed(c)) {
        reply_json(r, 200, &w);
    }
}

static void runs_get(struct request *r) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    struct db_rows rows;
    json_begin_object(&w);
    json_key(&w, "data");
    json_begin_array(&w);
    DB_QUERY(c, &rows,
             "SELECT at, event_id, subject_type, subject_id FROM automation_run "
             "WHERE automation_id = $1 ORDER BY id DESC LIMIT $2",
             request_id(r, "id"), (int64_t)RUN_PAGE);
    while (db_next(&rows)) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "at", json_put_instant, db_int(&rows, 0));
        JSON_MEMBER(&w, "event_id", json_put_id, db_int(&rows, 1));
        JSON_MEMBER(&w, "subject_type", json_put_str, db_text(&rows, 2));
        JSON_MEMBER(&w, "subject_id", json_put_id, db_int(&rows, 3));
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    if (!ctx_failed(c)) {
        reply_json(r, 200, &w);
    }
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/actions", "automation:manage", LANE_INLINE, actions_get,
     .summary = "route.actions"},
    {METHOD_POST, "/api/v1/automations/{id}/test", "automation:manage", LANE_SLOW, test_post,
     .summary = "route.rule_test"},
    {METHOD_GET, "/api/v1/automations/{id}/runs", "automation:manage", LANE_INLINE, runs_get,
     .summary = "route.rule_runs"},
    {0}};

static const struct text texts[] = {
    {"rule.actions", "至少一个、最多 20 个动作", "One to twenty actions"},
    {"action.unknown", "没有这个动作，或它不适用于这种记录",
     "No such action, or not for this record type"},
    {"route.actions", "可用的动作", "Available actions"},
    {"route.rule_test", "试运行规则", "Try a rule"},
    {"route.rule_runs", "规则的执行记录", "Runs of a rule"},
    {0}};

static const struct permission permissions[] = {
    {"automation:manage", "管理自动化规则", "Manage automations"}, {0}};

const struct module rule_module = {
    .name = "automation.rule",
    .cloud = "platform",
    .entities = (const struct entity_definition *const[]){&rule_entity, NULL},
    .routes = routes,
    .reactors = (const struct reactor *const[]){&reactor, NULL},
    .migrations = migrations,
    .texts = texts,
    .permissions = permissions};
