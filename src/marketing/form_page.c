/*
 * The page of a form, made here as a whole: no framework, no font, no request that it needs. It
 * works without JavaScript; with it questions come and go as their conditions say (form_script.js),
 * which the server asks again of what was sent. Every question has its label, its help and its
 * error tied to it; what was typed stands there again after an error.
 */
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/lead.h"
#include "http/pages.h"
#include "marketing/form.h"
#include "marketing/marketing.h"
#include "organization/company.h"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#17212a;--soft:#4b5863;--line:#8a96a0;--paper:#fff;--g"
    "round:#f4f6f7;--accent:#0b6e84;--on:#fff;--bad:#b3261e}@media(prefers-color-scheme:dark){:"
    "root:not(.light){--ink:#e8edf0;--soft:#a9b5be;--line:#66737d;--paper:#182129;--ground:#101"
    "71d;--accent:#4cb5cc;--on:#06181d;--bad:#ff8a80}}.light{color-scheme:light}.dark{color-sch"
    "eme:dark;--ink:#e8edf0;--soft:#a9b5be;--line:#66737d;--paper:#182129;--ground:#10171d;--ac"
    "cent:#4cb5cc;--on:#06181d;--bad:#ff8a80}*{box-sizing:border-box}body{margin:0;background:v"
    "ar(--ground);color:var(--ink);font:16px/1.6 -apple-system,\"PingFang SC\",\"Microsoft YaHe"
    "i\",\"Noto Sans CJK SC\",system-ui,sans-serif}main{max-width:36rem;margin:6vh auto;padding"
    ":32px;background:var(--paper);border-radius:8px}body.in{background:var(--paper)}body.in ma"
    "in{margin:0;padding:16px;max-width:none;min-height:0;border-radius:0}h1{font-size:24px;lin"
    "e-height:1.3;margin:0 0 8px}p{margin:0 0 16px;white-space:pre-line}.qs{display:grid;grid-t"
    "emplate-columns:1fr 1fr;gap:16px}.q{grid-column:1/-1;min-width:0;border:0;padding:0;margin"
    ":0}.q.half{grid-column:auto}.q[hidden]{display:none}label,legend{display:block;padding:0;m"
    "argin:0 0 4px;color:var(--soft)}h2{font-size:18px;margin:8px 0 0}input,select,textarea{wid"
    "th:100%;min-height:44px;padding:8px 12px;font:inherit;color:inherit;background:var(--paper"
    ");border:1px solid var(--line);border-radius:6px}textarea{min-height:96px}.pick{display:fl"
    "ex;gap:10px;align-items:flex-start;min-height:44px;padding:9px 0;margin:0;color:var(--ink)"
    "}.pick input{width:20px;height:20px;min-height:0;margin:3px 0 0;flex:none;accent-color:var"
    "(--accent)}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}[aria-invalid"
    "=true]{border-color:var(--bad)}.help{font-size:14px;color:var(--soft);margin:4px 0 0}.bad{"
    "color:var(--bad);font-size:14px;margin:4px 0 0}.errors{border:1px solid var(--bad);border-"
    "radius:6px;padding:12px 16px;margin:0 0 16px}.errors ul{margin:4px 0 0;padding-left:20px}."
    "errors a{color:var(--bad)}.must{color:var(--bad)}button{margin-top:24px;min-height:48px;pa"
    "dding:0 32px;border:0;border-radius:6px;background:var(--accent);color:var(--on);font:inhe"
    "rit;cursor:pointer}.trap{position:absolute;left:-9999px;width:1px;height:1px;overflow:hidd"
    "en}.lang{float:right;font-size:14px;color:var(--accent)}@media(max-width:480px){main{margi"
    "n:0;padding:20px 16px;border-radius:0;min-height:100vh}.qs{grid-template-columns:1fr}.q.ha"
    "lf{grid-column:1/-1}button{width:100%}}";

struct writer_state {
    struct ctx *c;
    const struct form_page *page;
    struct text_buffer out;
};

static void raw(struct writer_state *w, const char *html) {
    text_add_c(&w->out, html);
}

static void put(struct writer_state *w, struct str text) {
    html_add(&w->out, text);
}

static struct str say(const struct writer_state *w, const char *code) {
    return message_words(w->page->language, code);
}

static void attribute(struct writer_state *w, const char *name, struct str value) {
    raw(w, " ");
    raw(w, name);
    raw(w, "=\"");
    put(w, value);
    raw(w, "\"");
}

