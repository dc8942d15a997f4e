/* Reading PostgreSQL's answers, whose values come in binary. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/postgres.h"

/* Results of other types are for the author of the SQL to cast. */
void postgres_columns_check(struct ctx *c, const struct db_statement *s) {
    for (int i = 0; i < s->n_columns; i++) {
        switch (PQftype(s->result, i)) {
        case TYPE_BOOL:
        case TYPE_BYTEA:
        case TYPE_CHAR:
        case TYPE_NAME:
        case TYPE_INT8:
        case TYPE_INT2:
        case TYPE_INT4:
        case TYPE_TEXT:
        case TYPE_OID:
        case TYPE_FLOAT4:
        case TYPE_FLOAT8:
        case TYPE_UNKNOWN:
        case TYPE_BPCHAR:
        case TYPE_VARCHAR:
        case TYPE_VOID:
            break;
        case TYPE_NUMERIC:
            ctx_fail_internal(c, "column %d is numeric, CAST it: %.150s", i, s->text);
            break;
        default:
            ctx_fail_internal(c, "column %d is of type %u, CAST it: %.150s", i,
                              PQftype(s->result, i), s->text);
        }
    }
}

enum db_kind postgres_kind(const struct db_statement *s, int column) {
    if (PQgetisnull(s->result, (int)s->row - 1, column)) {
        return DB_IS_NULL;
    }
    switch (PQftype(s->result, column)) {
    case TYPE_BOOL:
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_OID:
        return DB_IS_INTEGER;
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        return DB_IS_REAL;
    case TYPE_BYTEA:
        return DB_IS_BLOB;
    default:
        return DB_IS_TEXT;
    }
}

/* The bytes of a column as a number in network order. */
static uint64_t word_read(const struct db_statement *s, int column) {
    uint64_t word = 0;
    int row = (int)s->row - 1;
    const char *bytes = PQgetvalue(s->result, row, column);
    for (int i = 0; i < PQgetlength(s->result, row, column); i++) {
        word = word << 8 | (unsigned char)bytes[i];
    }
    return word;
}

static struct str raw_bytes(const struct db_statement *s, int column) {
    int row = (int)s->row - 1;
    return (struct str){PQgetvalue(s->result, row, column),
                        (size_t)PQgetlength(s->result, row, column)};
}

int64_t postgres_integer(const struct db_statement *s, int column) {
    int64_t value = 0;
    switch (postgres_kind(s, column)) {
    case DB_IS_INTEGER:
        switch (PQftype(s->result, column)) {
        case TYPE_INT2:
            return (int16_t)word_read(s, column);
        case TYPE_INT4:
            return (int32_t)word_read(s, column);
        default:
            return (int64_t)word_read(s, column);
        }
    case DB_IS_REAL:
        return (int64_t)postgres_real(s, column);
    case DB_IS_TEXT:
        str_to_int(raw_bytes(s, column), &value);
        return value;
    case DB_IS_BLOB:
    case DB_IS_NULL:
        break;
    }
    return 0;
}

double postgres_real(const struct db_statement *s, int column) {
    switch (postgres_kind(s, column)) {
    case DB_IS_REAL:
        if (PQftype(s->result, column) == TYPE_FLOAT4) {
            uint32_t bits = (uint32_t)word_read(s, column);
            float real;
            memcpy(&real, &bits, sizeof real);
            return real;
        } else {
            uint64_t bits = word_read(s, column);
            double real;
            memcpy(&real, &bits, sizeof real);
            return real;
        }
    case DB_IS_INTEGER:
        return (double)postgres_integer(s, column);
    case DB_IS_TEXT:
        return strtod(raw_bytes(s, column).p, NULL); /* libpq ends values with a NUL */
    case DB_IS_BLOB:
    case DB_IS_NULL:
        break;
    }
    return 0;
}

struct str postgres_bytes(const struct db_statement *s, int column) {
    enum db_kind kind = postgres_kind(s, column);
    if (kind != DB_IS_INTEGER && kind != DB_IS_REAL) {
        return raw_bytes(s, column);
    }
    struct postgres_statement *p = s->prepared;
    if (!p->numbers) {
        p->numbers = calloc((size_t)s->n_columns, sizeof *p->numbers);
    }
    if (!p->numbers) {
        return (struct str){NULL, 0};
    }
    char *text = p->numbers[column];
    if (kind == DB_IS_INTEGER) {
        snprintf(text, NUMBER_TEXT, "%lld", (long long)postgres_integer(s, column));
    } else {
        snprintf(text, NUMBER_TEXT, "%.15g", postgres_real(s, column));
    }
    return str_from(text);
}

void postgres_cells(const struct db_statement *s, int first, int n, struct db_value *out) {
    for (int i = 0; i < n; i++) {
        out[i].kind = postgres_kind(s, first + i);
        if (out[i].kind == DB_IS_INTEGER) {
            out[i].integer = postgres_integer(s, first + i);
        } else if (out[i].kind == DB_IS_REAL) {
            out[i].real = postgres_real(s, first + i);
        } else if (out[i].kind != DB_IS_NULL) {
            out[i].text = raw_bytes(s, first + i);
        }
    }
}
