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

/* Text as it stands between tags and in quoted attributes. */
void html_add(struct text_buffer *out, struct str s);
/* Text as it stands in a part of an address: RFC 3986, all but the unreserved encoded. */
void url_add(struct text_buffer *out, struct str s);

/* For HTML that the server sends: the policy of what it may load. */
/* A reply that says its own Content-Security-Policy says there too who may frame it. */
extern const char page_policy[];

#endif
