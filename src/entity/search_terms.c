#include "entity/search_index.h"

enum { PINYIN_BYTES = 40, INITIALS_BYTES = 20, FIELD_TERMS = 100 };

/* FNV-1a, kept below 2³¹ so that the column stays short. */
int64_t search_code(const struct entity *e, const struct field *f) {
    uint32_t h = 2166136261u;
    struct str parts[] = {e->name, STR("."), f->name};
    for (size_t p = 0; p < 3; p++) {
        for (size_t i = 0; i < parts[p].n; i++) {
            h = (h ^ (unsigned char)parts[p].p[i]) * 16777619u;
        }
    }
    return h & 0x7fffffff;
}

bool search_has(const struct entity *e, const struct field *f) {
    return (e->flags & ENTITY_SEARCHED) && (f->flags & FIELD_SEARCHED) &&
           !(f->flags & FIELD_HIDDEN);
}

static void add(struct str_list *list, struct str term) {
    if (term.n > 0 && list->n < FIELD_TERMS) {
        list->items[list->n++] = term;
    }
}

struct str search_digits(struct arena *a, struct str text) {
    struct text_buffer b = {.arena = a};
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] >= '0' && text.p[i] <= '9') {
            text_add_char(&b, text.p[i]);
        }
    }
    return text_str(&b);
}

static void add_phone(struct arena *a, struct str_list *list, struct str text) {
    struct str digits = search_digits(a, text);
    for (size_t i = 0; i + SEARCH_PHONE_DIGITS <= digits.n; i++) {
        add(list, str_slice(digits, i, digits.n));
    }
}

struct str search_title_term(struct arena *a, struct str key) {
    struct str begin = text_truncate(key, SEARCH_TITLE_KEY);
    return str_format(a, "=%.*s", STR_ARG(begin));
}

static bool is_listed(const struct str_list *list, struct str term) {
    for (size_t i = 0; i < list->n; i++) {
        if (str_equal(list->items[i], term)) {
            return true;
        }
    }
    return false;
}

static void add_title(struct arena *a, struct str_list *list, struct str text) {
    struct str key = text_search_key(a, text);
    add(list, search_title_term(a, key));
    struct pinyin pinyin = text_pinyin(a, key);
    struct str full = str_slice(pinyin.full, 0, PINYIN_BYTES);
    struct str initials = str_slice(pinyin.initials, 0, INITIALS_BYTES);
    if (!is_listed(list, full)) {
        add(list, full);
    }
    if (!is_listed(list, initials)) {
        add(list, initials);
    }
}

struct str_list search_field_terms(struct arena *a, const struct entity *e, const struct field *f,
                                   struct str text) {
    struct str_list list = {.items = ARENA_NEW_ARRAY(a, FIELD_TERMS, struct str)};
    if (f->type == FIELD_PHONE) {
        add_phone(a, &list, text);
        return list;
    }
    struct str_list terms = text_terms(a, text);
    for (size_t i = 0; i < terms.n && i < FIELD_TERMS - 3; i++) {
        add(&list, terms.items[i]);
    }
    if (e->title == f) {
        add_title(a, &list, text);
    }
    return list;
}
