/*
 * Work that one process at a time should do, of those that share a PostgreSQL database.
 *
 * It only spares the others the effort: what guards correctness is the condition under which
 * each change is made.
 */
#ifndef GUANTONG_EVENT_LEASE_H
#define GUANTONG_EVENT_LEASE_H

#include "db/db.h"

/* Whether the work is ours, until this connection or its process ends. Always on SQLite. */
bool lease_take(struct ctx *c, const char *work);

#endif
