/*
 * Public capture: leads from outside, without a log-in.
 *
 * A JSON endpoint for programs and a plain HTML form for people, both into lead_take_in. What
 * came is kept as received with the touch. The answer says only that it was received: never
 * whether the person was known. A hidden field that people leave empty catches machines; they
 * get the same thanks and leave nothing behind. What is wrong is told on the page, where what was
 * typed stands again.
 */
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/capture_log.h"
#include "customer/customer.h"
#include "customer/lead.h"
#include "customer/visitor.h"
#include "db/db.h"
#include "entity/access.h"
#include "http/pages.h"
#include "http/rate_limit.h"
#include "http/route.h"
#include "organization/company.h"

static const struct rate_limit by_address = {"capture", 60, 120};

enum { ORIGIN_MOST = 200 };

/* Whose browser it was, if it says so and does not mind. */
static void join_visitor(struct request *r, struct str key, int64_t person_id) {
    if (!person_id || ctx_failed(r->c) || !visitor_key_valid(key) || visitor_declines(r)) {
        return;
    }
    int64_t visitor = visitor_seen(r->c, &(struct sighting){.key = key});
    if (visitor) {
        visitor_join(r->c, visitor, person_id, "form");
    }
}

/* What was sent, as one JSON object, whichever way it came. */
static struct str payload_of(struct ctx *c, struct lead_intake *in) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    for (int i = 0; i < LEAD_INTAKE_TEXTS; i++) {
        struct str value = *lead_intake_text(in, str_from(lead_intake_names[i]));
        if (value.n) {
            JSON_MEMBER(&w, lead_intake_names[i], json_put_str, value);
        }
    }
    json_end_object(&w);
    return json_str(&w);
}

/* Work for the system, whoever sent it. */
static struct intake_result take_in(struct request *r, struct lead_intake *in) {
    struct ctx *c = r->c;
    c->actor = &actor_system;
    if (!in->payload.p) {
        in->payload = payload_of(c, in);
    }
    if (!in->source.n) {
        in->source = STR("website");
    }
    return lead_take_in(c, in);
}

static void nothing_more(struct ctx *c, struct capture *capture) {
    (void)c;
    (void)capture;
}

/* The same, with its line in the log of captures. What is refused is not acknowledged: whoever
 * sent it is told why, and nothing is kept of it. */
static struct intake_result kept_take_in(struct request *r, struct lead_intake *in) {
    struct intake_result result = take_in(r, in);
    struct capture line = {.place = {"api", 0}, .payload = in->payload};
    if (!ctx_failed(r->c)) {
        capture_keep(r->c, &line);
        line.person_id = result.person_id;
        line.lead_id = result.lead_id;
        line.touch_id = result.touch_id;
        capture_run(r->c, &line, nothing_more);
    }
    return result;
}

static void limit(struct request *r) {
    request_rate_limit(r, &by_address, r->client);
}

static void capture_json(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct lead_intake in = {0};
    struct str visitor = {0};
    bool beside = false; /* utm_source and its like stand among the fields, not in extra */
    if (!body) {
        return;
    }
    for (size_t i = 0; i < body->n; i++) {
        const struct json_member *m = &body->members[i];
        bool is_visitor = str_is(m->key, "visitor");
        struct str *text = is_visitor ? &visitor : lead_intake_text(&in, m->key);
        bool is_id = lead_origin_is_id(m->key), is_text = m->value.kind == JSON_IS_TEXT;
        beside = beside || is_id;
        if (text && is_text) {
            *text = m->value.text;
        } else if (text || !(is_id ? is_text : str_is(m->key, "extra"))) {
            FAIL_FIELD(c, str_format(c->arena, "/%.*s", STR_ARG(m->key)),
                       text || is_id ? "field.type" : "field.unknown");
        }
    }
    if (visitor.n && !visitor_key_valid(visitor)) {
        FAIL_FIELD(c, STR("/visitor"), "visitor.key");
    }
    in.payload = r->body;
    if (ctx_failed(c)) {
        return;
    }
    const struct json *ids = beside ? body : json_get(body, "extra");
    bool said = in.source.n || in.campaign.n;
    if (!lead_origin_read(c->arena, ids, &in.origin, in.source.n ? NULL : &in.source,
                          in.campaign.n ? NULL : &in.campaign) &&
        !said) {
        lead_origin_of_visitor(c, visitor, &in);
    }
    struct intake_result result = kept_take_in(r, &in);
    join_visitor(r, visitor, result.person_id);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "received", json_put_id, result.touch_id);
    json_end_object(&w);
    reply_json(r, 201, &w);
}

/* The page. */

