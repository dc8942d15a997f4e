/*
 * Titles of the records that others refer to, fetched for many at once: add all, resolve, then
 * ask. Titles the actor may not see stay unknown.
 */
#ifndef GUANTONG_ENTITY_REFERENCES_H
#define GUANTONG_ENTITY_REFERENCES_H

#include "entity/record.h"

struct reference {
    const struct entity *target;
    int64_t id;
    struct str title; /* p = NULL when unknown */
    bool asked;       /* whether the title was looked for */
};

struct references {
    struct arena *arena;
    struct reference *items; /* each once, in the order added */
    size_t n, capacity;
    uint32_t *slots; /* twice as many: numbers of items from 1, by hash */
};

/* Its number among the items, or -1 when it names no record. */
int references_add(struct references *set, const struct entity *target, int64_t id);
void references_resolve(struct ctx *c, struct references *set);
const struct reference *references_find(const struct references *set, const struct entity *target,
                                        int64_t id);

/* The field that names the record type of another: subject_type for subject_id; or NULL. */
const struct field *reference_type_field(const struct ctx *c, const struct entity *e,
                                         const struct field *f);
/* The record type that a reference of this record points to: the field's target, else the one
 * named by the field's sibling (subject_type for subject_id). NULL when there is none. */
const struct entity *reference_target(const struct ctx *c, const struct record *r,
                                      const struct field *f);

/* The fields that must be read to show what was chosen, by position; NULL: all. */
const bool *record_choice_reads(struct ctx *c, const struct entity *e,
                                const struct record_choice *choice);

#endif
