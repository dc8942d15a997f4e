/*
 * Pages: the web client's files, and the small HTML page that tells the public of an error.
 */
#ifndef GUANTONG_HTTP_PAGES_H
#define GUANTONG_HTTP_PAGES_H

#include "http/route.h"

/* Whether a path without a route is the web client's: a file of it, or an address that its own
 * router knows ("/leads/5"), which gets index.html. Never below /api/. */
bool page_serves(struct str path);
extern const struct route page_route;

/* The error of the context as a page, in its language. */
struct str page_error(struct ctx *c);

/* For HTML that the server sends: the policy of what it may load. */
extern const char page_policy[];

#endif
