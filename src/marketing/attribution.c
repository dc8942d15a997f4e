/*
 * Attribution: the won revenue of a period by channel or campaign, by nine models beside each
 * other, so that where they agree and where not can be seen. A cell opens to its deals, with the
 * touches that earned it.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "entity/query.h"
#include "http/route.h"
#include "marketing/credit_request.h"
#include "marketing/marketing.h"
#include "organization/company.h"

enum { DAYS = 90, WINDOW = 180, WINDOW_MOST = 1095, SPAN_MOST = 1100, DEALS_SHOWN = 50 };

static struct str date_text(struct ctx *c, int64_t day) {
    char text[DATE_TEXT];
    date_format(date_from_days(day), text);
    return str_copy(c->arena, str_from(text));
}

static int64_t day_given(struct request *r, const char *name, int64_t otherwise) {
    struct str given = request_query(r, name);
    struct date d;
    if (given.n && !date_parse(given, &d)) {
        FAIL_FIELD(r->c, str_format(r->c->arena, "/%s", name), "date.syntax");
    }
    return given.n && date_parse(given, &d) ? date_to_days(d) : otherwise;
}

static bool reads(const struct ctx *c, const char *entity) {
    return access_scope(c->actor, entity_named(c, entity), ACTION_READ) != SCOPE_NONE;
}

bool credit_may_read(struct ctx *c) {
    static const char *const asked[] = {"amount", "state", "closed_date"};
    const struct entity *deal = model_entity(c->model, STR("opportunity"));
    bool may = deal && reads(c, "opportunity") && reads(c, "touch");
    for (size_t i = 0; i < sizeof asked / sizeof *asked && may; i++) {
        const struct field *f = entity_field(deal, str_from(asked[i]));
        may = access_field(c->actor, deal, f) >= RIGHT_READ;
    }
    return may;
}

bool credit_request(struct request *r, struct credits *k, int *model) {
    struct ctx *c = r->c;
    int64_t today = date_to_days(zone_date(company_zone(c), c->now_ms));
    int64_t to = day_given(r, "to", today), from = day_given(r, "from", to - DAYS + 1);
    int64_t window = request_query_int(r, "window", WINDOW);
    struct str by = request_query(r, "by"), word = request_query(r, "model");
    *model = ATTRIBUTION_LINEAR;
    if (from > to || to - from > SPAN_MOST) {
        FAIL_FIELD(c, STR("/from"), "attribution.span");
    }
    if (window < 1 || window > WINDOW_MOST) {
        FAIL_FIELD(c, STR("/window"), "attribution.window");
    }
    if (by.n && !str_is(by, "channel") && !str_is(by, "campaign")) {
        FAIL_FIELD(c, STR("/by"), "option.unknown");
    }
    if (word.n && !credit_model_find(word, model)) {
        FAIL_FIELD(c, STR("/model"), "option.unknown");
    }
    *k = (struct credits){.c = c,
                          .from = date_text(c, from),
                          .to = date_text(c, to),
                          .window_days = (int)window,
                          .by_campaign = str_is(by, "campaign"),
                          .product_id = request_query_int(r, "product_id", 0),
                          .currency = company_currency(c),
                          .deals_most = CREDIT_DEALS_MOST,
                          .touches_most = CREDIT_TOUCHES_MOST};
    return !ctx_failed(c);
}

void credit_money(const struct credits *k, struct json_writer *w, const char *key, int64_t minor) {
    json_key(w, key);
    value_to_json(w, entity_field(entity_named(k->c, "opportunity"), STR("amount")),
                  (struct value){VALUE_MONEY, minor, k->currency});
}

void credit_deals_where(const struct credits *k, struct json_writer *w, const int64_t *ids,
                        size_t n) {
    struct text_buffer b = {.arena = k->c->arena};
    json_key(w, "where");
    if (n == 0 || n > CONDITION_VALUES) {
        json_put_null(w);
        return;
    }
    text_add_c(&b, "{\"field\":\"id\",\"op\":\"in\",\"value\":[");
    for (size_t i = 0; i < n; i++) {
        text_add_format(&b, "%s\"%lld\"", i ? "," : "", (long long)ids[i]);
    }
    text_add_c(&b, "]}");
    json_put_raw(w, text_str(&b));
}

void credit_cut_json(const struct credits *k, struct json_writer *w) {
    json_key(w, "cut");
    if (!k->deals_cut && !k->touches_cut) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    if (k->deals_cut) {
        JSON_MEMBER(w, "deals", json_put_int, (int64_t)k->deals_most);
    }
    if (k->touches_cut) {
        JSON_MEMBER(w, "touches", json_put_int, (int64_t)k->touches_most);
    }
    json_end_object(w);
}

/* What a place earned. */
struct row {
    int64_t credits[CREDIT_MODELS];
    int64_t deals, touches;
};

/* The places of the deal's touches, each counted once. */
static void deal_count(const struct credits *k, const struct credited_deal *d, struct row *rows) {
    bool met[CREDIT_PLACES] = {false};
    for (size_t i = 0; i < d->n; i++) {
        int32_t place = credit_place(k, &d->touches[i]);
        rows[place].touches++;
        rows[place].deals += !met[place];
        met[place] = true;
    }
}

