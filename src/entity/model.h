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

#include "base/context.h"

enum field_type {
    FIELD_TEXT = 1,  /* one line, TEXT */
    FIELD_LONG_TEXT, /* TEXT */
    FIELD_BOOLEAN,   /* BIGINT 0/1 */
    FIELD_INTEGER,   /* BIGINT */
    FIELD_QUANTITY,  /* BIGINT × 10⁶; JSON decimal string */
    FIELD_MONEY,     /* two columns: name BIGINT minor units, name_currency TEXT */
    FIELD_DATE,      /* TEXT YYYY-MM-DD */
    FIELD_INSTANT,   /* BIGINT ms UTC */
    FIELD_OPTION,    /* TEXT code of one of options */
    FIELD_REFERENCE, /* BIGINT id of a record of target; without a target its type stands in
                      * another field (subject_type for subject_id) */
    FIELD_PHONE,     /* TEXT, 11 digits or E.164 */
    FIELD_EMAIL,     /* TEXT, lower case */
    FIELD_REGION,    /* TEXT, official 省+市 */
    FIELD_URL,       /* TEXT, http or https */
    FIELD_JSON       /* TEXT, a JSON value */
};

enum field_flag {
    FIELD_REQUIRED = 1 << 0,
    FIELD_UNIQUE = 1 << 1,    /* among records not in the trash */
    FIELD_READ_ONLY = 1 << 2, /* written by verbs, not by PATCH */
    FIELD_IMMUTABLE = 1 << 3, /* set at creation only */
    FIELD_TITLE = 1 << 4,     /* what people call the record */
    FIELD_SUBTITLE = 1 << 5,  /* tells namesakes apart in search results */
    FIELD_SEARCHED = 1 << 6,  /* in global search */
    FIELD_LISTED = 1 << 7,    /* a column of the list unless the user chose others */
    FIELD_INDEXED = 1 << 8,
    FIELD_PERSONAL = 1 << 9, /* shown masked to those without the full right */
    FIELD_HIDDEN = 1 << 10,  /* never leaves the server */
    FIELD_CUSTOM = 1 << 11,  /* added by the company */
    FIELD_SYSTEM = 1 << 12   /* one of enum system_field */
};

struct option {
    const char *code, *zh, *en;
    const char *tone; /* "ok" "warn" "bad" "info" "idle", "ring" for an untouched info */
};

struct field_definition {
    const char *name; /* column name; NULL ends a list */
    enum field_type type;
    unsigned flags;
    const char *zh, *en;
    const char *group;            /* text code of the group on the record page */
    const struct option *options; /* FIELD_OPTION; ends with a NULL code */
    const char *target;           /* FIELD_REFERENCE: entity name */
    int max_length;               /* characters; 0: 200 for one line, 20,000 for long text */
    int64_t min, max;             /* as stored (× 10⁶, minor units); both 0 for no bound */
    const char *standard;         /* value when a new record leaves it out, as text */
};

struct index_definition {
    const char *columns; /* "owner_id, created_at"; NULL ends a list */
    bool unique;
    const char *where; /* "deleted_at IS NULL", or NULL */
};

enum entity_flag {
    ENTITY_OWNED = 1 << 0,
    ENTITY_SEARCHED = 1 << 1, /* in global search */
    ENTITY_TIMELINE = 1 << 2, /* has a timeline; activities and tasks may hang on it */
    ENTITY_INTERNAL = 1 << 3, /* no REST of its own */
    ENTITY_SETTING = 1 << 4,  /* reference data: everyone signed in may read, few may write */
    ENTITY_CUSTOM = 1 << 5,
    ENTITY_APPEND = 1 << 6 /* no update, no trash through REST */
};

struct change;
struct record;
struct value; /* entity/record.h */

struct entity_definition {
    const char *name, *plural, *zh, *en;
    unsigned flags;
    const struct field_definition *fields;
    const struct index_definition *indexes;
    /* Before a create or update is written: check, fill, normalise change->after; report
     * through FAIL_FIELD. */
    void (*check)(struct ctx *c, struct change *change);
    /* After it was written, in the same transaction. */
    void (*wrote)(struct ctx *c, const struct change *change);
    /* Before a record goes to the trash: fail to forbid. May be NULL, as all hooks. */
    void (*trash)(struct ctx *c, const struct record *record);
    /* After it came back from the trash. */
    void (*restored)(struct ctx *c, const struct record *record);
    /* References were moved from loser to winner; join what else belongs together. Fields it
     * changes in the winner (record_change) are taken back by an unmerge, the rest is not. */
    void (*merged)(struct ctx *c, struct record *winner, const struct record *loser);
    /* The merge was taken back: undo what merged did elsewhere. */
    void (*unmerged)(struct ctx *c, struct record *winner, const struct record *loser);
};

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

struct entity {
    struct str name, plural, table, label[2];
    unsigned flags;
    int position; /* in model->entities; rights are indexed by it */
    const struct field *fields;
    int n_fields;
    const struct field *title, *subtitle;       /* subtitle may be NULL */
    const struct entity_definition *definition; /* NULL for custom objects */
    struct str cloud;                           /* module cloud that owns it */
    int n_columns;                              /* of the table: a field of money has two */
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
