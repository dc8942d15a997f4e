#include "connector/mail_html.h"

#include "base/text.h"
#include "http/pages.h"

enum { OPEN_MOST = 48, TAG_MOST = 12, ADDRESS_MOST = 2000 };

/* What may stand in the safe HTML; a block ends the line of the plain text. */
static const struct tag {
    const char *name;
    bool block, empty;
} tags[] = {{"p", true, false},          {"div", true, false},    {"br", true, true},
            {"hr", true, true},          {"b", false, false},     {"strong", false, false},
            {"i", false, false},         {"em", false, false},    {"u", false, false},
            {"s", false, false},         {"sub", false, false},   {"sup", false, false},
            {"blockquote", true, false}, {"pre", true, false},    {"code", false, false},
            {"ul", true, false},         {"ol", true, false},     {"li", true, false},
            {"table", true, false},      {"thead", false, false}, {"tbody", false, false},
            {"tr", true, false},         {"td", false, false},    {"th", false, false},
            {"h1", true, false},         {"h2", true, false},     {"h3", true, false},
            {"h4", true, false},         {"h5", true, false},     {"h6", true, false},
            {"a", false, false},         {"img", false, true},    {NULL, false, false}};

/* Their content is no text. */
static const char *const dropped[] = {"script",   "style", "title",  "head",   "template",
                                      "noscript", "svg",   "iframe", "object", NULL};

struct reading {
    struct arena *arena;
    struct str rest;
    struct text_buffer safe, text;
    const struct tag *open[OPEN_MOST];
    size_t n_open;
    bool blank, line; /* a blank, a new line is due before the next character of the text */
};

static const struct tag *tag_named(struct str name) {
    for (const struct tag *t = tags; t->name; t++) {
        if (str_is(name, t->name)) {
            return t;
        }
    }
    return NULL;
}

static void escaped(struct text_buffer *out, uint32_t character) {
    char byte = (char)character;
    if (character < 0x80) {
        html_add(out, (struct str){&byte, 1});
    } else {
        text_add_character(out, character);
    }
}

static bool is_blank(uint32_t character) {
    return character == ' ' || character == '\n' || character == '\r' || character == '\t' ||
           character == 0xa0;
}

/* One character of the content. */
static void put(struct reading *r, uint32_t character) {
    if (character < ' ' && !is_blank(character)) {
        return;
    }
    escaped(&r->safe, character);
    if (is_blank(character)) {
        r->blank = true;
        return;
    }
    if (r->text.n && r->line) {
        text_add_char(&r->text, '\n');
    } else if (r->text.n && r->blank) {
        text_add_char(&r->text, ' ');
    }
    r->line = r->blank = false;
    text_add_character(&r->text, character);
}

/* The character an entity stands for, 0 when it is none; *n: its length with & and ;. */
static uint32_t entity(struct str s, size_t *n) {
    static const struct {
        const char *name;
        uint32_t character;
    } named[] = {{"amp", '&'},       {"lt", '<'},       {"gt", '>'},       {"quot", '"'},
                 {"apos", '\''},     {"nbsp", 0xa0},    {"ldquo", 0x201c}, {"rdquo", 0x201d},
                 {"lsquo", 0x2018},  {"rsquo", 0x2019}, {"mdash", 0x2014}, {"ndash", 0x2013},
                 {"hellip", 0x2026}, {"middot", 0xb7},  {"copy", 0xa9},    {"yen", 0xa5},
                 {"times", 0xd7},    {"bull", 0x2022},  {NULL, 0}};
    ptrdiff_t end = str_find_char(str_slice(s, 0, 12), ';');
    if (end < 2) {
        return 0;
    }
    struct str name = str_slice(s, 1, (size_t)end);
    *n = (size_t)end + 1;
    if (name.p[0] != '#') {
        for (size_t i = 0; named[i].name; i++) {
            if (str_is(name, named[i].name)) {
                return named[i].character;
            }
        }
        return 0;
    }
    bool hex = name.n > 1 && (name.p[1] | 0x20) == 'x';
    uint32_t value = 0;
    for (size_t i = hex ? 2 : 1; i < name.n; i++) {
        char low = (char)(name.p[i] | 0x20);
        bool digit = name.p[i] >= '0' && name.p[i] <= '9';
        if (!digit && !(hex && low >= 'a' && low <= 'f')) {
            return 0;
        }
        uint32_t part = (uint32_t)(digit ? name.p[i] - '0' : low - 'a' + 10);
        value = value * (hex ? 16 : 10) + part;
    }
    bool real = value && value < 0x110000 && !(value >= 0xd800 && value < 0xe000);
    return real ? value : 0;
}

