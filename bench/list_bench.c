/*
 * Lists and search at size: list_bench URL LEADS [MAX_P50_MS]
 *
 * Fills the database in URL (company.h) unless it was filled before, and the rest of the company
 * (list_world.c), indexes it for search, and reads as five roles all the lists that screens ask
 * for (list_measure.c). Prints p50 and p99 without HTTP; fails when the worst p50 of a list that
 * an index serves is above MAX_P50_MS for one of the three roles of company.h; the two others tell
 * more. LIST_BENCH_NO_SEARCH=1 leaves the search out,
 * LIST_BENCH_ONLY=words all lists not called so; LIST_BENCH_FIRST=1 asks each as if it had not been
 * asked a moment ago (query_memory.h).
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "db/migration.h"
#include "entity/search_index.h"
#include "list_bench.h"

static void index_all(struct company *b) {
    int64_t began = clock_steady_ns();
    db_begin(&b->c);
    reactor_rebuild(&b->c, &search_reactor);
    db_commit(&b->c);
    company_check(b);
    int64_t indexed = DB_INT(&b->c, "SELECT COUNT(*) FROM search_document");
    printf("search index: %.0f records/s\n", indexed / ((clock_steady_ns() - began) / 1e9));
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: list_bench URL LEADS [MAX_P50_MS]\n");
        return 2;
    }
    static struct company company;
    struct ctx *c = &company.c;
    bool searches = !getenv("LIST_BENCH_NO_SEARCH");
    company_open(&company, argv[1], strtoll(argv[2], NULL, 10));
    list_world_fill(&company);
    /* A program that served the database before has indexed only what it made itself. */
    if (searches && DB_INT(c, "SELECT COUNT(*) FROM search_document") <
                        DB_INT(c, "SELECT COUNT(*) FROM lead")) {
        index_all(&company);
    }
    migration_analyze(c);
    db_close(c->db);
    c->db = db_open(c, str_from(argv[1]), DB_READER);
    company_check(&company);
    struct list_worst worst = list_measure_all(&company);
    bool found = !searches || list_measure_search(&company);
    printf("worst p50 of a list that an index serves, of the three roles: %.2f ms; of processor "
           "time %.2f ms\n",
           worst.passed_ms, worst.worked_ms);
    company_close(&company);
    if (!found) {
        fprintf(stderr, "somebody's search finds nothing\n");
        return 1;
    }
    return argc > 3 && worst.passed_ms > strtod(argv[3], NULL);
}