static const struct shown {
    const char *name, *label, *more;
} shown[] = {{"name", "capture.name", "required maxlength=\"60\" autocomplete=\"name\""},
             {"phone", "capture.phone", "type=\"tel\" maxlength=\"40\" autocomplete=\"tel\""},
             {"email", "capture.email", "type=\"email\" maxlength=\"120\" autocomplete=\"email\""},
             {"company_name", "capture.company", "maxlength=\"120\" autocomplete=\"organization\""},
             {NULL, NULL, NULL}};

struct form_view {
    struct request *r;
    enum language language;
    struct text_buffer out;
    struct str (*value)(struct request *r, const char *name); /* what stands in a field */
    const struct error *wrong;                                /* NULL: nothing is */
};

static struct str language_word(enum language l) {
    return l == LANGUAGE_EN ? STR("en") : STR("zh-CN");
}

static void say(struct form_view *v, const char *html, const char *code) {
    text_add_c(&v->out, html);
    text_add(&v->out, message_words(v->language, code));
}

static void page_begin(struct form_view *v, const char *heading) {
    text_add_c(&v->out, "<!doctype html><html lang=\"");
    text_add(&v->out, language_word(v->language));
    say(v,
        "\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
        "<title>",
        "capture.title");
    text_add_c(&v->out,
               "</title><style>:root{color-scheme:light dark;--ink:#17212a;--soft:#4b5863;"
               "--line:#8a96a0;--paper:#fff;--ground:#f6f8f9;--accent:#0b6e84;--on:#fff;"
               "--bad:#b3261e}@media(prefers-color-scheme:dark){:root{--ink:#e8edf0;--soft:"
               "#a9b5be;--line:#66737d;--paper:#182129;--ground:#10171d;--accent:#4cb5cc;"
               "--on:#06181d;--bad:#ff8a80}}body{font:16px/1.6 system-ui,'PingFang SC',"
               "'Noto Sans CJK SC',sans-serif;color:var(--ink);background:var(--ground);"
               "margin:0}main{max-width:32rem;margin:8vh auto;padding:24px;background:"
               "var(--paper)}label{display:block;margin:12px 0 4px;color:var(--soft)}input{"
               "width:100%;box-sizing:border-box;height:44px;padding:0 12px;border:1px solid "
               "var(--line);border-radius:6px;font:inherit;color:inherit;background:"
               "var(--paper)}button{margin-top:20px;height:44px;padding:0 24px;border:0;"
               "border-radius:6px;background:var(--accent);color:var(--on);font:inherit}"
               ".wrong{color:var(--bad);margin:4px 0 0}.trap{position:absolute;left:-9999px}"
               "</style><main>");
    say(v, "<h1>", heading);
    text_add_c(&v->out, "</h1>");
}

static void attribute(struct form_view *v, const char *name, struct str value) {
    text_add_format(&v->out, " %s=\"", name);
    html_add(&v->out, value);
    text_add_c(&v->out, "\"");
}

/* What is wrong with a field, each said once. */
static void wrong_write(struct form_view *v, const struct field_error *e, const char *name) {
    struct str pointer = str_format(v->r->c->arena, "/%s", name), last = {0};
    for (; e; e = e->next) {
        struct str words = message_format(v->r->c->arena, v->language, e->text, e->parameters,
                                          ERROR_PARAMETERS);
        if (str_equal(e->pointer, pointer) && !str_equal(words, last)) {
            text_add_c(&v->out, "<p class=\"wrong\" role=\"alert\">");
            html_add(&v->out, words);
            text_add_c(&v->out, "</p>");
            last = words;
        }
    }
}

/* The form's page is a page of the site like others: it has the script that tells of visitors. */
static void form_write(struct form_view *v) {
    page_begin(v, "capture.title");
    text_add_c(&v->out, "<form method=\"post\" action=\"/f/lead\" data-guantong>");
    for (const struct shown *f = shown; f->name; f++) {
        text_add_format(&v->out, "<label for=\"%s\">", f->name);
        say(v, "", f->label);
        text_add_format(&v->out, "</label><input id=\"%s\" name=\"%s\" %s", f->name, f->name,
                        f->more);
        attribute(v, "value", v->value(v->r, f->name));
        text_add_c(&v->out, ">");
        wrong_write(v, v->wrong ? v->wrong->fields : NULL, f->name);
    }
    for (const char *const *id = lead_origin_ids; *id; id++) {
        struct str value = v->value(v->r, *id);
        if (value.n) {
            text_add_format(&v->out, "<input type=\"hidden\" name=\"%s\"", *id);
            attribute(v, "value", text_truncate(value, ORIGIN_MOST));
            text_add_c(&v->out, ">");
        }
    }
    say(v,
        "<p class=\"trap\" aria-hidden=\"true\"><input name=\"website_url\" tabindex=\"-1\" "
        "autocomplete=\"off\"></p><button>",
        "capture.send");
    text_add_c(&v->out, "</button></form></main>");
    if (company_cloud_on(v->r->c, STR("marketing"))) {
        text_add_c(&v->out, "<script src=\"/t.js\" defer></script>");
    }
    text_add_c(&v->out, "</html>");
}

