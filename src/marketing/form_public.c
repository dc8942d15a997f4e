/*
 * Forms as strangers meet them: the page at /f/<slug>, its script, and the interface for programs.
 *
 * What is sent is checked before the writer sees it, on the slow pool; what is wrong is shown on
 * the page again with all that was typed. What is right is kept in the log of captures first, then
 * a lead is made of it, and thanks are said, in one transaction: who was thanked was kept. The
 * page's token makes the second press of a button the same as the first. A machine that fills the
 * field nobody sees gets the same thanks, and waits in the log as spam, from where a person may
 * take it back; one that answers faster than anybody reads is asked again.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "connector/secret_box.h"
#include "customer/lead.h"
#include "customer/visitor.h"
#include "entity/access.h"
#include "http/rate_limit.h"
#include "http/route.h"
#include "marketing/form.h"
#include "marketing/form_answers.h"
#include "marketing/marketing.h"

enum { TOKEN_BYTES = 16, TOKEN_MS_MOST = 7, PAYLOAD_MOST = 15000, CARRIED_MOST = 200 };

static const struct rate_limit views_by_address = {"form.view", 60, 240};

/* What a request to submit comes to. */
enum verdict { VERDICT_TAKE, VERDICT_SPAM, VERDICT_AGAIN };

struct arrival {
    struct public_form *form;
    enum verdict verdict;
    int status;
    struct form_page page;
    struct str payload, external;
    struct error errors;
};

/* Tokens: "<random>.<ms>.<signature>". */

static struct str token_signature(struct ctx *c, struct str slug, struct str open) {
    return secret_box_sign(c, "form token",
                           str_format(c->arena, "%.*s %.*s", STR_ARG(slug), STR_ARG(open)));
}

static struct str token_make(struct ctx *c, struct str slug) {
    struct str random = random_token(c->arena, TOKEN_BYTES);
    struct str open = str_format(c->arena, "%.*s.%lld", STR_ARG(random), (long long)c->now_ms);
    struct str signature = token_signature(c, slug, open);
    return str_format(c->arena, "%.*s.%.*s", STR_ARG(open), STR_ARG(signature));
}

/* When the page with this token was made; 0 when it was not made here, or long ago. */
static int64_t token_time(struct ctx *c, struct str slug, struct str token) {
    struct str rest = token, random, time;
    int64_t at = 0;
    bool whole = str_cut(&rest, '.', &random) && rest.p && str_cut(&rest, '.', &time) && rest.p &&
                 str_to_int(time, &at);
    if (!whole) {
        return 0;
    }
    struct str open = str_slice(token, 0, random.n + 1 + time.n);
    bool ours = secret_equal(rest, token_signature(c, slug, open));
    return ours && at <= c->now_ms && at > c->now_ms - TOKEN_MS_MOST * (int64_t)MS_DAY ? at : 0;
}

static struct public_form *form_shown(struct request *r) {
    struct public_form *form = public_form_find(r->c, request_path(r, "form"));
    bool was = form && str_is(form->status, "archived");
    if (!form || !form->design) {
        FAIL(r->c, ERROR_ABSENT, was ? "form.closed" : "form.absent");
        return NULL;
    }
    return form;
}

static enum language language_asked(const struct request *r, struct str word) {
    return word.n ? language_parse(word) : language_parse(request_header(r, "Accept-Language"));
}

/* A form has the languages of its title: words of one must not stand among those of another, least
 * of all under what somebody agrees to. */
static enum language language_shown(const struct request *r, struct str word,
                                    const struct form_design *d) {
    enum language asked = language_asked(r, word);
    enum language other = asked == LANGUAGE_EN ? LANGUAGE_ZH : LANGUAGE_EN;
    return !d->title.in[asked].n && d->title.in[other].n ? other : asked;
}

/* How a framed page is to look: as "in" says, else light, for most sites are. */
static const char *look_asked(struct str in) {
    bool own = str_is(in, "dark") || str_is(in, "auto");
    return !in.n ? NULL : !own ? "light" : str_is(in, "dark") ? "dark" : "auto";
}

static struct str bounded(struct str s) {
    return text_truncate(text_trim(s), CARRIED_MOST);
}

