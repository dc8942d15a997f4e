/* Words and search terms. */
#include <pthread.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

#include "base/text.h"

/* What a character is to the search. */
enum character_class { CLASS_NONE, CLASS_IDEOGRAPH, CLASS_WORD };

static enum character_class classify(uint32_t character) {
    if (character < 0x80) {
        bool digit = character >= '0' && character <= '9';
        bool letter = (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
        return digit || letter ? CLASS_WORD : CLASS_NONE;
    }
    if (character >= 0x4E00 && character <= 0x9FFF) {
        return CLASS_IDEOGRAPH;
    }
    if (u_hasBinaryProperty((UChar32)character, UCHAR_IDEOGRAPHIC)) {
        return CLASS_IDEOGRAPH;
    }
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript((UChar32)character, &status);
    if (script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA || script == USCRIPT_HANGUL) {
        return CLASS_IDEOGRAPH;
    }
    return u_isalnum((UChar32)character) || u_charType((UChar32)character) == U_NON_SPACING_MARK
               ? CLASS_WORD
               : CLASS_NONE;
}

/* A list that grows in an arena. */
struct growing {
    struct arena *arena;
    struct str_list list;
    size_t capacity;
};

static void list_add(struct growing *g, struct str item) {
    if (g->list.n == g->capacity) {
        g->capacity = g->capacity ? g->capacity * 2 : 16;
        struct str *items = ARENA_NEW_ARRAY(g->arena, g->capacity, struct str);
        if (g->list.n) {
            memcpy(items, g->list.items, g->list.n * sizeof *items);
        }
        g->list.items = items;
    }
    g->list.items[g->list.n++] = item;
}

/* The set of terms: open addressing over the list's indexes. */
struct term_set {
    struct growing found;
    uint32_t *slots; /* index + 1 */
    size_t size;     /* power of two, more than twice the terms there can be */
};

static size_t hash_of(struct str s) {
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < s.n; i++) {
        hash = (hash ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
    }
    return (size_t)(hash ^ hash >> 32);
}

static void term_add(struct term_set *set, struct str term) {
    size_t at = hash_of(term) & (set->size - 1);
    while (set->slots[at]) {
        if (str_equal(set->found.list.items[set->slots[at] - 1], term)) {
            return;
        }
        at = (at + 1) & (set->size - 1);
    }
    list_add(&set->found, term);
    set->slots[at] = (uint32_t)set->found.list.n;
}

/* One run of characters of a class, as a slice. */
static struct str take_run(struct str *rest, enum character_class class) {
    struct str run = {rest->p, 0};
    uint32_t character;
    for (;;) {
        struct str next = *rest;
        if (!text_next(&next, &character) || classify(character) != class) {
            return run;
        }
        *rest = next;
        run.n = (size_t)(next.p - run.p);
    }
}

static void add_pairs(struct term_set *set, struct str run) {
    struct str at = run, next = run, after;
    uint32_t character;
    text_next(&next, &character);
    if (!next.n) {
        term_add(set, run);
        return;
    }
    while (next.n) {
        after = next;
        text_next(&after, &character);
        term_add(set, (struct str){at.p, (size_t)(after.p - at.p)});
        at = next;
        next = after;
    }
}

struct str_list text_terms(struct arena *a, struct str s) {
    struct str rest = text_search_key(a, s);
    size_t size = 32;
    while (size < rest.n * 2) {
        size *= 2;
    }
    struct term_set set = {{.arena = a}, ARENA_NEW_ARRAY(a, size, uint32_t), size};
    uint32_t character;
    while (rest.n) {
        struct str ahead = rest;
        text_next(&ahead, &character);
        enum character_class class = classify(character);
        struct str run = take_run(&rest, class);
        if (class == CLASS_IDEOGRAPH) {
            add_pairs(&set, run);
        } else if (class == CLASS_WORD) {
            term_add(&set, run);
        }
    }
    return set.found.list;
}

/* Word iterators are slow to open: each thread keeps one. */
static pthread_key_t iterator_key;
static pthread_once_t iterator_once = PTHREAD_ONCE_INIT;

static void iterator_close(void *iterator) {
    ubrk_close(iterator);
}

static void iterator_key_make(void) {
    pthread_key_create(&iterator_key, iterator_close);
}

static UBreakIterator *iterator_of_thread(void) {
    pthread_once(&iterator_once, iterator_key_make);
    UBreakIterator *iterator = pthread_getspecific(iterator_key);
    if (!iterator) {
        UErrorCode status = U_ZERO_ERROR;
        iterator = ubrk_open(UBRK_WORD, "zh", NULL, 0, &status);
        pthread_setspecific(iterator_key, iterator);
    }
    return iterator;
}

static struct str from_wide(struct arena *a, const UChar *wide, int32_t n) {
    UErrorCode status = U_ZERO_ERROR;
    int32_t bytes = 0;
    char *text = arena_alloc(a, (size_t)n * 3 + 1);
    u_strToUTF8WithSub(text, n * 3 + 1, &bytes, wide, n, 0xFFFD, NULL, &status);
    return (struct str){text, (size_t)bytes};
}

struct str_list text_words(struct arena *a, struct str s) {
    struct growing words = {.arena = a};
    struct str key = text_search_key(a, s);
    UErrorCode status = U_ZERO_ERROR;
    UBreakIterator *iterator = iterator_of_thread();
    UChar *wide = ARENA_NEW_ARRAY(a, key.n + 1, UChar);
    int32_t n = 0;
    u_strFromUTF8WithSub(wide, (int32_t)key.n + 1, &n, key.p ? key.p : "", (int32_t)key.n, 0xFFFD,
                         NULL, &status);
    if (!iterator || U_FAILURE(status)) {
        return words.list;
    }
    ubrk_setText(iterator, wide, n, &status);
    int32_t from = ubrk_first(iterator), to;
    while ((to = ubrk_next(iterator)) != UBRK_DONE) {
        if (ubrk_getRuleStatus(iterator) >= UBRK_WORD_NONE_LIMIT) {
            list_add(&words, from_wide(a, wide + from, to - from));
        }
        from = to;
    }
    return words.list;
}
