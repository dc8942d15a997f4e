/* What the files of an import's row share: import_row.c, import_lead.c. */
#ifndef GUANTONG_DATA_IMPORT_PARTS_H
#define GUANTONG_DATA_IMPORT_PARTS_H

#include "customer/lead.h"
#include "data/import.h"

/* Say something of the row that does not refuse it. */
void import_remark(struct ctx *c, struct import_plan *plan, const struct field_error *what);

/* A record came to be on the way of the row: undoing the import takes it away. 0 is none. */
void import_row_made(struct import_plan *plan, const struct entity *e, int64_t id);

/* What a field says with another column's cell behind what columns before it said: parts of a name
 * as its language has them, notes below each other. */
struct str import_joined(struct arena *a, const struct import_column *column, struct str before,
                         struct str cell);

/* Put the cell of a column that fills a text of an intake there, behind what other columns put. */
void import_lead_text(struct arena *a, const struct import_plan *plan, size_t column,
                      const struct table_row *row, struct lead_intake *in);

/* Put the row's values into the set; to be written: what columns create or refer to within the file
 * too. */
void import_row_values(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                       struct change_set *set, bool written);

/* By what a record would be known (import_known.c). */
enum { IMPORT_KEYS = 8 };
struct import_key {
    const struct field *field;
    struct str text;
};
struct import_keys {
    struct import_key of[IMPORT_KEYS];
    size_t n;
};
struct import_keys import_keys(struct ctx *c, const struct change_set *set);
/* The record so known that the actor may see, or NULL. */
struct record *import_known(struct ctx *c, const struct change_set *set,
                            const struct import_keys *keys);
/* Fill with the set's values what is empty of the record. */
enum import_verdict import_complete(struct ctx *c, struct import_plan *plan,
                                    const struct change_set *set, struct record *known);

/* Put the tags that columns of the row name on its record (import_tags.c). */
void import_row_tags(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                     int64_t subject_id);

/* import_row for leads, noise left out. */
enum import_verdict import_lead_row(struct ctx *c, struct import_plan *plan,
                                    const struct table_row *row, int64_t *id);

#endif