static void hidden(struct writer_state *w, struct str name, struct str value) {
    raw(w, "<input type=\"hidden\"");
    attribute(w, "name", name);
    attribute(w, "value", value);
    raw(w, ">");
}

/* The words of what is wrong with a question; empty when nothing is. */
static struct str error_of(struct writer_state *w, const struct form_question *q) {
    const struct field_error *e = w->page->errors ? w->page->errors->fields : NULL;
    struct str at = str_format(w->c->arena, "/values/%.*s", STR_ARG(q->id));
    for (; e; e = e->next) {
        bool here = str_starts(e->pointer, at) &&
                    (e->pointer.n == at.n || e->pointer.p[at.n] == '/');
        if (here) {
            return message_format(w->c->arena, w->page->language, e->text, e->parameters,
                                  ERROR_PARAMETERS);
        }
    }
    return STR("");
}

static struct str sent(const struct writer_state *w, struct str id) {
    const struct json *v = json_get_str(w->page->sent, id);
    return v && v->kind == JSON_IS_TEXT ? v->text : STR("");
}

static bool sent_lists(const struct writer_state *w, struct str id, struct str value) {
    const struct json *v = json_get_str(w->page->sent, id);
    bool is = v && v->kind == JSON_IS_TEXT && str_equal(v->text, value);
    for (size_t i = 0; v && v->kind == JSON_IS_ARRAY && i < v->n; i++) {
        is = is || str_equal(v->items[i].text, value);
    }
    return is;
}

static void described(struct writer_state *w, const struct form_question *q, bool bad) {
    struct str help = form_say(&q->help, w->page->language);
    if (q->required && !q->show_if) {
        raw(w, " required");
    }
    if (bad) {
        raw(w, " aria-invalid=\"true\"");
    }
    if (help.n || bad) {
        raw(w, " aria-describedby=\"");
        if (help.n) {
            text_add_format(&w->out, "h-%.*s", STR_ARG(q->id));
        }
        if (bad) {
            text_add_format(&w->out, "%se-%.*s", help.n ? " " : "", STR_ARG(q->id));
        }
        raw(w, "\"");
    }
}

static void below(struct writer_state *w, const struct form_question *q, struct str error) {
    struct str help = form_say(&q->help, w->page->language);
    if (help.n) {
        text_add_format(&w->out, "<p class=\"help\" id=\"h-%.*s\">", STR_ARG(q->id));
        put(w, help);
        raw(w, "</p>");
    }
    if (error.n) {
        text_add_format(&w->out, "<p class=\"bad\" id=\"e-%.*s\">", STR_ARG(q->id));
        put(w, error);
        raw(w, "</p>");
    }
}

static void caption(struct writer_state *w, const struct form_question *q) {
    put(w, form_say(&q->label, w->page->language));
    if (q->required) {
        raw(w, " <span class=\"must\" aria-hidden=\"true\">*</span>");
    }
}

static void pick(struct writer_state *w, const struct form_question *q, size_t i) {
    const struct form_option *o = &q->options[i];
    bool several = q->type == QUESTION_CHOICES;
    text_add_format(&w->out, "<label class=\"pick\"><input type=\"%s\" name=\"%.*s",
                    several ? "checkbox" : "radio", STR_ARG(q->id));
    if (several) {
        text_add_format(&w->out, ".%zu", i);
    }
    raw(w, "\"");
    attribute(w, "value", o->value);
    if (sent_lists(w, q->id, o->value)) {
        raw(w, " checked");
    }
    if (!several && q->required && !q->show_if) {
        raw(w, " required");
    }
    raw(w, "><span>");
    put(w, form_say(&o->label, w->page->language));
    raw(w, "</span></label>");
}

static void put_picks(struct writer_state *w, const struct form_question *q, struct str error) {
    raw(w, "<legend>");
    caption(w, q);
    raw(w, "</legend>");
    for (size_t i = 0; i < q->n_options; i++) {
        pick(w, q, i);
    }
    below(w, q, error);
}

