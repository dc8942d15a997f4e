/*
 * Files of mails with customers: what hung on a mail that was read, and what is sent with one that
 * is written here.
 *
 * A row says which mail and what it is called; the content lies in the file store, the same one
 * once however many mails bring it. Who may read the mail's words fetches its files, nobody else:
 * they are no files of the record until somebody who may puts one there. Pictures of the text
 * ("inside") are kept apart from what was attached.
 *
 * Bounded by MAIL_ATTACHMENTS a mail and MAIL_FILES_BYTES together: what is beyond is named and
 * not kept. A file put in for a letter that is not written yet has mail_id 0; it goes a day later.
 */
#ifndef GUANTONG_CUSTOMER_CORRESPONDENCE_FILE_H
#define GUANTONG_CUSTOMER_CORRESPONDENCE_FILE_H

#include "connector/mail.h"
#include "connector/mail_read.h"
#include "customer/file.h"

enum { MAIL_FILES_BYTES = 25 << 20, MAIL_FILES_WAITING = 100 };

/* Outside transactions: the contents of a mail that was read go to the file store. */
void mail_files_store(struct ctx *c, struct mail_read *m);
/* In the transaction: what is stored of it belongs to a mail; all of it as JSON for the mail's
 * row: [{"id","name","type","size","inside","content_id"}], id null when it was not kept. */
struct str mail_files_keep(struct ctx *c, int64_t mail_id, const struct mail_read *m);
/* The same as the API shows it: "attachments":[…]. */
void mail_files_put(struct ctx *c, struct json_writer *w, struct str attachments);

/* In a transaction: files to be sent along, by their ids: waiting ones of the writer, files of
 * records and of mails that he may read; the waiting ones are used up. Field errors at
 * /files/<n>. */
void mail_files_given(struct ctx *c, const struct json *ids, struct mail_read *m);
/* Their contents; false when one is lost. */
bool mail_files_load(struct ctx *c, int64_t mail_id, struct mail_message *m);

/* Put in and never sent: removed a day later, by the timer of file.c. */
void mail_files_sweep(struct ctx *c);

extern const struct module correspondence_file_module;

#endif
