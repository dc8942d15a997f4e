/*
 * Mails to people: who gets one, who does not and why.
 *
 * mail_send decides in the caller's transaction and keeps the decision, a row of `mail_send` for
 * each (key): waiting, or not sent with a reason. A timer hands what waits to the outbox, at most
 * so many a minute, asking once more whether it may; a sender delivers it by SMTP. So a key has
 * one mail, also across crashes. What happened between the last byte of a message and the commit of
 * its end nobody knows who died there: just before that byte the outbox notes that it goes
 * (outbox_hand_over). A mail found so is *unsure*: it counts as sent, is shown as unsure and is not
 * sent again, for two are worse than none; but one of the topic "service", which its receiver
 * needs, is sent again with the same Message-ID, by which receivers tell.
 *
 * Checks, in this order: no_address, suppressed (bounced or complained), no_consent,
 * unsubscribed, capped (so many a day, a week), duplicate (the address has this step's mail
 * already). In quiet hours a mail waits until they end. Mails of the topic "service" ask for
 * address and suppression alone.
 *
 * Events out, about the person: mail.sent, mail.opened, mail.clicked, mail.bounced,
 * mail.replied, mail.unsubscribed; their payload is {"send","source","source_id","step",
 * "template_id","name"}, of a click "url" too.
 */
#ifndef GUANTONG_MARKETING_MAIL_H
#define GUANTONG_MARKETING_MAIL_H

#include "entity/record.h"
#include "marketing/mail_content.h"

struct mail_request {
    struct str key; /* exactly one mail for each */
    int64_t template_id, person_id;
    int64_t content_id; /* of mail_content_keep; 0: the template as it stands */
    struct str source;  /* "journey", "mailing", "automation" */
    int64_t source_id;
    struct str step; /* node of a journey; empty */
};

enum mail_state { MAIL_WAITING, MAIL_QUEUED, MAIL_SENT, MAIL_NOT_SENT };

struct mail_sent {
    int64_t id;
    enum mail_state state;
    struct str reason; /* of MAIL_NOT_SENT: "no_address" …, else empty */
};

/* Field errors when the template is none. A key that was there already gives what it came to.
 * Nothing is kept of what is not live (id 0). */
struct mail_sent mail_send(struct ctx *c, const struct mail_request *request);
/* The reason mail_send would give now, empty when the mail would go; writes nothing. *until: when
 * its quiet hours end, or now. */
struct str mail_would(struct ctx *c, const struct mail_request *request, int64_t *until);

/* What the person of a mail did with it, people and machines apart. */
struct mail_answer {
    bool sent, opened, clicked, replied;
};
struct mail_answer mail_answer(struct ctx *c, struct str key);

/* Why an address gets no mail at all, as a text code for who writes to it by hand; NULL when it
 * may. */
const char *mail_suppression_refusal(struct ctx *c, struct str address);

/* Totals of a source, or one step of it. */
struct mail_totals {
    int64_t waiting, sent, opened, clicked, machine, replied, bounced, unsubscribed, not_sent;
    int64_t unsure; /* of sent: nobody knows whether it arrived */
};
struct mail_totals mail_totals(struct ctx *c, struct str source, int64_t source_id,
                               struct str step);
void mail_totals_put(struct json_writer *w, const struct mail_totals *t);

/* The content as the template stands now, kept for good; 0 when the template is gone. */
int64_t mail_content_keep(struct ctx *c, int64_t template_id);
struct mail_content mail_content_read(struct ctx *c, int64_t content_id);
struct mail_content mail_content_of(const struct record *mail_template);

#endif
