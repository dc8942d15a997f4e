#include "entity/search_index.h"
#include "entity/search_query.h"

enum { PHONE_BEGUN = 7 }; /* digits: "138 1234" */

static bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool all_bytes(struct str s, char low, char high, const char *besides) {
    for (size_t i = 0; i < s.n; i++) {
        bool fits = s.p[i] >= low && s.p[i] <= high;
        for (const char *b = besides; *b && !fits; b++) {
            fits = s.p[i] == *b;
        }
        if (!fits) {
            return false;
        }
    }
    return s.n > 0;
}

/* +86 and the like are left off what is compared with the ends of stored numbers. */
static struct str phone_piece(struct arena *a, struct str key) {
    if (!all_bytes(key, '0', '9', "+-() .")) {
        return (struct str){0};
    }
    struct str digits = search_digits(a, key);
    bool named = digits.n > 11 || str_starts(key, STR("+86"));
    if (named && str_starts(digits, STR("86"))) {
        digits = str_slice(digits, 2, digits.n);
    }
    return digits.n >= SEARCH_PHONE_DIGITS ? digits : (struct str){0};
}

static void add_term(struct search_query *q, struct search_term term) {
    if (q->n_terms < SEARCH_TERMS) {
        q->terms[q->n_terms++] = term;
    }
}

/* Words may still be being typed, so they are beginnings; pairs of characters are whole. */
static void add_part(struct arena *a, struct search_query *q, struct str key) {
    struct search_part *part = &q->parts[q->n_parts++];
    part->key = key;
    part->digits = phone_piece(a, key);
    part->latin = all_bytes(key, 'a', 'z', "");
    struct str_list terms = text_terms(a, key);
    if (part->digits.p) {
        struct str word = terms.n == 1 ? terms.items[0] : part->digits;
        add_term(q, (struct search_term){word, true, part->digits});
        return;
    }
    for (size_t i = 0; i < terms.n; i++) {
        bool whole = text_length(terms.items[i]) > 1 && (unsigned char)terms.items[i].p[0] >= 0x80;
        add_term(q, (struct search_term){terms.items[i], !whole, {0}});
    }
}

/* "+86 138 1234 2647": a number as people write it is one part, blanks and all. */
static bool is_phone(struct arena *a, struct str key) {
    return phone_piece(a, key).n >= PHONE_BEGUN;
}

struct search_query search_query(struct arena *a, struct str words) {
    struct search_query q = {.key = text_search_key(a, words)};
    struct str rest = q.key, part;
    if (is_phone(a, q.key)) {
        add_part(a, &q, q.key);
        return q;
    }
    while (q.n_parts < SEARCH_PARTS && str_cut(&rest, ' ', &part)) {
        if (part.n > 0) {
            add_part(a, &q, part);
        }
    }
    return q;
}

/* Within the text, but not from the middle of a word of letters or digits. */
static bool has_piece(struct str text, struct str piece) {
    size_t from = 0;
    while (from + piece.n <= text.n) {
        ptrdiff_t at = str_find(str_slice(text, from, text.n), piece);
        if (at < 0) {
            return false;
        }
        size_t place = from + (size_t)at;
        if (!is_word_byte(piece.p[0]) || place == 0 || !is_word_byte(text.p[place - 1])) {
            return true;
        }
        from = place + 1;
    }
    return false;
}

/* One field of the record against the parts. */
struct field_text {
    const struct field *field;
    struct str text;
    struct pinyin pinyin; /* of the title */
};

static bool part_matches(struct arena *a, const struct search_part *part,
                         const struct field_text *t) {
    if (t->field->type == FIELD_PHONE) {
        return part->digits.p && str_find(search_digits(a, t->text), part->digits) >= 0;
    }
    if (has_piece(t->text, part->key)) {
        return true;
    }
    return part->latin &&
           (str_starts(t->pinyin.full, part->key) || str_starts(t->pinyin.initials, part->key));
}

static int closeness(const struct search_query *q, struct str title) {
    if (str_equal(title, q->key)) {
        return 2;
    }
    return str_starts(title, q->key) ? 1 : 0;
}

bool search_match(struct ctx *c, const struct search_query *q, struct str texts,
                  struct search_match *match) {
    const struct entity *e = match->entity;
    bool found[SEARCH_PARTS] = {0};
    struct str rest = texts, name, text;
    while (str_cut(&rest, '\n', &name) && name.n > 0 && str_cut(&rest, '\n', &text)) {
        const struct field *f = entity_field(e, name);
        if (!f || !search_has(e, f) || access_field(c->actor, e, f) < RIGHT_READ) {
            continue;
        }
        struct field_text t = {.field = f, .text = text};
        if (f == e->title) {
            t.pinyin = text_pinyin(c->arena, text);
            match->closeness = closeness(q, text);
        }
        bool any = false;
        for (size_t i = 0; i < q->n_parts; i++) {
            bool has = part_matches(c->arena, &q->parts[i], &t);
            found[i] |= has;
            any |= has;
        }
        match->fields += any;
        if (any && (!match->matched || f == e->title)) {
            match->matched = f;
        }
    }
    bool all = q->n_parts > 0;
    for (size_t i = 0; i < q->n_parts; i++) {
        all &= found[i];
    }
    return all;
}
