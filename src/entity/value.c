#include "entity/value.h"

#include <string.h>

#include "base/clock.h"
#include "base/email.h"
#include "base/message.h"
#include "base/phone.h"
#include "base/region.h"
#include "base/text.h"
#include "entity/money.h"

enum { JSON_BYTES = 65536, URL_BYTES = 2000 };

const struct value value_null = {.kind = VALUE_NULL};

struct value value_int(int64_t v) {
    return (struct value){.kind = VALUE_INTEGER, .integer = v};
}

struct value value_text(struct str text) {
    return text.n ? (struct value){.kind = VALUE_TEXT, .text = text} : value_null;
}

bool value_equal(struct value a, struct value b) {
    if (a.kind != b.kind) {
        return false;
    }
    switch (a.kind) {
    case VALUE_NULL:
        return true;
    case VALUE_INTEGER:
        return a.integer == b.integer;
    case VALUE_TEXT:
        return str_equal(a.text, b.text);
    case VALUE_MONEY:
        return a.integer == b.integer && str_equal(a.text, b.text);
    }
    return false;
}

struct value value_fail(struct ctx *c, const struct field *f, const char *text) {
    FAIL_FIELD(c, field_pointer(c, f), text);
    return value_null;
}

struct str field_pointer(struct ctx *c, const struct field *f) {
    return str_format(c->arena, "/%.*s", STR_ARG(f->name));
}

struct value value_bounded(struct ctx *c, const struct field *f, int64_t v) {
    if ((f->min || f->max) && v < f->min) {
        return value_fail(c, f, "number.too_small");
    }
    if ((f->min || f->max) && v > f->max) {
        return value_fail(c, f, "number.too_large");
    }
    return value_int(v);
}

static const char *decimal_reason_text(enum decimal_reason reason, bool money) {
    return reason == DECIMAL_SYNTAX  ? "number.syntax"
           : reason == DECIMAL_RANGE ? "number.too_large"
           : money                   ? "money.scale"
                                     : "number.scale";
}

struct value value_decimal(struct ctx *c, const struct field *f, struct str text, int digits) {
    int64_t v = 0;
    enum decimal_reason reason = decimal_parse(text, digits, &v);
    if (reason != DECIMAL_RIGHT) {
        return value_fail(c, f, decimal_reason_text(reason, f->type == FIELD_MONEY));
    }
    return value_bounded(c, f, v);
}

struct value value_amount(struct ctx *c, const struct field *f, struct str amount,
                          struct str currency) {
    int digits = currency_digits(currency);
    if (digits < 0) {
        return value_fail(c, f, "money.currency");
    }
    struct value v = value_decimal(c, f, amount, digits);
    if (v.kind == VALUE_INTEGER) {
        v.kind = VALUE_MONEY;
        v.text = str_copy(c->arena, currency);
    }
    return v;
}

static bool breaks_line(char byte) {
    return (unsigned char)byte < 0x20 || byte == 0x7f;
}

/* One line: what would break it becomes a blank. */
static struct str one_line(struct ctx *c, struct str text) {
    size_t first = 0;
    while (first < text.n && !breaks_line(text.p[first])) {
        first++;
    }
    if (first == text.n) {
        return text;
    }
    char *copy = arena_copy(c->arena, text.p, text.n);
    for (size_t i = first; i < text.n; i++) {
        copy[i] = breaks_line(copy[i]) ? ' ' : copy[i];
    }
    return (struct str){copy, text.n};
}

static struct value plain_text(struct ctx *c, const struct field *f, struct str text) {
    text = text_repair(c->arena, text);
    if (f->type == FIELD_TEXT) {
        text = text_trim(one_line(c, text));
    }
    if (!text_trim(text).n) {
        return value_null;
    }
    if (text.n > (size_t)f->max_length && text_length(text) > (size_t)f->max_length) {
        FAIL_FIELD(c, field_pointer(c, f), "text.too_long",
                   {"max", str_format(c->arena, "%d", f->max_length)});
        return value_null;
    }
    return value_text(str_copy(c->arena, text));
}

