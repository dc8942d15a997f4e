/*
 * The page of the forecast (see forecast.h): parts, statistical forecast and its three opinions,
 * targets, adjustments, how it was said to be in earlier weeks, and how good the method was on the
 * company's own past beside the naive forecast, which is always shown, also when it was better.
 */
#include "sales/forecast.h"

#include "base/message.h"
#include "base/module.h"
#include "db/sql.h"
#include "http/route.h"
#include "organization/company.h"
#include "sales/sales.h"
#include "sales/target.h"

enum { ADJUSTMENTS_MOST = 500, AHEAD_MOST = 8 };

struct page {
    struct sales_forecast f;
    struct target_book *book;
    struct record *adjustments[ADJUSTMENTS_MOST];
    int64_t departments[ADJUSTMENTS_MOST]; /* the adjusted one, or the adjusted person's */
    size_t n_adjustments;
};

static bool period_given(struct request *r, struct sales_forecast *f) {
    struct ctx *c = r->c;
    enum period_kind kind = PERIOD_QUARTER;
    struct str word = request_query(r, "period"), on = request_query(r, "on");
    int64_t day = on.n ? period_day(on) : f->today;
    if (word.n &&
        (!period_kind_find(word, &kind) || (kind != PERIOD_MONTH && kind != PERIOD_QUARTER))) {
        FAIL_FIELD(c, STR("/period"), "option.unknown");
    }
    f->period = period_at(kind, day < 0 ? f->today : day);
    struct period now = period_at(kind, f->today);
    if (day < 0) {
        FAIL_FIELD(c, STR("/on"), "date.syntax");
    } else if (f->period.from < now.from || f->period.from > period_step(now, AHEAD_MOST).from) {
        FAIL_FIELD(c, STR("/on"), "forecast.too_far");
    }
    return !ctx_failed(c);
}

static bool page_read(struct request *r, struct page *p) {
    struct ctx *c = r->c;
    struct sales_forecast *f = &p->f;
    *f = (struct sales_forecast){.c = c,
                                 .deal = entity_named(c, "opportunity"),
                                 .today = period_today(c),
                                 .pipeline_id = request_query_int(r, "pipeline_id", 0),
                                 .product_id = request_query_int(r, "product_id", 0),
                                 .owner_id = request_query_int(r, "owner_id", 0),
                                 .department_id = request_query_int(r, "department_id", 0),
                                 .currency = company_currency(c)};
    static const char *const asked[] = {"amount", "state", "expected_close_date", "closed_date"};
    bool reads = access_scope(c->actor, f->deal, ACTION_READ) != SCOPE_NONE;
    for (size_t i = 0; i < sizeof asked / sizeof *asked && reads; i++) {
        const struct field *field = entity_field(f->deal, str_from(asked[i]));
        reads = access_field(c->actor, f->deal, field) >= RIGHT_READ;
    }
    if (!reads) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return false;
    }
    dimension_find(c, request_query(r, "by"), &f->by);
    return period_given(r, f);
}

/* Of whom only these are asked for. */
static void adjusted_where(const struct sales_forecast *f, struct sql *q) {
    if (f->owner_id) {
        SQL_ADD(q, " AND j.user_id = ");
        SQL_VALUE(q, f->owner_id);
    }
    if (f->department_id) {
        SQL_ADD(q, " AND (j.department_id = ");
        SQL_VALUE(q, f->department_id);
        SQL_ADD(q, " OR j.user_id IN (SELECT id FROM \"user\" WHERE department_id = ");
        SQL_VALUE(q, f->department_id);
        SQL_ADD(q, "))");
    }
}

