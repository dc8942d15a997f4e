#include "base/phone.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/*
 * Mobile prefixes of the Chinese numbering plan for people (Ministry of Industry and
 * Information Technology, 电信网码号资源使用证 and the operators' notices, as of 2025): China
 * Mobile 134–139 147 148 150–152 157–159 172 178 182–184 187 188 195 197 198, Unicom 130–132
 * 145 146 155 156 166 175 176 185 186 196, Telecom 133 149 153 173 174 177 180 181 189 190
 * 191 193 199, Broadnet 192, virtual operators 162 165 167 170 171. 140, 141 and 144 are
 * 13-digit numbers of machines.
 */
static const short mobile_prefixes[] = {
    130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 145, 146, 147, 148, 149, 150, 151, 152, 153,
    155, 156, 157, 158, 159, 162, 165, 166, 167, 170, 171, 172, 173, 174, 175, 176, 177, 178, 180,
    181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191, 192, 193, 195, 196, 197, 198, 199,
};

/* Country codes of ITU-T E.164 in ranges, by their number of digits. */
static const struct {
    short first, last;
} country_codes[] = {
    {1, 1},     {7, 7},     {20, 20},   {27, 27},   {30, 34},   {36, 36},   {39, 41},   {43, 49},
    {51, 58},   {60, 66},   {81, 82},   {84, 84},   {86, 86},   {90, 95},   {98, 98},   {211, 213},
    {216, 216}, {218, 218}, {220, 269}, {290, 291}, {297, 299}, {350, 359}, {370, 389}, {420, 421},
    {423, 423}, {500, 509}, {590, 599}, {670, 670}, {672, 692}, {850, 850}, {852, 853}, {855, 856},
    {880, 880}, {886, 886}, {960, 968}, {970, 977}, {992, 996}, {998, 998},
};

enum { DIGITS_MAX = 40, GROUPS_MAX = 12 };

/* Digits that stand together, as groups between blanks and dashes. */
struct digit_run {
    char digits[DIGITS_MAX];
    size_t starts[GROUPS_MAX + 1]; /* of group i in digits; the last is the end */
    size_t groups;
    bool plus; /* begins with + */
    bool overflow;
};

static int number_at(const char *digits, size_t n) {
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        value = value * 10 + (digits[i] - '0');
    }
    return value;
}

static bool is_mobile_prefix(const char *digits) {
    int prefix = number_at(digits, 3);
    for (size_t i = 0; i < sizeof mobile_prefixes / sizeof *mobile_prefixes; i++) {
        if (mobile_prefixes[i] == prefix) {
            return true;
        }
    }
    return false;
}

static bool is_one_digit(struct str digits) {
    for (size_t i = 1; i < digits.n; i++) {
        if (digits.p[i] != digits.p[0]) {
            return false;
        }
    }
    return true;
}

static void phone_found(struct phone *phone, enum phone_kind kind, struct str digits,
                        struct str e164) {
    phone->kind = kind;
    phone->reason = PHONE_RIGHT;
    snprintf(phone->digits, sizeof phone->digits, "%.*s", STR_ARG(digits));
    snprintf(phone->e164, sizeof phone->e164, "%.*s", STR_ARG(e164));
}

/* Number of digits of the area code at the front, 0 when it is none: 010, 02x, else 0xxx. */
static size_t area_code(struct str s) {
    if (s.n < 4 || s.p[0] != '0' || s.p[1] == '0') {
        return 0;
    }
    if (s.p[1] == '1') {
        return s.p[2] == '0' ? 3 : 0;
    }
    if (s.p[1] == '2') {
        return s.p[2] != '6' ? 3 : 0;
    }
    return s.p[2] != '0' || s.p[1] == '7' ? 4 : 0;
}

static enum phone_reason try_landline(struct str s, struct phone *phone) {
    size_t area = area_code(s);
    if (!area) {
        return PHONE_PREFIX;
    }
    struct str number = str_slice(s, area, s.n);
    if (number.n < 7 || number.n > 8) {
        return PHONE_LENGTH;
    }
    if (number.p[0] < '2' || number.p[0] == '9') {
        return PHONE_PREFIX;
    }
    if (is_one_digit(number)) {
        return PHONE_PLACEHOLDER;
    }
    char digits[24], e164[24];
    snprintf(digits, sizeof digits, "%.*s-%.*s", (int)area, s.p, STR_ARG(number));
    snprintf(e164, sizeof e164, "+86%.*s", (int)s.n - 1, s.p + 1);
    phone_found(phone, PHONE_LANDLINE, str_from(digits), str_from(e164));
    return PHONE_RIGHT;
}

