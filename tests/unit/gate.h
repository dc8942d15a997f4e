/* A gate at which work waits until a test opens it: what is held up is decided by the test, not by
 * how fast the machine is. One for each program. */
#ifndef GUANTONG_TESTS_GATE_H
#define GUANTONG_TESTS_GATE_H

#include <pthread.h>
#include <stdbool.h>

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int waiting;
    bool closed;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false};

static inline void gate_pass(void) {
    pthread_mutex_lock(&gate.lock);
    gate.waiting++;
    pthread_cond_broadcast(&gate.changed);
    while (gate.closed) {
        pthread_cond_wait(&gate.changed, &gate.lock);
    }
    gate.waiting--;
    pthread_mutex_unlock(&gate.lock);
}

static inline void gate_put(bool closed) {
    pthread_mutex_lock(&gate.lock);
    gate.closed = closed;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
}

/* Until so many wait at it. */
static inline void gate_await(int waiting) {
    pthread_mutex_lock(&gate.lock);
    while (gate.waiting < waiting) {
        pthread_cond_wait(&gate.changed, &gate.lock);
    }
    pthread_mutex_unlock(&gate.lock);
}

#endif
