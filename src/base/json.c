#include "base/json.h"

#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* jansson parses; what it made is copied into the arena and freed at once. */

static void value_copy(struct arena *a, json_t *in, struct json *out);

static void object_copy(struct arena *a, json_t *in, struct json *out) {
    out->kind = JSON_IS_OBJECT;
    out->n = json_object_size(in);
    struct json_member *members = ARENA_NEW_ARRAY(a, out->n, struct json_member);
    struct json_member *next = members;
    for (void *at = json_object_iter(in); at; at = json_object_iter_next(in, at)) {
        next->key = str_copy(a, str_from(json_object_iter_key(at)));
        value_copy(a, json_object_iter_value(at), &next->value);
        next++;
    }
    out->members = members;
}

static void array_copy(struct arena *a, json_t *in, struct json *out) {
    out->kind = JSON_IS_ARRAY;
    out->n = json_array_size(in);
    struct json *items = ARENA_NEW_ARRAY(a, out->n, struct json);
    for (size_t i = 0; i < out->n; i++) {
        value_copy(a, json_array_get(in, i), &items[i]);
    }
    out->items = items;
}

static void value_copy(struct arena *a, json_t *in, struct json *out) {
    switch (json_typeof(in)) {
    case JSON_OBJECT:
        object_copy(a, in, out);
        break;
    case JSON_ARRAY:
        array_copy(a, in, out);
        break;
    case JSON_STRING:
        out->kind = JSON_IS_TEXT;
        out->text = str_copy(a, (struct str){json_string_value(in), json_string_length(in)});
        break;
    case JSON_INTEGER:
        out->kind = JSON_IS_INT;
        out->integer = json_integer_value(in);
        out->real = (double)out->integer;
        break;
    case JSON_REAL:
        out->kind = JSON_IS_REAL;
        out->real = json_real_value(in);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        out->kind = JSON_IS_BOOL;
        out->boolean = json_is_true(in);
        break;
    case JSON_NULL:
        break;
    }
}

/* jansson recurses to its own limit of 2048; ours is checked here before it starts. */
static bool too_deep(struct str text) {
    unsigned depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i];
        if (quoted) {
            i += ch == '\\';
            quoted = ch != '"';
        } else if (ch == '"') {
            quoted = true;
        } else if (ch == '[' || ch == '{') {
            if (++depth > JSON_DEPTH) {
                return true;
            }
        } else if ((ch == ']' || ch == '}') && depth) {
            depth--;
        }
    }
    return false;
}

const struct json *json_parse(struct ctx *c, struct str text) {
    json_error_t error = {.line = 1, .column = 1};
    json_t *in = too_deep(text) ? NULL
                                : json_loadb(text.p ? text.p : "", text.n,
                                             JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!in) {
        FAIL(c, ERROR_INVALID, "request.malformed",
             {"line", str_format(c->arena, "%d", error.line)},
             {"column", str_format(c->arena, "%d", error.column)});
        return NULL;
    }
    struct json *out = ARENA_NEW(c->arena, struct json);
    value_copy(c->arena, in, out);
    json_decref(in);
    return out;
}

const struct json *json_get_str(const struct json *o, struct str key) {
    if (!json_is(o, JSON_IS_OBJECT)) {
        return NULL;
    }
    for (size_t i = 0; i < o->n; i++) {
        if (str_equal(o->members[i].key, key)) {
            return &o->members[i].value;
        }
    }
    return NULL;
}

const struct json *json_get(const struct json *o, const char *key) {
    return json_get_str(o, str_from(key));
}

struct str json_text(const struct json *o, const char *key) {
    const struct json *v = json_get(o, key);
    return json_is(v, JSON_IS_TEXT) ? v->text : STR("");
}

int64_t json_int(const struct json *o, const char *key, int64_t fallback) {
    const struct json *v = json_get(o, key);
    return json_is(v, JSON_IS_INT) ? v->integer : fallback;
}

bool json_bool(const struct json *o, const char *key, bool fallback) {
    const struct json *v = json_get(o, key);
    return json_is(v, JSON_IS_BOOL) ? v->boolean : fallback;
}

int64_t json_as_id(const struct json *v) {
    int64_t id = 0;
    if (json_is(v, JSON_IS_TEXT)) {
        return str_to_int(v->text, &id) && id > 0 ? id : 0;
    }
    return json_is(v, JSON_IS_INT) && v->integer > 0 ? v->integer : 0;
}

int64_t json_id(const struct json *o, const char *key) {
    return json_as_id(json_get(o, key));
}

