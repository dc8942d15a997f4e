/*
 * See performance.h. The report: figures of a period beside those of an earlier one, the targets
 * that hold, and how each opens to its records.
 *
 * A period that is not over is compared with as many days of the earlier one. What a
 * representative sees of others is what the company allows (ranking_shows): what they won, and
 * nothing that opens.
 */
#include "sales/performance.h"

#include "base/message.h"
#include "base/module.h"
#include "http/route.h"
#include "organization/company.h"
#include "sales/rate.h"
#include "sales/sales.h"
#include "sales/target.h"

enum { TREND_MOST = 12 };

struct report {
    struct performance p;
    struct target_book *books[TARGET_MEASURES];
    int64_t today;
    bool by_year; /* compared with the same period of the year before */
    bool cut;     /* only as many days as have gone by */
};

static int64_t id_given(struct request *r, const char *name) {
    return request_query_int(r, name, 0);
}

static void periods_set(struct request *r, struct report *t) {
    struct ctx *c = r->c;
    struct performance *p = &t->p;
    enum period_kind kind = PERIOD_MONTH;
    struct str word = request_query(r, "period"), on = request_query(r, "on");
    if (word.n && !period_kind_find(word, &kind)) {
        FAIL_FIELD(c, STR("/period"), "option.unknown");
    }
    int64_t day = on.n ? period_day(on) : t->today;
    if (day < 0) {
        FAIL_FIELD(c, STR("/on"), "date.syntax");
        return;
    }
    t->by_year = str_is(request_query(r, "compare"), "year");
    p->period = period_at(kind, day);
    struct date d = date_from_days(p->period.from);
    struct date year_ago = {d.year - 1, d.month, d.month == 2 && d.day == 29 ? 28 : d.day};
    p->before = t->by_year ? period_at(kind, date_to_days(year_ago)) : period_step(p->period, -1);
    t->cut = t->today >= p->period.from && t->today < p->period.to - 1;
    if (t->cut) {
        int64_t end = p->before.from + (t->today + 1 - p->period.from);
        p->before.to = end < p->before.to ? end : p->before.to;
    }
}

static bool report_read(struct request *r, struct report *t) {
    struct ctx *c = r->c;
    struct performance *p = &t->p;
    *t = (struct report){.today = period_today(c)};
    *p = (struct performance){.c = c,
                              .deal = entity_named(c, "opportunity"),
                              .lead = entity_named(c, "lead"),
                              .activity = entity_named(c, "activity"),
                              .account = entity_named(c, "account"),
                              .pipeline_id = id_given(r, "pipeline_id"),
                              .product_id = id_given(r, "product_id"),
                              .owner_id = id_given(r, "owner_id"),
                              .department_id = id_given(r, "department_id"),
                              .currency = company_currency(c),
                              .zone = company_zone(c)};
    periods_set(r, t);
    dimension_find(c, request_query(r, "by"), &p->by);
    const struct field *amount = entity_field(p->deal, STR("amount"));
    if (access_scope(c->actor, p->deal, ACTION_READ) == SCOPE_NONE ||
        access_field(c->actor, p->deal, amount) < RIGHT_READ) {
        FAIL(c, ERROR_DENIED, "access.denied");
    }
    return !ctx_failed(c);
}

static void money_json(const struct report *t, struct json_writer *w, const char *key,
                       int64_t minor) {
    json_key(w, key);
    value_to_json(w, entity_field(t->p.deal, STR("amount")),
                  (struct value){VALUE_MONEY, minor, t->p.currency});
}

