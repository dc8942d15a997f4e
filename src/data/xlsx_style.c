#include <string.h>

#include "data/xlsx_package.h"

enum { STYLES = 65536, FORMATS = 4096 };

/* Number formats the file defines, and the styles of cells that use them. */
struct style_sheet {
    struct {
        int64_t id;
        enum number_kind kind;
    } formats[FORMATS];
    size_t n_formats;
    bool in_cell_styles; /* cellXfs, not cellStyleXfs */
};

/* Formats that every program knows by number (ECMA-376 part 1, 18.8.30; 27–36 and 50–58 are
 * dates in East Asian versions). */
static enum number_kind builtin_kind(int64_t id) {
    if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 54) ||
        id == 57 || id == 58) {
        return NUMBER_DATE;
    }
    if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) || id == 55 ||
        id == 56) {
        return NUMBER_TIME;
    }
    return id == 22 ? NUMBER_DATE_TIME : NUMBER_PLAIN;
}

/* Length of what is no code at the front: quoted text, an escaped character, a bracketed colour
 * or locale (but [h], [mm] and [ss] are elapsed times). */
static size_t literal_length(struct str code) {
    char first = code.p[0];
    if (first == '\\' || first == '_' || first == '*') {
        return code.n > 1 ? 2 : 1;
    }
    if (first == '"') {
        ptrdiff_t end = str_find_char(str_slice(code, 1, code.n), '"');
        return end < 0 ? code.n : (size_t)end + 2;
    }
    if (first == '[') {
        ptrdiff_t end = str_find_char(code, ']');
        char inner = code.n > 1 ? (char)(code.p[1] | 0x20) : 0;
        bool elapsed = end > 1 && (inner == 'h' || inner == 's' || (inner == 'm' && end <= 3));
        return elapsed ? 0 : end < 0 ? code.n : (size_t)end + 1;
    }
    return 0;
}

enum number_kind number_format_kind(struct str code) {
    bool day = false, time = false, minute_or_month = false;
    while (code.n && code.p[0] != ';') {
        size_t skip = literal_length(code);
        if (!skip && str_starts(code, STR("General"))) {
            skip = 7;
        }
        char ch = (char)(code.p[0] | 0x20);
        if (!skip) {
            day = day || ch == 'y' || ch == 'd' || ch == 'b';
            time = time || ch == 'h' || ch == 's';
            minute_or_month = minute_or_month || ch == 'm';
        }
        code = str_slice(code, skip ? skip : 1, code.n);
    }
    day = day || (minute_or_month && !time);
    return day && time ? NUMBER_DATE_TIME : day ? NUMBER_DATE : time ? NUMBER_TIME : NUMBER_PLAIN;
}

static enum number_kind kind_of(const struct style_sheet *s, int64_t id) {
    for (size_t i = 0; i < s->n_formats; i++) {
        if (s->formats[i].id == id) {
            return s->formats[i].kind;
        }
    }
    return builtin_kind(id);
}

static void styles_begin(struct xlsx_part *part, const char *element, const char **attributes) {
    struct style_sheet *s = part->data;
    struct xlsx_package *p = part->package;
    int64_t id = xlsx_number(xlsx_attribute(attributes, "numFmtId"), INT32_MAX);
    if (xlsx_is(element, "cellXfs")) {
        s->in_cell_styles = true;
    } else if (xlsx_is(element, "numFmt") && s->n_formats < FORMATS) {
        const char *code = xlsx_attribute(attributes, "formatCode");
        s->formats[s->n_formats].id = id;
        s->formats[s->n_formats++].kind = number_format_kind(str_from(code));
    } else if (xlsx_is(element, "xf") && s->in_cell_styles && p->n_styles < STYLES) {
        p->styles[p->n_styles++] = kind_of(s, id);
    }
}

static void styles_end(struct xlsx_part *part, const char *element) {
    struct style_sheet *s = part->data;
    s->in_cell_styles = s->in_cell_styles && !xlsx_is(element, "cellXfs");
}

void xlsx_styles_read(struct ctx *c, struct xlsx_package *p, const char *part_name) {
    struct style_sheet *s = ARENA_NEW(&p->arena, struct style_sheet);
    p->styles = ARENA_NEW_ARRAY(&p->arena, STYLES, enum number_kind);
    struct xlsx_part part = {.begin = styles_begin, .end = styles_end, .data = s};
    bool found = xlsx_part_open(&part, c, p, part_name);
    while (found && xlsx_part_advance(&part)) {
    }
    xlsx_part_close(&part);
}
