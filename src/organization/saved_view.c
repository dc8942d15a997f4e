/*
 * Saved views: a list's conditions, columns, sort and form under a name. One's own, or
 * shared with everybody who may see the record type; sharing shows the view, never records.
 */
#include "base/module.h"
#include "entity/record.h"
#include "organization/organization.h"

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"entity_name", FIELD_TEXT, FIELD_REQUIRED | FIELD_LISTED | FIELD_IMMUTABLE | FIELD_INDEXED,
     "记录类型", "Record type", "group.basic"},
    {"definition", FIELD_JSON, FIELD_REQUIRED, "内容", "Definition", "group.basic",
     .max_length = 20000},
    {"shared", FIELD_BOOLEAN, FIELD_LISTED, "共享", "Shared", "group.basic", .standard = "0"},
    {"pinned", FIELD_BOOLEAN, FIELD_LISTED, "固定", "Pinned", "group.basic", .standard = "0"},
    {"position", FIELD_INTEGER, 0, "顺序", "Position", "group.basic", .standard = "0"},
    {0}};

static void view_check(struct ctx *c, struct change *change) {
    if (!model_entity(c->model, record_text(change->after, "entity_name"))) {
        FAIL_FIELD(c, STR("/entity_name"), "role.entity");
    }
}

/* One's own views are seen by nobody else: whose they are is told with them. */
static const char views_naming[] =
    "SELECT v.name || ' · ' || COALESCE(u.name, '') FROM saved_view v "
    "LEFT JOIN \"user\" u ON u.id = v.owner_id WHERE v.deleted_at IS NULL "
    "AND v.definition LIKE $1 ORDER BY v.id LIMIT $2";

static const struct entity_definition saved_view_entity = {.name = "saved_view",
                                                           .plural = "saved_views",
                                                           .zh = "视图",
                                                           .en = "Saved view",
                                                           .flags = ENTITY_OWNED,
                                                           .fields = fields,
                                                           .naming = views_naming,
                                                           .check = view_check};

const struct module saved_view_module = {
    .name = "organization.saved_view",
    .cloud = "platform",
    .entities = (const struct entity_definition *const[]){&saved_view_entity, NULL}};
