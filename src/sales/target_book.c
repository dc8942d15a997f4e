/* See target.h: which targets hold in a period. Read without asking rights: who may see a figure is
 * decided by the report that shows it. */
#include "db/db.h"
#include "organization/company.h"
#include "sales/target.h"

enum { ROWS_MOST = 20000, PEOPLE_MOST = 5000, DEPARTMENTS_MOST = 2000, DEPTH = 20 };

struct row {
    enum target_subject subject;
    int64_t id, value;
    struct period period;
};

struct placed {
    int64_t id, department_id;
};

struct target_book {
    struct ctx *c;
    struct period period;
    struct row *rows;
    struct placed *people, *departments; /* a department's department is the one above */
    size_t n_rows, n_people, n_departments;
};

const char *target_basis_name(enum target_basis basis) {
    static const char *const names[] = {"none",           "given",     "summed",
                                        "summed_in_part", "rolled_up", "shared"};
    return names[basis];
}

static const char *const measure_names[TARGET_MEASURES] = {"won_amount", "won_count",
                                                           "leads_converted"};

const char *target_measure_name(enum target_measure measure) {
    return measure_names[measure];
}

bool target_measure_find(struct str name, enum target_measure *measure) {
    for (int i = 0; i < TARGET_MEASURES; i++) {
        if (str_is(name, measure_names[i])) {
            *measure = (enum target_measure)i;
            return true;
        }
    }
    return false;
}

static enum target_subject subject_named(struct str name) {
    return str_is(name, "person")       ? TARGET_PERSON
           : str_is(name, "team")       ? TARGET_TEAM
           : str_is(name, "department") ? TARGET_DEPARTMENT
                                        : TARGET_COMPANY;
}

/* A year's target begins up to a year before, a month's within the period. */
static void rows_read(struct target_book *b, enum target_measure measure) {
    struct ctx *c = b->c;
    struct db_rows rows;
    struct period year = period_at(PERIOD_YEAR, b->period.from);
    b->rows = ARENA_NEW_ARRAY(c->arena, ROWS_MOST, struct row);
    DB_QUERY(c, &rows,
             "SELECT subject, COALESCE(user_id, team_id, department_id, 0), period, starts_on, "
             "COALESCE(amount, count, 0) FROM target WHERE measure = $1 AND starts_on >= $2 "
             "AND starts_on < $3 AND deleted_at IS NULL LIMIT $4",
             measure_names[measure], period_date(c->arena, year.from),
             period_date(c->arena, b->period.to), (int64_t)ROWS_MOST);
    while (db_next(&rows)) {
        enum period_kind kind = PERIOD_MONTH;
        period_kind_find(db_view(&rows, 2), &kind);
        struct period p = period_at(kind, period_day(db_view(&rows, 3)));
        if (p.to > b->period.from) {
            b->rows[b->n_rows++] = (struct row){.subject = subject_named(db_view(&rows, 0)),
                                                .id = db_int(&rows, 1),
                                                .value = db_int(&rows, 4),
                                                .period = p};
        }
    }
}

static void people_read(struct target_book *b) {
    struct ctx *c = b->c;
    struct db_rows rows;
    b->people = ARENA_NEW_ARRAY(c->arena, PEOPLE_MOST, struct placed);
    b->departments = ARENA_NEW_ARRAY(c->arena, DEPARTMENTS_MOST, struct placed);
    DB_QUERY(c, &rows, "SELECT id, department_id FROM \"user\" WHERE deleted_at IS NULL LIMIT $1",
             (int64_t)PEOPLE_MOST);
    while (db_next(&rows)) {
        b->people[b->n_people++] = (struct placed){db_int(&rows, 0), db_int(&rows, 1)};
    }
    DB_QUERY(c, &rows, "SELECT id, parent_id FROM department WHERE deleted_at IS NULL LIMIT $1",
             (int64_t)DEPARTMENTS_MOST);
    while (db_next(&rows)) {
        b->departments[b->n_departments++] = (struct placed){db_int(&rows, 0), db_int(&rows, 1)};
    }
}

struct target_book *target_book_read(struct ctx *c, struct period p, enum target_measure measure) {
    struct target_book *b = ARENA_NEW(c->arena, struct target_book);
    *b = (struct target_book){.c = c, .period = p};
    rows_read(b, measure);
    people_read(b);
    return b;
}

