/*
 * Behaviour of visitors taken in through HTTP: tracking_bench BUILD URL LEADS CONNECTIONS SECONDS
 *
 * The batches of browsers on CONNECTIONS connections, twenty events each, the next when the last
 * was answered: 20,000 visitors in turn, each from an address of its own, so that the rate limit
 * counts as in life. Each batch finds or makes the visitor, adds to his visit and commits its
 * events; the daily totals are kept meanwhile. Afterwards every event that was acknowledged must be
 * in the stream and, within SETTLE_SECONDS, in the totals. On SQLite it fails below 30,000 events a
 * second; on PostgreSQL the figure has no bar.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "child.h"
#include "company.h"
#include "db/db.h"
#include "load.h"

enum { EVENTS = 20, VISITORS = 20000, BAR = 30000, SETTLE_SECONDS = 60 };

static size_t event_add(char *to, size_t room, int64_t any, int i) {
    static const char *const paths[] = {"/", "/products/servo-s6", "/solutions/retrofit",
                                        "/cases/auto-parts", "/pricing"};
    const char *path = paths[(any + i / 2) % 5];
    int n = i % 2 ? snprintf(to, room, "{\"t\":\"page.left\",\"at\":%d,\"u\":\"%s\",\"dw\":%d},",
                             (EVENTS - i) * 1000, path, 1000 + i * 100)
                  : snprintf(to, room,
                             "{\"t\":\"page.viewed\",\"at\":%d,\"u\":\"%s\",\"ti\":\"伺服驱动器\","
                             "\"utm\":{\"utm_source\":\"baidu\"}},",
                             (EVENTS - i) * 1000, path);
    return (size_t)n;
}

static size_t batch_write(void *data, int64_t i, int connection, char text[LOAD_REQUEST]) {
    char body[LOAD_REQUEST];
    int64_t visitor = (i * 7919 + connection) % VISITORS;
    (void)data;
    size_t n = (size_t)snprintf(
        body, sizeof body,
        "{\"v\":\"benchbenchbench%07lld\",\"s\":\"s%lld\",\"c\":\"granted\","
        "\"d\":{\"language\":\"zh-CN\",\"device\":\"phone\"},\"e\":[",
        (long long)visitor, (long long)(i / VISITORS));
    for (int k = 0; k < EVENTS; k++) {
        n += event_add(body + n, sizeof body - n, visitor, k);
    }
    n += (size_t)snprintf(body + n - 1, sizeof body - n, "]}") - 1;
    return (size_t)snprintf(text, LOAD_REQUEST,
                            "POST /t HTTP/1.1\r\nHost: bench\r\nX-Forwarded-For: 10.%lld.%lld.1\r\n"
                            "Content-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s",
                            (long long)(visitor / 250), (long long)(visitor % 250), n, body);
}

static struct child serve(const char *build, const char *url) {
    char program[4096], files[4096];
    snprintf(program, sizeof program, "%s/guantong", build);
    snprintf(files, sizeof files, "%s/bench/files", build);
    const char *const arguments[] = {program,
                                     "serve",
                                     "--port",
                                     "0",
                                     "--db",
                                     url,
                                     "--files",
                                     files,
                                     "--secret-key-file",
                                     "",
                                     "--log-level",
                                     "error",
                                     "--trusted-proxies",
                                     "127.0.0.1",
                                     NULL};
    return child_start(arguments);
}

static int64_t ask(const char *url, const char *what) {
    struct arena arena;
    arena_init(&arena);
    struct ctx c = {.arena = &arena, .now_ms = clock_now_ms()};
    c.db = db_open(&c, str_from(url), DB_READER);
    int64_t n = strcmp(what, "stream") == 0
                    ? DB_INT(&c, "SELECT count(*) FROM behaviour")
                    : DB_INT(&c, "SELECT CAST(sum(events) AS BIGINT) FROM behaviour_daily");
    if (ctx_failed(&c)) {
        fprintf(stderr, "tracking_bench: %s %s\n", c.error.text, c.error.internal);
        exit(EXIT_FAILURE);
    }
    db_close(c.db);
    arena_free(&arena);
    return n;
}

/* Seconds until the totals have everything; -1 when they do not come to it. */
static double settle(const char *url, int64_t wanted) {
    int64_t began = clock_steady_ns();
    for (int i = 0; i < SETTLE_SECONDS * 10; i++) {
        if (ask(url, "totals") == wanted) {
            return (double)(clock_steady_ns() - began) / 1e9;
        }
        usleep(100000);
    }
    return -1;
}

static bool measure(const char *build, const char *url, struct load *load, bool bar) {
    int64_t before = ask(url, "stream"), totals = ask(url, "totals");
    struct child program = serve(build, url);
    load->port = program.port;
    double cpu = child_cpu(&program);
    struct load_result r = load_run(load);
    cpu = child_cpu(&program) - cpu;
    /* Each connection has answered once before the clock started. */
    int64_t sent = (r.answered + load->connections) * EVENTS;
    double settled = settle(url, totals + sent);
    int64_t kept = ask(url, "stream") - before;
    child_stop(&program);
    double rate = r.per_second * EVENTS;
    printf("%.0f events/s in batches of %d on %d connections: p50 %.2f ms, p99 %.2f ms, "
           "p99.9 %.2f ms; %.1f us of processor an event\n",
           rate, EVENTS, load->connections, r.p50_ms, r.p99_ms, r.p999_ms,
           cpu * 1e6 / (double)(r.answered * EVENTS));
    printf("%lld acknowledged, %lld in the stream, %lld batches refused; totals had all after "
           "%.1f s\n",
           (long long)sent, (long long)kept, (long long)r.refused, settled);
    return kept == sent && r.refused == 0 && settled >= 0 && (!bar || rate >= BAR);
}

int main(int argc, char **argv) {
    static struct company company;
    if (argc != 6) {
        fputs("usage: tracking_bench BUILD URL LEADS CONNECTIONS SECONDS\n", stderr);
        return 2;
    }
    company_open(&company, argv[2], strtoll(argv[3], NULL, 10));
    bool sqlite = db_engine(company.c.db) == DB_SQLITE;
    company_close(&company);
    struct load load = {.connections = (int)strtol(argv[4], NULL, 10),
                        .seconds = (double)strtol(argv[5], NULL, 10),
                        .write = batch_write};
    return measure(argv[1], argv[2], &load, sqlite) ? EXIT_SUCCESS : EXIT_FAILURE;
}
