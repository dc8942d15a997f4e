/*
 * Durable creates a second: writer_bench URL CONNECTIONS SECONDS
 *
 * A create looks for a duplicate by phone, inserts a lead with its indexes, an audit row and
 * a numbered event. CONNECTIONS callers wait for their create each, as requests do. Three
 * ways on the same kind of database, made anew in URL: the writer in groups, the writer
 * committing singly, and the floor: the bare library inserting only the lead, one by one.
 * Prints a line for each, and the ratios. Fails when SQLite misses a bar: 4 times single and 1.5
 * times bare, with a p99 of 25 ms and a p99.9 of 60 ms.
 */
#include <libpq-fe.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "db/migration.h"
#include "db/sql.h"
#include "db/writer.h"

enum { LATENCIES = 1 << 20, CALLERS_MOST = 512 };

static const char tables[] =
    "DROP TABLE IF EXISTS bench_lead;\nDROP TABLE IF EXISTS bench_audit;\n"
    "DROP TABLE IF EXISTS bench_event;\n"
    "CREATE TABLE bench_lead (id {id}, name TEXT, phone TEXT, company TEXT, status TEXT,"
    " owner_id BIGINT, department_id BIGINT, created_at BIGINT, next_at BIGINT, score BIGINT);\n"
    "CREATE INDEX bench_lead_phone ON bench_lead (phone);\n"
    "CREATE INDEX bench_lead_owner ON bench_lead (owner_id, created_at);\n"
    "CREATE INDEX bench_lead_department ON bench_lead (department_id, created_at);\n"
    "CREATE INDEX bench_lead_status ON bench_lead (status, created_at);\n"
    "CREATE TABLE bench_audit (id {id}, subject_id BIGINT, changes TEXT);\n"
    "CREATE INDEX bench_audit_subject ON bench_audit (subject_id);\n"
    "CREATE TABLE bench_event (seq {id}, type TEXT, subject_id BIGINT, payload TEXT)";

static const char payload[] = "{\"status\":\"new\",\"source\":\"form\",\"owner_id\":\"1\"}";

struct measurement {
    struct writer *w;
    atomic_bool stop;
    atomic_int n;
    int64_t *latency_ns;
    int64_t elapsed_ns;
};

/* Of one way. */
struct result {
    double rate, p50_ms, p99_ms, p999_ms;
};

/* The events of a batch at once, numbered behind the last. */
static void events_number(struct ctx *c, void *const *items, size_t n) {
    if (db_engine(c->db) == DB_POSTGRES) {
        DB_RUN(c, "SELECT pg_advisory_xact_lock(8)");
    }
    int64_t last = DB_INT(c, "SELECT COALESCE(MAX(seq), 0) FROM bench_event");
    struct sql q = sql_new(db_batch_arena(c->db));
    SQL_ADD(&q, "INSERT INTO bench_event (seq, type, subject_id, payload) VALUES ");
    for (size_t i = 0; i < n; i++) {
        sql_literal(&q, i ? ", (" : "(");
        SQL_VALUE(&q, last + 1 + (int64_t)i);
        SQL_ADD(&q, ", 'lead.created', ");
        SQL_VALUE(&q, *(int64_t *)items[i]);
        SQL_ADD(&q, ", ");
        SQL_VALUE(&q, payload);
        SQL_ADD(&q, ")");
    }
    sql_run(c, &q);
}

static void lead_create(struct ctx *c, void *data) {
    int64_t id = *(int64_t *)data;
    char phone[16];
    snprintf(phone, sizeof phone, "138%08lld", (long long)(id * 2654435761 % 100000000));
    DB_INT(c, "SELECT id FROM bench_lead WHERE phone = $1", phone);
    DB_RUN(c,
           "INSERT INTO bench_lead (id, name, phone, company, status, owner_id, department_id,"
           " created_at, next_at, score) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
           id, "孙立民", phone, "无锡天工智能装备股份有限公司", "new", id % 40, id % 7, c->now_ms,
           c->now_ms, id % 100);
    DB_RUN(c, "INSERT INTO bench_audit (id, subject_id, changes) VALUES ($1, $1, $2)", id, payload);
    int64_t *item = ARENA_NEW(db_batch_arena(c->db), int64_t);
    *item = id;
    db_defer_many(c, events_number, item);
}

