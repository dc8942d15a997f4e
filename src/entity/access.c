#include "entity/access.h"

#include <stdlib.h>
#include <string.h>

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

/* Whether the actor's rights speak of this type. Standard types and fields stand at the same
 * place in every model; those of the company only in the model the actor was resolved from. */
static bool known_to(const struct actor *a, const struct entity *e) {
    bool same_model = a->model_version == e->model_version;
    return e->position < a->n_entities && (same_model || !(e->flags & ENTITY_CUSTOM));
}

enum scope access_scope(const struct actor *a, const struct entity *e, enum action action) {
    if (!a) {
        return SCOPE_NONE;
    }
    if (a->system) {
        return SCOPE_ALL;
    }
    if (a->read_only && !reads_only(action)) {
        return SCOPE_NONE;
    }
    if (e->flags & ENTITY_SETTING && action == ACTION_READ && a->user_id) {
        return SCOPE_ALL;
    }
    if (!known_to(a, e)) {
        return SCOPE_NONE;
    }
    enum scope scope = (enum scope)a->entities[e->position].scope[action];
    bool whole = action == ACTION_CREATE || action == ACTION_IMPORT || !(e->flags & ENTITY_OWNED);
    return whole && scope != SCOPE_ALL ? SCOPE_NONE : scope;
}

enum field_right access_field(const struct actor *a, const struct entity *e,
                              const struct field *f) {
    if (a && a->system) {
        return RIGHT_WRITE;
    }
    if (!a || f->flags & FIELD_HIDDEN) {
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

bool access_record(struct ctx *c, enum action action, const struct record *r) {
    const struct actor *a = c->actor;
    enum scope scope = access_scope(a, r->entity, action);
    if (scope == SCOPE_NONE) {
        return false;
    }
    return in_scope(a, scope, r) || share_grants(c, action, r);
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
