#include "base/id.h"

#include <pthread.h>

#include "base/clock.h"

enum { SEQUENCE_BITS = 12, NODE_BITS = 10, TIME_SHIFT = SEQUENCE_BITS + NODE_BITS };
#define ID_EPOCH INT64_C(1735689600000) /* 2025-01-01T00:00Z */

/* Ticks are ms << SEQUENCE_BITS | sequence; they only grow, also when the clock does not. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t prolonged;
    unsigned node;
    int64_t last, until;
} making = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, INT64_MAX};

static int64_t tick_at(int64_t ms) {
    return (ms - ID_EPOCH) * (1 << SEQUENCE_BITS);
}

void id_node(unsigned node) {
    pthread_mutex_lock(&making.lock);
    making.node = node % ID_NODES;
    making.until = INT64_MAX;
    pthread_mutex_unlock(&making.lock);
}

void id_lend(unsigned node, int64_t from_ms, int64_t until_ms) {
    int64_t from = tick_at(from_ms);
    pthread_mutex_lock(&making.lock);
    making.node = node % ID_NODES;
    making.last = from > making.last ? from : making.last;
    making.until = tick_at(until_ms);
    pthread_cond_broadcast(&making.prolonged);
    pthread_mutex_unlock(&making.lock);
}

int64_t id_newest(void) {
    pthread_mutex_lock(&making.lock);
    int64_t last = making.last;
    pthread_mutex_unlock(&making.lock);
    return last ? (last >> SEQUENCE_BITS) + ID_EPOCH : 0;
}

int64_t id_new(void) {
    int64_t now = tick_at(clock_now_ms());
    pthread_mutex_lock(&making.lock);
    while (making.last + 1 >= making.until) {
        pthread_cond_wait(&making.prolonged, &making.lock);
    }
    int64_t next = now > making.last && now < making.until ? now : making.last + 1;
    making.last = next;
    int64_t node = making.node;
    pthread_mutex_unlock(&making.lock);
    int64_t ms = next >> SEQUENCE_BITS, sequence = next & ((1 << SEQUENCE_BITS) - 1);
    return ms << TIME_SHIFT | node << SEQUENCE_BITS | sequence;
}

int64_t id_time(int64_t id) {
    return (id >> TIME_SHIFT) + ID_EPOCH;
}

/* Of moments beyond those an id can tell, the last. */
int64_t id_at(int64_t ms) {
    int64_t since = ms > ID_EPOCH ? ms - ID_EPOCH : 0;
    return since > INT64_MAX >> TIME_SHIFT ? INT64_MAX : since << TIME_SHIFT;
}
