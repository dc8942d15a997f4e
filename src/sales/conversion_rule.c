/* See conversion_rule.h. Events are those of the record verbs. */
#include "sales/conversion_rule.h"

#include "base/message.h"
#include "base/module.h"
#include "entity/access.h"
#include "entity/condition.h"
#include "entity/query.h"
#include "entity/record_memory.h"
#include "sales/pipeline.h"
#include "sales/sales.h"

enum { RULES_MOST = 50 };

static const struct option occasions[] = {{"any", "任何转化", "Any conversion", "idle"},
                                          {"deal", "有商机时", "With a deal", "idle"},
                                          {"account", "有客户时", "With an account", "idle"},
                                          {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 100},
    {"name_en", FIELD_TEXT, FIELD_LISTED, "英文名称", "English name", "group.basic",
     .max_length = 100},
    {"position", FIELD_INTEGER, 0, "顺序", "Order", "group.basic", .max = 10000, .standard = "0"},
    {"enabled", FIELD_BOOLEAN, FIELD_LISTED, "启用", "Enabled", "group.basic", .standard = "1"},
    {"asked_for", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "何时要求", "Asked for",
     "group.basic", .options = occasions, .standard = "any"},
    {"pipeline_id", FIELD_REFERENCE, FIELD_LISTED, "只用于流程", "Only for pipeline", "group.basic",
     .target = "pipeline"},
    {"condition", FIELD_JSON, FIELD_REQUIRED, "条件", "Condition", "group.basic",
     .max_length = 20000},
    {0}};

static void rule_check(struct ctx *c, struct change *change) {
    struct str text = record_text(change->after, "condition");
    const struct condition *where = text.n ? condition_parse_text(c, entity_named(c, "lead"), text)
                                           : NULL;
    if (where && condition_personal(where)) {
        FAIL_FIELD(c, STR("/condition"), "conversion.personal");
    }
}

static const struct entity_definition rule_entity = {.name = "conversion_rule",
                                                     .plural = "conversion_rules",
                                                     .zh = "转化条件",
                                                     .en = "Conversion condition",
                                                     .flags = ENTITY_SETTING,
                                                     .fields = fields,
                                                     .check = rule_check};

/* Whoever converts is told what the company asks, whichever fields he may read: so the system
 * looks. What is understood no longer (NULL) is met by nothing, and named. */
static const struct condition *condition_of(struct ctx *c, const struct record *rule) {
    return condition_parse_kept(c, c->arena, entity_named(c, "lead"),
                                record_text(rule, "condition"));
}

static bool holds(struct ctx *c, struct condition_memo *memo, const struct record *rule,
                  const struct record *lead) {
    const struct condition *where = condition_of(c, rule);
    return where && condition_match_memo(memo, where, lead);
}

static bool applies(const struct record *rule, struct conversion_aim aim) {
    struct str when = record_text(rule, "asked_for");
    int64_t pipeline = record_id(rule, "pipeline_id");
    return !(str_is(when, "deal") && !aim.deal) && !(str_is(when, "account") && !aim.account) &&
           (!pipeline || (aim.deal && pipeline == aim.pipeline_id));
}

static struct record_memory kept_rules = RECORD_MEMORY("conversion_rule", 2 * RULES_MOST);

static size_t rules_read(struct ctx *c, struct record **rules) {
    return records_enabled(c, &kept_rules, rules, RULES_MOST);
}

struct str conversion_unmet(struct ctx *c, const struct record *lead, struct conversion_aim aim) {
    struct record *rules[RULES_MOST];
    size_t n = rules_read(c, rules);
    struct condition_memo *memo = condition_memo_new(c);
    struct text_buffer words = {.arena = c->arena};
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (applies(rules[i], aim) && !holds(c, memo, rules[i], lead)) {
            text_add_c(&words, !words.n ? "" : c->language == LANGUAGE_ZH ? "；" : "; ");
            text_add(&words, record_title_in(c, rules[i]));
        }
    }
    return text_str(&words);
}

void conversion_require(struct ctx *c, const struct record *lead, struct conversion_aim aim) {
    enum language own = c->language;
    c->language = LANGUAGE_ZH;
    struct str zh = conversion_unmet(c, lead, aim);
    c->language = LANGUAGE_EN;
    struct str en = zh.n ? conversion_unmet(c, lead, aim) : zh;
    c->language = own;
    if (zh.n) {
        FAIL(c, ERROR_CONFLICT, "lead.not_ready", {"unmet", zh}, {"unmet_en", en});
    }
}

void conversion_conditions_json(struct ctx *c, struct json_writer *w, const struct record *lead) {
    struct record *rules[RULES_MOST];
    size_t n = rules_read(c, rules);
    struct condition_memo *memo = condition_memo_new(c);
    json_key(w, "conditions");
    json_begin_array(w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct condition *where = condition_of(c, rules[i]);
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_id, rules[i]->id);
        JSON_MEMBER(w, "text", json_put_str, record_title_in(c, rules[i]));
        JSON_MEMBER(w, "met", json_put_bool, where && condition_match_memo(memo, where, lead));
        JSON_MEMBER(w, "asked_for", json_put_str, record_text(rules[i], "asked_for"));
        JSON_MEMBER(w, "pipeline_id", json_put_id, record_id(rules[i], "pipeline_id"));
        json_key(w, "parts");
        if (where) {
            condition_explain(memo, w, where, lead);
        } else {
            json_begin_object(w);
            JSON_MEMBER(w, "holds", json_put_bool, false);
            JSON_MEMBER(w, "words", json_put_str,
                        message_words(c->language, "conversion.lost_field"));
            json_end_object(w);
        }
        json_end_object(w);
    }
    json_end_array(w);
}

/* Customers of a shop are people: only an account has a company's name. */
static const struct {
    const char *zh, *en, *asked_for, *condition;
} seeds[] = {
    {"有公司名称", "The company is known", "account",
     "{\"field\":\"company_name\",\"op\":\"not_empty\"}"},
    {"有手机或邮箱", "There is a phone or mail", "any",
     "{\"any\":[{\"field\":\"phone\",\"op\":\"not_empty\"},"
     "{\"field\":\"email\",\"op\":\"not_empty\"}]}"},
};

void conversion_rule_seed(struct ctx *c) {
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        struct change_set set = change_new(c, entity_named(c, "conversion_rule"));
        change_text(&set, "name", str_from(seeds[i].zh));
        change_text(&set, "name_en", str_from(seeds[i].en));
        change_text(&set, "asked_for", str_from(seeds[i].asked_for));
        change_text(&set, "condition", str_from(seeds[i].condition));
        change_int(&set, "position", (int64_t)i);
        record_insert(c, &set);
    }
}

static const struct text texts[] = {
    {"lead.not_ready", "还没满足转化条件：{unmet}", "Not yet met for conversion: {unmet_en}"},
    {"conversion.lost_field", "条件用到的字段或选项已经不在了，请管理员修改",
     "It asks for a field or choice that is there no longer: an administrator mends it"},
    {"conversion.personal", "转化条件不能问“我”", "Nobody is \"me\" in a conversion condition"},
    {0}};

const struct module conversion_rule_module = {
    .name = "sales.conversion_rule",
    .cloud = "sales",
    .entities = (const struct entity_definition *const[]){&rule_entity, NULL},
    .texts = texts};
