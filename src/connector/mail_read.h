/*
 * Reading a mail as it came over the wire: who to whom, what it says, what hangs on it.
 *
 * Nothing of it is trusted: what cannot be read is empty, and `broken` says that something was
 * left out. Texts are UTF-8, whatever the mail says of itself (RFC 2047, GB18030 and Big5 as
 * mail programs in China write them); addresses are in lower case.
 */
#ifndef GUANTONG_CONNECTOR_MAIL_READ_H
#define GUANTONG_CONNECTOR_MAIL_READ_H

#include "base/str.h"

enum {
    MAIL_PARTIES = 40,    /* receivers read, of To and Cc each */
    MAIL_REFERENCES = 20, /* the last of them */
    MAIL_ATTACHMENTS = 20,
    MAIL_TEXT_MOST = 200000, /* bytes of text, and of HTML */
    MAIL_TOKENS = 4
};

struct mail_party {
    struct str name, address;
};

struct mail_attachment {
    struct str name, type;
    int64_t size;          /* decoded */
    struct str bytes;      /* decoded; empty when the content is not to be kept */
    bool inside;           /* a picture of the text, which the HTML names "cid:<content_id>" */
    struct str content_id; /* without < and > */
    struct str hash;       /* of the content in the file store; empty: it is not there */
};

/* What a mail server reports of a mail of ours. */
enum mail_return {
    RETURN_NONE,
    RETURN_FAILED,   /* not delivered, by its status for good or not */
    RETURN_DELAYED,  /* still being tried: of no consequence */
    RETURN_COMPLAINT /* the receiver called it spam (RFC 5965) */
};

struct mail_report {
    enum mail_return kind;
    struct str recipient;           /* lower case; empty when it is not told */
    struct str status;              /* "5.1.1" (RFC 3463), also when only words told it; empty */
    struct str said;                /* the server's words, at most 300 characters */
    struct str tokens[MAIL_TOKENS]; /* what may be a token of ours (marketing/mail_token.h) */
    size_t n_tokens;
    struct str original_id; /* Message-ID of the mail it is about; empty */
};

struct mail_read {
    struct str message_id, in_reply_to; /* without < and > */
    struct str references[MAIL_REFERENCES];
    size_t n_references;
    struct mail_party from, to[MAIL_PARTIES], cc[MAIL_PARTIES];
    size_t n_to, n_cc;
    struct str subject, text, html; /* html as the sender wrote it: see mail_html.h */
    int64_t at;                     /* Date, ms UTC; 0 when there is none */
    struct mail_attachment attachments[MAIL_ATTACHMENTS];
    size_t n_attachments;
    bool automatic; /* a machine's: an answer out of office, a list, a notice */
    bool broken;
    struct mail_report report;
};

/* Everything lives in the arena. False when it is no mail at all. */
bool mail_read(struct arena *a, struct str wire, struct mail_read *m);

/* The head alone, up to its empty line or its end: all but texts, attachments and report. */
bool mail_read_head(struct arena *a, struct str head, struct mail_read *m);

#endif
