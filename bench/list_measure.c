/*
 * What list_bench reads. A list is asked as its route asks it: in a snapshot, the page with
 * its bounded total, the titles of what it refers to, written as JSON; only HTTP is left out.
 * All lists of all roles are read in turn, so that none finds its pages in the cache of the
 * connection just because it was read a moment ago.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "db/unit.h"
#include "entity/query.h"
#include "entity/query_index.h"
#include "entity/query_memory.h"
#include "entity/search.h"
#include "entity/versions.h"
#include "list_bench.h"
#include "organization/actor.h"

enum { ROUNDS = 200, LISTS = 160, SECONDS = 20, SLOW_ROUNDS = 1, INLINE_BUDGET_MS = 30 };

enum role { OF_COMPANY, ORDINARY = COMPANY_ROLES, TEAM_LEADER, ROLES };
enum { ORDINARY_USER = 1007, TEAM_USER = 1020, TEAM = 10 };

struct listed {
    const char *entity, *what, *where, *sort;
    enum { LIVE, TRASHED, PAGE_100, SLOW } kind; /* SLOW: no index serves it */
};

#define EQ(field, value) "{\"field\":\"" field "\",\"op\":\"eq\",\"value\":\"" value "\"}"
#define MINE "{\"field\":\"owner_id\",\"op\":\"is_me\"}"
#define BOTH(a, b) "{\"all\":[" a "," b "]}"
#define DAYS(field, op, n) "{\"field\":\"" field "\",\"op\":\"" op "\",\"value\":\"" n "\"}"
#define OPEN_LEADS "{\"field\":\"status\",\"op\":\"in\",\"value\":[\"working\",\"nurturing\"]}"

static const struct listed lead_lists[] = {
    {"lead", "status new, newest", EQ("status", "new"), "", LIVE},
    {"lead", "status rare, newest", EQ("status", "converted"), "", LIVE},
    {"lead", "two statuses, newest", OPEN_LEADS, "", LIVE},
    {"lead", "status and source, newest", BOTH(EQ("status", "new"), EQ("source", "baidu")), "",
     LIVE},
    {"lead", "status and mine, newest", BOTH(EQ("status", "new"), MINE), "", LIVE},
    {"lead", "status not, newest", "{\"field\":\"status\",\"op\":\"ne\",\"value\":\"new\"}", "",
     LIVE},
    {"lead", "own field, newest", EQ("x_line", "L3"), "", LIVE},
    {"lead", "own field and status, newest", BOTH(EQ("x_line", "L3"), EQ("status", "new")), "",
     LIVE},
    {"lead", "made within 30 days, newest", DAYS("created_at", "within_last", "30d"), "", LIVE},
    {"lead", "status, made within 30 days",
     BOTH(EQ("status", "new"), DAYS("created_at", "within_last", "30d")), "", LIVE},
    {"lead", "page 100", "", "", PAGE_100},
    {"lead", "status new, page 100", EQ("status", "new"), "", PAGE_100},
    {"lead", "oldest first", "", "created_at", LIVE},
    {"lead", "status new, oldest first", EQ("status", "new"), "created_at", LIVE},
    {"lead", "by status", "", "status", LIVE},
    {"lead", "by next step", "", "next_follow_up_at", LIVE},
    {"lead", "status, by next step", EQ("status", "working"), "next_follow_up_at", LIVE},
    {"lead", "mine due (home)",
     BOTH(MINE, BOTH(OPEN_LEADS, DAYS("next_follow_up_at", "within_next", "1d"))),
     "next_follow_up_at", LIVE},
    {"lead", "due within 2 days, by next step", DAYS("next_follow_up_at", "within_next", "2d"),
     "next_follow_up_at", LIVE},
    {"lead", "best score first", "", "-score", LIVE},
    {"lead", "status, best score first", EQ("status", "new"), "-score", LIVE},
    {"lead", "score at least 90, newest", "{\"field\":\"score\",\"op\":\"gte\",\"value\":90}", "",
     LIVE},
    {"lead", "company contains, newest",
     "{\"field\":\"company_name\",\"op\":\"contains\",\"value\":\"华岳\"}", "", LIVE},
    {"lead", "company contains what is not there",
     "{\"field\":\"company_name\",\"op\":\"contains\",\"value\":\"没有\"}", "", SLOW},
    {"lead", "region empty", "{\"field\":\"region\",\"op\":\"is_empty\"}", "", SLOW},
    {"lead", "by company", "", "company_name", SLOW},
    {"opportunity", "stage, newest", EQ("stage_id", "800000003"), "", LIVE},
    {"opportunity", "deals due (home)",
     BOTH(MINE, BOTH(EQ("state", "open"), DAYS("next_follow_up_at", "within_next", "1d"))),
     "next_follow_up_at", LIVE},
    {"opportunity", "largest amount first", "", "-amount", LIVE},
    {"task", "tasks due (home)",
     BOTH(MINE, BOTH(EQ("status", "open"), DAYS("due_at", "within_next", "1d"))), "due_at", LIVE},
    {"task", "by due date", "", "due_at", LIVE},
    {"task", "of a record", BOTH(EQ("subject_type", "lead"), EQ("subject_id", "800000009")), "",
     LIVE},
    {"activity", "latest", "", "-occurred_at", LIVE},
};
enum { LEAD_LISTS = sizeof lead_lists / sizeof *lead_lists };

