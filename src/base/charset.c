#include "base/charset.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

#include "base/text.h"

static const struct {
    const char *name, *converter;
} charsets[] = {
    [CHARSET_UTF8] = {"UTF-8", "UTF-8"},
    [CHARSET_UTF16LE] = {"UTF-16LE", "UTF-16LE"},
    [CHARSET_UTF16BE] = {"UTF-16BE", "UTF-16BE"},
    [CHARSET_GB18030] = {"GB18030", "gb18030"},
    [CHARSET_BIG5] = {"Big5", "Big5"},
};

const char *charset_name(enum charset charset) {
    return charsets[charset].name;
}

bool charset_find(struct str name, enum charset *charset) {
    bool gbk = name.n <= 6 && (str_is(name, "GBK") || str_is(name, "gbk") ||
                               str_is(name, "GB2312") || str_is(name, "gb2312"));
    for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++) {
        size_t n = strlen(charsets[i].name);
        if ((name.n == n && strncasecmp(name.p, charsets[i].name, n) == 0) ||
            (gbk && i == CHARSET_GB18030)) {
            *charset = (enum charset)i;
            return true;
        }
    }
    return false;
}

/* Valid UTF-8 but for a character cut off at the end. */
static bool is_utf8(struct str s) {
    for (size_t cut = 0; cut < 4 && cut <= s.n; cut++) {
        if (text_valid(str_slice(s, 0, s.n - cut))) {
            return cut == 0 || (unsigned char)s.p[s.n - cut] >= 0xC2;
        }
        if (cut < s.n && (unsigned char)s.p[s.n - cut - 1] < 0x80) {
            return false;
        }
    }
    return false;
}

/* Share of the double and four byte codes of GB18030 that are well formed and in the rows of
 * common characters (B0–F7 A1–FE, punctuation A1–A9), in thousandths of all non-ASCII codes;
 * -1 when a code is malformed. */
static int gb18030_fit(struct str s) {
    size_t common = 0, codes = 0;
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = 0; i < s.n; i++) {
        if (p[i] < 0x80) {
            continue;
        }
        if (i + 1 == s.n || (i + 3 >= s.n && p[i + 1] >= 0x30 && p[i + 1] <= 0x39)) {
            break; /* cut off */
        }
        bool four = p[i] >= 0x81 && p[i] <= 0xFE && p[i + 1] >= 0x30 && p[i + 1] <= 0x39 &&
                    p[i + 2] >= 0x81 && p[i + 2] <= 0xFE && p[i + 3] >= 0x30 && p[i + 3] <= 0x39;
        bool two = p[i] >= 0x81 && p[i] <= 0xFE && p[i + 1] >= 0x40 && p[i + 1] != 0x7F &&
                   p[i + 1] != 0xFF;
        if (!four && !two) {
            return -1;
        }
        codes++;
        common += four || (p[i] >= 0xA1 && p[i] <= 0xF7 && p[i + 1] >= 0xA1);
        i += four ? 3 : 1;
    }
    return codes ? (int)(common * 1000 / codes) : 1000;
}

static bool statistics_say(struct str sample, const char *wanted) {
    UErrorCode status = U_ZERO_ERROR;
    UCharsetDetector *detector = ucsdet_open(&status);
    ucsdet_setText(detector, sample.p, (int32_t)sample.n, &status);
    const UCharsetMatch *match = U_SUCCESS(status) ? ucsdet_detect(detector, &status) : NULL;
    const char *name = match ? ucsdet_getName(match, &status) : NULL;
    bool same = U_SUCCESS(status) && name && strcmp(name, wanted) == 0;
    ucsdet_close(detector);
    return same;
}

/* UTF-16 without a mark: commas, digits and line ends have a zero byte on one side. A stray zero
 * in plain text is no sign of it. */
static bool zeros_at(struct str s, size_t parity) {
    size_t zeros = 0, other = 0;
    for (size_t i = 0; i < s.n; i++) {
        zeros += s.p[i] == 0 && i % 2 == parity;
        other += s.p[i] == 0 && i % 2 != parity;
    }
    bool some = zeros * 10 > s.n && other * 10 < zeros;
    return some && (zeros * 3 > s.n || !is_utf8(s));
}

enum { SAMPLE_MAX = 1 << 16 };

