/*
 * Routes: what the server answers to, as constants.
 *
 * A route states method, path, permission, lane and handler. The dispatcher checks the
 * session and the permission before the handler runs; a route without permission or lane
 * stops the program at start. The lane says where the handler runs:
 *
 *   inline  on the network thread, for cheap bounded reads; stopped after a time budget
 *   slow    on a small pool of its own: reports, exports, scans, rendering
 *   writer  inside a transaction of the writer; may be run again, so it only writes to the
 *           database and to the reply. Prepare (optional) runs before it is queued, on the
 *           slow pool and outside the transaction: hashing, parsing, rendering; on the network
 *           thread when the route says that it is brief.
 *
 * On the inline and slow lanes the context has a reading connection with a snapshot.
 *
 * A shape says what a query, a body or an answer looks like:
 *
 *   "owner_id:id?! reason:text"  members of an object: ? may be null, ! is always there
 *   text integer number boolean id instant date money object any
 *   [text]  a list   (id:id! name:text)  an object inside   @lead  a record   @  one of {plural}
 *   "@"     a type alone is the whole     "text/csv"  with a slash: no JSON but that
 */
#ifndef GUANTONG_HTTP_ROUTE_H
#define GUANTONG_HTTP_ROUTE_H

#include "http/request.h"

enum route_lane { LANE_INLINE = 1, LANE_SLOW, LANE_WRITER };

enum method { METHOD_GET = 1, METHOD_POST, METHOD_PUT, METHOD_PATCH, METHOD_DELETE };

/* Permissions besides the codes of modules ("lead:read", "settings:manage"): */
#define PERMISSION_PUBLIC "public"       /* nobody is asked who they are */
#define PERMISSION_SIGNED_IN "signed_in" /* any user or token */
#define PERMISSION_RECORD "record" /* the handler's record verbs check the rights of {plural} */

enum route_flags {
    ROUTE_HIDDEN = 1,         /* not in OpenAPI: pages, assets */
    ROUTE_STREAM = 2,         /* the handler takes over the connection (SSE) */
    ROUTE_UPLOAD = 4,         /* body may be as large as an import file, spooled to disk */
    ROUTE_NO_CSRF = 8,        /* public form posts */
    ROUTE_PLAIN_ERRORS = 16,  /* errors as a small HTML page, for public pages */
    ROUTE_NO_DATABASE = 32,   /* c->db is NULL and nobody is asked who calls */
    ROUTE_SECRET = 64,        /* the reply holds a secret: never kept for Idempotency-Key */
    ROUTE_PREPARE_HERE = 128, /* prepare is brief and needs no database: on the network thread */
    ROUTE_RAW_BODY = 256      /* the handler reads the body, also one that is not what it says */
};

struct route {
    enum method method;
    const char *path; /* "/api/v1/leads/{id}/convert"; NULL ends a list. A literal segment
                       * wins over {name} */
    const char *permission;
    enum route_lane lane;
    void (*handle)(struct request *r);
    void (*prepare)(struct request *r); /* writer lane only; NULL when there is nothing to do */
    unsigned flags;
    const char *summary; /* text code for OpenAPI and help, "route.lead_convert" */
    /* Shapes, for OpenAPI; NULL when there is none. An answer may begin with its status, which
     * otherwise is 200, or 204 without an answer. */
    const char *query, *body, *answer;
    size_t upload_most; /* bytes of a ROUTE_UPLOAD body; 0: the server's limit */
};

#endif