static enum phone_reason try_mobile(struct str s, struct phone *phone) {
    if (s.n != 11) {
        return PHONE_LENGTH;
    }
    if (is_one_digit(s) || str_is(s, "13800138000")) {
        return PHONE_PLACEHOLDER;
    }
    if (!is_mobile_prefix(s.p)) {
        return PHONE_PREFIX;
    }
    char e164[24];
    snprintf(e164, sizeof e164, "+86%.*s", STR_ARG(s));
    phone_found(phone, PHONE_MOBILE, s, str_from(e164));
    return PHONE_RIGHT;
}

/* A number inside China without its country code. */
static enum phone_reason try_national(struct str s, struct phone *phone) {
    if (s.n == 10 && (str_starts(s, STR("400")) || str_starts(s, STR("800")))) {
        phone_found(phone, PHONE_SERVICE, s, STR(""));
        return PHONE_RIGHT;
    }
    if (s.n && s.p[0] == '0' && !is_one_digit(s)) {
        /* A trunk 0 before a mobile number: 013800132647. */
        struct str mobile = str_slice(s, 1, s.n);
        return mobile.n == 11 && mobile.p[0] == '1' && is_mobile_prefix(mobile.p)
                   ? try_mobile(mobile, phone)
                   : try_landline(s, phone);
    }
    return try_mobile(s, phone);
}

static bool is_country_code(const char *digits, size_t n) {
    int code = number_at(digits, n);
    for (size_t i = 0; i < sizeof country_codes / sizeof *country_codes; i++) {
        if (code >= country_codes[i].first && code <= country_codes[i].last) {
            return digits[0] != '0';
        }
    }
    return false;
}

/* Behind + or 00. */
static enum phone_reason try_international(struct str s, struct phone *phone) {
    if (str_starts(s, STR("86"))) {
        struct str national = str_slice(s, 2, s.n);
        bool bare_area = national.n && national.p[0] != '0' && national.p[0] != '1' &&
                         !(national.n == 10 && str_starts(national, STR("400")));
        char with_trunk[DIGITS_MAX + 1];
        snprintf(with_trunk, sizeof with_trunk, "0%.*s", STR_ARG(national));
        bool beijing = str_starts(national, STR("10")) && national.n == 10;
        return try_national(bare_area || beijing ? str_from(with_trunk) : national, phone);
    }
    if (s.n < 8 || s.n > 15) {
        return PHONE_LENGTH;
    }
    if (is_one_digit(s)) {
        return PHONE_PLACEHOLDER;
    }
    if (!is_country_code(s.p, 1) && !is_country_code(s.p, 2) && !is_country_code(s.p, 3)) {
        return PHONE_PREFIX;
    }
    char e164[24];
    snprintf(e164, sizeof e164, "+%.*s", STR_ARG(s));
    phone_found(phone, PHONE_INTERNATIONAL, str_from(e164), str_from(e164));
    return PHONE_RIGHT;
}

static enum phone_reason try_digits(struct str s, bool plus, struct phone *phone) {
    if (plus) {
        return try_international(s, phone);
    }
    if (str_starts(s, STR("00")) && !is_one_digit(s)) {
        return try_international(str_slice(s, 2, s.n), phone);
    }
    if (str_starts(s, STR("86")) && s.n >= 12) {
        return try_international(s, phone);
    }
    return try_national(s, phone);
}

/* The whole run, or else the longest join of neighbouring groups that is a number: a second
 * number, an extension or a count may stand beside it. */
static enum phone_reason try_run(const struct digit_run *run, struct phone *phone) {
    struct str all = {run->digits, run->starts[run->groups]};
    enum phone_reason first = try_digits(all, run->plus, phone);
    if (run->overflow) {
        return PHONE_LENGTH;
    }
    for (size_t from = 0; from < run->groups && first != PHONE_RIGHT; from++) {
        for (size_t to = run->groups; to > from; to--) {
            struct str part = str_slice(all, run->starts[from], run->starts[to]);
            bool whole = from == 0 && to == run->groups;
            if (!whole && part.n >= 10 &&
                try_digits(part, run->plus && from == 0, phone) == PHONE_RIGHT) {
                return PHONE_RIGHT;
            }
        }
    }
    return first;
}

