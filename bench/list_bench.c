/*
 * Lists and search at size: list_bench URL LEADS [MAX_P50_MS]
 *
 * Fills the database in URL (company.h) unless it was filled before, indexes its leads for
 * search, and reads, for a representative, a manager of ten departments and an administrator:
 * the first page of 50 with its bounded total, a page in the middle, filtered by status,
 * sorted otherwise. Prints p50 and p99 of the library alone (no HTTP, no JSON); fails when the
 * worst p50 of a list filtered and sorted by default is above MAX_P50_MS.
 * LIST_BENCH_NO_SEARCH=1 leaves the search out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "company.h"
#include "entity/query.h"
#include "entity/search.h"
#include "entity/search_index.h"

enum { REPEATS = 300 };

struct bench {
    struct company company;
    double worst_p50;
    double samples[REPEATS], processor[REPEATS]; /* ms that passed; that this thread worked */
};

struct stopwatch {
    int64_t passed_ns;
    struct timespec worked;
};

static struct stopwatch watch_start(void) {
    struct stopwatch w = {.passed_ns = clock_steady_ns()};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &w.worked);
    return w;
}

static void watch_stop(struct bench *b, int n, struct stopwatch w) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    b->samples[n] = (clock_steady_ns() - w.passed_ns) / 1e6;
    b->processor[n] = (now.tv_sec - w.worked.tv_sec) * 1e3 + (now.tv_nsec - w.worked.tv_nsec) / 1e6;
}

static void index_all(struct bench *b) {
    int64_t began = clock_steady_ns();
    db_begin(&b->company.c);
    int64_t indexed = search_rebuild(&b->company.c, true);
    db_commit(&b->company.c);
    company_check(&b->company);
    printf("search index: %.0f records/s\n", indexed / ((clock_steady_ns() - began) / 1e9));
}

static int by_value(const void *x, const void *y) {
    const double *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static double report(struct bench *b, const char *what, int n, const char *more) {
    qsort(b->samples, (size_t)n, sizeof *b->samples, by_value);
    qsort(b->processor, (size_t)n, sizeof *b->processor, by_value);
    double p50 = b->samples[n / 2];
    printf("  %-44s p50 %7.2f ms  p99 %7.2f ms  processor p50 %6.2f ms  %s\n", what, p50,
           b->samples[n - 1 - n / 100], b->processor[n / 2], more);
    return p50;
}

struct listed {
    const char *what, *where, *sort;
    bool total, counts; /* counts: to the bar */
};

/* A request in a snapshot of its own, as the server makes it. */
static void list_once(struct bench *b, int n, struct list_request *request, bool total,
                      char more[64]) {
    struct arena_mark mark = arena_mark(b->company.c.arena);
    struct stopwatch watch = watch_start();
    db_begin(&b->company.c);
    struct list_total count = {0};
    struct list_page page = total ? list_read_counted(&b->company.c, request, &count)
                                  : list_read(&b->company.c, request);
    db_commit(&b->company.c);
    watch_stop(b, n, watch);
    company_check(&b->company);
    snprintf(more, 64, "%zu rows, total %lld%s", page.n, (long long)count.value,
             count.exact ? "" : "+");
    arena_reset(b->company.c.arena, mark);
}

static void list_measure(struct bench *b, const struct listed *l) {
    char more[64] = "";
    struct list_request request = {.entity = b->company.lead, .limit = 50};
    request.where = condition_parse_text(&b->company.c, b->company.lead, str_from(l->where));
    list_parse_sort(&b->company.c, &request, str_from(l->sort));
    company_check(&b->company);
    int n = 0;
    int64_t began = clock_steady_ns();
    while (n < REPEATS && clock_steady_ns() - began < 3000000000LL) {
        list_once(b, n++, &request, l->total, more);
    }
    double p50 = report(b, l->what, n, more);
    if (l->counts && p50 > b->worst_p50) {
        b->worst_p50 = p50;
    }
}

/* Page after page by the cursor; a hundred pages deep costs what the first costs. */
static void pages_measure(struct bench *b) {
    struct list_request request = {.entity = b->company.lead, .limit = 50};
    char cursor[256] = "";
    int n = 0;
    do {
        struct arena_mark mark = arena_mark(b->company.c.arena);
        struct stopwatch watch = watch_start();
        struct list_page page = list_read(&b->company.c, &request);
        watch_stop(b, n++, watch);
        company_check(&b->company);
        snprintf(cursor, sizeof cursor, "%.*s", STR_ARG(page.next));
        request.cursor = str_from(cursor);
        arena_reset(b->company.c.arena, mark);
    } while (cursor[0] && n < 100);
    report(b, "pages 1 to 100 by cursor", n, "");
}

static void search_measure(struct bench *b, const char *words) {
    char what[96], more[64] = "";
    int n = 0;
    int64_t began = clock_steady_ns();
    while (n < REPEATS && clock_steady_ns() - began < 2000000000LL) {
        struct arena_mark mark = arena_mark(b->company.c.arena);
        struct search_hit *hits;
        struct stopwatch watch = watch_start();
        size_t found = search_run(&b->company.c, str_from(words), b->company.lead, 20, &hits);
        watch_stop(b, n++, watch);
        company_check(&b->company);
        snprintf(more, sizeof more, "%zu hits", found);
        arena_reset(b->company.c.arena, mark);
    }
    snprintf(what, sizeof what, "search %s", words);
    report(b, what, n, more);
}

static void role_measure(struct bench *b, enum company_role role) {
    static const struct listed lists[] = {
        {"newest, with total", "", "", true, true},
        {"status new, newest, with total", "{\"field\":\"status\",\"op\":\"eq\",\"value\":\"new\"}",
         "-created_at", true, true},
        {"status rare, newest, with total",
         "{\"field\":\"status\",\"op\":\"eq\",\"value\":\"converted\"}", "-created_at", true, true},
        {"status new and source, newest, with total",
         "{\"all\":[{\"field\":\"status\",\"op\":\"eq\",\"value\":\"new\"},"
         "{\"field\":\"source\",\"op\":\"eq\",\"value\":\"baidu\"}]}",
         "-created_at", true, true},
        {"oldest first", "", "created_at", false, true},
        {"by status", "", "status", false, true},
        {"company contains 华岳",
         "{\"field\":\"company_name\",\"op\":\"contains\",\"value\":\"华岳\"}", "", false, false},
    };
    static const char *const words[] = {"孙立民", "无锡天工", "有限公司",
                                        "3800",   "sunlimin", "孙 无锡"};
    printf("%s\n", company_role_names[role]);
    b->company.c.actor = company_actor(&b->company, role);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        list_measure(b, &lists[i]);
    }
    pages_measure(b);
    for (size_t i = 0; i < sizeof words / sizeof *words && !getenv("LIST_BENCH_NO_SEARCH"); i++) {
        search_measure(b, words[i]);
    }
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: list_bench URL LEADS [MAX_P50_MS]\n");
        return 2;
    }
    static struct bench b;
    company_open(&b.company, argv[1], strtoll(argv[2], NULL, 10));
    struct ctx *c = &b.company.c;
    if (!getenv("LIST_BENCH_NO_SEARCH") && DB_INT(c, "SELECT COUNT(*) FROM search_document") == 0) {
        index_all(&b);
    }
    for (int role = 0; role < COMPANY_ROLES; role++) {
        role_measure(&b, (enum company_role)role);
    }
    printf("worst p50 of a list that counts: %.2f ms\n", b.worst_p50);
    company_close(&b.company);
    return argc > 3 && b.worst_p50 > strtod(argv[3], NULL);
}
