/*
 * Slices of text and a buffer to build text in.
 *
 * A str is a pointer and a length; it owns nothing and need not end in NUL. The empty
 * str has n = 0 and any p. Text is UTF-8; functions here work on bytes (base/text.h knows
 * characters). A str that outlives its source is copied into an arena with str_copy.
 */
#ifndef GUANTONG_BASE_STR_H
#define GUANTONG_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct str {
    const char *p;
    size_t n;
};

/* A str from a string literal, and from a NUL-terminated string (NULL is empty). */
#define STR(literal) ((struct str){"" literal "", sizeof(literal) - 1})
struct str str_from(const char *text);

/* The decimal digits of a number, written so that they end before the given place; where they
 * begin. */
enum { INT_DIGITS = 20 };
char *int_digits(int64_t value, char *end);

/* For printf's "%.*s". */
#define STR_ARG(s) (int)(s).n, (s).p

bool str_equal(struct str a, struct str b);
bool str_is(struct str a, const char *text);
/* Bytewise order: negative, zero, positive, as memcmp; a prefix sorts first. */
int str_compare(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Where needle begins in s, or -1. The empty needle is at 0. */
ptrdiff_t str_find(struct str s, struct str needle);
ptrdiff_t str_find_char(struct str s, char c);
/* s[from, to), limited to s. */
struct str str_slice(struct str s, size_t from, size_t to);
/* Without ASCII white space at both ends. */
struct str str_trim(struct str s);
/*
 * Cut the part before the next separator off *rest and put it in *part.
 * "a,,b" gives "a", "", "b"; "" gives "" once. False when all parts were taken
 * (rest->p is then NULL).
 */
bool str_cut(struct str *rest, char separator, struct str *part);
/* Whether one of the parts of a list is this word. */
bool str_lists(struct str list, char separator, struct str word);
/* Whether one of the words, of which the last is NULL, is this. */
bool str_among(const char *const *words, struct str word);
/* Decimal integer, whole slice, optional leading minus. False on anything else or overflow. */
bool str_to_int(struct str s, int64_t *value);

/* Copies into the arena; the copy is followed by a NUL that does not count. */
struct str str_copy(struct arena *a, struct str s);
char *str_to_c(struct arena *a, struct str s);
struct str str_lower(struct arena *a, struct str s); /* ASCII only */
struct str str_format(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Text that grows in an arena. Zero-initialise with the arena set: {.arena = a}. */
struct text_buffer {
    struct arena *arena;
    char *p;
    size_t n, capacity;
};

void text_add(struct text_buffer *b, struct str s);
void text_add_c(struct text_buffer *b, const char *text);
void text_add_char(struct text_buffer *b, char c);
void text_add_int(struct text_buffer *b, int64_t value);
void text_add_format(struct text_buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Make room for n bytes and a NUL; where they begin. */
char *text_grow(struct text_buffer *b, size_t n);
/* Room for n bytes at the end, to be written there; who writes fewer or all of them adds their
 * number to b->n. */
static inline char *text_reserve(struct text_buffer *b, size_t n) {
    return b->capacity - b->n > n ? b->p + b->n : text_grow(b, n);
}
/* What was built so far; valid until the next addition. */
struct str text_str(const struct text_buffer *b);

#endif