/* What the page keeps of how somebody came, as one JSON object; get reads a parameter. */
static const struct json *carried_read(struct request *r, const struct form_design *d,
                                       struct str (*get)(struct request *r, const char *name)) {
    static const char *const own[] = {"_page", "_referrer", "visitor", NULL};
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    for (const char *const *list = lead_origin_ids; list; list = list == own ? NULL : own) {
        for (const char *const *name = list; *name; name++) {
            JSON_MEMBER(&w, *name, json_put_str, bounded(get(r, *name)));
        }
    }
    for (size_t i = 0; i < d->n; i++) {
        const struct form_question *q = &d->questions[i];
        if (q->type == QUESTION_HIDDEN && q->parameter.n) {
            json_key_str(&w, str_format(r->c->arena, "?%.*s", STR_ARG(q->id)));
            json_put_str(&w, bounded(get(r, str_to_c(r->c->arena, q->parameter))));
        }
    }
    json_end_object(&w);
    return json_parse(r->c, json_str(&w));
}

static struct str from_query(struct request *r, const char *name) {
    if (str_is(str_from(name), "_page")) {
        return request_query(r, "page");
    }
    if (!str_is(str_from(name), "_referrer")) {
        return request_query_any_case(r, name);
    }
    struct str given = request_query(r, "from");
    struct str host = url_host(request_header(r, "Referer"));
    return given.n ? given : str_equal(host, request_header(r, "Host")) ? STR("") : host;
}

static struct str from_form(struct request *r, const char *name) {
    return request_form(r, name);
}

static void reply_page(struct request *r, int status, struct str html,
                       const struct public_form *form) {
    reply_text(r, status, "text/html; charset=utf-8", html);
    reply_header(r, "Content-Security-Policy", form_page_policy(r->c, form));
    reply_header(r, "Cache-Control", STR("no-store"));
}

static void page_get(struct request *r) {
    struct ctx *c = r->c;
    struct public_form *form = form_shown(r);
    if (!form) {
        return;
    }
    struct form_page page = {.form = form,
                             .language = language_shown(r, request_query(r, "lang"), form->design),
                             .look = look_asked(request_query(r, "in")),
                             .token = token_make(c, form->slug),
                             .carried = carried_read(r, form->design, from_query)};
    struct str html = form_page_write(c, &page);
    if (!ctx_failed(c)) {
        reply_page(r, 200, html, form);
    }
}

/* The answers of the posted page: a text, of several choices a list. */
static void values_write(struct request *r, const struct form_design *d, struct json_writer *w,
                         bool agreed) {
    json_begin_object(w);
    for (size_t i = 0; i < d->n; i++) {
        const struct form_question *q = &d->questions[i];
        if (q->type == QUESTION_CONSENT && !agreed) {
            continue;
        }
        if (q->type == QUESTION_CHOICES) {
            json_key_str(w, q->id);
            json_begin_array(w);
            for (size_t k = 0; k < q->n_options; k++) {
                struct str name = str_format(r->c->arena, "%.*s.%zu", STR_ARG(q->id), k);
                struct str value = request_form(r, str_to_c(r->c->arena, name));
                if (value.n) {
                    json_put_str(w, value);
                }
            }
            json_end_array(w);
            continue;
        }
        struct str value = request_form(r, str_to_c(r->c->arena, q->id));
        if (value.n) {
            json_key_str(w, q->id);
            json_put_str(w, value);
        }
    }
    json_end_object(w);
}

static void campaign_write(struct json_writer *w, const struct json *carried) {
    json_key(w, "utm");
    json_begin_object(w);
    for (const char *const *id = lead_origin_ids; *id; id++) {
        struct str value = bounded(json_text(carried, *id));
        if (value.n) {
            JSON_MEMBER(w, *id, json_put_str, value);
        }
    }
    json_end_object(w);
}

/* The payload that is kept. */
static struct str payload_write(struct request *r, const struct arrival *a, struct str values) {
    const struct json *carried = a->page.carried;
    struct str visitor = json_text(carried, "visitor");
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "values", json_put_raw, values);
    campaign_write(&w, carried);
    JSON_MEMBER(&w, "referrer", json_put_str, bounded(json_text(carried, "_referrer")));
    JSON_MEMBER(&w, "page", json_put_str, bounded(json_text(carried, "_page")));
    if (visitor_key_valid(visitor) && !visitor_declines(r)) {
        JSON_MEMBER(&w, "visitor", json_put_str, visitor);
    }
    JSON_MEMBER(&w, "language", json_put_c, language_tag(a->page.language));
    json_end_object(&w);
    return json_str(&w);
}

static bool too_often(struct request *r, const struct public_form *form, int *wait) {
    int rate = (int)form->design->rate_per_minute;
    struct rate_limit limit = {"form", rate, rate};
    struct str key = str_format(r->c->arena, "%lld %.*s", (long long)form->id, STR_ARG(r->client));
    return !rate_limit_take(&limit, key, r->c->now_ms, wait);
}

