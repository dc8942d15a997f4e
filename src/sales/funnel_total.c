/*
 * See funnel_total.h. Three tables hold the same numbers: by department for who sees departments or
 * all, by owner for who sees his own or his team's, and by department and one value (a source, a
 * region, a pipeline, a product) for who sees departments or all and asks for one such value. A row
 * is a day or a whole month, so that a year is twelve rows and the days at its ends.
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
    {"sales.funnel_total.2",
     "CREATE TABLE funnel_value (kind BIGINT NOT NULL, value TEXT NOT NULL, bucket BIGINT NOT "
     "NULL, department_id BIGINT NOT NULL, " MEASURE_COLUMNS
     ", PRIMARY KEY (kind, value, bucket, department_id)) {without_rowid}"},
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

enum table { BY_DEPARTMENT, BY_OWNER, BY_VALUE, TABLES };

struct cell {
    enum table table;
    bool used;
    int64_t owner, department, bucket;
    enum funnel_value kind;
    struct str value;
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

static uint64_t hash_of(const struct cell *cell) {
    uint64_t h = (uint64_t)cell->owner * 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < cell->value.n; i++) {
        h = (h ^ (unsigned char)cell->value.p[i]) * 0x100000001B3u;
    }
    h = (h ^ (uint64_t)cell->department) * 0xBF58476D1CE4E5B9u;
    uint64_t what = (uint64_t)cell->table << 40 ^ (uint64_t)cell->kind << 44;
    return (h ^ (uint64_t)cell->bucket ^ what) * 0x94D049BB133111EBu;
}

static bool same(const struct cell *a, const struct cell *b) {
    return a->owner == b->owner && a->department == b->department && a->bucket == b->bucket &&
           a->table == b->table && a->kind == b->kind && str_equal(a->value, b->value);
}

static size_t place_of(const struct cell *cells, size_t capacity, const struct cell *wanted) {
    size_t i = (size_t)(hash_of(wanted) >> 20) & (capacity - 1);
    while (cells[i].used && !same(&cells[i], wanted)) {
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

static struct str id_text(const struct funnel_deltas *d, int64_t id) {
    return id ? str_format(d->arena, "%lld", (long long)id) : STR("");
}

void funnel_delta(struct funnel_deltas *d, const struct funnel_under *under, int64_t day,
                  int measure, int n) {
    const int64_t buckets[2] = {day, funnel_month_bucket(day)};
    const struct {
        enum funnel_value kind;
        struct str value;
    } values[] = {{UNDER_SOURCE, under->source},
                  {UNDER_REGION, under->region},
                  {UNDER_PIPELINE, id_text(d, under->pipeline)},
                  {UNDER_PRODUCT, id_text(d, under->product)}};
    for (int i = 0; i < 2; i++) {
        struct cell key = {.department = under->department, .bucket = buckets[i]};
        cell_add(d, &key, measure, n);
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            struct cell by_value = key;
            by_value.table = BY_VALUE;
            by_value.kind = values[v].kind;
            by_value.value = values[v].value;
            if (by_value.value.n) {
                cell_add(d, &by_value, measure, n);
            }
        }
        key.owner = under->owner;
        key.table = BY_OWNER;
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

static const struct {
    const char *name, *key;
    int columns;
} tables[TABLES] = {{"funnel_department", "bucket, department_id", 2},
                    {"funnel_owner", "owner_id, bucket, department_id", 3},
                    {"funnel_value", "kind, value, bucket, department_id", 4}};

/* The statement that adds to a row, as text alone: its values are a cell's. */
static void statement_make(struct sql *q, enum table table) {
    SQL_ADD(q, "INSERT INTO ");
    sql_literal(q, tables[table].name);
    SQL_ADD(q, " (");
    sql_literal(q, tables[table].key);
    for (int i = 0; i < FUNNEL_MEASURES; i++) {
        SQL_ADD(q, ", ");
        sql_literal(q, funnel_measures[i]);
    }
    SQL_ADD(q, ") VALUES (");
    for (int i = 0; i < FUNNEL_MEASURES + tables[table].columns; i++) {
        sql_literal(q, i ? ", " : "");
        SQL_VALUE(q, (int64_t)0);
    }
    SQL_ADD(q, ") ON CONFLICT (");
    sql_literal(q, tables[table].key);
    SQL_ADD(q, ") DO UPDATE SET ");
    for (int i = 0; i < FUNNEL_MEASURES; i++) {
        sql_literal(q, i ? ", " : "");
        sql_literal(q, funnel_measures[i]);
        SQL_ADD(q, " = ");
        sql_literal(q, tables[table].name);
        SQL_ADD(q, ".");
        sql_literal(q, funnel_measures[i]);
        SQL_ADD(q, " + excluded.");
        sql_literal(q, funnel_measures[i]);
    }
}

static void cell_write(struct ctx *c, struct sql *q, const struct cell *cell) {
    size_t n = 0;
    if (cell->table == BY_OWNER) {
        q->values[n++] = db_from_int(cell->owner);
    } else if (cell->table == BY_VALUE) {
        q->values[n++] = db_from_int(cell->kind);
        q->values[n++] = db_from_str(cell->value);
    }
    q->values[n++] = db_from_int(cell->bucket);
    q->values[n++] = db_from_int(cell->department);
    for (int i = 0; i < FUNNEL_MEASURES; i++) {
        q->values[n++] = db_from_int(cell->n[i]);
    }
    sql_put(c, q);
}

void funnel_deltas_write(struct ctx *c, struct funnel_deltas *d) {
    struct sql statements[TABLES];
    for (int i = 0; i < TABLES; i++) {
        statements[i] = sql_new(c->arena);
        statement_make(&statements[i], (enum table)i);
    }
    for (size_t i = 0; i < d->capacity && !ctx_failed(c); i++) {
        if (d->cells[i].used && !is_zero(&d->cells[i])) {
            cell_write(c, &statements[d->cells[i].table], &d->cells[i]);
        }
    }
}
