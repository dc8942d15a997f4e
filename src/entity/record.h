/*
 * Records and their verbs.
 * A record in memory is an array of values by field position; a change is a sparse set of new ones.
 * Two layers of verbs:
 *
 *   record_create, record_update, record_trash …   ask the actor's rights first: on the action,
 *       on the record, on each field, on each record referred to
 *   record_insert, record_change, record_remove …  trusted: for verbs and reactors that have
 *       decided already (they may write read-only fields)
 * Both validate all fields and report all that is wrong, call the entity's hooks, write the row
 * with version + 1 and the audit entry, and emit `<entity>.created | updated | trashed | restored
 * | merged`, its payload {"changed":[…], "values":{field:[old,new]}} for fields that are no text.
 */
#ifndef GUANTONG_ENTITY_RECORD_H
#define GUANTONG_ENTITY_RECORD_H

#include "base/json.h"
#include "entity/model.h"

struct sql;     /* db/sql.h */
struct db_rows; /* db/db.h */

enum value_kind { VALUE_NULL, VALUE_INTEGER, VALUE_TEXT, VALUE_MONEY };

struct value {
    enum value_kind kind;
    int64_t integer; /* VALUE_INTEGER; minor units of VALUE_MONEY */
    struct str text; /* VALUE_TEXT; currency of VALUE_MONEY */
};

struct record {
    const struct entity *entity;
    int64_t id;
    struct value *values; /* entity->n_fields, by position */
};

/* New values for some fields of one entity. */
struct change_set {
    const struct entity *entity;
    struct value *values; /* by position */
    bool *set;            /* which are given */
};

/* What the hooks see. */
struct change {
    const struct entity *entity;
    int64_t id;
    const struct record *before; /* NULL on creation */
    struct record *after;        /* check may alter it; in wrote it is what was written */
    int64_t event_id;            /* in wrote: the event emitted */
};

/* Reading values of a record by the field's name as written in C. */
int64_t record_int(const struct record *r, const char *field); /* 0 when empty */
int64_t record_id(const struct record *r, const char *field);  /* 0 when empty */
struct str record_text(const struct record *r, const char *field);
struct value record_value(const struct record *r, const char *field);
bool record_empty(const struct record *r, const char *field);
struct str record_title(const struct record *r);
int64_t record_version(const struct record *r);
bool value_equal(struct value a, struct value b);
void record_set_value(struct record *r, const char *field, struct value v); /* in check hooks */

/* Building change sets in C. */
struct change_set change_new(struct ctx *c, const struct entity *e);
void change_int(struct change_set *s, const char *field, int64_t v);
void change_id(struct change_set *s, const char *field, int64_t id); /* 0 empties */
void change_text(struct change_set *s, const char *field, struct str v);
void change_money(struct change_set *s, const char *field, int64_t minor, struct str currency);
void change_null(struct change_set *s, const char *field);
void change_value(struct change_set *s, const struct field *f, struct value v);

/*
 * From a JSON object. Unknown fields, wrong types, lengths, options, malformed phones and
 * read-only fields become field errors, all of them. Rights are not asked here.
 */
struct change_set change_from_json(struct ctx *c, const struct entity *e, const struct json *o);
/* One value of a field from JSON, or from text as a person or a spreadsheet wrote it. */
struct value value_from_json(struct ctx *c, const struct field *f, const struct json *v);
struct value value_from_text(struct ctx *c, const struct field *f, struct str text);
/* The option of that code, or so labelled in either language, without regard to case; or NULL. */
const struct field_option *option_called(struct ctx *c, const struct field *f, struct str text);
/* The value as JSON; as text for exports. */
void value_to_json(struct json_writer *w, const struct field *f, struct value v);
struct str value_to_text(struct ctx *c, const struct field *f, struct value v);

/* For statements over many records: the entity's columns under an alias ("" for none), as
 * record_row reads them from the current row, beginning at column first. */
void record_columns(struct sql *q, const struct entity *e, const char *alias);
struct record *record_row(struct ctx *c, const struct entity *e, const struct db_rows *rows,
                          int first);

/* With rights. ERROR_ABSENT when missing, in the trash (unless with_trash) or invisible. */
struct record *record_read(struct ctx *c, const struct entity *e, int64_t id);
struct record *record_read_trashed(struct ctx *c, const struct entity *e, int64_t id);
struct record *record_create(struct ctx *c, const struct change_set *in);
/* expected_version 0: whatever it is; else ERROR_CONFLICT "record.stale". */
struct record *record_update(struct ctx *c, int64_t id, const struct change_set *in,
                             int64_t expected_version);
void record_trash(struct ctx *c, const struct entity *e, int64_t id, int64_t expected_version);
struct record *record_restore(struct ctx *c, const struct entity *e, int64_t id);

/* Whether the actor may create a record with these values, written afterwards by record_insert
 * with what a verb adds: the right to create, on each field, on each record referred to. */
void record_permit(struct ctx *c, const struct change_set *asked);

/* Trusted. record_load gives NULL (no error) when the record is missing or in the trash. */
struct record *record_load(struct ctx *c, const struct entity *e, int64_t id);
/* It will be loaded before long (DB_AHEAD); does nothing when there is no such record type. */
void record_ahead(struct ctx *c, struct str entity, int64_t id);
struct record *record_insert(struct ctx *c, const struct change_set *in);
struct record *record_change(struct ctx *c, int64_t id, const struct change_set *in);
/* From what was just read: ERROR_RETRY when it was changed since. */
struct record *record_change_read(struct ctx *c, const struct record *, const struct change_set *);
/* Hold a record, as it was read, until the transaction's end; false when it was changed since. Who
 * decides by a record and then writes holds it between the two, for another writer may be first.
 * record_holds fails with ERROR_RETRY, so that all is decided anew. */
bool record_hold(struct ctx *c, const struct record *r);
bool record_holds(struct ctx *c, const struct record *r);
void record_remove(struct ctx *c, const struct entity *e, int64_t id);
struct record *record_unremove(struct ctx *c, const struct entity *e, int64_t id);

/* Move every reference to loser over to winner, call the merged hook, give the winner the values
 * it takes over (NULL: none), keep what is needed to take it all back in the audit entry, trash
 * the loser. */
void record_merge(struct ctx *c, const struct entity *e, int64_t winner, int64_t loser,
                  const struct change_set *take);
void record_unmerge(struct ctx *c, const struct entity *e, int64_t loser);

/* What of records is shown, of what the actor may read; fields by position. */
struct record_choice {
    const bool *fields;   /* NULL: all */
    bool refs;            /* "_refs": titles of the references they hold … */
    const bool *expanded; /* … in these fields; NULL: in all */
};
extern const struct record_choice record_with_titles; /* all fields, all titles */

/* The record as JSON for this actor: rights and masks applied; titles are fetched for many
 * records at once by records_json, which writes an array. record_json adds "_rights": may the
 * actor update, delete it? */
void record_json(struct ctx *c, struct json_writer *w, const struct record *r,
                 const struct record_choice *choice);
void records_json(struct ctx *c, struct json_writer *w, struct record *const *records, size_t n,
                  const struct record_choice *choice);

/* History of one record, newest first, masked like the record. */
void record_history_json(struct ctx *c, struct json_writer *w, const struct entity *e, int64_t id,
                         struct str cursor);

#endif
