/*
 * Who calls: a session cookie or a bearer token becomes the context's actor.
 *
 * A token acts for its user and never has more rights: with scopes it has those of the user's
 * permissions and record types that they name, and a read-only token has every changing action
 * taken away.
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

static bool scope_named(struct ctx *c, struct str scopes, const struct entity *e,
                        const char *verb) {
    struct str scope = str_format(c->arena, "%.*s:%s", STR_ARG(e->plural), verb);
    return str_lists(scopes, ' ', scope);
}

/* With scopes only the record types they name: "leads:read", or "leads:write" for all the user may
 * do with leads. */
static const struct entity_rights *rights_within(struct ctx *c, const struct actor *a,
                                                 const struct caller *caller) {
    struct entity_rights *rights = ARENA_NEW_ARRAY(c->arena, (size_t)a->n_entities,
                                                   struct entity_rights);
    for (int i = 0; i < a->n_entities; i++) {
        const struct entity *e = &c->model->entities[i];
        const struct entity_rights *own = &a->entities[i];
        bool all = !caller->scopes.n || scope_named(c, caller->scopes, e, "write");
        bool reads = all || scope_named(c, caller->scopes, e, "read");
        rights[i].fields = own->fields;
        if (all && !caller->read_only) {
            rights[i] = *own;
        } else if (reads) {
            rights[i].scope[ACTION_READ] = own->scope[ACTION_READ];
            rights[i].scope[ACTION_EXPORT] = own->scope[ACTION_EXPORT];
        }
    }
    return rights;
}

bool api_scope_known(struct ctx *c, struct str scope) {
    bool known = false;
    for (size_t i = 0; c->actor->permissions[i]; i++) {
        known |= str_equal(scope, str_from(c->actor->permissions[i]));
    }
    for (int i = 0; i < c->model->n_entities && !known; i++) {
        const struct entity *e = &c->model->entities[i];
        known = scope_named(c, scope, e, "read") || scope_named(c, scope, e, "write");
    }
    return known;
}

static const struct actor *narrowed(struct ctx *c, const struct actor *a,
                                    const struct caller *caller) {
    struct actor *n = ARENA_NEW(c->arena, struct actor);
    *n = *a;
    n->token_id = caller->token_id;
    n->read_only = caller->read_only;
    n->permissions = permissions_within(c, a, caller->scopes);
    if (caller->read_only || caller->scopes.n) {
        n->entities = rights_within(c, a, caller);
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
