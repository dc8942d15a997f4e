#include "sample/visits.h"

#include "base/json.h"
#include "customer/visitor.h"
#include "event/event.h"

enum { PAGES_MOST = 9, SESSION_KEY = 12, STRANGER_DAYS = 60 };

struct site_page {
    const char *path, *title;
};
static const struct site_page home = {"/", "华岳工控"};
static const struct site_page white_paper = {"/downloads/white-paper", "白皮书：数采十问"};
static const struct site_page pricing = {"/pricing", "价格与交期"};
static const struct site_page form_page = {"/contact", "联系我们"};
static const struct site_page pages[] = {{"/products/servo-s6", "伺服驱动器 S6"},
                                         {"/products/plc-p2", "可编程控制器 P2"},
                                         {"/products/gateway-g1", "数采网关 G1"},
                                         {"/products/inverter-v8", "变频器 V8"},
                                         {"/products/vision-e3", "视觉检测系统 E3"},
                                         {"/solutions/retrofit", "产线伺服改造方案"},
                                         {"/about", "关于华岳"},
                                         {"/news", "动态"}};
static const struct site_page cases[] = {{"/cases/auto-parts", "案例：汽车零部件产线"},
                                         {"/cases/textile", "案例：纺织厂变频节能"},
                                         {"/cases/electronics", "案例：电子厂视觉检测"}};
static const struct site_page shop[] = {{"/shop", "备件商城"},
                                        {"/shop/encoder-cable", "编码器线缆 5 米"},
                                        {"/shop/brake", "伺服电机刹车片"},
                                        {"/shop/fan", "驱动器风扇"},
                                        {"/shop/cart", "购物车"}};

/* One visit as it goes on. */
struct visit_story {
    struct company *k;
    struct draw *d;
    struct visit_part part;
    const struct visiting *v;
};

static struct str key(struct company *k, struct draw *d, size_t n) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *text = arena_alloc(k->c->arena, n);
    for (size_t i = 0; i < n; i++) {
        text[i] = letters[draw_below(d, 64)];
    }
    return (struct str){text, n};
}

struct str visits_touch(struct arena *a, const struct sample_channel *channel) {
    struct json_writer w = json_writer(a);
    json_begin_object(&w);
    JSON_MEMBER(&w, "landing", json_put_c, channel->shop ? "/shop" : "/");
    if (channel->referrer && *channel->referrer) {
        JSON_MEMBER(&w, "referrer", json_put_c, channel->referrer);
    }
    if (channel->utm_source) {
        json_key(&w, "utm");
        json_begin_object(&w);
        JSON_MEMBER(&w, "utm_source", json_put_c, channel->utm_source);
        JSON_MEMBER(&w, "utm_medium", json_put_c, channel->utm_medium);
        if (channel->campaign) {
            JSON_MEMBER(&w, "utm_campaign", json_put_c, channel->campaign);
        }
        json_end_object(&w);
    }
    json_end_object(&w);
    return json_str(&w);
}

static void emit(struct visit_story *s, const char *type, struct str data) {
    event_emit(s->k->c, &(struct event){.stream = STREAM_BEHAVIOUR,
                                        .type = str_from(type),
                                        .occurred_at = s->part.ended_at,
                                        .recorded_at = s->part.ended_at,
                                        .person_id = s->part.visitor_id,
                                        .payload = data});
}

