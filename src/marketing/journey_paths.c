/*
 * Paths to start from: one for each tier of leads (news and stories, demos and cases, sales and
 * offer), entered when a lead comes into the tier and left when it goes higher.
 *
 * Starting from one makes a draft and the mails it sends, in the caller's language; a company
 * changes them as it likes. Nothing runs before somebody publishes it.
 */
#include "base/message.h"
#include "base/module.h"
#include "entity/access.h"
#include "http/route.h"
#include "marketing/journey.h"
#include "marketing/marketing.h"

enum { MAILS = 2 };

struct path_mail {
    const char *name[2], *topic, *subject[2], *words[2], *button[2];
};

struct path {
    const char *code, *name[2], *hint[2];
    struct path_mail mails[MAILS];
    const char *graph; /* $1, $2: ids of the mails */
};

#define NODE(id, type, x, y, config) \
    "{\"id\":\"" id "\",\"type\":\"" type "\",\"x\":" #x ",\"y\":" #y ",\"config\":" config "}"
#define EDGE(from, port, to) "{\"from\":\"" from "\",\"port\":\"" port "\",\"to\":\"" to "\"}"
#define TIER(to)                                                                           \
    "{\"kind\":\"event\",\"event\":\"lead.tier_entered\",\"payload\":{\"to\":\"" to "\"}," \
    "\"again_days\":90}"
#define MAIL(n) "{\"action\":\"send_mail\",\"parameters\":{\"template_id\":\"$" n "\"}}"
#define WORKTIME "{\"kind\":\"window\",\"from\":540,\"to\":1080,\"workdays\":true}"
#define CLICK(of, minutes) \
    "{\"kind\":\"event\",\"event\":\"mail.clicked\",\"of\":\"" of "\",\"minutes\":" minutes "}"
#define EVENT(type, minutes) "{\"kind\":\"event\",\"event\":\"" type "\",\"minutes\":" minutes "}"
#define IN_TIER(tier, minutes)                                                              \
    "{\"kind\":\"condition\",\"where\":{\"field\":\"tier\",\"op\":\"eq\",\"value\":\"" tier \
    "\"},\"minutes\":" minutes "}"
#define NOTIFY(text) "{\"action\":\"notify\",\"parameters\":{\"text\":\"" text "\"}}"
#define TASK(title, days) \
    "{\"action\":\"create_task\",\"parameters\":{\"title\":\"" title "\",\"due_in_days\":" days "}}"
#define WAIT(minutes) "{\"kind\":\"duration\",\"minutes\":" minutes "}"
#define HIGHER(to) "{\"event\":\"lead.tier_entered\",\"payload\":{\"to\":\"" to "\"}}"

/* clang-format off */
static const char low_graph[] =
    "{\"nodes\":["
    NODE("n1", "entry", 0, 0, TIER("low")) ","
    NODE("n2", "wait", 0, 130, WORKTIME) ","
    NODE("n3", "action", 0, 260, MAIL("1")) ","
    NODE("n4", "wait", 0, 390, CLICK("n3", "10080")) ","
    NODE("n5", "action", -130, 520, MAIL("2")) ","
    NODE("n6", "wait", 130, 520, WAIT("20160")) ","
    NODE("n7", "action", 130, 650, MAIL("2")) ","
    NODE("n8", "exit", 0, 780, "{}") ","
    NODE("n9", "goal", 390, 260, HIGHER("middle")) ","
    NODE("n10", "goal", 390, 390, HIGHER("high"))
    "],\"edges\":["
    EDGE("n1", "next", "n2") ","
    EDGE("n2", "next", "n3") ","
    EDGE("n3", "next", "n4") ","
    EDGE("n4", "event", "n5") ","
    EDGE("n4", "timeout", "n6") ","
    EDGE("n6", "next", "n7") ","
    EDGE("n5", "next", "n8") ","
    EDGE("n7", "next", "n8")
    "]}";

static const char middle_graph[] =
    "{\"nodes\":["
    NODE("n1", "entry", 0, 0, TIER("middle")) ","
    NODE("n2", "wait", 0, 130, WORKTIME) ","
    NODE("n3", "action", 0, 260, MAIL("1")) ","
    NODE("n4", "wait", 0, 390, CLICK("n3", "4320")) ","
    NODE("n5", "branch", 0, 520, "{\"kind\":\"mail\",\"of\":\"n3\"}") ","
    NODE("n6", "action", -260, 650, NOTIFY("{{name}} 看了案例，可以约演示")) ","
    NODE("n7", "action", 0, 650, MAIL("2")) ","
    NODE("n8", "wait", 260, 650, WAIT("10080")) ","
    NODE("n9", "action", 260, 780, MAIL("2")) ","
    NODE("n10", "wait", 0, 910, IN_TIER("high", "20160")) ","
    NODE("n11", "goal", -130, 1040, "{}") ","
    NODE("n12", "exit", 130, 1040, "{}")
    "],\"edges\":["
    EDGE("n1", "next", "n2") ","
    EDGE("n2", "next", "n3") ","
    EDGE("n3", "next", "n4") ","
    EDGE("n4", "event", "n5") ","
    EDGE("n4", "timeout", "n5") ","
    EDGE("n5", "clicked", "n6") ","
    EDGE("n5", "opened", "n7") ","
    EDGE("n5", "none", "n8") ","
    EDGE("n8", "next", "n9") ","
    EDGE("n6", "next", "n10") ","
    EDGE("n7", "next", "n10") ","
    EDGE("n9", "next", "n10") ","
    EDGE("n10", "met", "n11") ","
    EDGE("n10", "timeout", "n12")
    "]}";

