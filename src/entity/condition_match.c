/* A condition asked of one record in memory. */
#include <string.h>

#include "entity/access.h"
#include "entity/condition_tree.h"

/* Related records met so far, by entity and id; a missing one is kept as NULL. */
struct memo_entry {
    const struct entity *entity;
    int64_t id;
    const struct record *record;
};

struct condition_memo {
    struct ctx *c;
    struct memo_entry *entries; /* open addressing; entity NULL is free */
    size_t n, capacity;         /* capacity is a power of two, or 0 */
};

struct condition_memo *condition_memo_new(struct ctx *c) {
    struct condition_memo *memo = ARENA_NEW(c->arena, struct condition_memo);
    memo->c = c;
    return memo;
}

static struct memo_entry *memo_place(const struct condition_memo *memo, const struct entity *e,
                                     int64_t id) {
    uint64_t hash = ((uint64_t)id + (uint64_t)e->position) * 0x9E3779B97F4A7C15u;
    size_t i = (size_t)(hash >> 32) & (memo->capacity - 1);
    while (memo->entries[i].entity && (memo->entries[i].entity != e || memo->entries[i].id != id)) {
        i = (i + 1) & (memo->capacity - 1);
    }
    return &memo->entries[i];
}

static void memo_grow(struct condition_memo *memo) {
    struct memo_entry *old = memo->entries;
    size_t n = memo->capacity;
    memo->capacity = n ? 2 * n : 16;
    memo->entries = ARENA_NEW_ARRAY(memo->c->arena, memo->capacity, struct memo_entry);
    for (size_t i = 0; i < n; i++) {
        if (old[i].entity) {
            *memo_place(memo, old[i].entity, old[i].id) = old[i];
        }
    }
}

static const struct record *memo_load(struct condition_memo *memo, const struct entity *e,
                                      int64_t id) {
    if (2 * memo->n >= memo->capacity) {
        memo_grow(memo);
    }
    struct memo_entry *place = memo_place(memo, e, id);
    if (!place->entity) {
        *place = (struct memo_entry){e, id, record_load(memo->c, e, id)};
        memo->n++;
    }
    return place->record;
}

struct value condition_leaf_value(struct condition_memo *memo, const struct condition_leaf *leaf,
                                  const struct record *r) {
    struct value none = {0};
    for (int i = 0; i < leaf->hops; i++) {
        struct value reference = r->values[leaf->path[i]->position];
        if (reference.kind == VALUE_NULL) {
            return none;
        }
        r = memo_load(memo, leaf->path[i]->target, reference.integer);
        if (!r) {
            return none;
        }
    }
    return r->values[leaf->field->position];
}

static bool value_filled(struct value v) {
    return v.kind != VALUE_NULL && (v.kind != VALUE_TEXT || v.text.n > 0);
}

static bool value_listed(const struct condition_leaf *leaf, struct value v) {
    for (size_t i = 0; i < leaf->n; i++) {
        if (value_equal(leaf->values[i], v)) {
            return true;
        }
    }
    return false;
}

static bool value_has_fragment(const struct condition_leaf *leaf, struct value v, struct arena *a) {
    struct arena_mark mark = arena_mark(a);
    ptrdiff_t at = str_find(str_lower(a, v.text), leaf->folded);
    arena_reset(a, mark);
    return leaf->operator== OPERATOR_STARTS_WITH ? at == 0 : at >= 0;
}

static int value_compare(struct value a, struct value b) {
    if (a.kind == VALUE_TEXT) {
        return str_compare(a.text, b.text);
    }
    return (a.integer > b.integer) - (a.integer < b.integer);
}

static bool value_within(const struct condition_bounds *b, struct value v) {
    if (v.kind == VALUE_MONEY && !str_equal(v.text, b->has_low ? b->low.text : b->high.text)) {
        return false;
    }
    if (b->has_low) {
        int order = value_compare(v, b->low);
        if (order < 0 || (order == 0 && b->low_open)) {
            return false;
        }
    }
    if (b->has_high) {
        int order = value_compare(v, b->high);
        if (order > 0 || (order == 0 && b->high_open)) {
            return false;
        }
    }
    return true;
}

struct id_set condition_actor_set(const struct ctx *c, const struct condition_leaf *leaf) {
    const struct actor *actor = c->actor;
    if (!actor) {
        return (struct id_set){0};
    }
    if (leaf->operator== OPERATOR_IS_ME) {
        return (struct id_set){&actor->user_id, actor->user_id != 0};
    }
    return leaf->operator== OPERATOR_IN_MY_TEAM ? actor->members : actor->departments;
}

/* A money value without a currency is comparable with none. */
static bool value_differs(const struct condition_leaf *leaf, struct value v) {
    return (v.kind != VALUE_MONEY || v.text.p) && !value_listed(leaf, v);
}

bool condition_value_holds(struct ctx *c, const struct condition_leaf *leaf, struct value v) {
    if (!value_filled(v) || leaf->operator== OPERATOR_IS_EMPTY) {
        return !value_filled(v) && leaf->operator== OPERATOR_IS_EMPTY;
    }
    switch (leaf->operator) {
    case OPERATOR_NOT_EMPTY:
        return true;
    case OPERATOR_EQ:
    case OPERATOR_IN:
        return value_listed(leaf, v);
    case OPERATOR_NE:
    case OPERATOR_NOT_IN:
        return value_differs(leaf, v);
    case OPERATOR_CONTAINS:
    case OPERATOR_STARTS_WITH:
        return value_has_fragment(leaf, v, c->arena);
    case OPERATOR_IS_ME:
    case OPERATOR_IN_MY_TEAM:
    case OPERATOR_IN_MY_TREE:
        return id_set_has(condition_actor_set(c, leaf), v.integer);
    default:
        break;
    }
    struct condition_bounds bounds = condition_bounds(c, leaf);
    return value_within(&bounds, v);
}

bool condition_leaf_holds(struct condition_memo *memo, const struct condition_leaf *leaf,
                          const struct record *r) {
    return condition_value_holds(memo->c, leaf, condition_leaf_value(memo, leaf, r));
}

struct ctx *condition_memo_context(struct condition_memo *memo) {
    return memo->c;
}

static bool node_holds(struct condition_memo *memo, const struct condition_node *node,
                       const struct record *r) {
    if (node->kind == NODE_FIELD) {
        return condition_leaf_holds(memo, node->leaf, r);
    }
    if (node->kind == NODE_OTHER) {
        return node->other->match(memo->c, node->other_leaf, r);
    }
    if (node->kind == NODE_NOT) {
        return !node_holds(memo, node->children[0], r);
    }
    bool all = node->kind == NODE_ALL;
    for (size_t i = 0; i < node->n; i++) {
        if (node_holds(memo, node->children[i], r) != all) {
            return !all;
        }
    }
    return all;
}

bool condition_match_memo(struct condition_memo *memo, const struct condition *cond,
                          const struct record *r) {
    if (!cond || ctx_failed(memo->c)) {
        return false;
    }
    return !cond->root || (node_holds(memo, cond->root, r) && !ctx_failed(memo->c));
}

bool condition_match(struct ctx *c, const struct condition *cond, const struct record *r) {
    struct condition_memo memo = {.c = c};
    return condition_match_memo(&memo, cond, r);
}
