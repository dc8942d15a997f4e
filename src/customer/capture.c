/*
 * Public capture: leads from outside, without a log-in.
 *
 * A JSON endpoint for programs and a plain HTML form for people, both into lead_take_in. What
 * came is kept as received with the touch. The answer says only that it was received: never
 * whether the person was known. A hidden field that people leave empty catches machines; they
 * get the same thanks and leave nothing behind.
 */
#include "base/message.h"
#include "base/module.h"
#include "customer/capture_log.h"
#include "customer/customer.h"
#include "customer/lead.h"
#include "customer/visitor.h"
#include "entity/access.h"
#include "http/rate_limit.h"
#include "http/route.h"
#include "organization/company.h"

static const struct rate_limit by_address = {"capture", 60, 120};

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
    if (!body) {
        return;
    }
    for (size_t i = 0; i < body->n; i++) {
        const struct json_member *m = &body->members[i];
        bool is_visitor = str_is(m->key, "visitor");
        struct str *text = is_visitor ? &visitor : lead_intake_text(&in, m->key);
        if (text && m->value.kind == JSON_IS_TEXT) {
            *text = m->value.text;
        } else if (text || !str_is(m->key, "extra")) {
            FAIL_FIELD(c, str_format(c->arena, "/%.*s", STR_ARG(m->key)),
                       text ? "field.type" : "field.unknown");
        }
    }
    if (visitor.n && !visitor_key_valid(visitor)) {
        FAIL_FIELD(c, STR("/visitor"), "visitor.key");
    }
    in.payload = r->body;
    if (ctx_failed(c)) {
        return;
    }
    const struct json *extra = json_get(body, "extra");
    bool said = in.source.n || in.campaign.n;
    if (!lead_origin_read(c->arena, extra, &in.origin, in.source.n ? NULL : &in.source,
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

/* The form's page is a page of the site like others: it has the script that tells of visitors. */
static struct str page(struct request *r, const char *body_code) {
    struct ctx *c = r->c;
    enum language l = language_parse(request_header(r, "Accept-Language"));
    struct text_buffer out = {.arena = c->arena};
    text_add_format(&out,
                    "<!doctype html><html lang=\"%s\"><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width\"><title>",
                    l == LANGUAGE_EN ? "en" : "zh-CN");
    text_add(&out, message_words(l, "capture.title"));
    text_add_c(&out, "</title><style>body{font:16px/1.6 system-ui,'PingFang SC','Noto Sans CJK "
                     "SC',sans-serif;color:#17212a;background:#f6f8f9;margin:0}main{max-width:"
                     "32rem;margin:8vh auto;padding:24px;background:#fff}label{display:block;"
                     "margin:12px 0 4px;color:#4b5863}input{width:100%;box-sizing:border-box;"
                     "height:44px;padding:0 12px;border:1px solid #8a96a0;border-radius:6px;font:"
                     "inherit}button{margin-top:20px;height:44px;padding:0 24px;border:0;"
                     "border-radius:6px;background:#0b6e84;color:#fff;font:inherit}.trap{position:"
                     "absolute;left:-9999px}</style><main>");
    text_add(&out, message_words(l, body_code));
    text_add_c(&out, "</main>");
    if (r->route->method == METHOD_GET && company_cloud_on(c, STR("marketing"))) {
        text_add_c(&out, "<script src=\"/t.js\" defer></script>");
    }
    text_add_c(&out, "</html>");
    return text_str(&out);
}

static void form_get(struct request *r) {
    reply_text(r, 200, "text/html; charset=utf-8", page(r, "capture.form"));
}

static void form_post(struct request *r) {
    struct lead_intake in = {0};
    struct str trap = request_form(r, "website_url");
    for (int i = 0; i < LEAD_INTAKE_TEXTS; i++) {
        const char *name = lead_intake_names[i];
        *lead_intake_text(&in, str_from(name)) = request_form(r, name);
    }
    if (!trap.n) {
        struct str visitor = request_form(r, "visitor");
        if (!in.source.n && !in.campaign.n) {
            lead_origin_of_visitor(r->c, visitor, &in);
        }
        join_visitor(r, visitor, kept_take_in(r, &in).person_id);
    }
    if (!ctx_failed(r->c)) {
        reply_text(r, 200, "text/html; charset=utf-8", page(r, "capture.thanks"));
    }
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/public/leads", PERMISSION_PUBLIC, LANE_WRITER, capture_json,
     .prepare = limit, .flags = ROUTE_NO_CSRF | ROUTE_PREPARE_HERE, .summary = "route.capture",
     .body = "name:text phone:text email:text company_name:text job_title:text "
             "region:text source:text campaign:text product_interest:text "
             "description:text visitor:text extra:any",
     .answer = "201 received:id!"},
    {METHOD_GET, "/f/lead", PERMISSION_PUBLIC, LANE_INLINE, form_get, .flags = ROUTE_HIDDEN,
     .summary = "route.capture"},
    {METHOD_POST, "/f/lead", PERMISSION_PUBLIC, LANE_WRITER, form_post, .prepare = limit,
     .flags = ROUTE_HIDDEN | ROUTE_NO_CSRF | ROUTE_PLAIN_ERRORS | ROUTE_PREPARE_HERE,
     .summary = "route.capture"},
    {0}};

#define FIELD_HTML(name, label, more) \
    "<label for=\"" name "\">" label "</label><input id=\"" name "\" name=\"" name "\" " more ">"
#define TRAP_HTML                                                                         \
    "<p class=\"trap\" aria-hidden=\"true\"><input name=\"website_url\" tabindex=\"-1\" " \
    "autocomplete=\"off\"></p>"

static const struct text texts[] = {
    {"capture.title", "联系我们", "Contact us"},
    {"capture.form",
     "<h1>联系我们</h1><form method=\"post\" action=\"/f/lead\" data-guantong>" FIELD_HTML(
         "name", "姓名", "required maxlength=\"60\" autocomplete=\"name\"")
         FIELD_HTML("phone", "手机", "type=\"tel\" maxlength=\"40\" autocomplete=\"tel\"")
             FIELD_HTML("email", "邮箱", "type=\"email\" maxlength=\"120\" autocomplete=\"email\"")
                 FIELD_HTML("company_name", "公司", "maxlength=\"120\"") TRAP_HTML
     "<button>提交</button></form>",
     "<h1>Contact us</h1><form method=\"post\" action=\"/f/lead\" data-guantong>" FIELD_HTML(
         "name", "Name", "required maxlength=\"60\" autocomplete=\"name\"")
         FIELD_HTML("phone", "Mobile", "type=\"tel\" maxlength=\"40\" autocomplete=\"tel\"")
             FIELD_HTML("email", "E-mail",
                        "type=\"email\" maxlength=\"120\" autocomplete=\"email\"")
                 FIELD_HTML("company_name", "Company", "maxlength=\"120\"") TRAP_HTML
     "<button>Send</button></form>"},
    {"capture.thanks", "<h1>收到了</h1><p>我们会尽快与您联系。</p>",
     "<h1>Thank you</h1><p>We will be in touch soon.</p>"},
    {"route.capture", "公开表单提交线索", "Submit a lead from outside"},
    {0}};

const struct module capture_module = {
    .name = "customer.capture", .cloud = "customer", .routes = routes, .texts = texts};