static struct str from_query(struct request *r, const char *name) {
    return request_query_any_case(r, name);
}

static struct form_view view_of(struct request *r, const struct error *wrong) {
    return (struct form_view){.r = r,
                              .language = language_parse(request_header(r, "Accept-Language")),
                              .out = {.arena = r->c->arena},
                              .value = wrong ? request_form : from_query,
                              .wrong = wrong};
}

static void reply_form(struct request *r, const struct error *wrong) {
    struct form_view v = view_of(r, wrong);
    form_write(&v);
    if (!ctx_failed(r->c)) {
        reply_text(r, wrong ? 422 : 200, "text/html; charset=utf-8", text_str(&v.out));
        reply_header(r, "Cache-Control", STR("no-store"));
    }
}

static void form_get(struct request *r) {
    reply_form(r, NULL);
}

static void reply_thanks(struct request *r) {
    struct form_view v = view_of(r, NULL);
    page_begin(&v, "capture.thanks");
    say(&v, "<p>", "capture.soon");
    text_add_c(&v.out, "</p></main></html>");
    reply_text(r, 200, "text/html; charset=utf-8", text_str(&v.out));
}

/* What was posted, with the campaign the page was come to by. */
static struct lead_intake form_intake(struct request *r) {
    struct lead_intake in = {0};
    struct json_writer ids = json_writer(r->c->arena);
    for (int i = 0; i < LEAD_INTAKE_TEXTS; i++) {
        const char *name = lead_intake_names[i];
        *lead_intake_text(&in, str_from(name)) = request_form(r, name);
    }
    json_begin_object(&ids);
    for (const char *const *id = lead_origin_ids; *id; id++) {
        JSON_MEMBER(&ids, *id, json_put_str, text_truncate(request_form(r, *id), ORIGIN_MOST));
    }
    json_end_object(&ids);
    bool said = in.source.n || in.campaign.n;
    if (!lead_origin_read(r->c->arena, json_parse(r->c, json_str(&ids)), &in.origin,
                          in.source.n ? NULL : &in.source, in.campaign.n ? NULL : &in.campaign) &&
        !said) {
        lead_origin_of_visitor(r->c, request_form(r, "visitor"), &in);
    }
    return in;
}

static void form_post(struct request *r) {
    struct ctx *c = r->c;
    struct lead_intake in = form_intake(r);
    if (request_form(r, "website_url").n) {
        reply_thanks(r);
        return;
    }
    db_savepoint(c);
    join_visitor(r, request_form(r, "visitor"), kept_take_in(r, &in).person_id);
    if (!ctx_failed(c)) {
        db_release(c);
        reply_thanks(r);
        return;
    }
    db_rollback_savepoint(c->db);
    if (c->error.code == ERROR_INVALID && c->error.fields) {
        struct error wrong = c->error;
        ctx_clear_error(c);
        reply_form(r, &wrong);
    }
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/public/leads", PERMISSION_PUBLIC, LANE_WRITER, capture_json,
     .prepare = limit, .flags = ROUTE_NO_CSRF | ROUTE_PREPARE_HERE, .summary = "route.capture",
     .body = "name:text phone:text email:text company_name:text job_title:text "
             "region:text source:text campaign:text product_interest:text "
             "description:text visitor:text utm_source:text utm_medium:text utm_campaign:text "
             "utm_term:text utm_content:text gclid:text bd_vid:text qz_gdt:text clickid:text "
             "ttclid:text fbclid:text msclkid:text extra:any",
     .answer = "201 received:id!"},
    {METHOD_GET, "/f/lead", PERMISSION_PUBLIC, LANE_INLINE, form_get, .flags = ROUTE_HIDDEN,
     .summary = "route.capture"},
    {METHOD_POST, "/f/lead", PERMISSION_PUBLIC, LANE_WRITER, form_post, .prepare = limit,
     .flags = ROUTE_HIDDEN | ROUTE_NO_CSRF | ROUTE_PLAIN_ERRORS | ROUTE_PREPARE_HERE,
     .summary = "route.capture"},
    {0}};

static const struct text texts[] = {
    {"capture.title", "联系我们", "Contact us"},
    {"capture.name", "姓名", "Name"},
    {"capture.phone", "手机", "Mobile"},
    {"capture.email", "邮箱", "E-mail"},
    {"capture.company", "公司", "Company"},
    {"capture.send", "提交", "Send"},
    {"capture.thanks", "收到了", "Thank you"},
    {"capture.soon", "我们会尽快与您联系。", "We will be in touch soon."},
    {"route.capture", "公开表单提交线索", "Submit a lead from outside"},
    {0}};

const struct module capture_module = {
    .name = "customer.capture", .cloud = "customer", .routes = routes, .texts = texts};
