/*
 * The thread that waits for mail: it holds a connection to the inbox of each mailbox that works
 * (connector/imap.h, imap_watch), and what comes makes the mailbox due at once, so that it need not
 * wait for its next turn (app/mailbox_runner.h). Of several processes one watches. At most
 * MAILBOXES_WATCHED, each connection for twenty minutes; the others, those whose server cannot
 * tell, and folders of sent mails are looked into every two minutes all the same.
 */
#ifndef GUANTONG_APP_MAILBOX_WATCH_H
#define GUANTONG_APP_MAILBOX_WATCH_H

#include "base/context.h"

enum { MAILBOXES_WATCHED = 100 };

struct writer;
struct mailbox_watch;
struct mailbox_watch *mailbox_watch_start(struct ctx *c, struct writer *w, struct str url);
void mailbox_watch_stop(struct mailbox_watch *w);

#endif
