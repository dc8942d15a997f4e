/* Rules of the sample company: a condition more before a lead becomes a deal, and grades. */
#include "sample/setup.h"

#include "entity/record.h"

struct rule {
    const char *entity, *grade, *zh, *en, *condition;
};

static const struct rule rules[] = {
    {"opportunity", "a", "五十万以上的大单", "Big, from 500,000 on",
     "{\"field\":\"amount\",\"op\":\"gt\",\"value\":{\"amount\":\"500000.00\",\"currency\":"
     "\"CNY\"}}"},
    {"opportunity", "b", "十五万以上，或已到报价", "From 150,000 on, or quoted",
     "{\"any\":[{\"field\":\"amount\",\"op\":\"gt\",\"value\":{\"amount\":\"150000.00\","
     "\"currency\":\"CNY\"}},{\"field\":\"furthest_step\",\"op\":\"in\",\"value\":[\"quote\","
     "\"contract\",\"order\",\"payment\"]}]}"},
    {"opportunity", "c", "五万以上", "From 50,000 on",
     "{\"field\":\"amount\",\"op\":\"gt\",\"value\":{\"amount\":\"50000.00\",\"currency\":"
     "\"CNY\"}}"},
    {"opportunity", "d", "其余", "The rest", "{\"field\":\"name\",\"op\":\"not_empty\"}"},
    {"lead", "a", "高分层，产品明确", "High tier, product known",
     "{\"all\":[{\"field\":\"tier\",\"op\":\"eq\",\"value\":\"high\"},"
     "{\"field\":\"product_interest\",\"op\":\"not_empty\"}]}"},
    {"lead", "b", "中高分层", "Middle or high tier",
     "{\"field\":\"tier\",\"op\":\"in\",\"value\":[\"high\",\"middle\"]}"},
    {"lead", "c", "有公司的其余线索", "Others of a company",
     "{\"field\":\"company_name\",\"op\":\"not_empty\"}"}};

static void grade_rule(struct ctx *c, const struct rule *r, int64_t position) {
    struct change_set set = change_new(c, entity_named(c, "grade_rule"));
    change_text(&set, "name", str_from(r->zh));
    change_text(&set, "name_en", str_from(r->en));
    change_text(&set, "entity_name", str_from(r->entity));
    change_text(&set, "grade", str_from(r->grade));
    change_text(&set, "condition", str_from(r->condition));
    change_int(&set, "position", position);
    record_insert(c, &set);
}

static void conversion_rule(struct ctx *c) {
    struct change_set set = change_new(c, entity_named(c, "conversion_rule"));
    change_text(&set, "name", STR("谈过，且知道要什么或从哪个活动来"));
    change_text(&set, "name_en", STR("Spoken to, and the need or the campaign is known"));
    change_text(&set, "asked_for", STR("deal"));
    change_int(&set, "position", 9);
    change_text(&set, "condition",
                STR("{\"all\":[{\"field\":\"last_follow_up_at\",\"op\":\"not_empty\"},{\"any\":["
                    "{\"field\":\"product_interest\",\"op\":\"not_empty\"},"
                    "{\"field\":\"campaign\",\"op\":\"not_empty\"}]}]}"));
    record_insert(c, &set);
}

void sample_grading(struct ctx *c) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        grade_rule(c, &rules[i], (int64_t)i);
    }
    conversion_rule(c);
}
