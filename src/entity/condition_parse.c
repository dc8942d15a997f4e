/* The tree of a condition: all, any, not and the kinds of leaves. */
#include <stdlib.h>

#include "entity/access.h"
#include "entity/condition_tree.h"

enum { CONDITION_KINDS = 16 };

static const struct condition_kind *condition_kinds[CONDITION_KINDS];
static size_t n_condition_kinds;

void condition_register(const struct condition_kind *kind) {
    if (n_condition_kinds == CONDITION_KINDS) {
        abort();
    }
    condition_kinds[n_condition_kinds++] = kind;
}

bool condition_own_event(struct str type) {
    for (size_t i = 0; i < n_condition_kinds; i++) {
        if (condition_kinds[i]->events && event_type_matches(condition_kinds[i]->events, type)) {
            return true;
        }
    }
    return false;
}

/* What one parse carries along. */
struct parser {
    struct ctx *c;
    const struct entity *entity;
    int leaves;
    bool failed;
};

static struct condition_node *parse_node(struct parser *p, const struct json *tree,
                                         struct str pointer, int depth);

static void refuse(struct parser *p, struct str pointer, const char *text) {
    p->failed = true;
    FAIL_FIELD(p->c, pointer, text);
}

static struct condition_node *parse_group(struct parser *p, const struct json *list,
                                          struct str pointer, int depth) {
    struct arena *a = p->c->arena;
    struct condition_node *node = ARENA_NEW(a, struct condition_node);
    if (!json_is(list, JSON_IS_ARRAY)) {
        refuse(p, pointer, "condition.list_expected");
        return node;
    }
    if (list->n > CONDITION_LEAVES) {
        refuse(p, pointer, "condition.too_many_leaves");
        return node;
    }
    node->n = list->n;
    node->children = ARENA_NEW_ARRAY(a, list->n, struct condition_node *);
    for (size_t i = 0; i < list->n; i++) {
        struct str child = str_format(a, "%.*s/%zu", STR_ARG(pointer), i);
        node->children[i] = parse_node(p, &list->items[i], child, depth);
    }
    return node;
}

static struct condition_node *parse_not(struct parser *p, const struct json *tree,
                                        struct str pointer, int depth) {
    struct condition_node *node = ARENA_NEW(p->c->arena, struct condition_node);
    node->kind = NODE_NOT;
    node->n = 1;
    node->children = ARENA_NEW_ARRAY(p->c->arena, 1, struct condition_node *);
    node->children[0] = parse_node(p, tree, pointer, depth);
    return node;
}

static void count_leaf(struct parser *p, struct str pointer) {
    if (++p->leaves == CONDITION_LEAVES + 1) {
        refuse(p, pointer, "condition.too_many_leaves");
    }
}

static struct condition_node *parse_field(struct parser *p, const struct json *tree,
                                          struct str pointer) {
    struct condition_node *node = ARENA_NEW(p->c->arena, struct condition_node);
    node->kind = NODE_FIELD;
    count_leaf(p, pointer);
    if (p->leaves > CONDITION_LEAVES) {
        return node;
    }
    node->leaf = condition_leaf_parse(p->c, p->entity, tree, pointer);
    p->failed |= !node->leaf;
    return node;
}

static struct condition_node *parse_other(struct parser *p, const struct json *tree,
                                          struct str pointer) {
    const struct condition_kind *kind = NULL;
    for (size_t i = 0; i < n_condition_kinds && !kind; i++) {
        kind = json_get(tree, condition_kinds[i]->key) ? condition_kinds[i] : NULL;
    }
    if (!kind) {
        refuse(p, pointer, "condition.unknown_form");
        return NULL;
    }
    struct condition_node *node = ARENA_NEW(p->c->arena, struct condition_node);
    node->kind = NODE_OTHER;
    node->other = kind;
    count_leaf(p, pointer);
    node->other_leaf = kind->parse(p->c, p->entity, tree, pointer);
    p->failed |= !node->other_leaf;
    return node;
}

/* A group stands alone in its object: {"all":…,"any":…} would hide one of the two. */
static bool stands_alone(struct parser *p, const struct json *tree, const char *key,
                         struct str pointer) {
    bool alone = true;
    for (size_t i = 0; i < tree->n; i++) {
        if (!str_is(tree->members[i].key, key)) {
            alone = false;
            refuse(p,
                   str_format(p->c->arena, "%.*s/%.*s", STR_ARG(pointer),
                              STR_ARG(tree->members[i].key)),
                   "condition.unknown_key");
        }
    }
    return alone;
}

