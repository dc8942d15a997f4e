/* See account.h. Events are those of the record verbs; nothing here has effects outside. */
#include "customer/account.h"

#include "base/company.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "db/db.h"

enum { LEVELS_MOST = 50 };

static const struct option industries[] = {
    {"machinery", "装备制造", "Machinery", "idle"},
    {"electronics", "电子电气", "Electronics", "idle"},
    {"automotive", "汽车零部件", "Automotive", "idle"},
    {"chemical", "化工材料", "Chemicals", "idle"},
    {"textile", "纺织服装", "Textiles", "idle"},
    {"food", "食品饮料", "Food", "idle"},
    {"software", "软件与互联网", "Software", "idle"},
    {"technology", "科技", "Technology", "idle"},
    {"telecommunications", "电信", "Telecommunications", "idle"},
    {"medical", "医疗健康", "Medical", "idle"},
    {"retail", "零售", "Retail", "idle"},
    {"finance", "金融", "Finance", "idle"},
    {"education", "教育", "Education", "idle"},
    {"logistics", "物流", "Logistics", "idle"},
    {"construction", "建筑", "Construction", "idle"},
    {"energy", "能源", "Energy", "idle"},
    {"entertainment", "文娱", "Entertainment", "idle"},
    {"marketing", "营销服务", "Marketing services", "idle"},
    {"services", "商务服务", "Services", "idle"},
    {"employment", "人力资源", "Employment", "idle"},
    {"other", "其他", "Other", "idle"},
    {0}};

static const struct option sizes[] = {
    {"1-19", "1–19 人", "1–19", "idle"},          {"20-99", "20–99 人", "20–99", "idle"},
    {"100-499", "100–499 人", "100–499", "idle"}, {"500-999", "500–999 人", "500–999", "idle"},
    {"1000+", "1000 人以上", "1,000+", "idle"},   {0}};

static const struct option levels[] = {{"a", "A 类", "A", "ok"},
                                       {"b", "B 类", "B", "info"},
                                       {"c", "C 类", "C", "idle"},
                                       {"d", "D 类", "D", "idle"},
                                       {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_SEARCHED | FIELD_LISTED, "名称",
     "Name", "group.basic", .max_length = 120},
    {"name_key", FIELD_TEXT, FIELD_HIDDEN | FIELD_READ_ONLY | FIELD_INDEXED, "名称键", "Name key",
     "group.basic", .max_length = 400},
    {"industry", FIELD_OPTION, FIELD_LISTED | FIELD_INDEXED, "行业", "Industry", "group.basic",
     .options = industries},
    {"size", FIELD_OPTION, FIELD_LISTED, "规模", "Size", "group.basic", .options = sizes},
    {"level", FIELD_OPTION, FIELD_LISTED | FIELD_INDEXED, "级别", "Level", "group.basic",
     .options = levels},
    {"region", FIELD_REGION, FIELD_LISTED | FIELD_INDEXED | FIELD_SUBTITLE, "地区", "Region",
     "group.contact"},
    {"address", FIELD_TEXT, 0, "地址", "Address", "group.contact"},
    {"phone", FIELD_PHONE, FIELD_SEARCHED, "电话", "Phone", "group.contact"},
    {"website", FIELD_URL, 0, "网站", "Website", "group.contact"},
    {"parent_id", FIELD_REFERENCE, FIELD_INDEXED, "上级公司", "Parent company", "group.basic",
     .target = "account"},
    {"annual_revenue", FIELD_MONEY, 0, "年营收", "Annual revenue", "group.basic"},
    {"employees", FIELD_INTEGER, 0, "员工数", "Employees", "group.basic", .max = 100000000},
    {"founded_year", FIELD_INTEGER, 0, "成立年份", "Founded", "group.basic", .min = 1000,
     .max = 2200},
    {"credit_code", FIELD_TEXT, FIELD_SEARCHED, "统一信用代码", "Credit code", "group.billing",
     .max_length = 18},
    {"source", FIELD_TEXT, FIELD_LISTED, "来源", "Source", "group.source"},
    {"next_follow_up_at", FIELD_INSTANT, FIELD_LISTED | FIELD_INDEXED, "下次跟进", "Next step",
     "group.work"},
    {"last_follow_up_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_LISTED, "最近跟进",
     "Last follow-up", "group.work"},
    {"original_owner", FIELD_TEXT, FIELD_READ_ONLY, "原负责人", "Original owner", "group.source",
     .max_length = 60},
    {"description", FIELD_LONG_TEXT, 0, "备注", "Notes", "group.basic"},
    {0}};

/* Nobody stands above himself, however many are between. */
static void parent_check(struct ctx *c, const struct change *change) {
    int64_t above = record_id(change->after, "parent_id");
    if (change->before && above == record_id(change->before, "parent_id")) {
        return;
    }
    for (int level = 0; above && !ctx_failed(c); level++) {
        if (above == change->id || level == LEVELS_MOST) {
            FAIL_FIELD(c, STR("/parent_id"), "account.own_parent");
            return;
        }
        above = DB_INT(c, "SELECT parent_id FROM account WHERE id = $1", above);
    }
}

static void account_check(struct ctx *c, struct change *change) {
    struct str key = company_key(c->arena, record_text(change->after, "name"));
    record_set_value(change->after, "name_key", (struct value){VALUE_TEXT, 0, key});
    parent_check(c, change);
}

static const struct entity_definition account_entity = {.name = "account",
                                                        .plural = "accounts",
                                                        .zh = "客户",
                                                        .en = "Account",
                                                        .flags = ENTITY_OWNED | ENTITY_SEARCHED |
                                                                 ENTITY_TIMELINE,
                                                        .fields = fields,
                                                        .check = account_check};

size_t account_same_name(struct ctx *c, struct str name, int64_t *ids, size_t limit) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM account WHERE name_key = $1 AND deleted_at IS NULL ORDER BY id "
             "LIMIT $2",
             company_key(c->arena, name), (int64_t)limit);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    return n;
}

static const struct text texts[] = {
    {"account.own_parent", "客户不能是自己的上级，也不能在自己的下级之下",
     "An account cannot be its own parent, nor stand below one of its own"},
    {0}};

const struct module account_module = {
    .name = "customer.account",
    .cloud = "customer",
    .entities = (const struct entity_definition *const[]){&account_entity, NULL},
    .texts = texts};
