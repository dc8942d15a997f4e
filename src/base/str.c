#include "base/str.h"

#include <stdio.h>
#include <string.h>

struct str str_from(const char *text) {
    return (struct str){text, text ? strlen(text) : 0};
}

bool str_equal(struct str a, struct str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(struct str a, const char *text) {
    return str_equal(a, str_from(text));
}

int str_compare(struct str a, struct str b) {
    size_t shared = a.n < b.n ? a.n : b.n;
    int order = shared ? memcmp(a.p, b.p, shared) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix) {
    return s.n >= prefix.n && str_equal(str_slice(s, 0, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix) {
    return s.n >= suffix.n && str_equal(str_slice(s, s.n - suffix.n, s.n), suffix);
}

ptrdiff_t str_find(struct str s, struct str needle) {
    if (needle.n == 0) {
        return 0;
    }
    const char *at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
    return at ? at - s.p : -1;
}

ptrdiff_t str_find_char(struct str s, char c) {
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
    return at ? at - s.p : -1;
}

struct str str_slice(struct str s, size_t from, size_t to) {
    to = to < s.n ? to : s.n;
    from = from < to ? from : to;
    return (struct str){s.n ? s.p + from : s.p, to - from};
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s) {
    while (s.n && is_space(s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && is_space(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

bool str_cut(struct str *rest, char separator, struct str *part) {
    if (!rest->p) {
        return false;
    }
    ptrdiff_t at = str_find_char(*rest, separator);
    if (at < 0) {
        *part = *rest;
        *rest = (struct str){NULL, 0};
    } else {
        *part = str_slice(*rest, 0, (size_t)at);
        *rest = str_slice(*rest, (size_t)at + 1, rest->n);
    }
    return true;
}

bool str_lists(struct str list, char separator, struct str word) {
    struct str part;
    while (str_cut(&list, separator, &part)) {
        if (str_equal(part, word)) {
            return true;
        }
    }
    return false;
}

bool str_among(const char *const *words, struct str word) {
    for (; *words; words++) {
        if (str_is(word, *words)) {
            return true;
        }
    }
    return false;
}

bool str_to_int(struct str s, int64_t *value) {
    bool negative = s.n && s.p[0] == '-';
    size_t i = negative;
    uint64_t limit = (uint64_t)INT64_MAX + negative;
    uint64_t sum = 0;
    if (i == s.n) {
        return false;
    }
    for (; i < s.n; i++) {
        uint64_t digit = (uint64_t)(unsigned char)s.p[i] - '0';
        if (digit > 9 || sum > (limit - digit) / 10) {
            return false;
        }
        sum = sum * 10 + digit;
    }
    *value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return true;
}

struct str str_copy(struct arena *a, struct str s) {
    return (struct str){arena_copy(a, s.p, s.n), s.n};
}

char *str_to_c(struct arena *a, struct str s) {
    return arena_copy(a, s.p, s.n);
}

struct str str_lower(struct arena *a, struct str s) {
    char *copy = arena_copy(a, s.p, s.n);
    for (size_t i = 0; i < s.n; i++) {
        if (copy[i] >= 'A' && copy[i] <= 'Z') {
            copy[i] = (char)(copy[i] - 'A' + 'a');
        }
    }
    return (struct str){copy, s.n};
}

/* Most formatted texts fit in this at the first try. */
enum { FORMAT_GUESS = 48 };

/* Behind the text if nothing stands there, else elsewhere. */
char *text_grow(struct text_buffer *b, size_t more) {
    size_t capacity = b->capacity ? b->capacity * 2 : 64;
    while (capacity - b->n <= more) {
        capacity *= 2;
    }
    if (!b->p || !arena_extend(b->arena, b->p, b->capacity, capacity - b->capacity)) {
        char *grown = arena_bytes(b->arena, capacity);
        if (b->n) {
            memcpy(grown, b->p, b->n);
        }
        b->p = grown;
    }
    b->capacity = capacity;
    return b->p + b->n;
}

void text_add(struct text_buffer *b, struct str s) {
    char *to = text_reserve(b, s.n);
    if (s.n) {
        memcpy(to, s.p, s.n);
    }
    b->n += s.n;
    to[s.n] = '\0';
}

void text_add_c(struct text_buffer *b, const char *text) {
    text_add(b, str_from(text));
}

void text_add_char(struct text_buffer *b, char c) {
    char *to = text_reserve(b, 1);
    to[0] = c;
    to[1] = '\0';
    b->n++;
}

char *int_digits(int64_t value, char *end) {
    static const char pairs[] = "0001020304050607080910111213141516171819"
                                "2021222324252627282930313233343536373839"
                                "4041424344454647484950515253545556575859"
                                "6061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    for (; size >= 10; size /= 100) {
        end -= 2;
        memcpy(end, pairs + 2 * (size % 100), 2);
    }
    if (size || value == 0) {
        *--end = (char)('0' + size);
    }
    if (value < 0) {
        *--end = '-';
    }
    return end;
}

void text_add_int(struct text_buffer *b, int64_t value) {
    char digits[INT_DIGITS];
    const char *from = int_digits(value, digits + sizeof digits);
    text_add(b, (struct str){from, (size_t)(digits + sizeof digits - from)});
}

static void buffer_add_va(struct text_buffer *b, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    text_reserve(b, FORMAT_GUESS);
    int n = vsnprintf(b->p + b->n, b->capacity - b->n, format, args);
    if (n > 0 && (size_t)n >= b->capacity - b->n) {
        text_reserve(b, (size_t)n);
        vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
    }
    b->n += n > 0 ? (size_t)n : 0;
    b->p[b->n] = '\0';
    va_end(again);
}

void text_add_format(struct text_buffer *b, const char *format, ...) {
    va_list args;
    va_start(args, format);
    buffer_add_va(b, format, args);
    va_end(args);
}

struct str text_str(const struct text_buffer *b) {
    return (struct str){b->p, b->n};
}

struct str str_format(struct arena *a, const char *format, ...) {
    struct text_buffer b = {.arena = a};
    va_list args;
    va_start(args, format);
    buffer_add_va(&b, format, args);
    va_end(args);
    return text_str(&b);
}
