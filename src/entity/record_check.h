/* What must hold before a record is written; for the verbs. */
#ifndef GUANTONG_ENTITY_RECORD_CHECK_H
#define GUANTONG_ENTITY_RECORD_CHECK_H

#include "entity/record.h"

/* A create or update on its way. */
struct record_write {
    const struct entity *entity;
    const struct change_set *in;
    const struct record *before; /* NULL on creation */
    struct record *after;
    bool trusted;
};

/* False when the context failed with more than field errors, which are still gathered. */
bool fields_only_failed(const struct ctx *c);

/* The actor's right to write each given field. */
void check_field_rights(struct ctx *c, const struct record_write *w);
/* Whether each record referred to is there, and the actor's to read unless trusted. */
void check_references(struct ctx *c, const struct record_write *w);
/* The entity's hook, required fields, bounds, references, uniqueness: all field errors. */
void check_write(struct ctx *c, const struct record_write *w);
/* Required fields and bounds alone. */
void check_values(struct ctx *c, const struct record_write *w);
/* Uniqueness alone, for a record that comes back from the trash. */
void check_uniqueness(struct ctx *c, const struct record_write *w);

/* check_values of a new record with these values: nothing is asked of the database, nor the
 * entity's hook (record.c). */
void record_judge(struct ctx *c, const struct change_set *in);

#endif
