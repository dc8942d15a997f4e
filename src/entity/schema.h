/*
 * Tables of record types, by difference.
 *
 * The model says which tables, columns and indexes there should be; what is missing is added, no
 * table or column is ever dropped or narrowed (a removed field is hidden). Indexes that an earlier
 * model wanted are dropped. Runs in the caller's transaction, under the migration lock: at start,
 * and when a custom field is added. The statistics of tables that got an index are refreshed.
 */
#ifndef GUANTONG_ENTITY_SCHEMA_H
#define GUANTONG_ENTITY_SCHEMA_H

#include "entity/model.h"

/* Bring the database up to the model. True when something was changed. */
bool schema_apply(struct ctx *c, const struct model *m);
/* Tables audit, record_share and platform_version; record types custom_field, custom_object. */
extern const struct module entity_module;

#endif