struct json_writer json_writer(struct arena *a) {
    return (struct json_writer){.out = {.arena = a}};
}

/* Where a value or key of up to n bytes is written, behind a comma when something stands before
 * it; finish() with the end of what was written. */
static inline char *start(struct json_writer *w, size_t n) {
    char *to = text_reserve(&w->out, n + 1);
    *to = ',';
    to += w->comma;
    w->comma = true;
    return to;
}

static inline void finish(struct json_writer *w, char *end) {
    *end = '\0';
    w->out.n = (size_t)(end - w->out.p);
}

/* The end of the copy. Most of what is written is short, and a call would cost more. */
static inline char *copy(char *to, const char *from, size_t n) {
    uint64_t head, tail;
    if (n > 16) {
        memcpy(to, from, n);
    } else if (n >= 8) {
        memcpy(&head, from, 8);
        memcpy(&tail, from + n - 8, 8);
        memcpy(to, &head, 8);
        memcpy(to + n - 8, &tail, 8);
    } else {
        for (size_t i = 0; i < n; i++) {
            to[i] = from[i];
        }
    }
    return to + n;
}

static inline void put(struct json_writer *w, struct str text) {
    finish(w, copy(start(w, text.n), text.p, text.n));
}

static void open_bracket(struct json_writer *w, char bracket) {
    char *to = start(w, 1);
    *to++ = bracket;
    finish(w, to);
    w->depth++;
    w->comma = false;
}

static void close_bracket(struct json_writer *w, char bracket) {
    assert(w->depth > 0);
    text_add_char(&w->out, bracket);
    w->depth--;
    w->comma = true;
}

void json_begin_object(struct json_writer *w) {
    open_bracket(w, '{');
}

void json_begin_array(struct json_writer *w) {
    open_bracket(w, '[');
}

void json_end_object(struct json_writer *w) {
    close_bracket(w, '}');
}

void json_end_array(struct json_writer *w) {
    close_bracket(w, ']');
}

/* Length of the valid UTF-8 sequence at s, 0 when it is none. */
static inline size_t utf8_length(struct str s) {
    unsigned char b = (unsigned char)s.p[0];
    if (b > 0xE0 && b < 0xED && s.n > 2) { /* nearly all of Chinese */
        return (s.p[1] & 0xC0) == 0x80 && (s.p[2] & 0xC0) == 0x80 ? 3 : 0;
    }
    size_t n = b < 0x80                ? 1
               : b >= 0xC2 && b < 0xE0 ? 2
               : b >= 0xE0 && b < 0xF0 ? 3
               : b >= 0xF0 && b < 0xF5 ? 4
                                       : 0;
    if (n == 0 || n > s.n) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)s.p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    unsigned char second = n > 1 ? (unsigned char)s.p[1] : 0;
    bool wrong = (b == 0xE0 && second < 0xA0) || (b == 0xED && second > 0x9F) ||
                 (b == 0xF0 && second < 0x90) || (b == 0xF4 && second > 0x8F);
    return wrong ? 0 : n;
}

static void add_escaped(struct text_buffer *out, unsigned char ch) {
    switch (ch) {
    case '"':
        text_add_c(out, "\\\"");
        break;
    case '\\':
        text_add_c(out, "\\\\");
        break;
    case '\n':
        text_add_c(out, "\\n");
        break;
    case '\t':
        text_add_c(out, "\\t");
        break;
    default:
        text_add_format(out, "\\u%04x", ch);
    }
}

/* Whether eight bytes are ASCII and none of them a quote, a backslash or a control character. */
static bool eight_plain(const char *p) {
    const uint64_t ones = UINT64_MAX / 0xFF, tops = ones * 0x80;
    uint64_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    uint64_t quote = bytes ^ ones * '"', backslash = bytes ^ ones * '\\';
    return ((bytes | (bytes - ones * 0x20) | (quote - ones) | (backslash - ones)) & tops) == 0;
}

static bool is_plain(char ch) {
    return (unsigned char)ch >= 0x20 && ch != '"' && ch != '\\';
}

/* Bytes at the beginning of s that stand for themselves between quotes. */
static size_t plain_run(struct str s) {
    size_t i = 0;
    while (i < s.n) {
        const char *at = s.p + i;
        if ((unsigned char)*at >= 0x80) {
            size_t n = utf8_length((struct str){at, s.n - i});
            if (!n) {
                break;
            }
            i += n;
        } else if (s.n - i >= 8 && eight_plain(at)) {
            i += 8;
        } else if (is_plain(*at)) {
            i++;
        } else {
            break;
        }
    }
    return i;
}

