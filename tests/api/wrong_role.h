/*
 * Wrong roles that are real: before a request that will succeed is made, it is made by newcomers,
 * one of each built-in role but the administrator's, each in a department of its own and owner of
 * nothing. What they may is read from the defaults of the roles alone (role_defaults.c): whoever
 * has not the route's permission, or whose scope for the action holds no record of others, must be
 * refused and change nothing; whoever may ask must be shown no record outside his scope. A
 * scenario that gives a role more says so with @may before the request, and is wrong if it does
 * so in vain.
 */
#ifndef GUANTONG_TESTS_API_WRONG_ROLE_H
#define GUANTONG_TESTS_API_WRONG_ROLE_H

#include "runner.h"

/* False with run->why. filled is the step with captures put in, route the one that answers it. */
bool wrong_roles_refused(struct run *run, struct ctx *c, const struct step *filled,
                         const struct route *route);

#endif
