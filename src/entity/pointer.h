/* Which records refer to a record: references of every record type, and pairs like subject_type and
 * subject_id. */
#ifndef GUANTONG_ENTITY_POINTER_H
#define GUANTONG_ENTITY_POINTER_H

#include "db/sql.h"
#include "entity/model.h"

/* A field that can point at records of a type. */
struct pointer {
    const struct entity *entity;
    const struct field *field;
    const struct field *type; /* the sibling that names the type; NULL when the field has one */
};

/* Whether field f of x can point at records of e; *p says how. System fields (who made it, who owns
 * it) are history and do not count. */
bool pointer_at(const struct entity *x, const struct field *f, const struct entity *e,
                struct pointer *p);
/* " AND t.subject_type = 'lead'" where a sibling names the type; nothing otherwise. */
void pointer_type(struct sql *q, const struct pointer *p, const struct entity *e);

/* Whether a record t that is not in the trash, and for which the condition `which` holds, refers to
 * this one. */
bool record_is_referred_to(struct ctx *c, const struct entity *e, int64_t id,
                           const struct sql *which);

#endif