static void where_json(const struct report *t, struct json_writer *w,
                       const struct performance_line *l, const char *key) {
    struct ctx *c = t->p.c;
    struct text_buffer b = {.arena = c->arena};
    struct str from = period_date(c->arena, t->p.period.from);
    struct str last = period_date(c->arena, t->p.period.to - 1);
    bool deals = str_is(str_from(key), "won") || str_is(str_from(key), "closed");
    const char *at = str_is(str_from(key), "follow_ups")  ? "occurred_at"
                     : str_is(str_from(key), "converted") ? "converted_at"
                                                          : "created_at";
    if (deals) {
        text_add_format(&b, "{\"all\":[{\"field\":\"state\",\"op\":\"%s\",\"value\":\"%s\"}",
                        str_is(str_from(key), "won") ? "eq" : "ne",
                        str_is(str_from(key), "won") ? "won" : "open");
        text_add_format(&b,
                        ",{\"field\":\"closed_date\",\"op\":\"between\",\"value\":[\"%.*s\","
                        "\"%.*s\"]}",
                        STR_ARG(from), STR_ARG(last));
    } else {
        char first[INSTANT_TEXT], end[INSTANT_TEXT];
        instant_format(period_instant(c, t->p.period.from), first);
        instant_format(period_instant(c, t->p.period.to), end);
        text_add_format(&b,
                        "{\"all\":[{\"field\":\"%s\",\"op\":\"gte\",\"value\":\"%s\"},"
                        "{\"field\":\"%s\",\"op\":\"lt\",\"value\":\"%s\"}",
                        at, first, at, end);
    }
    performance_where(&t->p, l, &b, deals);
    text_add_c(&b, "]}");
    json_key(w, key);
    json_put_raw(w, text_str(&b));
}

static void mean_json(struct json_writer *w, struct arena *a, const struct figures *f) {
    if (!f->timed) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    JSON_MEMBER(w, "days", json_put_str, str_format(a, "%.1f", (double)f->days / (double)f->timed));
    JSON_MEMBER(w, "known", json_put_int, f->timed);
    json_end_object(w);
}

static void figures_json(const struct report *t, struct json_writer *w, const char *key,
                         const struct figures *f, bool opens) {
    struct arena *a = t->p.c->arena;
    json_key(w, key);
    json_begin_object(w);
    money_json(t, w, "won_amount", f->sum);
    JSON_MEMBER(w, "won", json_put_int, f->won);
    if (opens) {
        JSON_MEMBER(w, "other", json_put_int, f->other);
        JSON_MEMBER(w, "lost", json_put_int, f->lost);
        json_key(w, "win_rate");
        rate_json(w, a, f->won, f->won + f->lost);
        json_key(w, "cycle");
        mean_json(w, a, f);
        JSON_MEMBER(w, "leads", json_put_int, f->leads);
        json_key(w, "lead_conversion");
        rate_json(w, a, f->leads_won_over, f->leads);
        JSON_MEMBER(w, "converted", json_put_int, f->converted);
        JSON_MEMBER(w, "follow_ups", json_put_int, f->follow_ups);
    }
    json_end_object(w);
}

static void opens_json(const struct report *t, struct json_writer *w,
                       const struct performance_line *l) {
    bool own = t->p.by.kind != BY_FIELD;
    json_key(w, "where");
    json_begin_object(w);
    where_json(t, w, l, "won");
    where_json(t, w, l, "closed");
    if ((own || t->p.by.lead || !l) && !t->p.pipeline_id && !t->p.product_id) {
        where_json(t, w, l, "leads");
        where_json(t, w, l, "converted");
    }
    if ((own || !l) && !t->p.pipeline_id && !t->p.product_id) {
        where_json(t, w, l, "follow_ups");
    }
    json_end_object(w);
}

/* What is planned, and how much of it is reached. */
static void target_json(const struct report *t, struct json_writer *w, enum target_measure measure,
                        struct target target, int64_t reached) {
    static const char *const keys[TARGET_MEASURES] = {"target", "target_won", "target_converted"};
    json_key(w, keys[measure]);
    if (target.basis == TARGET_NONE) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    if (measure == TARGET_WON_AMOUNT) {
        money_json(t, w, "amount", target.value);
    } else {
        JSON_MEMBER(w, "count", json_put_int, target.value);
    }
    JSON_MEMBER(w, "basis", json_put_c, target_basis_name(target.basis));
    json_key(w, "reached");
    if (target.value > 0) {
        json_put_str(w, str_format(t->p.c->arena, "%.4f", (double)reached / (double)target.value));
    } else {
        json_put_null(w);
    }
    json_end_object(w);
}

