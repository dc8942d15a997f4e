/*
 * The model: record types as tables.
 *
 * A record type is a const struct entity_definition in C. At start, and whenever an
 * administrator adds a custom field or object, all of them become one struct model: an
 * immutable snapshot in which standard, own and custom fields are alike. Schema, validation,
 * REST, OpenAPI, rights, masking, audit, import, export, search, conditions and the web
 * client all read it; there is no second path.
 *
 * Every record has the system fields id, created_at, created_by, updated_at, updated_by,
 * version and deleted_at; an owned one also owner_id and owner_department_id (rewritten
 * when the owner moves). They stand first in entity->fields, in the order of enum
 * system_field.
 *
 * A context sees one model (c->model) from beginning to end.
 */
#ifndef GUANTONG_ENTITY_MODEL_H
#define GUANTONG_ENTITY_MODEL_H

#include "entity/definition.h"

struct value; /* entity/record.h */

enum system_field {
    SYSTEM_ID,
    SYSTEM_CREATED_AT,
    SYSTEM_CREATED_BY,
    SYSTEM_UPDATED_AT,
    SYSTEM_UPDATED_BY,
    SYSTEM_VERSION,
    SYSTEM_DELETED_AT,
    SYSTEM_OWNER_ID, /* owned entities only, as the next */
    SYSTEM_OWNER_DEPARTMENT_ID,
    SYSTEM_FIELDS
};

struct field_option {
    struct str code, label[2], tone; /* label by enum language */
};

struct entity;

struct field {
    struct str name, currency_column; /* the latter for FIELD_MONEY */
    struct str json_key;              /* "name": as it stands in JSON, for json_key_ready */
    enum field_type type;
    unsigned flags;
    int position; /* in entity->fields and in record->values */
    int column;   /* of its value among the table's columns as record_row reads them */
    struct str label[2], group;
    const struct field_option *options;
    size_t n_options;
    const struct entity *target; /* FIELD_REFERENCE; NULL when that type is not in this program */
    int max_length;
    int64_t min, max;
    const struct value *standard; /* of a new record that leaves it out; NULL when none */
};

/* A reference by which records of another type open those of this one (opening.h). */
struct opening {
    const struct entity *entity;
    const struct field *field;
    bool owned; /* those too that somebody owns (FIELD_PARENT) */
};

struct entity {
    struct str name, plural, table, label[2];
    unsigned flags;
    int position; /* in model->entities; rights are indexed by it */
    int64_t model_version;
    const struct field *fields;
    int n_fields;
    const struct field *title, *subtitle;       /* subtitle may be NULL */
    const struct field *title_en;               /* its English, "name_en" of "name"; or NULL */
    const struct entity_definition *definition; /* NULL for custom objects */
    struct str cloud;                           /* module cloud that owns it */
    int n_columns;                              /* of the table: a field of money has two */
    const struct opening *opened_by;
    int n_opened_by;
    /* Statements written once: all columns by id; a new row; 1 when id is there, not trashed. */
    const char *select_sql, *insert_sql, *present_sql;
};

struct model {
    int64_t version; /* of the custom fields it was built from; 0: none */
    const struct entity *entities;
    int n_entities;
    struct arena arena;
    const struct model *older; /* model.c keeps all */
};

const struct entity *model_entity(const struct model *m, struct str name);
const struct entity *model_plural(const struct model *m, struct str plural);
const struct field *entity_field(const struct entity *e, struct str name);
/* What people work on, as against what they set up: approvals and events are about such. */
bool entity_is_work(const struct entity *e);
/* The entity of that name; stops the program when there is none: for names written in C. */
const struct entity *entity_named(const struct ctx *c, const char *name);
/* Position of a field named in C, likewise. */
int field_position(const struct entity *e, const char *name);
/* Code or label of an option; NULL when the code is none of the field's. */
const struct field_option *field_option(const struct field *f, struct str code);

/* "text", "long_text" …; find gives false when the word is no type. */
const char *field_type_name(enum field_type type);
bool field_type_find(struct str name, enum field_type *type);

/* Register the definitions of all modules, at start, before threads. */
void model_register(const struct entity_definition *const *definitions, const char *cloud);
/* The model as of the database's version, rebuilt when an administrator changed it since.
 * One row is read. Models live as long as the program: they are small, changes are rare. */
const struct model *model_current(struct ctx *c);
/* The model of the registered definitions alone, before a database is there. */
const struct model *model_standard(void);

#endif
