/*
 * A request and its reply, as handlers see them.
 *
 * Everything lives in the arena of r->c. Handlers read parameters, call verbs, and write
 * the reply; when the context has failed by then, the reply is thrown away and the error
 * is sent as problem+json in the caller's language.
 */
#ifndef GUANTONG_HTTP_REQUEST_H
#define GUANTONG_HTTP_REQUEST_H

#include "base/context.h"
#include "base/json.h"

struct route;
struct server;

struct header {
    struct str name, value;
};

enum { REPLY_HEADERS = 16 };

struct reply {
    int status; /* 0 counts as 200, or 204 when nothing was written */
    struct str body;
    struct str mime; /* empty: application/json */
    struct header headers[REPLY_HEADERS];
    int n_headers;
    struct str file; /* path of a file to send instead of body; removed afterwards when temporary */
    bool file_temporary;
};

struct request {
    struct ctx *c;
    struct server *server;
    const struct route *route;
    void *state;            /* from prepare to handle */
    struct str path;        /* decoded, without the query */
    struct str body;        /* whole, bounded by the server's limit */
    struct str upload;      /* ROUTE_UPLOAD: path of the file part of a multipart body, or of the
                             * whole body; removed when the request ends unless upload_kept */
    struct str upload_name; /* the file name the client gave, empty when none */
    bool upload_kept;
    struct str client;  /* address, honouring trusted proxies */
    bool secure;        /* came over TLS to a trusted proxy */
    int64_t session_id; /* 0 for tokens and the public */
    int64_t token_id;   /* 0 for sessions and the public */
    struct reply reply;
    void *connection; /* the server's */
};

/* Path parameter {name}; empty when the route has none such. */
struct str request_path(const struct request *r, const char *name);
/* Path parameter as an id; ERROR_ABSENT when it is none. */
int64_t request_id(struct request *r, const char *name);
/* Query parameter, decoded; p = NULL when absent. */
struct str request_query(const struct request *r, const char *name);
/* The same, whatever the case of its letters: utm_source is also UTM_Source. */
struct str request_query_any_case(const struct request *r, const char *name);
int64_t request_query_int(struct request *r, const char *name, int64_t fallback);
bool request_query_bool(const struct request *r, const char *name);
/* Request header; p = NULL when absent. */
struct str request_header(const struct request *r, const char *name);
struct str request_cookie(const struct request *r, const char *name);
/* The body as a JSON object; NULL with ERROR_INVALID when it is none, or has members that its route
 * does not name. Parsed once. */
const struct json *request_json(struct request *r);
/* Field of an urlencoded or multipart form; p = NULL when absent. */
struct str request_form(struct request *r, const char *name);
/* Expected version from If-Match, 0 when the header is missing or "*". */
int64_t request_if_match(struct request *r);

void reply_header(struct request *r, const char *name, struct str value);
/* The status with what the writer wrote. A request that failed is answered by its error, whatever
 * was written. */
void reply_json(struct request *r, int status, const struct json_writer *w);
/* The answer {"data": [ … ]}. What stands beside the list is written after json_end_array; such an
 * answer is sent by reply_json. */
void reply_list_begin(struct json_writer *w);
void reply_list_end(struct request *r, struct json_writer *w);
void reply_text(struct request *r, int status, const char *mime, struct str body);
/* ETag "version" of a record. */
void reply_version(struct request *r, int64_t version);
void reply_redirect(struct request *r, struct str location);
void reply_file(struct request *r, const char *mime, struct str path, bool temporary);

/* Seconds to say in Retry-After of an error reply (which drops all other headers). */
void reply_retry_after(struct request *r, int seconds);

/* Error code and text → HTTP status, in one place. */
int error_status(const struct error *e);
/* application/problem+json of an error that is answered with that status. */
struct str error_problem(struct arena *a, enum language language, const struct error *e, int status,
                         struct str request_id);

#endif
