/* See funnel_request.h. */
#include "sales/funnel_request.h"

#include "base/clock.h"
#include "db/db.h"
#include "organization/company.h"
#include "sales/period.h"

enum { SET_MOST = 500 };

static bool day_read(struct request *r, const char *name, struct str *text, int64_t *day) {
    struct date d;
    *text = request_query(r, name);
    if (!text->n) {
        return true;
    }
    if (!date_parse(*text, &d)) {
        FAIL_FIELD(r->c, str_format(r->c->arena, "/%s", name), "date.syntax");
        return false;
    }
    *day = date_to_days(d);
    return true;
}

static struct id_set ids_of(struct ctx *c, struct db_rows *rows) {
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, SET_MOST, int64_t);
    size_t n = 0;
    while (n < SET_MOST && db_next(rows)) {
        ids[n++] = db_int(rows, 0);
    }
    db_done(rows);
    return (struct id_set){ids, n};
}

static void whose_read(struct request *r, struct funnel_request *q) {
    struct ctx *c = r->c;
    struct db_rows rows;
    q->filter.owner_id = request_query_int(r, "owner_id", 0);
    q->department_id = request_query_int(r, "department_id", 0);
    q->team_id = request_query_int(r, "team_id", 0);
    if (q->department_id) {
        DB_QUERY(c, &rows,
                 "WITH RECURSIVE below (id) AS (SELECT d.id FROM department d WHERE d.id = $1 "
                 "UNION SELECT d.id FROM department d JOIN below b ON d.parent_id = b.id "
                 "WHERE d.deleted_at IS NULL) SELECT id FROM below ORDER BY id",
                 q->department_id);
        q->departments = ids_of(c, &rows);
        q->filter.departments = &q->departments;
    }
    if (q->team_id) {
        DB_QUERY(c, &rows,
                 "SELECT user_id FROM team_member WHERE team_id = $1 AND deleted_at IS NULL "
                 "ORDER BY user_id",
                 q->team_id);
        q->owners = ids_of(c, &rows);
        q->filter.owners = &q->owners;
    }
}

bool funnel_request_read(struct request *r, struct funnel_request *q) {
    struct ctx *c = r->c;
    struct str view = request_query(r, "view");
    *q = (struct funnel_request){.c = c,
                                 .period = str_is(view, "period"),
                                 .filter = {.from = INT64_MIN, .to = INT64_MAX},
                                 .zone = company_zone(c)};
    if (view.n && !q->period && !str_is(view, "leads")) {
        FAIL_FIELD(c, STR("/view"), "funnel.view");
    }
    day_read(r, "from", &q->from, &q->filter.from);
    if (day_read(r, "to", &q->to, &q->filter.to) && q->to.n) {
        q->filter.to++;
    }
    whose_read(r, q);
    q->filter.source = request_query(r, "source");
    q->filter.region = request_query(r, "region");
    q->filter.pipeline_id = request_query_int(r, "pipeline_id", 0);
    q->filter.product_id = request_query_int(r, "product_id", 0);
    return !ctx_failed(c);
}

static bool whole_months(int64_t from, int64_t to, int *months) {
    struct date a = date_from_days(from), b = date_from_days(to);
    *months = (b.year - a.year) * 12 + b.month - a.month;
    return a.day == 1 && b.day == 1 && *months > 0;
}

bool funnel_period_before(const struct funnel_request *q, struct funnel_filter *before) {
    int months;
    if (!q->from.n || !q->to.n || q->filter.from >= q->filter.to) {
        return false;
    }
    *before = q->filter;
    before->to = q->filter.from;
    before->from = q->filter.from - (q->filter.to - q->filter.from);
    if (whole_months(q->filter.from, q->filter.to, &months)) {
        before->from = period_step(period_at(PERIOD_MONTH, q->filter.from), -months).from;
    }
    return true;
}

/* Leaves of a condition, each behind a comma but the first. */

static void leaf_add(struct text_buffer *b, struct str leaf) {
    if (b->n) {
        text_add_char(b, ',');
    }
    text_add(b, leaf);
}

static void text_leaf(const struct funnel_request *q, struct text_buffer *b, const char *field,
                      const char *op, struct str value) {
    struct json_writer w = json_writer(q->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "field", json_put_c, field);
    JSON_MEMBER(&w, "op", json_put_c, op);
    JSON_MEMBER(&w, "value", json_put_str, value);
    json_end_object(&w);
    leaf_add(b, json_str(&w));
}

static void instant_leaf(const struct funnel_request *q, struct text_buffer *b, const char *op,
                         int64_t day) {
    struct json_writer w = json_writer(q->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "field", json_put_c, "created_at");
    JSON_MEMBER(&w, "op", json_put_c, op);
    JSON_MEMBER(&w, "value", json_put_instant, zone_midnight(q->zone, date_from_days(day)));
    json_end_object(&w);
    leaf_add(b, json_str(&w));
}

static void created_leaves(const struct funnel_request *q, struct text_buffer *b) {
    if (q->from.n) {
        instant_leaf(q, b, "gte", q->filter.from);
    }
    if (q->to.n) {
        instant_leaf(q, b, "lt", q->filter.to);
    }
}

static void date_leaves(const struct funnel_request *q, struct text_buffer *b, const char *field) {
    if (q->from.n) {
        text_leaf(q, b, field, "gte", q->from);
    }
    if (q->to.n) {
        text_leaf(q, b, field, "lte", q->to);
    }
    if (!q->from.n && !q->to.n) {
        leaf_add(
            b, str_format(q->c->arena, "{\"not\":{\"field\":\"%s\",\"op\":\"is_empty\"}}", field));
    }
}

