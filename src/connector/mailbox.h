/*
 * Mailboxes: where the mail of users is read, each with accounts of his own (MAILBOXES_MOST), and
 * one for what comes back from mailings (bounces, complaints, answers), which is the company's.
 *
 * A mailbox is read by a thread (app/mailbox_runner.h) at its next_at: from where it stands
 * in each folder, in bounded batches. What a mail comes to and how far was read are written in one
 * transaction. A failure sets the state, what the server said, and a growing pause; changed
 * settings end the pause.
 *
 * Event out: mailbox.changed.
 */
#ifndef GUANTONG_CONNECTOR_MAILBOX_H
#define GUANTONG_CONNECTOR_MAILBOX_H

#include "base/context.h"
#include "connector/imap.h"
#include "connector/mail.h"

struct mailbox {
    int64_t id, user_id; /* user_id 0: the company's, for what comes back */
    bool enabled;
    struct str name, address; /* in whose name he writes */
    struct imap_server imap;  /* its password is opened by mailbox_open alone */
    struct str smtp_host, smtp_security;
    int64_t smtp_port;
    struct str inbox, sent; /* folders as on the wire; sent may be empty: found when read */
    int64_t since;          /* mails from before are left alone */
    struct str excluded;    /* addresses and domains, one a line: mails with them stay out */
    struct str state, why;  /* "new" "works" "reading", or one of imap_outcomes */
    int64_t synced_at, next_at, failures, version;
};

enum { MAILBOX_PAUSE_MS = 120000 }; /* between two looks */
enum { MAILBOXES_MOST = 5 };

bool mailbox_read(struct ctx *c, int64_t id, struct mailbox *box);
/* A user's first, or with 0 the company's; false when there is none. */
bool mailbox_of(struct ctx *c, int64_t user_id, struct mailbox *box);
/* The one of a user's by which he sends: this one (0: his first that can); false when it is not
 * his, is switched off or has no server to send by. */
bool mailbox_sending(struct ctx *c, int64_t user_id, int64_t id, struct mailbox *box);
/* Opens the password; ERROR_INTERNAL when it was sealed with another key. */
void mailbox_open(struct ctx *c, struct mailbox *box);
/* The account he sends by; the password must be open. */
struct mail_account mailbox_sender(const struct mailbox *box);
/* Whether an address is one of his own: of the mailbox or of his user record. */
bool mailbox_own(struct ctx *c, const struct mailbox *box, struct str address);
/* Whether an address or its domain is on the list of what stays out. */
bool mailbox_excludes(struct ctx *c, const struct mailbox *box, struct str address);

/* The id of one that is due, 0 when none is. */
int64_t mailbox_due(struct ctx *c);
/* In a transaction: there is news, it is due at once. False while somebody is reading it: ask
 * again, for he may have looked before. */
bool mailbox_hurry(struct ctx *c, int64_t id);
/* Those that work, with their versions; at most `most`. */
struct mailbox_known {
    int64_t id, version;
};
size_t mailboxes_working(struct ctx *c, struct mailbox_known *out, size_t most);
/* In a transaction: it is ours for ten minutes; false when somebody else was first. */
bool mailbox_claim(struct ctx *c, int64_t id);
/* What came of a look. more: there is still mail to be read. */
struct mailbox_end {
    enum imap_outcome outcome;
    struct str why, sent; /* sent: the folder found, or empty */
    bool more;
};
/* In a transaction. True when the mailbox has just stopped working by a fault of its settings, so
 * that its user should be told. Nothing when its settings were changed meanwhile. */
bool mailbox_ended(struct ctx *c, const struct mailbox *box, const struct mailbox_end *end);

/* How far a folder was read. */
struct mailbox_place {
    int64_t uidvalidity, uid;
};
struct mailbox_place mailbox_place(struct ctx *c, int64_t mailbox_id, const char *folder);
/* In a transaction: from before to after; ERROR_CONFLICT when it is not there any more. */
void mailbox_advance(struct ctx *c, int64_t mailbox_id, const char *folder,
                     const struct mailbox_place *before, const struct mailbox_place *after);

extern const struct module mailbox_module, mailbox_routes_module;

#endif
