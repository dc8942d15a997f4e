/* See approval_process.h. */
#include "automation/approval_process.h"

#include "automation/action.h"
#include "automation/automation.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/condition.h"

static const struct option triggers[] = {{"manual", "手动提交", "By hand", "idle"},
                                         {"rule", "由自动化规则", "By a rule", "info"},
                                         {"change", "字段变化时", "When a field changes", "ok"},
                                         {"create", "新建时", "When one is created", "ok"},
                                         {0}};

static const struct option holds[] = {
    {"hold", "通过后才改", "Held until approved", "warn"},
    {"block", "先改，审批中不能再往下走", "Made at once, nothing further until approved", "info"},
    {0}};

static const struct option selves[] = {
    {"manager", "由他的上级代审", "His manager is asked instead", "ok"},
    {"allow", "允许自己审批", "He may approve himself", "warn"},
    {"auto", "自动视为通过", "Counts as approved", "warn"},
    {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"entity_name", FIELD_TEXT, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED, "记录类型",
     "Record type", "group.basic", .max_length = 60},
    {"trigger", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "怎么发起", "Started", "group.basic",
     .options = triggers, .standard = "manual"},
    {"watch_field", FIELD_TEXT, 0, "哪个字段", "Watched field", "group.basic", .max_length = 60},
    {"watch_values", FIELD_JSON, 0, "变成哪些值", "Watched values", "group.basic",
     .max_length = 4000},
    {"hold_mode", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "审批期间", "While it is pending",
     "group.basic", .options = holds, .standard = "hold"},
    {"once", FIELD_BOOLEAN, 0, "内容不变不再审", "Good until what was approved changes",
     "group.basic", .standard = "0"},
    {"condition", FIELD_JSON, 0, "条件", "Condition", "group.basic", .max_length = 20000},
    {"steps", FIELD_JSON, FIELD_REQUIRED, "步骤", "Steps", "group.basic", .max_length = 40000},
    {"shown", FIELD_JSON, 0, "给审批人看的字段", "Fields approvers see", "group.basic",
     .max_length = 4000},
    {"locked", FIELD_JSON, 0, "审批中锁定的字段", "Fields locked meanwhile", "group.basic",
     .max_length = 4000},
    {"on_approved", FIELD_JSON, 0, "通过后", "When approved", "group.basic", .max_length = 20000},
    {"on_rejected", FIELD_JSON, 0, "驳回后", "When rejected", "group.basic", .max_length = 20000},
    {"self_rule", FIELD_OPTION, FIELD_REQUIRED, "审批人就是提交人", "Approver is the requester",
     "group.basic", .options = selves, .standard = "manager"},
    {"fallback_user_id", FIELD_REFERENCE, FIELD_LISTED, "流程负责人", "Process administrator",
     "group.basic", .target = "user"},
    {"remind_hours", FIELD_INTEGER, FIELD_REQUIRED | FIELD_LISTED, "几小时没处理提醒",
     "Reminder after hours", "group.basic", .min = 1, .max = 720, .standard = "24"},
    {"workdays", FIELD_BOOLEAN, 0, "只算工作日", "Working days only", "group.basic",
     .standard = "0"},
    {"escalate_after", FIELD_INTEGER, FIELD_REQUIRED, "提醒几次后交给上级",
     "To the manager after reminders", "group.basic", .min = 0, .max = 100, .standard = "2"},
    {"enabled", FIELD_BOOLEAN, FIELD_LISTED, "启用", "Enabled", "group.basic", .standard = "1"},
    {"position", FIELD_INTEGER, FIELD_LISTED, "顺序", "Order", "group.basic", .standard = "0"},
    {"description", FIELD_LONG_TEXT, 0, "说明", "Description", "group.basic"},
    {0}};

static const struct field_definition version_fields[] = {
    {"process_id", FIELD_REFERENCE, FIELD_READ_ONLY, "审批流程", "Approval process", "group.basic",
     .target = "approval_process"},
    {"number", FIELD_INTEGER, FIELD_READ_ONLY, "版本", "Version", "group.basic"},
    {"plan", FIELD_JSON, FIELD_READ_ONLY, "内容", "Plan", "group.basic", .max_length = 120000},
    {0}};

static const struct json *list_of(struct ctx *c, const struct record *process, const char *field) {
    struct str text = record_text(process, field);
    return text.n ? json_parse(c, text) : NULL;
}

static void check_fields(struct ctx *c, const struct entity *e, const struct record *process,
                         const char *list) {
    const struct json *names = list_of(c, process, list);
    if (names && (names->kind != JSON_IS_ARRAY || names->n > APPROVAL_FIELDS)) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", list), "approval.fields");
        return;
    }
    for (size_t i = 0; names && i < names->n; i++) {
        const struct field *f = entity_field(e, names->items[i].text);
        if (!f || f->flags & (FIELD_HIDDEN | FIELD_PERSONAL) || f->type == FIELD_JSON) {
            FAIL_FIELD(c, str_format(c->arena, "/%s/%zu", list, i), "approval.field");
        }
    }
}