static void *caller_run(void *data) {
    struct measurement *m = data;
    struct arena arena;
    arena_init(&arena);
    while (!m->stop) {
        int64_t id = id_new(), began = clock_steady_ns();
        struct write_job job = {
            .run = lead_create, .data = &id, .context = {.arena = &arena, .now_ms = id_time(id)}};
        writer_run(m->w, &job);
        if (ctx_failed(&job.context)) {
            fprintf(stderr, "%s %s\n", job.context.error.text, job.context.error.internal);
            exit(1);
        }
        int at = atomic_fetch_add(&m->n, 1);
        m->latency_ns[at % LATENCIES] = clock_steady_ns() - began;
        arena_free(&arena);
    }
    return NULL;
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static struct result report(const char *way, struct measurement *m) {
    int n = m->n < LATENCIES ? m->n : LATENCIES;
    qsort(m->latency_ns, (size_t)n, sizeof *m->latency_ns, compare);
    struct result r = {.rate = m->n / (m->elapsed_ns / 1e9),
                       .p50_ms = m->latency_ns[n / 2] / 1e6,
                       .p99_ms = m->latency_ns[n - n / 100 - 1] / 1e6,
                       .p999_ms = m->latency_ns[n - n / 1000 - 1] / 1e6};
    printf("%-8s %8.0f creates/s  p50 %7.2f ms  p99 %7.2f ms  p99.9 %7.2f ms\n", way, r.rate,
           r.p50_ms, r.p99_ms, r.p999_ms);
    return r;
}

static void check(const struct ctx *c) {
    if (ctx_failed(c)) {
        fprintf(stderr, "writer_bench: %s %s\n", c->error.text, c->error.internal);
        exit(1);
    }
}

static struct result writer_measure(struct ctx *c, const char *url, int batch, int callers,
                                    int seconds) {
    struct measurement m = {.latency_ns = calloc(LATENCIES, sizeof(int64_t))};
    struct writer_options options = {.url = str_from(url), .threads = 4, .batch = batch};
    m.w = writer_start(c, &options);
    check(c);
    pthread_t threads[CALLERS_MOST];
    int64_t began = clock_steady_ns();
    for (int i = 0; i < callers; i++) {
        pthread_create(&threads[i], NULL, caller_run, &m);
    }
    nanosleep(&(struct timespec){.tv_sec = seconds}, NULL);
    m.stop = true;
    for (int i = 0; i < callers; i++) {
        pthread_join(threads[i], NULL);
    }
    m.elapsed_ns = clock_steady_ns() - began;
    writer_stop(m.w);
    struct result r = report(batch == 1 ? "single" : "grouped", &m);
    free(m.latency_ns);
    return r;
}

static const char lead_insert[] =
    "INSERT INTO bench_lead (id, name, phone, company, status, owner_id, department_id,"
    " created_at, next_at, score) VALUES ($1, '孙立民', $2, '无锡天工智能装备股份有限公司',"
    " 'new', $3, $4, $1, $1, 50)";

static bool sqlite_insert(sqlite3_stmt *s, int64_t id, const char *phone) {
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_text(s, 2, phone, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 3, id % 40);
    sqlite3_bind_int64(s, 4, id % 7);
    bool done = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
    return done;
}

static bool postgres_insert(PGconn *connection, int64_t id, const char *phone) {
    char texts[3][24];
    snprintf(texts[0], sizeof texts[0], "%lld", (long long)id);
    snprintf(texts[1], sizeof texts[1], "%lld", (long long)(id % 40));
    snprintf(texts[2], sizeof texts[2], "%lld", (long long)(id % 7));
    const char *values[] = {texts[0], phone, texts[1], texts[2]};
    PGresult *result = PQexecPrepared(connection, "insert", 4, values, NULL, NULL, 0);
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return done;
}

/* The floor: no checks, no audit, no event, no other thread. */
static struct result bare_measure(const char *url, bool postgres, int seconds) {
    struct measurement m = {.latency_ns = calloc(LATENCIES, sizeof(int64_t))};
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
    int64_t start = clock_steady_ns(), now = start;
    while (now - start < seconds * 1000000000LL) {
        int64_t id = id_new(), began = now;
        char phone[16];
        snprintf(phone, sizeof phone, "138%08lld", (long long)(id * 2654435761 % 100000000));
        bool done = postgres ? postgres_insert(connection, id, phone)
                             : sqlite_insert(statement, id, phone);
        if (!done) {
            fprintf(stderr, "writer_bench: bare insert failed\n");
            exit(1);
        }
        now = clock_steady_ns();
        m.latency_ns[m.n++ % LATENCIES] = now - began;
    }
    m.elapsed_ns = now - start;
    sqlite3_finalize(statement);
    sqlite3_close(file);
    PQfinish(connection);
    struct result r = report("bare", &m);
    free(m.latency_ns);
    return r;
}

int main(int argc, char **argv) {
    if (argc != 4 || strtol(argv[2], NULL, 10) < 1 || strtol(argv[2], NULL, 10) > CALLERS_MOST) {
        fprintf(stderr, "usage: writer_bench URL CONNECTIONS SECONDS\n");
        return 2;
    }
    const char *url = argv[1];
    int callers = (int)strtol(argv[2], NULL, 10), seconds = (int)strtol(argv[3], NULL, 10);
    struct arena arena;
    arena_init(&arena);
    struct ctx c = {.arena = &arena, .now_ms = clock_now_ms()};
    c.db = db_open(&c, str_from(url), DB_WRITER);
    migration_define(&c, str_from(tables));
    check(&c);
    bool postgres = db_engine(c.db) == DB_POSTGRES;
    db_close(c.db);
    struct result grouped = writer_measure(&c, url, 0, callers, seconds);
    struct result single = writer_measure(&c, url, 1, callers, seconds);
    struct result bare = bare_measure(url, postgres, seconds);
    double to_single = grouped.rate / single.rate, to_bare = grouped.rate / bare.rate;
    printf("grouped / single %.1f, grouped / bare %.1f\n", to_single, to_bare);
    arena_free(&arena);
    bool met = to_single >= 4 && to_bare >= 1.5 && grouped.p99_ms <= 25 && grouped.p999_ms <= 60;
    return postgres || met ? 0 : 1;
}
