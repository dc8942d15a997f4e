#include "entity/access.h"

#include <stdlib.h>
#include <string.h>

#include "entity/opening.h"
#include "entity/share.h"

const struct actor actor_system = {.system = true};

bool id_set_has(struct id_set set, int64_t id) {
    size_t low = 0, high = set.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set.ids[middle] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < set.n && set.ids[low] == id;
}

int64_t access_user_id(const struct actor *a) {
    return a ? a->user_id : 0;
}

static bool reads_only(enum action action) {
    return action == ACTION_READ || action == ACTION_EXPORT;
}

/* What both scopes hold, or less. */
static enum scope narrower(enum scope a, enum scope b) {
    bool crossed = (a == SCOPE_TEAM && b == SCOPE_TREE) || (a == SCOPE_TREE && b == SCOPE_TEAM);
    return crossed ? SCOPE_OWN : a < b ? a : b;
}

/* Whether the actor's rights speak of this type. Standard types and fields stand at the same
 * place in every model; those of the company only in the model the actor was resolved from. */
static bool known_to(const struct actor *a, const struct entity *e) {
    bool same_model = a->model_version == e->model_version;
    return e->position < a->n_entities && (same_model || !(e->flags & ENTITY_CUSTOM));
}

bool access_cloud_on(const struct actor *a, struct str cloud) {
    return !a->clouds_off.n || !str_lists(a->clouds_off, ' ', cloud);
}

static bool makes_new(enum action action) {
    return action == ACTION_CREATE || action == ACTION_IMPORT;
}

/* The action's scope by itself. */
static enum scope own_scope(const struct actor *a, const struct entity *e, enum action action) {
    if (!a) {
        return SCOPE_NONE;
    }
    if (a->system) {
        return SCOPE_ALL;
    }
    if (a->read_only && !reads_only(action)) {
        return SCOPE_NONE;
    }
    if (!access_cloud_on(a, e->cloud)) {
        return SCOPE_NONE;
    }
    if (e->flags & ENTITY_SETTING && action == ACTION_READ && a->user_id) {
        return SCOPE_ALL;
    }
    if (!known_to(a, e)) {
        return SCOPE_NONE;
    }
    enum scope scope = (enum scope)a->entities[e->position].scope[action];
    bool whole = makes_new(action) || !(e->flags & ENTITY_OWNED);
    return whole && scope != SCOPE_ALL ? SCOPE_NONE : scope;
}

enum scope access_scope(const struct actor *a, const struct entity *e, enum action action) {
    enum scope scope = own_scope(a, e, action);
    bool apart = action == ACTION_READ || makes_new(action);
    return apart ? scope : narrower(scope, own_scope(a, e, ACTION_READ));
}

enum field_right access_field(const struct actor *a, const struct entity *e,
                              const struct field *f) {
    if (a && a->system) {
        return RIGHT_WRITE;
    }
    if (!a || f->flags & FIELD_HIDDEN) {
        return RIGHT_NONE;
    }
    if (f->target && !access_cloud_on(a, f->target->cloud)) {
        return RIGHT_NONE;
    }
    bool same_model = a->model_version == e->model_version;
    bool known = known_to(a, e) && (same_model || !(f->flags & FIELD_CUSTOM));
    const unsigned char *rights = known ? a->entities[e->position].fields : NULL;
    enum field_right right = rights ? (enum field_right)rights[f->position] : RIGHT_NONE;
    return right == RIGHT_WRITE && a->read_only ? RIGHT_READ : right;
}

static int by_text(const void *a, const void *b) {
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

bool access_permitted(const struct actor *a, const char *permission) {
    if (!a || a->system) {
        return a != NULL;
    }
    size_t n = 0;
    while (a->permissions && a->permissions[n]) {
        n++;
    }
    return n && bsearch(&permission, a->permissions, n, sizeof permission, by_text);
}

static bool in_scope(const struct actor *a, enum scope scope, const struct record *r) {
    if (scope == SCOPE_ALL || scope == SCOPE_NONE) {
        return scope == SCOPE_ALL;
    }
    int64_t owner = r->values[SYSTEM_OWNER_ID].integer;
    int64_t department = r->values[SYSTEM_OWNER_DEPARTMENT_ID].integer;
    bool mine = owner && owner == a->user_id;
    switch (scope) {
    case SCOPE_TEAM:
        return mine || (owner && id_set_has(a->members, owner));
    case SCOPE_TREE:
        return mine || (department && id_set_has(a->departments, department));
    default:
        return mine;
    }
}

static bool permits(struct ctx *c, enum action action, const struct record *r) {
    enum scope scope = own_scope(c->actor, r->entity, action);
    return scope != SCOPE_NONE && (in_scope(c->actor, scope, r) || share_grants(c, action, r) ||
                                   opening_grants(c, action, r));
}

bool access_record(struct ctx *c, enum action action, const struct record *r) {
    bool apart = action == ACTION_READ || makes_new(action);
    return permits(c, action, r) && (apart || permits(c, ACTION_READ, r));
}

void access_require(struct ctx *c, enum action action, const struct record *r) {
    if (ctx_failed(c) || access_record(c, action, r)) {
        return;
    }
    if (action == ACTION_READ || !access_record(c, ACTION_READ, r)) {
        FAIL(c, ERROR_ABSENT, "record.absent");
    } else {
        FAIL(c, ERROR_DENIED, "access.denied");
    }
}