static struct value phone_value(struct ctx *c, const struct field *f, struct str text) {
    struct phone phone;
    if (!phone_parse(text, &phone)) {
        return value_fail(c, f, phone_reason_text(phone.reason));
    }
    return value_text(str_copy(c->arena, str_from(phone.digits)));
}

static struct value email_value(struct ctx *c, const struct field *f, struct str text) {
    struct email email = email_parse(c->arena, text);
    if (email.reason != EMAIL_RIGHT) {
        return value_fail(c, f, email_reason_text(email.reason));
    }
    return value_text(email.address);
}

static struct value region_value(struct ctx *c, const struct field *f, struct str text) {
    struct region region;
    if (!region_parse(text, &region)) {
        return value_fail(c, f, "region.unknown");
    }
    return value_text(region_name(c->arena, &region));
}

static bool url_valid(struct str url) {
    struct str rest = str_starts(url, STR("https://"))  ? str_slice(url, 8, url.n)
                      : str_starts(url, STR("http://")) ? str_slice(url, 7, url.n)
                                                        : STR("");
    bool valid = rest.n > 0 && url.n <= URL_BYTES && rest.p[0] != '/' && text_valid(url);
    for (size_t i = 0; i < rest.n && valid; i++) {
        unsigned char ch = (unsigned char)rest.p[i];
        valid = ch > 0x20 && ch != 0x7F && !strchr("<>\"\\^`{|}", ch);
    }
    return valid;
}

static struct value url_value(struct ctx *c, const struct field *f, struct str text) {
    text = text_trim(text);
    return url_valid(text) ? value_text(str_copy(c->arena, text)) : value_fail(c, f, "url.syntax");
}

static struct value date_value(struct ctx *c, const struct field *f, struct str text) {
    struct date d;
    return date_parse(text, &d) ? value_text(str_copy(c->arena, text))
                                : value_fail(c, f, "date.syntax");
}

static struct value instant_value(struct ctx *c, const struct field *f, struct str text) {
    int64_t ms;
    return instant_parse(text, &ms) ? value_int(ms) : value_fail(c, f, "instant.syntax");
}

struct str names_aside(struct ctx *c, struct str names) {
    const struct text_parameter there = {"names", names};
    return names.n ? message_format(c->arena, c->language, "field.among", &there, 1) : STR("");
}

static struct value option_value(struct ctx *c, const struct field *f, struct str code) {
    const struct field_option *o = field_option(f, code);
    struct text_buffer codes = {.arena = c->arena};
    if (o) {
        return value_text(o->code);
    }
    for (size_t i = 0; i < f->n_options; i++) {
        text_add_c(&codes, i ? ", " : "");
        text_add(&codes, f->options[i].code);
    }
    FAIL_FIELD(c, field_pointer(c, f), "option.unknown",
               {"among", names_aside(c, text_str(&codes))});
    return value_null;
}

static struct value id_value(struct ctx *c, const struct field *f, struct str text) {
    int64_t id;
    return str_to_int(text, &id) && id > 0 ? value_int(id) : value_fail(c, f, "reference.syntax");
}

static struct value integer_value(struct ctx *c, const struct field *f, struct str text) {
    int64_t v;
    return str_to_int(text, &v) ? value_bounded(c, f, v) : value_fail(c, f, "number.whole");
}

struct value value_strict(struct ctx *c, const struct field *f, struct str text) {
    if (!text_trim(text).n) {
        return value_null;
    }
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_LONG_TEXT:
        return plain_text(c, f, text);
    case FIELD_INTEGER:
        return integer_value(c, f, text);
    case FIELD_QUANTITY:
        return value_decimal(c, f, text, QUANTITY_DIGITS);
    case FIELD_DATE:
        return date_value(c, f, text);
    case FIELD_INSTANT:
        return instant_value(c, f, text);
    case FIELD_OPTION:
        return option_value(c, f, text);
    case FIELD_REFERENCE:
        return id_value(c, f, text);
    case FIELD_PHONE:
        return phone_value(c, f, text);
    case FIELD_EMAIL:
        return email_value(c, f, text);
    case FIELD_REGION:
        return region_value(c, f, text);
    case FIELD_URL:
        return url_value(c, f, text);
    case FIELD_BOOLEAN:
    case FIELD_MONEY:
    case FIELD_JSON:
        break;
    }
    return value_fail(c, f, f->type == FIELD_MONEY ? "money.shape" : "field.type");
}

