/*
 * Correspondence: mails between users and people we know, filed where they belong.
 *
 * A mail that is read in a user's mailbox is kept only when one of its other parties is somebody
 * the CRM knows (a person, by any address he ever had) and the user may see him, one of his leads
 * or deals, or his account; with nobody known, with colleagues alone, or with somebody on the
 * mailbox's list of what stays out, nothing of it is kept. It hangs on all of these records.
 *
 * Who may see such a record sees that there was a mail: when, from or to whom among those we know,
 * and whose. Its subject and words are read by whose mailbox it is in, and by those with the right
 * correspondence:read, unless it is marked private: then by the former alone. This holds in every
 * channel; mails are in no list, export or search of records.
 *
 * One mail in several mailboxes is one: by Message-ID, sender, date and subject. A mail written
 * here is found again when its copy turns up in the folder of sent mails.
 *
 * Mails to and fro move the last follow-up of leads, accounts and deals (a machine's do not), and a
 * mail written to a new lead takes it into work. One-to-one mail asks for no consent to marketing;
 * an address that does not exist, or whose owner complained, is refused.
 *
 * Events out, about the person: correspondence.received, correspondence.sent, and when a person
 * answers in a thread in which we wrote, correspondence.replied; payload {"mail","automatic"}.
 */
#ifndef GUANTONG_CUSTOMER_CORRESPONDENCE_H
#define GUANTONG_CUSTOMER_CORRESPONDENCE_H

#include "connector/mail_read.h"
#include "connector/mailbox.h"
#include "entity/record.h"

enum { CORRESPONDENCE_SUBJECTS = 24 };

/* The records a mail belongs to. */
struct mail_subjects {
    struct {
        const struct entity *entity;
        int64_t id;
    } items[CORRESPONDENCE_SUBJECTS];
    size_t n;
    int64_t person_id; /* the first of them, or whose lead or deal it is */
    bool outgoing;
};

/* Where the mail belongs, of what the mailbox's user may see; n is 0 when it is not to be kept.
 * The head is enough. */
struct mail_subjects correspondence_subjects(struct ctx *c, const struct mailbox *box,
                                             const struct mail_read *m);
/* Add a record once. */
void mail_subject_add(struct mail_subjects *s, const struct entity *e, int64_t id);

/* Where a mail was read. */
struct mail_place {
    const char *folder; /* "inbox" "sent" "file" "written" */
    int64_t uidvalidity, uid;
};

/* In a transaction, as anybody: keep the mail if it is to be kept. Its id, 0 when it is not. */
int64_t correspondence_file(struct ctx *c, const struct mailbox *box, const struct mail_place *at,
                            const struct mail_read *m);
/* In a transaction: a report about a mail written here; true when it was one. */
bool correspondence_returned(struct ctx *c, const struct mailbox *box, const struct mail_read *m);

/* A mail as kept. */
struct correspondence {
    int64_t id, thread_id, at;
    bool outgoing, automatic, hidden;
    struct str from_address, from_name, parties; /* parties: {"to":[{name,address}],"cc":[…]} */
    struct str subject, excerpt, attachments;    /* attachments: correspondence_file.h */
    struct str message_id, reply_ids;            /* ids it answers, newest first, blanks between */
    struct str state, why; /* "" of mails read; "queued" "sent" "failed" "returned" */
    bool cut;              /* something of it was left out */
};
bool correspondence_load(struct ctx *c, int64_t id, struct correspondence *m);
/* Whether what hangs on an entry of that id may be shown: it is no mail, or one the actor may
 * read. */
bool correspondence_open(struct ctx *c, int64_t id);
/* Whose mailbox a mail came through, the first of them; 0 when it is none. */
int64_t correspondence_holder(struct ctx *c, int64_t id);

/* What the actor may see of it. */
enum mail_sight {
    SIGHT_NONE,
    SIGHT_EXISTENCE,
    SIGHT_CONTENT,
    SIGHT_OWN /* it is in his mailbox: he may mark it private */
};
enum mail_sight correspondence_sight(struct ctx *c, const struct correspondence *m);

/* Mails on a record's timeline, newest first: each as JSON for this actor, who may read it. */
struct mail_entry {
    int64_t id, at, user_id;
    bool outgoing;
    bool open;
    struct str text; /* the subject as far as he may see it */
    struct str data; /* JSON object */
};
struct mail_entry *correspondence_of(struct ctx *c, const struct entity *e, int64_t id,
                                     int64_t before, size_t *n);

/* Whether, and why not ("bounced" …, NULL when it may), mail to an address goes; set once at start
 * by who keeps what is suppressed. */
void correspondence_refusal_from(const char *(*refusal)(struct ctx *c, struct str address));
const char *correspondence_refusal(struct ctx *c, struct str address);

/* In a transaction: keep a mail that is about to be sent from a record's page, with all it matches
 * besides. Its id. */
int64_t correspondence_write(struct ctx *c, const struct mailbox *box, const struct mail_read *m,
                             const struct record *head);
/* It has gone, or it has not and why. */
void correspondence_gone(struct ctx *c, int64_t id);
void correspondence_failed(struct ctx *c, int64_t id, struct str why);

#define CORRESPONDENCE_READ "correspondence:read"

extern const struct module correspondence_module, correspondence_routes_module,
    correspondence_send_module, letter_template_module;

#endif
