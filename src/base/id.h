/*
 * Ids: 63 bits that sort by time. 41 bits of ms since 2025-01-01T00:00Z, 10 bits of node,
 * 12 bits of sequence. Made in the application. In JSON they are strings of digits.
 *
 * A process has a node number for a span of time, lent to nobody else. As an id says its time,
 * ids of two processes never collide, however wrong their clocks are: who gets a number after
 * another makes no id of a time before the other's span ended (id_lend), and who could not have
 * the span prolonged makes ids of the rest of it and then waits.
 */
#ifndef GUANTONG_BASE_ID_H
#define GUANTONG_BASE_ID_H

#include <stdint.h>

#include "base/str.h"

enum { ID_NODES = 1024 };

/* The node number of this process, for ever: where there is no other process, or a person has
 * seen to it that each has its own. */
void id_node(unsigned node);
/* The node number for ids of the times from … until (ms), or the span prolonged. */
void id_lend(unsigned node, int64_t from_ms, int64_t until_ms);
/* The time of the newest id this process made; 0 before the first. */
int64_t id_newest(void);
/* A new id, larger than every id this process made before. Safe from any thread. */
int64_t id_new(void);
/* The ms UTC at which an id was made. */
int64_t id_time(int64_t id);
/* The smallest id of an instant, for range queries. */
int64_t id_at(int64_t ms);

#endif