static struct value money_from_json(struct ctx *c, const struct field *f, const struct json *v) {
    const struct json *amount = json_get(v, "amount");
    struct str currency = json_text(v, "currency");
    if (json_is(amount, JSON_IS_INT)) {
        return value_amount(c, f, str_format(c->arena, "%lld", (long long)amount->integer),
                            currency);
    }
    if (!json_is(amount, JSON_IS_TEXT)) {
        return value_fail(c, f, "money.shape");
    }
    return value_amount(c, f, amount->text, currency);
}

struct value value_json(struct ctx *c, const struct field *f, const struct json *v) {
    struct json_writer w = json_writer(c->arena);
    json_put_json(&w, v);
    struct str text = json_str(&w);
    return text.n > JSON_BYTES ? value_fail(c, f, "json.too_long") : value_text(text);
}

static struct value number_from_json(struct ctx *c, const struct field *f, int64_t v) {
    switch (f->type) {
    case FIELD_INTEGER:
        return value_bounded(c, f, v);
    case FIELD_REFERENCE:
        return v > 0 ? value_int(v) : value_fail(c, f, "reference.syntax");
    case FIELD_QUANTITY:
        return value_decimal(c, f, str_format(c->arena, "%lld", (long long)v), QUANTITY_DIGITS);
    default:
        return value_fail(c, f, "field.type");
    }
}

struct value value_from_json(struct ctx *c, const struct field *f, const struct json *v) {
    if (!v || v->kind == JSON_IS_NULL) {
        return value_null;
    }
    if (f->type == FIELD_JSON) {
        return value_json(c, f, v);
    }
    switch (v->kind) {
    case JSON_IS_TEXT:
        return value_strict(c, f, v->text);
    case JSON_IS_INT:
        return number_from_json(c, f, v->integer);
    case JSON_IS_BOOL:
        return f->type == FIELD_BOOLEAN ? value_int(v->boolean) : value_fail(c, f, "field.type");
    case JSON_IS_OBJECT:
        return f->type == FIELD_MONEY ? money_from_json(c, f, v) : value_fail(c, f, "field.type");
    case JSON_IS_REAL:
        return value_fail(c, f, f->type == FIELD_INTEGER ? "number.whole" : "number.as_text");
    default:
        return value_fail(c, f, "field.type");
    }
}

static void money_to_json(struct json_writer *w, struct value v) {
    int digits = currency_digits(v.text);
    json_begin_object(w);
    JSON_MEMBER(w, "amount", json_put_str,
                decimal_format(w->out.arena, v.integer, digits < 0 ? 2 : digits));
    JSON_MEMBER(w, "currency", json_put_str, v.text);
    json_end_object(w);
}

void value_to_json(struct json_writer *w, const struct field *f, struct value v) {
    if (v.kind == VALUE_NULL) {
        json_put_null(w);
        return;
    }
    switch (f->type) {
    case FIELD_BOOLEAN:
        json_put_bool(w, v.integer != 0);
        break;
    case FIELD_INTEGER:
        if (f->flags & FIELD_SYSTEM && f->position == SYSTEM_ID) {
            json_put_id(w, v.integer);
        } else {
            json_put_int(w, v.integer);
        }
        break;
    case FIELD_QUANTITY:
        json_put_str(w, decimal_format_short(w->out.arena, v.integer, QUANTITY_DIGITS));
        break;
    case FIELD_MONEY:
        money_to_json(w, v);
        break;
    case FIELD_INSTANT:
        json_put_instant(w, v.integer);
        break;
    case FIELD_REFERENCE:
        json_put_id(w, v.integer);
        break;
    case FIELD_JSON:
        json_put_raw(w, v.text);
        break;
    default:
        json_put_str(w, v.text);
    }
}