static struct row *rows_sum(const struct credits *k) {
    struct row *rows = ARENA_NEW_ARRAY(k->c->arena, CREDIT_PLACES, struct row);
    for (size_t i = 0; i < k->n; i++) {
        const struct credited_deal *d = &k->deals[i];
        struct arena_mark mark = arena_mark(k->c->arena);
        int64_t *credits = ARENA_NEW_ARRAY(k->c->arena, d->n, int64_t);
        deal_count(k, d, rows);
        for (int m = 0; m < CREDIT_MODELS && d->n; m++) {
            credit_deal(k, d, m, credits);
            for (size_t t = 0; t < d->n; t++) {
                rows[credit_place(k, &d->touches[t])].credits[m] += credits[t];
            }
        }
        arena_reset(k->c->arena, mark);
    }
    return rows;
}

static struct str place_title(const struct credits *k, size_t place) {
    const struct place_names *names = credit_places(k);
    struct text_parameter n = {"n", str_format(k->c->arena, "%lld", (long long)names->others)};
    return credit_place_shared(k, place)
               ? message_format(k->c->arena, k->c->language,
                                k->by_campaign ? "attribution.other_campaigns"
                                               : "attribution.other_channels",
                                &n, 1)
               : names->of[names->named[place]];
}

static void row_json(const struct credits *k, struct json_writer *w, const struct row *row,
                     size_t place) {
    bool shared = credit_place_shared(k, place);
    json_begin_object(w);
    JSON_MEMBER(w, "title", json_put_str, place_title(k, place));
    JSON_MEMBER(w, "others", json_put_int, shared ? (int64_t)credit_places(k)->others : 0);
    JSON_MEMBER(w, "deals", json_put_int, row->deals);
    JSON_MEMBER(w, "touches", json_put_int, row->touches);
    json_key(w, "credits");
    json_begin_object(w);
    for (int m = 0; m < CREDIT_MODELS; m++) {
        credit_money(k, w, credit_model_name(m), row->credits[m]);
    }
    json_end_object(w);
    json_end_object(w);
}

static void untouched_json(const struct credits *k, struct json_writer *w) {
    int64_t *ids = ARENA_NEW_ARRAY(k->c->arena, k->n, int64_t), amount = 0;
    size_t n = 0;
    for (size_t i = 0; i < k->n; i++) {
        if (k->deals[i].n == 0) {
            ids[n++] = k->deals[i].id;
            amount += k->deals[i].amount;
        }
    }
    json_key(w, "untouched");
    json_begin_object(w);
    JSON_MEMBER(w, "deals", json_put_int, (int64_t)n);
    credit_money(k, w, "amount", amount);
    credit_deals_where(k, w, ids, n);
    json_end_object(w);
}

static void head_json(const struct credits *k, struct json_writer *w, int model) {
    int64_t revenue = 0;
    for (size_t i = 0; i < k->n; i++) {
        revenue += k->deals[i].amount;
    }
    JSON_MEMBER(w, "from", json_put_str, k->from);
    JSON_MEMBER(w, "to", json_put_str, k->to);
    JSON_MEMBER(w, "window", json_put_int, k->window_days);
    JSON_MEMBER(w, "by", json_put_c, k->by_campaign ? "campaign" : "channel");
    JSON_MEMBER(w, "model", json_put_c, credit_model_name(model));
    JSON_MEMBER(w, "currency", json_put_str, k->currency);
    JSON_MEMBER(w, "deals", json_put_int, (int64_t)k->n);
    JSON_MEMBER(w, "touches", json_put_int, k->touches);
    JSON_MEMBER(w, "other", json_put_int, k->other);
    credit_money(k, w, "revenue", revenue);
    credit_cut_json(k, w);
}

static bool credits_asked(struct request *r, struct credits *k, int *model) {
    if (!credit_may_read(r->c)) {
        FAIL(r->c, ERROR_DENIED, "access.denied");
        return false;
    }
    return credit_request(r, k, model) && credits_read(k);
}

