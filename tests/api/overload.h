/*
 * A server that has too much to do, or is about to stop, for as long as a scenario wants: its slow
 * pool or its writer is filled up to the last place with work that waits at a gate. Over a socket
 * only, for without one there are no lanes.
 */
#ifndef GUANTONG_TESTS_API_OVERLOAD_H
#define GUANTONG_TESTS_API_OVERLOAD_H

#include "runner.h"

/* A list of routes with one more, at which requests wait for the gate. */
const struct route *const *overload_routes(struct arena *a, const struct route *const *lists);

/* Fill "slow" or "writer"; false when that cannot be. Nothing is written until overload_end. */
bool overload_fill(struct run *run, struct str lane);
/* Begin to stop the server, which a held request keeps from coming to its end. */
bool overload_stop(struct run *run);
/* A connection that was there before the server began to stop; -1 when all are used. */
int overload_connection(struct run *run);
/* Open the gate and wait until all that was held is done, the stop included. */
void overload_end(struct run *run);

#endif
