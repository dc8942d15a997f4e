#include "entity/money.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* ISO 4217 codes in use, by number of decimals (amendment 176). */
static const char currencies_0[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF "
                                   "XOF XPF";
static const char currencies_2[] =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP "
    "PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
    "TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG";
static const char currencies_3[] = "BHD IQD JOD KWD LYD OMR TND";

static const struct {
    const char *sign, *code;
} signs[] = {
    {"¥", "CNY"},    {"￥", "CNY"},   {"元", "CNY"},     {"人民币", "CNY"}, {"RMB", "CNY"},
    {"$", "USD"},    {"US$", "USD"},  {"美元", "USD"},   {"€", "EUR"},      {"欧元", "EUR"},
    {"£", "GBP"},    {"英镑", "GBP"}, {"HK$", "HKD"},    {"港币", "HKD"},   {"港元", "HKD"},
    {"日元", "JPY"}, {"NT$", "TWD"},  {"新台币", "TWD"},
};

static bool listed(const char *codes, struct str currency) {
    for (const char *p = codes; currency.n == 3; p += 4) {
        if (memcmp(p, currency.p, 3) == 0) {
            return true;
        }
        if (!p[3]) {
            break;
        }
    }
    return false;
}

int currency_digits(struct str currency) {
    return listed(currencies_2, currency)   ? 2
           : listed(currencies_0, currency) ? 0
           : listed(currencies_3, currency) ? 3
                                            : -1;
}

/* The code within a list, which lives as long as the program. */
static struct str code_in(const char *codes, struct str text) {
    for (const char *p = codes;; p += 4) {
        if (strncasecmp(p, text.p, 3) == 0) {
            return (struct str){p, 3};
        }
        if (!p[3]) {
            return (struct str){NULL, 0};
        }
    }
}

struct str currency_find(struct str text) {
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (text.n == strlen(signs[i].sign) && strncasecmp(text.p, signs[i].sign, text.n) == 0) {
            return str_from(signs[i].code);
        }
    }
    if (text.n != 3) {
        return (struct str){NULL, 0};
    }
    struct str code = code_in(currencies_2, text);
    code = code.p ? code : code_in(currencies_0, text);
    return code.p ? code : code_in(currencies_3, text);
}

/* One more digit on a negative sum: the negative side reaches one further. */
static bool digit_append(int64_t *sum, char ch) {
    return !__builtin_mul_overflow(*sum, (int64_t)10, sum) &&
           !__builtin_sub_overflow(*sum, (int64_t)(ch - '0'), sum);
}

static bool is_digit(char ch) {
    return ch >= '0' && ch <= '9';
}

enum decimal_reason decimal_parse(struct str text, int digits, int64_t *value) {
    bool negative = text.n && text.p[0] == '-';
    size_t i = negative || (text.n && text.p[0] == '+');
    size_t first = i;
    int64_t sum = 0;
    bool fits = true;
    for (; i < text.n && is_digit(text.p[i]); i++) {
        fits = fits && digit_append(&sum, text.p[i]);
    }
    int decimals = 0;
    bool finer = false, any = i > first;
    if (any && i + 1 < text.n && text.p[i] == '.') {
        for (i++; i < text.n && is_digit(text.p[i]); i++) {
            if (decimals < digits) {
                fits = fits && digit_append(&sum, text.p[i]);
                decimals++;
            } else {
                finer = finer || text.p[i] != '0';
            }
        }
    }
    if (!any || i != text.n) {
        return DECIMAL_SYNTAX;
    }
    for (; decimals < digits; decimals++) {
        fits = fits && digit_append(&sum, '0');
    }
    if (!fits || (!negative && sum == INT64_MIN)) {
        return DECIMAL_RANGE;
    }
    *value = negative ? sum : -sum;
    return finer ? DECIMAL_SCALE : DECIMAL_RIGHT;
}

struct str decimal_format(struct arena *a, int64_t value, int digits) {
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value, unit = 1;
    for (int i = 0; i < digits; i++) {
        unit *= 10;
    }
    const char *sign = value < 0 ? "-" : "";
    if (digits == 0) {
        return str_format(a, "%s%" PRIu64, sign, size);
    }
    return str_format(a, "%s%" PRIu64 ".%0*" PRIu64, sign, size / unit, digits, size % unit);
}

struct str decimal_format_short(struct arena *a, int64_t value, int digits) {
    struct str text = decimal_format(a, value, digits);
    if (str_find_char(text, '.') >= 0) {
        while (text.p[text.n - 1] == '0') {
            text.n--;
        }
        text.n -= text.p[text.n - 1] == '.';
    }
    return text;
}