/* What is wrong with the answers; the context goes on. */
static void answers_check(struct request *r, struct arrival *a, const struct json *values) {
    struct ctx *c = r->c;
    const struct actor *actor = c->actor;
    c->actor = &actor_system;
    struct form_answers *answers = form_answers_read(c, a->form->design, values);
    if (!ctx_failed(c)) {
        form_intake(c, a->form->design, answers);
    }
    c->actor = actor;
}

static void again(struct arrival *a, int status, const char *notice) {
    a->verdict = VERDICT_AGAIN;
    a->status = status;
    a->page.notice = notice;
}

/* What was read is not what stands there now: it is shown anew, and nothing of it agreed to. */
static void changed_since(struct request *r, struct arrival *a) {
    struct json_writer values = json_writer(r->c->arena);
    values_write(r, a->form->design, &values, false);
    a->page.sent = json_parse(r->c, json_str(&values));
    a->page.token = token_make(r->c, a->form->slug);
    again(a, 422, "form_page.changed");
}

static void judge_page(struct request *r, struct arrival *a) {
    struct ctx *c = r->c;
    int wait = 0;
    int64_t made = token_time(c, a->form->slug, a->page.token);
    if (too_often(r, a->form, &wait)) {
        again(a, 429, "form_page.often");
        return;
    }
    if (!made) {
        a->page.token = token_make(c, a->form->slug);
        again(a, 422, "form_page.again");
        return;
    }
    if (made < a->form->since) {
        changed_since(r, a);
        return;
    }
    answers_check(r, a, a->page.sent);
    if (c->error.code == ERROR_INVALID) {
        a->errors = c->error;
        a->page.errors = &a->errors;
        ctx_clear_error(c);
        again(a, 422, NULL);
    } else if (request_form(r, "website_url").n) {
        a->verdict = VERDICT_SPAM;
    } else if (c->now_ms - made < a->form->design->minimum_seconds * MS_SECOND) {
        again(a, 422, "form_page.quick");
    } else if (a->payload.n > PAYLOAD_MOST) {
        again(a, 422, "form_page.long");
    }
}

static void page_prepare(struct request *r) {
    struct ctx *c = r->c;
    struct arrival *a = ARENA_NEW(c->arena, struct arrival);
    a->form = form_shown(r);
    if (!a->form) {
        return;
    }
    struct json_writer values = json_writer(c->arena);
    values_write(r, a->form->design, &values, true);
    a->page = (struct form_page){
        .form = a->form,
        .language = language_shown(r, request_form(r, "_lang"), a->form->design),
        .look = look_asked(request_form(r, "_in")),
        .token = request_form(r, "_token"),
        .sent = json_parse(c, json_str(&values)),
        .carried = carried_read(r, a->form->design, from_form)};
    a->payload = payload_write(r, a, json_str(&values));
    a->external = text_truncate(a->page.token, 40);
    judge_page(r, a);
    r->state = a;
}

static void make_spam(struct ctx *c, struct capture *capture) {
    (void)c;
    capture->state = STR("spam");
}

static struct capture arrival_keep(struct request *r, const struct arrival *a) {
    struct capture capture = {.place = {"form", a->form->id},
                              .external = a->external,
                              .payload = a->payload,
                              .version = a->form->version};
    r->c->actor = &actor_system;
    if (capture_keep(r->c, &capture)) {
        capture_run(r->c, &capture, a->verdict == VERDICT_SPAM ? make_spam : form_make);
    }
    return capture;
}

static void page_post(struct request *r) {
    const struct arrival *a = r->state;
    struct ctx *c = r->c;
    if (a->verdict == VERDICT_AGAIN) {
        reply_page(r, a->status, form_page_write(c, &a->page), a->form);
        return;
    }
    arrival_keep(r, a);
    struct str url = a->form->design->url;
    struct str html = form_thanks_write(c, &a->page);
    if (ctx_failed(c)) {
        return;
    }
    if (url.n && !a->page.look) {
        reply_redirect(r, url);
        reply_header(r, "Cache-Control", STR("no-store"));
    } else {
        reply_page(r, 200, html, a->form);
    }
}

static void seen_prepare(struct request *r) {
    request_rate_limit(r, &views_by_address, r->client);
}

static void seen_get(struct request *r) {
    struct public_form *form = form_shown(r);
    if (form) {
        form_count(r->c, &(struct form_tally){form->id, form->version, 1, 0});
        r->reply.status = 204;
    }
}

static void script_get(struct request *r) {
    reply_text(r, 200, "text/javascript; charset=utf-8",
               (struct str){form_script, form_script_size});
    reply_header(r, "ETag", str_from(form_script_tag));
    reply_header(r, "Cache-Control", STR("public, max-age=3600"));
}

