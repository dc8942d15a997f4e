/*
 * See funnel_total.h. Two tables hold the same numbers: by department for who sees departments or
 * all, by owner for who sees his own or his team's. A row is a day or a whole month, so that a year
 * is twelve rows and the days at its ends.
 */
#include "sales/funnel_total.h"

#include "base/clock.h"
#include "db/sql.h"

#define MEASURE_COLUMNS                                                                         \
    "reached0 BIGINT NOT NULL, reached1 BIGINT NOT NULL, reached2 BIGINT NOT NULL, "            \
    "reached3 BIGINT NOT NULL, reached4 BIGINT NOT NULL, reached5 BIGINT NOT NULL, "            \
    "open0 BIGINT NOT NULL, open1 BIGINT NOT NULL, open2 BIGINT NOT NULL, open3 BIGINT NOT "    \
    "NULL, open4 BIGINT NOT NULL, open5 BIGINT NOT NULL, entered1 BIGINT NOT NULL, entered2 "   \
    "BIGINT NOT NULL, entered3 BIGINT NOT NULL, entered4 BIGINT NOT NULL, entered5 BIGINT NOT " \
    "NULL"

const struct migration funnel_total_migrations[] = {
    {"sales.funnel_total.1",
     "CREATE TABLE funnel_department (bucket BIGINT NOT NULL, department_id BIGINT NOT "
     "NULL, " MEASURE_COLUMNS ", PRIMARY KEY (bucket, department_id)) {without_rowid};\n"
     "CREATE TABLE funnel_owner (owner_id BIGINT NOT NULL, bucket BIGINT NOT NULL, department_id "
     "BIGINT NOT NULL, " MEASURE_COLUMNS ", PRIMARY KEY (owner_id, bucket, department_id)) "
     "{without_rowid}"},
    {0}};

const char *const funnel_measures[FUNNEL_MEASURES] = {
    "reached0", "reached1", "reached2", "reached3", "reached4", "reached5",
    "open0",    "open1",    "open2",    "open3",    "open4",    "open5",
    "entered1", "entered2", "entered3", "entered4", "entered5"};

enum { MONTHS_BEGIN = 10000000 };

int64_t funnel_month_bucket(int64_t day) {
    struct date d = date_from_days(day);
    return MONTHS_BEGIN + d.year * 12 + d.month - 1;
}

struct cell {
    int64_t owner, department, bucket;
    bool used, by_owner;
    int64_t n[FUNNEL_MEASURES];
};

/* Open addressing; grows before it is two thirds full. */
struct funnel_deltas {
    struct arena *arena;
    struct cell *cells;
    size_t n, capacity;
};

enum { CELLS_FIRST = 256 };

struct funnel_deltas *funnel_deltas_new(struct ctx *c) {
    struct funnel_deltas *d = ARENA_NEW(c->arena, struct funnel_deltas);
    *d = (struct funnel_deltas){.arena = c->arena, .capacity = CELLS_FIRST};
    d->cells = ARENA_NEW_ARRAY(c->arena, CELLS_FIRST, struct cell);
    return d;
}

static size_t place_of(const struct cell *cells, size_t capacity, const struct cell *wanted) {
    uint64_t h = (uint64_t)wanted->owner * 0x9E3779B97F4A7C15u;
    h = (h ^ (uint64_t)wanted->department) * 0xBF58476D1CE4E5B9u;
    h = (h ^ (uint64_t)wanted->bucket ^ (uint64_t)wanted->by_owner << 40) * 0x94D049BB133111EBu;
    size_t i = (size_t)(h >> 20) & (capacity - 1);
    while (cells[i].used &&
           (cells[i].owner != wanted->owner || cells[i].department != wanted->department ||
            cells[i].bucket != wanted->bucket || cells[i].by_owner != wanted->by_owner)) {
        i = (i + 1) & (capacity - 1);
    }
    return i;
}

