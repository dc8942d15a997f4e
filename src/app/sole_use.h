/* The database for this process alone, which what makes it over asks for first. */
#ifndef GUANTONG_APP_SOLE_USE_H
#define GUANTONG_APP_SOLE_USE_H

#include "app/program.h"

/* Whether nobody else has the database open, a server above all; else, and when it cannot be
 * opened, it is said so on standard error. Leaves an SQLite file out of the WAL until it is opened
 * again. */
bool sole_use(struct program *p);

#endif