/* What is measured against targets. */
static int64_t reached_by(const struct figures *f, enum target_measure measure) {
    return measure == TARGET_WON_AMOUNT  ? f->sum
           : measure == TARGET_WON_COUNT ? f->won
                                         : f->converted;
}

static void line_targets_json(const struct report *t, struct json_writer *w,
                              const struct performance_line *l) {
    static const enum target_subject subjects[] = {
        [BY_OWNER] = TARGET_PERSON, [BY_DEPARTMENT] = TARGET_DEPARTMENT, [BY_TEAM] = TARGET_TEAM};
    struct target none = {TARGET_NONE, 0};
    bool planned = t->p.by.kind != BY_FIELD && l->id && l->opens && !t->p.pipeline_id &&
                   !t->p.product_id;
    for (int m = 0; m < TARGET_MEASURES; m++) {
        struct target target = planned ? target_of(t->books[m], subjects[t->p.by.kind], l->id)
                                       : none;
        target_json(t, w, (enum target_measure)m, target,
                    reached_by(&l->now, (enum target_measure)m));
    }
}

/* What the reader's own figures are measured against: the company's target with the right to all,
 * the department's with that to the tree, else one's own. */
static struct target reader_target(const struct report *t, const struct target_book *book) {
    struct ctx *c = t->p.c;
    enum scope scope = access_scope(c->actor, t->p.deal, ACTION_READ);
    if (t->p.pipeline_id || t->p.product_id) {
        return (struct target){TARGET_NONE, 0};
    }
    if (t->p.owner_id) {
        return target_of(book, TARGET_PERSON, t->p.owner_id);
    }
    if (t->p.department_id) {
        return target_of(book, TARGET_DEPARTMENT, t->p.department_id);
    }
    return scope == SCOPE_ALL    ? target_of(book, TARGET_COMPANY, 0)
           : scope == SCOPE_TREE ? target_of(book, TARGET_DEPARTMENT, c->actor->department_id)
                                 : target_of(book, TARGET_PERSON, c->actor->user_id);
}

static void line_json(const struct report *t, struct json_writer *w,
                      const struct performance_line *l, struct str title) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, l->id);
    JSON_MEMBER(w, "title", json_put_str, title);
    JSON_MEMBER(w, "opens", json_put_bool, l->opens);
    figures_json(t, w, "now", &l->now, l->opens);
    figures_json(t, w, "before", &l->before, l->opens);
    line_targets_json(t, w, l);
    if (l->opens) {
        opens_json(t, w, l);
    }
    json_end_object(w);
}

/* Most won first; who has the same stands in the order of the ids, whatever the database gave. */
static bool before_line(const struct performance_line *a, const struct performance_line *b) {
    return a->now.sum != b->now.sum   ? a->now.sum > b->now.sum
           : a->now.won != b->now.won ? a->now.won > b->now.won
           : a->id != b->id           ? a->id < b->id
                                      : str_compare(a->text, b->text) < 0;
}

static void lines_sort(struct performance *p) {
    for (size_t i = 1; i < p->n; i++) {
        struct performance_line l = p->lines[i];
        size_t k = i;
        for (; k > 0 && before_line(&l, &p->lines[k - 1]); k--) {
            p->lines[k] = p->lines[k - 1];
        }
        p->lines[k] = l;
    }
}

static void titles_read(const struct performance *p, struct str *titles) {
    static const char *const targets[] = {"user", "department", "team"};
    struct ctx *c = p->c;
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, p->n, int64_t);
    const struct field *f = p->by.field;
    for (size_t i = 0; i < p->n; i++) {
        ids[i] = p->lines[i].id;
        const struct field_option *o = f && f->n_options ? field_option(f, p->lines[i].text) : NULL;
        titles[i] = o ? o->label[c->language] : p->lines[i].text;
    }
    if (p->by.kind != BY_FIELD) {
        list_titles(c, entity_named(c, targets[p->by.kind]), ids, p->n, titles);
    } else if (f->type == FIELD_REFERENCE) {
        list_titles(c, f->target, ids, p->n, titles);
    }
    for (size_t i = 0; i < p->n && f && f->type == FIELD_BOOLEAN; i++) {
        titles[i] = message_words(c->language, ids[i] ? "performance.yes" : "performance.no");
    }
}

