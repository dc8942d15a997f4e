/*
 * Text as people see it: characters, forms, search keys, words, pinyin.
 *
 * Input is UTF-8; where it is not, each wrong byte counts as one U+FFFD.
 */
#ifndef GUANTONG_BASE_TEXT_H
#define GUANTONG_BASE_TEXT_H

#include "base/str.h"

bool text_valid(struct str s); /* UTF-8, without surrogates and overlong forms */
/* Take the first character off *rest; false at the end. */
bool text_next(struct str *rest, uint32_t *character);
void text_add_character(struct text_buffer *b, uint32_t character);
size_t text_length(struct str s); /* characters (code points) */
/* The first n characters; a slice of s. */
struct str text_truncate(struct str s, size_t n);
/* Wrong bytes replaced by U+FFFD and NUL left out: fit for a database. A slice of s when it is
 * so already. */
struct str text_repair(struct arena *a, struct str s);
/* Without white space of any script, and without invisible format characters, at both ends. */
struct str text_trim(struct str s);

/* One form for equal text: NFKC (full-width becomes half-width), runs of white space become
 * one blank, none at the ends, invisible format characters left out. */
struct str text_normalize(struct arena *a, struct str s);
/* The same, without regard to case: what is compared and searched. */
struct str text_search_key(struct arena *a, struct str s);

struct str_list {
    struct str *items;
    size_t n;
};

/* The words of a text in order, by ICU's dictionary, as search keys, without punctuation;
 * repeats stay. For statistics of key words. */
struct str_list text_words(struct arena *a, struct str s);

/*
 * The terms under which a text is found, each once: of a run of Chinese characters all pairs
 * of neighbours (the character itself when it stands alone), of a run of letters and digits
 * the word in lower case (numbers too).
 */
struct str_list text_terms(struct arena *a, struct str s);

/* Pinyin of a name without tones or blanks, and its initials: 孙立民 gives "sunlimin", "slm".
 * Surnames are read as surnames (单 is shan). Letters stay, in lower case. */
struct pinyin {
    struct str full, initials;
};
struct pinyin text_pinyin(struct arena *a, struct str name);

#endif
