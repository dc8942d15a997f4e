#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

enum { REPLACEMENT = 0xFFFD };

/* Length of the character at the front of s, 0 when its bytes are wrong (Unicode, table 3-7). */
static size_t character_length(struct str s) {
    unsigned char b = (unsigned char)s.p[0];
    size_t n = b < 0x80 ? 1 : b < 0xC2 ? 0 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : b < 0xF5 ? 4 : 0;
    if (n < 2 || n > s.n) {
        return n == 1 ? 1 : 0;
    }
    unsigned char second = (unsigned char)s.p[1];
    unsigned char low = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
    unsigned char high = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
    if (second < low || second > high) {
        return 0;
    }
    for (size_t i = 2; i < n; i++) {
        if (((unsigned char)s.p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return n;
}

bool text_valid(struct str s) {
    while (s.n) {
        size_t n = character_length(s);
        if (!n) {
            return false;
        }
        s = (struct str){s.p + n, s.n - n};
    }
    return true;
}

bool text_next(struct str *rest, uint32_t *character) {
    if (!rest->n) {
        return false;
    }
    size_t n = character_length(*rest);
    uint32_t value = n ? (unsigned char)rest->p[0] : REPLACEMENT;
    if (n > 1) {
        value &= 0x7FU >> n;
        for (size_t i = 1; i < n; i++) {
            value = value << 6 | ((unsigned char)rest->p[i] & 0x3F);
        }
    }
    n = n ? n : 1;
    *rest = (struct str){rest->p + n, rest->n - n};
    *character = value;
    return true;
}

void text_add_character(struct text_buffer *b, uint32_t character) {
    char bytes[4];
    size_t n = 0;
    if (character > 0x10FFFF || (character >= 0xD800 && character < 0xE000)) {
        character = REPLACEMENT;
    }
    if (character < 0x80) {
        text_add_char(b, (char)character);
        return;
    }
    if (character < 0x800) {
        bytes[n++] = (char)(0xC0 | character >> 6);
    } else {
        if (character < 0x10000) {
            bytes[n++] = (char)(0xE0 | character >> 12);
        } else {
            bytes[n++] = (char)(0xF0 | character >> 18);
            bytes[n++] = (char)(0x80 | (character >> 12 & 0x3F));
        }
        bytes[n++] = (char)(0x80 | (character >> 6 & 0x3F));
    }
    bytes[n++] = (char)(0x80 | (character & 0x3F));
    text_add(b, (struct str){bytes, n});
}

size_t text_length(struct str s) {
    size_t length = 0;
    uint32_t character;
    while (text_next(&s, &character)) {
        length++;
    }
    return length;
}

struct str text_truncate(struct str s, size_t n) {
    struct str rest = s;
    uint32_t character;
    for (size_t i = 0; i < n && text_next(&rest, &character); i++) {
    }
    return str_slice(s, 0, s.n - rest.n);
}

struct str text_repair(struct arena *a, struct str s) {
    if (str_find_char(s, '\0') < 0 && text_valid(s)) {
        return s;
    }
    struct text_buffer out = {.arena = a};
    uint32_t character;
    while (text_next(&s, &character)) {
        if (character) {
            text_add_character(&out, character);
        }
    }
    return text_str(&out);
}

/* Marks without a shape that copying from chats and address books leaves behind. */
static bool is_invisible(uint32_t character) {
    return character == 0x00AD || (character >= 0x200B && character <= 0x200F) ||
           (character >= 0x202A && character <= 0x202E) ||
           (character >= 0x2060 && character <= 0x2064) ||
           (character >= 0x2066 && character <= 0x2069) || character == 0xFEFF;
}

static bool is_blank(uint32_t character) {
    if (character < 0x80) {
        return character == ' ' || (character >= '\t' && character <= '\r');
    }
    return u_isUWhiteSpace((UChar32)character);
}

static bool is_margin(uint32_t character) {
    return is_blank(character) || is_invisible(character);
}

/* The last character and what stands before it. A byte that ends no character is one itself. */
static bool text_last(struct str *rest, uint32_t *character) {
    size_t n = rest->n, from = n ? n - 1 : 0;
    while (from > 0 && n - from < 4 && ((unsigned char)rest->p[from] & 0xC0) == 0x80) {
        from--;
    }
    struct str last = str_slice(*rest, from, n);
    if (!text_next(&last, character)) {
        return false;
    }
    *character = last.n ? REPLACEMENT : *character;
    *rest = (struct str){rest->p, last.n ? n - 1 : from};
    return true;
}

struct str text_trim(struct str s) {
    uint32_t character;
    for (struct str rest = s; text_next(&rest, &character) && is_margin(character);) {
        s = rest;
    }
    for (struct str rest = s; text_last(&rest, &character) && is_margin(character);) {
        s = rest;
    }
    return s;
}

/* White space to single blanks, none at the ends. */
static struct str squeeze(struct arena *a, struct str s) {
    struct text_buffer out = {.arena = a};
    bool blank = false;
    uint32_t character;
    while (text_next(&s, &character)) {
        if (is_blank(character)) {
            blank = out.n > 0;
            continue;
        }
        if (blank) {
            text_add_char(&out, ' ');
        }
        blank = false;
        text_add_character(&out, character);
    }
    return text_str(&out);
}

static bool is_ascii(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* Does normalisation leave the character alone? True for the Chinese characters of the basic
 * block, their punctuation that has no compatibility form, and ASCII: nearly all our text. */
static bool is_settled(uint32_t character, bool fold) {
    if (character < 0x80) {
        return !fold || character < 'A' || character > 'Z';
    }
    return (character >= 0x4E00 && character <= 0x9FFF) ||
           (character >= 0x3001 && character <= 0x3011);
}

static bool all_settled(struct str s, bool fold) {
    uint32_t character;
    while (text_next(&s, &character)) {
        if (!is_settled(character, fold)) {
            return false;
        }
    }
    return true;
}

/* Before normalising: a mark between a letter and its accent would keep them apart. */
static struct str without_invisible(struct arena *a, struct str s) {
    struct text_buffer out = {.arena = a};
    uint32_t character;
    while (text_next(&s, &character)) {
        if (!is_invisible(character)) {
            text_add_character(&out, character);
        }
    }
    return text_str(&out);
}

/* ICU works on UTF-16; a text in either has at most as many units as UTF-8 has bytes, and
 * compatibility forms grow it by at most 18. */
static struct str normalize(struct arena *a, struct str s, const UNormalizer2 *form) {
    UErrorCode status = U_ZERO_ERROR;
    struct arena_mark start = arena_mark(a);
    int32_t n = 0, wide = 0, bytes = 0;
    UChar *in = ARENA_NEW_ARRAY(a, s.n + 1, UChar);
    u_strFromUTF8WithSub(in, (int32_t)s.n + 1, &n, s.p, (int32_t)s.n, REPLACEMENT, NULL, &status);
    int32_t capacity = n * 3 + 64;
    UChar *out = ARENA_NEW_ARRAY(a, (size_t)capacity, UChar);
    wide = unorm2_normalize(form, in, n, out, capacity, &status);
    if (status == U_BUFFER_OVERFLOW_ERROR) {
        status = U_ZERO_ERROR;
        capacity = wide + 1;
        out = ARENA_NEW_ARRAY(a, (size_t)capacity, UChar);
        wide = unorm2_normalize(form, in, n, out, capacity, &status);
    }
    char *text = arena_alloc(a, (size_t)wide * 3 + 1);
    u_strToUTF8WithSub(text, wide * 3 + 1, &bytes, out, wide, REPLACEMENT, NULL, &status);
    if (U_FAILURE(status)) {
        arena_reset(a, start);
        return s;
    }
    return (struct str){text, (size_t)bytes};
}

/* Longest text that is normalised; what stands behind is not compared. Keeps counts in int32. */
enum { NORMALIZE_MAX = 16 << 20 };

static struct str prepare(struct arena *a, struct str s) {
    s = str_slice(s, 0, NORMALIZE_MAX);
    return is_ascii(s) || text_valid(s) ? s : text_repair(a, s);
}

struct str text_normalize(struct arena *a, struct str s) {
    UErrorCode status = U_ZERO_ERROR;
    s = prepare(a, s);
    if (!all_settled(s, false)) {
        s = normalize(a, without_invisible(a, s), unorm2_getNFKCInstance(&status));
    }
    return squeeze(a, s);
}

struct str text_search_key(struct arena *a, struct str s) {
    UErrorCode status = U_ZERO_ERROR;
    s = prepare(a, s);
    if (is_ascii(s)) {
        return squeeze(a, str_lower(a, s));
    }
    if (!all_settled(s, true)) {
        s = normalize(a, without_invisible(a, s), unorm2_getNFKCCasefoldInstance(&status));
    }
    return squeeze(a, s);
}
