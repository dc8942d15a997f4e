/*
 * The home of a rep: what is due today, in the order in which it matters.
 *
 * New leads nobody has spoken to (a clock runs), follow-ups that are due or overdue, tasks due by
 * tonight, deals about to slip with the reason. Each list is bounded and uses the owner's index;
 * the own numbers and the counts open to their records. Which homes there are for somebody follows
 * from the rights, so that a role a company makes itself has one too. Without the sales cloud the
 * home stays, with leads and tasks: deals and giving out work are what goes.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "http/route.h"
#include "organization/company.h"
#include "sales/home_list.h"
#include "sales/sales.h"
#include "sales/slipping.h"

enum { DUE_EACH = 30, SLIPPING_MOST = 10 };

/* The first is nothing without the sales cloud. */
static const struct home_list due_lists[] = {
    {"handover", "handover", "{\"field\":\"state\",\"op\":\"eq\",\"value\":\"waiting\"}", "due_at",
     "due_at", .asks = {"owner_id", "state", "due_at"}},
    {"new_lead", "lead", "{\"field\":\"status\",\"op\":\"eq\",\"value\":\"new\"}", "created_at",
     "created_at", .asks = {"owner_id", "status"}},
    {"lead_follow_up", "lead",
     "{\"field\":\"status\",\"op\":\"in\",\"value\":[\"working\",\"nurturing\"]},"
     "{\"field\":\"next_follow_up_at\",\"op\":\"lt\",\"value\":\"%s\"}",
     "next_follow_up_at", "next_follow_up_at", .asks = {"owner_id", "status", "next_follow_up_at"}},
    {"deal_follow_up", "opportunity",
     "{\"field\":\"state\",\"op\":\"eq\",\"value\":\"open\"},"
     "{\"field\":\"next_follow_up_at\",\"op\":\"lt\",\"value\":\"%s\"}",
     "next_follow_up_at", "next_follow_up_at", .asks = {"owner_id", "state", "next_follow_up_at"}},
    {"task", "task",
     "{\"field\":\"status\",\"op\":\"eq\",\"value\":\"open\"},"
     "{\"field\":\"due_at\",\"op\":\"lt\",\"value\":\"%s\"}",
     "due_at", "due_at", .asks = {"owner_id", "status", "due_at"}}};

static const struct home_list slipping_list = {
    "slipping", "opportunity", "", "-amount", "expected_close_date", .asks = {"owner_id"}};

/* Own numbers: sums of one's deals. */
static const struct home_list sums[] = {
    {"won_month", "opportunity",
     "{\"field\":\"state\",\"op\":\"eq\",\"value\":\"won\"},"
     "{\"field\":\"closed_date\",\"op\":\"is\",\"value\":\"this_month\"}",
     .asks = {"owner_id", "state", "closed_date"}},
    {"closing_month", "opportunity",
     "{\"field\":\"state\",\"op\":\"eq\",\"value\":\"open\"},"
     "{\"field\":\"expected_close_date\",\"op\":\"is\",\"value\":\"this_month\"}",
     .asks = {"owner_id", "state", "expected_close_date"}},
    {"open_pipeline", "opportunity", "{\"field\":\"state\",\"op\":\"eq\",\"value\":\"open\"}",
     .asks = {"owner_id", "state"}}};

static struct str end_of_today(struct ctx *c) {
    const struct zone *z = company_zone(c);
    char text[INSTANT_TEXT];
    struct date tomorrow = date_from_days(date_to_days(zone_date(z, c->now_ms)) + 1);
    instant_format(zone_midnight(z, tomorrow), text);
    return str_copy(c->arena, str_from(text));
}

/* One thing due, with its record; slipping is NULL but for deals about to slip. */
static void item_json(struct ctx *c, struct json_writer *w, const struct home_list *l,
                      struct record *r, const struct slipping *slipping) {
    int64_t at = slipping ? 0 : home_at(l, r);
    json_begin_object(w);
    JSON_MEMBER(w, "kind", json_put_c, l->kind);
    JSON_MEMBER(w, "entity", json_put_c, l->entity);
    JSON_MEMBER(w, "id", json_put_id, r->id);
    JSON_MEMBER(w, "title", json_put_str, record_title(r));
    json_key(w, "at");
    json_put_instant_or_null(w, at);
    JSON_MEMBER(w, "overdue", json_put_bool,
                at && at < c->now_ms && !str_is(str_from(l->kind), "new_lead"));
    if (slipping) {
        json_key(w, "slip");
        slipping_reason_json(c, w, slipping, r);
    }
    json_key(w, "record");
    record_json(c, w, r, &record_with_titles);
    json_end_object(w);
}

struct figure {
    bool shown;
    struct list_total total;
    struct str where;
};

