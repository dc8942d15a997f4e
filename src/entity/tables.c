/* The tables behind all record types, and the module. */
#include "base/message.h"
#include "base/module.h"
#include "db/migration.h"
#include "entity/condition_kinds.h"
#include "entity/custom.h"
#include "entity/schema.h"
#include "entity/texts.h"
#include "event/event.h"

static const struct migration migrations[] = {
    {"entity.1",
     /* Numbers that move when something resolved in memory must be resolved anew. */
     "CREATE TABLE platform_version (\n"
     "  name TEXT NOT NULL PRIMARY KEY,\n"
     "  value BIGINT NOT NULL\n"
     ");\n"
     "CREATE TABLE audit (\n"
     "  id {id},\n"
     "  event_id BIGINT,\n"
     "  at BIGINT NOT NULL,\n"
     "  actor_id BIGINT,\n" /* empty: the system */
     "  token_id BIGINT,\n"
     "  entity TEXT NOT NULL,\n"
     "  record_id BIGINT NOT NULL,\n"
     "  action TEXT NOT NULL,\n"
     "  changes TEXT,\n" /* {"field":[old,new]} */
     "  origin BIGINT NOT NULL,\n"
     "  request_id TEXT,\n"
     "  reason TEXT\n"
     ");\n"
     "CREATE INDEX audit_record ON audit (record_id, id);\n"
     "CREATE TABLE record_share (\n"
     "  entity TEXT NOT NULL,\n"
     "  record_id BIGINT NOT NULL,\n"
     "  with_kind TEXT NOT NULL,\n" /* user, department or team */
     "  with_id BIGINT NOT NULL,\n"
     "  share_right BIGINT NOT NULL,\n" /* 1 read, 2 update */
     "  created_at BIGINT NOT NULL,\n"
     "  created_by BIGINT,\n"
     "  PRIMARY KEY (entity, record_id, with_kind, with_id)\n"
     "){without_rowid};\n"
     "CREATE INDEX record_share_with ON record_share (with_kind, with_id, entity);\n"},
    /* The entries of a part of the log: sealing and its verification. */
    {"entity.2", "CREATE INDEX audit_event ON audit (event_id)"},
    /* Tells this database from others that one process has open, one after the other. */
    {"entity.3", "INSERT INTO platform_version (name, value) VALUES ('database', {random})"},
    /* What moved with a merge that stands, of tables that are of no record type (merge.h). */
    {"entity.4", "CREATE TABLE merge_carried (\n"
                 "  loser_id BIGINT NOT NULL,\n"
                 "  what TEXT NOT NULL,\n"
                 "  row_id BIGINT NOT NULL,\n"
                 "  PRIMARY KEY (loser_id, what, row_id)\n"
                 "){without_rowid}"},
    {NULL, NULL}};

static const struct event_type event_types[] = {
    {"audit.noted", NULL, "写入审计说明", "audit note written"},
    {"record.shared", EVENT_OF_ANY, "共享给同事", "shared"},
    {"record.unshared", EVENT_OF_ANY, "取消共享", "no longer shared"},
    {0}};

const struct module entity_module = {
    .name = "entity",
    .cloud = "platform",
    .entities = (const struct entity_definition *const[]){&custom_field_definition,
                                                          &custom_object_definition, NULL},
    .events = event_types,
    .conditions = (const struct condition_kind *const[]){&condition_related, NULL},
    .texts = entity_texts,
    .migrations = migrations,
};
