/*
 * A small company for tests of records: users in departments, firms, deals with a field of every
 * type, and remarks that are never changed.
 */
#ifndef GUANTONG_TESTS_ENTITY_COMPANY_H
#define GUANTONG_TESTS_ENTITY_COMPANY_H

#include "entity/record.h"

static const struct field_definition entity_user_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE, "姓名", "Name"},
    {"active", FIELD_BOOLEAN, 0, "在职", "Active", .standard = "1"},
    {"department_id", FIELD_REFERENCE, 0, "部门", "Department", .target = "department"},
    {0}};

static const struct field_definition entity_department_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE, "名称", "Name"},
    {"parent_id", FIELD_REFERENCE, 0, "上级", "Parent", .target = "department"},
    {0}};

static const struct field_definition entity_firm_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE, "名称", "Name", .max_length = 30},
    {"code", FIELD_TEXT, FIELD_UNIQUE | FIELD_IMMUTABLE, "代码", "Code"},
    {"parent_id", FIELD_REFERENCE, 0, "母公司", "Parent", .target = "firm"},
    {"secret", FIELD_TEXT, FIELD_HIDDEN, "内部", "Internal"},
    {0}};

static const struct option entity_deal_stages[] = {
    {"new", "新建", "New", "ring"}, {"won", "赢单", "Won", "ok"}, {0}};

static const struct field_definition entity_deal_fields[] = {
    {"title", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE, "标题", "Title", .max_length = 10},
    {"notes", FIELD_LONG_TEXT, 0, "备注", "Notes", .max_length = 50},
    {"hot", FIELD_BOOLEAN, 0, "重点", "Hot"},
    {"seats", FIELD_INTEGER, FIELD_INDEXED, "席位", "Seats", .min = 1, .max = 500},
    {"chance", FIELD_QUANTITY, 0, "概率", "Chance", .max = 1000000},
    {"amount", FIELD_MONEY, FIELD_INDEXED, "金额", "Amount"},
    {"closes_on", FIELD_DATE, FIELD_INDEXED, "日期", "Closes on"},
    {"met_at", FIELD_INSTANT, 0, "见面", "Met at"},
    {"stage", FIELD_OPTION, FIELD_REQUIRED | FIELD_INDEXED, "阶段", "Stage",
     .options = entity_deal_stages, .standard = "new"},
    {"firm_id", FIELD_REFERENCE, FIELD_INDEXED, "客户", "Firm", .target = "firm"},
    {"phone", FIELD_PHONE, FIELD_PERSONAL, "手机", "Mobile"},
    {"email", FIELD_EMAIL, FIELD_PERSONAL, "邮箱", "E-mail"},
    {"region", FIELD_REGION, FIELD_INDEXED, "地区", "Region"},
    {"site", FIELD_URL, 0, "网址", "Site"},
    {"extra", FIELD_JSON, 0, "其他", "Extra"},
    {"score", FIELD_INTEGER, FIELD_READ_ONLY, "评分", "Score"},
    {0}};

static const struct field_definition entity_remark_fields[] = {
    {"text", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE, "内容", "Text"},
    {"subject_type", FIELD_TEXT, 0, "对象类型", "Subject type"},
    {"subject_id", FIELD_REFERENCE, 0, "对象", "Subject"},
    {0}};

static const struct field_definition entity_link_fields[] = {
    {"name", FIELD_TEXT, FIELD_TITLE, "名称", "Name"},
    {"firm_id", FIELD_REFERENCE, FIELD_INDEXED, "公司", "Firm", .target = "firm"},
    {"deal_id", FIELD_REFERENCE, FIELD_INDEXED, "交易", "Deal", .target = "deal"},
    {0}};

/* What hooks do is set by the test that needs it. */
static void (*entity_deal_check)(struct ctx *c, struct change *change);
static void (*entity_deal_wrote)(struct ctx *c, const struct change *change);
static void (*entity_firm_merged)(struct ctx *c, struct record *winner, const struct record *loser);

static inline void entity_firm_joined(struct ctx *c, struct record *winner,
                                      const struct record *loser) {
    if (entity_firm_merged) {
        entity_firm_merged(c, winner, loser);
    }
}

static inline void entity_deal_checked(struct ctx *c, struct change *change) {
    if (entity_deal_check) {
        entity_deal_check(c, change);
    }
}

static inline void entity_deal_written(struct ctx *c, const struct change *change) {
    if (entity_deal_wrote) {
        entity_deal_wrote(c, change);
    }
}

static const struct entity_definition entity_user = {
    .name = "user", .plural = "users", .zh = "用户", .en = "User", .fields = entity_user_fields};
static const struct entity_definition entity_department = {.name = "department",
                                                           .plural = "departments",
                                                           .zh = "部门",
                                                           .en = "Department",
                                                           .flags = ENTITY_SETTING,
                                                           .fields = entity_department_fields};
static const struct entity_definition entity_firm = {.name = "firm",
                                                     .plural = "firms",
                                                     .zh = "公司",
                                                     .en = "Firm",
                                                     .flags = ENTITY_OWNED,
                                                     .fields = entity_firm_fields,
                                                     .merged = entity_firm_joined};
static const struct entity_definition entity_deal = {.name = "deal",
                                                     .plural = "deals",
                                                     .zh = "交易",
                                                     .en = "Deal",
                                                     .flags = ENTITY_OWNED,
                                                     .fields = entity_deal_fields,
                                                     .check = entity_deal_checked,
                                                     .wrote = entity_deal_written};
static const struct entity_definition entity_remark = {.name = "remark",
                                                       .plural = "remarks",
                                                       .zh = "备注",
                                                       .en = "Remark",
                                                       .flags = ENTITY_OWNED | ENTITY_APPEND,
                                                       .fields = entity_remark_fields};

/* A deal is linked to a firm once. */
static const struct entity_definition entity_link = {
    .name = "link",
    .plural = "links",
    .zh = "关联",
    .en = "Link",
    .fields = entity_link_fields,
    .indexes = (const struct index_definition[]){
        {"firm_id, deal_id", .unique = true, .where = "deleted_at IS NULL"}, {0}}};

static const struct entity_definition *const entity_fixture_definitions[] = {
    &entity_user,   &entity_department, &entity_firm, &entity_deal,
    &entity_remark, &entity_link,       NULL};

#endif
