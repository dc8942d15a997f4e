/*
 * The organization's version: a number that moves with every change to users, departments,
 * teams, roles and rights. Actors resolved under an older version are resolved anew.
 */
#ifndef GUANTONG_ORGANIZATION_VERSION_H
#define GUANTONG_ORGANIZATION_VERSION_H

#include "base/context.h"

/* Move the version, once per unit of work is enough. */
void organization_changed(struct ctx *c);
int64_t organization_version(struct ctx *c);

#endif
