/*
 * Tags that come ready, with a rule each: a company switches on those it wants, and may change
 * them afterwards. A preset whose rule asks for what this company does not have is not offered.
 */
#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "customer/tag.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/condition.h"
#include "http/route.h"

struct preset {
    const char *code, *zh, *en, *dimension, *colour, *entity, *condition;
};

#define FIELD(name, op, value) "{\"field\":\"" name "\",\"op\":\"" op "\",\"value\":" value "}"
#define EVENT(type, count, window) "{\"event\":\"" type "\",\"count\":{" count "}" window "}"
#define WITHIN(days) ",\"within\":\"" days "\""
#define WON FIELD("state", "eq", "\"won\"")
/* Deals as they stand: one that is reopened is won no more, one that came in won never had the
 * event. */
#define DEAL(where) "{\"related\":\"opportunity\",\"where\":" where "}"

/* Ages by birthday: days of so many years, leap years counted. */
static const struct preset presets[] = {
    {"female", "女性", "Female", "basic", "violet", "person", FIELD("sex", "eq", "\"female\"")},
    {"male", "男性", "Male", "basic", "blue", "person", FIELD("sex", "eq", "\"male\"")},
    {"age_25_30", "25–30 岁", "Aged 25–30", "basic", "teal", "person",
     "{\"all\":[" FIELD("birthday", "within_last", "\"11322d\"") "," FIELD("birthday", "older_than",
                                                                           "\"9130d\"") "]}"},
    {"beijing", "北京", "Beijing", "basic", "grey", "person",
     FIELD("region", "starts_with", "\"北京市\"")},
    {"yangtze", "江浙沪", "Yangtze delta", "basic", "grey", "person",
     "{\"any\":[" FIELD("region", "starts_with", "\"江苏省\"") "," FIELD(
         "region", "starts_with", "\"浙江省\"") "," FIELD("region", "starts_with",
                                                          "\"上海市\"") "]}"},
    {"manufacturer", "制造企业", "Manufacturer", "basic", "teal", "account",
     FIELD("industry", "in",
           "[\"machinery\",\"electronics\",\"automotive\",\"chemical\",\"textile\",\"food\"]")},
    {"large_company", "千人以上", "Over 1,000 people", "basic", "teal", "account",
     FIELD("size", "eq", "\"1000+\"")},
    {"revenue_10m", "年营收千万以上", "Revenue of 10 million or more", "basic", "green", "account",
     FIELD("annual_revenue", "gte", "{\"amount\":\"10000000\",\"currency\":\"CNY\"}")},

    {"visited_often", "近期常来", "Visits often", "behaviour", "green", "person",
     EVENT("page.viewed", "\"gte\":3", WITHIN("30d"))},
    {"saw_price", "看过价格", "Saw the prices", "behaviour", "amber", "person",
     EVENT("page.viewed", "\"gte\":1",
           WITHIN("90d") ",\"where\":{\"field\":\"path\",\"op\":\"starts_with\","
                         "\"value\":\"/pric\"}")},
    {"clicked", "点击过链接", "Clicked a link", "behaviour", "blue", "person",
     EVENT("link.clicked", "\"gte\":1", WITHIN("90d"))},
    {"downloaded", "下载过资料", "Downloaded", "behaviour", "blue", "person",
     EVENT("custom.happened", "\"gte\":1",
           ",\"where\":{\"field\":\"name\",\"op\":\"eq\",\"value\":\"download\"}")},
    {"attended", "参加过活动", "Attended an event", "behaviour", "violet", "person",
     EVENT("custom.happened", "\"gte\":1",
           ",\"where\":{\"field\":\"name\",\"op\":\"eq\",\"value\":\"attend\"}")},
    {"asked_again", "多次咨询", "Asked more than once", "behaviour", "amber", "person",
     EVENT("touch.created", "\"gte\":2", "")},
    {"quiet_7d", "7 天未活跃", "Quiet for 7 days", "behaviour", "grey", "person",
     "{\"event\":\"person.active\",\"older_than\":\"7d\"}"},

    {"bought", "已成交", "Bought", "transaction", "green", "person", DEAL(WON)},
    {"bought_again", "复购", "Bought again", "transaction", "green", "person",
     "{\"related\":\"opportunity\",\"where\":" WON ",\"count\":{\"gte\":2}}"},
    {"bought_lately", "近 90 天成交", "Bought within 90 days", "transaction", "teal", "person",
     DEAL("{\"all\":[" WON "," FIELD("closed_date", "within_last", "\"90d\"") "]}")},
    {"large_deal", "大额成交", "Large deal", "transaction", "red", "account",
     "{\"related\":\"opportunity\",\"by\":\"account_id\",\"where\":{\"all\":[" FIELD(
         "state", "eq", "\"won\"") "," FIELD("amount", "gte",
                                             "{\"amount\":\"500000\",\"currency\":\"CNY\"}") "]}}"},
    {"deal_open", "商机进行中", "Deal open", "transaction", "blue", "person",
     DEAL(FIELD("state", "eq", "\"open\""))},

    {"eager", "高互动", "Eager", "interest", "red", "person",
     EVENT("person.active", "\"gte\":5", WITHIN("7d"))},
    {"reads_cases", "关注案例", "Reads case studies", "interest", "violet", "person",
     EVENT("page.viewed", "\"gte\":2",
           WITHIN("90d") ",\"where\":{\"field\":\"path\",\"op\":\"starts_with\","
                         "\"value\":\"/case\"}")},
    {"reads_products", "关注产品", "Reads about products", "interest", "teal", "person",
     EVENT("page.viewed", "\"gte\":3",
           WITHIN("90d") ",\"where\":{\"field\":\"path\",\"op\":\"starts_with\","
                         "\"value\":\"/product\"}")},
    {"prefers_wechat", "偏好微信", "Prefers WeChat", "interest", "green", "person",
     "{\"related\":\"touch\",\"where\":" FIELD("source", "in",
                                               "[\"公众号\",\"企业微信\",\"视频号\"]") "}"},
    {0}};

