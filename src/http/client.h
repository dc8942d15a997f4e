/*
 * The one client for all outgoing calls.
 *
 * Addresses of calls come from users (webhooks, connectors), so each is guarded: only http
 * and https, no credentials in the URL, no redirects, no proxy from the environment, and the
 * address the name resolves to must be public. It is checked when the socket is opened, on the
 * very address it connects to; so a name that changes its answer gains nothing. Certificates
 * are verified. Time and size of an answer are bounded.
 *
 * Connections are kept open and used again by the same thread.
 */
#ifndef GUANTONG_HTTP_CLIENT_H
#define GUANTONG_HTTP_CLIENT_H

#include "base/arena.h"
#include "base/str.h"

enum { CLIENT_TIMEOUT_MS = 10000, CLIENT_TIMEOUT_MOST_MS = 30000, CLIENT_ANSWER_MAX = 1 << 20 };

struct client_header {
    const char *name;
    struct str value;
};

struct client_request {
    const char *method; /* NULL: GET, or POST when there is a body */
    struct str url;
    const struct client_header *headers;
    size_t n_headers;
    struct str body;
    int64_t timeout_ms; /* of the whole call; 0: CLIENT_TIMEOUT_MS; CLIENT_TIMEOUT_MOST_MS holds */
    size_t answer_max;  /* bytes of the body; 0: CLIENT_ANSWER_MAX */
};

enum client_outcome {
    CLIENT_ANSWERED,   /* with any status */
    CLIENT_REFUSED,    /* by the guard: wrong URL, private address. Another try is of no use */
    CLIENT_UNREACHABLE /* no complete answer: name, connection, certificate, time, size */
};

struct client_answer {
    enum client_outcome outcome;
    int status; /* 200 …; 0 without an answer */
    struct str content_type, body;
    struct str why; /* for the operator, in English, without the URL; empty when answered */
};

/* Make the call; everything of the answer is in the arena. */
struct client_answer client_call(struct arena *a, const struct client_request *request);

/* Whether a URL may be stored as a receiver: well-formed, http(s), a host, no credentials, and
 * not plainly a private address. (What its name resolves to is checked at each call.) */
bool client_url_valid(struct str url);

/* Names or addresses of hosts, separated by commas, that may be private: receivers in the
 * company's own network, and tests. Set once at start; the text must live on. */
void client_allow_private(struct str hosts);

#endif
