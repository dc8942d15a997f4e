/*
 * The writer: where all changes happen.
 *
 * A change is a function of (context, data), run inside a transaction. On SQLite one
 * thread takes whatever waits (about 64 jobs, or what fits a time budget), runs each inside
 * a savepoint, commits once and then answers all: group commit. On PostgreSQL two to four
 * such threads do the same, each with its connection. A job that fails is rolled back
 * alone; when a failure ended the outer transaction (disk full, deadlock), the survivors
 * are run again, singly. ERROR_RETRY runs a job again, up to ten times.
 *
 * Bulk jobs stand back while live ones wait or have just come, but never longer than 50 ms or four
 * times as long as the last of them took, 250 ms at most; one that can end anywhere asks
 * db_awaited, and shares its commit with who waited for it. So does what history brings
 * (WRITE_HISTORY), which waits besides while somebody loads (writer_loading), for three seconds at
 * most.
 *
 * A job must not be slow: everything that can be prepared (parsing, hashing, rendering)
 * is done before it is submitted. A job above 50 ms is logged.
 */
#ifndef GUANTONG_DB_WRITER_H
#define GUANTONG_DB_WRITER_H

#include "db/db.h"

struct writer;
struct write_job;

enum write_priority { WRITE_LIVE, WRITE_REACTION, WRITE_BULK, WRITE_HISTORY, WRITE_PRIORITIES };

struct write_job {
    void (*run)(struct ctx *c, void *data);
    void *data;
    /* Optional: what run asks first (DB_AHEAD), so that it travels with the beginning of the
     * transaction. Not called when the job is run again. */
    void (*ahead)(struct ctx *c, void *data);
    /* Called once on the writer's thread, after the commit or the final failure, which
     * job->context.error tells. The job may be freed there. */
    void (*done)(struct write_job *job);
    /* Prepared by the submitter: arena, now_ms, language, actor, origin. The writer sets
     * db and model and resets the arena to its mark before running again. */
    struct ctx context;
    enum write_priority priority;
    struct write_job *next; /* the writer's */
    struct arena_mark mark; /* the writer's */
    int attempts;           /* the writer's */
    int64_t queued_ns;      /* the writer's: since when it waits, or until when it rests */
    void *waiter;           /* the writer's: of writer_run */
};

struct writer_options {
    struct str url;
    int threads;   /* on PostgreSQL; SQLite always has one */
    int batch;     /* most jobs of one commit; 1 commits singly (benchmarks) */
    int budget_ms; /* after which a batch takes no further jobs; 0 for the usual 10 */
    /* Called on the writer's thread with each job's context before it runs (sets model). */
    void (*prepare)(struct ctx *c, void *data);
    /* Called after each commit that wrote something, before the jobs are answered: only to
     * wake those whom its news (enum db_news) concern. */
    void (*committed)(void *data, unsigned news);
    void *data;
};

/* Start; NULL with an error in c when the database cannot be opened. */
struct writer *writer_start(struct ctx *c, const struct writer_options *options);
/* Queue a job; returns at once. False when the queue is full (at most 10,000 jobs wait) or
 * the writer is stopping; done is then not called. */
bool writer_submit(struct writer *w, struct write_job *job);
/* Queue a job, waiting for room if need be, and wait for its end; the result is in
 * job->context.error. done is not called. */
void writer_run(struct writer *w, struct write_job *job);
/* Finish what waits, then stop and free. */
void writer_stop(struct writer *w);
/* A load of many rows begins, or ends: its chunks follow each other without what answers them in
 * between, and so stay large. */
void writer_loading(struct writer *w, bool begins);

struct writer_statistics {
    int64_t jobs, commits, reruns, waiting, slow;
};
struct writer_statistics writer_statistics(struct writer *w);

#endif
