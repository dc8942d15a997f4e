/* What the statements of a scenario read, as SQLite plans it. */
#ifndef GUANTONG_TESTS_API_PLANS_H
#define GUANTONG_TESTS_API_PLANS_H

#include "runner.h"

/* Without a socket on SQLite, after a step: false, with run->why, when a statement of it reads the
 * whole of a table that may be large. */
bool run_plans_hold(struct run *run);

#endif
