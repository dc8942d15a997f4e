#include "marketing/mail_content.h"

#include "base/message.h"
#include "marketing/mail_token.h"
#include "organization/company.h"

/* Mail programs know tables and inline styles; colours are those of public pages. */
#define FONT \
    "font-family:-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;"
#define CELL \
    "<tr><td style=\"padding:0 32px 16px;" FONT "font-size:16px;line-height:1.7;color:#17212a\">"
#define CELL_END "</td></tr>"

struct maker {
    struct ctx *c;
    const struct mail_content *content;
    const struct mail_reader *reader;
    struct mail_made *made;
    struct text_buffer html, text;
};

static void escape(struct text_buffer *out, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        char b = s.p[i];
        const char *entity = b == '<'   ? "&lt;"
                             : b == '>' ? "&gt;"
                             : b == '&' ? "&amp;"
                             : b == '"' ? "&quot;"
                                        : NULL;
        if (entity) {
            text_add_c(out, entity);
        } else {
            text_add_char(out, b);
        }
    }
}

static bool url_good(struct str url) {
    bool good = (str_starts(url, STR("https://")) || str_starts(url, STR("http://"))) &&
                url.n > 10 && url.n <= 2000;
    for (size_t i = 0; good && i < url.n; i++) {
        good = (unsigned char)url.p[i] > ' ' && url.p[i] != '"' && url.p[i] != '<' &&
               url.p[i] != '>';
    }
    return good;
}

/* Fields of a person that may stand in a mail: facts he gave about himself. */
static const char *const merge_fields[] = {"name",   "company_name", "job_title",
                                           "region", "source",       NULL};

bool mail_merge_field(const struct ctx *c, struct str name) {
    const struct field *f = entity_field(entity_named(c, "person"), name);
    for (const char *const *m = merge_fields; *m; m++) {
        if (str_is(name, *m)) {
            return true;
        }
    }
    return str_is(name, "owner") || str_is(name, "company") ||
           (f && f->flags & FIELD_CUSTOM && !(f->flags & FIELD_HIDDEN));
}

static struct str merge_value(struct ctx *c, const struct record *person, struct str name) {
    if (str_is(name, "company")) {
        return company_text(c, "name");
    }
    if (!person || !mail_merge_field(c, name)) {
        return STR("");
    }
    if (str_is(name, "owner")) {
        struct record *owner = record_load(c, entity_named(c, "user"),
                                           record_id(person, "owner_id"));
        return owner ? record_title(owner) : STR("");
    }
    const struct field *f = entity_field(person->entity, name);
    return f ? value_to_text(c, f, person->values[f->position]) : STR("");
}

/* The next placeholder of a text: what stands before it, its name and fallback. False at the
 * end. */
static bool merge_cut(struct str *rest, struct str *before, struct str *name,
                      struct str *fallback) {
    ptrdiff_t open = str_find(*rest, STR("{{"));
    ptrdiff_t close = open < 0 ? -1 : str_find(str_slice(*rest, (size_t)open, rest->n), STR("}}"));
    if (close < 0) {
        return false;
    }
    struct str inside = str_slice(*rest, (size_t)open + 2, (size_t)(open + close));
    ptrdiff_t bar = str_find_char(inside, '|');
    *before = str_slice(*rest, 0, (size_t)open);
    *name = str_trim(bar < 0 ? inside : str_slice(inside, 0, (size_t)bar));
    *fallback = bar < 0 ? STR("") : str_trim(str_slice(inside, (size_t)bar + 1, inside.n));
    *rest = str_slice(*rest, (size_t)(open + close) + 2, rest->n);
    return true;
}

/* Merged, not escaped: what a person's name holds must not become markup, so markup is read
 * first. */
static struct str merge(struct maker *m, struct str text) {
    struct text_buffer out = {.arena = m->c->arena};
    struct str before, name, fallback;
    while (merge_cut(&text, &before, &name, &fallback)) {
        struct str value = merge_value(m->c, m->reader->person, name);
        text_add(&out, before);
        text_add(&out, value.n ? value : fallback);
    }
    text_add(&out, text);
    return text_str(&out);
}