/* A quarter is adjusted by what is said of its months too. */
static void adjustments_read(struct page *p) {
    struct sales_forecast *f = &p->f;
    struct ctx *c = f->c;
    const struct entity *e = entity_named(c, "forecast_adjustment");
    struct db_rows rows;
    struct sql q = sql_new(c->arena);
    if (access_scope(c->actor, e, ACTION_READ) == SCOPE_NONE || f->pipeline_id || f->product_id) {
        return;
    }
    SQL_ADD(&q, "SELECT ");
    record_columns(&q, e, "j");
    SQL_ADD(&q, " FROM forecast_adjustment j WHERE j.deleted_at IS NULL "
                "AND j.starts_on >= ");
    SQL_VALUE(&q, period_date(c->arena, f->period.from));
    SQL_ADD(&q, " AND j.starts_on < ");
    SQL_VALUE(&q, period_date(c->arena, f->period.to));
    SQL_ADD(&q, " AND j.period IN ('month', ");
    SQL_VALUE(&q, period_kind_name(f->period.kind));
    SQL_ADD(&q, ")");
    adjusted_where(f, &q);
    SQL_ADD(&q, " AND ");
    access_where(c, &q, e, ACTION_READ, "j");
    SQL_ADD(&q, " ORDER BY j.id LIMIT ");
    sql_number(&q, ADJUSTMENTS_MOST);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        p->adjustments[p->n_adjustments++] = record_row(c, e, &rows, 0);
    }
    for (size_t i = 0; i < p->n_adjustments && f->by.kind == BY_DEPARTMENT; i++) {
        const struct record *j = p->adjustments[i];
        int64_t user = record_id(j, "user_id");
        p->departments[i] = user ? DB_INT(c, "SELECT department_id FROM \"user\" WHERE id = $1",
                                          user)
                                 : record_id(j, "department_id");
    }
}

/* The line's own, or of a person in its department or team. */
static bool adjusts(const struct page *p, size_t i, const struct forecast_line *l) {
    int64_t user = record_id(p->adjustments[i], "user_id");
    switch (p->f.by.kind) {
    case BY_OWNER:
        return l->id && user == l->id;
    case BY_DEPARTMENT:
        return l->id && p->departments[i] == l->id;
    case BY_TEAM:
        return user && forecast_team_of(&p->f, user) == l->id;
    default:
        return false;
    }
}

/* Of all, or of the line. */
static int64_t adjusted(const struct page *p, const struct forecast_line *l) {
    int64_t sum = 0;
    for (size_t i = 0; i < p->n_adjustments; i++) {
        bool counts = !l || adjusts(p, i, l);
        sum += counts ? record_int(p->adjustments[i], "amount") : 0;
    }
    return sum;
}

static void money_json(const struct page *p, struct json_writer *w, const char *key,
                       int64_t minor) {
    json_key(w, key);
    value_to_json(w, entity_field(p->f.deal, STR("amount")),
                  (struct value){VALUE_MONEY, minor, p->f.currency});
}

/* The condition that selects deals of a category by their own word or their stage's. */
static void category_where(struct text_buffer *b, enum forecast_part part) {
    static const char *const bounds[FORECAST_PARTS] = {
        [FORECAST_COMMIT] = "{\"field\":\"stage_id.probability\",\"op\":\"gte\",\"value\":\"0.9\"}",
        [FORECAST_BEST_CASE] =
            "{\"field\":\"stage_id.probability\",\"op\":\"gte\",\"value\":\"0.5\"},"
            "{\"field\":\"stage_id.probability\",\"op\":\"lt\",\"value\":\"0.9\"}",
        [FORECAST_PIPELINE] = "{\"any\":[{\"field\":\"stage_id.probability\",\"op\":\"lt\","
                              "\"value\":\"0.5\"},{\"field\":\"stage_id.probability\",\"op\":"
                              "\"is_empty\"}]}"};
    static const char none[] = "{\"field\":\"forecast_category\",\"op\":\"is_empty\"}";
    const char *name = forecast_part_name(part);
    text_add_format(b,
                    ",{\"any\":[{\"field\":\"forecast_category\",\"op\":\"eq\","
                    "\"value\":\"%s\"},{\"all\":[%s,{\"field\":\"stage_id.forecast_category\","
                    "\"op\":\"eq\",\"value\":\"%s\"}]}",
                    name, none, name);
    if (bounds[part]) {
        text_add_format(b,
                        ",{\"all\":[%s,{\"field\":\"stage_id.forecast_category\",\"op\":"
                        "\"is_empty\"},%s]}",
                        none, bounds[part]);
    }
    text_add_c(b, "]}");
}

