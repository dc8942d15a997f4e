/* Who is away: leave.c. */
#ifndef GUANTONG_ORGANIZATION_LEAVE_H
#define GUANTONG_ORGANIZATION_LEAVE_H

#include "entity/access.h"

/* The users who are on leave on that day (YYYY-MM-DD), in order of id. */
struct id_set users_away(struct ctx *c, struct str date);

#endif