/* A deal begins on its engaged date, when it says one, else when it was made. */
static void begun_leaf(const struct funnel_request *q, struct text_buffer *b) {
    struct text_buffer engaged = {.arena = q->c->arena}, made = {.arena = q->c->arena};
    if (!q->from.n && !q->to.n) {
        return;
    }
    date_leaves(q, &engaged, "engaged_date");
    leaf_add(&made, STR("{\"field\":\"engaged_date\",\"op\":\"is_empty\"}"));
    created_leaves(q, &made);
    leaf_add(b, str_format(q->c->arena, "{\"any\":[{\"all\":[%.*s]},{\"all\":[%.*s]}]}",
                           STR_ARG(text_str(&engaged)), STR_ARG(text_str(&made))));
}

static void set_leaf(const struct funnel_request *q, struct text_buffer *b, const char *field,
                     struct id_set set) {
    struct text_buffer ids = {.arena = q->c->arena};
    for (size_t i = 0; i < set.n; i++) {
        text_add_format(&ids, "%s\"%lld\"", i ? "," : "", (long long)set.ids[i]);
    }
    leaf_add(b, str_format(q->c->arena, "{\"field\":\"%s\",\"op\":\"in\",\"value\":[%.*s]}", field,
                           STR_ARG(set.n ? text_str(&ids) : STR("\"0\""))));
}

static void id_leaf(const struct funnel_request *q, struct text_buffer *b, const char *field,
                    int64_t id) {
    if (id) {
        text_leaf(q, b, field, "eq", str_format(q->c->arena, "%lld", (long long)id));
    }
}

static void filter_leaves(const struct funnel_request *q, struct text_buffer *b, bool deals) {
    id_leaf(q, b, "owner_id", q->filter.owner_id);
    if (q->team_id) {
        set_leaf(q, b, "owner_id", q->owners);
    }
    if (q->department_id) {
        set_leaf(q, b, "owner_department_id", q->departments);
    }
    if (q->filter.source.n) {
        text_leaf(q, b, "source", "eq", q->filter.source);
    }
    if (q->filter.region.n) {
        text_leaf(q, b, deals ? "account_id.region" : "region", "eq", q->filter.region);
    }
    id_leaf(q, b, deals ? "pipeline_id" : "opportunity_id.pipeline_id", q->filter.pipeline_id);
    id_leaf(q, b, deals ? "product_id" : "opportunity_id.product_id", q->filter.product_id);
}

struct str funnel_filter_leaves(const struct funnel_request *q, bool deals) {
    struct text_buffer b = {.arena = q->c->arena};
    filter_leaves(q, &b, deals);
    return b.n ? text_str(&b) : STR("");
}

/* Leads that came as far as the step and are still under way. */
static void open_leads(const struct funnel_request *q, struct text_buffer *b, int step) {
    if (step == STEP_LEAD) {
        leaf_add(b, STR("{\"field\":\"furthest_step\",\"op\":\"is_empty\"},{\"field\":\"status\","
                        "\"op\":\"in\",\"value\":[\"new\",\"working\",\"nurturing\","
                        "\"returned\"]}"));
        return;
    }
    text_leaf(q, b, "furthest_step", "eq", str_from(funnel_lead_says(step)));
    text_leaf(q, b, "deal_state", "eq", STR("open"));
}

static void open_deals(const struct funnel_request *q, struct text_buffer *b, int step) {
    text_leaf(q, b, "furthest_step", "eq", str_from(funnel_step_codes[step]));
    text_leaf(q, b, "state", "eq", STR("open"));
}

static void settled_leaf(const struct funnel_request *q, struct text_buffer *b,
                         const struct funnel_figure *f) {
    struct text_buffer open = {.arena = q->c->arena};
    (f->deals ? open_deals : open_leads)(q, &open, f->step);
    leaf_add(b, str_format(q->c->arena, "{\"not\":{\"all\":[%.*s]}}", STR_ARG(text_str(&open))));
}

static void lead_leaves(const struct funnel_request *q, struct text_buffer *b,
                        const struct funnel_figure *f) {
    created_leaves(q, b);
    if (f->open) {
        open_leads(q, b, f->step);
    } else if (f->step > STEP_LEAD) {
        struct text_buffer steps = {.arena = q->c->arena};
        for (int k = f->step; k < FUNNEL_STEPS; k++) {
            text_add_format(&steps, "%s\"%s\"", k > f->step ? "," : "", funnel_lead_says(k));
        }
        leaf_add(b, str_format(q->c->arena,
                               "{\"field\":\"furthest_step\",\"op\":\"in\",\"value\":[%.*s]}",
                               STR_ARG(text_str(&steps))));
    }
}

void funnel_where_json(const struct funnel_request *q, struct json_writer *w,
                       const struct funnel_figure *f) {
    struct text_buffer b = {.arena = q->c->arena};
    if (!f->deals) {
        lead_leaves(q, &b, f);
    } else if (f->step == STEP_OPPORTUNITY) {
        begun_leaf(q, &b);
    } else {
        date_leaves(q, &b, funnel_day_fields[f->step]);
    }
    filter_leaves(q, &b, f->deals);
    if (f->settled) {
        settled_leaf(q, &b, f);
    }
    if (f->more.n) {
        leaf_add(&b, f->more);
    }
    json_put_raw(w, str_format(q->c->arena, "{\"all\":[%.*s]}", STR_ARG(text_str(&b))));
}
