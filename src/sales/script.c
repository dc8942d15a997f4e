/*
 * The library of scripts, see script.h: record types, the built-in ones, favourites.
 *
 * A script is anybody's to read who may read scripts; its author, or whoever may change all, edits
 * it. Its text has a revision, which counts what was said, not other edits: a use names it.
 */
#include "sales/script.h"

#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "http/route.h"
#include "sales/sales.h"

enum { CODES = 100, CONTENT_MOST = 2000 };

static const struct option scenes[] = {{"opening", "首次联系", "First contact", "info"},
                                       {"discovery", "需求挖掘", "Discovery", "info"},
                                       {"proposal", "方案演示", "Proposal", "info"},
                                       {"negotiation", "报价谈判", "Negotiation", "warn"},
                                       {"signing", "推动签约", "Signing", "warn"},
                                       {"payment", "回款", "Payment", "warn"},
                                       {"renewal", "续约复购", "Renewal", "ok"},
                                       {"referral", "转介绍", "Referral", "ok"},
                                       {"revival", "重新激活", "Revival", "idle"},
                                       {0}};

static const struct option objections[] = {{"price", "嫌贵、没预算", "Price", "warn"},
                                           {"competitor", "在比别家", "Competitor", "warn"},
                                           {"timing", "以后再说", "Timing", "idle"},
                                           {"authority", "要请示", "Authority", "idle"},
                                           {"trust", "不放心", "Trust", "idle"},
                                           {"need", "不需要", "No need", "idle"},
                                           {"delivery", "担心交期", "Delivery", "idle"},
                                           {"service", "担心售后", "Service", "idle"},
                                           {"payment", "付款方式", "Payment terms", "idle"},
                                           {"silence", "不回复", "Silence", "idle"},
                                           {0}};

static const struct option industries[] = {{"manufacturing", "制造业", "Manufacturing", "idle"},
                                           {"software", "软件与互联网", "Software", "idle"},
                                           {"medical", "医疗健康", "Medical", "idle"},
                                           {"retail", "零售", "Retail", "idle"},
                                           {"finance", "金融", "Finance", "idle"},
                                           {"education", "教育", "Education", "idle"},
                                           {"construction", "建筑", "Construction", "idle"},
                                           {"logistics", "物流", "Logistics", "idle"},
                                           {"energy", "能源", "Energy", "idle"},
                                           {"services", "服务", "Services", "idle"},
                                           {0}};

static const struct option languages[] = {
    {"zh", "中文", "Chinese", "idle"}, {"en", "英文", "English", "idle"}, {0}};

static const struct field_definition fields[] = {
    {"title", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_SEARCHED | FIELD_LISTED, "标题",
     "Title", "group.basic", .max_length = 80},
    {"scene", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED | FIELD_INDEXED | FIELD_SUBTITLE, "场景",
     "Scene", "group.basic", .options = scenes},
    {"objection", FIELD_OPTION, FIELD_LISTED | FIELD_INDEXED, "异议", "Objection", "group.basic",
     .options = objections},
    {"industry", FIELD_OPTION, FIELD_LISTED | FIELD_INDEXED, "行业", "Industry", "group.basic",
     .options = industries},
    {"tags", FIELD_TEXT, 0, "客户标签", "Audience tags", "group.basic"},
    {"content", FIELD_LONG_TEXT, FIELD_REQUIRED | FIELD_SEARCHED, "话术", "Words", "group.basic",
     .max_length = CONTENT_MOST},
    {"tip", FIELD_LONG_TEXT, 0, "用法要点", "Hints", "group.basic", .max_length = 1000},
    {"language", FIELD_OPTION, 0, "语言", "Language", "group.basic", .options = languages,
     .standard = "zh"},
    {"enabled", FIELD_BOOLEAN, FIELD_LISTED, "启用", "Enabled", "group.basic", .standard = "true"},
    {"code", FIELD_TEXT, FIELD_READ_ONLY | FIELD_UNIQUE, "内置编号", "Built-in code", "group.basic",
     .max_length = 60},
    {"revision", FIELD_INTEGER, FIELD_READ_ONLY, "版本", "Revision", "group.basic",
     .standard = "1"},
    {0}};

static void script_check(struct ctx *c, struct change *change) {
    (void)c;
    if (change->before &&
        !str_equal(record_text(change->before, "content"), record_text(change->after, "content"))) {
        record_set_value(
            change->after, "revision",
            (struct value){VALUE_INTEGER, record_int(change->before, "revision") + 1, STR("")});
    }
}

static const struct entity_definition script_entity = {.name = "script",
                                                       .plural = "scripts",
                                                       .zh = "话术",
                                                       .en = "Script",
                                                       .flags = ENTITY_OWNED | ENTITY_SEARCHED,
                                                       .fields = fields,
                                                       .check = script_check};

