/*
 * Records opened by what refers to them, for the files of access and lists.
 *
 * Nobody owns most people who come in by a form, but somebody owns the lead about them. So a
 * reference may open what it points at (FIELD_OPENS): who may read a record that he has not made
 * himself, and this field of it, may read the one it refers to while nobody owns that. What a
 * record belongs to, as a deal to its account, is opened by it whoever owns that and whoever made
 * the record (FIELD_PARENT): to make it belong there he had to read the parent. Like a share it
 * adds to a scope that is there and gives reading only; what is in the trash neither opens nor is
 * opened.
 */
#ifndef GUANTONG_ENTITY_OPENING_H
#define GUANTONG_ENTITY_OPENING_H

#include "entity/access.h"

/* Whether the actor may read anything that opens records of the type for the action. */
bool opening_any(const struct actor *a, enum action action, const struct entity *e);
/* Whether he may read anything that opens those of the type that somebody, or nobody, owns. */
bool opening_may(const struct actor *a, const struct entity *e, bool owned);
/* Whether the record is opened to the actor. */
bool opening_grants(struct ctx *c, enum action action, const struct record *r);
/* "(something that refers to alias and opens it may be read)", asked record by record. */
void opening_put(struct ctx *c, struct sql *q, const struct entity *e, const char *alias);
/* The same of the table t, found from what opens it: for who may read little of that. */
void opening_put_set(struct ctx *c, struct sql *q, const struct entity *e);
/* Whether the actor may read no more than so many records that might open one of the type. */
bool opening_few(struct ctx *c, const struct entity *e, int64_t limit);

#endif
