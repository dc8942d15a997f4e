/*
 * Delivery by SMTP (RFC 5321), over TLS from the start (465) or after STARTTLS (587), by libcurl.
 * A thread keeps its connection open for the next message; one that the server ended meanwhile is
 * opened anew.
 *
 * What the server says decides: 4xx and silence are tried again, 5xx are not. Between the last byte
 * of a message and the server's answer nobody can know whether it took it in: just before, whoever
 * sends is asked to note that (hand_over), and a silence after it is MAIL_UNSURE.
 */
#include <curl/curl.h>
#include <string.h>

#include "connector/mail.h"
#include "http/client_guard.h"

/* A large message has a second more for each SLOW_BYTES. */
enum {
    SLOW_BYTES = 64 * 1024,
    TIMEOUT_MS = 30000,
    CONNECT_MS = 10000,
    WORDS_MOST = 300,
    IDLE_S = 30
};

struct transfer {
    struct client_guard guard;
    struct str wire;
    size_t sent;
    const struct mail_message *message;
    bool handed;                /* the last of it went to the server */
    char words[WORDS_MOST + 1]; /* the server's last line */
};

static size_t wire_read(char *to, size_t size, size_t count, void *data) {
    struct transfer *x = data;
    size_t room = size * count, left = x->wire.n - x->sent;
    size_t n = left < room ? left : room;
    if (n == left && !x->handed) {
        const struct mail_message *m = x->message;
        if (m->hand_over && !m->hand_over(m->data)) {
            return CURL_READFUNC_ABORT;
        }
        x->handed = true;
    }
    memcpy(to, x->wire.p + x->sent, n);
    x->sent += n;
    return n;
}

static size_t line_take(char *bytes, size_t size, size_t count, void *data) {
    struct transfer *x = data;
    size_t n = size * count, kept = n < WORDS_MOST ? n : WORDS_MOST;
    memcpy(x->words, bytes, kept);
    x->words[kept] = 0;
    return n;
}

static size_t bytes_drop(char *bytes, size_t size, size_t count, void *data) {
    (void)bytes;
    (void)data;
    return size * count;
}

/* d.d{1,3}.d{1,3} behind the reply's three digits (RFC 3463). */
struct str mail_status(struct str words) {
    for (size_t i = 0; i + 4 < words.n; i++) {
        bool begins = (words.p[i] == '2' || words.p[i] == '4' || words.p[i] == '5') &&
                      words.p[i + 1] == '.' &&
                      (i == 0 || words.p[i - 1] == ' ' || words.p[i - 1] == '-' ||
                       words.p[i - 1] == '#');
        size_t end = i + 2, dots = 1;
        while (begins && end < words.n &&
               ((words.p[end] >= '0' && words.p[end] <= '9') || words.p[end] == '.')) {
            dots += words.p[end] == '.';
            end++;
        }
        if (begins && dots == 2 && words.p[end - 1] != '.' && end - i <= 9) {
            return str_slice(words, i, end);
        }
    }
    return STR("");
}

/* bounce+token@host of bounce@host, so that a bounce says of itself which mail it is about. */
static struct str envelope_sender(struct arena *a, const struct mail_account *account,
                                  struct str token) {
    struct str base = account->bounce_address.n ? account->bounce_address : account->from_address;
    ptrdiff_t at = str_find_char(base, '@');
    if (!account->bounce_address.n || !token.n || at < 0) {
        return base;
    }
    return str_format(a, "%.*s+%.*s%.*s", (int)at, base.p, STR_ARG(token),
                      (int)(base.n - (size_t)at), base.p + at);
}

static struct str domain_of(struct str address) {
    ptrdiff_t at = str_find_char(address, '@');
    return at < 0 ? STR("localhost") : str_slice(address, (size_t)at + 1, address.n);
}

