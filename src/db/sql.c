#include "db/sql.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows of one INSERT: powers of two up to this, so that few statements fill the cache. */
enum { FIRST_VALUES = 16, INSERT_ROWS = 32 };

struct sql sql_new(struct arena *a) {
    return (struct sql){.text = {.arena = a}};
}

void sql_literal(struct sql *q, const char *text) {
    text_add_c(&q->text, text);
}

static bool identifier_valid(struct str name) {
    for (size_t i = 0; i < name.n; i++) {
        if (!isalnum((unsigned char)name.p[i]) && name.p[i] != '_') {
            return false;
        }
    }
    return name.n > 0;
}

/* Quoted, so that names like user and order are names in PostgreSQL too. */
void sql_identifier(struct sql *q, struct str name) {
    if (!identifier_valid(name)) {
        fprintf(stderr, "guantong: not an identifier: \"%.*s\"\n", STR_ARG(name));
        abort();
    }
    text_add_char(&q->text, '"');
    text_add(&q->text, name);
    text_add_char(&q->text, '"');
}

static void value_push(struct sql *q, struct db_value v) {
    if (q->n_values == q->capacity) {
        size_t capacity = q->capacity ? q->capacity * 2 : FIRST_VALUES;
        struct db_value *values = ARENA_NEW_ARRAY(q->text.arena, capacity, struct db_value);
        if (q->n_values) {
            memcpy(values, q->values, q->n_values * sizeof *values);
        }
        q->values = values;
        q->capacity = capacity;
    }
    q->values[q->n_values++] = v;
}

static void placeholder_add(struct sql *q, int64_t number) {
    text_add_char(&q->text, '$');
    text_add_int(&q->text, number);
}

void sql_value(struct sql *q, struct db_value v) {
    value_push(q, v);
    placeholder_add(q, (int64_t)q->n_values);
}

/* How many placeholders for n ids: few different statements. Those of one page are nearly as many
 * as its ids, for the engine looks for each. */
static size_t padded(size_t n) {
    if (n <= 64) {
        return n <= 2 ? n : n <= 4 ? 4 : (n + 7) / 8 * 8;
    }
    return n <= 128 ? 128 : SQL_IDS;
}

void sql_ids(struct sql *q, const int64_t *ids, size_t n) {
    for (size_t i = 0; i < padded(n); i++) {
        sql_literal(q, i > 0 ? ", " : "(");
        SQL_VALUE(q, ids[i < n ? i : n - 1]);
    }
    SQL_ADD(q, ")");
}

void sql_id_rows(struct sql *q, const int64_t *ids, size_t n) {
    for (size_t i = 0; i < padded(n); i++) {
        sql_literal(q, i > 0 ? ", (" : "(");
        SQL_VALUE(q, ids[i < n ? i : n - 1]);
        SQL_ADD(q, ")");
    }
}

/* Copy text, adding base to the numbers of its placeholders; quoted text stays as it is. */
static void text_renumber(struct sql *q, struct str text, size_t base) {
    char quote = 0;
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i];
        if (quote ? ch == quote : ch == '\'' || ch == '"') {
            quote = quote ? 0 : ch;
        }
        if (quote || ch != '$') {
            text_add_char(&q->text, ch);
            continue;
        }
        int64_t number = 0;
        while (i + 1 < text.n && isdigit((unsigned char)text.p[i + 1])) {
            number = number * 10 + (text.p[++i] - '0');
        }
        placeholder_add(q, number + (int64_t)base);
    }
}

void sql_append(struct sql *q, const struct sql *part) {
    text_renumber(q, text_str(&part->text), q->n_values);
    for (size_t i = 0; i < part->n_values; i++) {
        value_push(q, part->values[i]);
    }
}

void sql_number(struct sql *q, int64_t n) {
    text_add_int(&q->text, n);
}

/* A buffer's text is followed by a NUL. */
static const char *sql_text(const struct sql *q) {
    return q->text.n ? q->text.p : "";
}

void sql_query(struct ctx *c, struct db_rows *rows, const struct sql *q) {
    db_query_values(c, rows, sql_text(q), q->values, q->n_values);
}

void sql_ahead(struct ctx *c, const struct sql *q) {
    db_ahead_values(c, sql_text(q), q->values, q->n_values);
}

int64_t sql_run(struct ctx *c, const struct sql *q) {
    return db_run_values(c, sql_text(q), q->values, q->n_values);
}

void sql_put(struct ctx *c, const struct sql *q) {
    db_put_values(c, sql_text(q), q->values, q->n_values);
}

bool sql_put_exactly(struct ctx *c, const struct sql *q, int64_t rows) {
    return db_put_exactly(c, rows, sql_text(q), q->values, q->n_values);
}

int64_t sql_int(struct ctx *c, const struct sql *q) {
    return db_int_values(c, sql_text(q), q->values, q->n_values);
}

static const char *insert_text(struct arena *a, const struct sql_rows *shape, size_t n) {
    struct sql q = sql_new(a);
    sql_literal(&q, shape->into);
    for (size_t i = 0; i < n * shape->columns; i++) {
        bool first = i % shape->columns == 0;
        sql_literal(&q, i == 0 ? " VALUES (" : first ? "), (" : ", ");
        placeholder_add(&q, (int64_t)i + 1);
    }
    SQL_ADD(&q, ")");
    sql_literal(&q, shape->conflict ? shape->conflict : "");
    return str_to_c(a, text_str(&q.text));
}

void sql_insert(struct ctx *c, const struct sql_rows *shape, void *const *items, size_t n) {
    struct arena_mark mark = arena_mark(c->arena);
    struct db_value *values = ARENA_NEW_ARRAY(c->arena, INSERT_ROWS * shape->columns,
                                              struct db_value);
    for (size_t step = INSERT_ROWS; step && !ctx_failed(c); step /= 2) {
        const char *text = n >= step ? insert_text(c->arena, shape, step) : NULL;
        for (; n >= step && !ctx_failed(c); items += step, n -= step) {
            for (size_t i = 0; i < step; i++) {
                shape->row(items[i], values + i * shape->columns);
            }
            db_put_values(c, text, values, step * shape->columns);
        }
    }
    if (!ctx_failed(c)) {
        arena_reset(c->arena, mark);
    }
}