static void check_watch(struct ctx *c, const struct entity *e, const struct record *process) {
    const struct json *values = list_of(c, process, "watch_values");
    if (!str_is(record_text(process, "trigger"), "change")) {
        return;
    }
    const struct field *f = entity_field(e, record_text(process, "watch_field"));
    if (!f || f->flags & (FIELD_HIDDEN | FIELD_SYSTEM) || f->type == FIELD_JSON) {
        FAIL_FIELD(c, STR("/watch_field"), "field.unknown");
        return;
    }
    if (values && (values->kind != JSON_IS_ARRAY || values->n > APPROVAL_FIELDS)) {
        FAIL_FIELD(c, STR("/watch_values"), "approval.fields");
        return;
    }
    for (size_t i = 0; values && i < values->n && !ctx_failed(c); i++) {
        value_from_json(c, f, &values->items[i]);
    }
}

static bool number_between(const struct json *v, int64_t least, int64_t most) {
    return json_is(v, JSON_IS_INT) && v->integer >= least && v->integer <= most;
}

/* One of those a step asks: exactly one of user, role, manager, field. */
static void check_approver(struct ctx *c, const struct entity *e, const struct json *one,
                           struct str pointer) {
    int64_t user = json_id(one, "user"), role = json_id(one, "role");
    const struct json *manager = json_get(one, "manager");
    const struct field *f = entity_field(e, json_text(one, "field"));
    bool good = json_is(one, JSON_IS_OBJECT) && one->n == 1;
    const struct error found = c->error; /* a failed context reaches no database */
    ctx_clear_error(c);
    if (good && user) {
        good = record_load(c, entity_named(c, "user"), user) != NULL;
    } else if (good && role) {
        good = record_load(c, entity_named(c, "role"), role) != NULL;
    } else if (good && manager) {
        good = number_between(manager, 1, 5);
    } else if (good) {
        good = f && f->type == FIELD_REFERENCE && f->target && str_is(f->target->name, "user");
    }
    if (ctx_failed(c)) {
        return;
    }
    c->error = found;
    if (!good) {
        FAIL_FIELD(c, pointer, "approval.approver");
    }
}

static void check_step(struct ctx *c, const struct entity *e, const struct json *step,
                       struct str pointer) {
    const struct json *approvers = json_get(step, "approvers");
    const struct json *where = json_get(step, "condition");
    struct str mode = json_text(step, "mode");
    if (!str_lists(STR("any all ratio"), ' ', mode)) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/mode", STR_ARG(pointer)), "approval.mode");
    }
    if (str_is(mode, "ratio") && !number_between(json_get(step, "percent"), 1, 100)) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/percent", STR_ARG(pointer)), "approval.percent");
    }
    if (!json_is(approvers, JSON_IS_ARRAY) || !approvers->n || approvers->n > APPROVAL_APPROVERS) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/approvers", STR_ARG(pointer)),
                   "approval.approvers");
        return;
    }
    for (size_t i = 0; i < approvers->n; i++) {
        check_approver(c, e, &approvers->items[i],
                       str_format(c->arena, "%.*s/approvers/%zu", STR_ARG(pointer), i));
    }
    if (json_is(where, JSON_IS_OBJECT)) {
        condition_parse_below(c, e, where,
                              str_format(c->arena, "%.*s/condition", STR_ARG(pointer)));
    }
}

static void check_steps(struct ctx *c, const struct entity *e, const struct record *process) {
    const struct json *steps = list_of(c, process, "steps");
    if (!json_is(steps, JSON_IS_ARRAY) || !steps->n || steps->n > APPROVAL_STEPS) {
        FAIL_FIELD(c, STR("/steps"), "approval.steps");
        return;
    }
    for (size_t i = 0; i < steps->n; i++) {
        check_step(c, e, &steps->items[i], str_format(c->arena, "/steps/%zu", i));
    }
}

static void check_actions(struct ctx *c, const struct entity *e, const struct record *process,
                          const char *list) {
    const struct json *actions = list_of(c, process, list);
    if (actions && (actions->kind != JSON_IS_ARRAY || actions->n > APPROVAL_FIELDS)) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", list), "rule.actions");
        return;
    }
    for (size_t i = 0; actions && i < actions->n; i++) {
        action_check(c, e, &actions->items[i], str_format(c->arena, "/%s/%zu", list, i));
    }
}

static void process_check(struct ctx *c, struct change *change) {
    struct record *p = change->after;
    const struct entity *e = model_entity(c->model, record_text(p, "entity_name"));
    if (!e || !entity_is_work(e)) {
        FAIL_FIELD(c, STR("/entity_name"), "role.entity");
        return;
    }
    check_watch(c, e, p);
    check_steps(c, e, p);
    check_fields(c, e, p, "shown");
    check_fields(c, e, p, "locked");
    check_actions(c, e, p, "on_approved");
    check_actions(c, e, p, "on_rejected");
    if (record_text(p, "condition").n) {
        condition_parse_text(c, e, record_text(p, "condition"));
    }
}

