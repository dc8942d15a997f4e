/* Values of cells as text. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "data/xlsx.h"

/* Digits with an optional minus, few enough to be exact: most numbers, and all phones. */
static bool is_plain_integer(struct str s) {
    size_t i = s.n && s.p[0] == '-';
    if (i == s.n || s.n > 15) {
        return false;
    }
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
    }
    return true;
}

struct str xlsx_number_text(struct arena *a, struct str number) {
    char text[400];
    char *end;
    if (is_plain_integer(number)) {
        return str_is(number, "-0") ? STR("0") : str_copy(a, number);
    }
    char *whole = str_to_c(a, number);
    double value = strtod(whole, &end);
    if (end == whole || *end || !isfinite(value)) {
        return (struct str){whole, number.n};
    }
    if (fabs(value) >= 1e15 || value == trunc(value)) {
        snprintf(text, sizeof text, "%.0f", value);
        return str_copy(a, str_is(str_from(text), "-0") ? STR("0") : str_from(text));
    }
    snprintf(text, sizeof text, "%.15g", value);
    if (strchr(text, 'e')) {
        snprintf(text, sizeof text, "%.20f", value);
        for (size_t n = strlen(text); n > 1 && (text[n - 1] == '0' || text[n - 1] == '.'); n--) {
            text[n - 1] = '\0';
        }
    }
    return str_copy(a, str_from(text));
}

/* The 1900 system counts a 29 February 1900 that never was; the 1904 system begins on
 * 1904-01-01. Fractions are rounded to the second. */
struct str xlsx_serial_text(struct arena *a, double serial, bool from_1904) {
    if (!(serial >= 0) || serial > 2958465.99999) {
        return STR("");
    }
    int64_t days = (int64_t)serial;
    int64_t seconds = (int64_t)((serial - (double)days) * 86400 + 0.5);
    days += seconds / 86400;
    seconds %= 86400;
    struct str time = str_format(a, "%02d:%02d:%02d", (int)(seconds / 3600),
                                 (int)(seconds / 60 % 60), (int)(seconds % 60));
    if (days == 0 && !from_1904) {
        return time;
    }
    struct date epoch = from_1904 ? (struct date){1904, 1, 1} : (struct date){1899, 12, 30};
    int64_t shift = !from_1904 && days < 60 ? 1 : 0;
    char date[DATE_TEXT];
    date_format(date_from_days(date_to_days(epoch) + days + shift), date);
    return seconds ? str_format(a, "%s %.*s", date, STR_ARG(time)) : str_copy(a, str_from(date));
}
