/*
 * The home of a rep: what is due today, in the order in which it matters.
 *
 * New leads nobody has spoken to (a clock runs), follow-ups that are due or overdue, tasks due by
 * tonight. Each list is bounded and uses the owner's index; the figures open to records.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/query.h"
#include "http/route.h"
#include "organization/company.h"
#include "sales/sales.h"

enum { DUE_EACH = 30 };

/* One of the lists of what is due. */
struct due_list {
    const char *kind, *entity, *where; /* the condition, "%s" being the end of today */
    const char *sort, *at;             /* field that says when */
};

static const struct due_list due_lists[] = {
    {"new_lead", "lead",
     "{\"all\":[{\"field\":\"owner_id\",\"op\":\"is_me\"},{\"field\":\"status\",\"op\":\"eq\","
     "\"value\":\"new\"}]}",
     "created_at", "created_at"},
    {"lead_follow_up", "lead",
     "{\"all\":[{\"field\":\"owner_id\",\"op\":\"is_me\"},{\"field\":\"status\",\"op\":\"in\","
     "\"value\":[\"working\",\"nurturing\"]},{\"field\":\"next_follow_up_at\",\"op\":\"lt\","
     "\"value\":\"%s\"}]}",
     "next_follow_up_at", "next_follow_up_at"},
    {"deal_follow_up", "opportunity",
     "{\"all\":[{\"field\":\"owner_id\",\"op\":\"is_me\"},{\"field\":\"state\",\"op\":\"eq\","
     "\"value\":\"open\"},{\"field\":\"next_follow_up_at\",\"op\":\"lt\",\"value\":\"%s\"}]}",
     "next_follow_up_at", "next_follow_up_at"},
    {"task", "task",
     "{\"all\":[{\"field\":\"owner_id\",\"op\":\"is_me\"},{\"field\":\"status\",\"op\":\"eq\","
     "\"value\":\"open\"},{\"field\":\"due_at\",\"op\":\"lt\",\"value\":\"%s\"}]}",
     "due_at", "due_at"}};

static struct str end_of_today(struct ctx *c) {
    const struct zone *z = company_zone(c);
    char text[INSTANT_TEXT];
    struct date tomorrow = date_from_days(date_to_days(zone_date(z, c->now_ms)) + 1);
    instant_format(zone_midnight(z, tomorrow), text);
    return str_copy(c->arena, str_from(text));
}

/* The list's condition with the time filled in. */
static struct str due_where(struct ctx *c, const struct due_list *d, struct str until) {
    struct str where = str_from(d->where);
    ptrdiff_t at = str_find(where, STR("%s"));
    if (at < 0) {
        return where;
    }
    struct str before = str_slice(where, 0, (size_t)at);
    struct str after = str_slice(where, (size_t)at + 2, where.n);
    return str_format(c->arena, "%.*s%.*s%.*s", STR_ARG(before), STR_ARG(until), STR_ARG(after));
}

static struct list_request due_request(struct ctx *c, const struct due_list *d, struct str where) {
    const struct entity *e = entity_named(c, d->entity);
    struct list_request q = {.entity = e, .limit = DUE_EACH, .action = ACTION_READ};
    q.where = condition_parse_text(c, e, where);
    list_parse_sort(c, &q, str_from(d->sort));
    return q;
}

/* One thing due, with its record. */
static void item_json(struct ctx *c, struct json_writer *w, const struct due_list *d,
                      struct record *r) {
    json_begin_object(w);
    JSON_MEMBER(w, "kind", json_put_c, d->kind);
    JSON_MEMBER(w, "entity", json_put_c, d->entity);
    JSON_MEMBER(w, "id", json_put_id, r->id);
    JSON_MEMBER(w, "title", json_put_str, record_title(r));
    JSON_MEMBER(w, "at", json_put_instant, record_int(r, d->at));
    JSON_MEMBER(w, "overdue", json_put_bool,
                record_int(r, d->at) < c->now_ms && d != &due_lists[0]);
    json_key(w, "record");
    record_json(c, w, r, true);
    json_end_object(w);
}

struct figure {
    int64_t value;
    struct str where;
};

static struct figure due_json(struct ctx *c, struct json_writer *w, const struct due_list *d,
                              struct str until) {
    struct figure f = {.where = due_where(c, d, until)};
    struct list_request q = due_request(c, d, f.where);
    if (access_scope(c->actor, q.entity, ACTION_READ) == SCOPE_NONE || ctx_failed(c)) {
        return f;
    }
    struct list_page page = list_read(c, &q);
    for (size_t i = 0; i < page.n; i++) {
        item_json(c, w, d, page.records[i]);
    }
    f.value = list_count(c, &q, false).value;
    return f;
}

static void figure_json(struct ctx *c, struct json_writer *w, const struct due_list *d,
                        const struct figure *f) {
    json_begin_object(w);
    JSON_MEMBER(w, "code", json_put_c, d->kind);
    JSON_MEMBER(
        w, "label", json_put_str,
        message_words(c->language, str_to_c(c->arena, str_format(c->arena, "home.%s", d->kind))));
    JSON_MEMBER(w, "value", json_put_int, f->value);
    JSON_MEMBER(w, "entity", json_put_str, entity_named(c, d->entity)->plural);
    json_key(w, "where");
    json_put_raw(w, f->where);
    json_end_object(w);
}

static void home_get(struct request *r) {
    enum { LISTS = sizeof due_lists / sizeof *due_lists };
    struct ctx *c = r->c;
    struct figure figures[LISTS];
    struct str until = end_of_today(c);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "due");
    json_begin_array(&w);
    for (int i = 0; i < LISTS; i++) {
        figures[i] = due_json(c, &w, &due_lists[i], until);
    }
    json_end_array(&w);
    json_key(&w, "figures");
    json_begin_array(&w);
    for (int i = 0; i < LISTS; i++) {
        figure_json(c, &w, &due_lists[i], &figures[i]);
    }
    json_end_array(&w);
    json_end_object(&w);
    if (!ctx_failed(c)) {
        reply_json(r, 200, &w);
    }
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/home", PERMISSION_SIGNED_IN, LANE_INLINE, home_get,
     .summary = "route.home",
     .answer = "due:[(kind:text! entity:text! id:id! title:text! at:instant! "
               "overdue:boolean! record:object!)]! figures:[(code:text! "
               "label:text! value:integer! entity:text! where:object!)]!"},
    {0}};

static const struct text texts[] = {{"home.new_lead", "新线索", "New leads"},
                                    {"home.lead_follow_up", "待跟进线索", "Leads to follow up"},
                                    {"home.deal_follow_up", "待跟进商机", "Deals to follow up"},
                                    {"home.task", "到期任务", "Tasks due"},
                                    {"route.home", "今日工作", "Today's work"},
                                    {0}};

const struct module home_module = {
    .name = "sales.home", .cloud = "sales", .routes = routes, .texts = texts};