static struct str link_address(struct maker *m, struct str url) {
    struct mail_made *made = m->made;
    size_t at = made->n_urls;
    if (at == MAIL_LINKS) {
        return url;
    }
    made->urls[made->n_urls++] = url;
    if (!m->reader->send_id) {
        return url;
    }
    struct str token = mail_token(m->c->arena, MAIL_CLICK, m->reader->send_id, (int)at);
    return str_format(m->c->arena, "%.*s/c/%.*s", STR_ARG(m->reader->base), STR_ARG(token));
}

static void add_plain(struct maker *m, struct str text) {
    struct str merged = merge(m, text);
    escape(&m->html, merged);
    text_add(&m->text, merged);
}

static void add_link(struct maker *m, struct str words, struct str url) {
    struct str address = link_address(m, url);
    text_add_c(&m->html, "<a style=\"color:#0b6e84\" href=\"");
    escape(&m->html, address);
    text_add_c(&m->html, "\">");
    add_plain(m, words);
    text_add_c(&m->html, "</a>");
    text_add_format(&m->text, " (%.*s)", STR_ARG(address));
}

/* [words](url) at the beginning of a text: its length, 0 when there is none. */
static size_t link_length(struct str s, struct str *words, struct str *url) {
    ptrdiff_t middle = s.n && s.p[0] == '[' ? str_find(s, STR("](")) : -1;
    ptrdiff_t end = middle < 0 ? -1 : str_find_char(str_slice(s, (size_t)middle, s.n), ')');
    if (end < 0) {
        return 0;
    }
    *words = str_slice(s, 1, (size_t)middle);
    *url = str_slice(s, (size_t)middle + 2, (size_t)(middle + end));
    return url_good(*url) ? (size_t)(middle + end) + 1 : 0;
}

/* One line with its marks. */
static void add_marked(struct maker *m, struct str line) {
    bool bold = false;
    size_t from = 0, i = 0;
    struct str words, url;
    while (i < line.n) {
        struct str here = str_slice(line, i, line.n);
        size_t link = link_length(here, &words, &url);
        if (link || str_starts(here, STR("**"))) {
            add_plain(m, str_slice(line, from, i));
            if (link) {
                add_link(m, words, url);
            } else {
                bold = !bold;
                text_add_c(&m->html, bold ? "<b>" : "</b>");
            }
            i += link ? link : 2;
            from = i;
        } else {
            i++;
        }
    }
    add_plain(m, str_slice(line, from, line.n));
    if (bold) {
        text_add_c(&m->html, "</b>");
    }
}

static void add_text(struct maker *m, struct str text) {
    struct str line;
    bool first = true, list = false;
    text_add_c(&m->html, CELL);
    while (str_cut(&text, '\n', &line)) {
        bool item = str_starts(line, STR("- "));
        if (item != list) {
            text_add_c(&m->html, item ? "<ul style=\"margin:0;padding-left:20px\">" : "</ul>");
        } else if (!first && !item) {
            text_add_c(&m->html, "<br>");
        }
        text_add_c(&m->html, item ? "<li>" : "");
        text_add_c(&m->text, item ? "- " : "");
        add_marked(m, item ? str_slice(line, 2, line.n) : line);
        text_add_c(&m->html, item ? "</li>" : "");
        text_add_c(&m->text, "\n");
        list = item;
        first = false;
    }
    text_add_c(&m->html, list ? "</ul>" CELL_END : CELL_END);
    text_add_c(&m->text, "\n");
}

static void add_heading(struct maker *m, struct str text) {
    text_add_c(&m->html, "<tr><td style=\"padding:8px 32px 8px;" FONT
                         "font-size:22px;line-height:1.4;font-weight:600;color:#17212a\">");
    add_plain(m, text);
    text_add_c(&m->html, CELL_END);
    text_add_c(&m->text, "\n\n");
}

static void add_button(struct maker *m, struct str words, struct str url) {
    struct str address = link_address(m, url);
    text_add_c(&m->html, CELL "<a style=\"display:inline-block;padding:10px 24px;border-radius:6px;"
                              "background:#0b6e84;color:#ffffff;text-decoration:none\" href=\"");
    escape(&m->html, address);
    text_add_c(&m->html, "\">");
    add_plain(m, words);
    text_add_c(&m->html, "</a>" CELL_END);
    text_add_format(&m->text, ": %.*s\n\n", STR_ARG(address));
}

