/*
 * Lists and search at size: list_bench URL LEADS [MAX_P50_MS]
 *
 * Fills a new database in URL with leads of 1,000 representatives in 50 departments (one of
 * them owns 40 leads only), indexes them for search, and reads, for a representative, a
 * manager of ten departments and an administrator: the first page of 50 with its bounded total, a
 * page in the middle, filtered by status, sorted otherwise. Prints p50 and p99 of the library
 * alone (no HTTP, no JSON); fails when the worst p50 of a list filtered and sorted by default is
 * above MAX_P50_MS. LIST_BENCH_NO_SEARCH=1 leaves the search out, LIST_BENCH_KEEP=1 measures a
 * database filled before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/modules.h"
#include "app/program.h"
#include "base/clock.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/query.h"
#include "entity/row.h"
#include "entity/search.h"
#include "entity/search_index.h"

enum { USERS = 1000, DEPARTMENTS = 50, TREE = 10, SMALL_USER = 5000, BATCH = 5000 };
enum { REPEATS = 300, FIRST_USER = 1000, FIRST_DEPARTMENT = 100 };

struct bench {
    struct ctx c;
    const struct entity *lead;
    uint64_t random;
    int64_t leads;
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

static void check(const struct ctx *c) {
    if (ctx_failed(c)) {
        fprintf(stderr, "list_bench: %s %s\n", c->error.text, c->error.internal);
        exit(1);
    }
}

/* splitmix64 */
static int64_t below(struct bench *b, int64_t n) {
    uint64_t z = (b->random += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (int64_t)((z ^ (z >> 31)) % (uint64_t)n);
}

static void put_text(struct record *r, const char *field, struct str text) {
    record_set_value(r, field, (struct value){.kind = VALUE_TEXT, .text = text});
}

static void put_int(struct record *r, const char *field, int64_t v) {
    record_set_value(r, field, (struct value){.kind = VALUE_INTEGER, .integer = v});
}

static void put_names(struct bench *b, struct record *r, int64_t i) {
    static const char *const family[] = {"王", "李", "张", "刘", "陈",
                                         "杨", "孙", "周", "吴", "徐"};
    static const char *const given[] = {"立民", "思远", "伟",   "芳",   "秀英", "强",
                                        "磊",   "洋",   "建国", "晓明", "海燕", "文静"};
    static const char *const places[] = {"无锡", "苏州", "北京", "上海", "深圳", "杭州", "成都"};
    static const char *const words[] = {"天工", "华岳", "智联", "恒通", "远景", "立信",
                                        "金桥", "海川", "东方", "中科", "新元", "百川",
                                        "宏图", "启明", "卓越", "精诚"};
    static const char *const trades[] = {"智能装备", "自动化", "机械",     "电子科技",
                                         "新材料",   "贸易",   "信息技术", "精密仪器"};
    struct arena *a = b->c.arena;
    put_text(r, "name", str_format(a, "%s%s", family[below(b, 10)], given[below(b, 12)]));
    put_text(r, "company_name",
             str_format(a, "%s%s%s%s有限公司", places[below(b, 7)], words[below(b, 16)],
                        words[below(b, 16)], trades[below(b, 8)]));
    put_text(r, "phone", str_format(a, "138%08lld", (long long)(i * 7919 % 100000000)));
    put_text(r, "email", str_format(a, "u%lld@example.cn", (long long)i));
}

static void lead_insert(struct bench *b, int64_t i) {
    static const char *const statuses[] = {"new",       "new",       "new",
                                           "contacted", "contacted", "qualified"};
    static const char *const sources[] = {"website", "exhibition", "baidu", "referral"};
    struct record *r = record_new(&b->c, b->lead, 900000000000000 + i * 4096);
    int64_t user = i % (b->leads / 40) == 0 ? SMALL_USER : below(b, USERS);
    int64_t at = b->c.now_ms - (b->leads - i) * 30000 - below(b, 1000000000);
    put_names(b, r, i);
    put_int(r, "created_at", at);
    put_int(r, "updated_at", at);
    put_int(r, "version", 1);
    put_int(r, "owner_id", FIRST_USER + user);
    put_int(r, "owner_department_id", FIRST_DEPARTMENT + user % DEPARTMENTS);
    put_text(r, "status", str_from(i % 5000 == 7 ? "converted" : statuses[below(b, 6)]));
    put_text(r, "source", str_from(sources[below(b, 4)]));
    put_int(r, "score", below(b, 100));
    put_int(r, "person_id", i + 1);
    put_int(r, "next_follow_up_at", b->c.now_ms + below(b, 1000000000));
    put_text(r, "region", STR("江苏省无锡市"));
    put_text(r, "description", STR("展会上咨询了设备的价格与交期，需要在两周内提供方案。"));
    row_insert(&b->c, r);
}

static void fill(struct bench *b) {
    int64_t began = clock_steady_ns();
    for (int64_t i = 0; i < b->leads; i += BATCH) {
        struct arena_mark mark = arena_mark(b->c.arena);
        db_begin(&b->c);
        for (int64_t k = i; k < i + BATCH && k < b->leads; k++) {
            lead_insert(b, k);
        }
        db_commit(&b->c);
        check(&b->c);
        arena_reset(b->c.arena, mark);
    }
    printf("%lld leads with their indexes: %.0f rows/s\n", (long long)b->leads,
           b->leads / ((clock_steady_ns() - began) / 1e9));
}

static void index_all(struct bench *b) {
    int64_t began = clock_steady_ns();
    db_begin(&b->c);
    int64_t indexed = search_rebuild(&b->c, true);
    db_commit(&b->c);
    check(&b->c);
    printf("search index: %.0f records/s\n", indexed / ((clock_steady_ns() - began) / 1e9));
}

/* A role of the bench: every field readable, one scope. */
static struct actor *make_actor(struct bench *b, int64_t user, enum scope scope) {
    const struct model *m = b->c.model;
    struct arena *a = b->c.arena;
    struct actor *actor = ARENA_NEW(a, struct actor);
    struct entity_rights *rights = ARENA_NEW_ARRAY(a, (size_t)m->n_entities, struct entity_rights);
    for (int i = 0; i < m->n_entities; i++) {
        size_t n = (size_t)m->entities[i].n_fields;
        unsigned char *fields = ARENA_NEW_ARRAY(a, n, unsigned char);
        memset(fields, RIGHT_READ, n);
        memset(rights[i].scope, scope, sizeof rights[i].scope);
        rights[i].fields = fields;
    }
    int64_t *departments = ARENA_NEW_ARRAY(a, TREE, int64_t);
    for (int i = 0; i < TREE; i++) {
        departments[i] = FIRST_DEPARTMENT + i;
    }
    int64_t *members = ARENA_NEW(a, int64_t);
    *members = user;
    *actor = (struct actor){.user_id = user,
                            .department_id = departments[0],
                            .departments = {departments, TREE},
                            .members = {members, 1},
                            .entities = rights,
                            .n_entities = m->n_entities};
    return actor;
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
    struct arena_mark mark = arena_mark(b->c.arena);
    struct stopwatch watch = watch_start();
    db_begin(&b->c);
    struct list_total count = {0};
    struct list_page page = total ? list_read_counted(&b->c, request, &count)
                                  : list_read(&b->c, request);
    db_commit(&b->c);
    watch_stop(b, n, watch);
    check(&b->c);
    snprintf(more, 64, "%zu rows, total %lld%s", page.n, (long long)count.value,
             count.exact ? "" : "+");
    arena_reset(b->c.arena, mark);
}

static void list_measure(struct bench *b, const struct listed *l) {
    char more[64] = "";
    struct list_request request = {.entity = b->lead, .limit = 50};
    request.where = condition_parse_text(&b->c, b->lead, str_from(l->where));
    list_parse_sort(&b->c, &request, str_from(l->sort));
    check(&b->c);
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
    struct list_request request = {.entity = b->lead, .limit = 50};
    char cursor[256] = "";
    int n = 0;
    do {
        struct arena_mark mark = arena_mark(b->c.arena);
        struct stopwatch watch = watch_start();
        struct list_page page = list_read(&b->c, &request);
        watch_stop(b, n++, watch);
        check(&b->c);
        snprintf(cursor, sizeof cursor, "%.*s", STR_ARG(page.next));
        request.cursor = str_from(cursor);
        arena_reset(b->c.arena, mark);
    } while (cursor[0] && n < 100);
    report(b, "pages 1 to 100 by cursor", n, "");
}

static void search_measure(struct bench *b, const char *words) {
    char what[96], more[64] = "";
    int n = 0;
    int64_t began = clock_steady_ns();
    while (n < REPEATS && clock_steady_ns() - began < 2000000000LL) {
        struct arena_mark mark = arena_mark(b->c.arena);
        struct search_hit *hits;
        struct stopwatch watch = watch_start();
        size_t found = search_run(&b->c, str_from(words), b->lead, 20, &hits);
        watch_stop(b, n++, watch);
        check(&b->c);
        snprintf(more, sizeof more, "%zu hits", found);
        arena_reset(b->c.arena, mark);
    }
    snprintf(what, sizeof what, "search %s", words);
    report(b, what, n, more);
}

static void role_measure(struct bench *b, const char *role, int64_t user, enum scope scope) {
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
    printf("%s\n", role);
    b->c.actor = make_actor(b, user, scope);
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
    struct arena arena;
    arena_init(&arena);
    const struct contents *contents = modules_register();
    b.c = (struct ctx){.arena = &arena,
                       .now_ms = clock_now_ms(),
                       .actor = &actor_system,
                       .model = model_standard()};
    b.leads = strtoll(argv[2], NULL, 10);
    b.lead = entity_named(&b.c, "lead");
    b.c.db = db_open(&b.c, str_from(argv[1]), DB_WRITER);
    check(&b.c);
    if (!getenv("LIST_BENCH_KEEP") || DB_INT(&b.c, "SELECT COUNT(*) FROM lead") == 0) {
        ctx_clear_error(&b.c);
        program_migrate(&b.c, contents);
        check(&b.c);
        fill(&b);
    }
    if (!getenv("LIST_BENCH_NO_SEARCH") &&
        DB_INT(&b.c, "SELECT COUNT(*) FROM search_document") == 0) {
        index_all(&b);
    }
    migration_analyze(&b.c);
    check(&b.c);
    role_measure(&b, "representative with 40 leads", FIRST_USER + SMALL_USER, SCOPE_OWN);
    role_measure(&b, "manager of ten departments", FIRST_USER, SCOPE_TREE);
    role_measure(&b, "administrator", FIRST_USER, SCOPE_ALL);
    printf("worst p50 of a list that counts: %.2f ms\n", b.worst_p50);
    db_close(b.c.db);
    arena_free(&arena);
    return argc > 3 && b.worst_p50 > strtod(argv[3], NULL);
}
