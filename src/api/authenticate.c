/*
 * Who calls: a session cookie or a bearer token becomes the context's actor.
 *
 * A token acts for its user and never has more rights: its scopes narrow the user's
 * permissions, and a read-only token has every changing action taken away.
 */
#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "entity/access.h"
#include "http/rate_limit.h"
#include "organization/actor.h"
#include "organization/session.h"

#define BEARER STR("Bearer ")

static const char *const *permissions_within(struct ctx *c, const struct actor *a,
                                             struct str scopes) {
    size_t n = 0, kept = 0;
    while (a->permissions[n]) {
        n++;
    }
    const char **within = ARENA_NEW_ARRAY(c->arena, n + 1, const char *);
    for (size_t i = 0; i < n; i++) {
        if (!scopes.n || str_lists(scopes, ' ', str_from(a->permissions[i]))) {
            within[kept++] = a->permissions[i];
        }
    }
    return within;
}

static const struct entity_rights *rights_to_read(struct ctx *c, const struct actor *a) {
    struct entity_rights *rights = ARENA_NEW_ARRAY(c->arena, (size_t)a->n_entities,
                                                   struct entity_rights);
    for (int i = 0; i < a->n_entities; i++) {
        rights[i].fields = a->entities[i].fields;
        rights[i].scope[ACTION_READ] = a->entities[i].scope[ACTION_READ];
        rights[i].scope[ACTION_EXPORT] = a->entities[i].scope[ACTION_EXPORT];
    }
    return rights;
}

static const struct actor *narrowed(struct ctx *c, const struct actor *a,
                                    const struct caller *caller) {
    struct actor *n = ARENA_NEW(c->arena, struct actor);
    *n = *a;
    n->token_id = caller->token_id;
    n->read_only = caller->read_only;
    n->permissions = permissions_within(c, a, caller->scopes);
    if (caller->read_only) {
        n->entities = rights_to_read(c, a);
    }
    return n;
}

static struct caller find_caller(struct request *r) {
    struct str bearer = request_header(r, "Authorization");
    struct str cookie = request_cookie(r, "guantong_session");
    /* The word in any case, and blanks behind it (RFC 9110, 11.1 and 11.4). */
    if (bearer.n > BEARER.n && strncasecmp(bearer.p, BEARER.p, BEARER.n) == 0) {
        return token_find(r->c, str_trim(str_slice(bearer, BEARER.n, bearer.n)));
    }
    return cookie.n ? session_find(r->c, cookie) : (struct caller){0};
}

static struct rate_limit by_caller = {.name = "caller"};

void api_requests_per_minute(int most) {
    by_caller.burst = by_caller.per_minute = most;
}

/* Tokens and the user who signs in count apart: a program gone wild does not lock its user out. */
static void check_pace(struct request *r, const struct caller *caller) {
    int64_t id = caller->token_id ? caller->token_id : caller->user_id;
    if (by_caller.per_minute > 0) {
        request_rate_limit(r, &by_caller, (struct str){(const char *)&id, sizeof id});
    }
}

void api_authenticate(struct request *r) {
    struct ctx *c = r->c;
    struct caller caller = find_caller(r);
    if (!caller.user_id) {
        return;
    }
    const struct actor *actor = actor_resolve(c, caller.user_id, caller.organization_version);
    if (!actor) {
        return;
    }
    r->session_id = caller.session_id;
    r->token_id = caller.token_id;
    c->language = caller.language;
    c->actor = caller.token_id ? narrowed(c, actor, &caller) : actor;
    check_pace(r, &caller);
}

bool api_permit(struct ctx *c, const char *permission) {
    if (strcmp(permission, PERMISSION_PUBLIC) == 0) {
        return true;
    }
    if (!c->actor) {
        return false;
    }
    if (strcmp(permission, PERMISSION_SIGNED_IN) == 0 ||
        strcmp(permission, PERMISSION_RECORD) == 0) {
        return true;
    }
    return access_permitted(c->actor, permission);
}
