/*
 * Tables of record types, by difference.
 *
 * The model says which tables, columns and indexes there should be; what is missing is
 * added, nothing is ever dropped or narrowed (a removed field is hidden). Runs at start under
 * the migration lock, and when a custom field is added; statistics are refreshed after.
 */
#ifndef GUANTONG_ENTITY_SCHEMA_H
#define GUANTONG_ENTITY_SCHEMA_H

#include "entity/model.h"

/* Bring the database up to the model. True when something was added. */
bool schema_apply(struct ctx *c, const struct model *m);
/* Platform tables of this folder: audit, record_share, custom_field, custom_object. */
extern const struct module entity_module;

#endif
