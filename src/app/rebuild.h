/* Parts of the database that are derived from the others, made anew: guantong rebuild. */
#ifndef GUANTONG_APP_REBUILD_H
#define GUANTONG_APP_REBUILD_H

#include "app/modules.h"
#include "base/context.h"

/* In this transaction. False when no part is called so. */
bool rebuild_part(struct ctx *c, const struct contents *contents, struct str name);

#endif