/* Whose deals stand in the team's line; in that of no team those of whoever is in none. */
static void team_where(const struct sales_forecast *f, int64_t team_id, struct text_buffer *b) {
    size_t n = 0;
    if (!f->n_teams) {
        return;
    }
    text_add_c(b, team_id ? ",{\"field\":\"owner_id\",\"op\":\"in\",\"value\":["
                          : ",{\"any\":[{\"field\":\"owner_id\",\"op\":\"is_empty\"},"
                            "{\"field\":\"owner_id\",\"op\":\"not_in\",\"value\":[");
    for (size_t i = 0; i < f->n_teams; i++) {
        if (!team_id || f->teams[i][1] == team_id) {
            text_add_format(b, "%s\"%lld\"", n++ ? "," : "", (long long)f->teams[i][0]);
        }
    }
    text_add_c(b, team_id ? "]}" : "]}]}");
}

/* What selects the line's deals, but for the period and the category. */
static void line_where(const struct sales_forecast *f, const struct forecast_line *l,
                       struct text_buffer *b) {
    struct performance as = {.c = f->c,
                             .by = f->by,
                             .pipeline_id = f->pipeline_id,
                             .product_id = f->product_id,
                             .owner_id = f->owner_id,
                             .department_id = f->department_id};
    bool apart = l && (f->by.kind == BY_DEPARTMENT || f->by.kind == BY_TEAM);
    struct performance_line line = {.id = l ? l->id : 0, .text = l ? l->text : STR("")};
    performance_where(&as, l && !apart ? &line : NULL, b, true);
    if (apart && f->by.kind == BY_TEAM) {
        team_where(f, l->id, b);
    } else if (apart) {
        text_add_format(b,
                        l->id ? ",{\"field\":\"owner_department_id\",\"op\":\"eq\",\"value\":"
                                "\"%lld\"}"
                              : ",{\"field\":\"owner_department_id\",\"op\":\"is_empty\"}",
                        (long long)l->id);
    }
}

static void where_json(const struct page *p, struct json_writer *w, const struct forecast_line *l,
                       enum forecast_part part) {
    const struct sales_forecast *f = &p->f;
    struct text_buffer b = {.arena = f->c->arena};
    struct str from = period_date(f->c->arena, f->period.from);
    struct str last = period_date(f->c->arena, f->period.to - 1);
    bool closed = part == FORECAST_CLOSED;
    bool under_way = f->today >= f->period.from;
    text_add_format(&b, "{\"all\":[{\"field\":\"state\",\"op\":\"eq\",\"value\":\"%s\"}",
                    closed ? "won" : "open");
    text_add_format(&b, ",{\"field\":\"%s\",\"op\":\"lte\",\"value\":\"%.*s\"}",
                    closed ? "closed_date" : "expected_close_date", STR_ARG(last));
    if (closed || !under_way) {
        text_add_format(&b, ",{\"field\":\"%s\",\"op\":\"gte\",\"value\":\"%.*s\"}",
                        closed ? "closed_date" : "expected_close_date", STR_ARG(from));
    }
    if (!closed) {
        category_where(&b, part);
    }
    line_where(f, l, &b);
    text_add_c(&b, "]}");
    json_put_raw(w, text_str(&b));
}

static void parts_json(const struct page *p, struct json_writer *w, const struct forecast_line *l,
                       const struct forecast_line *figures) {
    json_key(w, "parts");
    json_begin_array(w);
    for (int i = 0; i < FORECAST_PARTS; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "part", json_put_c, forecast_part_name((enum forecast_part)i));
        money_json(p, w, "amount", figures->sums[i]);
        JSON_MEMBER(w, "count", json_put_int, figures->counts[i]);
        json_key(w, "where");
        where_json(p, w, l, (enum forecast_part)i);
        json_end_object(w);
    }
    json_end_array(w);
}

static void outlook_json(const struct page *p, struct json_writer *w,
                         const struct deal_outlook *o) {
    money_json(p, w, "expected", (int64_t)o->expected);
    money_json(p, w, "low", (int64_t)o->low);
    money_json(p, w, "high", (int64_t)o->high);
    json_key(w, "opinions");
    json_begin_object(w);
    money_json(p, w, "open", (int64_t)o->open);
    money_json(p, w, "fresh", (int64_t)o->fresh);
    money_json(p, w, "deals", (int64_t)o->deals);
    money_json(p, w, "history", (int64_t)o->history);
    money_json(p, w, "naive", (int64_t)o->naive);
    json_end_object(w);
}