static void put_select(struct writer_state *w, const struct form_question *q, bool bad) {
    text_add_format(&w->out, "<select id=\"q-%.*s\" name=\"%.*s\"", STR_ARG(q->id), STR_ARG(q->id));
    described(w, q, bad);
    raw(w, "><option value=\"\">");
    put(w, say(w, "form_page.choose"));
    raw(w, "</option>");
    for (size_t i = 0; i < q->n_options; i++) {
        raw(w, "<option");
        attribute(w, "value", q->options[i].value);
        raw(w, sent_lists(w, q->id, q->options[i].value) ? " selected>" : ">");
        put(w, form_say(&q->options[i].label, w->page->language));
        raw(w, "</option>");
    }
    raw(w, "</select>");
}

static const char *input_kind(const struct form_question *q) {
    switch (q->type) {
    case QUESTION_PHONE:
        return "type=\"tel\" autocomplete=\"tel\"";
    case QUESTION_EMAIL:
        return "type=\"email\" autocomplete=\"email\"";
    case QUESTION_NUMBER:
        return "type=\"text\" inputmode=\"decimal\"";
    case QUESTION_DATE:
        return "type=\"date\"";
    default:
        return str_is(q->maps, "name")           ? "type=\"text\" autocomplete=\"name\""
               : str_is(q->maps, "company_name") ? "type=\"text\" autocomplete=\"organization\""
                                                 : "type=\"text\"";
    }
}

static void put_input(struct writer_state *w, const struct form_question *q, bool bad) {
    bool area = q->type == QUESTION_LONG_TEXT;
    text_add_format(&w->out, "<%s id=\"q-%.*s\" name=\"%.*s\" ", area ? "textarea" : "input",
                    STR_ARG(q->id), STR_ARG(q->id));
    raw(w, area ? "rows=\"4\"" : input_kind(q));
    text_add_format(&w->out, " maxlength=\"%lld\"", (long long)q->most);
    described(w, q, bad);
    if (area) {
        raw(w, ">");
        put(w, sent(w, q->id));
        raw(w, "</textarea>");
    } else {
        attribute(w, "value", sent(w, q->id));
        raw(w, ">");
    }
}

static void put_consent(struct writer_state *w, const struct form_question *q, struct str error) {
    text_add_format(&w->out,
                    "<label class=\"pick\"><input type=\"checkbox\" value=\"true\" "
                    "id=\"q-%.*s\" name=\"%.*s\"",
                    STR_ARG(q->id), STR_ARG(q->id));
    described(w, q, error.n > 0);
    raw(w, sent(w, q->id).n ? " checked><span>" : "><span>");
    put(w, form_say(&q->text, w->page->language));
    if (q->required) {
        raw(w, " <span class=\"must\" aria-hidden=\"true\">*</span>");
    }
    raw(w, "</span></label>");
    below(w, q, error);
}

static void put_labelled(struct writer_state *w, const struct form_question *q, struct str error) {
    text_add_format(&w->out, "<label for=\"q-%.*s\">", STR_ARG(q->id));
    caption(w, q);
    raw(w, "</label>");
    if (q->type == QUESTION_CHOICE) {
        put_select(w, q, error.n > 0);
    } else {
        put_input(w, q, error.n > 0);
    }
    below(w, q, error);
}

/* Few options are seen at once, many are chosen from. */
enum { RADIOS_MOST = 5 };

static void put_question(struct writer_state *w, const struct form_question *q) {
    struct str error = error_of(w, q);
    bool picks = q->type == QUESTION_CHOICES ||
                 (q->type == QUESTION_CHOICE && q->n_options <= RADIOS_MOST);
    if (q->type == QUESTION_HIDDEN) {
        if (q->parameter.n) {
            struct str given = sent(w, q->id);
            struct str key = str_format(w->c->arena, "?%.*s", STR_ARG(q->id));
            struct str asked = json_text(w->page->carried, str_to_c(w->c->arena, key));
            hidden(w, q->id, given.n ? given : asked);
        }
        return;
    }
    text_add_format(&w->out, "<%s class=\"q%s\" data-q=\"%.*s\"", picks ? "fieldset" : "div",
                    q->half ? " half" : "", STR_ARG(q->id));
    if (q->show_if) {
        struct json_writer json = json_writer(w->c->arena);
        json_put_json(&json, q->show_if);
        attribute(w, "data-if", json_str(&json));
    }
    if (picks) {
        text_add_format(&w->out, " id=\"q-%.*s\"%s", STR_ARG(q->id),
                        error.n ? " tabindex=\"-1\"" : "");
    }
    raw(w, ">");
    if (q->type == QUESTION_HEADING) {
        raw(w, "<h2>");
        put(w, form_say(&q->label, w->page->language));
        raw(w, "</h2>");
        below(w, q, STR(""));
    } else if (q->type == QUESTION_CONSENT) {
        put_consent(w, q, error);
    } else if (picks) {
        put_picks(w, q, error);
    } else {
        put_labelled(w, q, error);
    }
    raw(w, picks ? "</fieldset>" : "</div>");
}