static void grow(struct funnel_deltas *d) {
    size_t capacity = d->capacity * 2;
    struct cell *cells = ARENA_NEW_ARRAY(d->arena, capacity, struct cell);
    for (size_t i = 0; i < d->capacity; i++) {
        if (d->cells[i].used) {
            cells[place_of(cells, capacity, &d->cells[i])] = d->cells[i];
        }
    }
    d->cells = cells;
    d->capacity = capacity;
}

static void cell_add(struct funnel_deltas *d, const struct cell *key, int measure, int n) {
    if (d->n * 3 >= d->capacity * 2) {
        grow(d);
    }
    struct cell *at = &d->cells[place_of(d->cells, d->capacity, key)];
    if (!at->used) {
        *at = *key;
        at->used = true;
        d->n++;
    }
    at->n[measure] += n;
}

void funnel_delta(struct funnel_deltas *d, const int64_t whose[2], int64_t day, int measure,
                  int n) {
    const int64_t buckets[2] = {day, funnel_month_bucket(day)};
    for (int i = 0; i < 2; i++) {
        struct cell key = {.department = whose[1], .bucket = buckets[i]};
        cell_add(d, &key, measure, n);
        key.owner = whose[0];
        key.by_owner = true;
        cell_add(d, &key, measure, n);
    }
}

static bool is_zero(const struct cell *cell) {
    for (int i = 0; i < FUNNEL_MEASURES; i++) {
        if (cell->n[i]) {
            return false;
        }
    }
    return true;
}

/* The statement that adds to a row, as text alone: its values are a cell's. */
static void statement_make(struct sql *q, bool by_owner) {
    const char *table = by_owner ? "funnel_owner" : "funnel_department";
    SQL_ADD(q, "INSERT INTO ");
    sql_literal(q, table);
    sql_literal(q, by_owner ? " (bucket, department_id, owner_id" : " (bucket, department_id");
    for (int i = 0; i < FUNNEL_MEASURES; i++) {
        SQL_ADD(q, ", ");
        sql_literal(q, funnel_measures[i]);
    }
    SQL_ADD(q, ") VALUES (");
    for (int i = 0; i < FUNNEL_MEASURES + 2 + by_owner; i++) {
        sql_literal(q, i ? ", " : "");
        SQL_VALUE(q, (int64_t)0);
    }
    sql_literal(q, by_owner ? ") ON CONFLICT (owner_id, bucket, department_id) DO UPDATE SET "
                            : ") ON CONFLICT (bucket, department_id) DO UPDATE SET ");
    for (int i = 0; i < FUNNEL_MEASURES; i++) {
        sql_literal(q, i ? ", " : "");
        sql_literal(q, funnel_measures[i]);
        SQL_ADD(q, " = ");
        sql_literal(q, table);
        SQL_ADD(q, ".");
        sql_literal(q, funnel_measures[i]);
        SQL_ADD(q, " + excluded.");
        sql_literal(q, funnel_measures[i]);
    }
}

static void cell_write(struct ctx *c, struct sql *q, const struct cell *cell) {
    size_t n = 0;
    q->values[n++] = db_from_int(cell->bucket);
    q->values[n++] = db_from_int(cell->department);
    if (cell->by_owner) {
        q->values[n++] = db_from_int(cell->owner);
    }
    for (int i = 0; i < FUNNEL_MEASURES; i++) {
        q->values[n++] = db_from_int(cell->n[i]);
    }
    sql_put(c, q);
}

void funnel_deltas_write(struct ctx *c, struct funnel_deltas *d) {
    struct sql statements[2] = {sql_new(c->arena), sql_new(c->arena)};
    statement_make(&statements[0], false);
    statement_make(&statements[1], true);
    for (size_t i = 0; i < d->capacity && !ctx_failed(c); i++) {
        if (d->cells[i].used && !is_zero(&d->cells[i])) {
            cell_write(c, &statements[d->cells[i].by_owner], &d->cells[i]);
        }
    }
}
