/* Values from text as people and spreadsheets write it, and to text for exports. */
#include "entity/value.h"

#include "base/clock.h"
#include "base/date_loose.h"
#include "base/text.h"
#include "entity/money.h"

/* The zone in which a spreadsheet's times are meant, and the currency of bare amounts. */
#define HOME_ZONE "Asia/Shanghai"
#define HOME_CURRENCY "CNY"

/* One form for comparing what was written with words: half-width, no case, no blanks. */
static struct str word_key(struct ctx *c, struct str text) {
    return text_search_key(c->arena, text);
}

static struct value boolean_loose(struct ctx *c, const struct field *f, struct str text) {
    static const char *const yes[] = {"1", "true", "yes", "y", "on", "是", "有", "√", "启用", NULL};
    static const char *const no[] = {"0", "false", "no", "n", "off", "否", "无", "×", "停用", NULL};
    struct str key = word_key(c, text);
    for (const char *const *w = yes; *w; w++) {
        if (str_is(key, *w)) {
            return value_int(1);
        }
    }
    for (const char *const *w = no; *w; w++) {
        if (str_is(key, *w)) {
            return value_int(0);
        }
    }
    return value_fail(c, f, "boolean.syntax");
}

/* Half-width, without blanks and thousands separators: "1,234.50". */
static struct str number_key(struct ctx *c, struct str text) {
    struct str key = text_normalize(c->arena, text);
    char *out = arena_copy(c->arena, key.p, key.n);
    size_t n = 0;
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] != ',' && key.p[i] != ' ') {
            out[n++] = key.p[i];
        }
    }
    return (struct str){out, n};
}

/* A whole number may be written "12.00". */
static struct value integer_loose(struct ctx *c, const struct field *f, struct str text) {
    int64_t v;
    if (decimal_parse(number_key(c, text), 0, &v) != DECIMAL_RIGHT) {
        return value_fail(c, f, "number.whole");
    }
    return value_strict(c, f, decimal_format(c->arena, v, 0));
}

/* Percentages are hundredths: "25%" is 0.25. */
static struct value quantity_loose(struct ctx *c, const struct field *f, struct str text) {
    struct str key = number_key(c, text);
    if (!key.n || key.p[key.n - 1] != '%') {
        return value_decimal(c, f, key, QUANTITY_DIGITS);
    }
    int64_t hundredths;
    key.n--;
    if (decimal_parse(key, QUANTITY_DIGITS - 2, &hundredths) != DECIMAL_RIGHT) {
        return value_fail(c, f, "number.syntax");
    }
    return value_decimal(c, f, decimal_format(c->arena, hundredths, QUANTITY_DIGITS),
                         QUANTITY_DIGITS);
}

static bool number_char(char ch) {
    return (ch >= '0' && ch <= '9') || ch == '.' || ch == '-' || ch == '+';
}

/* What units of the Chinese way to count stand for: "万" is 10⁴. Takes it off the word. */
static int64_t unit_taken(struct str *word) {
    static const struct {
        const char *word;
        int64_t times;
    } units[] = {{"万", 10000}, {"亿", 100000000}, {"千", 1000}, {"百", 100}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct str unit = str_from(units[i].word);
        if (str_starts(*word, unit)) {
            *word = str_slice(*word, unit.n, word->n);
            return units[i].times;
        }
    }
    return 1;
}

/* "1.2" of 万 is 12000. */
static struct value amount_of_units(struct ctx *c, const struct field *f, struct str amount,
                                    struct str currency, int64_t times) {
    int64_t v;
    if (times > 1) {
        if (decimal_parse(amount, QUANTITY_DIGITS, &v) != DECIMAL_RIGHT ||
            __builtin_mul_overflow(v, times, &v)) {
            return value_fail(c, f, "number.syntax");
        }
        amount = decimal_format_short(c->arena, v, QUANTITY_DIGITS);
    }
    return value_amount(c, f, amount, currency);
}

/* A sign or code of currency before or after the amount: "¥1,234.50", "1234.5 USD", "1.2万元". */
static struct value money_loose(struct ctx *c, const struct field *f, struct str text) {
    struct str key = number_key(c, text);
    size_t from = 0, to = key.n;
    while (from < to && !number_char(key.p[from])) {
        from++;
    }
    while (to > from && !number_char(key.p[to - 1])) {
        to--;
    }
    struct str before = str_slice(key, 0, from), after = str_slice(key, to, key.n);
    int64_t times = unit_taken(&after);
    times *= unit_taken(&after); /* 千万 */
    struct str word = before.n ? before : after;
    struct str currency = word.n ? currency_find(word) : STR(HOME_CURRENCY);
    if (!currency.n || (before.n && after.n && !str_equal(currency, currency_find(after)))) {
        return value_fail(c, f, "money.currency");
    }
    return amount_of_units(c, f, str_slice(key, from, to), currency, times);
}

