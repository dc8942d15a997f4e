/*
 * Two published forms with a month of views and some submissions, a trade fair's system that
 * delivers signed (one delivery could not be understood), and an Official Account with its rules.
 * Submissions are taken in the ordinary way, at the times they are said to have come.
 */
#include "sample/setup.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "connector/secret_box.h"
#include "customer/capture_log.h"
#include "db/db.h"
#include "entity/record.h"
#include "marketing/form.h"
#include "marketing/source.h"

#define WHO                                                                                      \
    "{\"id\":\"name\",\"type\":\"text\",\"maps\":\"name\",\"label\":{\"zh\":\"姓名\",\"en\":"  \
    "\"Name\"},\"required\":true,\"half\":true,\"most\":60},{\"id\":\"phone\",\"type\":"         \
    "\"phone\",\"maps\":\"phone\",\"label\":{\"zh\":\"手机\",\"en\":\"Mobile\"},\"required\":" \
    "true,\"half\":true},{\"id\":\"company_name\",\"type\":\"text\",\"maps\":\"company_name\","  \
    "\"label\":{\"zh\":\"公司\",\"en\":\"Company\"},\"required\":true}"

static const char selection[] =
    "{\"title\":{\"zh\":\"伺服选型咨询\",\"en\":\"Servo selection advice\"},\"intro\":{\"zh\":"
    "\"说说您的设备，工程师两小时内给出选型建议。\",\"en\":\"Tell us about your machine; an "
    "engineer will answer within two hours.\"},\"button\":{\"zh\":\"获取选型建议\",\"en\":"
    "\"Get advice\"},\"source\":\"官网表单\",\"thanks\":{\"message\":{\"zh\":\"工程师会尽快给您"
    "打电话。\",\"en\":\"An engineer will call you soon.\"}},\"questions\":[" WHO
    ",{\"id\":\"use\",\"type\":\"choice\",\"maps\":\"product_interest\",\"label\":{\"zh\":"
    "\"用在哪里\",\"en\":\"Used in\"},\"options\":[{\"value\":\"robot\",\"zh\":\"机器人\",\"en\":"
    "\"Robots\"},{\"value\":\"packing\",\"zh\":\"包装设备\",\"en\":\"Packaging\"},{\"value\":"
    "\"cnc\",\"zh\":\"数控机床\",\"en\":\"CNC\"},{\"value\":\"other\",\"zh\":\"其他\",\"en\":"
    "\"Other\"}]},{\"id\":\"which\",\"type\":\"text\",\"label\":{\"zh\":\"什么设备\",\"en\":"
    "\"Which machine\"},\"required\":true,\"show_if\":{\"field\":\"use\",\"op\":\"eq\",\"value\":"
    "\"other\"}},{\"id\":\"axes\",\"type\":\"number\",\"label\":{\"zh\":\"轴数\",\"en\":"
    "\"Axes\"},\"low\":\"1\",\"high\":\"64\",\"half\":true},{\"id\":\"by\",\"type\":\"date\","
    "\"label\":{\"zh\":\"希望交货\",\"en\":\"Delivery by\"},\"half\":true},{\"id\":\"more\","
    "\"type\":\"long_text\",\"label\":{\"zh\":\"补充说明\",\"en\":\"Anything else\"}},{\"id\":"
    "\"consent\",\"type\":\"consent\",\"channels\":[\"phone\",\"sms\"],\"purpose\":\"marketing\","
    "\"text\":{\"zh\":\"我同意接收产品资讯的电话和短信，可随时退订。\",\"en\":\"You may call and "
    "text me about products; I can opt out at any time.\"}}]}";

static const char paper[] =
    "{\"title\":{\"zh\":\"下载《产线改造白皮书》\",\"en\":\"White paper: retrofitting a line\"},"
    "\"source\":\"官网表单\",\"campaign\":\"白皮书下载\",\"thanks\":{\"message\":{\"zh\":\"下载"
    "链接已发到您的邮箱。\",\"en\":\"The link is on its way to your mailbox.\"}},\"questions\":["
    "{\"id\":\"name\",\"type\":\"text\",\"maps\":\"name\",\"label\":{\"zh\":\"姓名\",\"en\":"
    "\"Name\"},\"required\":true},{\"id\":\"email\",\"type\":\"email\",\"maps\":\"email\","
    "\"label\":{\"zh\":\"工作邮箱\",\"en\":\"Work e-mail\"},\"required\":true},{\"id\":\"topics\","
    "\"type\":\"choices\",\"label\":{\"zh\":\"关心什么\",\"en\":\"Interested in\"},\"options\":["
    "{\"value\":\"energy\",\"zh\":\"节能\",\"en\":\"Energy\"},{\"value\":\"data\",\"zh\":\"数据采"
    "集\",\"en\":\"Data\"},{\"value\":\"safety\",\"zh\":\"安全\",\"en\":\"Safety\"}]},{\"id\":"
    "\"consent\",\"type\":\"consent\",\"channels\":[\"email\"],\"purpose\":\"marketing\",\"text\":"
    "{\"zh\":\"我同意接收邮件资讯，可随时退订。\",\"en\":\"You may send me mail; I can unsubscribe "
    "at any time.\"}}]}";