static void add_image(struct maker *m, const struct json *block) {
    struct str link = json_text(block, "link"), alt = merge(m, json_text(block, "alt"));
    text_add_c(&m->html, CELL);
    if (link.n) {
        text_add_c(&m->html, "<a href=\"");
        escape(&m->html, link_address(m, link));
        text_add_c(&m->html, "\">");
    }
    text_add_c(&m->html, "<img style=\"display:block;width:100%;max-width:536px;border:0\" src=\"");
    escape(&m->html, json_text(block, "url"));
    text_add_c(&m->html, "\" alt=\"");
    escape(&m->html, alt);
    text_add_c(&m->html, link.n ? "\"></a>" CELL_END : "\">" CELL_END);
    if (alt.n) {
        text_add_format(&m->text, "[%.*s]\n\n", STR_ARG(alt));
    }
}

static void add_block(struct maker *m, const struct json *block) {
    struct str type = json_text(block, "type"), text = json_text(block, "text");
    if (str_is(type, "heading")) {
        add_heading(m, text);
    } else if (str_is(type, "text")) {
        add_text(m, text);
    } else if (str_is(type, "button")) {
        add_button(m, text, json_text(block, "url"));
    } else if (str_is(type, "image")) {
        add_image(m, block);
    } else if (str_is(type, "divider")) {
        text_add_c(&m->html, "<tr><td style=\"padding:0 32px 16px\"><hr style=\"border:0;"
                             "border-top:1px solid #e3e8eb\"></td></tr>");
        text_add_c(&m->text, "----\n\n");
    }
}

static void add_foot(struct maker *m) {
    struct ctx *c = m->c;
    enum language l = m->content->language;
    struct str company = company_text(c, "name");
    company = company.n ? company : message_words(l, "mail.foot_us");
    struct str why = message_format(c->arena, l, "mail.foot_why",
                                    &(struct text_parameter){"company", company}, 1);
    struct str token = mail_token(c->arena, MAIL_UNSUBSCRIBE, m->reader->send_id, 0);
    struct str address = m->reader->send_id ? str_format(c->arena, "%.*s/u/%.*s",
                                                         STR_ARG(m->reader->base), STR_ARG(token))
                                            : STR("#");
    text_add_c(&m->html, "<tr><td style=\"padding:16px 32px 32px;border-top:1px solid #e3e8eb;" FONT
                         "font-size:12px;line-height:1.6;color:#5d6974\">");
    escape(&m->html, why);
    if (!str_is(m->content->topic, "service")) {
        text_add_c(&m->html, " <a style=\"color:#5d6974\" href=\"");
        escape(&m->html, address);
        text_add_c(&m->html, "\">");
        text_add(&m->html, message_words(l, "mail.foot_unsubscribe"));
        text_add_c(&m->html, "</a>");
        text_add_format(&m->text, "--\n%.*s\n%.*s: %.*s\n", STR_ARG(why),
                        STR_ARG(message_words(l, "mail.foot_unsubscribe")), STR_ARG(address));
    }
    if (m->reader->send_id) {
        struct str pixel = mail_token(c->arena, MAIL_OPEN, m->reader->send_id, 0);
        text_add_format(&m->html,
                        "<img src=\"%.*s/o/%.*s\" width=\"1\" height=\"1\" alt=\"\" "
                        "style=\"display:block\">",
                        STR_ARG(m->reader->base), STR_ARG(pixel));
    }
    text_add_c(&m->html, CELL_END);
}

static void add_head(struct maker *m) {
    text_add_format(&m->html,
                    "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\"><meta "
                    "name=\"viewport\" content=\"width=device-width\"><title>",
                    m->content->language == LANGUAGE_EN ? "en" : "zh-CN");
    escape(&m->html, m->made->subject);
    text_add_c(&m->html, "</title></head><body style=\"margin:0;background:#f6f8f9\">");
    if (m->content->preheader.n) {
        text_add_c(&m->html, "<div style=\"display:none;max-height:0;overflow:hidden\">");
        escape(&m->html, merge(m, m->content->preheader));
        text_add_c(&m->html, "</div>");
    }
    text_add_c(&m->html,
               "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\">"
               "<tr><td align=\"center\" style=\"padding:16px\"><table role=\"presentation\" "
               "width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"max-width:600px;"
               "background:#ffffff\"><tr><td style=\"height:24px\"></td></tr>");
}

