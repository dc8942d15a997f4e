/* TXT records, by the resolver of the C library: a question, a few seconds, an answer or none. */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

#include "connector/mail_dkim.h"

static struct str own_server;

void dns_server(struct str server) {
    own_server = server;
}

enum { ANSWER_MOST = 8192, SECONDS = 2, TRIES = 2 };

/* "127.0.0.1:5353" instead of the system's servers. */
static void server_set(struct arena *a, res_state state, struct str server) {
    int64_t port = 53;
    ptrdiff_t colon = str_find_char(server, ':');
    struct sockaddr_in at = {.sin_family = AF_INET};
    struct str host = colon < 0 ? server : str_slice(server, 0, (size_t)colon);
    if (colon >= 0) {
        str_to_int(str_slice(server, (size_t)colon + 1, server.n), &port);
    }
    if (inet_pton(AF_INET, str_to_c(a, host), &at.sin_addr) == 1) {
        at.sin_port = htons((uint16_t)port);
        state->nsaddr_list[0] = at;
        state->nscount = 1;
    }
}

/* A record's character strings, joined (RFC 7208, 3.3). */
static struct str text_of(struct arena *a, const unsigned char *data, size_t n) {
    struct text_buffer out = {.arena = a};
    for (size_t i = 0; i < n && i + 1 + data[i] <= n; i += 1 + (size_t)data[i]) {
        text_add(&out, (struct str){(const char *)data + i + 1, data[i]});
    }
    return text_str(&out);
}

struct dns_texts dns_answer(struct arena *a, struct str wire) {
    struct dns_texts t = {.outcome = DNS_NONE};
    ns_msg message;
    ns_rr record;
    if (ns_initparse((const unsigned char *)wire.p, (int)wire.n, &message) != 0) {
        return t;
    }
    for (int i = 0; i < ns_msg_count(message, ns_s_an) && t.n < DNS_TEXTS; i++) {
        if (ns_parserr(&message, ns_s_an, i, &record) == 0 && ns_rr_type(record) == ns_t_txt) {
            t.texts[t.n++] = text_of(a, ns_rr_rdata(record), ns_rr_rdlen(record));
            t.outcome = DNS_FOUND;
        }
    }
    return t;
}

struct dns_texts dns_texts(struct arena *a, struct str name) {
    struct dns_texts found = {.outcome = DNS_UNREACHABLE};
    struct __res_state state = {0};
    unsigned char answer[ANSWER_MOST];
    if (res_ninit(&state) != 0) {
        return found;
    }
    state.retrans = SECONDS;
    state.retry = TRIES;
    if (own_server.n) {
        server_set(a, &state, own_server);
    }
    int n = res_nquery(&state, str_to_c(a, name), ns_c_in, ns_t_txt, answer, sizeof answer);
    if (n > 0) {
        size_t length = (size_t)n < sizeof answer ? (size_t)n : sizeof answer;
        found = dns_answer(a, (struct str){(const char *)answer, length});
    } else if (state.res_h_errno == HOST_NOT_FOUND || state.res_h_errno == NO_DATA) {
        found.outcome = DNS_NONE;
    }
    res_nclose(&state);
    return found;
}