struct measured {
    struct listed listed;
    struct list_request request[ROLES];
    double passed[ROLES][ROUNDS], worked[ROLES][ROUNDS]; /* ms: on the clock, of this thread */
    size_t n[ROLES];
    struct list_total total[ROLES];
    size_t rows[ROLES];
    bool stopped[ROLES]; /* by the budget */
    bool refused[ROLES]; /* the role may not ask it */
};

static struct measured lists[LISTS];
static int n_lists;

/* With LIST_BENCH_ONLY=words only lists called so are read. */
static void add(struct listed l) {
    const char *only = getenv("LIST_BENCH_ONLY");
    bool wanted = !only || strstr(l.what, only);
    if (wanted && n_lists < LISTS) {
        lists[n_lists++].listed = l;
    }
}

static const char *named(struct company *b, const struct field *f, const char *how) {
    return str_format(b->c.arena, "%.*s%s", STR_ARG(f->name), how).p;
}

/* The value the filler gives most often. */
static struct str common_value(const struct field *f) {
    switch (f->type) {
    case FIELD_OPTION:
        return f->options[0].code;
    case FIELD_REFERENCE:
        return STR("800000004");
    default:
        return STR("");
    }
}

/* What every record type is asked for: all, mine, the trash; by each indexed field, filtered by
 * and sorted by. */
static void add_type(struct company *b, const struct entity *e) {
    const char *name = str_to_c(b->c.arena, e->name);
    add((struct listed){name, "all, newest", "", "", LIVE});
    if (e->flags & ENTITY_OWNED) {
        add((struct listed){name, "mine, newest", MINE, "", LIVE});
    }
    if (!(e->flags & ENTITY_APPEND)) {
        add((struct listed){name, "trash", "", "", TRASHED});
    }
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        struct str value = common_value(f);
        bool shown = query_index_has(e, f) && !(f->flags & (FIELD_HIDDEN | FIELD_UNIQUE));
        if (!shown || f->flags & (FIELD_SYSTEM | FIELD_CUSTOM)) {
            continue;
        }
        if (value.n) {
            struct str where = str_format(b->c.arena, EQ("%.*s", "%.*s"), STR_ARG(f->name),
                                          STR_ARG(value));
            add((struct listed){name, named(b, f, " is"), where.p, "", LIVE});
        }
        if (f->type != FIELD_REFERENCE) {
            add((struct listed){name, named(b, f, " as order"), "", named(b, f, ""), LIVE});
        }
    }
}

static const char *role_name(int role) {
    return role < COMPANY_ROLES ? company_role_names[role]
           : role == ORDINARY   ? "representative with a thousandth"
                                : "leader of a team of ten";
}

/* A representative's rights on what the team owns. */
static const struct actor *leader(struct company *b, const struct actor *representative) {
    struct arena *a = b->c.arena;
    struct actor *actor = ARENA_NEW(a, struct actor);
    size_t n = (size_t)representative->n_entities;
    struct entity_rights *rights = ARENA_NEW_ARRAY(a, n, struct entity_rights);
    int64_t *members = ARENA_NEW_ARRAY(a, TEAM, int64_t);
    for (size_t i = 0; i < n; i++) {
        rights[i] = representative->entities[i];
        bool own = rights[i].scope[ACTION_READ] == SCOPE_OWN;
        rights[i].scope[ACTION_READ] = own ? SCOPE_TEAM : rights[i].scope[ACTION_READ];
    }
    for (int i = 0; i < TEAM; i++) {
        members[i] = TEAM_USER + i;
    }
    *actor = *representative;
    actor->entities = rights;
    actor->members = (struct id_set){members, TEAM};
    return actor;
}