static bool same_span(struct period a, struct period b) {
    return a.from == b.from && a.to == b.to;
}

/* The months of a span within a year, a bit each. */
static unsigned months_of(struct period p) {
    unsigned first = (unsigned)date_from_days(p.from).month;
    unsigned last = (unsigned)date_from_days(p.to - 1).month;
    return (2U << last) - (1U << first);
}

/* What is given for the subject itself: for the period, else in shorter ones. Each month counts
 * once, by the longest of them; months without a target may be left. */
static struct target given(const struct target_book *b, enum target_subject subject, int64_t id) {
    struct target t = {TARGET_NONE, 0};
    unsigned counted = 0;
    for (int kind = PERIOD_YEAR; kind >= PERIOD_MONTH && t.basis != TARGET_GIVEN; kind--) {
        for (size_t i = 0; i < b->n_rows; i++) {
            const struct row *r = &b->rows[i];
            if (r->subject == subject && r->id == id && (int)r->period.kind == kind &&
                r->period.from >= b->period.from && r->period.to <= b->period.to &&
                !(counted & months_of(r->period))) {
                counted |= months_of(r->period);
                t.basis = same_span(r->period, b->period) ? TARGET_GIVEN : TARGET_SUMMED;
                t.value += r->value;
            }
        }
    }
    bool whole = t.basis != TARGET_SUMMED || counted == months_of(b->period);
    return whole ? t : (struct target){TARGET_SUMMED_IN_PART, t.value};
}

/* The share by days of the shortest longer period that has one. */
static struct target shared(const struct target_book *b, enum target_subject subject, int64_t id) {
    const struct row *best = NULL;
    for (size_t i = 0; i < b->n_rows; i++) {
        const struct row *r = &b->rows[i];
        bool holds = r->period.from <= b->period.from && r->period.to >= b->period.to;
        if (r->subject == subject && r->id == id && holds &&
            (!best || r->period.kind < best->period.kind)) {
            best = r;
        }
    }
    if (!best) {
        return (struct target){TARGET_NONE, 0};
    }
    __int128 value = (__int128)best->value * (b->period.to - b->period.from);
    return (struct target){TARGET_SHARED, (int64_t)(value / (best->period.to - best->period.from))};
}

static struct target hold(const struct target_book *b, enum target_subject subject, int64_t id,
                          int depth);

static void add(struct target *sum, struct target part) {
    if (part.basis != TARGET_NONE) {
        sum->basis = TARGET_ROLLED_UP;
        sum->value += part.value;
    }
}

/* The sum of what holds for those below: people, and departments. The company holds what has
 * nothing above it. */
static struct target rolled_up(const struct target_book *b, enum target_subject subject, int64_t id,
                               int depth) {
    struct target sum = {TARGET_NONE, 0};
    struct db_rows rows;
    if (subject == TARGET_TEAM) {
        /* Of several teams a person's target is that of the one he joined first. */
        DB_QUERY(b->c, &rows,
                 "SELECT m.user_id FROM team_member m WHERE m.team_id = $1 "
                 "AND m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM team_member o "
                 "JOIN team t ON t.id = o.team_id AND t.deleted_at IS NULL "
                 "WHERE o.user_id = m.user_id AND o.deleted_at IS NULL AND o.id < m.id)",
                 id);
        while (db_next(&rows)) {
            add(&sum, hold(b, TARGET_PERSON, db_int(&rows, 0), depth + 1));
        }
        return sum;
    }
    for (size_t i = 0; i < b->n_departments; i++) {
        if (b->departments[i].department_id == id) {
            add(&sum, hold(b, TARGET_DEPARTMENT, b->departments[i].id, depth + 1));
        }
    }
    for (size_t i = 0; i < b->n_people; i++) {
        if (b->people[i].department_id == id) {
            add(&sum, hold(b, TARGET_PERSON, b->people[i].id, depth + 1));
        }
    }
    return sum;
}

static struct target hold(const struct target_book *b, enum target_subject subject, int64_t id,
                          int depth) {
    struct target t = given(b, subject, id);
    if (t.basis == TARGET_NONE && subject != TARGET_PERSON && depth < DEPTH) {
        t = rolled_up(b, subject, id, depth);
    }
    return t.basis == TARGET_NONE ? shared(b, subject, id) : t;
}

struct target target_of(const struct target_book *b, enum target_subject subject, int64_t id) {
    return hold(b, subject, id, 0);
}
