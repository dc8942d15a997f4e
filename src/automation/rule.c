/*
 * Rules: when an event – if a condition – then actions.
 *
 * A rule is a record (entity "automation"): the event type that triggers it, or the date of a field
 * (rule_date.h), the record type it concerns, a condition on that record, and an ordered list of
 * actions. The reactor automation.rules runs matching rules in their order, each event once. What
 * an action changes is an event again, with this one as its cause; in such a chain a rule runs once
 * on a record (rule_chain.h), and a chain of twelve is stopped (event.loop), its event parked.
 * History that was imported triggers nothing, and nothing is done to records of a module that is
 * switched off, nor by its actions.
 */
#include "automation/rule.h"
#include "automation/action.h"
#include "automation/automation.h"
#include "automation/rule_chain.h"
#include "automation/rule_date.h"
#include "automation/rule_memory.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/condition.h"
#include "entity/event_types.h"
#include "event/reactor.h"
#include "organization/company.h"

enum { RULE_ACTIONS = 20, RULES_PER_EVENT = 50 };

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 100},
    {"trigger", FIELD_TEXT, FIELD_REQUIRED | FIELD_LISTED, "触发事件", "Trigger", "group.basic",
     .max_length = 100},
    {"entity_name", FIELD_TEXT, FIELD_REQUIRED | FIELD_LISTED, "记录类型", "Record type",
     "group.basic", .max_length = 60},
    {"date_field", FIELD_TEXT, 0, "日期字段", "Date field", "group.basic", .max_length = 60},
    {"days", FIELD_INTEGER, 0, "日期之后几天", "Days after the date", "group.basic",
     .standard = "0"},
    {"hour", FIELD_INTEGER, 0, "几点起", "From the hour", "group.basic", .min = 0, .max = 23,
     .standard = "9"},
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
    if (rule_is_dated(change->after)) {
        rule_date_named(c, e, record_text(change->after, "date_field"),
                        record_int(change->after, "days"));
    } else if (!event_type_about(c, record_text(change->after, "trigger"), e)) {
        FAIL_FIELD(c, STR("/trigger"), "rule.trigger");
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
    .check = rule_check,
    .wrote = rule_date_watch};

static const struct migration migrations[] = {
    {"automation.rule.1",
     "CREATE TABLE automation_run (id {id}, automation_id BIGINT NOT NULL, at BIGINT NOT NULL, "
     "event_id BIGINT NOT NULL, subject_type TEXT NOT NULL, subject_id BIGINT NOT NULL);\n"
     "CREATE INDEX automation_run_rule ON automation_run (automation_id, id)"},
    /* began: an id made before the actions ran, so that what they caused lies between the two.
     * error: {"zh", "en"} when they could not be done. */
    {"automation.rule.2", "ALTER TABLE automation_run ADD COLUMN began BIGINT NOT NULL DEFAULT 0;\n"
                          "ALTER TABLE automation_run ADD COLUMN error TEXT NOT NULL DEFAULT ''"},
    /* root_id: the event that began the chain. */
    {"automation.rule.3",
     "ALTER TABLE automation_run ADD COLUMN root_id BIGINT NOT NULL DEFAULT 0;\n"
     "CREATE INDEX automation_run_chain ON automation_run (root_id, automation_id)"},
    {0}};

/* The record an event is about; NULL when it is gone or of a module that is switched off. */
static struct record *event_subject(struct ctx *c, const struct event *e) {
    const struct entity *entity = model_entity(c->model, e->subject_type);
    bool on = entity && company_cloud_on(c, entity->cloud);
    return on && e->subject_id ? record_load(c, entity, e->subject_id) : NULL;
}

struct rule_run {
    int64_t began, root;
    struct str error;
};

