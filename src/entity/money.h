/*
 * Decimal numbers as integers of a fixed scale, and currencies.
 *
 * Money and quantities are never floating: "1234.50" CNY is 123450 of scale 2.
 */
#ifndef GUANTONG_ENTITY_MONEY_H
#define GUANTONG_ENTITY_MONEY_H

#include "base/str.h"

enum { QUANTITY_DIGITS = 6 };

/* Of any amount in minor units, 10,000,000,000,000.00: thousands of such are summed in 64 bits. */
#define MONEY_MOST INT64_C(1000000000000000)

enum decimal_reason {
    DECIMAL_RIGHT,
    DECIMAL_SYNTAX, /* not a decimal number */
    DECIMAL_SCALE,  /* more decimals than the scale keeps; zeros at the end do not count */
    DECIMAL_RANGE   /* does not fit 64 bits */
};

/* Sign, digits, and decimals after a point. value in units of 10^-digits. */
enum decimal_reason decimal_parse(struct str text, int digits, int64_t *value);
/* With all decimals of the scale: 123450, 2 gives "1234.50". */
struct str decimal_format(struct arena *a, int64_t value, int digits);
/* Without zeros at the end: 12500000, 6 gives "12.5". */
struct str decimal_format_short(struct arena *a, int64_t value, int digits);

/* Decimals of a currency by ISO 4217, -1 when it is none in use. */
int currency_digits(struct str currency);
/* "¥" "￥" "元" "RMB" "$" "€" … or a code in any case; empty when unknown. */
struct str currency_find(struct str text);

#endif
