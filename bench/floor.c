#include "floor.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { TABLES = 256, COLUMNS = 128, BATCH = 64, TEXT = 4096, CONNECTIONS = 2 };

struct table {
    char statement[64], insert[TEXT];
    PGresult *rows;
    int n, columns;
};

static struct floor {
    PGconn *connection, *writers[CONNECTIONS];
    struct table tables[TABLES];
    int n_tables, leads, rows;
} f;

static PGresult *ask(const char *sql) {
    PGresult *result = PQexec(f.connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        fprintf(stderr, "floor: %s", PQerrorMessage(f.connection));
        exit(EXIT_FAILURE);
    }
    return result;
}

static void run(const char *sql) {
    PQclear(ask(sql));
}

static bool opened(const char *url) {
    bool postgres = strncmp(url, "postgres", strlen("postgres")) == 0;
    f.connection = postgres ? PQconnectdb(url) : NULL;
    return postgres;
}

int64_t floor_mark(const char *url) {
    if (!opened(url)) {
        return 0;
    }
    PGresult *result = ask("SELECT pg_current_xact_id()");
    int64_t mark = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    PQfinish(f.connection);
    return mark;
}

/* What was written into the table, and a copy of the table without it. */
static void table_read(const char *name, int64_t mark) {
    char sql[TEXT];
    struct table *t = &f.tables[f.n_tables];
    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\" WHERE xmin::text::bigint > %lld", name,
             (long long)mark);
    t->rows = ask(sql);
    t->n = PQntuples(t->rows);
    t->columns = PQnfields(t->rows);
    if (t->n == 0 || t->columns > COLUMNS || f.n_tables == TABLES - 1) {
        PQclear(t->rows);
        return;
    }
    snprintf(t->statement, sizeof t->statement, "insert_%d", f.n_tables++);
    f.rows += t->n;
    f.leads = strcmp(name, "lead") == 0 ? t->n : f.leads;
    snprintf(sql, sizeof sql, "CREATE TABLE floor.\"%s\" (LIKE \"%s\" INCLUDING INDEXES)", name,
             name);
    run(sql);
    int at = snprintf(t->insert, TEXT, "INSERT INTO floor.\"%s\" VALUES (", name);
    for (int i = 0; i < t->columns; i++) {
        at += snprintf(t->insert + at, TEXT - (size_t)at, i ? ", $%d" : "$%d", i + 1);
    }
    snprintf(t->insert + at, TEXT - (size_t)at, ")");
}

static PGconn *writer_open(const char *url) {
    PGconn *writer = PQconnectdb(url);
    for (int i = 0; i < f.n_tables; i++) {
        PQclear(PQprepare(writer, f.tables[i].statement, f.tables[i].insert, 0, NULL));
    }
    PQenterPipelineMode(writer);
    return writer;
}

static void row_send(PGconn *writer, const struct table *t, int row) {
    const char *values[COLUMNS];
    for (int i = 0; i < t->columns; i++) {
        values[i] = PQgetisnull(t->rows, row, i) ? NULL : PQgetvalue(t->rows, row, i);
    }
    PQsendQueryPrepared(writer, t->statement, t->columns, values, NULL, NULL, 0);
}

/* Every statement's result, and that of the end of the batch. */
static void results_take(PGconn *writer) {
    for (;;) {
        PGresult *result = PQgetResult(writer);
        ExecStatusType status = result ? PQresultStatus(result) : PGRES_COMMAND_OK;
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC) {
            return;
        }
        if (status != PGRES_COMMAND_OK) {
            fprintf(stderr, "floor: %s", PQerrorMessage(writer));
            exit(EXIT_FAILURE);
        }
    }
}

static void batch_put(PGconn *writer, int batch, int batches) {
    PQsendQueryParams(writer, "BEGIN", 0, NULL, NULL, NULL, NULL, 0);
    for (int i = 0; i < f.n_tables; i++) {
        const struct table *t = &f.tables[i];
        int64_t from = (int64_t)t->n * batch / batches, to = (int64_t)t->n * (batch + 1) / batches;
        for (int64_t row = from; row < to; row++) {
            row_send(writer, t, (int)row);
        }
    }
    PQsendQueryParams(writer, "COMMIT", 0, NULL, NULL, NULL, NULL, 0);
    PQpipelineSync(writer);
}

/* Each connection gets its next batch when it has done the last; the server works on both. */
static double all_put(int batches) {
    int64_t began = clock_steady_ns();
    for (int i = 0; i < batches + CONNECTIONS; i++) {
        PGconn *writer = f.writers[i % CONNECTIONS];
        if (i >= CONNECTIONS) {
            results_take(writer);
        }
        if (i < batches) {
            batch_put(writer, i, batches);
            PQflush(writer);
        }
    }
    return (double)(clock_steady_ns() - began) / 1e9;
}

void floor_measure(const char *url, int64_t mark) {
    if (!mark || !opened(url)) {
        return;
    }
    run("CREATE SCHEMA floor");
    PGresult *names = ask("SELECT relname FROM pg_class WHERE relkind = 'r' AND "
                          "relnamespace = 'public'::regnamespace ORDER BY relname");
    for (int i = 0; i < PQntuples(names); i++) {
        table_read(PQgetvalue(names, i, 0), mark);
    }
    PQclear(names);
    if (!f.leads) {
        fputs("floor: no lead was written\n", stderr);
        exit(EXIT_FAILURE);
    }
    int batches = (f.leads + BATCH - 1) / BATCH;
    for (int i = 0; i < CONNECTIONS; i++) {
        f.writers[i] = writer_open(url);
    }
    double seconds = all_put(batches);
    printf(
        "bare libpq, the same rows pipelined: %.0f leads/s (%d leads, %.1f rows each, %d tables)\n",
        f.leads / seconds, f.leads, (double)f.rows / f.leads, f.n_tables);
    for (int i = 0; i < f.n_tables; i++) {
        PQclear(f.tables[i].rows);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        PQfinish(f.writers[i]);
    }
    PQfinish(f.connection);
}