/* For programs and pages that show the form themselves. */

/* A page of another site may ask only if the company says it is its own. */
static bool origin_allowed(struct request *r) {
    struct str origin = request_header(r, "Origin");
    struct str host = url_host(origin);
    if (!origin.n || str_equal(host, request_header(r, "Host"))) {
        return true;
    }
    if (!form_host_allowed(r->c, host)) {
        FAIL_FIELD(r->c, STR("/origin"), "form.origin");
        return false;
    }
    reply_header(r, "Access-Control-Allow-Origin", origin);
    reply_header(r, "Vary", STR("Origin"));
    return true;
}

static void design_get(struct request *r) {
    static const char *const shown[] = {"title", "intro", "button", "questions", "thanks"};
    struct ctx *c = r->c;
    struct public_form *form = origin_allowed(r) ? form_shown(r) : NULL;
    if (!form) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "slug", json_put_str, form->slug);
    JSON_MEMBER(&w, "version", json_put_int, form->version);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct json *part = json_get(form->json, shown[i]);
        if (part) {
            JSON_MEMBER(&w, shown[i], json_put_json, part);
        }
    }
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void body_check(struct ctx *c, const struct form_design *d, const struct json *body) {
    static const char *const members[] = {"values",   "utm",   "referrer", "page", "visitor",
                                          "language", "token", "version",  NULL};
    for (size_t i = 0; i < body->n; i++) {
        const char *const *name = members;
        while (*name && !str_is(body->members[i].key, *name)) {
            name++;
        }
        if (!*name) {
            FAIL_FIELD(c, str_format(c->arena, "/%.*s", STR_ARG(body->members[i].key)),
                       "field.unknown");
        }
    }
    const struct json *values = json_get(body, "values");
    for (size_t i = 0; json_is(values, JSON_IS_OBJECT) && i < values->n; i++) {
        size_t k = 0;
        while (k < d->n && !str_equal(d->questions[k].id, values->members[i].key)) {
            k++;
        }
        if (k == d->n) {
            FAIL_FIELD(c, str_format(c->arena, "/values/%.*s", STR_ARG(values->members[i].key)),
                       "field.unknown");
        }
    }
}

static const struct json *carried_of(struct ctx *c, const struct json *body) {
    struct json_writer w = json_writer(c->arena);
    const struct json *utm = json_get(body, "utm");
    json_begin_object(&w);
    for (const char *const *id = lead_origin_ids; *id; id++) {
        JSON_MEMBER(&w, *id, json_put_str, json_text(utm, *id));
    }
    JSON_MEMBER(&w, "_page", json_put_str, json_text(body, "page"));
    JSON_MEMBER(&w, "_referrer", json_put_str, json_text(body, "referrer"));
    JSON_MEMBER(&w, "visitor", json_put_str, json_text(body, "visitor"));
    json_end_object(&w);
    return json_parse(c, json_str(&w));
}

static void program_prepare(struct request *r) {
    struct ctx *c = r->c;
    struct arrival *a = ARENA_NEW(c->arena, struct arrival);
    int wait = 0;
    a->form = origin_allowed(r) ? form_shown(r) : NULL;
    const struct json *body = a->form ? request_json(r) : NULL;
    if (!body) {
        return;
    }
    if (too_often(r, a->form, &wait)) {
        reply_retry_after(r, wait);
        FAIL(c, ERROR_LIMIT, "rate.limited");
        return;
    }
    const struct json *values = json_get(body, "values");
    body_check(c, a->form->design, body);
    struct json_writer w = json_writer(c->arena);
    if (json_is(values, JSON_IS_OBJECT)) {
        json_put_json(&w, values);
    } else {
        FAIL_FIELD(c, STR("/values"), "field.type");
    }
    if (ctx_failed(c)) {
        return;
    }
    a->page.language = language_asked(r, json_text(body, "language"));
    a->page.carried = carried_of(c, body);
    a->external = text_truncate(json_text(body, "token"), 100);
    a->payload = payload_write(r, a, json_str(&w));
    answers_check(r, a, values);
    if (json_int(body, "version", a->form->version) != a->form->version) {
        FAIL(c, ERROR_CONFLICT, "form.changed");
    }
    if (a->payload.n > PAYLOAD_MOST) {
        FAIL(c, ERROR_LIMIT, "request.too_large", {"limit", STR("15 KB")});
    }
    r->state = a;
}