/* The rest of a quoted text, from the first byte on that does not stand for itself. */
static void add_rest(struct text_buffer *out, struct str s) {
    size_t run = 0;
    while (run < s.n) {
        unsigned char ch = (unsigned char)s.p[run];
        if (ch < 0x80) {
            add_escaped(out, ch);
        } else {
            text_add(out, STR("\xEF\xBF\xBD"));
        }
        s = str_slice(s, run + 1, s.n);
        run = plain_run(s);
        text_add(out, str_slice(s, 0, run));
    }
    text_add_char(out, '"');
}

void json_put_str(struct json_writer *w, struct str s) {
    size_t run = plain_run(s);
    char *to = start(w, run + 2);
    *to++ = '"';
    to = copy(to, s.p, run);
    if (run == s.n) {
        *to++ = '"';
        finish(w, to);
        return;
    }
    finish(w, to);
    add_rest(&w->out, str_slice(s, run, s.n));
}

void json_key_str(struct json_writer *w, struct str key) {
    json_put_str(w, key);
    text_add_char(&w->out, ':');
    w->comma = false;
}

void json_key_ready(struct json_writer *w, struct str key) {
    put(w, key);
    w->comma = false;
}

void json_null_ready(struct json_writer *w, struct str key) {
    char *to = copy(start(w, key.n + 4), key.p, key.n);
    finish(w, copy(to, "null", 4));
}

void json_key(struct json_writer *w, const char *key) {
    json_key_str(w, str_from(key));
}

void json_put_c(struct json_writer *w, const char *s) {
    json_put_str(w, str_from(s));
}

void json_put_int(struct json_writer *w, int64_t v) {
    char digits[INT_DIGITS], *end = digits + sizeof digits;
    const char *from = int_digits(v, end);
    put(w, (struct str){from, (size_t)(end - from)});
}

void json_put_real(struct json_writer *w, double v) {
    char text[32] = "null";
    if (isfinite(v)) {
        snprintf(text, sizeof text, "%.17g", v);
    }
    put(w, str_from(text));
}

void json_put_id(struct json_writer *w, int64_t id) {
    char text[INT_DIGITS + 2], *end = text + sizeof text;
    if (!id) {
        json_put_null(w);
        return;
    }
    end[-1] = '"';
    char *from = int_digits(id, end - 1) - 1;
    *from = '"';
    put(w, (struct str){from, (size_t)(end - from)});
}

void json_put_bool(struct json_writer *w, bool v) {
    put(w, v ? STR("true") : STR("false"));
}

void json_put_null(struct json_writer *w) {
    put(w, STR("null"));
}

void json_put_instant(struct json_writer *w, int64_t ms) {
    char *to = start(w, INSTANT_TEXT + 2);
    *to = '"';
    instant_format(ms, to + 1);
    to += 1 + strlen(to + 1);
    *to++ = '"';
    finish(w, to);
}

void json_put_instant_or_null(struct json_writer *w, int64_t ms) {
    if (ms) {
        json_put_instant(w, ms);
    } else {
        json_put_null(w);
    }
}

void json_put_raw(struct json_writer *w, struct str json) {
    put(w, json);
}

static void put_object(struct json_writer *w, const struct json *v) {
    json_begin_object(w);
    for (size_t i = 0; i < v->n; i++) {
        json_key_str(w, v->members[i].key);
        json_put_json(w, &v->members[i].value);
    }
    json_end_object(w);
}

static void put_array(struct json_writer *w, const struct json *v) {
    json_begin_array(w);
    for (size_t i = 0; i < v->n; i++) {
        json_put_json(w, &v->items[i]);
    }
    json_end_array(w);
}

void json_put_json(struct json_writer *w, const struct json *v) {
    switch (v ? v->kind : JSON_IS_NULL) {
    case JSON_IS_NULL:
        json_put_null(w);
        break;
    case JSON_IS_BOOL:
        json_put_bool(w, v->boolean);
        break;
    case JSON_IS_INT:
        json_put_int(w, v->integer);
        break;
    case JSON_IS_REAL:
        json_put_real(w, v->real);
        break;
    case JSON_IS_TEXT:
        json_put_str(w, v->text);
        break;
    case JSON_IS_ARRAY:
        put_array(w, v);
        break;
    case JSON_IS_OBJECT:
        put_object(w, v);
        break;
    }
}

struct str json_str(const struct json_writer *w) {
    assert(w->depth == 0);
    return text_str(&w->out);
}