static struct target line_target(const struct page *p, const struct forecast_line *l) {
    const struct sales_forecast *f = &p->f;
    struct ctx *c = f->c;
    enum scope scope = access_scope(c->actor, f->deal, ACTION_READ);
    struct target none = {TARGET_NONE, 0};
    if (f->pipeline_id || f->product_id || (l && (f->by.kind == BY_FIELD || !l->id))) {
        return none;
    }
    if (l) {
        static const enum target_subject subjects[] = {[BY_OWNER] = TARGET_PERSON,
                                                       [BY_DEPARTMENT] = TARGET_DEPARTMENT,
                                                       [BY_TEAM] = TARGET_TEAM};
        return target_of(p->book, subjects[f->by.kind], l->id);
    }
    if (f->owner_id || f->department_id) {
        return f->owner_id ? target_of(p->book, TARGET_PERSON, f->owner_id)
                           : target_of(p->book, TARGET_DEPARTMENT, f->department_id);
    }
    return scope == SCOPE_ALL    ? target_of(p->book, TARGET_COMPANY, 0)
           : scope == SCOPE_TREE ? target_of(p->book, TARGET_DEPARTMENT, c->actor->department_id)
                                 : target_of(p->book, TARGET_PERSON, c->actor->user_id);
}

/* l NULL: the total. */
static void line_json(const struct page *p, struct json_writer *w, const struct forecast_line *l) {
    const struct forecast_line *figures = l ? l : &p->f.total;
    struct target t = line_target(p, l);
    parts_json(p, w, l, figures);
    outlook_json(p, w, &figures->outlook);
    json_key(w, "target");
    if (t.basis == TARGET_NONE) {
        json_put_null(w);
    } else {
        value_to_json(w, entity_field(p->f.deal, STR("amount")),
                      (struct value){VALUE_MONEY, t.value, p->f.currency});
    }
    money_json(p, w, "adjusted", adjusted(p, l));
    JSON_MEMBER(w, "overdue", json_put_int, figures->overdue);
    JSON_MEMBER(w, "other", json_put_int, figures->other);
}

static void titles_read(const struct sales_forecast *f, struct str *titles) {
    static const char *const entities[] = {"user", "department", "team"};
    struct ctx *c = f->c;
    const struct field *field = f->by.field;
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, f->n, int64_t);
    for (size_t i = 0; i < f->n; i++) {
        const struct field_option *o = field && field->n_options
                                           ? field_option(field, f->lines[i].text)
                                           : NULL;
        ids[i] = f->lines[i].id;
        titles[i] = o ? o->label[c->language] : f->lines[i].text;
    }
    if (f->by.kind != BY_FIELD) {
        list_titles(c, entity_named(c, entities[f->by.kind]), ids, f->n, titles);
    } else if (field->type == FIELD_REFERENCE) {
        list_titles(c, field->target, ids, f->n, titles);
    }
}

/* Who is expected to bring most first, equals in the order of their ids. */
static bool before_line(const struct forecast_line *a, const struct forecast_line *b) {
    return a->outlook.expected != b->outlook.expected ? a->outlook.expected > b->outlook.expected
           : a->id != b->id                           ? a->id < b->id
                                                      : str_compare(a->text, b->text) < 0;
}

static void lines_sort(struct sales_forecast *f) {
    for (size_t i = 1; i < f->n; i++) {
        struct forecast_line l = f->lines[i];
        size_t k = i;
        for (; k > 0 && before_line(&l, &f->lines[k - 1]); k--) {
            f->lines[k] = f->lines[k - 1];
        }
        f->lines[k] = l;
    }
}

static bool speaks(const struct forecast_line *l) {
    int64_t n = 0;
    for (int i = 0; i < FORECAST_PARTS; i++) {
        n += l->counts[i];
    }
    return n > 0 || l->outlook.expected >= 1;
}

