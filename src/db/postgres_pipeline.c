#include "db/postgres_pipeline.h"

#include <poll.h>
#include <stdio.h>

#include "base/clock.h"

bool postgres_good(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

void pipeline_init(struct pipeline *p, PGconn *connection) {
    *p = (struct pipeline){.connection = connection};
}

static void pushed(struct pipeline *p, bool sync) {
    p->wanted[p->n] = NULL;
    p->rows[p->n] = -1;
    p->syncs[p->n++] = sync;
    p->synced = sync;
}

/* False when nothing can be sent: there is no room, or no connection. */
static bool enter(struct pipeline *p) {
    return p->n + 2 <= PIPELINE_ROOM && (p->n || PQenterPipelineMode(p->connection));
}

bool pipeline_text(struct pipeline *p, const char *sql) {
    bool sent = enter(p) &&
                PQsendQueryParams(p->connection, sql, 0, NULL, NULL, NULL, NULL, 1) == 1;
    if (sent) {
        pushed(p, false);
    }
    return sent;
}

bool pipeline_prepared(struct pipeline *p, const struct pipeline_command *command) {
    bool sent = enter(p) &&
                PQsendQueryPrepared(p->connection, command->name, command->n, command->values,
                                    command->lengths, command->formats, 1) == 1;
    if (sent) {
        pushed(p, false);
    }
    return sent;
}

void pipeline_want(struct pipeline *p, PGresult **where) {
    p->wanted[p->n - 1] = where;
}

void pipeline_unwant(struct pipeline *p, PGresult *const *where) {
    for (int i = 0; i < p->n; i++) {
        if (p->wanted[i] == where) {
            p->wanted[i] = NULL;
        }
    }
}

void pipeline_expect(struct pipeline *p, int64_t rows) {
    p->rows[p->n - 1] = rows;
    p->exact++;
}

void pipeline_send(struct pipeline *p) {
    if (p->n && !p->synced && PQpipelineSync(p->connection)) {
        pushed(p, true);
    }
}

static void query_cancel(PGconn *connection) {
    char message[256];
    PGcancel *cancel = PQgetCancel(connection);
    if (cancel) {
        PQcancel(cancel, message, sizeof message);
        PQfreeCancel(cancel);
    }
}

/* Wait for the answer no longer than the deadline; past it the statement is cancelled. */
static void answer_wait(PGconn *connection, int64_t deadline_ns) {
    bool cancelled = deadline_ns == 0;
    while (PQisBusy(connection)) {
        int64_t rest = (deadline_ns - clock_steady_ns()) / 1000000;
        struct pollfd p = {.fd = PQsocket(connection), .events = POLLIN};
        int ready = poll(&p, 1, cancelled ? -1 : rest > 0 ? (int)rest + 1 : 0);
        if (ready == 0 && !cancelled) {
            query_cancel(connection);
            cancelled = true;
        } else if (ready > 0 && !PQconsumeInput(connection)) {
            return;
        }
    }
}

PGresult *pipeline_answer(struct pipeline *p, int64_t deadline_ns) {
    answer_wait(p->connection, deadline_ns);
    PGresult *result = PQgetResult(p->connection);
    for (PGresult *more; result && (more = PQgetResult(p->connection));) {
        PQclear(more);
    }
    return result;
}

/* Of two answers the one that counts; the other is given back. */
static PGresult *weigh(PGresult *before, PGresult *next) {
    bool failed = before && !postgres_good(before);
    PQclear(failed ? next : before);
    return failed ? before : next;
}

static int64_t rows_of(PGresult *result) {
    int64_t rows = 0;
    str_to_int(str_from(PQcmdTuples(result)), &rows);
    return rows;
}

static PGresult *answers_read(struct pipeline *p, int64_t deadline_ns) {
    PGresult *counts = NULL;
    for (int i = 0; i < p->n && PQstatus(p->connection) == CONNECTION_OK; i++) {
        if (p->syncs[i]) {
            answer_wait(p->connection, deadline_ns);
            PQclear(PQgetResult(p->connection));
            continue;
        }
        PGresult *result = pipeline_answer(p, deadline_ns);
        p->missed |= p->rows[i] >= 0 && postgres_good(result) && rows_of(result) != p->rows[i];
        if (p->wanted[i] && postgres_good(result)) {
            *p->wanted[i] = result;
        } else {
            counts = weigh(counts, result);
        }
    }
    return counts;
}

PGresult *pipeline_finish(struct pipeline *p, int64_t deadline_ns) {
    if (p->n == 0) {
        return NULL;
    }
    pipeline_send(p);
    PGresult *counts = answers_read(p, deadline_ns);
    bool good = !counts || postgres_good(counts);
    p->unsure &= !good || PQstatus(p->connection) != CONNECTION_OK;
    PQexitPipelineMode(p->connection);
    p->n = p->exact = 0;
    p->synced = false;
    return counts;
}