static const char high_graph[] =
    "{\"nodes\":["
    NODE("n1", "entry", 0, 0, TIER("high")) ","
    NODE("n2", "action", 0, 130, TASK("24 小时内联系 {{name}}", "1")) ","
    NODE("n3", "wait", 0, 260, WORKTIME) ","
    NODE("n4", "action", 0, 390, MAIL("1")) ","
    NODE("n5", "wait", 0, 520, EVENT("lead.converted", "10080")) ","
    NODE("n6", "action", 130, 650, NOTIFY("{{name}} 一周还没有转为商机")) ","
    NODE("n7", "action", 130, 780, MAIL("2")) ","
    NODE("n8", "exit", 130, 910, "{}") ","
    NODE("n9", "goal", -130, 650, "{\"event\":\"lead.converted\"}")
    "],\"edges\":["
    EDGE("n1", "next", "n2") ","
    EDGE("n2", "next", "n3") ","
    EDGE("n3", "next", "n4") ","
    EDGE("n4", "next", "n5") ","
    EDGE("n5", "event", "n9") ","
    EDGE("n5", "timeout", "n6") ","
    EDGE("n6", "next", "n7") ","
    EDGE("n7", "next", "n8")
    "]}";
/* clang-format on */

static const struct path paths[] = {
    {"tier_low",
     {"低分：资讯与故事", "Low tier: news and stories"},
     {"先让人记得我们：行业资讯，两周后一个客户故事；升到中分就离开",
      "To be remembered: news, two weeks later a story; left when the tier rises"},
     {{{"行业资讯", "Industry news"},
       "news",
       {"{{name|您好}}，本月值得一看的行业资讯", "{{name|Hello}}, industry news of this month"},
       {"{{name|您}}好：\n\n本月我们整理了三条与产线升级有关的消息，五分钟可以看完。",
        "Dear {{name|reader}},\n\nthree things about upgrading production lines, five minutes."},
       {"看资讯", "Read"}},
      {{"客户故事", "A customer's story"},
       "news",
       {"一条老产线，怎样少停机 30%", "An old line with 30 % less downtime"},
       {"{{name|您}}好：\n\n和{{company_name|贵公司}}相近的一家厂，用三个月做完了改造。",
        "Dear {{name|reader}},\n\na plant like {{company_name|yours}} did it in three months."},
       {"看故事", "Read the story"}}},
     low_graph},
    {"tier_middle",
     {"中分：演示与案例", "Middle tier: demos and cases"},
     {"看反应再走下一步：点了案例提醒负责人约演示，没反应一周后换一封",
      "By what they do: who opens a case gets a call, who does not another mail"},
     {{{"同行案例", "Cases"},
       "case",
       {"{{name|您好}}，同行是这样做数采改造的", "{{name|Hello}}, how others in your trade did it"},
       {"{{name|您}}好：\n\n这里有三个同行案例，投入、周期和效果都写清楚了。",
        "Dear {{name|reader}},\n\nthree cases with cost, time and results."},
       {"看案例", "See the cases"}},
      {{"产品演示", "Product demo"},
       "case",
       {"20 分钟线上演示，按您的产线来", "A demo of 20 minutes, on your own line"},
       {"{{name|您}}好：\n\n选一个您方便的时间，{{owner|我们的顾问}}按您的工况演示。",
        "Dear {{name|reader}},\n\nchoose a time; {{owner|our adviser}} shows it on your case."},
       {"约演示", "Book a demo"}}},
     middle_graph},
    {"tier_high",
     {"高分：销售与优惠", "High tier: sales and offer"},
     {"负责人当天联系，同时给出有期限的优惠；转为商机就离开，一周没转再提醒",
      "A call the same day and an offer with a date; a reminder when nothing came of it in a week"},
     {{{"专属方案", "Your offer"},
       "offer",
       {"{{name|您好}}，给{{company_name|贵公司}}的方案与本月优惠",
        "{{name|Hello}}, an offer for {{company_name|your company}}"},
       {"{{name|您}}好：\n\n{{owner|我们的顾问}}会在今天联系您。本月签约可享 **8%** 的改造优惠。",
        "Dear {{name|reader}},\n\n{{owner|our adviser}} calls you today. **8 %** off this month."},
       {"看方案", "See the offer"}},
      {{"优惠提醒", "Offer reminder"},
       "offer",
       {"本月优惠还剩几天", "A few days left of the offer"},
       {"{{name|您}}好：\n\n方案里的优惠月底到期，需要调整配置请直接回复。",
        "Dear {{name|reader}},\n\nthe offer ends this month; answer this mail to change it."},
       {"确认方案", "Confirm"}}},
     high_graph}};