static struct condition_node *parse_node(struct parser *p, const struct json *tree,
                                         struct str pointer, int depth) {
    static const struct {
        const char *key;
        enum condition_node_kind kind;
    } groups[] = {{"all", NODE_ALL}, {"any", NODE_ANY}, {"not", NODE_NOT}};
    if (!json_is(tree, JSON_IS_OBJECT)) {
        refuse(p, pointer, "condition.object_expected");
        return NULL;
    }
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        const struct json *inner = json_get(tree, groups[i].key);
        if (!inner) {
            continue;
        }
        if (depth == CONDITION_DEPTH) {
            refuse(p, pointer, "condition.too_deep");
            return NULL;
        }
        stands_alone(p, tree, groups[i].key, pointer);
        struct str below = str_format(p->c->arena, "%.*s/%s", STR_ARG(pointer), groups[i].key);
        struct condition_node *node = groups[i].kind == NODE_NOT
                                          ? parse_not(p, inner, below, depth + 1)
                                          : parse_group(p, inner, below, depth + 1);
        node->kind = groups[i].kind;
        return node;
    }
    return json_get(tree, "field") ? parse_field(p, tree, pointer) : parse_other(p, tree, pointer);
}

const struct condition *condition_parse_below(struct ctx *c, const struct entity *e,
                                              const struct json *tree, struct str pointer) {
    struct condition *cond = ARENA_NEW(c->arena, struct condition);
    cond->entity = e;
    bool empty = !tree || tree->kind == JSON_IS_NULL ||
                 (tree->kind == JSON_IS_OBJECT && tree->n == 0);
    if (empty) {
        return cond;
    }
    struct parser p = {.c = c, .entity = e};
    cond->root = parse_node(&p, tree, pointer, 0);
    return p.failed ? NULL : cond;
}

const struct condition *condition_parse(struct ctx *c, const struct entity *e,
                                        const struct json *tree) {
    return condition_parse_below(c, e, tree, STR("/where"));
}

const struct condition *condition_parse_text(struct ctx *c, const struct entity *e,
                                             struct str text) {
    if (str_trim(text).n == 0) {
        return condition_parse(c, e, NULL);
    }
    const struct json *tree = json_parse(c, text);
    return tree ? condition_parse(c, e, tree) : NULL;
}

/* What the condition of the system's own context came to. */
static const struct condition *kept(struct ctx *c, const struct ctx *own,
                                    const struct condition *where) {
    if (own->error.code == ERROR_RETRY || own->error.code == ERROR_INTERNAL) {
        c->error = own->error;
    }
    return ctx_failed(own) ? NULL : where;
}

const struct condition *condition_kept(struct ctx *c, const struct entity *e,
                                       const struct json *tree) {
    struct ctx own = *c;
    own.actor = &actor_system;
    return kept(c, &own, condition_parse(&own, e, tree));
}

const struct condition *condition_parse_kept(struct ctx *c, struct arena *a, const struct entity *e,
                                             struct str text) {
    struct ctx own = *c;
    own.arena = a;
    own.actor = &actor_system;
    return kept(c, &own, condition_parse_text(&own, e, str_copy(a, text)));
}

bool condition_node_timed(const struct condition_node *node) {
    if (node->kind == NODE_FIELD) {
        enum condition_operator operator= node->leaf->operator;
        return operator>= OPERATOR_WITHIN_LAST && operator<= OPERATOR_PERIOD;
    }
    if (node->kind == NODE_OTHER) {
        return node->other->timed && node->other->timed(node->other_leaf);
    }
    for (size_t i = 0; i < node->n; i++) {
        if (condition_node_timed(node->children[i])) {
            return true;
        }
    }
    return false;
}

bool condition_timed(const struct condition *cond) {
    return cond->root && condition_node_timed(cond->root);
}

static bool node_reads(const struct condition_node *node, const struct field *f) {
    if (node->kind == NODE_FIELD) {
        const struct condition_leaf *leaf = node->leaf;
        const struct field *own = leaf->hops > 0 ? leaf->path[0] : leaf->field;
        /* in_my_tree reads the department beside the owner it was asked about. */
        return str_equal(own->name, f->name) ||
               (leaf->hops == 0 && str_equal(leaf->asked->name, f->name));
    }
    for (size_t i = 0; i < node->n; i++) {
        if (node_reads(node->children[i], f)) {
            return true;
        }
    }
    return false;
}

bool condition_reads(const struct condition *cond, const struct field *f) {
    return cond->root && node_reads(cond->root, f);
}
