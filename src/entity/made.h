/*
 * The last few records that were made in the transaction this thread works in: who answers a
 * create tells what the new record refers to, often what was made just before it, and need not ask
 * the database for that.
 */
#ifndef GUANTONG_ENTITY_MADE_H
#define GUANTONG_ENTITY_MADE_H

#include "entity/record.h"

/* It was made now; only what people and programs make one by one is kept. */
void made_keep(struct ctx *c, const struct record *r);
/* It is not as it was made any more. */
void made_forget(const struct ctx *c, const struct record *r);
/* As it was made; NULL when that is not known. */
const struct record *made_find(const struct ctx *c, const struct entity *e, int64_t id);

#endif