struct mail_made *mail_make(struct ctx *c, const struct mail_content *content,
                            const struct mail_reader *reader) {
    struct mail_made *made = ARENA_NEW(c->arena, struct mail_made);
    struct maker m = {.c = c,
                      .content = content,
                      .reader = reader,
                      .made = made,
                      .html = {.arena = c->arena},
                      .text = {.arena = c->arena}};
    enum language language = c->language;
    c->language = content->language;
    made->subject = merge(&m, content->subject);
    add_head(&m);
    const struct json *blocks = content->blocks.n ? json_parse(c, content->blocks) : NULL;
    for (size_t i = 0; json_is(blocks, JSON_IS_ARRAY) && i < blocks->n; i++) {
        add_block(&m, &blocks->items[i]);
    }
    add_foot(&m);
    text_add_c(&m.html, "</table></td></tr></table></body></html>");
    c->language = language;
    made->html = text_str(&m.html);
    made->text = text_str(&m.text);
    return made;
}

static void merge_check(struct ctx *c, struct str text, struct str pointer) {
    struct str before, name, fallback;
    while (merge_cut(&text, &before, &name, &fallback)) {
        if (!mail_merge_field(c, name)) {
            FAIL_FIELD(c, pointer, "mail.merge_field", {"name", name});
        }
    }
}

static struct str member_at(struct ctx *c, size_t i, const char *name) {
    return str_format(c->arena, "/blocks/%zu/%s", i, name);
}

static void url_check(struct ctx *c, const struct json *block, const char *name, size_t i) {
    struct str url = json_text(block, name);
    if (!url_good(url)) {
        FAIL_FIELD(c, member_at(c, i, name), "mail.url");
    } else if (str_find(url, STR("{{")) >= 0) {
        FAIL_FIELD(c, member_at(c, i, name), "mail.url_merge");
    }
}

static void block_check(struct ctx *c, const struct json *block, size_t i) {
    static const char *const members[] = {"type", "text", "url", "alt", "link", NULL};
    struct str type = json_text(block, "type"), text = json_text(block, "text");
    bool image = str_is(type, "image"), button = str_is(type, "button");
    bool worded = button || str_is(type, "heading") || str_is(type, "text");
    for (size_t k = 0; json_is(block, JSON_IS_OBJECT) && k < block->n; k++) {
        bool known = false;
        for (const char *const *m = members; *m; m++) {
            known |= str_is(block->members[k].key, *m);
        }
        if (!known) {
            FAIL_FIELD(c, member_at(c, i, str_to_c(c->arena, block->members[k].key)),
                       "field.unknown");
        }
    }
    if (!worded && !image && !str_is(type, "divider")) {
        FAIL_FIELD(c, member_at(c, i, "type"), "mail.block");
    }
    if (worded && (!str_trim(text).n || text.n > MAIL_BLOCK_TEXT)) {
        FAIL_FIELD(c, member_at(c, i, "text"), "mail.block_text");
    }
    if (button || image) {
        url_check(c, block, "url", i);
    }
    if (image && json_text(block, "link").n) {
        url_check(c, block, "link", i);
    }
    merge_check(c, text, member_at(c, i, "text"));
    merge_check(c, json_text(block, "alt"), member_at(c, i, "alt"));
}

void mail_content_check(struct ctx *c, const struct mail_content *content) {
    const struct json *blocks = content->blocks.n ? json_parse(c, content->blocks) : NULL;
    merge_check(c, content->subject, STR("/subject"));
    merge_check(c, content->preheader, STR("/preheader"));
    if (!json_is(blocks, JSON_IS_ARRAY) || blocks->n == 0 || blocks->n > MAIL_BLOCKS) {
        FAIL_FIELD(c, STR("/blocks"), "mail.blocks");
        return;
    }
    for (size_t i = 0; i < blocks->n; i++) {
        block_check(c, &blocks->items[i], i);
    }
}
