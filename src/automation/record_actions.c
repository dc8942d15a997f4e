/*
 * Actions on any record: set a field, set the owner, create a task, notify somebody.
 * They run as the system: who writes rules has the permission automation:manage. What an approval
 * holds is asked for instead of done.
 */
#include "automation/action.h"
#include "automation/approval_hold.h"
#include "automation/automation.h"
#include "automation/notification.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"

static struct str parameter(const struct action_call *call, const char *name) {
    return json_text(call->parameters, name);
}

static bool settable(const struct field *f) {
    return f && !(f->flags & (FIELD_SYSTEM | FIELD_READ_ONLY | FIELD_HIDDEN));
}

/* What is wrong with the value itself, at the place it was given. */
static void check_value(struct ctx *c, const struct field *f, const struct json *given,
                        struct str pointer) {
    const struct error before = c->error;
    ctx_clear_error(c);
    struct value v = value_from_json(c, f, given);
    const struct field_error *wrong = c->error.fields;
    c->error = before;
    if (wrong) {
        ctx_fail_field(c, pointer, wrong->text, wrong->parameters, ERROR_PARAMETERS);
    } else if (v.kind == VALUE_NULL && f->flags & FIELD_REQUIRED) {
        FAIL_FIELD(c, pointer, "field.required");
    } else if (!ctx_failed(c) && f->type == FIELD_REFERENCE && f->target &&
               v.kind == VALUE_INTEGER && !record_load(c, f->target, v.integer)) {
        FAIL_FIELD(c, pointer, "reference.absent");
    }
}

static void set_field_check(struct ctx *c, const struct entity *e, const struct json *parameters,
                            struct str pointer) {
    struct str name = json_text(parameters, "field");
    const struct field *f = entity_field(e, name);
    const struct json *given = json_get(parameters, "value");
    if (name.n && !settable(f)) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/field", STR_ARG(pointer)), "field.unknown");
    } else if (f && given && given->kind != JSON_IS_NULL) {
        check_value(c, f, given, str_format(c->arena, "%.*s/value", STR_ARG(pointer)));
    }
}

static void set_field(struct ctx *c, const struct action_call *call) {
    const struct entity *e = call->record->entity;
    const struct field *f = entity_field(e, parameter(call, "field"));
    const struct json *given = json_get(call->parameters, "value");
    if (!settable(f)) {
        FAIL_FIELD(c, STR("/field"), "field.unknown");
        return;
    }
    struct change_set set = change_new(c, e);
    change_value(&set, f, value_from_json(c, f, given));
    approval_change_or_ask(c, call->record, &set, call->rule_name);
}

static void set_owner(struct ctx *c, const struct action_call *call) {
    struct change_set set = change_new(c, call->record->entity);
    change_id(&set, "owner_id", json_id(call->parameters, "user_id"));
    approval_change_or_ask(c, call->record, &set, call->rule_name);
}

static int64_t owner_of(const struct record *r) {
    return r->entity->flags & ENTITY_OWNED ? record_id(r, "owner_id") : 0;
}

static void create_task(struct ctx *c, const struct action_call *call) {
    struct change_set set = change_new(c, entity_named(c, "task"));
    int64_t owner = json_id(call->parameters, "user_id");
    int64_t days = json_int(call->parameters, "due_in_days", 1);
    change_text(&set, "title", template_render(c, parameter(call, "title"), call->record));
    change_id(&set, "owner_id", owner ? owner : owner_of(call->record));
    change_int(&set, "due_at", c->now_ms + days * MS_DAY);
    if (call->record->entity->flags & ENTITY_TIMELINE) {
        change_text(&set, "subject_type", call->record->entity->name);
        change_id(&set, "subject_id", call->record->id);
    }
    record_insert(c, &set);
}

static void notify_user(struct ctx *c, const struct action_call *call) {
    int64_t user = json_id(call->parameters, "user_id");
    struct notification n = {.user_id = user ? user : owner_of(call->record),
                             .code = "notification.rule",
                             .subject_type = call->record->entity->name,
                             .subject_id = call->record->id};
    n.parameters[0] = (struct text_parameter){
        "text", template_render(c, parameter(call, "text"), call->record)};
    notify(c, &n);
}

static const struct action_kind set_field_action = {
    .name = "set_field",
    .zh = "修改字段",
    .en = "Set a field",
    .parameters = (const struct action_parameter[]){{"field", "field", true, "字段", "Field"},
                                                    {"value", "value", true, "值", "Value"},
                                                    {0}},
    .run = set_field,
    .check = set_field_check};

static const struct action_kind set_owner_action = {
    .name = "set_owner",
    .zh = "指定负责人",
    .en = "Set the owner",
    .parameters = (const struct action_parameter[]){{"user_id", "user", true, "负责人", "Owner"},
                                                    {0}},
    .run = set_owner};

static const struct action_kind create_task_action = {
    .name = "create_task",
    .zh = "新建任务",
    .en = "Create a task",
    .parameters = (const struct action_parameter[]){{"title", "text", true, "标题", "Title"},
                                                    {"due_in_days", "integer", false, "几天后到期",
                                                     "Due in days"},
                                                    {"user_id", "user", false, "交给", "For"},
                                                    {0}},
    .run = create_task};

static const struct action_kind notify_action = {
    .name = "notify",
    .zh = "通知",
    .en = "Notify",
    .parameters = (const struct action_parameter[]){{"text", "text", true, "内容", "Text"},
                                                    {"user_id", "user", false, "通知谁", "Whom"},
                                                    {0}},
    .run = notify_user};

static const struct text texts[] = {{"notification.rule", "{text}", "{text}"}, {0}};

const struct module record_actions_module = {
    .name = "automation.record_actions",
    .cloud = "platform",
    .actions = (const struct action_kind *const[]){&set_field_action, &set_owner_action,
                                                   &create_task_action, &notify_action, NULL},
    .texts = texts};
