/*
 * Building SQL whose shape is only known at run time.
 *
 * Text comes from literals, identifiers from the model (checked: letters, digits and
 * underscore), values are always bound. What is built is run with the same effects as
 * DB_QUERY, DB_RUN and DB_PUT.
 *
 *     struct sql q = sql_new(c->arena);
 *     SQL_ADD(&q, "SELECT id FROM ");
 *     sql_identifier(&q, entity->table);
 *     SQL_ADD(&q, " WHERE owner_id = ");
 *     SQL_VALUE(&q, owner_id);
 */
#ifndef GUANTONG_DB_SQL_H
#define GUANTONG_DB_SQL_H

#include "db/db.h"

struct sql {
    struct text_buffer text;
    struct db_value *values;
    size_t n_values, capacity;
};

struct sql sql_new(struct arena *a);
void sql_literal(struct sql *q, const char *text);
#define SQL_ADD(q, literal) sql_literal((q), "" literal "")
/* A name from the model; stops the program on any other byte. */
void sql_identifier(struct sql *q, struct str name);
/* The placeholder of a new bound value, "$3". */
void sql_value(struct sql *q, struct db_value v);
#define SQL_VALUE(q, v) sql_value((q), DB_VALUE_OF(v))
/* "($1, $2, …)" of n ids, at most SQL_IDS: few different texts, the last id filling them up. */
enum { SQL_IDS = 512 };
void sql_ids(struct sql *q, const int64_t *ids, size_t n);
/* The same as rows of VALUES: "($1), ($2), …". */
void sql_id_rows(struct sql *q, const int64_t *ids, size_t n);
/* Another statement's text and values, its placeholders renumbered. */
void sql_append(struct sql *q, const struct sql *part);
/* A whole number written into the text: limits, ordinals. Never user text. */
void sql_number(struct sql *q, int64_t n);

/* Many rows of one shape, by as few statements as the cache can keep. */
struct sql_rows {
    const char *into; /* "INSERT INTO event (…)", a literal */
    size_t columns;
    void (*row)(const void *item, struct db_value *values); /* an item's values, to be filled */
    const char *conflict; /* " ON CONFLICT …" or NULL; no two items may meet in it */
};
void sql_insert(struct ctx *c, const struct sql_rows *shape, void *const *items, size_t n);

void sql_query(struct ctx *c, struct db_rows *rows, const struct sql *q);
void sql_ahead(struct ctx *c, const struct sql *q); /* as DB_AHEAD */
void sql_put(struct ctx *c, const struct sql *q);
bool sql_put_exactly(struct ctx *c, const struct sql *q, int64_t rows); /* as db_put_exactly */
int64_t sql_run(struct ctx *c, const struct sql *q);
int64_t sql_int(struct ctx *c, const struct sql *q);

#endif
