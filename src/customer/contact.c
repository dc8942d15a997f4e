/* Contacts: the role a person has at an account, many to many. */
#include "base/module.h"
#include "customer/customer.h"
#include "entity/record.h"

static const struct option roles[] = {
    {"decision", "决策", "Decision maker", "ok"}, {"influence", "影响", "Influencer", "info"},
    {"purchase", "采购", "Purchasing", "info"},   {"user", "使用", "User", "idle"},
    {"other", "其他", "Other", "idle"},           {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_SEARCHED | FIELD_LISTED, "姓名",
     "Name", "group.basic", .max_length = 60},
    {"account_id", FIELD_REFERENCE, FIELD_REQUIRED | FIELD_LISTED | FIELD_INDEXED | FIELD_SUBTITLE,
     "客户", "Account", "group.basic", .target = "account"},
    {"person_id", FIELD_REFERENCE, FIELD_REQUIRED | FIELD_LISTED | FIELD_INDEXED, "人", "Person",
     "group.basic", .target = "person"},
    {"role", FIELD_OPTION, FIELD_LISTED, "角色", "Role", "group.basic", .options = roles},
    {"job_title", FIELD_TEXT, FIELD_LISTED, "职位", "Job title", "group.basic"},
    {"description", FIELD_LONG_TEXT, 0, "备注", "Notes", "group.basic"},
    {0}};

static const struct entity_definition contact_entity = {
    .name = "contact",
    .plural = "contacts",
    .zh = "联系人",
    .en = "Contact",
    .flags = ENTITY_OWNED | ENTITY_SEARCHED,
    .fields = fields,
    .indexes = (const struct index_definition[]){
        {"account_id, person_id", .unique = true, .where = "deleted_at IS NULL"}, {0}}};

const struct module contact_module = {
    .name = "customer.contact",
    .cloud = "customer",
    .entities = (const struct entity_definition *const[]){&contact_entity, NULL}};
