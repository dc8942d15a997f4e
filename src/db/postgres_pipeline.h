/*
 * Commands on their way to PostgreSQL whose answers nobody has read yet.
 *
 * A command whose answer does not matter at once (BEGIN, a savepoint, an insert) is only put into
 * libpq's buffer and travels with the next one whose answer does: one round trip for all of them.
 * The server leaves out what follows a failed command up to the next sync, so that a failure is
 * never passed over.
 */
#ifndef GUANTONG_DB_POSTGRES_PIPELINE_H
#define GUANTONG_DB_POSTGRES_PIPELINE_H

#include <libpq-fe.h>

#include "base/context.h"

enum { PIPELINE_MOST = 256, PIPELINE_ROOM = 2 * PIPELINE_MOST };

struct pipeline {
    PGconn *connection;
    int n;       /* commands and syncs whose answers are to come */
    bool synced; /* the last of them is a sync: all of it was sent */
    bool syncs[PIPELINE_ROOM];
    PGresult **wanted[PIPELINE_ROOM]; /* where its answer goes; NULL: nowhere */
    int64_t rows[PIPELINE_ROOM];      /* how many it is to change; -1: any number */
    int exact;                        /* commands of which that was said */
    bool missed;                      /* one that was read has changed another number */
    bool unsure; /* whether a savepoint was set: what went before it may have failed unheard */
};

void pipeline_init(struct pipeline *p, PGconn *connection);
/* Text without values. */
bool pipeline_text(struct pipeline *p, const char *sql);
struct pipeline_command {
    const char *name; /* of a prepared statement */
    int n;
    const char *const *values;
    const int *lengths, *formats;
};
bool pipeline_prepared(struct pipeline *p, const struct pipeline_command *command);
/* The answer to the last command, if it is good, is to be put where; or is not any more. */
void pipeline_want(struct pipeline *p, PGresult **where);
void pipeline_unwant(struct pipeline *p, PGresult *const *where);
/* The last command is to change so many rows: whether all such did is in missed, once read. */
void pipeline_expect(struct pipeline *p, int64_t rows);
/* Send what waits without waiting for answers. */
void pipeline_send(struct pipeline *p);
/* Send and read all answers: that of the first command that failed, else of the last that is
 * wanted nowhere; NULL when there is none. A statement that runs past the deadline (steady ns,
 * 0: none) is cancelled. */
PGresult *pipeline_finish(struct pipeline *p, int64_t deadline_ns);
/* The answer to a command outside of the pipeline. */
PGresult *pipeline_answer(struct pipeline *p, int64_t deadline_ns);

bool postgres_good(const PGresult *result);

#endif
