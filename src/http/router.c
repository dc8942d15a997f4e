#include "http/router.h"

#include <stdlib.h>
#include <string.h>

enum { METHODS = 6 };

struct node {
    struct str segment;
    struct node **literals; /* ascending by segment */
    int n_literals, capacity;
    struct node *parameter; /* what stands behind {name} */
    const struct route *routes[METHODS];
};

struct router {
    struct arena arena;
    struct node root;
};

static const char *const method_words[METHODS] = {"", "GET", "POST", "PUT", "PATCH", "DELETE"};

const char *method_word(enum method method) {
    return method_words[method];
}

enum method method_parse(const char *word) {
    if (strcmp(word, "HEAD") == 0) {
        return METHOD_GET;
    }
    for (int i = METHOD_GET; i < METHODS; i++) {
        if (strcmp(word, method_words[i]) == 0) {
            return (enum method)i;
        }
    }
    return (enum method)0;
}

/* Where the segment is among the literals, or ought to be put. */
static int literal_place(const struct node *node, struct str segment) {
    int low = 0, high = node->n_literals;
    while (low < high) {
        int middle = (low + high) / 2;
        if (str_compare(node->literals[middle]->segment, segment) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct node *literal_find(const struct node *node, struct str segment) {
    int at = literal_place(node, segment);
    return at < node->n_literals && str_equal(node->literals[at]->segment, segment)
               ? node->literals[at]
               : NULL;
}

static struct node *literal_add(struct arena *a, struct node *node, struct str segment) {
    struct node *found = literal_find(node, segment);
    if (found) {
        return found;
    }
    if (node->n_literals == node->capacity) {
        int capacity = node->capacity ? node->capacity * 2 : 4;
        struct node **wider = ARENA_NEW_ARRAY(a, (size_t)capacity, struct node *);
        if (node->n_literals) {
            memcpy(wider, node->literals, (size_t)node->n_literals * sizeof *wider);
        }
        node->literals = wider;
        node->capacity = capacity;
    }
    int at = literal_place(node, segment);
    memmove(&node->literals[at + 1], &node->literals[at],
            (size_t)(node->n_literals - at) * sizeof(struct node *));
    node->literals[at] = ARENA_NEW(a, struct node);
    node->literals[at]->segment = segment;
    node->n_literals++;
    return node->literals[at];
}

static bool is_parameter(struct str segment) {
    return segment.n > 2 && segment.p[0] == '{' && segment.p[segment.n - 1] == '}';
}

static const char *route_defect(const struct route *route) {
    if (route->method < METHOD_GET || (int)route->method >= METHODS) {
        return "has no method";
    }
    if (route->path[0] != '/') {
        return "has a path that does not begin with /";
    }
    if (!route->permission || !route->permission[0]) {
        return "has no permission";
    }
    if (route->lane < LANE_INLINE || route->lane > LANE_WRITER) {
        return "has no lane";
    }
    if (!route->handle) {
        return "has no handler";
    }
    if (route->prepare && route->lane != LANE_WRITER) {
        return "has a prepare, but not the writer's lane";
    }
    return NULL;
}

static void route_refuse(struct ctx *c, const struct route *route, const char *why) {
    ctx_fail_internal(c, "route %s %s %s", method_words[route->method % METHODS], route->path, why);
}

static void route_add(struct ctx *c, struct router *r, const struct route *route) {
    const char *defect = route_defect(route);
    if (defect) {
        route_refuse(c, route, defect);
        return;
    }
    struct node *node = &r->root;
    struct str rest = str_from(route->path + 1), segment;
    for (int depth = 0; rest.n && str_cut(&rest, '/', &segment); depth++) {
        if (!segment.n || depth == PATH_SEGMENTS) {
            route_refuse(c, route, "has an empty segment or too many");
            return;
        }
        if (!is_parameter(segment)) {
            node = literal_add(&r->arena, node, segment);
            continue;
        }
        if (!node->parameter) {
            node->parameter = ARENA_NEW(&r->arena, struct node);
        }
        node = node->parameter;
    }
    if (node->routes[route->method]) {
        route_refuse(c, route, "is there twice");
        return;
    }
    node->routes[route->method] = route;
}

struct router *router_build(struct ctx *c, const struct route *const *lists) {
    struct router *r = calloc(1, sizeof *r);
    if (!r) {
        ctx_fail_internal(c, "no memory for the routes");
        return NULL;
    }
    arena_init(&r->arena);
    for (; *lists && !ctx_failed(c); lists++) {
        for (const struct route *route = *lists; route->path && !ctx_failed(c); route++) {
            route_add(c, r, route);
        }
    }
    if (ctx_failed(c)) {
        router_free(r);
        return NULL;
    }
    return r;
}

void router_free(struct router *r) {
    if (r) {
        arena_free(&r->arena);
        free(r);
    }
}

/* Depth-first, literals before parameters, so that the more literal path answers. */
static const struct route *descend(const struct node *node, enum method method,
                                   const struct str *segments, int n, unsigned *allowed) {
    if (n == 0) {
        for (int i = METHOD_GET; i < METHODS; i++) {
            *allowed |= node->routes[i] ? 1u << i : 0;
        }
        return node->routes[method];
    }
    const struct node *literal = literal_find(node, segments[0]);
    const struct route *route = literal ? descend(literal, method, segments + 1, n - 1, allowed)
                                        : NULL;
    if (!route && node->parameter && segments[0].n) {
        route = descend(node->parameter, method, segments + 1, n - 1, allowed);
    }
    return route;
}

struct route_found router_find(const struct router *r, enum method method,
                               const struct str *segments, int n) {
    struct route_found found = {NULL, 0};
    found.route = descend(&r->root, method, segments, n, &found.allowed);
    return found;
}