static void put_errors(struct writer_state *w) {
    const struct form_design *d = w->page->form->design;
    if (!w->page->errors && !w->page->notice) {
        return;
    }
    raw(w, "<div class=\"errors\" role=\"alert\" tabindex=\"-1\">");
    put(w, say(w, w->page->notice ? w->page->notice : "form_page.correct"));
    raw(w, "<ul>");
    for (size_t i = 0; i < d->n; i++) {
        struct str error = error_of(w, &d->questions[i]);
        if (error.n) {
            text_add_format(&w->out, "<li><a href=\"#q-%.*s\">", STR_ARG(d->questions[i].id));
            put(w, form_say(&d->questions[i].label, w->page->language));
            raw(w, ": ");
            put(w, error);
            raw(w, "</a></li>");
        }
    }
    raw(w, "</ul></div>");
}

static void put_carried(struct writer_state *w) {
    static const char *const own[] = {"_page", "_referrer", "visitor", NULL};
    hidden(w, STR("_token"), w->page->token);
    hidden(w, STR("_lang"), str_from(language_tag(w->page->language)));
    if (w->page->look) {
        hidden(w, STR("_in"), str_from(w->page->look));
    }
    for (const char *const *id = lead_origin_ids; *id; id++) {
        struct str value = json_text(w->page->carried, *id);
        if (value.n) {
            hidden(w, str_from(*id), value);
        }
    }
    for (const char *const *id = own; *id; id++) {
        struct str value = json_text(w->page->carried, *id);
        if (value.n) {
            hidden(w, str_from(*id), value);
        }
    }
}

static void put_head(struct writer_state *w, struct str title) {
    bool en = w->page->language == LANGUAGE_EN;
    raw(w, en ? "<!doctype html><html lang=\"en\"" : "<!doctype html><html lang=\"zh-CN\"");
    if (w->page->look) {
        attribute(w, "class", str_from(w->page->look));
    }
    raw(w, "><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,"
           "initial-scale=1\"><title>");
    put(w, title);
    raw(w, "</title><style>");
    raw(w, style);
    raw(w,
        w->page->look ? "</style></head><body class=\"in\"><main>" : "</style></head><body><main>");
}

/* A parameter of the address, when there is something in it. */
static void put_parameter(struct writer_state *w, const char *name, struct str value) {
    if (value.n) {
        raw(w, "&amp;");
        url_add(&w->out, str_from(name));
        raw(w, "=");
        url_add(&w->out, value);
    }
}

/* A page read in both languages offers the other one, with all that this one's address said. */
static void put_language(struct writer_state *w) {
    const struct form_design *d = w->page->form->design;
    const struct json *carried = w->page->carried;
    if (!d->title.in[0].n || !d->title.in[1].n || w->page->sent || w->page->preview) {
        return;
    }
    bool en = w->page->language == LANGUAGE_EN;
    raw(w, "<a class=\"lang\" href=\"?lang=");
    raw(w, en ? "zh" : "en");
    put_parameter(w, "in", str_from(w->page->look ? w->page->look : ""));
    for (const char *const *id = lead_origin_ids; *id; id++) {
        put_parameter(w, *id, json_text(carried, *id));
    }
    put_parameter(w, "visitor", json_text(carried, "visitor"));
    put_parameter(w, "page", json_text(carried, "_page"));
    put_parameter(w, "from", json_text(carried, "_referrer"));
    for (size_t i = 0; i < d->n; i++) {
        const struct form_question *q = &d->questions[i];
        if (q->type == QUESTION_HIDDEN && q->parameter.n) {
            struct str key = str_format(w->c->arena, "?%.*s", STR_ARG(q->id));
            put_parameter(w, str_to_c(w->c->arena, q->parameter),
                          json_text(carried, str_to_c(w->c->arena, key)));
        }
    }
    raw(w, en ? "\" lang=\"zh-CN\">中文</a>" : "\" lang=\"en\">English</a>");
}

