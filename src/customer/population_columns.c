/*
 * See population_columns.h. A field's column is a code for each person and a list of values; code 0
 * is the empty value. A field with more than VALUES_MOST values has no column, but an instant is
 * kept as it is. An event's column is rows by person, and behind them rows of people read again.
 */
#include "customer/population_columns.h"

#include <string.h>

#include "db/sql.h"

enum { VALUES_MOST = 60000, SLOTS = 1 << 17, AGAIN_MOST = 100000 };

struct field_column {
    const struct field *field;
    bool refused;    /* too many values */
    int64_t *plain;  /* an instant: INT64_MIN is empty */
    uint16_t *codes; /* else */
    struct value *values;
    size_t n;
    uint32_t *slots; /* open addressing: code, 0 is free */
};

struct day_row {
    uint32_t at;
    uint16_t day, events;
};

struct event_column {
    struct str key;
    bool begins;
    struct day_row *rows; /* by person; those of who was read again have no events */
    size_t n;
    struct day_row *again;
    size_t n_again;
};

uint64_t *population_bits(struct population *p) {
    return ARENA_NEW_ARRAY(&p->arena, (p->capacity + 63) / 64, uint64_t);
}

void population_bit_set(uint64_t *bits, size_t at, bool on) {
    uint64_t bit = UINT64_C(1) << (at & 63);
    bits[at / 64] = on ? bits[at / 64] | bit : bits[at / 64] & ~bit;
}

size_t population_find(const struct population *p, int64_t id) {
    size_t low = 0, high = p->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->ids[middle] < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < p->n && p->ids[low] == id ? low : p->n;
}

/* Fields. */

static uint64_t value_hash(struct value v) {
    uint64_t h = (uint64_t)v.integer * 0x9E3779B97F4A7C15u + (uint64_t)v.kind;
    for (size_t i = 0; v.kind == VALUE_TEXT && i < v.text.n; i++) {
        h = (h ^ (unsigned char)v.text.p[i]) * 0x100000001B3u;
    }
    return h ^ (h >> 29);
}

/* The code of a value, a new one if need be; 0 with refused when there are too many. */
static uint16_t code_of(struct population *p, struct field_column *f, struct value v) {
    if (v.kind == VALUE_NULL) {
        return 0;
    }
    size_t slot = (size_t)value_hash(v) & (SLOTS - 1);
    while (f->slots[slot]) {
        if (value_equal(f->values[f->slots[slot]], v)) {
            return (uint16_t)f->slots[slot];
        }
        slot = (slot + 1) & (SLOTS - 1);
    }
    if (f->n == VALUES_MOST) {
        f->refused = true;
        return 0;
    }
    f->values[f->n] = v;
    f->values[f->n].text = v.kind == VALUE_TEXT ? str_copy(&p->arena, v.text) : STR("");
    f->slots[slot] = (uint32_t)f->n;
    return (uint16_t)f->n++;
}

static bool is_text(const struct field *f) {
    return field_is_text(f) || f->type == FIELD_DATE;
}

static struct value cell_value(const struct field *f, const struct db_rows *rows) {
    if (db_null(rows, 1)) {
        return (struct value){0};
    }
    return is_text(f) ? (struct value){VALUE_TEXT, 0, db_view(rows, 1)}
                      : (struct value){VALUE_INTEGER, db_int(rows, 1), STR("")};
}

static void field_put(struct population *p, struct field_column *f, size_t at, struct value v) {
    if (f->plain) {
        f->plain[at] = v.kind == VALUE_NULL ? INT64_MIN : v.integer;
    } else if (!f->refused) {
        f->codes[at] = code_of(p, f, v);
    }
}

static void field_load(struct ctx *c, struct population *p, struct field_column *f) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t at = 0;
    SQL_ADD(&q, "SELECT id, ");
    sql_identifier(&q, f->field->name);
    SQL_ADD(&q, " FROM person ORDER BY id");
    sql_query(c, &rows, &q);
    while (!f->refused && db_next(&rows)) {
        int64_t id = db_int(&rows, 0);
        while (at < p->n && p->ids[at] < id) {
            at++;
        }
        if (at < p->n && p->ids[at] == id) {
            field_put(p, f, at, cell_value(f->field, &rows));
        }
    }
    db_done(&rows);
}

