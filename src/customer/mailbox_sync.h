/*
 * One look into a mailbox: what is new in its folders is read in bounded batches, and what belongs
 * to customers is filed (correspondence.h), with how far was read, in one transaction a batch.
 *
 * Heads are read first; the whole of a mail only when somebody we know is among its parties, so
 * that other people's mail never leaves the mail server. When the server numbers a folder anew
 * (UIDVALIDITY), it is read again from the chosen day; what is there already is known. What cannot
 * be parsed is passed over.
 */
#ifndef GUANTONG_CUSTOMER_MAILBOX_SYNC_H
#define GUANTONG_CUSTOMER_MAILBOX_SYNC_H

#include "connector/mailbox.h"

/* How a batch is committed: run in a transaction of its own as the system; false when it failed. */
struct mailbox_commit {
    bool (*run)(void *how, struct ctx *c, void (*run)(struct ctx *c, void *data), void *data);
    void *how;
};

/* c has a reading connection and is used between batches; box's password is open. */
struct mailbox_end mailbox_look(struct ctx *c, const struct mailbox *box,
                                struct mailbox_commit commit);

#endif
