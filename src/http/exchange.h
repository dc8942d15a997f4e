/*
 * An exchange: one request, its reply, and what the server knows about both.
 *
 * Handlers see the struct request it begins with. The same steps serve a socket (server.c)
 * and server_dispatch: open, authorize, prepare, handle, finish. Everything lives in the
 * arena of the request's context.
 */
#ifndef GUANTONG_HTTP_EXCHANGE_H
#define GUANTONG_HTTP_EXCHANGE_H

#include "db/writer.h"
#include "http/form.h"
#include "http/router.h"
#include "http/server.h"
#include "http/target.h"

enum { EXCHANGE_HEADERS = 64, REQUEST_ID_LENGTH = 64 };

struct exchange {
    struct request request; /* first: a struct request * is a struct exchange * */
    const struct server_options *options;
    enum method method;
    struct target target;
    const struct header *headers;
    int n_headers;
    unsigned allowed; /* methods of the path, for 405 */
    struct form form;
    bool form_read;
    const struct json *json; /* of any kind */
    bool json_read;
    struct error json_error; /* why json is NULL */
    int retry_after;
    bool replayed;     /* the reply is that of an earlier request with the same key */
    bool prefer_index; /* no route: a page of the web client */
};

struct exchange *exchange_of(const struct request *r);

/*
 * Take target and headers, which must outlive the exchange, and find the route. What is
 * wrong with them fails the context; request.route is NULL when there is none.
 */
void exchange_open(struct exchange *x, const struct router *router, struct str target);

/* body.c: whether a body of that many bytes is within the limit of its route; else the context
 * fails. */
bool body_fits(const struct exchange *x, uint64_t length);

/* Who calls, and may he. Runs with a reading connection inside a snapshot. */
void exchange_authorize(struct exchange *x);

/* Read JSON and form bodies now, so that a handler that runs twice finds them read. */
void exchange_read_body(struct exchange *x);

/* Run the handler on an empty reply; in a transaction with its idempotency key when the
 * route is of the writer. */
void exchange_handle(struct exchange *x);

/* Make the reply ready to send: the error as a problem, the default status, 304. */
void exchange_finish(struct exchange *x);

#endif