static void program_post(struct request *r) {
    struct capture capture = arrival_keep(r, r->state);
    struct json_writer w = json_writer(r->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "received", json_put_id, capture.id);
    json_end_object(&w);
    if (!ctx_failed(r->c)) {
        reply_json(r, 201, &w);
        origin_allowed(r);
    }
}

/* The page of a draft, as a visitor would see it, for the editor. */
static void preview_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    if (!body) {
        return;
    }
    if (access_scope(c->actor, entity_named(c, "form"), ACTION_UPDATE) == SCOPE_NONE) {
        FAIL(c, ERROR_DENIED, "access.denied");
        return;
    }
    struct public_form form = {.slug = STR("preview"),
                               .design = form_design_read(c, json_get(body, "design"))};
    struct form_page page = {.form = &form,
                             .language = language_parse(json_text(body, "language")),
                             .preview = true,
                             .token = STR("")};
    if (ctx_failed(c)) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "page", json_put_str, form_page_write(c, &page));
    JSON_MEMBER(&w, "thanks", json_put_str, form_thanks_write(c, &page));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/f.js", PERMISSION_PUBLIC, LANE_INLINE, script_get, .flags = ROUTE_HIDDEN,
     .summary = "route.form_script"},
    {METHOD_GET, "/f/{form}", PERMISSION_PUBLIC, LANE_INLINE, page_get,
     .flags = ROUTE_HIDDEN | ROUTE_PLAIN_ERRORS, .summary = "route.form_page"},
    {METHOD_POST, "/f/{form}", PERMISSION_PUBLIC, LANE_WRITER, page_post, .prepare = page_prepare,
     .flags = ROUTE_HIDDEN | ROUTE_NO_CSRF | ROUTE_PLAIN_ERRORS, .summary = "route.form_page"},
    {METHOD_GET, "/f/{form}/seen", PERMISSION_PUBLIC, LANE_WRITER, seen_get,
     .prepare = seen_prepare, .flags = ROUTE_HIDDEN | ROUTE_PREPARE_HERE,
     .summary = "route.form_seen"},
    {METHOD_GET, "/api/v1/public/forms/{form}", PERMISSION_PUBLIC, LANE_INLINE, design_get,
     .summary = "route.form_design",
     .answer = "slug:text! version:integer! title:object intro:object button:object "
               "questions:[object] thanks:object"},
    {METHOD_POST, "/api/v1/public/forms/{form}/submissions", PERMISSION_PUBLIC, LANE_WRITER,
     program_post, .prepare = program_prepare, .flags = ROUTE_NO_CSRF,
     .summary = "route.form_submit",
     .body = "values:object! utm:object referrer:text page:text visitor:text language:text "
             "token:text version:integer",
     .answer = "201 received:id!"},
    {METHOD_POST, "/api/v1/forms/preview", PERMISSION_SIGNED_IN, LANE_SLOW, preview_post,
     .summary = "route.form_preview", .body = "design:object! language:text",
     .answer = "page:text! thanks:text!"},
    {0}};

static const struct text texts[] = {
    {"form.absent", "没有这个表单", "There is no such form"},
    {"form.closed", "这个表单已经关闭", "This form is closed"},
    {"form.origin", "这个网站不能提交表单，请管理员把它加到公司网站域名里",
     "This site may not use the form; an administrator can add it to the company's sites"},
    {"form_page.often", "提交太频繁了，请过一会儿再试，填写的内容都还在。",
     "That was too often. Please try again in a moment; nothing of what you wrote is lost."},
    {"form_page.again", "页面打开太久了，请再点一次提交。",
     "The page was open for too long. Please send it once more."},
    {"form.changed", "表单已改过，请按新的题目和同意内容再提交",
     "The form has changed: show its questions and what is agreed to anew"},
    {"form_page.changed", "这个表单刚改过，请再看一遍，然后再点一次提交。",
     "This form has just changed. Please look it over and send it once more."},
    {"form_page.quick", "请再确认一下内容，然后再点一次提交。",
     "Please look over what you wrote and send it once more."},
    {"form_page.long", "内容太长了，请写短一些。", "This is too long; please shorten it."},
    {"route.form_script", "表单脚本", "The script of forms"},
    {"route.form_page", "表单页面", "The page of a form"},
    {"route.form_seen", "记一次浏览", "Count a view of a form"},
    {"route.form_design", "表单的题目，供自己展示的页面使用",
     "A form's questions, for pages that show it themselves"},
    {"route.form_submit", "提交表单", "Submit a form"},
    {"route.form_preview", "预览表单草稿", "The page of a draft"},
    {0}};

const struct module form_public_module = {
    .name = "marketing.form_public", .cloud = "marketing", .routes = routes, .texts = texts};
