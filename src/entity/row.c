#include "entity/row.h"

#include <string.h>

#include "db/sql.h"
#include "entity/value.h"

static void column_add(struct sql *q, struct str name, const char *alias, bool first) {
    sql_literal(q, first ? "" : ", ");
    if (alias[0]) {
        sql_literal(q, alias);
        SQL_ADD(q, ".");
    }
    sql_identifier(q, name);
}

void record_columns_of(struct sql *q, const struct entity *e, const char *alias,
                       const bool *fields) {
    bool first = true;
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        if (fields && !fields[i]) {
            continue;
        }
        column_add(q, f->name, alias, first);
        first = false;
        if (f->type == FIELD_MONEY) {
            column_add(q, f->currency_column, alias, false);
        }
    }
}

void record_columns(struct sql *q, const struct entity *e, const char *alias) {
    record_columns_of(q, e, alias, NULL);
}

struct record *record_new(struct ctx *c, const struct entity *e, int64_t id) {
    struct record *r = ARENA_NEW(c->arena, struct record);
    r->entity = e;
    r->id = id;
    r->values = ARENA_NEW_ARRAY(c->arena, (size_t)e->n_fields, struct value);
    r->values[SYSTEM_ID] = value_int(id);
    return r;
}

struct record *record_copy(struct ctx *c, const struct record *r) {
    struct record *copy = record_new(c, r->entity, r->id);
    memcpy(copy->values, r->values, (size_t)r->entity->n_fields * sizeof *r->values);
    return copy;
}

static bool is_integer(enum field_type type) {
    return type == FIELD_BOOLEAN || type == FIELD_INTEGER || type == FIELD_QUANTITY ||
           type == FIELD_INSTANT || type == FIELD_REFERENCE;
}

/* Of its cell, and of the next one when it is money; the zeroed value is the empty one. */
static void value_take(struct ctx *c, const struct field *f, const struct db_value *cell,
                       struct value *v) {
    if (cell->kind == DB_IS_INTEGER) {
        v->kind = f->type == FIELD_MONEY ? VALUE_MONEY : VALUE_INTEGER;
        v->integer = cell->integer;
    } else if (cell->kind == DB_IS_TEXT && cell->text.n) {
        v->kind = VALUE_TEXT;
        v->text = str_copy(c->arena, cell->text);
    }
    if (v->kind == VALUE_MONEY && cell[1].kind == DB_IS_TEXT) {
        v->text = str_copy(c->arena, cell[1].text);
    }
}

struct record *record_row(struct ctx *c, const struct entity *e, const struct db_rows *rows,
                          int first) {
    struct db_value *cells = arena_bytes(c->arena, (size_t)e->n_columns * sizeof *cells);
    db_cells(rows, first, e->n_columns, cells);
    struct record *r = record_new(c, e, cells[0].integer);
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        value_take(c, f, &cells[f->column], &r->values[i]);
    }
    return r;
}

struct record *record_row_of(struct ctx *c, const struct entity *e, const struct db_rows *rows,
                             const bool *fields) {
    if (!fields) {
        return record_row(c, e, rows, 0);
    }
    struct db_value *cells = arena_bytes(c->arena, (size_t)e->n_columns * sizeof *cells), *cell;
    int n = 0;
    for (int i = 0; i < e->n_fields; i++) {
        n += fields[i] ? 1 + (e->fields[i].type == FIELD_MONEY) : 0;
    }
    db_cells(rows, 0, n, cells);
    cell = cells;
    struct record *r = record_new(c, e, cells[0].integer);
    for (int i = 0; i < e->n_fields; i++) {
        if (fields[i]) {
            value_take(c, &e->fields[i], cell, &r->values[i]);
            cell += 1 + (e->fields[i].type == FIELD_MONEY);
        }
    }
    return r;
}

struct record *row_read(struct ctx *c, const struct entity *e, int64_t id) {
    struct db_rows rows;
    struct db_value key = db_from_int(id);
    db_query_values(c, &rows, e->select_sql, &key, 1);
    if (!db_next(&rows)) {
        return NULL;
    }
    struct record *r = record_row(c, e, &rows, 0);
    db_done(&rows);
    return r;
}

/* What is bound for the field's column; an empty value still says of which type it is. */
static struct db_value bound(const struct field *f, struct value v) {
    if (is_integer(f->type) || f->type == FIELD_MONEY) {
        struct db_value empty = db_from_id(0);
        return v.kind == VALUE_NULL ? empty : db_from_int(v.integer);
    }
    return db_from_str(v.kind == VALUE_NULL ? (struct str){NULL, 0} : v.text);
}

static struct db_value bound_currency(struct value v) {
    return db_from_str(v.kind == VALUE_MONEY ? v.text : (struct str){NULL, 0});
}

void row_insert(struct ctx *c, const struct record *r) {
    const struct entity *e = r->entity;
    struct db_value *values = ARENA_NEW_ARRAY(c->arena, (size_t)e->n_columns, struct db_value);
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        values[f->column] = bound(f, r->values[i]);
        if (f->type == FIELD_MONEY) {
            values[f->column + 1] = bound_currency(r->values[i]);
        }
    }
    db_put_values(c, e->insert_sql, values, (size_t)e->n_columns);
}

static void assign(struct sql *q, struct str column, struct db_value v, bool first) {
    sql_literal(q, first ? "" : ", ");
    sql_identifier(q, column);
    SQL_ADD(q, " = ");
    sql_value(q, v);
}

bool row_update(struct ctx *c, const struct record *before, const struct record *after) {
    const struct entity *e = after->entity;
    struct sql q = sql_new(c->arena);
    bool first = true;
    SQL_ADD(&q, "UPDATE ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " SET ");
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        if (value_equal(before->values[i], after->values[i])) {
            continue;
        }
        assign(&q, f->name, bound(f, after->values[i]), first);
        first = false;
        if (f->type == FIELD_MONEY) {
            assign(&q, f->currency_column, bound_currency(after->values[i]), false);
        }
    }
    SQL_ADD(&q, " WHERE id = ");
    SQL_VALUE(&q, after->id);
    SQL_ADD(&q, " AND version = ");
    SQL_VALUE(&q, record_version(before));
    return sql_put_exactly(c, &q, 1);
}