static struct figure items_json(struct ctx *c, struct json_writer *w, const struct home_list *l,
                                struct str where, const struct slipping *slipping) {
    struct figure f = {.where = where};
    bool sales_only = l == &due_lists[0];
    if ((sales_only && !access_cloud_on(c->actor, STR("sales"))) || !home_may(c, l) ||
        ctx_failed(c)) {
        return f;
    }
    struct list_request q = home_request(c, l, where, slipping ? SLIPPING_MOST : DUE_EACH);
    if (ctx_failed(c)) {
        return f;
    }
    struct list_page page = list_read_counted(c, &q, &f.total);
    for (size_t i = 0; i < page.n; i++) {
        item_json(c, w, l, page.records[i], slipping);
    }
    f.shown = true;
    return f;
}

static void label_json(struct ctx *c, struct json_writer *w, const char *kind) {
    const char *code = str_to_c(c->arena, str_format(c->arena, "home.%s", kind));
    JSON_MEMBER(w, "code", json_put_c, kind);
    JSON_MEMBER(w, "label", json_put_str, message_words(c->language, code));
}

static void figure_json(struct ctx *c, struct json_writer *w, const struct home_list *l,
                        const struct figure *f) {
    if (f->shown) {
        json_begin_object(w);
        label_json(c, w, l->kind);
        JSON_MEMBER(w, "value", json_put_int, f->total.value);
        JSON_MEMBER(w, "exact", json_put_bool, f->total.exact);
        home_opens_json(c, w, l->entity, f->where);
        json_end_object(w);
    }
}

static void sum_json(struct ctx *c, struct json_writer *w, const struct home_list *l) {
    if (!home_may(c, l)) {
        return;
    }
    struct str where = home_where(c, l, home_mine(), STR(""));
    struct home_sum sum = home_deals(c, where);
    json_begin_object(w);
    label_json(c, w, l->kind);
    json_key(w, "value");
    home_money_json(c, w, sum.minor);
    JSON_MEMBER(w, "count", json_put_int, sum.count);
    JSON_MEMBER(w, "other", json_put_int, sum.other);
    home_opens_json(c, w, l->entity, where);
    json_end_object(w);
}

/* The homes of this actor, the one that opens first in front. */
static void views_json(struct ctx *c, struct json_writer *w) {
    const struct entity *lead = entity_named(c, "lead"), *deal = entity_named(c, "opportunity");
    bool wide = access_scope(c->actor, lead, ACTION_READ) >= SCOPE_TEAM;
    json_key(w, "views");
    json_begin_array(w);
    if (home_manages(c)) {
        json_put_c(w, "team");
    }
    if (wide && access_scope(c->actor, lead, ACTION_CREATE) == SCOPE_ALL) {
        json_put_c(w, "sources");
    }
    if (access_scope(c->actor, deal, ACTION_READ) >= SCOPE_TEAM) {
        json_put_c(w, "deals");
    }
    json_put_c(w, "today");
    json_end_array(w);
}

static void home_get(struct request *r) {
    enum { LISTS = sizeof due_lists / sizeof *due_lists, SUMS = sizeof sums / sizeof *sums };
    struct ctx *c = r->c;
    struct figure figures[LISTS], slips = {0};
    struct str until = end_of_today(c);
    struct slipping *slipping = slipping_find(c, home_mine());
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    views_json(c, &w);
    json_key(&w, "due");
    json_begin_array(&w);
    for (int i = 0; i < LISTS; i++) {
        struct str where = home_where(c, &due_lists[i], home_mine(), until);
        figures[i] = items_json(c, &w, &due_lists[i], where, NULL);
    }
    if (slipping) {
        slips = items_json(c, &w, &slipping_list, slipping_where(slipping), slipping);
    }
    json_end_array(&w);
    json_key(&w, "figures");
    json_begin_array(&w);
    for (int i = 0; i < SUMS; i++) {
        sum_json(c, &w, &sums[i]);
    }
    for (int i = 0; i < LISTS; i++) {
        figure_json(c, &w, &due_lists[i], &figures[i]);
    }
    figure_json(c, &w, &slipping_list, &slips);
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/home", PERMISSION_SIGNED_IN, LANE_INLINE, home_get,
     .summary = "route.home",
     .answer = "due:[(kind:text! entity:text! id:id! title:text! at:instant?! "
               "overdue:boolean! record:object!)]! figures:[object]!"},
    {0}};

static const struct text texts[] = {{"home.handover", "待接收的交接", "Handovers to answer"},
                                    {"home.new_lead", "新线索", "New leads"},
                                    {"home.lead_follow_up", "待跟进线索", "Leads to follow up"},
                                    {"home.deal_follow_up", "待跟进商机", "Deals to follow up"},
                                    {"home.task", "到期任务", "Tasks due"},
                                    {"home.slipping", "可能滑落的商机", "Deals about to slip"},
                                    {"home.won_month", "本月赢单", "Won this month"},
                                    {"home.closing_month", "本月预计成交", "Closing this month"},
                                    {"home.open_pipeline", "在途商机", "Open pipeline"},
                                    {"route.home", "今日工作", "Today's work"},
                                    {0}};

const struct module home_module = {
    .name = "sales.home", .cloud = "customer", .routes = routes, .texts = texts};
