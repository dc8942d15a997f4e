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
};

struct references {
    struct arena *arena;
    struct reference *items; /* sorted, each once, when resolved */
    size_t n, capacity;
};

void references_add(struct references *set, const struct entity *target, int64_t id);
void references_resolve(struct ctx *c, struct references *set);
const struct reference *references_find(const struct references *set, const struct entity *target,
                                        int64_t id);

/* The record type that a reference of this record points to: the field's target, else the one
 * named by the field's sibling (subject_type for subject_id). NULL when there is none. */
const struct entity *reference_target(const struct ctx *c, const struct record *r,
                                      const struct field *f);

#endif
