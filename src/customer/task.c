/*
 * Tasks: something to do by a time. Done and cancelled tasks stay as history; the time of
 * completion is kept.
 */
#include "base/module.h"
#include "customer/customer.h"
#include "customer/subject.h"

static const struct option statuses[] = {{"open", "待办", "Open", "info"},
                                         {"done", "完成", "Done", "ok"},
                                         {"cancelled", "取消", "Cancelled", "idle"},
                                         {0}};

static const struct option priorities[] = {{"high", "高", "High", "warn"},
                                           {"normal", "普通", "Normal", "idle"},
                                           {"low", "低", "Low", "idle"},
                                           {0}};

static const struct field_definition fields[] = {
    {"title", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "标题", "Title",
     "group.basic"},
    {"status", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED | FIELD_INDEXED, "状态", "Status",
     "group.basic", .options = statuses, .standard = "open"},
    {"due_at", FIELD_INSTANT, FIELD_LISTED | FIELD_INDEXED, "截止", "Due", "group.basic"},
    {"priority", FIELD_OPTION, FIELD_LISTED, "优先级", "Priority", "group.basic",
     .options = priorities, .standard = "normal"},
    {"subject_type", FIELD_TEXT, 0, "对象类型", "About (type)", "group.basic"},
    {"subject_id", FIELD_REFERENCE, FIELD_INDEXED, "对象", "About", "group.basic"},
    {"completed_at", FIELD_INSTANT, FIELD_READ_ONLY, "完成时间", "Completed at", "group.basic"},
    {"original_owner", FIELD_TEXT, FIELD_READ_ONLY, "原负责人", "Original owner", "group.basic",
     .max_length = 60},
    {"description", FIELD_LONG_TEXT, 0, "说明", "Description", "group.basic"},
    {0}};

static void task_check(struct ctx *c, struct change *change) {
    if (!record_empty(change->after, "subject_id")) {
        subject_check(c, change);
    }
    bool open = str_is(record_text(change->after, "status"), "open");
    if (open) {
        record_set_value(change->after, "completed_at", (struct value){0});
    } else if (record_empty(change->after, "completed_at")) {
        record_set_value(change->after, "completed_at",
                         (struct value){VALUE_INTEGER, c->now_ms, STR("")});
    }
}

static const struct entity_definition task_entity = {.name = "task",
                                                     .plural = "tasks",
                                                     .zh = "任务",
                                                     .en = "Task",
                                                     .flags = ENTITY_OWNED,
                                                     .fields = fields,
                                                     .check = task_check};

const struct module task_module = {
    .name = "customer.task",
    .cloud = "customer",
    .entities = (const struct entity_definition *const[]){&task_entity, NULL}};
