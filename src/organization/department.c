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

/* How many levels it makes with all that is below it; none while it is new. */
static int64_t levels_of(struct ctx *c, int64_t department_id) {
    return DB_INT(c,
                  "WITH RECURSIVE below (id, level) AS ("
                  "SELECT id, 1 FROM department WHERE id = $1 UNION ALL "
                  "SELECT d.id, b.level + 1 FROM below b JOIN department d "
                  "ON d.parent_id = b.id AND d.deleted_at IS NULL WHERE b.level < $2) "
                  "SELECT CAST(coalesce(max(level), 1) AS BIGINT) FROM below",
                  department_id, (int64_t)DEPARTMENT_LEVELS);
}

static void department_check(struct ctx *c, struct change *change) {
    int64_t above = record_id(change->after, "parent_id");
    if (!above || (change->before && above == record_id(change->before, "parent_id"))) {
        return;
    }
    int64_t levels = levels_of(c, change->id);
    for (; above && !ctx_failed(c); above = parent_of(c, above)) {
        if (above == change->id) {
            FAIL_FIELD(c, STR("/parent_id"), "department.circle");
        } else if (++levels > DEPARTMENT_LEVELS) {
            FAIL_FIELD(c, STR("/parent_id"), "department.too_deep");
        }
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
    {"department.circle", "部门不能放在自己或自己的下级下面",
     "A department cannot be part of itself or of one below it"},
    {"department.too_deep", "部门最多 20 层", "Departments go at most 20 levels deep"},
    {"department.not_empty", "部门下还有人员或下级部门，请先移走",
     "The department still has people or departments below; move them first"},
    {0}};

const struct module department_module = {
    .name = "organization.department",
    .cloud = "platform",
    .entities = (const struct entity_definition *const[]){&department_entity, NULL},
    .texts = texts};
