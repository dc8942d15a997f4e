/*
 * What is asked of an owner again and again, when a record is written, assigned or told of: whether
 * the user is there, is switched on, and of which department. Each thread remembers it under the
 * versions it was read under.
 */
#ifndef GUANTONG_ENTITY_OWNER_H
#define GUANTONG_ENTITY_OWNER_H

#include "base/context.h"

struct owner {
    bool there;            /* not in the trash */
    bool active;           /* and switched on */
    int64_t department_id; /* 0: none */
};

/* Whether the model has users with what is asked here; that of a test may have none. */
bool owners_known(const struct ctx *c);
struct owner owner_find(struct ctx *c, int64_t user_id);

#endif
