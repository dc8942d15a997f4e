/*
 * What comes back from mails that were sent, as it was read: failures, complaints, answers. Kept
 * here and told by an event, so that whoever sent the mail can draw the consequences.
 *
 * Event out: mail_return.received, whose payload is {"return":id}.
 */
#ifndef GUANTONG_CONNECTOR_MAIL_RETURNS_H
#define GUANTONG_CONNECTOR_MAIL_RETURNS_H

#include "base/context.h"
#include "connector/mail_read.h"

struct mail_returned {
    int64_t id;
    struct str kind;      /* "failed" "complaint" "reply" */
    struct str recipient; /* of a reply: who writes */
    struct str status, said;
    struct str tokens;      /* blanks between */
    struct str original_id; /* Message-ID of our mail */
    /* It is about a mail of ours whose Message-ID nobody can guess: it need not prove itself. */
    bool known;
    int64_t at;
};

/* Keep the report of a mail; a key that was there already changes nothing. */
void mail_return_keep(struct ctx *c, struct str key, const struct mail_read *m, bool known);
/* Keep that somebody answered one of our mails (the ids he refers to say which). */
void mail_reply_keep(struct ctx *c, struct str key, const struct mail_read *m);
bool mail_return_load(struct ctx *c, int64_t id, struct mail_returned *r);
/* As it would be kept: for who has the mail in hand. */
struct mail_returned mail_return_of(struct arena *a, const struct mail_read *m);

extern const struct module mail_returns_module;

#endif