static void put_body(struct writer_state *w) {
    const struct form_page *page = w->page;
    const struct form_design *d = page->form->design;
    struct str intro = form_say(&d->intro, page->language);
    struct str button = form_say(&d->button, page->language);
    put_language(w);
    raw(w, "<h1>");
    put(w, form_say(&d->title, page->language));
    raw(w, "</h1>");
    if (intro.n) {
        raw(w, "<p>");
        put(w, intro);
        raw(w, "</p>");
    }
    put_errors(w);
    raw(w, "<form method=\"post\" data-guantong");
    attribute(w, "action", str_format(w->c->arena, "/f/%.*s", STR_ARG(page->form->slug)));
    attribute(w, "id", str_format(w->c->arena, "form-%.*s", STR_ARG(page->form->slug)));
    raw(w, ">");
    put_carried(w);
    raw(w, "<div class=\"qs\">");
    for (size_t i = 0; i < d->n; i++) {
        put_question(w, &d->questions[i]);
    }
    raw(w, "</div><p class=\"trap\" aria-hidden=\"true\"><label>URL <input name=\"website_url\" "
           "tabindex=\"-1\" autocomplete=\"off\"></label></p><button>");
    put(w, button.n ? button : say(w, "form_page.send"));
    raw(w, "</button></form>");
}

struct str form_page_write(struct ctx *c, const struct form_page *page) {
    struct writer_state w = {c, page, {.arena = c->arena}};
    put_head(&w, form_say(&page->form->design->title, page->language));
    put_body(&w);
    raw(&w, "</main>");
    raw(&w, "<script src=\"/f.js\" defer></script>");
    if (!page->preview && !page->look) { /* a page that frames it tells of the visit itself */
        raw(&w, "<script src=\"/t.js\" defer></script>");
    }
    if (!page->preview) {
        text_add_format(&w.out, "<img src=\"/f/%.*s/seen\" width=\"1\" height=\"1\" alt=\"\">",
                        STR_ARG(page->form->slug));
    }
    raw(&w, "</body></html>");
    return text_str(&w.out);
}

struct str form_thanks_write(struct ctx *c, const struct form_page *page) {
    struct writer_state w = {c, page, {.arena = c->arena}};
    const struct form_design *d = page->form->design;
    struct str message = d ? form_say(&d->message, page->language) : STR("");
    put_head(&w, say(&w, "form_page.thanks"));
    raw(&w, "<div role=\"status\"");
    if (d && d->url.n) {
        attribute(&w, "data-to", d->url);
    }
    raw(&w, "><h1>");
    put(&w, say(&w, "form_page.thanks"));
    raw(&w, "</h1><p>");
    put(&w, message.n ? message : say(&w, "form_page.soon"));
    raw(&w, "</p>");
    if (d && d->url.n) {
        raw(&w, "<p><a target=\"_top\"");
        attribute(&w, "href", d->url);
        raw(&w, ">");
        put(&w, say(&w, "form_page.on"));
        raw(&w, "</a></p>");
    }
    raw(&w, "</div></main><script src=\"/f.js\" defer></script></body></html>");
    return text_str(&w.out);
}

/* https://example.cn of an address, for a policy. */
static struct str origin_of(struct ctx *c, struct str url) {
    const char *scheme = str_starts(url, STR("https://")) ? "https" : "http";
    return str_format(c->arena, "%s://%.*s", scheme, STR_ARG(url_host(url)));
}

struct str form_page_policy(struct ctx *c, const struct public_form *form) {
    struct str away = form->design && form->design->url.n ? origin_of(c, form->design->url)
                                                          : STR("");
    struct str hosts = form_hosts(c);
    return str_format(c->arena,
                      "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; "
                      "img-src 'self'; connect-src 'self'; base-uri 'none'; "
                      "form-action 'self' %.*s; frame-ancestors 'self' %.*s",
                      STR_ARG(away), STR_ARG(hosts));
}

static const struct text texts[] = {
    {"form_page.choose", "请选择", "Please choose"},
    {"form_page.correct", "还有几处需要改正：", "Please correct this:"},
    {"form_page.send", "提交", "Send"},
    {"form_page.thanks", "提交成功", "Thank you"},
    {"form_page.soon", "我们会尽快与您联系。", "We will be in touch soon."},
    {"form_page.on", "继续", "Go on"},
    {0}};

const struct module form_page_module = {
    .name = "marketing.form_page", .cloud = "marketing", .texts = texts};
