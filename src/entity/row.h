/* Records as rows of their tables; for the verbs. */
#ifndef GUANTONG_ENTITY_ROW_H
#define GUANTONG_ENTITY_ROW_H

#include "entity/record.h"

struct record *record_new(struct ctx *c, const struct entity *e, int64_t id);
struct record *record_copy(struct ctx *c, const struct record *r);

/* As record_columns and record_row, of some fields, by position and with the id; the others stay
 * empty. NULL: all. */
void record_columns_of(struct sql *q, const struct entity *e, const char *alias,
                       const bool *fields);
struct record *record_row_of(struct ctx *c, const struct entity *e, const struct db_rows *rows,
                             const bool *fields);

/* The record with that id, in the trash or not; NULL (no error) when there is none. */
struct record *row_read(struct ctx *c, const struct entity *e, int64_t id);
void row_insert(struct ctx *c, const struct record *r);
/* Write the fields in which after differs from before, if the row still has before's version.
 * False when it has not. */
bool row_update(struct ctx *c, const struct record *before, const struct record *after);

#endif