static const struct actor *actor_of(struct company *b, int role) {
    if (role < COMPANY_ROLES) {
        return company_actor(b, (enum company_role)role);
    }
    int64_t user = role == ORDINARY ? ORDINARY_USER : TEAM_USER;
    const struct actor *actor = actor_build(&b->c, b->c.arena, user);
    company_check(b);
    return role == ORDINARY ? actor : leader(b, actor);
}

static void go_deep(struct company *b, struct list_request *q, int page) {
    for (int i = 1; i < page; i++) {
        struct list_page read = list_read(&b->c, q);
        q->cursor = read.next.p ? read.next : q->cursor;
    }
}

static void prepare(struct company *b, const struct actor *const *actors) {
    for (int i = 0; i < n_lists; i++) {
        const struct listed *l = &lists[i].listed;
        const struct entity *e = entity_named(&b->c, l->entity);
        for (int k = 0; k < ROLES; k++) {
            struct list_request *q = &lists[i].request[k];
            b->c.actor = actors[k];
            *q = (struct list_request){.entity = e, .limit = 50, .trashed = l->kind == TRASHED};
            q->where = condition_parse_text(&b->c, e, str_from(l->where));
            list_parse_sort(&b->c, q, str_from(l->sort));
            go_deep(b, q, l->kind == PAGE_100 ? 100 : 1);
            lists[i].refused[k] = ctx_failed(&b->c);
            ctx_clear_error(&b->c);
        }
    }
}

/* With LIST_BENCH_FIRST=1 nothing is remembered of the list's last reading: what was known
 * then is too old, or of the future. */
static int64_t time_of_asking(void) {
    static bool later;
    later = !later && getenv("LIST_BENCH_FIRST");
    return clock_now_ms() + (later ? 2 * LIST_MEMORY_MS : 0);
}

/* One request, as the route answers it. */
static void answer(struct company *b, struct measured *m, int role) {
    struct ctx *c = &b->c;
    db_begin(c);
    c->now_ms = time_of_asking();
    versions_read(c);
    struct list_page page = list_read_counted(c, &m->request[role], &m->total[role]);
    struct json_writer w = json_writer(c->arena);
    records_json(c, &w, page.records, page.n, &record_with_titles);
    m->rows[role] = page.n;
    if (ctx_failed(c)) {
        db_rollback(c->db);
    } else {
        db_commit(c);
    }
}

static void take(struct company *b, struct measured *m, int role) {
    struct arena_mark mark = arena_mark(b->c.arena);
    struct timespec before, after;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    int64_t began = clock_steady_ns();
    answer(b, m, role);
    size_t n = m->n[role]++;
    m->passed[role][n] = (clock_steady_ns() - began) / 1e6;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    m->worked[role][n] = (after.tv_sec - before.tv_sec) * 1e3 +
                         (after.tv_nsec - before.tv_nsec) / 1e6;
    company_check(b);
    arena_reset(b->c.arena, mark);
}

/* Whether the budget of the network threads stops it. */
static void try_inline(struct company *b, struct measured *m, int role) {
    struct arena_mark mark = arena_mark(b->c.arena);
    db_deadline(b->c.db, clock_steady_ns() + INLINE_BUDGET_MS * INT64_C(1000000));
    answer(b, m, role);
    db_deadline(b->c.db, 0);
    m->stopped[role] = b->c.error.code == ERROR_LIMIT;
    if (m->stopped[role]) {
        ctx_clear_error(&b->c);
    }
    company_check(b);
    arena_reset(b->c.arena, mark);
}

static void round_of(struct company *b, const struct actor *const *actors, bool slow) {
    for (int k = 0; k < ROLES; k++) {
        b->c.actor = actors[k];
        for (int i = 0; i < n_lists; i++) {
            if ((lists[i].listed.kind == SLOW) == slow && !lists[i].refused[k]) {
                take(b, &lists[i], k);
            }
        }
    }
}