enum charset charset_detect(struct str sample) {
    sample = str_slice(sample, 0, SAMPLE_MAX);
    if (str_starts(sample, STR("\xEF\xBB\xBF"))) {
        return CHARSET_UTF8;
    }
    if (str_starts(sample, STR("\xFF\xFE"))) {
        return CHARSET_UTF16LE;
    }
    if (str_starts(sample, STR("\xFE\xFF"))) {
        return CHARSET_UTF16BE;
    }
    if (sample.n >= 4 && zeros_at(sample, 1)) {
        return CHARSET_UTF16LE;
    }
    if (sample.n >= 4 && zeros_at(sample, 0)) {
        return CHARSET_UTF16BE;
    }
    if (is_utf8(sample)) {
        return CHARSET_UTF8;
    }
    int fit = gb18030_fit(sample);
    if (fit < 900 && statistics_say(sample, "Big5")) {
        return CHARSET_BIG5;
    }
    return CHARSET_GB18030;
}

enum charset charset_of_message(struct str declared, struct str bytes) {
    enum { BROKEN = 0xFFFD };
    enum charset charset = CHARSET_UTF8;
    size_t broken = 0, whole = 0;
    uint32_t character;
    if (charset_find(str_trim(declared), &charset) && charset != CHARSET_UTF8) {
        return charset;
    }
    while (text_next(&bytes, &character)) {
        broken += character == BROKEN;
        whole += character > 0x7F && character != BROKEN;
    }
    return broken > whole ? CHARSET_GB18030 : CHARSET_UTF8;
}

struct charset_reader {
    UConverter *from, *to;
    bool begun; /* past the byte order mark */
};

struct charset_reader *charset_reader_new(enum charset charset) {
    UErrorCode status = U_ZERO_ERROR;
    struct charset_reader *r = calloc(1, sizeof *r);
    if (!r) {
        return NULL;
    }
    r->from = ucnv_open(charsets[charset].converter, &status);
    r->to = ucnv_open("UTF-8", &status);
    if (U_FAILURE(status)) {
        charset_reader_free(r);
        return NULL;
    }
    return r;
}

void charset_reader_free(struct charset_reader *r) {
    if (!r) {
        return;
    }
    ucnv_close(r->from);
    ucnv_close(r->to);
    free(r);
}

static void add_without_mark(struct charset_reader *r, struct str text, struct text_buffer *out) {
    if (!r->begun && text.n) {
        r->begun = true;
        text = str_starts(text, STR("\xEF\xBB\xBF")) ? str_slice(text, 3, text.n) : text;
    }
    text_add(out, text);
}

enum { WIDE = 4096, NARROW = WIDE * 3 };

/* What stands in wide as UTF-8; surrogate pairs may be split between two calls. */
static void add_wide(struct charset_reader *r, const UChar *wide, const UChar *end, bool last,
                     struct text_buffer *out) {
    char narrow[NARROW];
    UErrorCode status;
    do {
        char *target = narrow;
        status = U_ZERO_ERROR;
        ucnv_fromUnicode(r->to, &target, narrow + NARROW, &wide, end, NULL, last, &status);
        add_without_mark(r, (struct str){narrow, (size_t)(target - narrow)}, out);
    } while (status == U_BUFFER_OVERFLOW_ERROR);
}

void charset_reader_add(struct charset_reader *r, struct str chunk, bool last,
                        struct text_buffer *out) {
    const char *source = chunk.n ? chunk.p : "", *end = source + chunk.n;
    UChar wide[WIDE];
    UErrorCode status;
    do {
        UChar *target = wide;
        status = U_ZERO_ERROR;
        ucnv_toUnicode(r->from, &target, wide + WIDE, &source, end, NULL, last, &status);
        bool more = status == U_BUFFER_OVERFLOW_ERROR;
        add_wide(r, wide, target, last && !more, out);
    } while (status == U_BUFFER_OVERFLOW_ERROR);
}

struct str charset_convert(struct arena *a, enum charset charset, struct str bytes) {
    struct text_buffer out = {.arena = a};
    struct charset_reader *r = charset_reader_new(charset);
    if (r) {
        charset_reader_add(r, bytes, true, &out);
    }
    charset_reader_free(r);
    return text_str(&out);
}