static struct field_column *field_column(struct ctx *c, struct population *p,
                                         const struct field *field) {
    for (size_t i = 0; i < p->n_fields; i++) {
        if (p->fields[i]->field == field) {
            return p->fields[i];
        }
    }
    if (p->n_fields == POPULATION_FIELDS) {
        return NULL;
    }
    struct field_column *f = ARENA_NEW(&p->arena, struct field_column);
    f->field = field;
    if (field->type == FIELD_INSTANT) {
        f->plain = ARENA_NEW_ARRAY(&p->arena, p->capacity, int64_t);
    } else {
        f->codes = ARENA_NEW_ARRAY(&p->arena, p->capacity, uint16_t);
        f->values = ARENA_NEW_ARRAY(&p->arena, VALUES_MOST + 1, struct value);
        f->slots = ARENA_NEW_ARRAY(&p->arena, SLOTS, uint32_t);
        f->n = 1;
    }
    field_load(c, p, f);
    p->fields[p->n_fields++] = f;
    return f;
}

/* Instants against a range: no value is made of each. */
static void range_bits(const struct condition_bounds *b, const struct population *p,
                       const int64_t *plain, uint64_t *out) {
    int64_t low = b->has_low ? b->low.integer + b->low_open : INT64_MIN + 1;
    int64_t high = b->has_high ? b->high.integer - b->high_open : INT64_MAX;
    for (size_t i = 0; i < p->n; i++) {
        out[i / 64] |= (uint64_t)(plain[i] >= low && plain[i] <= high) << (i & 63);
    }
}

static void plain_bits(struct ctx *c, const struct population *p, const struct field_column *f,
                       const struct condition_leaf *leaf, uint64_t *out) {
    if (condition_bounded(leaf)) {
        struct condition_bounds bounds = condition_bounds(c, leaf);
        range_bits(&bounds, p, f->plain, out);
        return;
    }
    for (size_t i = 0; i < p->n; i++) {
        struct value v = {VALUE_INTEGER, f->plain[i], STR("")};
        v.kind = f->plain[i] == INT64_MIN ? VALUE_NULL : VALUE_INTEGER;
        out[i / 64] |= (uint64_t)condition_value_holds(c, leaf, v) << (i & 63);
    }
}

uint64_t *population_field(struct ctx *c, struct population *p, const struct condition_leaf *leaf) {
    const struct field *field = leaf->field;
    bool kept = leaf->hops == 0 && field->type != FIELD_MONEY && field->type != FIELD_JSON;
    struct field_column *f = kept ? field_column(c, p, field) : NULL;
    if (!f || f->refused) {
        return NULL;
    }
    uint64_t *out = ARENA_NEW_ARRAY(c->arena, population_words(p), uint64_t);
    if (f->plain) {
        plain_bits(c, p, f, leaf, out);
        return out;
    }
    bool *holds = ARENA_NEW_ARRAY(c->arena, f->n, bool);
    for (size_t i = 0; i < f->n; i++) {
        holds[i] = condition_value_holds(c, leaf, f->values[i]);
    }
    for (size_t i = 0; i < p->n; i++) {
        out[i / 64] |= (uint64_t)holds[f->codes[i]] << (i & 63);
    }
    return out;
}

/* Events. */

static void key_where(struct ctx *c, struct sql *q, struct str key, bool begins) {
    SQL_ADD(q, " d.key_id IN (SELECT k.id FROM event_key k WHERE k.name ");
    sql_literal(q, begins ? ">= " : "= ");
    SQL_VALUE(q, key);
    if (begins) {
        SQL_ADD(q, " AND k.name < ");
        SQL_VALUE(q, str_format(c->arena, "%.*s\xf4\x8f\xbf\xbf", STR_ARG(key)));
    }
    SQL_ADD(q, ")");
}

static struct day_row day_row(size_t at, const struct db_rows *rows) {
    int64_t day = db_int(rows, 1), events = db_int(rows, 2);
    return (struct day_row){(uint32_t)at,
                            (uint16_t)(day < 0       ? 0
                                       : day > 65535 ? 65535
                                                     : day),
                            (uint16_t)(events > 65535 ? 65535 : events)};
}