static bool offered(struct ctx *c, const struct preset *p) {
    struct ctx own = *c;
    const struct entity *e = model_entity(c->model, str_from(p->entity));
    ctx_clear_error(&own);
    own.actor = &actor_system;
    return e && condition_parse_text(&own, e, str_from(p->condition)) && !ctx_failed(&own);
}

static void preset_json(struct ctx *c, struct json_writer *w, const struct preset *p) {
    const struct entity *e = model_entity(c->model, str_from(p->entity));
    struct ctx own = *c;
    own.actor = &actor_system;
    const struct condition *where = condition_parse_text(&own, e, str_from(p->condition));
    json_begin_object(w);
    JSON_MEMBER(w, "code", json_put_c, p->code);
    JSON_MEMBER(w, "name", json_put_c, c->language == LANGUAGE_EN ? p->en : p->zh);
    JSON_MEMBER(w, "dimension", json_put_c, p->dimension);
    JSON_MEMBER(w, "colour", json_put_c, p->colour);
    JSON_MEMBER(w, "entity_name", json_put_c, p->entity);
    JSON_MEMBER(w, "words", json_put_str, condition_words(&own, where));
    JSON_MEMBER(w, "tag_id", json_put_id,
                DB_INT(c, "SELECT id FROM tag WHERE preset = $1 AND deleted_at IS NULL", p->code));
    json_end_object(w);
}

static void presets_get(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    reply_list_begin(&w);
    for (const struct preset *p = presets; p->code; p++) {
        if (offered(r->c, p)) {
            preset_json(r->c, &w, p);
        }
    }
    reply_list_end(r, &w);
}

static const struct preset *preset_find(struct ctx *c, struct str code) {
    const struct preset *p = presets;
    while (p->code && !str_is(code, p->code)) {
        p++;
    }
    if (!p->code || !offered(c, p)) {
        FAIL_FIELD(c, STR("/code"), "tag.no_preset");
        return NULL;
    }
    return p;
}

/* A record that the company may change. */
struct record *tag_preset_on(struct ctx *c, struct str code) {
    const struct preset *p = preset_find(c, code);
    if (!p) {
        return NULL;
    }
    bool english = c->language == LANGUAGE_EN;
    struct change_set set = change_new(c, entity_named(c, "tag"));
    change_text(&set, "name", str_from(english ? p->en : p->zh));
    change_text(&set, "dimension", str_from(p->dimension));
    change_text(&set, "colour", str_from(p->colour));
    change_text(&set, "entity_name", str_from(p->entity));
    change_text(&set, "condition", str_from(p->condition));
    change_int(&set, "rule_on", 1);
    record_permit(c, &set);
    change_text(&set, "preset", str_from(p->code));
    return record_insert(c, &set);
}

static void preset_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *tag = body ? tag_preset_on(c, json_text(body, "code")) : NULL;
    struct json_writer w = json_writer(c->arena);
    if (tag) {
        record_json(c, &w, tag, &record_with_titles);
        reply_json(r, 201, &w);
    }
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/tags/presets", PERMISSION_SIGNED_IN, LANE_INLINE, presets_get,
     .summary = "route.tag_presets",
     .answer = "data:[(code:text! name:text! dimension:text! colour:text! entity_name:text! "
               "words:text! tag_id:id?!)]!"},
    {METHOD_POST, "/api/v1/tags/presets", PERMISSION_RECORD, LANE_WRITER, preset_post,
     .summary = "route.tag_preset_on", .body = "code:text!", .answer = "201 @tag"},
    {0}};

static const struct text texts[] = {{"tag.no_preset", "没有这个预设", "There is no such preset"},
                                    {"route.tag_presets", "预设标签", "Tags that come ready"},
                                    {"route.tag_preset_on", "启用预设标签", "Switch on a preset"},
                                    {0}};

const struct module tag_presets_module = {
    .name = "customer.tag_presets", .cloud = "customer", .routes = routes, .texts = texts};
