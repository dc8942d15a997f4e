/*
 * The threads that look into mailboxes when they are due (connector/mailbox.h), away from whoever
 * waits for an answer. A mailbox is claimed for ten minutes, so that of several threads and
 * processes one reads it; what guards correctness is where each batch begins.
 */
#ifndef GUANTONG_APP_MAILBOX_RUNNER_H
#define GUANTONG_APP_MAILBOX_RUNNER_H

#include "base/context.h"

struct writer;
struct mailbox_runner;
struct mailbox_runner *mailbox_runner_start(struct ctx *c, struct writer *w, struct str url);
void mailbox_runner_stop(struct mailbox_runner *r);

#endif
