/*
 * Reading over HTTP: http_bench WHAT BUILD DATABASE LEADS
 *
 * Starts the program of BUILD on the database (company.h; filled when it is empty) and, in turn
 * with it, the floor of hello.c with as many threads, asks both over 16 kept connections, and
 * holds what comes out to the bars. The same headers go to both. WHAT is
 *
 *   read     one lead with the titles of its references, closed loop: at least 40 % of hello
 *   reports  the same at a fixed rate while four reports run on their own threads: p99 2 ms
 *   lists    50 leads with titles, filtered and sorted, as pages after the first: 6 % of hello
 *   counted  the same with the bounded total, as the list page asks for its first: 6 % of hello
 *   start    from starting the program to the first 200 of /readyz: 0.3 s
 *   memory   what the program holds after a mixed load: 80 MB
 *
 * for a representative, a manager and an administrator; the worst of them counts. Ratios are
 * medians of rounds, so that a disturbance of a second does not decide; each round of the program
 * stands between two of the floor and is compared with their mean, so that a machine that becomes
 * slower or faster meanwhile does not decide either. Ends with status 1 when a bar is missed.
 * HTTP_BENCH_ONLY=words leaves out the roles and lists that are not called so.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "child.h"
#include "company.h"
#include "load.h"

enum { CONNECTIONS = 16, THREADS = 4, ROUNDS = 5, ROUNDS_MOST = 15, SAMPLE = 2000, REPORTS = 4 };
static const double round_seconds = 0.25;

struct bench {
    struct company company;
    char program[512], hello[512], files[512];
    const char *database;
    const char *tokens[COMPANY_ROLES];
};

/* Requests that are sent one after the other, over and over. */
struct asked {
    char (*texts)[LOAD_REQUEST];
    size_t n;
};

static void asked_add(struct asked *a, const char *text) {
    a->texts = realloc(a->texts, (a->n + 1) * sizeof *a->texts);
    if (!a->texts) {
        exit(EXIT_FAILURE);
    }
    snprintf(a->texts[a->n++], LOAD_REQUEST, "%s", text);
}

static void asked_get(struct asked *a, const char *token, const char *target) {
    char text[LOAD_REQUEST];
    snprintf(text, sizeof text,
             "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
             "Accept: application/json\r\nAccept-Language: zh\r\n\r\n",
             target, token);
    asked_add(a, text);
}

static size_t write_asked(void *data, int64_t i, int connection, char text[LOAD_REQUEST]) {
    const struct asked *a = data;
    const char *from = a->texts[(size_t)i % a->n];
    size_t n = strlen(from);
    (void)connection;
    memcpy(text, from, n);
    return n;
}

/* A report a connection, so that all of them always run. */
static size_t write_own(void *data, int64_t i, int connection, char text[LOAD_REQUEST]) {
    (void)i;
    return write_asked(data, connection, connection, text);
}

static struct child program_start(const struct bench *b) {
    char database[600], files[600], key[600];
    snprintf(database, sizeof database, "--db=%s", b->database);
    snprintf(files, sizeof files, "--files=%s", b->files);
    snprintf(key, sizeof key, "--secret-key-file=%s.key", b->database);
    /* One of the slow threads is kept free of reports. */
    const char *const arguments[] = {b->program,
                                     "serve",
                                     "--port=0",
                                     database,
                                     files,
                                     key,
                                     "--node=1",
                                     "--threads=4",
                                     "--slow-threads=5",
                                     "--log-level=warn",
                                     "--requests-per-minute=1000000",
                                     NULL};
    return child_start(arguments);
}

static struct child hello_start(const struct bench *b) {
    const char *const arguments[] = {b->hello, "4", NULL};
    return child_start(arguments);
}

/* What was measured of one server: requests a second; processor time a request of the server
 * and of who asks, which other work on the machine disturbs less. */
struct measured {
    double per_second[ROUNDS_MOST + 1], server_us[ROUNDS_MOST + 1], asking_us[ROUNDS_MOST + 1];
};