static const struct migration migrations[] = {
    {"sales.script.1",
     "CREATE TABLE script_favourite (user_id BIGINT NOT NULL, script_id BIGINT NOT NULL, "
     "PRIMARY KEY (user_id, script_id)) {without_rowid}"},
    {0}};

/* Words of account industries and of what people write for a lead's, by group. */
struct str script_industry(struct str industry) {
    static const struct {
        const char *group, *words;
    } groups[] = {
        {"manufacturing", "machinery electronics automotive chemical textile food 制造 装备 机械 "
                          "电子 电气 汽车 化工 纺织 服装 食品 加工 工厂 五金 模具"},
        {"software", "software technology telecommunications 软件 互联网 科技 信息 电信 通信"},
        {"medical", "medical 医疗 医院 医药 药品 健康 器械"},
        {"retail", "retail 零售 商超 电商 门店 餐饮"},
        {"finance", "finance 金融 银行 保险 证券"},
        {"education", "education 教育 学校 培训"},
        {"construction", "construction 建筑 地产 工程 装修"},
        {"logistics", "logistics 物流 运输 仓储 快递"},
        {"energy", "energy 能源 电力 光伏 石油 新能源"},
        {"services", "services marketing employment 服务 咨询 广告 人力"},
    };
    for (size_t i = 0; industry.n && i < sizeof groups / sizeof *groups; i++) {
        struct str rest = str_from(groups[i].words), word;
        while (str_cut(&rest, ' ', &word)) {
            if (str_find(industry, word) >= 0) {
                return str_from(groups[i].group);
            }
        }
    }
    return STR("");
}

struct str script_label(struct ctx *c, const char *field, struct str code) {
    const struct field *f = entity_field(entity_named(c, "script"), str_from(field));
    const struct field_option *o = code.n ? field_option(f, code) : NULL;
    return o ? o->label[c->language] : code;
}

static bool is_known(const struct str *codes, size_t n, const char *code) {
    for (size_t i = 0; i < n; i++) {
        if (str_is(codes[i], code)) {
            return true;
        }
    }
    return false;
}

static void seed_one(struct ctx *c, const struct script_text *t) {
    struct change_set set = change_new(c, entity_named(c, "script"));
    const struct {
        const char *field, *value;
    } given[] = {{"code", t->code},           {"title", t->title},       {"scene", t->scene},
                 {"content", t->content},     {"tip", t->tip},           {"language", "zh"},
                 {"objection", t->objection}, {"industry", t->industry}, {"tags", t->tags}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        if (*given[i].value) {
            change_text(&set, given[i].field, str_from(given[i].value));
        }
    }
    record_insert(c, &set);
}

void script_seed(struct ctx *c) {
    enum origin origin = c->origin;
    struct str codes[CODES];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows, "SELECT code FROM script WHERE code IS NOT NULL LIMIT $1", (int64_t)CODES);
    while (db_next(&rows)) {
        codes[n++] = db_text(&rows, 0);
    }
    c->origin = ORIGIN_IMPORT;
    for (const struct script_text *t = script_texts; t->code && !ctx_failed(c); t++) {
        if (!is_known(codes, n, t->code)) {
            seed_one(c, t);
        }
    }
    c->origin = origin;
}

static struct record *script_of_path(struct request *r) {
    struct ctx *c = r->c;
    return record_read(c, entity_named(c, "script"), request_id(r, "id"));
}

static void favourite_put(struct request *r) {
    struct record *script = script_of_path(r);
    if (script) {
        DB_RUN(r->c,
               "INSERT INTO script_favourite (user_id, script_id) VALUES ($1, $2) "
               "ON CONFLICT (user_id, script_id) DO NOTHING",
               r->c->actor->user_id, script->id);
    }
}

static void favourite_delete(struct request *r) {
    struct record *script = script_of_path(r);
    if (script) {
        DB_RUN(r->c, "DELETE FROM script_favourite WHERE user_id = $1 AND script_id = $2",
               r->c->actor->user_id, script->id);
    }
}

static const struct route routes[] = {
    {METHOD_PUT, "/api/v1/scripts/{id}/favourite", PERMISSION_SIGNED_IN, LANE_WRITER, favourite_put,
     .summary = "route.script_favourite"},
    {METHOD_DELETE, "/api/v1/scripts/{id}/favourite", PERMISSION_SIGNED_IN, LANE_WRITER,
     favourite_delete, .summary = "route.script_unfavourite"},
    {0}};

static const struct text texts[] = {
    {"route.script_favourite", "收藏话术", "Mark a script as a favourite"},
    {"route.script_unfavourite", "取消收藏话术", "Take a script off one's favourites"},
    {0}};

const struct module script_module = {
    .name = "sales.script",
    .cloud = "sales",
    .entities = (const struct entity_definition *const[]){&script_entity, NULL},
    .migrations = migrations,
    .routes = routes,
    .texts = texts};