static void attribution_get(struct request *r) {
    struct ctx *c = r->c;
    struct credits *k = ARENA_NEW(c->arena, struct credits);
    int model;
    if (!credits_asked(r, k, &model)) {
        return;
    }
    struct row *rows = rows_sum(k);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    head_json(k, &w, model);
    untouched_json(k, &w);
    json_key(&w, "rows");
    json_begin_array(&w);
    for (size_t i = 0; i < credit_places(k)->places; i++) {
        if (rows[i].touches) {
            row_json(k, &w, &rows[i], i);
        }
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* The deals of a cell, the most credit first. */
struct earned {
    const struct credited_deal *deal;
    int64_t credit;
};

static bool asked_for(const struct credits *k, const struct credited_touch *t, int32_t name) {
    return name < 0 ? credit_place_shared(k, (size_t)credit_place(k, t))
                    : credit_name(k, t) == name;
}

/* name: whose deals; -1: those of the place that is shared. */
static size_t earned_find(const struct credits *k, int32_t name, int model, struct earned *out) {
    size_t n = 0;
    for (size_t i = 0; i < k->n; i++) {
        const struct credited_deal *d = &k->deals[i];
        int64_t *credits = ARENA_NEW_ARRAY(k->c->arena, d->n, int64_t);
        struct earned e = {d, 0};
        bool met = false;
        if (d->n) {
            credit_deal(k, d, model, credits);
        }
        for (size_t t = 0; t < d->n; t++) {
            if (asked_for(k, &d->touches[t], name)) {
                e.credit += credits[t];
                met = true;
            }
        }
        for (size_t at = n++; met && at < n; at--) { /* into its place from the end */
            if (at > 0 && out[at - 1].credit < e.credit) {
                out[at] = out[at - 1];
                continue;
            }
            out[at] = e;
            break;
        }
        n -= !met;
    }
    return n;
}

static void touch_json(const struct credits *k, struct json_writer *w,
                       const struct credited_touch *t, int64_t credit) {
    json_begin_object(w);
    JSON_MEMBER(w, "at", json_put_instant, t->at);
    JSON_MEMBER(w, "channel", json_put_str, k->channels.of[t->channel]);
    JSON_MEMBER(w, "campaign", json_put_str, k->campaigns.of[t->campaign]);
    JSON_MEMBER(w, "kind", json_put_c, t->visit ? "visit" : "capture");
    JSON_MEMBER(w, "lead_id", json_put_id, t->lead_id);
    credit_money(k, w, "credit", credit);
    json_end_object(w);
}

static void earned_json(const struct credits *k, struct json_writer *w, const struct earned *e,
                        struct str title, int model) {
    const struct credited_deal *d = e->deal;
    int64_t *credits = ARENA_NEW_ARRAY(k->c->arena, d->n, int64_t);
    credit_deal(k, d, model, credits);
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, d->id);
    JSON_MEMBER(w, "title", json_put_str, title);
    credit_money(k, w, "amount", d->amount);
    credit_money(k, w, "credit", e->credit);
    json_key(w, "touches");
    json_begin_array(w);
    for (size_t i = 0; i < d->n; i++) {
        touch_json(k, w, &d->touches[i], credits[i]);
    }
    json_end_array(w);
    json_end_object(w);
}

static void deals_get(struct request *r) {
    struct ctx *c = r->c;
    struct credits *k = ARENA_NEW(c->arena, struct credits);
    int model;
    if (!credits_asked(r, k, &model)) {
        return;
    }
    struct earned *all = ARENA_NEW_ARRAY(c->arena, k->n + 1, struct earned);
    bool others = str_is(request_query(r, "others"), "true");
    int32_t name = others ? -1 : place_find(c->arena, credit_places(k), request_query(r, "place"));
    size_t n = others || name >= 0 ? earned_find(k, name, model, all) : 0, shown = n;
    int64_t ids[DEALS_SHOWN];
    struct str titles[DEALS_SHOWN];
    shown = shown < DEALS_SHOWN ? shown : DEALS_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        ids[i] = all[i].deal->id;
    }
    list_titles(c, entity_named(c, "opportunity"), ids, shown, titles);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "count", json_put_int, (int64_t)n);
    JSON_MEMBER(&w, "model", json_put_c, credit_model_name(model));
    credit_cut_json(k, &w);
    json_key(&w, "deals");
    json_begin_array(&w);
    for (size_t i = 0; i < shown && !ctx_failed(c); i++) {
        earned_json(k, &w, &all[i], titles[i], model);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/reports/attribution", "reports:read", LANE_SLOW, attribution_get,
     .summary = "route.attribution",
     .query = "from:date to:date window:integer by:text model:text product_id:id",
     .answer = "from:date! to:date! window:integer! by:text! model:text! currency:text! "
               "deals:integer! touches:integer! other:integer! revenue:money! "
               "cut:(deals:integer touches:integer)?! untouched:object! "
               "rows:[(title:text! others:integer! "
               "deals:integer! touches:integer! credits:object!)]!"},
    {METHOD_GET, "/api/v1/reports/attribution/deals", "reports:read", LANE_SLOW, deals_get,
     .summary = "route.attribution_deals",
     .query = "place:text others:boolean from:date to:date window:integer by:text model:text "
              "product_id:id",
     .answer = "count:integer! model:text! cut:(deals:integer touches:integer)?! "
               "deals:[(id:id! title:text! amount:money! credit:money! touches:[object]!)]!"},
    {0}};

static const struct text texts[] = {
    {"attribution.span", "时间范围最多三年，开始不能晚于结束",
     "At most three years, from before to"},
    {"attribution.window", "回看 1 到 1095 天", "Look back 1 to 1095 days"},
    {"attribution.other_channels", "其他渠道（{n} 个）", "Other channels ({n})"},
    {"attribution.other_campaigns", "其他活动（{n} 个）", "Other campaigns ({n})"},
    {"route.attribution", "多触点归因", "Attribution"},
    {"route.attribution_deals", "归因背后的商机和触点", "Deals and touches behind a credit"},
    {0}};

const struct module attribution_module = {
    .name = "marketing.attribution", .cloud = "marketing", .routes = routes, .texts = texts};