/* All fields of its own as a JSON object. */
static struct str plan_of(struct ctx *c, const struct record *process) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    for (int i = 0; i < process->entity->n_fields; i++) {
        const struct field *f = &process->entity->fields[i];
        if (!(f->flags & FIELD_SYSTEM) && process->values[i].kind != VALUE_NULL) {
            json_key_str(&w, f->name);
            value_to_json(&w, f, process->values[i]);
        }
    }
    json_end_object(&w);
    return json_str(&w);
}

/* Each saving is a version. */
static void process_wrote(struct ctx *c, const struct change *change) {
    struct change_set set = change_new(c, entity_named(c, "approval_version"));
    change_id(&set, "process_id", change->id);
    change_int(&set, "number", record_version(change->after));
    change_text(&set, "plan", plan_of(c, change->after));
    record_insert(c, &set);
}

static const struct entity_definition process_entity = {
    .name = "approval_process",
    .plural = "approval_processes",
    .zh = "审批流程",
    .en = "Approval process",
    .flags = ENTITY_SETTING,
    .fields = fields,
    .indexes = (const struct index_definition[]){{"entity_name, position"}, {0}},
    .check = process_check,
    .wrote = process_wrote};

static const struct entity_definition version_entity = {
    .name = "approval_version",
    .plural = "approval_versions",
    .zh = "审批流程版本",
    .en = "Approval process version",
    .flags = ENTITY_INTERNAL | ENTITY_APPEND,
    .fields = version_fields,
    .indexes = (const struct index_definition[]){{"process_id, number"}, {0}}};

int64_t approval_version_newest(struct ctx *c, int64_t process_id) {
    return DB_INT(c,
                  "SELECT id FROM approval_version WHERE process_id = $1 AND deleted_at IS NULL "
                  "ORDER BY number DESC LIMIT 1",
                  process_id);
}

const struct json *approval_plan(struct ctx *c, int64_t version_id) {
    struct str text = DB_TEXT(c, "SELECT plan FROM approval_version WHERE id = $1", version_id);
    return text.n ? json_parse(c, text) : NULL;
}

bool approval_lists(const struct json *plan, const char *list, const struct field *f) {
    const struct json *names = json_get(plan, list);
    for (size_t i = 0; json_is(names, JSON_IS_ARRAY) && i < names->n; i++) {
        if (str_equal(names->items[i].text, f->name)) {
            return true;
        }
    }
    return false;
}

/* What is understood no longer is asked for: rather once too often than never. */
static bool holds_as_system(struct ctx *c, const struct json *tree, const struct record *subject) {
    const struct actor *asker = c->actor;
    const struct condition *where = condition_kept(c, subject->entity, tree);
    c->actor = &actor_system;
    bool held = !ctx_failed(c) && (!where || condition_match(c, where, subject));
    c->actor = asker;
    return held;
}

bool approval_condition_holds(struct ctx *c, const struct json *condition,
                              const struct record *subject) {
    return !json_is(condition, JSON_IS_OBJECT) || holds_as_system(c, condition, subject);
}

bool approval_applies(struct ctx *c, const struct record *process, const struct record *subject) {
    struct str text = record_text(process, "condition");
    return !text.n || approval_condition_holds(c, json_parse(c, text), subject);
}

bool approval_entered(struct ctx *c, const struct record *process, const struct record *before,
                      const struct record *after) {
    const struct field *f = entity_field(after->entity, record_text(process, "watch_field"));
    if (str_is(record_text(process, "trigger"), "create")) {
        return !before;
    }
    if (!f || !str_is(record_text(process, "trigger"), "change") ||
        (before ? value_equal(before->values[f->position], after->values[f->position])
                : after->values[f->position].kind == VALUE_NULL)) {
        return false;
    }
    const struct json *values = list_of(c, process, "watch_values");
    bool any = !values || !values->n;
    for (size_t i = 0; !any && i < values->n; i++) {
        any = value_equal(value_from_json(c, f, &values->items[i]), after->values[f->position]);
        ctx_clear_error(c); /* an option that is there no more is no value */
    }
    return any;
}

static const struct text texts[] = {
    {"approval.fields", "最多 30 项的列表", "A list of at most 30"},
    {"approval.field", "没有这个字段，或它是个人信息，不能用在这里",
     "No such field, or personal data, which cannot be used here"},
    {"approval.steps", "一到十个步骤", "One to ten steps"},
    {"approval.mode", "任一人、全部或按比例", "Any, all or a ratio"},
    {"approval.percent", "1 到 100 的整数", "A whole number from 1 to 100"},
    {"approval.approvers", "至少一位、最多 50 位审批人", "One to fifty approvers"},
    {"approval.approver", "选一个用户、角色、上级（1–5 级）或记录上的用户字段",
     "Choose a user, a role, a manager (1 to 5 levels) or a field that holds a user"},
    {0}};

const struct module approval_process_module = {
    .name = "automation.approval_process",
    .cloud = "platform",
    .entities = (const struct entity_definition *const[]){&process_entity, &version_entity, NULL},
    .texts = texts};
