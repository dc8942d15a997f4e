#include "base/email.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Well-known services of throw-away addresses, sorted; their subdomains count too. */
static const char *const disposable_domains[] = {
    "0-mail.com",
    "10minutemail.com",
    "10minutemail.net",
    "20minutemail.com",
    "33mail.com",
    "anonaddy.me",
    "burnermail.io",
    "discard.email",
    "discardmail.com",
    "dispostable.com",
    "dropmail.me",
    "emailondeck.com",
    "fakeinbox.com",
    "fakemail.net",
    "getairmail.com",
    "getnada.com",
    "grr.la",
    "guerrillamail.biz",
    "guerrillamail.com",
    "guerrillamail.de",
    "guerrillamail.info",
    "guerrillamail.net",
    "guerrillamail.org",
    "guerrillamailblock.com",
    "harakirimail.com",
    "inboxbear.com",
    "inboxkitten.com",
    "jetable.org",
    "linshiyou.com",
    "linshiyouxiang.net",
    "mail-temp.com",
    "mail.tm",
    "mailcatch.com",
    "maildrop.cc",
    "mailexpire.com",
    "mailinator.com",
    "mailinator.net",
    "mailnesia.com",
    "mailnull.com",
    "mailpoof.com",
    "mailsac.com",
    "mailtemp.net",
    "meltmail.com",
    "mintemail.com",
    "minuteinbox.com",
    "moakt.com",
    "mohmal.com",
    "mytemp.email",
    "mytrashmail.com",
    "nada.email",
    "pokemail.net",
    "sharklasers.com",
    "spam4.me",
    "spambox.us",
    "spamex.com",
    "spamgourmet.com",
    "temp-mail.io",
    "temp-mail.org",
    "tempail.com",
    "tempinbox.com",
    "tempmail.com",
    "tempmail.dev",
    "tempmail.net",
    "tempmailo.com",
    "tempr.email",
    "throwawaymail.com",
    "trash-mail.com",
    "trashmail.com",
    "trashmail.de",
    "trashmail.net",
    "trbvm.com",
    "wegwerfmail.de",
    "yopmail.com",
    "yopmail.fr",
    "yopmail.net",
};

static int domain_order(const void *key, const void *entry) {
    return str_compare(*(const struct str *)key, str_from(*(const char *const *)entry));
}

static bool is_disposable(struct str domain) {
    struct str label;
    while (domain.n) {
        if (bsearch(&domain, disposable_domains,
                    sizeof disposable_domains / sizeof *disposable_domains,
                    sizeof *disposable_domains, domain_order)) {
            return true;
        }
        if (!str_cut(&domain, '.', &label)) {
            break;
        }
    }
    return false;
}

static bool is_alphanumeric(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9');
}

/* Atoms of RFC 5322 between single dots, at most 64 bytes. */
static bool local_valid(struct str local) {
    if (!local.n || local.n > 64) {
        return false;
    }
    bool dot = true;
    for (size_t i = 0; i < local.n; i++) {
        char ch = local.p[i];
        bool atom = is_alphanumeric(ch) || (ch && strchr("!#$%&'*+/=?^_`{|}~-", ch));
        if (!atom && (ch != '.' || dot)) {
            return false;
        }
        dot = ch == '.';
    }
    return !dot;
}

static bool label_valid(struct str label) {
    if (!label.n || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.n; i++) {
        if (!is_alphanumeric(label.p[i]) && label.p[i] != '-') {
            return false;
        }
    }
    return true;
}

/* At least two labels; the last has letters, so that 10.0.0.1 is none. */
static bool domain_valid(struct str domain) {
    struct str rest = domain, label = {NULL, 0};
    size_t labels = 0;
    if (domain.n > 253) {
        return false;
    }
    while (str_cut(&rest, '.', &label)) {
        if (!label_valid(label)) {
            return false;
        }
        labels++;
    }
    return labels >= 2 && label.n >= 2 && label.p[0] >= 'a';
}

/* 123456, 1111111: what fingers find first. */
static bool is_run_of_digits(struct str s) {
    bool same = s.n >= 3, rising = same;
    for (size_t i = 0; i < s.n; i++) {
        bool digit = s.p[i] >= '0' && s.p[i] <= '9';
        same = same && digit && s.p[i] == s.p[0];
        rising = rising && digit && s.p[i] == (char)('1' + i % 10);
    }
    return same || rising;
}

/* test@ of whomever, 123456@ of a service whose users are numbers, abc@abc.com. */
static bool is_placeholder(struct str local, struct str domain) {
    static const char *const nobody[] = {"test",     "test1", "test123", "testtest",
                                         "asdf",     "qwer",  "noemail", "nomail",
                                         "no-email", "none",  "null",    NULL};
    static const char *const echoed[] = {"a",       "aa",   "aaa",  "abc",  "b",
                                         "x",       "xx",   "xxx",  "qwe",  "email",
                                         "example", "mail", "name", "user", NULL};
    static const char *const numbered[] = {"qq.com", "163.com", "126.com", "139.com", NULL};
    struct str rest = domain, label;
    str_cut(&rest, '.', &label);
    bool digits = is_run_of_digits(local);
    return str_among(nobody, local) || (digits && str_among(numbered, domain)) ||
           (str_equal(local, label) && (digits || str_among(echoed, local)));
}