static void lines_json(const struct report *t, struct json_writer *w) {
    const struct performance *p = &t->p;
    struct str *titles = ARENA_NEW_ARRAY(p->c->arena, p->n, struct str);
    titles_read(p, titles);
    json_key(w, "lines");
    json_begin_array(w);
    for (size_t i = 0; i < p->n && !ctx_failed(p->c); i++) {
        line_json(t, w, &p->lines[i], titles[i]);
    }
    json_end_array(w);
}

/* Won and target of the last periods of this kind, the one shown last. */
static void trend_json(const struct report *t, struct json_writer *w) {
    struct ctx *c = t->p.c;
    json_key(w, "trend");
    json_begin_array(w);
    for (int k = TREND_MOST - 1; k >= 0 && !ctx_failed(c); k--) {
        struct performance past = t->p;
        past.period = period_step(t->p.period, -k);
        past.before = (struct period){past.period.kind, past.period.from, past.period.from};
        struct sales_sum sum = performance_won(&past);
        struct target_book *book = target_book_read(c, past.period, TARGET_WON_AMOUNT);
        json_begin_object(w);
        period_json(c, w, "period", past.period);
        money_json(t, w, "won_amount", sum.minor);
        JSON_MEMBER(w, "won", json_put_int, sum.count);
        target_json(t, w, TARGET_WON_AMOUNT, reader_target(t, book), sum.minor);
        json_end_object(w);
    }
    json_end_array(w);
}

static void total_json(const struct report *t, struct json_writer *w) {
    json_key(w, "total");
    json_begin_object(w);
    figures_json(t, w, "now", &t->p.now, true);
    figures_json(t, w, "before", &t->p.total_before, true);
    for (int m = 0; m < TARGET_MEASURES; m++) {
        target_json(t, w, (enum target_measure)m, reader_target(t, t->books[m]),
                    reached_by(&t->p.now, (enum target_measure)m));
    }
    opens_json(t, w, NULL);
    json_end_object(w);
}

static void performance_get(struct request *r) {
    struct ctx *c = r->c;
    struct report *t = ARENA_NEW(c->arena, struct report);
    if (!report_read(r, t)) {
        return;
    }
    performance_count(&t->p);
    performance_rank_others(&t->p);
    lines_sort(&t->p);
    for (int m = 0; m < TARGET_MEASURES; m++) {
        t->books[m] = target_book_read(c, t->p.period, (enum target_measure)m);
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    period_json(c, &w, "period", t->p.period);
    period_json(c, &w, "before", t->p.before);
    JSON_MEMBER(&w, "cut", json_put_bool, t->cut);
    JSON_MEMBER(&w, "by", json_put_str, t->p.by.name);
    JSON_MEMBER(&w, "currency", json_put_str, t->p.currency);
    json_key(&w, "dimensions");
    dimensions_json(c, &w);
    total_json(t, &w);
    lines_json(t, &w);
    trend_json(t, &w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/reports/performance", "reports:read", LANE_SLOW, performance_get,
     .summary = "route.performance",
     .query = "period:text on:date compare:text by:text owner_id:id department_id:id "
              "pipeline_id:id product_id:id",
     .answer = "period:object! before:object! cut:boolean! by:text! currency:text! "
               "dimensions:[(name:text! label:text!)]! total:object! "
               "lines:[(id:id?! title:text! opens:boolean! now:object! before:object!)]! "
               "trend:[object]!"},
    {0}};

static const struct text texts[] = {
    {"performance.by_owner", "人员", "Person"},
    {"performance.by_department", "部门", "Department"},
    {"performance.by_team", "团队", "Team"},
    {"performance.dimension", "不能按这个字段分组", "Figures cannot be grouped by this field"},
    {"performance.yes", "是", "Yes"},
    {"performance.no", "否", "No"},
    {"route.performance", "绩效", "Performance"},
    {0}};

const struct module performance_module = {
    .name = "sales.performance", .cloud = "sales", .routes = routes, .texts = texts};