static void event_load(struct ctx *c, struct population *p, struct event_column *e) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    size_t at = 0, most;
    SQL_ADD(&q, "SELECT count(*) FROM person_day d WHERE");
    key_where(c, &q, e->key, e->begins);
    most = (size_t)sql_int(c, &q);
    e->rows = ARENA_NEW_ARRAY(&p->arena, most, struct day_row);
    e->again = ARENA_NEW_ARRAY(&p->arena, AGAIN_MOST, struct day_row);
    q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT d.person_id, d.day, d.events FROM person_day d WHERE d.person_id > 0 AND");
    key_where(c, &q, e->key, e->begins);
    SQL_ADD(&q, " ORDER BY d.person_id");
    sql_query(c, &rows, &q);
    while (e->n < most && db_next(&rows)) {
        int64_t id = db_int(&rows, 0);
        while (at < p->n && p->ids[at] < id) {
            at++;
        }
        if (at < p->n && p->ids[at] == id) {
            e->rows[e->n++] = day_row(at, &rows);
        }
    }
    db_done(&rows);
}

static struct event_column *event_column(struct ctx *c, struct population *p,
                                         const struct event_window *w) {
    for (size_t i = 0; i < p->n_events; i++) {
        if (p->events[i]->begins == w->begins && str_equal(p->events[i]->key, w->key)) {
            return p->events[i];
        }
    }
    if (p->n_events == POPULATION_EVENTS) {
        return NULL;
    }
    struct event_column *e = ARENA_NEW(&p->arena, struct event_column);
    e->key = str_copy(&p->arena, w->key);
    e->begins = w->begins;
    event_load(c, p, e);
    p->events[p->n_events++] = e;
    return e;
}

/* The sums of the days that count, or the last days, of everybody. */
static void rows_sum(const struct day_row *rows, size_t n, const struct event_window *w,
                     uint32_t *sums) {
    int64_t from = w->from < 0 ? 0 : w->from, to = w->to > 65535 ? 65535 : w->to;
    for (size_t i = 0; i < n; i++) {
        bool counts = rows[i].day >= from && rows[i].day <= to;
        sums[rows[i].at] += counts ? rows[i].events : 0;
    }
}

static void rows_last(const struct day_row *rows, size_t n, uint32_t *last) {
    for (size_t i = 0; i < n; i++) {
        uint32_t day = rows[i].events ? rows[i].day : 0;
        last[rows[i].at] = day > last[rows[i].at] ? day : last[rows[i].at];
    }
}

uint64_t *population_event(struct ctx *c, struct population *p, const struct event_window *w) {
    struct event_column *e = w->of_person ? event_column(c, p, w) : NULL;
    if (!e) {
        return NULL;
    }
    uint64_t *out = ARENA_NEW_ARRAY(c->arena, population_words(p), uint64_t);
    uint32_t *sums = ARENA_NEW_ARRAY(c->arena, p->n + 1, uint32_t);
    int64_t least = w->least, most = w->most > UINT32_MAX ? UINT32_MAX : w->most;
    if (w->last != INT64_MAX) {
        rows_last(e->rows, e->n, sums);
        rows_last(e->again, e->n_again, sums);
        most = w->last;
    } else {
        rows_sum(e->rows, e->n, w, sums);
        rows_sum(e->again, e->n_again, w, sums);
    }
    for (size_t i = 0; i < p->n; i++) {
        out[i / 64] |= (uint64_t)(sums[i] >= least && sums[i] <= most) << (i & 63);
    }
    return out;
}

/* One person again. */

static void rows_empty(struct day_row *rows, size_t n, size_t at) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows[middle].at < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < n && rows[low].at == at; low++) {
        rows[low].events = 0;
    }
}

static bool event_again(struct ctx *c, struct population *p, struct event_column *e, size_t at) {
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    bool room = true;
    rows_empty(e->rows, e->n, at);
    for (size_t i = 0; i < e->n_again; i++) {
        e->again[i].events = e->again[i].at == at ? 0 : e->again[i].events;
    }
    SQL_ADD(&q, "SELECT d.person_id, d.day, d.events FROM person_day d WHERE d.person_id = ");
    SQL_VALUE(&q, p->ids[at]);
    SQL_ADD(&q, " AND");
    key_where(c, &q, e->key, e->begins);
    sql_query(c, &rows, &q);
    while (room && db_next(&rows)) {
        room = e->n_again < AGAIN_MOST;
        if (room) {
            e->again[e->n_again++] = day_row(at, &rows);
        }
    }
    db_done(&rows);
    return room;
}

bool population_person_again(struct ctx *c, struct population *p, size_t at,
                             const struct record *r) {
    for (size_t i = 0; i < p->n_fields; i++) {
        field_put(p, p->fields[i], at, r->values[p->fields[i]->field->position]);
    }
    for (size_t i = 0; i < p->n_events; i++) {
        if (!event_again(c, p, p->events[i], at)) {
            return false;
        }
    }
    return true;
}
