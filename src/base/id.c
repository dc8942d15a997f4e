#include "base/id.h"

#include <stdatomic.h>

#include "base/clock.h"

enum { SEQUENCE_BITS = 12, NODE_BITS = 10, TIME_SHIFT = SEQUENCE_BITS + NODE_BITS };
#define ID_EPOCH INT64_C(1735689600000) /* 2025-01-01T00:00Z */

static unsigned node_number;
/* (ms << SEQUENCE_BITS | sequence) of the last id; it only grows, also when the clock does not. */
static _Atomic int64_t last_tick;

void id_node(unsigned node) {
    node_number = node & ((1U << NODE_BITS) - 1);
}

int64_t id_new(void) {
    int64_t now = (clock_now_ms() - ID_EPOCH) << SEQUENCE_BITS;
    int64_t last = atomic_load_explicit(&last_tick, memory_order_relaxed);
    int64_t next;
    do {
        next = now > last ? now : last + 1;
    } while (!atomic_compare_exchange_weak(&last_tick, &last, next));
    int64_t ms = next >> SEQUENCE_BITS, sequence = next & ((1 << SEQUENCE_BITS) - 1);
    return ms << TIME_SHIFT | (int64_t)node_number << SEQUENCE_BITS | sequence;
}

int64_t id_time(int64_t id) {
    return (id >> TIME_SHIFT) + ID_EPOCH;
}

int64_t id_at(int64_t ms) {
    return ms > ID_EPOCH ? (ms - ID_EPOCH) << TIME_SHIFT : 0;
}
