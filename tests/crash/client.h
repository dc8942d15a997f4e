/*
 * A client of the program that does not give up: what a careful caller does in production.
 *
 * A request that gets no answer, or one that says "later", is sent again, with the same
 * Idempotency-Key, to the next of the addresses, until it is answered. A refusal is a defect of
 * the harness or of the program: it is said, and the process ends with status 3.
 */
#ifndef GUANTONG_TESTS_CLIENT_H
#define GUANTONG_TESTS_CLIENT_H

#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { ID_TEXT = 32 };

/* Addresses, divided by commas, and the token of all clients. */
bool clients_start(const char *bases, const char *token);

struct client {
    CURL *curl;
    unsigned base; /* which of the addresses is asked first */
    long status;
    char *body; /* the answer */
    size_t n;
};

struct ask {
    const char *method, *path; /* below /api/v1 */
    const char *body;          /* NULL: none */
    const char *type;          /* NULL: JSON */
    const char *key;           /* Idempotency-Key; NULL: none */
    const char *from;          /* the address a trusted proxy names; NULL: none */
};

void client_open(struct client *k, unsigned number);
void client_close(struct client *k);
/* The answer to a request that must succeed, parsed; to be given back with json_decref. */
json_t *client_ask(struct client *k, const struct ask *a);
/* A member that is a text; ends the process when there is none. */
const char *client_text(const json_t *answer, const char *key);

#endif
