/*
 * Three score cards: for enquiries of companies, for the shop's, and how warm people are at all.
 * The scores themselves come from the ordinary reactor and its timers after the start.
 */
#include "sample/setup.h"

#include "entity/record.h"

static const char company_rules[] =
    "[{\"key\":\"industry\",\"name\":\"目标行业\",\"points\":20,\"when\":{\"any\":[{\"field\":"
    "\"industry\",\"op\":\"eq\",\"value\":\"装备制造\"},{\"field\":\"industry\",\"op\":\"eq\","
    "\"value\":\"汽车零部件\"},{\"field\":\"industry\",\"op\":\"eq\",\"value\":\"电子电气\"}]}},{\"k"
    "ey\":\"decider\",\"name\":\"能拍板的职位\",\"points\":15,\"when\":{\"any\":[{\"field\":\"job"
    "_title\",\"op\":\"contains\",\"value\":\"总\"},{\"field\":\"job_title\",\"op\":\"contai"
    "ns\",\"value\":\"厂长\"}]}},{\"key\":\"referral\",\"name\":\"老客户推荐\",\"points\":20,\"whe"
    "n\":{\"field\":\"source\",\"op\":\"eq\",\"value\":\"转介绍\"}},{\"key\":\"company\",\"nam"
    "e\":\"公司全称清楚\",\"points\":8,\"when\":{\"field\":\"company_name\",\"op\":\"contains\","
    "\"value\":\"公司\"}},{\"key\":\"nameless\",\"name\":\"没有公司名\",\"points\":-10,\"when\":{"
    "\"field\":\"company_name\",\"op\":\"is_empty\"}},{\"key\":\"paper\",\"name\":\"看白皮书\","
    "\"points\":15,\"event\":\"page.viewed\",\"where\":[{\"key\":\"path\",\"op\":\"starts_w"
    "ith\",\"value\":\"/downloads/\"}],\"cap\":30,\"per_day\":15,\"half_life_days\":90},{\""
    "key\":\"ad\",\"name\":\"点广告\",\"points\":5,\"event\":\"page.viewed\",\"where\":[{\"key"
    "\":\"utm.utm_medium\",\"op\":\"is\",\"value\":\"cpc\"}],\"cap\":10,\"per_day\":5,\"las"
    "ts_days\":90},{\"key\":\"price\",\"name\":\"看价格与交期\",\"points\":15,\"event\":\"page.vi"
    "ewed\",\"where\":[{\"key\":\"path\",\"op\":\"is\",\"value\":\"/pricing\"}],\"cap\":30,"
    "\"per_day\":15,\"half_life_days\":60},{\"key\":\"case\",\"name\":\"看案例\",\"points\":8,"
    "\"event\":\"page.viewed\",\"where\":[{\"key\":\"path\",\"op\":\"starts_with\",\"value"
    "\":\"/cases/\"}],\"cap\":16,\"half_life_days\":90},{\"key\":\"views\",\"name\":\"看网页\""
    ",\"points\":1,\"event\":\"page.viewed\",\"cap\":12,\"per_day\":4,\"half_life_days\":30"
    "},{\"key\":\"again\",\"name\":\"再次留资\",\"points\":10,\"event\":\"lead.touched\",\"cap"
    "\":20,\"half_life_days\":60}]";

static const char shop_rules[] =
    "[{\"key\":\"cart\",\"name\":\"打开购物车\",\"points\":20,\"event\":\"page.viewed\",\"where"
    "\":[{\"key\":\"path\",\"op\":\"is\",\"value\":\"/shop/cart\"}],\"cap\":40,\"per_day\":"
    "20,\"half_life_days\":21},{\"key\":\"goods\",\"name\":\"看商品\",\"points\":6,\"event\":"
    "\"page.viewed\",\"where\":[{\"key\":\"path\",\"op\":\"starts_with\",\"value\":\"/shop/"
    "\"}],\"cap\":36,\"half_life_days\":21},{\"key\":\"again\",\"name\":\"再次咨询\",\"points\""
    ":12,\"event\":\"lead.touched\",\"cap\":24,\"half_life_days\":30}]";

static const char person_rules[] =
    "[{\"key\":\"read\",\"name\":\"读了一分钟以上\",\"points\":4,\"event\":\"page.left\",\"where\":"
    "[{\"key\":\"dwell_ms\",\"op\":\"gte\",\"value\":60000}],\"cap\":40,\"half_life_days\":30},"
    "{\"key\":\"came\",\"name\":\"看网页\",\"points\":1,\"event\":\"page.viewed\",\"cap\":30,"
    "\"per_day\":6,\"half_life_days\":30},"
    "{\"key\":\"asked\",\"name\":\"再次留资\",\"points\":15,\"event\":\"lead.touched\",\"cap\":45,"
    "\"half_life_days\":60}]";

struct card {
    const char *name, *entity, *audience, *rules, *description;
};

static const struct card cards[] = {
    {"商城线索", "lead",
     "{\"any\":[{\"field\":\"source\",\"op\":\"eq\",\"value\":\"商城注册\"},"
     "{\"field\":\"source\",\"op\":\"eq\",\"value\":\"1688 店铺\"},"
     "{\"field\":\"source\",\"op\":\"eq\",\"value\":\"抖音小店\"}]}",
     shop_rules, "个人买备件：看的是最近的动作，三周减半。"},
    {"企业线索", "lead", NULL, company_rules,
     "行业 +20、看白皮书 +15、点广告 +5 起步；行为会随时间衰减，职位和来源不会。"},
    {"互动热度", "person", NULL, person_rules, "这个人最近有多活跃，不论有没有线索。"}};

void sample_scoring(struct ctx *c) {
    for (size_t i = 0; i < sizeof cards / sizeof *cards && !ctx_failed(c); i++) {
        struct change_set set = change_new(c, entity_named(c, "score_card"));
        change_text(&set, "name", str_from(cards[i].name));
        change_text(&set, "entity_name", str_from(cards[i].entity));
        if (cards[i].audience) {
            change_text(&set, "audience", str_from(cards[i].audience));
        }
        change_text(&set, "rules", str_from(cards[i].rules));
        change_text(&set, "description", str_from(cards[i].description));
        change_int(&set, "position", (int64_t)i);
        change_int(&set, "enabled", 1);
        record_insert(c, &set);
    }
}
