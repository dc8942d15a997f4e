#include "base/date_loose.h"

#include <string.h>

#include "base/text.h"

/* The text as tokens: numbers, words, and the marks between them. */
enum token_kind { TOKEN_END, TOKEN_NUMBER, TOKEN_WORD, TOKEN_MARK };

struct token {
    enum token_kind kind;
    int64_t number; /* -1 when it is too long to be any part of a date */
    size_t digits;
    struct str text;
};

enum { TOKENS = 24 };

struct tokens {
    struct token list[TOKENS];
    size_t n, at;
    enum date_order order;
};

static bool is_digit(char ch) {
    return ch >= '0' && ch <= '9';
}

static bool is_letter(char ch) {
    return (unsigned char)ch >= 0x80 || (ch >= 'a' && ch <= 'z');
}

static struct token take_token(struct str *rest) {
    struct token token = {TOKEN_MARK, 0, 0, {rest->p, 1}};
    size_t n = 0;
    if (is_digit(rest->p[0])) {
        token.kind = TOKEN_NUMBER;
        for (; n < rest->n && is_digit(rest->p[n]); n++) {
            token.number = n < 9 ? token.number * 10 + (rest->p[n] - '0') : -1;
        }
        token.digits = n;
    } else if (is_letter(rest->p[0])) {
        token.kind = TOKEN_WORD;
        uint32_t character;
        struct str after = *rest;
        text_next(&after, &character);
        n = rest->n - after.n;
        for (; character < 0x80 && n < rest->n && rest->p[n] >= 'a' && rest->p[n] <= 'z'; n++) {
        }
    } else {
        n = 1;
    }
    token.text = str_slice(*rest, 0, n);
    *rest = str_slice(*rest, n, rest->n);
    return token;
}

/* False when there are too many for a date. */
static bool tokenize(struct str key, struct tokens *t) {
    t->n = t->at = 0;
    while (key.n) {
        if (t->n == TOKENS - 4) {
            return false;
        }
        t->list[t->n++] = take_token(&key);
    }
    memset(&t->list[t->n], 0, (TOKENS - t->n) * sizeof *t->list);
    return true;
}

static const struct token *peek(const struct tokens *t) {
    return &t->list[t->at < TOKENS ? t->at : TOKENS - 1];
}

static bool take_text(struct tokens *t, const char *text) {
    bool same = peek(t)->kind != TOKEN_END && str_is(peek(t)->text, text);
    t->at += same;
    return same;
}

static bool take_number(struct tokens *t, int *value) {
    if (peek(t)->kind != TOKEN_NUMBER || peek(t)->number < 0) {
        return false;
    }
    *value = (int)peek(t)->number;
    t->at++;
    return true;
}

static bool date_real(struct date d) {
    if (d.year < 1900 || d.year > 2199 || d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31) {
        return false;
    }
    struct date again = date_from_days(date_to_days(d));
    return again.month == d.month && again.day == d.day;
}

/* 1 … 12 of an English month or its abbreviation, 0 of another word. */
static int month_of(struct str word) {
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
    for (int i = 0; i < 12 && word.n >= 3; i++) {
        if (str_starts(str_from(months[i]), word) || (i == 8 && str_is(word, "sept"))) {
            return i + 1;
        }
    }
    return 0;
}

static int full_year(int year, size_t digits) {
    return digits > 2 ? year : year < 70 ? 2000 + year : 1900 + year;
}

/* 5 mar 2026 or 5-mar-26 behind the day; Mar 5, 2026 behind the month. */
static bool take_named_month(struct tokens *t, struct date_read *read) {
    struct date *d = &read->date;
    bool month_first = peek(t)->kind == TOKEN_WORD;
    if (!month_first && !take_number(t, &d->day)) {
        return false;
    }
    while (take_text(t, " ") || take_text(t, "-") || take_text(t, "/")) {
    }
    d->month = peek(t)->kind == TOKEN_WORD ? month_of(peek(t)->text) : 0;
    if (!d->month) {
        return false;
    }
    t->at++;
    while (take_text(t, " ") || take_text(t, "-") || take_text(t, "/") || take_text(t, ".") ||
           take_text(t, ",")) {
    }
    if (month_first && !take_number(t, &d->day)) {
        return false;
    }
    while (take_text(t, " ") || take_text(t, ",") || take_text(t, "-") || take_text(t, "/")) {
    }
    size_t digits = peek(t)->digits;
    bool found = take_number(t, &d->year);
    d->year = full_year(d->year, digits);
    return found && date_real(*d);
}

/* 2026年3月5日, with or without blanks and the last mark. */
static bool take_chinese(struct tokens *t, struct date_read *read) {
    struct date *d = &read->date;
    size_t digits = peek(t)->digits;
    if (!take_number(t, &d->year)) {
        return false;
    }
    take_text(t, " ");
    if (!take_text(t, "年")) {
        return false;
    }
    d->year = full_year(d->year, digits);
    take_text(t, " ");
    if (!take_number(t, &d->month) || (take_text(t, " "), !take_text(t, "月"))) {
        return false;
    }
    take_text(t, " ");
    if (!take_number(t, &d->day)) {
        return false;
    }
    take_text(t, " ");
    return (take_text(t, "日") || take_text(t, "号") || true) && date_real(*d);
}

