/*
 * Telephone numbers, by the Chinese numbering plan and E.164.
 */
#ifndef GUANTONG_BASE_PHONE_H
#define GUANTONG_BASE_PHONE_H

#include "base/str.h"

enum phone_kind {
    PHONE_NONE,
    PHONE_MOBILE,       /* 11 digits on an allotted prefix */
    PHONE_LANDLINE,     /* area code and number */
    PHONE_SERVICE,      /* 400 or 800, 10 digits */
    PHONE_INTERNATIONAL /* outside mainland China */
};

enum phone_reason {
    PHONE_RIGHT,
    PHONE_EMPTY,      /* nothing, or only blanks */
    PHONE_NO_NUMBER,  /* words or marks, no digits: "无", "-" */
    PHONE_LENGTH,     /* too few or too many digits */
    PHONE_PREFIX,     /* no such prefix, area or country is allotted */
    PHONE_PLACEHOLDER /* 13800138000, one digit repeated */
};

struct phone {
    enum phone_kind kind;
    enum phone_reason reason;
    /* As stored and compared: 13800132647, 0510-82712345, 4008123123, +14155552671. */
    char digits[24];
    char e164[24]; /* +8613800132647; empty for service numbers */
};

/* Find the number in what somebody typed: +86, 0086, blanks, dashes, brackets, full-width
 * digits and words around it are taken off. Of several the first mobile, else the first that is
 * right. True and the number, or false and the reason. */
bool phone_parse(struct str text, struct phone *phone);

/* Whether many may sit behind a number, as stored: a land line or a service number. */
bool phone_is_shared(struct str digits);

/* Text code of a reason: "phone.length" …; NULL for PHONE_RIGHT. */
const char *phone_reason_text(enum phone_reason reason);

/* 138****2647; of other numbers the middle four digits before the last four, or all but the
 * last two when it is short. Text that is no number is masked wholly. */
struct str phone_mask(struct arena *a, struct str number);

#endif
