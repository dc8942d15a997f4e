#include "app/sample_visits.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "customer/visitor.h"
#include "event/event.h"

enum { VISITS_MOST = 3, PAGES_MOST = 6, KEY_BYTES = 16, SESSION_BYTES = 9 };

struct site_page {
    const char *path, *title;
};
static const struct site_page pages[] = {{"/", "华岳工控"},
                                         {"/products/servo-s6", "伺服驱动器 S6"},
                                         {"/products/gateway-g1", "数采网关 G1"},
                                         {"/solutions/retrofit", "产线伺服改造方案"},
                                         {"/cases/auto-parts", "案例：汽车零部件产线"},
                                         {"/downloads/white-paper", "白皮书：数采十问"},
                                         {"/pricing", "价格与交期"}};
static const char *const touches[] = {
    "{\"landing\":\"/\",\"referrer\":\"www.baidu.com\",\"utm\":{\"utm_source\":\"baidu\","
    "\"utm_medium\":\"cpc\",\"utm_campaign\":\"伺服改造\"}}",
    "{\"landing\":\"/solutions/retrofit\",\"referrer\":\"www.zhihu.com\"}",
    "{\"landing\":\"/cases/auto-parts\",\"utm\":{\"utm_source\":\"wechat\","
    "\"utm_campaign\":\"案例周刊\"}}",
    "{\"landing\":\"/\"}"};
static const char *const devices[] = {"desktop", "desktop", "phone"};

enum { PAGES = sizeof pages / sizeof *pages };

static uint64_t draw(uint64_t *random, uint64_t below) {
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*random >> 33) % below;
}

static void emit(struct ctx *c, const char *type, const struct visit_part *visit, struct str data) {
    event_emit(c, &(struct event){.stream = STREAM_BEHAVIOUR,
                                  .type = str_from(type),
                                  .occurred_at = visit->ended_at,
                                  .recorded_at = visit->ended_at,
                                  .person_id = visit->visitor_id,
                                  .payload = data});
}

static struct str page_data(struct ctx *c, int64_t visit_id, const struct site_page *p,
                            int64_t dwell_ms) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "visit", json_put_id, visit_id);
    JSON_MEMBER(&w, "path", json_put_c, p->path);
    if (dwell_ms) {
        JSON_MEMBER(&w, "dwell_ms", json_put_int, dwell_ms);
    } else {
        JSON_MEMBER(&w, "title", json_put_c, p->title);
    }
    json_end_object(&w);
    return json_str(&w);
}

/* The pages of one visit, one after the other. */
static void make_visit(struct ctx *c, struct visit_part part, uint64_t *random) {
    int n = 1 + (int)draw(random, PAGES_MOST);
    int64_t at = part.began_at;
    for (int i = 0; i < n && !ctx_failed(c); i++) {
        const struct site_page *p = &pages[i ? draw(random, PAGES) : 0];
        part.pages = 1;
        part.dwell_ms = (int64_t)(8 + draw(random, 150)) * MS_SECOND;
        part.ended_at = at;
        c->now_ms = at;
        int64_t visit = visit_continue(c, &part);
        emit(c, "page.viewed", &part, page_data(c, visit, p, 0));
        part.ended_at = at + part.dwell_ms;
        emit(c, "page.left", &part, page_data(c, visit, p, part.dwell_ms));
        at = part.ended_at;
    }
}

void sample_visits(struct ctx *c, int64_t person_id, int64_t captured_at, uint64_t seed) {
    uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    int64_t now = c->now_ms;
    int n = 1 + (int)draw(&random, VISITS_MOST);
    struct str touch = str_from(touches[draw(&random, sizeof touches / sizeof *touches)]);
    struct sighting who = {.key = random_token(c->arena, KEY_BYTES),
                           .consent = STR("granted"),
                           .language = STR("zh-CN"),
                           .device = str_from(devices[draw(&random, 3)]),
                           .touch = touch};
    int64_t visitor = 0;
    for (int i = n - 1; i >= 0 && !ctx_failed(c); i--) {
        int64_t began = captured_at - i * (int64_t)(1 + draw(&random, 6)) * MS_DAY -
                        (20 + (int64_t)draw(&random, 20)) * MS_MINUTE;
        c->now_ms = began;
        visitor = visitor_seen(c, &who);
        make_visit(c,
                   (struct visit_part){.visitor_id = visitor,
                                       .session = random_token(c->arena, SESSION_BYTES),
                                       .touch = touch,
                                       .began_at = began},
                   &random);
        touch = STR("{\"landing\":\"/\"}");
    }
    c->now_ms = captured_at;
    visitor_join(c, visitor, person_id, "form");
    c->now_ms = now;
}