static void lines_json(const struct page *p, struct json_writer *w) {
    const struct sales_forecast *f = &p->f;
    struct str *titles = ARENA_NEW_ARRAY(f->c->arena, f->n, struct str);
    titles_read(f, titles);
    json_key(w, "lines");
    json_begin_array(w);
    for (size_t i = 0; i < f->n && !ctx_failed(f->c); i++) {
        if (speaks(&f->lines[i])) {
            json_begin_object(w);
            JSON_MEMBER(w, "id", json_put_id, f->lines[i].id);
            JSON_MEMBER(w, "title", json_put_str, titles[i]);
            line_json(p, w, &f->lines[i]);
            json_end_object(w);
        }
    }
    json_end_array(w);
}

static void share_json(struct json_writer *w, struct arena *a, const char *key, double wape) {
    JSON_MEMBER(w, key, json_put_str, str_format(a, "%.4f", 1 - wape));
}

/* Accuracies are 1 - WAPE; "worse" says that the naive forecast would have been better. */
static void record_json_of(const struct page *p, struct json_writer *w) {
    const struct deal_forecast *s = &p->f.statistics;
    struct arena *a = p->f.c->arena;
    json_key(w, "record");
    json_begin_object(w);
    const char *verdict = s->n_origins == 0          ? "unknown"
                          : s->wape > s->naive_wape  ? "worse"
                          : s->wape == s->naive_wape ? "equal"
                                                     : "better";
    JSON_MEMBER(w, "verdict", json_put_c, verdict);
    share_json(w, a, "accuracy", s->wape);
    share_json(w, a, "naive_accuracy", s->naive_wape);
    share_json(w, a, "line_accuracy", s->group_wape);
    share_json(w, a, "naive_line_accuracy", s->group_naive_wape);
    json_key(w, "periods");
    json_begin_array(w);
    for (int i = 0; i < s->n_origins; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "code", json_put_str,
                    period_code(a, period_step(p->f.first, s->origins[i].period)));
        money_json(p, w, "came", (int64_t)s->origins[i].came);
        money_json(p, w, "said", (int64_t)s->origins[i].said);
        money_json(p, w, "naive", (int64_t)s->origins[i].naive);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

static void forecast_get(struct request *r) {
    struct ctx *c = r->c;
    struct page *p = ARENA_NEW(c->arena, struct page);
    if (!page_read(r, p)) {
        return;
    }
    forecast_read(&p->f);
    lines_sort(&p->f);
    adjustments_read(p);
    p->book = target_book_read(c, p->f.period, TARGET_WON_AMOUNT);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    period_json(c, &w, "period", p->f.period);
    JSON_MEMBER(&w, "today", json_put_str, period_date(c->arena, p->f.today));
    JSON_MEMBER(&w, "by", json_put_str, p->f.by.name);
    JSON_MEMBER(&w, "currency", json_put_str, p->f.currency);
    json_key(&w, "dimensions");
    dimensions_json(c, &w);
    json_key(&w, "total");
    json_begin_object(&w);
    line_json(p, &w, NULL);
    json_end_object(&w);
    JSON_MEMBER(&w, "undated", json_put_int, p->f.undated);
    lines_json(p, &w);
    record_json_of(p, &w);
    json_key(&w, "snapshots");
    forecast_snapshots_json(&p->f, &w);
    json_key(&w, "adjustments");
    records_json(c, &w, p->adjustments, p->n_adjustments, &record_with_titles);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/reports/forecast", "reports:read", LANE_SLOW, forecast_get,
     .summary = "route.forecast",
     .query = "period:text on:date by:text owner_id:id department_id:id pipeline_id:id "
              "product_id:id",
     .answer = "period:object! today:date! by:text! currency:text! dimensions:[object]! "
               "total:object! undated:integer! lines:[(id:id?! title:text!)]! record:object! "
               "snapshots:[object]! adjustments:[object]!"},
    {0}};

static const struct text texts[] = {
    {"forecast.too_far", "只能预测本期和之后八期", "Only this period and eight after it"},
    {"route.forecast", "销售预测", "Sales forecast"},
    {0}};

const struct module forecast_report_module = {
    .name = "sales.forecast", .cloud = "sales", .routes = routes, .texts = texts};