static void account_set(CURL *h, struct arena *a, const struct mail_account *account) {
    bool tls = str_is(account->security, "tls");
    struct str domain = domain_of(account->from_address);
    struct str url = str_format(a, "%s://%.*s:%lld/%.*s", tls ? "smtps" : "smtp",
                                STR_ARG(account->host), (long long)account->port, STR_ARG(domain));
    curl_easy_setopt(h, CURLOPT_URL, url.p);
    curl_easy_setopt(h, CURLOPT_USE_SSL,
                     str_is(account->security, "none") ? (long)CURLUSESSL_NONE
                                                       : (long)CURLUSESSL_ALL);
    if (account->username.n) {
        curl_easy_setopt(h, CURLOPT_USERNAME, str_to_c(a, account->username));
        curl_easy_setopt(h, CURLOPT_PASSWORD, str_to_c(a, account->password));
    }
    if (account->authority.n) {
        struct curl_blob blob = {.data = str_to_c(a, account->authority),
                                 .len = account->authority.n,
                                 .flags = CURL_BLOB_COPY};
        curl_easy_setopt(h, CURLOPT_CAINFO_BLOB, &blob);
    }
}

static struct curl_slist *receivers_add(struct arena *a, struct curl_slist *to, struct str list) {
    struct str one;
    while (list.n && str_cut(&list, ',', &one)) {
        to = curl_slist_append(to, str_to_c(a, str_trim(one)));
    }
    return to;
}

static struct mail_result result_of(struct arena *a, CURL *h, const struct transfer *x,
                                    CURLcode code) {
    long status = 0;
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    struct str words = str_trim(str_copy(a, str_from(x->words)));
    struct mail_result r = {.code = (int)status, .status = mail_status(words), .why = words};
    if (code == CURLE_OK) {
        r.outcome = MAIL_ACCEPTED;
    } else if (x->guard.refused && !x->guard.opened) {
        r.outcome = MAIL_MISTAKEN;
        r.why = STR("the address is not public");
    } else if (code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED ||
               code == CURLE_PEER_FAILED_VERIFICATION) {
        r.outcome = MAIL_MISTAKEN;
        if (code != CURLE_LOGIN_DENIED || status < 400) {
            r.why = str_copy(a, str_from(curl_easy_strerror(code)));
        }
    } else if (x->handed && status < 400) {
        r.outcome = MAIL_UNSURE;
        r.why = str_copy(a, str_from(curl_easy_strerror(code)));
    } else if (status >= 500 && status < 600) {
        r.outcome = MAIL_REJECTED;
    } else {
        r.outcome = MAIL_TEMPORARY;
        if (status < 400) {
            r.why = str_copy(a, str_from(curl_easy_strerror(code)));
        }
    }
    return r;
}

/* A server ends a connection that was idle, with 421 or without a word, and that is heard only with
 * the next message: of a kept connection this says nothing about the message, unless all of it was
 * handed over. */
static CURLcode perform(CURL *h, struct transfer *x) {
    long opened = 1, status = 0;
    CURLcode code = curl_easy_perform(h);
    curl_easy_getinfo(h, CURLINFO_NUM_CONNECTS, &opened);
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK || opened || x->handed || (status >= 400 && status != 421)) {
        return code;
    }
    x->sent = 0;
    x->words[0] = 0;
    curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
    return curl_easy_perform(h);
}

struct mail_result mail_deliver(struct arena *a, const struct mail_account *account,
                                const struct mail_message *m) {
    struct transfer x = {
        .wire = dkim_signed(a, account->keys, account->n_keys, mail_compose(a, account, m), m->at),
        .message = m};
    CURL *h = client_handle();
    if (!h || !client_host_open(a, account->host, &x.guard)) {
        return (struct mail_result){.outcome = MAIL_MISTAKEN,
                                    .why = STR("the address is not public")};
    }
    client_guard_set(h, &x.guard, "smtp,smtps");
    account_set(h, a, account);
    struct str sender = envelope_sender(a, account, m->bounce_token);
    struct curl_slist *to = curl_slist_append(NULL, str_to_c(a, m->to_address));
    to = receivers_add(a, receivers_add(a, to, m->others), m->copies);
    curl_easy_setopt(h, CURLOPT_MAIL_FROM, str_to_c(a, sender));
    curl_easy_setopt(h, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(h, CURLOPT_READFUNCTION, wire_read);
    curl_easy_setopt(h, CURLOPT_READDATA, &x);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, line_take);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, &x);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, bytes_drop);
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)(TIMEOUT_MS + x.wire.n / SLOW_BYTES * 1000));
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(h, CURLOPT_MAXAGE_CONN, (long)IDLE_S);
    struct mail_result r = result_of(a, h, &x, perform(h, &x));
    curl_easy_reset(h);
    curl_slist_free_all(to);
    return r;
}
