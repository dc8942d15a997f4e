/*
 * Sessions and tokens: how a caller proves who they are.
 *
 * A browser has a session: a random secret in an HttpOnly cookie, of which the database
 * keeps the SHA-256. A program has a token with a name, an end, and scopes that narrow
 * the permissions of the user it acts for. Neither secret can be read back.
 */
#ifndef GUANTONG_ORGANIZATION_SESSION_H
#define GUANTONG_ORGANIZATION_SESSION_H

#include "entity/access.h"

enum { SESSION_SECRET = 32 }; /* bytes of randomness */

struct caller {
    int64_t session_id, token_id; /* one of them, or neither */
    int64_t user_id;
    enum language language;
    bool read_only;    /* a token that may only read */
    struct str scopes; /* of a token: permission codes separated by blanks; empty: all */
    int64_t organization_version;
    int64_t expires_at; /* 0: never */
};

/* Start a session; the secret for the cookie. hours without use end it. */
struct str session_start(struct ctx *c, int64_t user_id, int64_t hours, struct str client);
void session_end(struct ctx *c, int64_t session_id);
/* Who calls with this cookie or bearer secret; user_id 0 when it is none or has ended. */
struct caller session_find(struct ctx *c, struct str secret);
struct caller token_find(struct ctx *c, struct str secret);
/* Move the session's end when less than half of its time is left: true when it should be. */
bool session_stale(struct ctx *c, int64_t session_id, int64_t hours);
void session_touch(struct ctx *c, int64_t session_id, int64_t hours);

/* What a token is for and may do. expires_at 0: never. */
struct token_grant {
    struct str name, scopes;
    bool read_only;
    int64_t expires_at;
};

/* A new token for the user; the secret, shown once. */
struct str token_create(struct ctx *c, int64_t user_id, const struct token_grant *grant);
void token_revoke(struct ctx *c, int64_t token_id, int64_t user_id);
/* The user's tokens as a JSON array, without secrets. */
void token_list_json(struct ctx *c, struct json_writer *w, int64_t user_id);

#endif
