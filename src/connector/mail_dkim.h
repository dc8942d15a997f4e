/*
 * DKIM (RFC 6376, RFC 8463): outgoing mail signed in the name of the sender's domain, by
 * rsa-sha256 and ed25519-sha256, both halves canonicalised "relaxed".
 *
 * Keys are made here and never leave: the private half is kept sealed, the public one is a TXT
 * record for the domain's DNS. A key signs once it is switched on; with one of each kind a mail
 * has two signatures, and receivers take the one they know.
 */
#ifndef GUANTONG_CONNECTOR_MAIL_DKIM_H
#define GUANTONG_CONNECTOR_MAIL_DKIM_H

#include "base/context.h"

enum { DKIM_KEYS = 2 };

struct dkim_key {
    struct str domain, selector;
    bool ed25519;       /* else RSA */
    struct str private; /* PEM */
};

/* The keys that sign for the domain of this address, at most DKIM_KEYS. */
size_t dkim_keys(struct ctx *c, struct str address, struct dkim_key keys[DKIM_KEYS]);

/* The message as it goes over the wire, with a signature of each key before its head. A key that
 * cannot be read adds none. at: ms. */
struct str dkim_signed(struct arena *a, const struct dkim_key *keys, size_t n, struct str wire,
                       int64_t at);

/* A new pair: the private half as PEM, the public one as it stands in p= of the record. False when
 * the library cannot. */
bool dkim_make(struct arena *a, bool ed25519, struct str *private, struct str *public);

/* The body, "relaxed" (RFC 6376, 3.4.4); one header field as it stands, "relaxed" (3.4.2). */
struct str dkim_body(struct arena *a, struct str body);
struct str dkim_header(struct arena *a, struct str field);

/* TXT records of a name, asked of the system's resolver or of the server set. */
enum dns_outcome { DNS_FOUND, DNS_NONE, DNS_UNREACHABLE };
enum { DNS_TEXTS = 10 };
struct dns_texts {
    enum dns_outcome outcome;
    struct str texts[DNS_TEXTS];
    size_t n;
};
struct dns_texts dns_texts(struct arena *a, struct str name);
/* Those of an answer as it came over the wire; what is none has none. */
struct dns_texts dns_answer(struct arena *a, struct str wire);
/* Set once at start; empty: the system's. */
void dns_server(struct str server);

#endif
