/* Products: what the company sells. */
#include "base/module.h"
#include "customer/customer.h"
#include "entity/record.h"

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_SEARCHED | FIELD_LISTED, "名称",
     "Name", "group.basic", .max_length = 120},
    {"code", FIELD_TEXT, FIELD_UNIQUE | FIELD_LISTED | FIELD_SEARCHED | FIELD_SUBTITLE, "编码",
     "Code", "group.basic", .max_length = 60},
    {"series", FIELD_TEXT, FIELD_LISTED | FIELD_INDEXED, "系列", "Series", "group.basic"},
    {"price", FIELD_MONEY, FIELD_LISTED, "标价", "List price", "group.basic"},
    {"unit", FIELD_TEXT, FIELD_LISTED, "单位", "Unit", "group.basic", .max_length = 20},
    {"active", FIELD_BOOLEAN, FIELD_LISTED, "在售", "Active", "group.basic", .standard = "1"},
    {"description", FIELD_LONG_TEXT, 0, "说明", "Description", "group.basic"},
    {0}};

static const struct index_definition indexes[] = {{"name"}, {0}};

static const struct entity_definition product_entity = {.name = "product",
                                                        .plural = "products",
                                                        .zh = "产品",
                                                        .en = "Product",
                                                        .flags = ENTITY_SETTING | ENTITY_WORKED_ON |
                                                                 ENTITY_SEARCHED,
                                                        .fields = fields,
                                                        .indexes = indexes};

const struct module product_module = {
    .name = "customer.product",
    .cloud = "customer",
    .entities = (const struct entity_definition *const[]){&product_entity, NULL}};
