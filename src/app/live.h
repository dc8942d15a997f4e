/*
 * The feed: what was committed becomes messages of the live stream.
 *
 * One thread a process tails the business log from the head at its start (each node tells its
 * own browsers) and publishes: `change` for records, to those whose scope covers the record,
 * and `notification` to its user. It is a hint: a client that missed something refetches.
 */
#ifndef GUANTONG_APP_LIVE_H
#define GUANTONG_APP_LIVE_H

#include "http/stream.h"

struct live;

/* NULL with an error in c when the database cannot be opened. */
struct live *live_start(struct ctx *c, struct server *server, struct str url);
/* Something was committed: from any thread, cheap. */
void live_wake(struct live *f);
void live_stop(struct live *f);

#endif