static int by_value(const void *x, const void *y) {
    const double *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static double say(struct measured *m, int role) {
    size_t n = m->n[role];
    if (n == 0) {
        return 0;
    }
    double *passed = m->passed[role], *worked = m->worked[role];
    qsort(passed, n, sizeof *passed, by_value);
    qsort(worked, n, sizeof *worked, by_value);
    printf("  %-12s %-36s p50 %7.2f p99 %7.2f processor p50 %7.2f  %3zu rows of %lld%s%s\n",
           m->listed.entity, m->listed.what, passed[n / 2], passed[n - 1 - n / 100], worked[n / 2],
           m->rows[role], (long long)m->total[role].value, m->total[role].exact ? "" : "+",
           m->stopped[role] ? "  slow lane" : "");
    return passed[n / 2];
}

static struct list_worst say_all(void) {
    struct list_worst worst = {0};
    for (int k = 0; k < ROLES; k++) {
        double of_role = 0;
        printf("%s (ms)\n", role_name(k));
        for (int i = 0; i < n_lists; i++) {
            double p50 = say(&lists[i], k);
            if (lists[i].listed.kind == SLOW || lists[i].n[k] == 0) {
                continue;
            }
            of_role = p50 > of_role ? p50 : of_role;
            double worked = lists[i].worked[k][lists[i].n[k] / 2]; /* sorted by say */
            worst.worked_ms = k < COMPANY_ROLES && worked > worst.worked_ms ? worked
                                                                            : worst.worked_ms;
        }
        printf("  worst p50 of what an index serves: %.2f ms\n", of_role);
        worst.passed_ms = k < COMPANY_ROLES && of_role > worst.passed_ms ? of_role
                                                                         : worst.passed_ms;
    }
    return worst;
}

struct list_worst list_measure_all(struct company *b) {
    const struct model *m = b->c.model;
    const struct actor *actors[ROLES];
    for (int i = 0; i < LEAD_LISTS; i++) {
        add(lead_lists[i]);
    }
    for (int i = 0; i < m->n_entities; i++) {
        if (!(m->entities[i].flags & (ENTITY_SETTING | ENTITY_INTERNAL))) {
            add_type(b, &m->entities[i]);
        }
    }
    for (int k = 0; k < ROLES; k++) {
        actors[k] = actor_of(b, k);
    }
    prepare(b, actors);
    for (int k = 0; k < ROLES; k++) {
        b->c.actor = actors[k];
        for (int i = 0; i < n_lists; i++) {
            if (!lists[i].refused[k]) {
                try_inline(b, &lists[i], k);
            }
        }
    }
    int64_t began = clock_steady_ns();
    for (int n = 0; n < ROUNDS && clock_steady_ns() - began < SECONDS * INT64_C(1000000000); n++) {
        round_of(b, actors, false);
    }
    for (int n = 0; n < SLOW_ROUNDS; n++) {
        round_of(b, actors, true);
    }
    return say_all();
}

/* How many were found. */
static size_t search_role(struct company *b, int role, const char *words) {
    static struct measured m;
    int64_t began = clock_steady_ns();
    m = (struct measured){.listed = {.entity = "search", .what = words}, .total[0].exact = true};
    while (m.n[0] < ROUNDS && clock_steady_ns() - began < 300000000LL) {
        struct arena_mark mark = arena_mark(b->c.arena);
        struct search_hit *hits;
        int64_t start = clock_steady_ns();
        m.rows[0] = search_run(&b->c, str_from(words), entity_named(&b->c, "lead"), 20, &hits);
        m.passed[0][m.n[0]++] = (clock_steady_ns() - start) / 1e6;
        company_check(b);
        arena_reset(b->c.arena, mark);
    }
    printf("%s: ", role_name(role));
    say(&m, 0);
    return m.rows[0];
}

bool list_measure_search(struct company *b) {
    bool found = true;
    static const char *const words[] = {"孙立民", "无锡天工", "有限公司",
                                        "3800",   "sunlimin", "孙 无锡"};
    for (int k = 0; k < ROLES; k++) {
        b->c.actor = actor_of(b, k);
        size_t hits = 0;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            hits += search_role(b, k, words[i]);
        }
        found = found && hits > 0;
    }
    return found;
}