/* title: of page.viewed, dwell_ms: of page.left, the other is empty. */
static struct str data(struct visit_story *s, int64_t visit_id, const struct site_page *p,
                       int64_t dwell_ms) {
    struct json_writer w = json_writer(s->k->c->arena);
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

static void view(struct visit_story *s, const struct site_page *p) {
    int64_t at = s->part.ended_at;
    s->part.pages = 1;
    s->part.dwell_ms = (int64_t)(draw_log_normal(s->d, 38, 0.9) * MS_SECOND) + 2 * MS_SECOND;
    s->k->c->now_ms = at;
    int64_t visit = visit_continue(s->k->c, &s->part);
    emit(s, "page.viewed", data(s, visit, p, 0));
    s->part.ended_at = at + s->part.dwell_ms;
    emit(s, "page.left", data(s, visit, p, s->part.dwell_ms));
}

/* The pages of a visit: the last before a form are what this browser is after. */
static void visit(struct visit_story *s, bool last) {
    const struct visiting *v = s->v;
    int n = (int)draw_between(s->d, 1, v->channel->shop ? 3 : 4);
    view(s, v->channel->shop ? &shop[0] : &home);
    for (int i = 0; i < n && !ctx_failed(s->k->c); i++) {
        view(s, v->channel->shop ? &DRAW_PICK(s->d, shop) : &DRAW_PICK(s->d, pages));
    }
    if (!last) {
        return;
    }
    if (v->cases) {
        view(s, &DRAW_PICK(s->d, cases));
    }
    if (v->white_paper) {
        view(s, &white_paper);
    }
    if (v->pricing) {
        view(s, &pricing);
    }
    if (!v->channel->shop && v->visits > 1) {
        view(s, &form_page);
    }
}

static const char *device(struct draw *d, const struct sample_channel *channel) {
    bool phone = str_is(str_from(channel->referrer), "www.douyin.com") ||
                 str_starts(str_from(channel->source), STR("视频"));
    return draw_chance(d, phone ? 0.92 : 0.38) ? "phone" : "desktop";
}

int64_t visits_make(struct company *k, struct draw *d, const struct visiting *v) {
    struct ctx *c = k->c;
    if (!v->channel->referrer || v->until < k->now_ms - SAMPLE_VISIT_DAYS * (int64_t)MS_DAY) {
        return 0;
    }
    struct str touch = visits_touch(c->arena, v->channel);
    struct sighting who = {.key = key(k, d, VISITOR_KEY),
                           .consent = STR("granted"),
                           .language = STR("zh-CN"),
                           .device = str_from(device(d, v->channel)),
                           .touch = touch};
    int64_t visitor = 0, ago = 0, begins[PAGES_MOST];
    int n = v->visits < PAGES_MOST ? v->visits : PAGES_MOST;
    for (int i = n - 1; i >= 0; i--) {
        begins[i] = v->until - ago - draw_between(d, 6, 28) * MS_MINUTE;
        ago += draw_between(d, 1, 9) * MS_DAY + draw_between(d, 0, 8) * MS_HOUR;
    }
    company_at(k, v->until, NULL);
    for (int i = 0; i < n && !ctx_failed(c); i++) {
        c->now_ms = begins[i];
        visitor = visitor_seen(c, &who);
        struct visit_story s = {k, d, {0}, v};
        s.part = (struct visit_part){.visitor_id = visitor,
                                     .session = key(k, d, SESSION_KEY),
                                     .touch = i == 0 ? touch : STR("{\"landing\":\"/\"}"),
                                     .began_at = begins[i],
                                     .ended_at = begins[i]};
        visit(&s, i == n - 1);
    }
    return visitor;
}

void visits_join(struct company *k, int64_t visitor_id, int64_t person_id, int64_t at) {
    if (visitor_id) {
        company_at(k, at, NULL);
        visitor_join(k->c, visitor_id, person_id, "form");
    }
}

void visits_of_strangers(struct company *k, int64_t day) {
    struct date date = date_from_days(day);
    if (day < k->today - STRANGER_DAYS) {
        return;
    }
    struct draw d = draw_stream(k->seed, day - k->today, 70000);
    int n = draw_count(&d, 13 * sample_season(date) * sample_weekday(date, true));
    for (int i = 0; i < n && !ctx_failed(k->c); i++) {
        struct draw one = draw_stream(k->seed, day - k->today, 70001 + i);
        struct visiting v = {.channel = &sample_channels[draw_below(&one, 8)],
                             .until = company_net_time(k, &one, day),
                             .cases = draw_chance(&one, 0.2),
                             .pricing = draw_chance(&one, 0.12),
                             .visits = 1};
        if (company_reached(k, v.until)) {
            visits_make(k, &one, &v);
        }
    }
}
