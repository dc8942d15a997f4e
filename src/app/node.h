/*
 * The number that tells this process's ids from those of others (base/id.h), lent by the
 * database for a span of time.
 *
 * A row of node_lease says who has a number and until when. A process that serves prolongs its
 * span as it goes on; one that dies just stops, and its number is free when the span is over.
 */
#ifndef GUANTONG_APP_NODE_H
#define GUANTONG_APP_NODE_H

#include "base/module.h"
#include "db/writer.h"

/* Have a number for a span, in a transaction of its own. */
void node_borrow(struct ctx *c, int64_t span_ms);
/* The number is free for others, from the time of the newest id on. For when no id will be made
 * any more. */
void node_return(struct ctx *c);

/* A process that serves borrows for NODE_SPAN_MS; its keeper prolongs the span again and again. */
enum { NODE_SPAN_MS = 5 * 60 * 1000 };
struct node_keeper;
struct node_keeper *node_keeper_start(struct ctx *c, struct writer *w);
void node_keeper_stop(struct node_keeper *k);

extern const struct module node_module;

#endif
