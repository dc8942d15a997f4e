/*
 * Running imports: reading the file on a thread of its own, writing it chunk by chunk.
 *
 * How a chunk is written is the caller's: through the writer in a server, directly on the
 * command line. A job that was interrupted goes on after the last line whose fate is written.
 */
#ifndef GUANTONG_DATA_IMPORT_RUNNER_H
#define GUANTONG_DATA_IMPORT_RUNNER_H

#include "data/import_job.h"

struct writer;

/* How a chunk is committed: run `run` in a transaction of its own as the system; false when it
 * failed (see *c). Chunks are sized to take about budget_ms. */
struct import_commit {
    bool (*run)(void *how, struct ctx *c, void (*run)(struct ctx *c, void *data), void *data);
    void *how;
    int64_t budget_ms;
};

/* Run one job that is leased to its end. c has a reading connection (or the command line's own).
 * False when it could not be finished: the job's state says why, or, with an error in c, it is
 * left for later or to another process and still "running". */
bool import_run(struct ctx *c, struct import_job *job, struct import_commit commit);

struct import_runner;
struct import_runner *import_runner_start(struct ctx *c, struct writer *w, struct str url);
void import_runner_wake(struct import_runner *r);
void import_runner_stop(struct import_runner *r);

#endif
