/*
 * Wrong roles: before a request that will succeed is made, it is made by nobody and by somebody
 * without any role. Both must be refused, and nothing in the database may have changed.
 */
#ifndef GUANTONG_TESTS_API_DENIED_H
#define GUANTONG_TESTS_API_DENIED_H

#include "runner.h"

/* Who may ask a route, read from the route that answers the step. */
enum asked_by { ASKED_BY_ANYBODY, ASKED_BY_SIGNED_IN, ASKED_BY_RIGHT };
enum asked_by denied_asked_by(struct ctx *c, const struct server_options *options,
                              const struct step *s);

/* The same for the same rows of all tables, in whatever order. */
struct str denied_digest(struct ctx *c);

#endif
