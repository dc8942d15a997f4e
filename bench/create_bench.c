/*
 * Leads created through HTTP, durably: create_bench BUILD URL LEADS CONNECTIONS SECONDS
 *
 * A representative's program holds CONNECTIONS connections and sends its next lead on each when
 * the last was answered (creates.h). Three ways in one run on a database that holds LEADS already:
 * the program as it is, the same program committing each write by itself, and the floor, the bare
 * library inserting the same row of the same table with all its indexes, one by one, and nothing
 * else. On SQLite all sync in full; it fails when a bar is missed: 4 times singly, 1.5 times bare,
 * p99 25 ms, p99.9 60 ms. On PostgreSQL the figures have no bar.
 */
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "creates.h"
#include "db/db.h"

enum { PARAMETERS = 8 };

/* What a representative's create leaves in the table. */
static const char lead_insert[] =
    "INSERT INTO lead (id, created_at, updated_at, created_by, updated_by, owner_id,"
    " owner_department_id, person_id, phone, email, name, company_name, version, status, source,"
    " region, job_title, description) VALUES ($1, $2, $2, $3, $3, $3, $4, $5, $6, $7, $8,"
    " '无锡天工华信智能装备有限公司', 1, 'new', '官网', '江苏省无锡市', '采购经理',"
    " '想了解设备的价格与交期，请尽快联系。')";

struct bare_row {
    int64_t id, at, user, department, person;
    char phone[24], email[40], name[40];
};

static struct bare_row row_make(int64_t i) {
    struct bare_row r = {
        .id = id_new(), .user = company_user(COMPANY_REPRESENTATIVE), .department = 100};
    r.at = id_time(r.id);
    r.person = id_new();
    snprintf(r.phone, sizeof r.phone, "137%08lld", (long long)(i * 7919 % 100000000));
    snprintf(r.email, sizeof r.email, "c%lld@example.cn", (long long)i);
    snprintf(r.name, sizeof r.name, "孙立民 %07lld", (long long)i);
    return r;
}

static bool sqlite_insert(sqlite3_stmt *s, const struct bare_row *r) {
    const int64_t numbers[] = {r->id, r->at, r->user, r->department, r->person};
    const char *const texts[] = {r->phone, r->email, r->name};
    for (int i = 0; i < 5; i++) {
        sqlite3_bind_int64(s, i + 1, numbers[i]);
    }
    for (int i = 0; i < 3; i++) {
        sqlite3_bind_text(s, i + 6, texts[i], -1, SQLITE_STATIC);
    }
    bool done = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
    return done;
}

static bool postgres_insert(PGconn *connection, const struct bare_row *r) {
    const int64_t numbers[] = {r->id, r->at, r->user, r->department, r->person};
    char texts[5][24];
    const char *values[PARAMETERS] = {[5] = r->phone, [6] = r->email, [7] = r->name};
    for (int i = 0; i < 5; i++) {
        snprintf(texts[i], sizeof texts[i], "%lld", (long long)numbers[i]);
        values[i] = texts[i];
    }
    PGresult *result = PQexecPrepared(connection, "insert", PARAMETERS, values, NULL, NULL, 0);
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return done;
}

/* Rows a second of the bare library. */
static double bare_measure(const char *url, bool postgres, int seconds) {
    sqlite3 *file = NULL;
    sqlite3_stmt *statement = NULL;
    PGconn *connection = NULL;
    if (postgres) {
        connection = PQconnectdb(url);
        PQclear(PQprepare(connection, "insert", lead_insert, 0, NULL));
    } else {
        sqlite3_open(url, &file);
        sqlite3_exec(file, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;", NULL, NULL, NULL);
        sqlite3_prepare_v2(file, lead_insert, -1, &statement, NULL);
    }
    int64_t began = clock_steady_ns(), now = began, n = 0;
    while (now - began < seconds * INT64_C(1000000000)) {
        struct bare_row row = row_make(n++);
        bool done = postgres ? postgres_insert(connection, &row) : sqlite_insert(statement, &row);
        if (!done) {
            fprintf(stderr, "create_bench: bare insert: %s\n",
                    postgres ? PQerrorMessage(connection) : sqlite3_errmsg(file));
            exit(EXIT_FAILURE);
        }
        now = clock_steady_ns();
    }
    sqlite3_finalize(statement);
    sqlite3_close(file);
    PQfinish(connection);
    double rate = (double)n / ((double)(now - began) / 1e9);
    printf("%-8s %8.0f rows/s\n", "bare", rate);
    return rate;
}

static struct load_result serve_measure(struct creates *b, const char *way, int batch,
                                        const struct load *load) {
    struct child program = creates_serve(b, batch);
    struct load l = *load;
    l.port = program.port;
    l.seconds = 1; /* its caches, and the first look into the dictionaries */
    load_run(&l);
    b->first += 100000;
    l.seconds = load->seconds;
    double cpu = child_cpu(&program);
    struct load_result r = load_run(&l);
    b->first += 1000000;
    cpu = child_cpu(&program) - cpu;
    printf("%-8s %8.0f creates/s  p50 %6.2f ms  p99 %6.2f ms  p99.9 %6.2f ms  "
           "(%.0f us of processor each)\n",
           way, r.per_second, r.p50_ms, r.p99_ms, r.p999_ms, cpu * 1e6 / (double)r.answered);
    child_stop(&program);
    if (r.refused) {
        fprintf(stderr, "create_bench: %lld creates were refused\n", (long long)r.refused);
        exit(EXIT_FAILURE);
    }
    return r;
}

int main(int argc, char **argv) {
    static struct creates b;
    if (argc != 6) {
        fputs("usage: create_bench BUILD URL LEADS CONNECTIONS SECONDS\n", stderr);
        return 2;
    }
    const char *url = argv[2];
    int seconds = (int)strtol(argv[5], NULL, 10);
    creates_open(&b, argv[1], url, strtoll(argv[3], NULL, 10));
    b.token = creates_keep(company_token(&b.company, COMPANY_REPRESENTATIVE));
    bool postgres = db_engine(b.company.c.db) == DB_POSTGRES;
    company_close(&b.company);
    struct load load = {.connections = (int)strtol(argv[4], NULL, 10),
                        .seconds = seconds,
                        .write = creates_write,
                        .data = &b};
    double bare = bare_measure(url, postgres, seconds);
    struct load_result single = serve_measure(&b, "single", 1, &load);
    struct load_result grouped = serve_measure(&b, "grouped", 64, &load);
    double to_single = grouped.per_second / single.per_second;
    double to_bare = grouped.per_second / bare;
    printf("grouped / single %.1f, grouped / bare %.1f\n", to_single, to_bare);
    bool met = to_single >= 4 && to_bare >= 1.5 && grouped.p99_ms <= 25 && grouped.p999_ms <= 60;
    return postgres || met ? EXIT_SUCCESS : EXIT_FAILURE;
}
