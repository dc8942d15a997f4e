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

struct email email_parse(struct arena *a, struct str text) {
    struct email email = {EMAIL_SYNTAX, STR("")};
    struct str address = text_search_key(a, str_slice(text_trim(text), 0, 512));
    if (!address.n) {
        email.reason = EMAIL_EMPTY;
        return email;
    }
    address = str_starts(address, STR("mailto:")) ? str_slice(address, 7, address.n) : address;
    ptrdiff_t at = str_find_char(address, '@');
    if (at < 0 || address.n > 254) {
        return email;
    }
    struct str domain = str_slice(address, (size_t)at + 1, address.n);
    if (!local_valid(str_slice(address, 0, (size_t)at)) || !domain_valid(domain)) {
        return email;
    }
    if (is_disposable(domain)) {
        email.reason = EMAIL_DISPOSABLE;
        return email;
    }
    return (struct email){EMAIL_RIGHT, address};
}

const char *email_reason_text(enum email_reason reason) {
    static const char *const texts[] = {NULL, "email.empty", "email.syntax", "email.disposable"};
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