/* Past the first occurrence of a text, or to the end. */
static void skip_past(struct reading *r, struct str end) {
    ptrdiff_t at = str_find(r->rest, end);
    r->rest = at < 0 ? STR("") : str_slice(r->rest, (size_t)at + end.n, r->rest.n);
}

/* Past the closing tag of content that is no text, in any case of its letters. */
static void skip_content(struct reading *r, struct str name) {
    while (r->rest.n) {
        skip_past(r, STR("</"));
        struct str next = str_lower(r->arena, str_slice(r->rest, 0, name.n));
        if (str_equal(next, name)) {
            skip_past(r, STR(">"));
            return;
        }
    }
}

static struct str unescaped(struct arena *a, struct str s) {
    struct text_buffer out = {.arena = a};
    while (s.n) {
        size_t n = 1;
        uint32_t character = s.p[0] == '&' ? entity(s, &n) : 0;
        if (character) {
            text_add_character(&out, character);
        } else {
            n = 1;
            text_add_char(&out, s.p[0]);
        }
        s = str_slice(s, n, s.n);
    }
    return text_str(&out);
}

static bool address_safe(struct arena *a, struct str address) {
    struct str low = str_lower(a, str_slice(address, 0, 8));
    for (size_t i = 0; i < address.n; i++) {
        if ((unsigned char)address.p[i] <= ' ') {
            return false;
        }
    }
    return address.n <= ADDRESS_MOST &&
           (str_starts(low, STR("http://")) || str_starts(low, STR("https://")) ||
            str_starts(low, STR("mailto:")));
}

/* The next name and value of a tag's attributes; false at their end. */
static bool attribute_next(struct arena *a, struct str *rest, struct str *name, struct str *value) {
    size_t i = 0, from;
    struct str s = *rest;
    while (i < s.n && (is_blank((unsigned char)s.p[i]) || s.p[i] == '/')) {
        i++;
    }
    from = i;
    while (i < s.n && !is_blank((unsigned char)s.p[i]) && s.p[i] != '=') {
        i++;
    }
    *name = str_lower(a, str_slice(s, from, i));
    *value = STR("");
    while (i < s.n && is_blank((unsigned char)s.p[i])) {
        i++;
    }
    if (i < s.n && s.p[i] == '=') {
        i++;
        while (i < s.n && is_blank((unsigned char)s.p[i])) {
            i++;
        }
        char quote = i < s.n && (s.p[i] == '"' || s.p[i] == '\'') ? s.p[i++] : 0;
        from = i;
        while (i < s.n && (quote ? s.p[i] != quote : !is_blank((unsigned char)s.p[i]))) {
            i++;
        }
        *value = unescaped(a, str_slice(s, from, i));
        i += quote && i < s.n;
    }
    *rest = str_slice(s, i, s.n);
    return name->n > 0 || value->n > 0;
}

static void attributes_put(struct reading *r, const struct tag *t, struct str attributes) {
    struct str name, value;
    bool link = str_is(str_from(t->name), "a"), done = false;
    bool cell = t->name[0] == 't' && (t->name[1] == 'd' || t->name[1] == 'h') && !t->name[2];
    while (!done && attribute_next(r->arena, &attributes, &name, &value)) {
        int64_t n = 0;
        if (link && str_is(name, "href") && address_safe(r->arena, str_trim(value))) {
            struct str address = text_repair(r->arena, str_trim(value));
            uint32_t character;
            text_add_c(&r->safe, " href=\"");
            while (text_next(&address, &character)) {
                escaped(&r->safe, character);
            }
            text_add_c(&r->safe, "\" target=\"_blank\" rel=\"noopener noreferrer nofollow\"");
            done = true;
        } else if (cell && (str_is(name, "colspan") || str_is(name, "rowspan")) &&
                   str_to_int(value, &n) && n > 1 && n <= 100) {
            text_add_format(&r->safe, " %s=\"%lld\"",
                            str_is(name, "colspan") ? "colspan" : "rowspan", (long long)n);
        }
    }
}

