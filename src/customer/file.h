/*
 * Files: what is attached to a record, or to an entry of its timeline.
 *
 * A row says name, type and place; the content lies in the file store (db/file_store.h). Who may
 * read the record may read its files, whoever wrote them; a file of an entry wants the right to
 * the kind of entry besides. Files stay where they are when records are merged (their place is
 * turned to the winner) or a lead converts (its timeline is part of the deal's).
 *
 * Keeping a content waits for the disk and is done before the transaction that attaches it:
 *
 *     struct file_content content;
 *     if (file_keep(c, bytes, name, &content)) … then, in the transaction:
 *     file_attach(c, &(struct attachment){&content, subject, id, STR("activity"), activity_id});
 */
#ifndef GUANTONG_CUSTOMER_FILE_H
#define GUANTONG_CUSTOMER_FILE_H

#include "customer/timeline.h"
#include "db/file_store.h"
#include "entity/record.h"

enum { FILE_MOST = 25 << 20 }; /* bytes of one */

struct file_content {
    struct file_stored stored;
    struct str name; /* cleaned, with an extension of its type */
    struct str mime; /* application/octet-stream when it is of no known type */
};

/* Outside transactions. Bytes of any type are kept: what is of no known type is only ever offered
 * to be saved. False after an error in c (empty, too large, disk). */
bool file_keep(struct ctx *c, struct str bytes, struct str name, struct file_content *out);
/* The same of a file, which is moved away; only of the types people send (base/file_type.h). */
bool file_keep_upload(struct ctx *c, struct str path, struct str name, struct file_content *out);

struct attachment {
    const struct file_content *content;
    struct str subject_type; /* a record with a timeline */
    int64_t subject_id;
    struct str about_type; /* kind of the entry, "activity"; empty: the record itself */
    int64_t about_id;
};

/* Attach in the current transaction, trusted; the row's id. Emits file.added about the record. */
int64_t file_attach(struct ctx *c, const struct attachment *a);

/* Files of a page of entries, read at once; then as a JSON array those of one entry. */
struct file_rows;
struct file_rows *files_of_entries(struct ctx *c, const struct timeline_part *part);
void files_put(struct ctx *c, struct json_writer *w, const struct file_rows *files,
               const char *kind, int64_t entry_id);
/* All files of some records, on their entries too, of kinds the actor may see, as a JSON array:
 * newest first, a page of those before an instant. Whether there are more. */
struct file_list {
    const struct timeline_subject *subjects;
    size_t n;
    int64_t before;
};
bool files_of_records(struct ctx *c, struct json_writer *w, const struct file_list *list);
/* One file as the API shows it. */
void file_json(struct ctx *c, struct json_writer *w, int64_t id);

#define FILE_SHAPE                                                                      \
    "id:id! name:text! size:integer! mime:text! kind:text! shown:boolean! at:instant! " \
    "mine:boolean! by:object! about_type:text! about_id:id?!"

/* A file the actor may see; NULL when there is none. */
struct record *file_seen(struct ctx *c, int64_t id);
/* The name an upload came with, or the one it was given. */
struct request;
struct str file_upload_name(struct request *r);
/* Answer with a content, so that no browser runs it: its type is said and not guessed, all but
 * pictures is saved instead of shown (all with ?save), under a policy without scripts. */
struct file_served {
    struct str name, mime, hash;
};
void file_content_reply(struct request *r, const struct file_served *f);

/* The timer that removes contents nobody refers to. */
void file_upkeep_start(struct ctx *c);

#endif