/* Each action finds the record as the one before left it. */
static void run_actions(struct ctx *c, const struct record *rule, const struct record *record,
                        const struct event *e) {
    const struct json *actions = json_parse(c, record_text(rule, "actions"));
    for (size_t i = 0; actions && i < actions->n && !ctx_failed(c); i++) {
        const struct action_kind *kind = action_find(json_text(&actions->items[i], "action"));
        record = i ? record_load(c, record->entity, record->id) : record;
        if (!record) {
            return;
        }
        if (kind && action_on(c, kind)) {
            kind->run(
                c, &(struct action_call){.record = record,
                                         .event = e,
                                         .parameters = json_get(&actions->items[i], "parameters"),
                                         .rule_id = rule->id,
                                         .rule_name = record_text(rule, "name")});
        }
    }
}

bool rule_holds(struct ctx *c, const struct record *rule, const struct record *record) {
    const struct condition *where = condition_parse_kept(c, c->arena, record->entity,
                                                         record_text(rule, "condition"));
    return where && condition_match(c, where, record);
}

static void record_run(struct ctx *c, const struct record *rule, const struct event *e,
                       const struct rule_run *run) {
    DB_PUT(c,
           "INSERT INTO automation_run (id, automation_id, at, event_id, subject_type, "
           "subject_id, began, error, root_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
           id_new(), rule->id, c->now_ms, e->id, e->subject_type, e->subject_id, run->began,
           run->error, run->root);
}

/* What a rule cannot do is told in its log and undone; neither the other rules nor later events
 * of the record wait for it. Loops and failures of the machine go up: the event is parked. */
static void rule_run(struct ctx *c, const struct record *rule, const struct record *record,
                     const struct event *e) {
    struct rule_run run = {.began = id_new(), .error = STR("")};
    enum rule_turn turn = rule_turn(c, rule, e, &run.root);
    if (turn == RULE_PASSES) {
        return;
    }
    db_savepoint(c);
    if (turn == RULE_LOOPS) {
        FAIL(c, ERROR_CONFLICT, "rule.loop");
    }
    run_actions(c, rule, record, e);
    if (!ctx_failed(c)) {
        db_release(c);
    } else if (ctx_failed_for_good(c)) {
        run.error = action_failure(c, record->entity);
        ctx_clear_error(c);
        db_rollback_savepoint(c->db);
    }
    record_run(c, rule, e, &run);
}

static void handle(struct ctx *c, const struct event *e) {
    struct record *rules[RULES_PER_EVENT];
    if (e->origin != ORIGIN_LIVE) {
        return;
    }
    size_t n = rules_for(c, e, rules, RULES_PER_EVENT);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        bool mine = !rule_is_for_another(c, rules[i], e);
        struct record *record = mine ? event_subject(c, e) : NULL;
        if (record && rule_holds(c, rules[i], record)) {
            rule_run(c, rules[i], record, e);
        }
    }
}

/* Most events are none that a rule is for. */
static void choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    rules_choose(c, events, n, wanted);
    for (size_t i = 0; i < n; i++) {
        wanted[i] &= events[i].origin == ORIGIN_LIVE;
    }
}

static void ahead(struct ctx *c, const struct event *events, size_t n) {
    for (size_t i = 0; i < n; i++) {
        record_ahead(c, events[i].subject_type, events[i].subject_id);
    }
}

static const struct reactor reactor = {.name = "automation.rules",
                                       .stream = STREAM_BUSINESS,
                                       .lane = REACTOR_PROMPT,
                                       .types = (const char *const[]){NULL},
                                       .handle = handle,
                                       .choose = choose,
                                       .ahead = ahead};

static const struct text texts[] = {
    {"rule.actions", "至少一个、最多 20 个动作", "One to twenty actions"},
    {"rule.loop", "规则之间形成循环：它引起的变化经过别的规则又触发了它，已停下",
     "Rules loop: what it changed set it off again by way of other rules; stopped"},
    {"rule.trigger", "这种记录没有这个事件", "Nothing of this kind happens to this record type"},
    {"action.unknown", "没有这个动作，或它不适用于这种记录",
     "No such action, or not for this record type"},
    {0}};

const struct module rule_module = {
    .name = "automation.rule",
    .cloud = "platform",
    .entities = (const struct entity_definition *const[]){&rule_entity, NULL},
    .reactors = (const struct reactor *const[]){&reactor, NULL},
    .migrations = migrations,
    .texts = texts};