/* A picture that came with the mail: of all others the sender would hear that they were seen. */
static void picture_put(struct reading *r, struct str attributes) {
    struct str name, value;
    while (attribute_next(r->arena, &attributes, &name, &value)) {
        struct str id = text_repair(r->arena, str_trim(value));
        uint32_t character;
        if (str_is(name, "src") && id.n <= ADDRESS_MOST && str_starts(id, STR("cid:"))) {
            text_add_c(&r->safe, "<img src=\"");
            while (text_next(&id, &character)) {
                escaped(&r->safe, character);
            }
            text_add_c(&r->safe, "\">");
            return;
        }
    }
}

static void tag_open(struct reading *r, const struct tag *t, struct str attributes) {
    if (str_is(str_from(t->name), "img")) {
        picture_put(r, attributes);
        return;
    }
    if (!t->empty && r->n_open == OPEN_MOST) {
        return;
    }
    text_add_format(&r->safe, "<%s", t->name);
    attributes_put(r, t, attributes);
    text_add_char(&r->safe, '>');
    if (!t->empty) {
        r->open[r->n_open++] = t;
    }
}

/* Close down to the innermost of its kind; one that is not open is none. */
static void tag_close(struct reading *r, const struct tag *t) {
    size_t at = r->n_open;
    while (at && r->open[at - 1] != t) {
        at--;
    }
    while (at && r->n_open >= at) {
        text_add_format(&r->safe, "</%s>", r->open[--r->n_open]->name);
    }
}

/* The end of a tag, past quoted attributes; rest is behind "<". */
static size_t tag_end(struct str s) {
    char quote = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (quote) {
            quote = s.p[i] == quote ? 0 : quote;
        } else if ((s.p[i] == '"' || s.p[i] == '\'') && i && s.p[i - 1] == '=') {
            quote = s.p[i];
        } else if (s.p[i] == '>') {
            return i;
        }
    }
    return s.n;
}

static void tag_take(struct reading *r) {
    struct str s = str_slice(r->rest, 1, r->rest.n);
    bool closes = s.n && s.p[0] == '/';
    size_t end = tag_end(s), from = closes, i = from;
    while (i < end && i - from < TAG_MOST && ((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z')) {
        i++;
    }
    while (i < end && i > from && s.p[i] >= '0' && s.p[i] <= '9') {
        i++;
    }
    struct str name = str_lower(r->arena, str_slice(s, from, i));
    const struct tag *t = tag_named(name);
    r->rest = str_slice(s, end + 1, s.n);
    for (const char *const *d = dropped; *d && !closes; d++) {
        if (str_is(name, *d)) {
            skip_content(r, name);
            return;
        }
    }
    r->blank = r->blank || str_is(name, "td") || str_is(name, "th");
    r->line = r->line || (t && t->block);
    if (t && closes) {
        tag_close(r, t);
    } else if (t) {
        tag_open(r, t, str_slice(s, i, end));
    }
}

struct mail_html mail_html_read(struct arena *a, struct str html, size_t most) {
    struct reading r = {.arena = a, .safe = {.arena = a}, .text = {.arena = a}};
    r.rest = text_repair(a, str_slice(html, 0, most));
    while (r.rest.n) {
        size_t n = 1;
        uint32_t character = r.rest.p[0] == '&' ? entity(r.rest, &n) : 0;
        char next = r.rest.n > 1 ? r.rest.p[1] : 0;
        bool name = ((next | 0x20) >= 'a' && (next | 0x20) <= 'z') || next == '/';
        if (character) {
            put(&r, character);
            r.rest = str_slice(r.rest, n, r.rest.n);
        } else if (str_starts(r.rest, STR("<!--"))) {
            skip_past(&r, STR("-->"));
        } else if (r.rest.p[0] == '<' && name) {
            tag_take(&r);
        } else if (r.rest.p[0] == '<' && (next == '!' || next == '?')) {
            skip_past(&r, STR(">"));
        } else if (text_next(&r.rest, &character)) {
            put(&r, character);
        }
    }
    while (r.n_open) {
        text_add_format(&r.safe, "</%s>", r.open[--r.n_open]->name);
    }
    return (struct mail_html){text_str(&r.safe), text_str(&r.text)};
}

struct str mail_html_of_text(struct arena *a, struct str text) {
    struct text_buffer out = {.arena = a};
    uint32_t character;
    text = text_repair(a, text);
    while (text_next(&text, &character)) {
        if (character == '\n') {
            text_add_c(&out, "<br>");
        } else if (character >= ' ' || character == '\t') {
            escaped(&out, character);
        }
    }
    return text_str(&out);
}
