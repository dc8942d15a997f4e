/* Pinyin of names, by ICU's transliterator. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include "base/text.h"

/* A transliterator is slow to open and not safe to share: each thread keeps one. */
static pthread_key_t transliterator_key;
static pthread_once_t transliterator_once = PTHREAD_ONCE_INIT;

static void transliterator_close(void *transliterator) {
    utrans_close(transliterator);
}

static void transliterator_key_make(void) {
    pthread_key_create(&transliterator_key, transliterator_close);
}

static UTransliterator *transliterator_of_thread(void) {
    pthread_once(&transliterator_once, transliterator_key_make);
    UTransliterator *transliterator = pthread_getspecific(transliterator_key);
    if (!transliterator) {
        UErrorCode status = U_ZERO_ERROR;
        static const UChar id[] = u"Han-Latin/Names; Latin-ASCII; Lower";
        transliterator = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
        pthread_setspecific(transliterator_key, transliterator);
    }
    return transliterator;
}

enum { SYLLABLE = 8, WIDE = 64, NAME_CHARACTERS = 100 };

/* The letters ICU gives for one character, at most seven. */
static void transliterate(uint32_t character, char letters[SYLLABLE]) {
    UErrorCode status = U_ZERO_ERROR;
    UTransliterator *transliterator = transliterator_of_thread();
    UChar wide[WIDE];
    int32_t n = 0;
    size_t kept = 0;
    U16_APPEND_UNSAFE(wide, n, character);
    int32_t limit = n;
    memset(letters, 0, SYLLABLE);
    if (!transliterator) {
        return;
    }
    utrans_transUChars(transliterator, wide, &n, WIDE, 0, &limit, &status);
    for (int32_t i = 0; U_SUCCESS(status) && i < limit && kept < SYLLABLE - 1; i++) {
        if (wide[i] >= 'a' && wide[i] <= 'z') {
            letters[kept++] = (char)wide[i];
        }
    }
}

/* ICU takes 0.1 ms a character, so what it said of the basic block is kept: a syllable packed
 * into eight bytes, 0 while unknown. */
enum { BLOCK_FIRST = 0x4E00, BLOCK_LAST = 0x9FFF };
static _Atomic uint64_t syllables[BLOCK_LAST - BLOCK_FIRST + 1];

static void syllable(uint32_t character, char letters[SYLLABLE]) {
    if (character < BLOCK_FIRST || character > BLOCK_LAST) {
        transliterate(character, letters);
        return;
    }
    _Atomic uint64_t *slot = &syllables[character - BLOCK_FIRST];
    uint64_t packed = atomic_load_explicit(slot, memory_order_relaxed);
    if (!packed) {
        transliterate(character, letters);
        memcpy(&packed, letters, SYLLABLE);
        atomic_store_explicit(slot, packed, memory_order_relaxed);
    }
    memcpy(letters, &packed, SYLLABLE);
}

/* Surnames of two characters that are not read as their characters are one by one. */
static const struct {
    const char *surname;
    const char *first, *second;
} compounds[] = {
    {"万俟", "mo", "qi"},   {"尉迟", "yu", "chi"},   {"长孙", "zhang", "sun"},
    {"单于", "chan", "yu"}, {"澹台", "tan", "tai"},  {"鲜于", "xian", "yu"},
    {"宰父", "zai", "fu"},  {"皇甫", "huang", "fu"}, {"令狐", "ling", "hu"},
};

/* Pinyin under construction. */
struct spelling {
    struct text_buffer full, initials;
};

static void add_syllable(struct spelling *s, const char *letters) {
    text_add_c(&s->full, letters);
    text_add(&s->initials, str_slice(str_from(letters), 0, 1));
}

static struct str take_compound(struct spelling *s, struct str name) {
    for (size_t i = 0; i < sizeof compounds / sizeof *compounds; i++) {
        if (str_starts(name, str_from(compounds[i].surname))) {
            add_syllable(s, compounds[i].first);
            add_syllable(s, compounds[i].second);
            return str_slice(name, strlen(compounds[i].surname), name.n);
        }
    }
    return name;
}

struct pinyin text_pinyin(struct arena *a, struct str name) {
    struct spelling s = {{.arena = a}, {.arena = a}};
    struct str rest = text_truncate(text_search_key(a, name), NAME_CHARACTERS);
    rest = take_compound(&s, rest);
    bool in_word = false; /* of letters: only its first is an initial */
    uint32_t character;
    while (text_next(&rest, &character)) {
        bool plain = (character >= 'a' && character <= 'z') ||
                     (character >= '0' && character <= '9');
        if (plain) {
            text_add_char(&s.full, (char)character);
            if (!in_word) {
                text_add_char(&s.initials, (char)character);
            }
        } else if (character >= 0x80) {
            char letters[SYLLABLE];
            syllable(character, letters);
            add_syllable(&s, letters);
        }
        in_word = plain;
    }
    return (struct pinyin){text_str(&s.full), text_str(&s.initials)};
}
