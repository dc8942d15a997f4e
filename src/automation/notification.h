/*
 * Notifications: what the program tells one person, in the inbox and live.
 *
 * A notification is a text code with parameters, rendered in the reader's language when
 * read. It is written in the transaction that caused it; the live feed shows it right
 * after the commit. Imported and replayed history notifies nobody, nor does a module that is
 * switched off.
 */
#ifndef GUANTONG_AUTOMATION_NOTIFICATION_H
#define GUANTONG_AUTOMATION_NOTIFICATION_H

#include "base/json.h"

struct notification {
    int64_t user_id;
    const char *code; /* text code */
    struct text_parameter parameters[ERROR_PARAMETERS];
    struct str subject_type;
    int64_t subject_id;
};

/* Tell a user; nothing for user 0, for what is not live, and when c->silent. Emits
 * notification.created. */
void notify(struct ctx *c, const struct notification *n);

/* Somebody who can log in, and so read what is told or take what is given. */
bool user_active(struct ctx *c, int64_t user_id);

/* They will be told before long (DB_AHEAD). */
void notifications_ahead(struct ctx *c, const int64_t *ids, size_t n);
/* Some notifications, at most SQL_IDS, as JSON in the language of their user. */
void notifications_tell(struct ctx *c, const int64_t *ids, size_t n,
                        void (*tell)(void *data, int64_t user_id, struct str json), void *data);

extern const struct module notification_module;

#endif
