#include "event/pacer.h"

#include <time.h>

#include "base/clock.h"
#include "base/log.h"

void pacer_init(struct pacer *p) {
    *p = (struct pacer){.woken = true};
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&p->changed, &steady);
    pthread_condattr_destroy(&steady);
    pthread_mutex_init(&p->mutex, NULL);
}

void pacer_free(struct pacer *p) {
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->mutex);
}

void pacer_wake(struct pacer *p) {
    pthread_mutex_lock(&p->mutex);
    p->woken = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->mutex);
}

void pacer_stop(struct pacer *p) {
    pthread_mutex_lock(&p->mutex);
    p->stopping = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->mutex);
}

bool pacer_stopping(struct pacer *p) {
    pthread_mutex_lock(&p->mutex);
    bool stopping = p->stopping;
    pthread_mutex_unlock(&p->mutex);
    return stopping;
}

static struct timespec steady_after(int64_t ms) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / MS_SECOND;
    t.tv_nsec += ms % MS_SECOND * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

bool pacer_wait(struct pacer *p, int64_t ms) {
    struct timespec until = steady_after(ms);
    pthread_mutex_lock(&p->mutex);
    int timed_out = 0;
    while (!p->woken && !p->stopping && !timed_out) {
        timed_out = pthread_cond_timedwait(&p->changed, &p->mutex, &until);
    }
    p->woken = false;
    bool go_on = !p->stopping;
    pthread_mutex_unlock(&p->mutex);
    return go_on;
}

void pacer_enter(struct pacer *p) {
    pthread_mutex_lock(&p->mutex);
    p->jobs++;
    pthread_mutex_unlock(&p->mutex);
}

void pacer_leave(struct pacer *p) {
    pthread_mutex_lock(&p->mutex);
    p->jobs--;
    p->woken = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->mutex);
}

void pacer_wait_idle(struct pacer *p) {
    pthread_mutex_lock(&p->mutex);
    while (p->jobs) {
        pthread_cond_wait(&p->changed, &p->mutex);
    }
    pthread_mutex_unlock(&p->mutex);
}

bool pacer_connected(struct ctx *c, struct str url) {
    if (c->db && !ctx_failed(c)) {
        return true;
    }
    if (c->db) {
        log_error(c, "background.reading_failed");
        db_close(c->db);
    }
    ctx_clear_error(c);
    c->db = db_open(c, url, DB_WATCHER);
    if (!c->db) {
        log_error(c, "background.connecting_failed");
        ctx_clear_error(c);
    }
    return c->db != NULL;
}
