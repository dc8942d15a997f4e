/*
 * Why a mail did not go, or a mailbox could not be read, in the reader's language: a sentence for
 * what the server's reply means (RFC 5321, enhanced codes of RFC 3463), or for what went wrong
 * before there was a reply (name, connection, TLS), with the server's own words behind it.
 *
 * What is kept in the database are the server's words as they came; they are explained when they
 * are read.
 */
#ifndef GUANTONG_CONNECTOR_MAIL_REASON_H
#define GUANTONG_CONNECTOR_MAIL_REASON_H

#include "base/context.h"

/* Of words as kept ("550 5.1.1 no such user", "0 Couldn't resolve host name"). What says nothing
 * known comes back as it is; empty stays empty. */
struct str mail_reason(struct arena *a, enum language language, struct str words);
/* Of a server's reply that has just come: its code and words. */
struct str mail_reason_reply(struct arena *a, enum language language, int code, struct str words);

#endif
