/*
 * The audit trail: who changed what, from which value to which.
 *
 * Every verb on a record adds one entry with the old and new values, keyed by the event it
 * emitted. Hidden fields are left out. Entries are written just before the commit, those of
 * a batch together; db_flush shows them earlier. Entries are never changed; erasing a
 * person blanks the values. History (record_history_json) reads them.
 *
 * An import names its job and the line of the file as the request of what it writes. Its entries of
 * new records hold no values: what they were stands in the row until an entry of a change, with
 * the old value, says what it was.
 */
#ifndef GUANTONG_ENTITY_AUDIT_H
#define GUANTONG_ENTITY_AUDIT_H

#include "entity/record.h"

struct audit_entry {
    const struct entity *entity;
    int64_t record_id;
    const char *action; /* static: "created" "updated" "trashed" "restored" "merged" … */
    struct str changes; /* JSON {"field":[old,new]}, or p = NULL */
    int64_t event_id;   /* 0 when there was none */
    struct str reason;  /* given by the actor, or p = NULL */
};

void audit_write(struct ctx *c, const struct audit_entry *entry);

/* An entry without changes: personal data shown ("reveal"), records taken out ("exported").
 * id 0 when it concerns many records. Emits the event audit.noted. */
void audit_note(struct ctx *c, const struct entity *e, int64_t id, const char *action,
                struct str reason);

/* The request_id of a context that writes this line of an import, and such a request told as
 * "import":{"job_id","line"} (nothing when it is none). */
struct str audit_import_request(struct arena *a, int64_t job_id, int64_t line);
void audit_put_import(struct json_writer *w, struct str request_id);

/* For the erasure of a person: old and new values and reasons in the entries of a record go, the
 * names of the fields stay; an entry "erased" says so, without which a seal is broken. */
void audit_blank(struct ctx *c, const struct entity *e, int64_t id);

/*
 * An entry in words of the caller's language: its action ("created": 新建), and as an array the
 * first fields it changed. e may be NULL: of a record type this program does not have.
 */
struct str audit_action_words(struct ctx *c, const struct entity *e, struct str action);
void audit_put_changed(struct ctx *c, struct json_writer *w, const struct entity *e,
                       struct str changes);

/* The fields in which the two differ, as JSON for an entry; before NULL for a new record. */
struct str audit_changes(struct ctx *c, const struct record *before, const struct record *after);

#endif
