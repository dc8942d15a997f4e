/*
 * See mail_words.h. Each word is base64 of whole characters (RFC 2047, 5: "each encoded-word MUST
 * represent an integral number of characters"), for readers decode word by word. GMime makes words
 * longer than the 75 characters of section 2, which strict readers show undecoded.
 */
#include "connector/mail_words.h"

#include "base/crypto.h"
#include "base/text.h"

enum { LINE = 76, WORD = 75, FRAME = 12 /* =?UTF-8?B? and ?= */ };

bool mail_words_plain(struct str text) {
    for (size_t i = 0; i < text.n; i++) {
        unsigned char ch = (unsigned char)text.p[i];
        if (ch < ' ' || ch > '~') {
            return false;
        }
    }
    return str_find(text, STR("=?")) < 0;
}

static bool inside_character(char byte) {
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* As many bytes of the text as fit, up to the beginning of a character. */
static size_t cut(struct str text, size_t room) {
    size_t n = text.n < room ? text.n : room;
    while (n > 0 && n < text.n && inside_character(text.p[n])) {
        n--;
    }
    return n;
}

struct str mail_words(struct arena *a, struct str text, size_t column) {
    struct text_buffer out = {.arena = a};
    while (text.n) {
        size_t left = column < LINE ? LINE - column : 0;
        left = left < WORD ? left : WORD;
        size_t n = left > FRAME ? cut(text, (left - FRAME) / 4 * 3) : 0;
        if (n) {
            struct str word = base64_encode(a, str_slice(text, 0, n));
            text_add_format(&out, "=?UTF-8?B?%.*s?=", STR_ARG(word));
            text = str_slice(text, n, text.n);
        }
        if (text.n) {
            text_add_c(&out, "\n ");
        }
        column = 1;
    }
    return text_str(&out);
}
