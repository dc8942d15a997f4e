/*
 * The routes of the program, arranged for looking up: a tree by path segments, in which a
 * literal segment wins over {name}. Built once at start, read-only afterwards.
 */
#ifndef GUANTONG_HTTP_ROUTER_H
#define GUANTONG_HTTP_ROUTER_H

#include "http/route.h"

enum { PATH_SEGMENTS = 16 };

struct router;

/*
 * Arrange the lists (NULL-terminated). A route without method, permission, lane or handler, a
 * path that is no path, a prepare outside the writer's lane, and a route that is there
 * already fail with ERROR_INTERNAL, which names the route; NULL is returned.
 */
struct router *router_build(struct ctx *c, const struct route *const *lists);
void router_free(struct router *r);

struct route_found {
    const struct route *route; /* NULL when none answers */
    unsigned allowed;          /* 1u << method for each that the path answers to */
};

/* The route for a method and the decoded segments of a path. */
struct route_found router_find(const struct router *r, enum method method,
                               const struct str *segments, int n);

/* "GET"; "" for no method. */
const char *method_word(enum method method);
/* The method of a word, GET for HEAD, 0 for one that no route can have. */
enum method method_parse(const char *word);

#endif