/* A bare address, in small letters. */
static struct email address_parse(struct str address) {
    struct email email = {EMAIL_SYNTAX, STR("")};
    ptrdiff_t at = str_find_char(address, '@');
    if (at < 0 || address.n > 254) {
        return email;
    }
    struct str local = str_slice(address, 0, (size_t)at);
    struct str domain = str_slice(address, (size_t)at + 1, address.n);
    if (!local_valid(local) || !domain_valid(domain)) {
        return email;
    }
    if (is_placeholder(local, domain)) {
        email.reason = EMAIL_PLACEHOLDER;
        return email;
    }
    if (is_disposable(domain)) {
        email.reason = EMAIL_DISPOSABLE;
        return email;
    }
    return (struct email){EMAIL_RIGHT, address};
}

/* What address books put around an address: Li Lei <li@y.cn>, "li@y.cn", mailto:li@y.cn, and the
 * full stop of a sentence behind it. */
static struct str address_bared(struct str s) {
    ptrdiff_t open = str_find_char(s, '<');
    if (open >= 0 && s.p[s.n - 1] == '>') {
        s = str_slice(s, (size_t)open + 1, s.n - 1);
    }
    while (s.n > 1 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0]) {
        s = str_slice(s, 1, s.n - 1);
    }
    s = str_starts(s, STR("mailto:")) ? str_slice(s, 7, s.n) : s;
    bool full_stop = str_ends(s, STR(".")) && !str_ends(s, STR(".."));
    return str_trim(str_slice(s, 0, s.n - full_stop));
}

/* The next of several addresses; a search key has made half-width marks of the full-width ones. */
static bool cut_address(struct str *rest, struct str *one) {
    static const char *const marks[] = {";", ",", "、", "。"};
    size_t end = rest->n, behind = rest->n;
    for (size_t i = 0; rest->n && i < sizeof marks / sizeof *marks; i++) {
        ptrdiff_t at = str_find(*rest, str_from(marks[i]));
        if (at >= 0 && (size_t)at < end) {
            end = (size_t)at;
            behind = end + strlen(marks[i]);
        }
    }
    bool found = rest->n > 0;
    *one = str_slice(*rest, 0, end);
    *rest = str_slice(*rest, behind, rest->n);
    return found;
}

/* li @ 163.com: without the blanks about the mark. */
static struct str blanks_mended(struct arena *a, struct str s) {
    ptrdiff_t at = str_find_char(s, '@');
    struct str before = str_slice(s, 0, at < 0 ? 0 : (size_t)at);
    struct str behind = str_slice(s, at < 0 ? 0 : (size_t)at + 1, s.n);
    bool blank = str_ends(before, STR(" ")) || str_starts(behind, STR(" "));
    return at < 0 || !blank
               ? s
               : str_format(a, "%.*s@%.*s", STR_ARG(str_trim(before)), STR_ARG(str_trim(behind)));
}

/* li@163。com: the full stop of a Chinese keyboard, in a domain that has no dot yet. */
static struct str stop_mended(struct arena *a, struct str s) {
    ptrdiff_t at = str_find_char(s, '@'), stop = str_find(s, STR("。"));
    if (at < 0 || stop < at) {
        return s;
    }
    struct str domain = str_slice(s, (size_t)at + 1, (size_t)stop);
    struct str behind = str_slice(s, (size_t)stop + strlen("。"), s.n);
    bool inside = str_find_char(domain, '.') < 0 && behind.n && is_alphanumeric(behind.p[0]);
    return inside ? str_format(a, "%.*s.%.*s", (int)stop, s.p, STR_ARG(behind)) : s;
}

struct email email_parse(struct arena *a, struct str text) {
    struct email best = {EMAIL_EMPTY, STR("")};
    struct str rest = text_search_key(a, str_slice(text_trim(text), 0, 512)), one;
    rest = stop_mended(a, blanks_mended(a, rest));
    while (cut_address(&rest, &one)) {
        one = str_trim(one);
        struct email email = one.n ? address_parse(address_bared(one)) : best;
        if (email.reason == EMAIL_SYNTAX) {
            return email; /* a mark within an address, and not between two */
        }
        best = best.reason == EMAIL_RIGHT ? best : email;
    }
    return text_trim(text).n && best.reason == EMAIL_EMPTY ? (struct email){EMAIL_SYNTAX, STR("")}
                                                           : best;
}

const char *email_reason_text(enum email_reason reason) {
    static const char *const texts[] = {NULL, "email.empty", "email.syntax", "email.disposable",
                                        "email.placeholder"};
    return texts[reason];
}

struct str email_mask(struct arena *a, struct str address) {
    ptrdiff_t at = str_find_char(address, '@');
    if (at <= 0) {
        return STR("****");
    }
    struct str local = str_slice(address, 0, (size_t)at);
    struct str first = text_truncate(local, 1);
    size_t last = local.n - 1; /* where the last character begins */
    while (last > 0 && ((unsigned char)local.p[last] & 0xC0) == 0x80) {
        last--;
    }
    struct str end = text_length(local) > 2 ? str_slice(local, last, local.n) : STR("");
    return str_format(a, "%.*s****%.*s%.*s", STR_ARG(first), STR_ARG(end),
                      (int)(address.n - local.n), address.p + local.n);
}