static bool take_separator(struct tokens *t, struct str *separator) {
    struct str text = peek(t)->text;
    take_text(t, " ");
    text = peek(t)->text;
    bool known = str_is(text, "-") || str_is(text, "/") || str_is(text, ".");
    if (!known || (separator->n && !str_equal(*separator, text))) {
        return false;
    }
    *separator = text;
    t->at++;
    take_text(t, " ");
    return true;
}

/* Three numbers with one kind of mark between them. */
static bool take_marked(struct tokens *t, struct date_read *read) {
    struct date *d = &read->date;
    int number[3];
    size_t digits[3];
    struct str separator = {NULL, 0};
    for (int i = 0; i < 3; i++) {
        if (i && !take_separator(t, &separator)) {
            return false;
        }
        digits[i] = peek(t)->digits;
        if (!take_number(t, &number[i])) {
            return false;
        }
    }
    bool short_year_first = digits[0] == 2 && digits[2] == 2 && !str_is(separator, "/");
    if (digits[0] == 4 || short_year_first) {
        *d = (struct date){full_year(number[0], digits[0]), number[1], number[2]};
    } else if (digits[2] == 4 || digits[2] == 2) {
        bool day_first = number[0] > 12 || str_is(separator, ".") ||
                         (t->order == DATE_DAY_FIRST && number[1] <= 12);
        *d = (struct date){full_year(number[2], digits[2]), number[day_first], number[!day_first]};
    } else {
        return false;
    }
    return digits[1] <= 2 && date_real(*d);
}

static int64_t digits_number(struct str text, size_t from, size_t to) {
    int64_t number = 0;
    for (size_t i = from; i < to && i < text.n; i++) {
        number = number * 10 + (text.p[i] - '0');
    }
    return number;
}

/* 0710 or 071000. */
static bool clock_compact(struct str digits, int64_t *ms) {
    int64_t hour = digits_number(digits, 0, 2), minute = digits_number(digits, 2, 4);
    int64_t second = digits_number(digits, 4, 6);
    *ms = ((hour * 60 + minute) * 60 + second) * MS_SECOND;
    return hour < 24 && minute < 60 && second < 60;
}

/* 20260305, or with a time 202603050710, 20260305071000. */
static bool take_compact(struct tokens *t, struct date_read *read) {
    struct str digits = peek(t)->text;
    size_t n = peek(t)->digits;
    if (n != 8 && n != 12 && n != 14) {
        return false;
    }
    t->at++;
    read->date = (struct date){(int)digits_number(digits, 0, 4), (int)digits_number(digits, 4, 6),
                               (int)digits_number(digits, 6, 8)};
    return date_real(read->date) && (n == 8 || clock_compact(str_slice(digits, 8, n), &read->ms));
}

/* Since 1970, from 2001 to 2030. */
static bool take_epoch(struct tokens *t, struct date_read *read) {
    size_t n = peek(t)->digits;
    int64_t number = n == 10 || n == 13 ? digits_number(peek(t)->text, 0, n) : 0;
    int64_t ms = n == 10 ? number * MS_SECOND : number;
    if (ms < INT64_C(1000000000000) || ms >= INT64_C(1900000000000)) {
        return false;
    }
    t->at++;
    read->date = date_from_days(ms / MS_DAY);
    read->ms = ms % MS_DAY;
    read->anchored = true;
    return peek(t)->kind == TOKEN_END;
}

/* Days since 1899-12-30, from 1950 to 2100 so that other numbers are not taken for dates. */
static bool take_serial(struct tokens *t, struct date *d, int64_t *ms) {
    int days = 0;
    if (peek(t)->digits != 5 || !take_number(t, &days) || days < 18264 || days > 73050) {
        return false;
    }
    *d = date_from_days(days + date_to_days((struct date){1899, 12, 30}));
    if (!take_text(t, ".")) {
        return true;
    }
    struct token fraction = *peek(t);
    if (fraction.kind != TOKEN_NUMBER) {
        return false;
    }
    t->at++;
    double value = 0, weight = 0.1;
    for (size_t i = 0; i < fraction.text.n; i++, weight /= 10) {
        value += (fraction.text.p[i] - '0') * weight;
    }
    /* Serials are binary fractions of a day: rounded to the second they stand for. */
    int64_t seconds = (int64_t)(value * 86400 + 0.5);
    *ms = (seconds < 86400 ? seconds : 86399) * MS_SECOND;
    return true;
}

/* am and pm, 上午 and 下午; 0 none, 1 before noon, 2 after noon. Chinese words come as single
 * characters. */
static int take_half(struct tokens *t) {
    size_t start = t->at;
    while (take_text(t, " ")) {
    }
    if (take_text(t, "am") || (take_text(t, "上") && take_text(t, "午"))) {
        return 1;
    }
    if (take_text(t, "pm") || (take_text(t, "下") && take_text(t, "午")) ||
        (take_text(t, "晚") && take_text(t, "上"))) {
        return 2;
    }
    t->at = start;
    return 0;
}