enum { PATHS = sizeof paths / sizeof *paths };

static struct str blocks_of(struct ctx *c, const struct path_mail *m) {
    struct json_writer w = json_writer(c->arena);
    json_begin_array(&w);
    json_begin_object(&w);
    JSON_MEMBER(&w, "type", json_put_c, "heading");
    JSON_MEMBER(&w, "text", json_put_c, m->name[c->language]);
    json_end_object(&w);
    json_begin_object(&w);
    JSON_MEMBER(&w, "type", json_put_c, "text");
    JSON_MEMBER(&w, "text", json_put_c, m->words[c->language]);
    json_end_object(&w);
    json_begin_object(&w);
    JSON_MEMBER(&w, "type", json_put_c, "button");
    JSON_MEMBER(&w, "text", json_put_c, m->button[c->language]);
    JSON_MEMBER(&w, "url", json_put_c, "https://www.example.cn/");
    json_end_object(&w);
    json_end_array(&w);
    return json_str(&w);
}

static int64_t mail_make_template(struct ctx *c, const struct path_mail *m) {
    struct change_set set = change_new(c, entity_named(c, "mail_template"));
    change_text(&set, "name", str_from(m->name[c->language]));
    change_text(&set, "topic", str_from(m->topic));
    change_text(&set, "language", c->language == LANGUAGE_EN ? STR("en") : STR("zh"));
    change_text(&set, "subject", str_from(m->subject[c->language]));
    change_text(&set, "blocks", blocks_of(c, m));
    struct record *r = record_create(c, &set);
    return r ? r->id : 0;
}

static struct str graph_of(struct ctx *c, const struct path *p, const int64_t mails[MAILS]) {
    struct text_buffer out = {.arena = c->arena};
    for (const char *at = p->graph; *at; at++) {
        if (*at == '$') {
            text_add_int(&out, mails[*++at - '1']);
        } else {
            text_add_char(&out, *at);
        }
    }
    return text_str(&out);
}

int64_t journey_path_start(struct ctx *c, struct str code) {
    int64_t mails[MAILS];
    for (size_t i = 0; i < PATHS; i++) {
        if (!str_is(code, paths[i].code)) {
            continue;
        }
        for (int k = 0; k < MAILS; k++) {
            mails[k] = mail_make_template(c, &paths[i].mails[k]);
        }
        struct change_set set = change_new(c, entity_named(c, "journey"));
        change_text(&set, "name", str_from(paths[i].name[c->language]));
        change_text(&set, "description", str_from(paths[i].hint[c->language]));
        change_text(&set, "entity_name", STR("lead"));
        change_text(&set, "draft", graph_of(c, &paths[i], mails));
        struct record *r = ctx_failed(c) ? NULL : record_create(c, &set);
        return r ? r->id : 0;
    }
    FAIL(c, ERROR_ABSENT, "record.absent");
    return 0;
}

static void paths_get(struct request *r) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < PATHS; i++) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "code", json_put_c, paths[i].code);
        JSON_MEMBER(&w, "name", json_put_c, paths[i].name[c->language]);
        JSON_MEMBER(&w, "hint", json_put_c, paths[i].hint[c->language]);
        json_end_object(&w);
    }
    reply_list_end(r, &w);
}

static void path_post(struct request *r) {
    struct ctx *c = r->c;
    int64_t id = journey_path_start(c, request_path(r, "code"));
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, id);
    json_end_object(&w);
    reply_json(r, 201, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/journey_paths", "marketing:manage", LANE_INLINE, paths_get,
     .summary = "route.journey_paths", .answer = "data:[(code:text! name:text! hint:text!)]!"},
    {METHOD_POST, "/api/v1/journey_paths/{code}", "marketing:manage", LANE_WRITER, path_post,
     .summary = "route.journey_path_start", .answer = "201 id:id!"},
    {0}};

static const struct text texts[] = {
    {"route.journey_paths", "可以拿来起步的路径", "Paths to start from"},
    {"route.journey_path_start", "从模板新建路径和它的邮件",
     "Make a journey and its mails from a template"},
    {0}};

const struct module journey_paths_module = {
    .name = "marketing.journey_paths", .cloud = "marketing", .routes = routes, .texts = texts};