struct sent {
    const char *payload;
    int hours_ago;
};

static const struct sent advice[] = {
    {"{\"values\":{\"name\":\"邵建华\",\"phone\":\"13800752049\",\"company_name\":\"无锡联力包装"
     "机械有限公司\",\"use\":\"packing\",\"axes\":\"6\",\"consent\":true},\"utm\":{\"utm_source\":"
     "\"百度搜索\",\"utm_medium\":\"cpc\",\"utm_campaign\":\"伺服选型\",\"utm_term\":\"包装机伺服"
     "\",\"bd_vid\":\"8712093\"},\"referrer\":\"www.baidu.com\",\"page\":\"/servo\","
     "\"language\":\"zh\"}",
     150},
    {"{\"values\":{\"name\":\"倪晓东\",\"phone\":\"13700210438\",\"company_name\":\"苏州新锐数控"
     "有限公司\",\"use\":\"cnc\",\"axes\":\"5\",\"more\":\"替换进口件\"},\"utm\":{},\"referrer\":"
     "\"\",\"page\":\"\",\"language\":\"zh\"}",
     70},
    {"{\"values\":{\"name\":\"Anna Weber\",\"phone\":\"+49 151 23456789\",\"company_name\":"
     "\"Weber Automation GmbH\",\"use\":\"other\",\"which\":\"glass handling\",\"axes\":\"12\","
     "\"consent\":true},\"utm\":{\"utm_source\":\"google\",\"utm_medium\":\"cpc\","
     "\"utm_campaign\":\"伺服改造\",\"gclid\":\"Cj0abc\"},\"referrer\":\"www.google.com\","
     "\"page\":\"/en/servo\",\"language\":\"en\"}",
     29},
    {"{\"values\":{\"name\":\"庄美玲\",\"phone\":\"15900820317\",\"company_name\":\"南通海沃食品"
     "机械有限公司\",\"use\":\"packing\",\"axes\":\"8\",\"consent\":true},\"utm\":{\"utm_source\":"
     "\"抖音\",\"utm_campaign\":\"改造案例视频\"},\"referrer\":\"www.douyin.com\",\"page\":"
     "\"/cases/food\",\"language\":\"zh\"}",
     5},
    {NULL, 0}};

static const struct sent papers[] = {
    {"{\"values\":{\"name\":\"钟志远\",\"email\":\"zhongzy@reize-auto.example\",\"topics\":["
     "\"energy\",\"data\"],\"consent\":true},\"utm\":{\"utm_source\":\"知乎\"},\"referrer\":"
     "\"www.zhihu.com\",\"page\":\"/downloads/retrofit\",\"language\":\"zh\"}",
     96},
    {"{\"values\":{\"name\":\"戴丽\",\"email\":\"daili@hongtu-parts.example\",\"topics\":["
     "\"safety\"]},\"utm\":{},\"referrer\":\"\",\"page\":\"/downloads/retrofit\",\"language\":"
     "\"zh\"}",
     22},
    {NULL, 0}};

static const char fair_config[] =
    "{\"signature\":\"standard\",\"id_path\":\"id\",\"source\":\"展会\",\"campaign\":\"工博会\","
    "\"map\":[{\"path\":\"visitor.name\",\"field\":\"name\"},{\"path\":\"visitor.mobile\","
    "\"field\":\"phone\"},{\"path\":\"visitor.company\",\"field\":\"company_name\"},{\"path\":"
    "\"interest\",\"field\":\"product_interest\"}]}";

static const struct sent fair[] = {
    {"{\"id\":\"F-1001\",\"visitor\":{\"name\":\"贺文斌\",\"mobile\":\"13600190257\",\"company\":"
     "\"常州恒钧纺织机械有限公司\"},\"interest\":\"伺服驱动器\"}",
     52},
    {"{\"id\":\"F-1002\",\"visitor\":{\"name\":\"姚倩\",\"mobile\":\"18000390462\",\"company\":"
     "\"宁波沃德电气有限公司\"},\"interest\":\"工业机器人\"}",
     51},
    {"{\"id\":\"F-1003\",\"visitor\":{\"name\":\"俞明\",\"tel\":\"13900170835\",\"company\":\"绍"
     "兴立联环保设备有限公司\"}}",
     50},
    {NULL, 0}};

