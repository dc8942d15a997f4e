/*
 * The pace of a background thread: it sleeps until woken, until a time passes, or until it is
 * to stop; and it can wait for the jobs it has with the writer.
 */
#ifndef GUANTONG_EVENT_PACER_H
#define GUANTONG_EVENT_PACER_H

#include <pthread.h>

#include "db/db.h"

struct pacer {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool woken, stopping;
    int jobs; /* with the writer */
};

/* The first pacer_wait returns at once. */
void pacer_init(struct pacer *p);
void pacer_free(struct pacer *p);
void pacer_wake(struct pacer *p);
void pacer_stop(struct pacer *p);
bool pacer_stopping(struct pacer *p);
/* Sleep until woken, at most ms. False when the thread is to stop. */
bool pacer_wait(struct pacer *p, int64_t ms);
/* A job goes to the writer, and has come back. */
void pacer_enter(struct pacer *p);
void pacer_leave(struct pacer *p);
/* Wait until all jobs are back. */
void pacer_wait_idle(struct pacer *p);

/*
 * Make c ready for the next look at the database: a failure of the last one is logged and
 * forgotten, and the connection opened anew. False when it cannot be opened now.
 */
bool pacer_connected(struct ctx *c, struct str url);

#endif
