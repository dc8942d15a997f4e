/*
 * The indexes that lists of a record type need.
 *
 * schema.c creates them beside those the definition names. They follow from the model, so
 * that a field made by the company is served like any other:
 *
 *   (created_at, id)                        the default sort, whoever sees all
 *   (owner_id, created_at, id)              owned: a rep's own, a team's, merged by owner
 *   (owner_department_id, created_at, id)   owned: a manager's tree, merged by department
 *   (f, created_at, id)                     references to records, FIELD_INDEXED options, texts,
 *                                           booleans, references to reference data: one value's
 *                                           records newest first
 *   (f, id)                                 FIELD_INDEXED numbers, money, dates, instants
 *   (deleted_at, id)                        the trash; owned: by owner and department too
 *
 * All but those of the trash hold only records not in it, those of references only records
 * that have one (sorting by a reference is not served). They end with deleted_at, always
 * NULL there, because SQLite otherwise reads the row just to see that it is; those by owner
 * and department go on with the short indexed fields of the definition, those of fields
 * (not of references) with owner and department, so that a list filtered by status or sorted
 * by the next step reads no row in vain (measured at 1,000,000: 564 against 25 ms). Reference
 * data (ENTITY_SETTING) is small and gets only those of its indexed fields.
 */
#ifndef GUANTONG_ENTITY_QUERY_INDEX_H
#define GUANTONG_ENTITY_QUERY_INDEX_H

#include "entity/model.h"

/* Fields that the indexes by owner and department carry, and how long texts of them may be. */
enum { QUERY_INDEX_CARRIED = 8, QUERY_INDEX_TEXT = 60 };

/* Whether the field's equality is answered by an index. */
bool query_index_has(const struct entity *e, const struct field *f);
/* Whether the index of one field holds the values of another (of money the amount), so that no
 * row is read to know them. */
bool query_index_covers(const struct entity *e, const struct field *of, const struct field *f);
/* Whether records with one value of the field are listed newest first by its index. */
bool query_index_grouped(const struct field *f);

/* The index definitions, ended by NULL columns, in the arena. */
const struct index_definition *query_indexes(struct arena *a, const struct entity *e);

#endif