static const char account_config[] =
    "{\"app_id\":\"wx3f9a1c52d7e84b60\",\"source\":\"公众号\",\"rules\":[{\"on\":\"scan\","
    "\"value\":\"fair-2026\",\"reply\":\"欢迎来到我们的展位，回复手机号领取选型手册。\","
    "\"campaign\":\"工博会\"},{\"on\":\"follow\",\"reply\":\"欢迎关注！回复“报价”联系工程师，回复"
    "“案例”看改造案例。\"},{\"on\":\"keyword\",\"value\":\"报价\",\"match\":\"contains\","
    "\"reply\":\"请留下手机号，工程师会联系您。\",\"lead\":true,\"campaign\":\"公众号报价\"},"
    "{\"on\":\"keyword\",\"value\":\"案例\",\"match\":\"contains\",\"reply\":\"请看菜单里的“改造案"
    "例”。\"},{\"on\":\"menu\",\"value\":\"DEMO\",\"reply\":\"已登记，稍后与您约时间。\",\"lead\":"
    "true,\"campaign\":\"预约演示\"}]}";

#define MESSAGE(from, at, type, more)                                                           \
    "<xml><ToUserName>gh_8a1f</ToUserName><FromUserName>" from "</FromUserName><CreateTime>" at \
    "</CreateTime><MsgType>" type "</MsgType>" more "</xml>"

static const struct sent account[] = {
    {MESSAGE("oGt5wKJ2f0mQy1", "1", "event",
             "<Event>subscribe</Event><EventKey>qrscene_fair-2026</EventKey>"),
     53},
    {MESSAGE("oGt5wKJ2f0mQy1", "2", "text", "<Content>想要报价</Content><MsgId>1</MsgId>"), 52},
    {MESSAGE("oGt5wTz81xLpRc", "3", "event", "<Event>subscribe</Event><EventKey></EventKey>"), 20},
    {NULL, 0}};

/* What came in by a place, at its times. */
static void receive(struct ctx *c, struct capture_place place, const struct sent *list,
                    void (*make)(struct ctx *c, struct capture *capture)) {
    int64_t now = c->now_ms;
    for (; list->payload && !ctx_failed(c); list++) {
        struct capture capture = {.place = place,
                                  .payload = str_from(list->payload),
                                  .version = str_is(str_from(place.kind), "form")};
        c->now_ms = now - list->hours_ago * (int64_t)MS_HOUR;
        if (capture_keep(c, &capture)) {
            capture_run(c, &capture, make);
        }
        c->now_ms = now;
    }
}

/* A month of views, more on working days. */
static void views(struct ctx *c, int64_t form_id, int64_t most) {
    int64_t now = c->now_ms;
    for (int day = 0; day < 30 && !ctx_failed(c); day++) {
        c->now_ms = now - day * (int64_t)MS_DAY;
        int64_t seen = most - (day * 7) % (most / 2) - (day % 7 < 2 ? most / 3 : 0);
        form_count(c, &(struct form_tally){form_id, 1, seen, seen * (day % 3 + 2) / 60});
    }
    c->now_ms = now;
}

static int64_t form(struct ctx *c, const char *name, const char *slug, const char *draft) {
    struct change_set set = change_new(c, entity_named(c, "form"));
    change_text(&set, "name", str_from(name));
    change_text(&set, "slug", str_from(slug));
    change_text(&set, "draft", str_from(draft));
    struct record *made = record_insert(c, &set);
    if (made) {
        form_publish(c, made);
    }
    return made ? made->id : 0;
}

static int64_t source(struct ctx *c, const char *kind, const char *name, const char *config) {
    return source_add(c, &(struct source_draft){.kind = str_from(kind),
                                                .name = str_from(name),
                                                .secret = random_token(c->arena, 24),
                                                .config = str_from(config),
                                                .enabled = true});
}

void sample_capture(struct ctx *c) {
    int64_t first = form(c, "伺服选型咨询", "servo", selection);
    int64_t second = form(c, "白皮书下载", "white-paper", paper);
    views(c, first, 64);
    views(c, second, 38);
    receive(c, (struct capture_place){"form", first}, advice, form_make);
    receive(c, (struct capture_place){"form", second}, papers, form_make);
    if (!secret_box_ready()) {
        return; /* without a key there is nowhere to keep their secrets */
    }
    int64_t fair_id = source(c, "webhook", "展会登记系统", fair_config);
    int64_t account_id = source(c, "wechat", "贯通装备公众号", account_config);
    receive(c, (struct capture_place){"webhook", fair_id}, fair, webhook_source_make);
    receive(c, (struct capture_place){"wechat", account_id}, account, wechat_source_make);
}
