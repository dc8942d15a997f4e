#include "base/message.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"

/* Sorted by code after each registration; read-only once threads run. */
static const struct text **texts;
static size_t n_texts, text_capacity;

static int by_code(const void *a, const void *b) {
    const struct text *const *x = a, *const *y = b;
    return strcmp((*x)->code, (*y)->code);
}

static const struct text *text_find(const char *code) {
    struct text wanted = {.code = code};
    const struct text *key = &wanted;
    const struct text **found = n_texts ? bsearch(&key, texts, n_texts, sizeof *texts, by_code)
                                        : NULL;
    return found ? *found : NULL;
}

static _Noreturn void text_clash(const char *code) {
    fprintf(stderr, "guantong: the text %s is defined twice with other words\n", code);
    abort();
}

void message_register(const struct text *table) {
    size_t before = n_texts;
    for (const struct text *t = table; t->code; t++) {
        const struct text *known = before ? text_find(t->code) : NULL;
        if (known) {
            if (strcmp(known->zh, t->zh) != 0 || strcmp(known->en, t->en) != 0) {
                text_clash(t->code);
            }
            continue;
        }
        if (n_texts == text_capacity) {
            text_capacity = text_capacity ? text_capacity * 2 : 256;
            texts = realloc(texts, text_capacity * sizeof *texts);
            if (!texts) {
                abort();
            }
        }
        /* Appended past the sorted part; lookups during this call see only the old part. */
        texts[n_texts++] = t;
    }
    qsort(texts, n_texts, sizeof *texts, by_code);
}

struct str message_words(enum language language, const char *code) {
    const struct text *t = text_find(code);
    return str_from(!t ? code : language == LANGUAGE_EN ? t->en : t->zh);
}

static struct str parameter_value(const struct text_parameter *p, size_t n, struct str name) {
    for (size_t i = 0; i < n; i++) {
        if (p[i].name && str_is(name, p[i].name)) {
            return p[i].value;
        }
    }
    return STR("");
}

/* The length of the name that text begins with and '}' ends; -1 when none does: braces of an
 * example in JSON stand for themselves. */
static ptrdiff_t name_length(struct str text) {
    size_t n = 0;
    while (n < text.n && (text.p[n] == '_' || islower((unsigned char)text.p[n]))) {
        n++;
    }
    return n && n < text.n && text.p[n] == '}' ? (ptrdiff_t)n : -1;
}

struct str message_format(struct arena *a, enum language language, const char *code,
                          const struct text_parameter *parameters, size_t n) {
    struct str words = message_words(language, code);
    if (str_find_char(words, '{') < 0) {
        return words;
    }
    struct text_buffer out = {.arena = a};
    struct str before;
    while (words.n) {
        bool open = str_find_char(words, '{') >= 0;
        str_cut(&words, '{', &before);
        text_add(&out, before);
        ptrdiff_t length = open ? name_length(words) : -1;
        if (length >= 0) {
            size_t end = (size_t)length;
            text_add(&out, parameter_value(parameters, n, str_slice(words, 0, end)));
            words = str_slice(words, end + 1, words.n);
        } else if (open) {
            text_add_c(&out, "{");
        }
    }
    return text_str(&out);
}

struct str message_error(struct arena *a, enum language language, const struct error *e) {
    return message_format(a, language, e->text ? e->text : "error.internal", e->parameters,
                          ERROR_PARAMETERS);
}

struct str message_failure(struct arena *a, enum language language, const struct error *e) {
    const struct field_error *f = e->fields;
    return f ? message_format(a, language, f->text, f->parameters, ERROR_PARAMETERS)
             : message_error(a, language, e);
}

struct str message_failure_kept(struct arena *a, const struct error *e) {
    struct json_writer w = json_writer(a);
    json_begin_object(&w);
    JSON_MEMBER(&w, "zh", json_put_str, message_failure(a, LANGUAGE_ZH, e));
    JSON_MEMBER(&w, "en", json_put_str, message_failure(a, LANGUAGE_EN, e));
    json_end_object(&w);
    return json_str(&w);
}

const char *language_tag(enum language language) {
    return language == LANGUAGE_EN ? "en" : "zh";
}

enum language language_parse(struct str accept) {
    struct str part;
    while (str_cut(&accept, ',', &part)) {
        part = str_trim(part);
        if (part.n >= 2 && strncasecmp(part.p, "en", 2) == 0) {
            return LANGUAGE_EN;
        }
        if (part.n >= 2 && strncasecmp(part.p, "zh", 2) == 0) {
            return LANGUAGE_ZH;
        }
    }
    return LANGUAGE_ZH;
}