static struct value date_loose(struct ctx *c, const struct field *f, struct str text) {
    struct date d;
    char written[DATE_TEXT];
    if (!date_parse_loose(text, &d, NULL)) {
        return value_fail(c, f, "date.syntax");
    }
    date_format(d, written);
    return value_text(str_copy(c->arena, str_from(written)));
}

static struct value instant_loose(struct ctx *c, const struct field *f, struct str text) {
    struct date_read read;
    if (!date_read(text, DATE_MONTH_FIRST, &read)) {
        return value_fail(c, f, "instant.syntax");
    }
    return value_int(date_read_instant(&read, zone_find(STR(HOME_ZONE))));
}

const struct field_option *option_called(struct ctx *c, const struct field *f, struct str text) {
    struct str key = word_key(c, text);
    for (size_t i = 0; i < f->n_options && key.n; i++) {
        const struct field_option *o = &f->options[i];
        if (str_equal(key, word_key(c, o->code)) ||
            str_equal(key, word_key(c, o->label[LANGUAGE_ZH])) ||
            str_equal(key, word_key(c, o->label[LANGUAGE_EN]))) {
            return o;
        }
    }
    return NULL;
}

static struct value option_loose(struct ctx *c, const struct field *f, struct str text) {
    const struct field_option *o = option_called(c, f, text);
    return o ? value_text(o->code) : value_fail(c, f, "option.unknown");
}

static struct value url_loose(struct ctx *c, const struct field *f, struct str text) {
    text = text_trim(text);
    if (str_find(text, STR("://")) < 0 && str_find_char(text, '.') > 0) {
        text = str_format(c->arena, "https://%.*s", STR_ARG(text));
    }
    return value_strict(c, f, text);
}

static struct value json_loose(struct ctx *c, const struct field *f, struct str text) {
    struct ctx scratch = {.arena = c->arena};
    const struct json *v = json_parse(&scratch, text);
    return v ? value_json(c, f, v) : value_fail(c, f, "json.syntax");
}

struct value value_from_text(struct ctx *c, const struct field *f, struct str text) {
    if (!text_trim(text).n) {
        return value_null;
    }
    switch (f->type) {
    case FIELD_BOOLEAN:
        return boolean_loose(c, f, text);
    case FIELD_INTEGER:
        return integer_loose(c, f, text);
    case FIELD_QUANTITY:
        return quantity_loose(c, f, text);
    case FIELD_MONEY:
        return money_loose(c, f, text);
    case FIELD_DATE:
        return date_loose(c, f, text);
    case FIELD_INSTANT:
        return instant_loose(c, f, text);
    case FIELD_OPTION:
        return option_loose(c, f, text);
    case FIELD_URL:
        return url_loose(c, f, text);
    case FIELD_JSON:
        return json_loose(c, f, text);
    case FIELD_REFERENCE:
        return value_strict(c, f, text_trim(text));
    default:
        return value_strict(c, f, text);
    }
}

static struct str money_text(struct ctx *c, struct value v) {
    int digits = currency_digits(v.text);
    struct str amount = decimal_format(c->arena, v.integer, digits < 0 ? 2 : digits);
    return str_format(c->arena, "%.*s %.*s", STR_ARG(amount), STR_ARG(v.text));
}

static struct str option_text(struct ctx *c, const struct field *f, struct value v) {
    const struct field_option *o = field_option(f, v.text);
    return o ? o->label[c->language] : v.text;
}

static struct str instant_text(struct ctx *c, int64_t ms) {
    char text[INSTANT_TEXT];
    instant_format(ms, text);
    return str_copy(c->arena, str_from(text));
}

static struct str boolean_text(struct ctx *c, int64_t v) {
    if (c->language == LANGUAGE_EN) {
        return v ? STR("Yes") : STR("No");
    }
    return v ? STR("是") : STR("否");
}

struct str value_to_text(struct ctx *c, const struct field *f, struct value v) {
    if (v.kind == VALUE_NULL) {
        return STR("");
    }
    switch (f->type) {
    case FIELD_BOOLEAN:
        return boolean_text(c, v.integer);
    case FIELD_INTEGER:
    case FIELD_REFERENCE:
        return decimal_format(c->arena, v.integer, 0);
    case FIELD_QUANTITY:
        return decimal_format_short(c->arena, v.integer, QUANTITY_DIGITS);
    case FIELD_MONEY:
        return money_text(c, v);
    case FIELD_INSTANT:
        return instant_text(c, v.integer);
    case FIELD_OPTION:
        return option_text(c, f, v);
    default:
        return v.text;
    }
}
