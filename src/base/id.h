/*
 * Ids: 63 bits that sort by time. 41 bits of ms since 2025-01-01T00:00Z, 10 bits of node,
 * 12 bits of sequence. Made in the application, unique across nodes as long as each
 * process leases its own node number. In JSON they are strings of digits.
 */
#ifndef GUANTONG_BASE_ID_H
#define GUANTONG_BASE_ID_H

#include <stdint.h>

#include "base/str.h"

/* The node number of this process, 0 … 1023; set once at start. */
void id_node(unsigned node);
/* A new id, larger than every id this process made before. Safe from any thread. */
int64_t id_new(void);
/* The ms UTC at which an id was made. */
int64_t id_time(int64_t id);
/* The smallest id of an instant, for range queries. */
int64_t id_at(int64_t ms);

#endif
