/* For kinds of leaves besides fields: what their parsers share, and the kind of this folder. */
#ifndef GUANTONG_ENTITY_CONDITION_KINDS_H
#define GUANTONG_ENTITY_CONDITION_KINDS_H

#include "entity/condition.h"

/* Of the records that refer to one, how many are looked at for what time will change. */
enum { CONDITION_RELATED = 1000 };

extern const struct condition_kind condition_related;

/* Field errors for members of the leaf that are none of these; ends with NULL. */
bool condition_members_known(struct ctx *c, const struct json *leaf, const char *const *members,
                             struct str pointer);

#endif
