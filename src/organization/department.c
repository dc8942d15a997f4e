/*
 * Departments: the tree of the company. A user belongs to one; a record belongs to its
 * owner's. "Tree" rights reach a department and all below it.
 *
 * A department cannot be put below itself, and cannot go to the trash while it has people or
 * departments below. Moving one changes rights at once (the organization's version), not the
 * records.
 */
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/record.h"
#include "organization/organization.h"
#include "organization/version.h"

enum { DEPARTMENT_LEVELS = 20 };

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"parent_id", FIELD_REFERENCE, FIELD_LISTED | FIELD_INDEXED, "上级部门", "Parent",
     "group.basic", .target = "department"},
    {"manager_id", FIELD_REFERENCE, FIELD_LISTED, "负责人", "Manager", "group.basic",
     .target = "user"},
    {0}};

static int64_t parent_of(struct ctx *c, int64_t department_id) {
    return DB_INT(c, "SELECT parent_id FROM department WHERE id = $1", department_id);
}

static void department_check(struct ctx *c, struct change *change) {
    int64_t above = record_id(change->after, "parent_id");
    for (int level = 0; above && !ctx_failed(c); level++) {
        if (above == change->id || level == DEPARTMENT_LEVELS) {
            FAIL_FIELD(c, STR("/parent_id"), "department.circle");
            return;
        }
        above = parent_of(c, above);
    }
}

static void department_wrote(struct ctx *c, const struct change *change) {
    (void)change;
    organization_changed(c);
}

static void department_trash(struct ctx *c, const struct record *record) {
    int64_t people = DB_INT(c,
                            "SELECT CAST(count(*) AS BIGINT) FROM \"user\" "
                            "WHERE department_id = $1 AND active = 1 AND deleted_at IS NULL",
                            record->id);
    int64_t below = DB_INT(c,
                           "SELECT CAST(count(*) AS BIGINT) FROM department "
                           "WHERE parent_id = $1 AND deleted_at IS NULL",
                           record->id);
    if (people || below) {
        FAIL(c, ERROR_CONFLICT, "department.not_empty");
    }
    organization_changed(c);
}

static const struct entity_definition department_entity = {.name = "department",
                                                           .plural = "departments",
                                                           .zh = "部门",
                                                           .en = "Department",
                                                           .flags = ENTITY_SETTING,
                                                           .fields = fields,
                                                           .check = department_check,
                                                           .wrote = department_wrote,
                                                           .trash = department_trash};

static const struct text texts[] = {
    {"department.circle", "部门不能放在自己下面", "A department cannot be below itself"},
    {"department.not_empty", "部门下还有人员或下级部门，请先移走",
     "The department still has people or departments below; move them first"},
    {0}};

const struct module department_module = {
    .name = "organization.department",
    .cloud = "platform",
    .entities = (const struct entity_definition *const[]){&department_entity, NULL},
    .texts = texts};