static void round_run(struct measured *m, int i, const struct child *server, struct asked *asked) {
    struct load load = {.port = server->port,
                        .connections = CONNECTIONS,
                        .seconds = round_seconds,
                        .write = write_asked,
                        .data = asked};
    double worked = child_cpu(server);
    struct load_result result = load_run(&load);
    if (result.refused || !result.answered) {
        fprintf(stderr, "bench: %lld replies with an error\n", (long long)result.refused);
        exit(EXIT_FAILURE);
    }
    m->per_second[i] = result.per_second;
    m->server_us[i] = (child_cpu(server) - worked) * 1e6 / (double)result.answered;
    m->asking_us[i] = result.cpu_us;
}

static int by_value(const void *x, const void *y) {
    const double *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

/* Sorts. */
static double median(double *values, int n) {
    qsort(values, (size_t)n, sizeof *values, by_value);
    return values[n / 2];
}

/* The program and the floor, asked in turn. */
struct pair {
    struct child program, hello;
    int rounds;
};

static struct pair pair_start(const struct bench *b, int rounds) {
    return (struct pair){program_start(b), hello_start(b), rounds};
}

static void pair_stop(struct pair *p) {
    child_stop(&p->program);
    child_stop(&p->hello);
}

/* The program's share of the floor. */
static double share(const struct pair *p, struct asked *asked, const char *what) {
    struct measured floor, own;
    double shares[ROUNDS_MOST];
    int n = p->rounds;
    round_run(&floor, 0, &p->hello, asked);
    for (int i = 0; i < n; i++) {
        round_run(&own, i, &p->program, asked);
        round_run(&floor, i + 1, &p->hello, asked);
        shares[i] = 200 * own.per_second[i] / (floor.per_second[i] + floor.per_second[i + 1]);
    }
    double result = median(shares, n);
    double floor_us = median(floor.server_us, n + 1), floor_asking = median(floor.asking_us, n + 1);
    double own_us = median(own.server_us, n), own_asking = median(own.asking_us, n);
    printf("  %-31s %6.0f/s of %6.0f/s: %5.1f %% (%.1f to %.1f %%); processor %.1f + %.1f µs "
           "against %.1f + %.1f: %.1f %%\n",
           what, median(own.per_second, n), median(floor.per_second, n + 1), result, shares[0],
           shares[n - 1], own_us, own_asking, floor_us, floor_asking,
           100 * (floor_us + floor_asking) / (own_us + own_asking));
    fflush(stdout);
    return result;
}

static bool at_least(const char *what, double measured, double bar) {
    printf("%s: worst %.1f %% of hello, bar %.0f %%: %s\n", what, measured, bar,
           measured >= bar ? "met" : "MISSED");
    return measured >= bar;
}

static bool at_most(const char *what, double measured, double bar, const char *unit) {
    printf("%s: %.2f %s, bar %.1f %s: %s\n", what, measured, unit, bar, unit,
           measured <= bar ? "met" : "MISSED");
    return measured <= bar;
}

/* Whether HTTP_BENCH_ONLY names what is called so, or nothing is left out. */
static bool wanted(const char *role, const char *list) {
    const char *only = getenv("HTTP_BENCH_ONLY");
    char name[160];
    snprintf(name, sizeof name, "%s: %s", role, list);
    return !only || strstr(name, only);
}

/* Leads the role may see, from all over the table. */
static struct asked asked_leads(struct bench *b, enum company_role role) {
    struct asked a = {0};
    struct db_rows rows;
    int64_t step = b->company.leads / COMPANY_OWNED;
    for (int i = 0; i < COMPANY_OWNED && role == COMPANY_REPRESENTATIVE; i++) {
        char target[128];
        snprintf(target, sizeof target, "/api/v1/leads/%lld",
                 (long long)company_lead((int64_t)i * step));
        asked_get(&a, b->tokens[role], target);
    }
    DB_QUERY(&b->company.c, &rows,
             "SELECT id FROM lead WHERE deleted_at IS NULL AND ($1 = 1 OR owner_department_id "
             "BETWEEN $2 AND $3) ORDER BY id / 4096 * 7919 % 10007 LIMIT $4",
             role == COMPANY_ADMINISTRATOR ? 1 : 0, company_department(0),
             company_department(COMPANY_TREE - 1), role == COMPANY_REPRESENTATIVE ? 0 : SAMPLE);
    while (db_next(&rows)) {
        char target[128];
        snprintf(target, sizeof target, "/api/v1/leads/%lld", (long long)db_int(&rows, 0));
        asked_get(&a, b->tokens[role], target);
    }
    company_check(&b->company);
    return a;
}

static bool measure_read(struct bench *b) {
    struct pair pair = pair_start(b, ROUNDS_MOST);
    double worst = 100;
    for (int role = 0; role < COMPANY_ROLES; role++) {
        if (!wanted(company_role_names[role], "one lead")) {
            continue;
        }
        struct asked leads = asked_leads(b, (enum company_role)role);
        double percent = share(&pair, &leads, company_role_names[role]);
        worst = percent < worst ? percent : worst;
        free(leads.texts);
    }
    pair_stop(&pair);
    return at_least("one lead at 16 connections", worst, 40);
}

/* Lists as the list page asks for them, the columns of leads it begins with, and some with all
 * that a lead has, as other lists do. {…} of a condition stands percent-encoded. */
#define SHOWN                                                                                      \
    "/api/v1/leads?limit=50&expand=owner_id&fields=name%2Ccompany_name%2Cstatus%2Cscore%2Ctier%2C" \
    "source%2Cregion%2Cphone%2Cnext_follow_up_at%2Cowner_id&sort="
#define WHOLE "/api/v1/leads?limit=50&expand=*&sort="
#define ASKS(field, operator, value)                                                            \
    "%7B%22field%22%3A%22" field "%22%2C%22op%22%3A%22" operator"%22%2C%22value%22%3A%22" value \
                                                                "%22%7D"
#define WHERE(field, value) ASKS(field, "eq", value)
#define BOTH(a, b) "%7B%22all%22%3A%5B" a "%2C" b "%5D%7D"
#define NEW_OF_SOURCE "-created_at&where=" BOTH(WHERE("status", "new"), WHERE("source", "baidu"))
#define HUAYUE "%E5%8D%8E%E5%B2%B3"

static const struct {
    const char *what, *target;
    enum { SHOWN_COLUMNS, WHOLE_RECORDS, NO_INDEX, KINDS } kind;
} lists[] = {
    {"newest", SHOWN "-created_at", SHOWN_COLUMNS},
    {"status new, newest", SHOWN "-created_at&where=" WHERE("status", "new"), SHOWN_COLUMNS},
    {"status rare, newest", SHOWN "-created_at&where=" WHERE("status", "converted"), SHOWN_COLUMNS},
    {"status new and a source, newest", SHOWN NEW_OF_SOURCE, SHOWN_COLUMNS},
    {"company contains, status new",
     SHOWN
     "-created_at&where=" BOTH(ASKS("company_name", "contains", HUAYUE), WHERE("status", "new")),
     NO_INDEX},
    {"status new, oldest first", SHOWN "created_at&where=" WHERE("status", "new"), SHOWN_COLUMNS},
    {"by status", SHOWN "status", SHOWN_COLUMNS},
    {"best score first", SHOWN "-score", SHOWN_COLUMNS},
    {"status working, by next step", SHOWN "next_follow_up_at&where=" WHERE("status", "working"),
     SHOWN_COLUMNS},
    {"whole: newest", WHOLE "-created_at", WHOLE_RECORDS},
    {"whole: status new and a source", WHOLE NEW_OF_SOURCE, WHOLE_RECORDS},
};
enum { LISTS = sizeof lists / sizeof *lists };

static struct asked asked_list(const struct bench *b, int role, size_t i, const char *total) {
    struct asked asked = {0};
    char target[1024];
    snprintf(target, sizeof target, "%s%s", lists[i].target, total);
    asked_get(&asked, b->tokens[role], target);
    return asked;
}

/* Whole records, and what no index serves, are told apart and not held to the bar. */
static bool measure_page(struct bench *b, const char *total, const char *what) {
    struct pair pair = pair_start(b, ROUNDS);
    double worst[KINDS] = {100, 100, 100};
    for (int role = 0; role < COMPANY_ROLES; role++) {
        printf("%s\n", company_role_names[role]);
        for (size_t i = 0; i < LISTS; i++) {
            if (wanted(company_role_names[role], lists[i].what)) {
                struct asked asked = asked_list(b, role, i, total);
                double percent = share(&pair, &asked, lists[i].what);
                free(asked.texts);
                double *least = &worst[lists[i].kind];
                *least = percent < *least ? percent : *least;
            }
        }
    }
    pair_stop(&pair);
    printf("whole records: worst %.1f %%; a text that contains: worst %.1f %%\n",
           worst[WHOLE_RECORDS], worst[NO_INDEX]);
    return at_least(what, worst[SHOWN_COLUMNS], 6);
}

static bool measure_lists(struct bench *b) {
    return measure_page(b, "", "50 leads at 16 connections");
}

static bool measure_counted(struct bench *b) {
    return measure_page(b, "&count=true", "50 leads and their bounded total at 16 connections");
}

/* Reports that take long, each of its own kind. */
static struct asked asked_reports(const struct bench *b) {
    static const char *const targets[REPORTS] = {
        "/api/v1/leads/count?where=" WHERE("status", "new"), "/api/v1/reports/funnel/deals",
        "/api/v1/leads/export?format=csv",
        "/api/v1/leads/count?where=" ASKS("company_name", "contains", HUAYUE)};
    struct asked a = {0};
    for (int i = 0; i < REPORTS; i++) {
        asked_get(&a, b->tokens[COMPANY_ADMINISTRATOR], targets[i]);
    }
    return a;
}

struct reporting {
    struct load load;
    struct load_result result;
};

/* Who takes in the reports, tens of megabytes each, gives way like one on another machine. */
static void *reporting_run(void *data) {
    struct reporting *r = data;
    setpriority(PRIO_PROCESS, (id_t)gettid(), 19);
    r->result = load_run(&r->load);
    return NULL;
}

/* Ask for all reports, over and over, while the load runs. */
static struct load_result load_run_reporting(const struct bench *b, const struct load *load,
                                             int64_t *n_reports) {
    enum { HOUR = 3600 };
    struct asked reports = asked_reports(b);
    _Atomic int stop = 0;
    struct reporting reporting = {.load = {.port = load->port,
                                           .connections = REPORTS,
                                           .seconds = HOUR,
                                           .write = write_own,
                                           .data = &reports,
                                           .stop = &stop}};
    pthread_t thread;
    pthread_create(&thread, NULL, reporting_run, &reporting);
    sleep(1); /* until all reports are under way */
    struct load_result result = load_run(load);
    atomic_store(&stop, 1);
    pthread_join(thread, NULL);
    free(reports.texts);
    *n_reports = reporting.result.answered;
    if (result.refused || reporting.result.refused || *n_reports < REPORTS) {
        fprintf(stderr, "bench: %lld reads and %lld reports with an error\n",
                (long long)result.refused, (long long)reporting.result.refused);
        exit(EXIT_FAILURE);
    }
    return result;
}

static double p99_while_reporting(const struct bench *b, const struct child *program,
                                  struct asked *leads, const char *what) {
    enum { RATE = 1000, SECONDS = 5 };
    struct load load = {.port = program->port,
                        .connections = CONNECTIONS,
                        .seconds = SECONDS,
                        .rate = RATE,
                        .write = write_asked,
                        .data = leads};
    int64_t n_reports;
    struct load_result r = load_run_reporting(b, &load, &n_reports);
    printf("  %-30s %d/s: p50 %.2f ms  p99 %.2f ms  p99.9 %.2f ms  most %.2f ms; %lld reports\n",
           what, RATE, r.p50_ms, r.p99_ms, r.p999_ms, r.most_ms, (long long)n_reports);
    fflush(stdout);
    return r.p99_ms;
}

static bool measure_reports(struct bench *b) {
    struct child program = program_start(b);
    double worst = 0;
    for (int role = 0; role < COMPANY_ROLES; role++) {
        struct asked leads = asked_leads(b, (enum company_role)role);
        double p99 = p99_while_reporting(b, &program, &leads, company_role_names[role]);
        worst = p99 > worst ? p99 : worst;
        free(leads.texts);
    }
    child_stop(&program);
    return at_most("one lead while four reports run, worst p99", worst, 2, "ms");
}

/* From exec to the first 200: the port is known when the program listens. */
static double start_once(const struct bench *b) {
    struct asked ready = {0};
    asked_get(&ready, "", "/readyz");
    int64_t began = clock_steady_ns();
    struct child program = program_start(b);
    struct load load = {
        .port = program.port, .connections = 1, .seconds = 0, .write = write_asked, .data = &ready};
    struct load_result result = load_run(&load);
    double seconds = (clock_steady_ns() - began) / 1e9;
    child_stop(&program);
    free(ready.texts);
    if (result.refused) {
        fprintf(stderr, "bench: not ready after its start\n");
        exit(EXIT_FAILURE);
    }
    return seconds;
}

static bool measure_start(struct bench *b) {
    double seconds[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        seconds[i] = start_once(b);
        printf("  start %d: %.3f s\n", i + 1, seconds[i]);
    }
    return at_most("start, median", median(seconds, ROUNDS), 0.3, "s");
}

/* All roles, leads and lists, and all reports beside them. */
static bool measure_memory(struct bench *b) {
    struct child program = program_start(b);
    double most, fresh = child_memory(&program, &most);
    struct asked mixed = {0};
    for (int role = 0; role < COMPANY_ROLES; role++) {
        struct asked leads = asked_leads(b, (enum company_role)role);
        for (size_t i = 0; i < leads.n; i++) {
            asked_add(&mixed, leads.texts[i]);
            char target[1024];
            snprintf(target, sizeof target, "%s&count=true", lists[i % LISTS].target);
            asked_get(&mixed, b->tokens[role], target);
        }
        free(leads.texts);
    }
    struct load reading = {.port = program.port,
                           .connections = 64,
                           .seconds = 10,
                           .write = write_asked,
                           .data = &mixed};
    int64_t n_reports;
    struct load_result read = load_run_reporting(b, &reading, &n_reports);
    double held = child_memory(&program, &most);
    printf("  %.1f MB after the start, %.1f MB after %lld reads and lists and %lld reports\n",
           fresh, held, (long long)read.answered, (long long)n_reports);
    child_stop(&program);
    free(mixed.texts);
    return at_most("memory, at most", most, 80, "MB");
}

static void prepare(struct bench *b, const char *build, const char *database, int64_t leads) {
    snprintf(b->program, sizeof b->program, "%s/guantong", build);
    snprintf(b->hello, sizeof b->hello, "%s/bench/hello", build);
    snprintf(b->files, sizeof b->files, "%s.files", database);
    b->database = database;
    company_open(&b->company, database, leads);
    for (int role = 0; role < COMPANY_ROLES; role++) {
        b->tokens[role] = str_to_c(&b->company.arena,
                                   company_token(&b->company, (enum company_role)role));
    }
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        bool (*run)(struct bench *b);
    } measures[] = {{"read", measure_read},   {"reports", measure_reports},
                    {"lists", measure_lists}, {"counted", measure_counted},
                    {"start", measure_start}, {"memory", measure_memory}};
    static struct bench b;
    for (size_t i = 0; argc > 4 && i < sizeof measures / sizeof *measures; i++) {
        if (strcmp(argv[1], measures[i].name) == 0) {
            prepare(&b, argv[2], argv[3], strtoll(argv[4], NULL, 10));
            bool met = measures[i].run(&b);
            company_close(&b.company);
            return met ? EXIT_SUCCESS : EXIT_FAILURE;
        }
    }
    fputs("usage: http_bench read|reports|lists|counted|start|memory BUILD DATABASE LEADS\n",
          stderr);
    return 2;
}