/* 07:10, 07:10:00.5, 0710, 7时10分, 下午3:20, 3:20 pm, with Z or nothing behind. */
static bool take_clock(struct tokens *t, int64_t *ms) {
    int hour, minute = 0, second = 0, ignored;
    int half = take_half(t);
    while (take_text(t, " ") || take_text(t, "t")) {
    }
    if (peek(t)->digits == 4 || peek(t)->digits == 6) {
        return clock_compact(t->list[t->at++].text, ms);
    }
    if (!take_number(t, &hour)) {
        return false;
    }
    bool hours_only = take_text(t, "时") || take_text(t, "点");
    if (!hours_only && !take_text(t, ":")) {
        return false;
    }
    if (!take_number(t, &minute) && !hours_only) {
        return false;
    }
    if (take_text(t, ":") || take_text(t, "分")) {
        (void)take_number(t, &second);
        take_text(t, "秒");
    }
    if (take_text(t, ".")) {
        (void)take_number(t, &ignored);
    }
    half = half ? half : take_half(t);
    hour = half == 2 && hour < 12 ? hour + 12 : half == 1 && hour == 12 ? 0 : hour;
    *ms = ((int64_t)hour * 60 + minute) * MS_MINUTE + (int64_t)second * MS_SECOND;
    return hour < 24 && minute < 60 && second < 60;
}

/* Z, +08:00, +0800 or -5 behind a time. False for a sign without an offset. */
static bool take_offset(struct tokens *t, struct date_read *read) {
    bool west = str_is(peek(t)->text, "-");
    if (take_text(t, "z")) {
        read->anchored = true;
        return true;
    }
    if (!take_text(t, "+") && !take_text(t, "-")) {
        return true;
    }
    int hours, minutes = 0;
    size_t digits = peek(t)->digits;
    if (!take_number(t, &hours) || (take_text(t, ":") && !take_number(t, &minutes))) {
        return false;
    }
    if (digits == 4) {
        minutes = hours % 100;
        hours /= 100;
    }
    read->anchored = true;
    read->offset = (west ? -1 : 1) * (hours * 60 + minutes) * MS_MINUTE;
    return hours <= 14 && minutes < 60;
}

/* What may stand behind a date: nothing, or a time of day. */
static bool take_rest(struct tokens *t, struct date_read *read) {
    while (take_text(t, " ") || take_text(t, ",")) {
    }
    if (peek(t)->kind == TOKEN_END) {
        return true;
    }
    if (read->ms >= 0 || !take_clock(t, &read->ms)) {
        return false;
    }
    while (take_text(t, " ")) {
    }
    if (!take_offset(t, read)) {
        return false;
    }
    while (take_text(t, " ")) {
    }
    return peek(t)->kind == TOKEN_END;
}

static bool read_tokens(struct tokens *t, struct date_read *read) {
    static bool (*const forms[])(struct tokens *, struct date_read *) = {
        take_marked, take_chinese, take_compact, take_named_month, take_epoch};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        t->at = 0;
        *read = (struct date_read){.ms = -1};
        if (forms[i](t, read) && take_rest(t, read)) {
            return true;
        }
    }
    t->at = 0;
    *read = (struct date_read){.ms = -1};
    return take_serial(t, &read->date, &read->ms) && peek(t)->kind == TOKEN_END;
}

bool date_read(struct str text, enum date_order order, struct date_read *read) {
    struct arena scratch;
    struct tokens tokens = {.order = order};
    struct date_read found;
    arena_init(&scratch);
    bool ok = text.n && text.n <= 128 && tokenize(text_search_key(&scratch, text), &tokens) &&
              read_tokens(&tokens, &found);
    arena_free(&scratch);
    if (ok) {
        *read = found;
    }
    return ok;
}

int64_t date_read_instant(const struct date_read *read, const struct zone *zone) {
    int64_t time = read->ms > 0 ? read->ms : 0;
    return read->anchored ? date_to_days(read->date) * MS_DAY + time - read->offset
                          : zone_midnight(zone, read->date) + time;
}

struct date date_read_date(const struct date_read *read, const struct zone *zone) {
    return read->anchored ? zone_date(zone, date_read_instant(read, zone)) : read->date;
}

int date_order_shown(struct str text) {
    struct date_read read;
    struct str rest = text_trim(text), first, second;
    int64_t a, b;
    bool three = str_cut(&rest, '/', &first) && str_cut(&rest, '/', &second) && first.n <= 2 &&
                 str_to_int(first, &a) && str_to_int(second, &b) && (a > 12 || b > 12);
    return three && date_read(text, DATE_MONTH_FIRST, &read) ? a > 12 ? 1 : -1 : 0;
}

bool date_parse_loose(struct str text, struct date *d, int64_t *ms) {
    struct date_read read;
    if (!date_read(text, DATE_MONTH_FIRST, &read)) {
        return false;
    }
    *d = read.date;
    if (ms) {
        *ms = read.ms;
    }
    return true;
}