/* Digits of any width as ASCII, what may stand inside a number as ' ', + as +, else 0. */
static char number_character(uint32_t character) {
    if (character >= '0' && character <= '9') {
        return (char)character;
    }
    if (character >= 0xFF10 && character <= 0xFF19) {
        return (char)('0' + (character - 0xFF10));
    }
    if (character == '+' || character == 0xFF0B) {
        return '+';
    }
    bool inside = strchr(" \t-.()_", (int)(character < 0x80 ? character : 'x')) != NULL ||
                  character == 0xA0 || character == 0x3000 || character == 0x2014 ||
                  (character >= 0x2000 && character <= 0x2015) || character == 0x2212 ||
                  character == 0xFF08 || character == 0xFF09 || character == 0xFF0D ||
                  (character >= 0x202A && character <= 0x202E) || character == 0xFEFF;
    return inside && character ? ' ' : 0;
}

static void run_add(struct digit_run *run, char digit, bool new_group) {
    size_t n = run->starts[run->groups];
    if (n == DIGITS_MAX || (new_group && run->groups == GROUPS_MAX)) {
        run->overflow = true;
        return;
    }
    if (new_group) {
        run->groups++;
        run->starts[run->groups] = n;
    }
    run->digits[n] = digit;
    run->starts[run->groups] = n + 1;
}

/* The next run of digits of the text; false when there is none. */
static bool take_run(struct str *rest, struct digit_run *run) {
    memset(run, 0, sizeof *run);
    uint32_t character;
    bool new_group = true, plus = false;
    for (;;) {
        struct str before = *rest;
        if (!text_next(rest, &character)) {
            break;
        }
        char ch = number_character(character);
        if (ch >= '0' && ch <= '9') {
            run->plus = run->groups ? run->plus : plus;
            run_add(run, ch, new_group);
            new_group = false;
        } else if (run->groups && ch != ' ') {
            *rest = ch == '+' ? before : *rest;
            break;
        } else {
            plus = ch == '+' || (plus && ch == ' ');
            new_group = true;
        }
    }
    return run->groups > 0;
}

bool phone_parse(struct str text, struct phone *phone) {
    memset(phone, 0, sizeof *phone);
    struct str rest = str_slice(text_trim(text), 0, 512);
    enum phone_reason reason = rest.n ? PHONE_NO_NUMBER : PHONE_EMPTY;
    struct digit_run run;
    struct phone first = {0}; /* that is right; a mobile further on is worth more */
    while (take_run(&rest, &run)) {
        enum phone_reason found = try_run(&run, phone);
        if (found == PHONE_RIGHT && phone->kind == PHONE_MOBILE) {
            return true;
        }
        if (found == PHONE_RIGHT && first.kind == PHONE_NONE) {
            first = *phone;
        }
        reason = reason == PHONE_NO_NUMBER || run.starts[run.groups] >= 7 ? found : reason;
    }
    *phone = first;
    if (first.kind != PHONE_NONE) {
        return true;
    }
    phone->reason = reason;
    return false;
}

bool phone_is_shared(struct str digits) {
    bool service = digits.n == 10 &&
                   (str_starts(digits, STR("400")) || str_starts(digits, STR("800")));
    return service || str_starts(digits, STR("0"));
}

const char *phone_reason_text(enum phone_reason reason) {
    static const char *const texts[] = {NULL,           "phone.empty",  "phone.no_number",
                                        "phone.length", "phone.prefix", "phone.placeholder"};
    return texts[reason];
}

struct str phone_mask(struct arena *a, struct str number) {
    char *masked = arena_copy(a, number.p ? number.p : "", number.n);
    size_t kept = number.n > 7 ? 4 : number.n > 3 ? 2 : 0;
    size_t from = number.n >= kept + 4 && number.n > 7 ? number.n - kept - 4 : 0;
    for (size_t i = 0; i < number.n; i++) {
        bool digit = masked[i] >= '0' && masked[i] <= '9';
        if (!digit && masked[i] != '+' && masked[i] != '-' && masked[i] != ' ') {
            return STR("****");
        }
        if (i >= from && i < number.n - kept && digit) {
            masked[i] = '*';
        }
    }
    return (struct str){masked, number.n};
}
