#include "http/target.h"

#include <string.h>

#include "base/charset.h"
#include "base/text.h"

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Plain text that may stand for itself once decoded: whole UTF-8 without NUL. */
static bool is_clean(struct str s) {
    return (!s.n || !memchr(s.p, '\0', s.n)) && text_valid(s);
}

/* As a part of a path; or of a pair, as browsers read one: "+" is a blank, and a % that begins no
 * escape stands for itself. */
static bool bytes_decode(struct arena *a, struct str text, bool pair, struct str *decoded) {
    bool plain = !text.n ||
                 (!memchr(text.p, '%', text.n) && !(pair && memchr(text.p, '+', text.n)));
    if (plain) {
        *decoded = text;
        return true;
    }
    char *out = arena_alloc(a, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '%') {
            int high = i + 2 < text.n ? hex_digit(text.p[i + 1]) : -1;
            int low = i + 2 < text.n ? hex_digit(text.p[i + 2]) : -1;
            bool escape = high >= 0 && low >= 0;
            if (!escape && !pair) {
                return false;
            }
            c = escape ? (char)(high * 16 + low) : c;
            i += escape ? 2 : 0;
        } else if (c == '+' && pair) {
            c = ' ';
        }
        out[n++] = c;
    }
    *decoded = (struct str){out, n};
    return true;
}

bool percent_decode(struct arena *a, struct str text, struct str *decoded) {
    return bytes_decode(a, text, false, decoded) && is_clean(*decoded);
}

static int count_char(struct str s, char c) {
    int n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n += s.p[i] == c;
    }
    return n;
}

bool pairs_cut(struct arena *a, struct str text, int limit, struct header **pairs, int *n) {
    *n = 0;
    *pairs = NULL;
    if (!text.n) {
        return true;
    }
    int count = count_char(text, '&') + 1;
    if (count > limit) {
        return false;
    }
    *pairs = ARENA_NEW_ARRAY(a, (size_t)count, struct header);
    struct str part;
    while (str_cut(&text, '&', &part)) {
        if (!part.n) {
            continue;
        }
        struct header *pair = &(*pairs)[(*n)++];
        ptrdiff_t equals = str_find_char(part, '=');
        struct str name = equals < 0 ? part : str_slice(part, 0, (size_t)equals);
        struct str value = equals < 0 ? STR("") : str_slice(part, (size_t)equals + 1, part.n);
        if (!bytes_decode(a, name, true, &pair->name) ||
            !bytes_decode(a, value, true, &pair->value)) {
            return false;
        }
    }
    return true;
}

static bool is_ascii(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] > 0x7F) {
            return false;
        }
    }
    return true;
}

/* UTF-8 cut off within its last character, without that one; else as it is. */
static struct str whole_characters(struct str s) {
    static const unsigned char leads[] = {0, 0xC2, 0xE0, 0xF0}; /* of more bytes than so many */
    for (size_t cut = 1; cut < 4 && cut < s.n; cut++) {
        struct str whole = str_slice(s, 0, s.n - cut);
        if (text_valid(whole)) {
            bool begun = (unsigned char)s.p[whole.n] >= leads[cut];
            return begun && !is_ascii(whole) ? whole : s;
        }
    }
    return s;
}

/* Links of advertisements are written in whatever encoding, and cut off anywhere. */
static bool as_text(struct arena *a, struct str *s) {
    *s = text_valid(*s) ? *s : whole_characters(*s);
    if (!text_valid(*s)) {
        enum charset charset = charset_of_message(STR(""), *s);
        *s = charset == CHARSET_UTF8 ? *s : charset_convert(a, charset, *s);
    }
    bool clean = !s->n || !memchr(s->p, '\0', s->n);
    *s = clean ? text_repair(a, *s) : *s;
    return clean;
}

bool pairs_parse(struct arena *a, struct str text, int limit, struct header **pairs, int *n) {
    bool good = pairs_cut(a, text, limit, pairs, n);
    for (int i = 0; good && i < *n; i++) {
        good = as_text(a, &(*pairs)[i].name) && as_text(a, &(*pairs)[i].value);
    }
    return good;
}

static bool has_control(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F) {
            return true;
        }
    }
    return false;
}

static bool segments_parse(struct arena *a, struct str path, struct target *t) {
    struct str rest = str_slice(path, 1, path.n), segment;
    while (rest.n && str_cut(&rest, '/', &segment)) {
        if (t->n_segments == PATH_SEGMENTS ||
            !percent_decode(a, segment, &t->segments[t->n_segments])) {
            return false;
        }
        if (has_control(t->segments[t->n_segments++])) {
            return false;
        }
    }
    return true;
}

bool target_parse(struct arena *a, struct str text, struct target *t) {
    if (!text.n || text.p[0] != '/') {
        return false;
    }
    ptrdiff_t mark = str_find_char(text, '?');
    struct str path = mark < 0 ? text : str_slice(text, 0, (size_t)mark);
    struct str query = mark < 0 ? STR("") : str_slice(text, (size_t)mark + 1, text.n);
    t->n_segments = 0;
    return segments_parse(a, path, t) && percent_decode(a, path, &t->path) &&
           pairs_parse(a, query, QUERY_PAIRS, &t->query, &t->n_query);
}
