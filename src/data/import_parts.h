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

/* The record that a rule of the column says the cell stands for, or 0. */
int64_t import_chosen(const struct import_column *column, struct str cell);

/* What a cell of a column of texts says, by the column's replacements; empty for unknown. */
struct str import_text(const struct import_plan *plan, size_t column, struct str cell);

/* The record of a type that people call so, as far as the actor may see; 0 when there is none. Of
 * several the first, and *several is set. */
struct import_found {
    int64_t id;
    bool several;
};
struct import_found import_find(struct ctx *c, const struct entity *e, struct str title);

/* When the lead was captured; 0, which is now, when that cannot be read. */
int64_t import_lead_time(const struct import_plan *plan, size_t column,
                         const struct table_row *row);
/* Put the cell of a column that fills a text of an intake there, behind what other columns put. */
void import_lead_text(struct arena *a, const struct import_plan *plan, size_t column,
                      const struct table_row *row, struct lead_intake *in);

/* What was given of a new lead but is not understood stays empty: a remark each. */
void import_lead_left_empty(struct ctx *c, struct import_plan *plan, const struct lead_intake *in,
                            const struct lead_clean *clean);

/* Put the row's values into the set; in a trial what would be made has the id 0. What refers to
 * records of the same file, which may stand further down, are links of the plan. */
void import_row_values(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                       struct change_set *set);

/* Whether several records are called as the cell of a reference, once import_value has read it. */
bool import_has_namesakes(const struct import_plan *plan, size_t column, struct str title);

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
/* The record so known that the actor may see, or NULL; a field error when by its name it may be
 * several. */
struct record *import_known(struct ctx *c, const struct change_set *set,
                            const struct import_keys *keys);
/* The deal a row without a number is about, or NULL; what is doubtful is a remark (import_deal.c).
 * named: the file names it, else its name is made up. */
struct record *import_known_deal(struct ctx *c, struct import_plan *plan,
                                 const struct change_set *set, bool named);
/* The record a row is about, by whatever it is known; gives a deal the name it would have. */
struct record *import_met(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                          struct change_set *set);
/* The record that a person has said the row's own name stands for; 0: nobody has. */
int64_t import_own_chosen(const struct import_plan *plan, const struct table_row *row);
/* What a new record has that its row does not tell: a title, a login, an owner, an author. */
void import_row_given(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                      struct change_set *set);
/* Fill with the set's values what is empty of the record; in a trial that is only judged. */
enum import_verdict import_complete(struct ctx *c, struct import_plan *plan,
                                    const struct change_set *set, struct record *known);

/* Where the cache of a plan keeps what rows are about, beside its columns. */
enum { IMPORT_SUBJECT = 2 * IMPORT_COLUMNS };
/* Put into the set what the row's record is about, by the columns that name it (import_subject.c);
 * field errors when none is found or several are. */
void import_row_subject(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                        struct change_set *set);
/* Whether records of the type are about a record of whatever type. */
bool import_has_subject(const struct entity *e);

/* Put the tags that columns of the row name on its record (import_tags.c). */
void import_row_tags(struct ctx *c, struct import_plan *plan, const struct table_row *row,
                     int64_t subject_id);

/* import_row for leads, noise left out. */
enum import_verdict import_lead_row(struct ctx *c, struct import_plan *plan,
                                    const struct table_row *row, int64_t *id);

#endif
