/*
 * Comments on entries of timelines, and the people named in what is written about a record.
 *
 * A comment hangs on one entry (an activity, a task, a capture, a mail, a file) of one record.
 * Whoever may read the record and that entry reads and writes comments; its author
 * changes it, its author or who may delete the record removes it. The entry's author and who
 * took part hear of a new one.
 *
 * People named by "@" are told, if they may read the record; who may not is named to the author,
 * and nothing is written.
 */
#ifndef GUANTONG_CUSTOMER_COMMENT_H
#define GUANTONG_CUSTOMER_COMMENT_H

#include "customer/timeline.h"

/* Comments of a page of entries, read at once; then as a JSON array those of one entry. */
struct comment_rows;
struct comment_rows *comments_of_entries(struct ctx *c, const struct timeline_part *part);
void comments_put(struct ctx *c, struct json_writer *w, const struct comment_rows *comments,
                  const char *kind, int64_t entry_id);

enum { MENTIONS_MOST = 20 };

/* In a check hook: the field "mentions" (a JSON list of user ids) holds active users, and those who
 * were not named before may read the subject; else field errors. */
void mentions_check(struct ctx *c, const struct change *change, const struct record *subject);
/* After it was written: tell those who were not named before. */
void mentions_tell(struct ctx *c, const struct change *change, const struct record *subject);
/* "mentions":[{id, title}, …] from the text of such a field. */
void mentions_put(struct ctx *c, struct json_writer *w, struct str mentions);
bool mentions_hold(struct ctx *c, struct str mentions, int64_t user_id);

/* Whether a user may read the record, entries of that kind, and this one (0: any). */
struct comment_place {
    const struct record *record;
    struct str kind;
    int64_t entry_id;
};
bool mention_may_read(struct ctx *c, int64_t user_id, const struct comment_place *place);

#endif
