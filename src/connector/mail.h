/*
 * Mail going out: the company's sending account, messages as MIME, and their delivery by SMTP.
 *
 * What is sent to whom, and whether it may be, is decided above (marketing/mail.h).
 */
#ifndef GUANTONG_CONNECTOR_MAIL_H
#define GUANTONG_CONNECTOR_MAIL_H

#include "base/context.h"
#include "base/crypto.h"
#include "connector/mail_dkim.h"

/* The key that seals the password and from which the key that signs addresses in mails is made, and
 * how people reach the server ("https://crm.example.cn", may be empty). Set once at start. */
void mail_start(const struct secret_key *key, struct str base_url);
/* MAC of a text under the signing key, the first n bytes. */
enum { MAIL_MAC = 10 };
void mail_sign(struct str text, unsigned char mac[MAIL_MAC]);

struct mail_account {
    struct str host, security; /* "tls" from the start, "starttls", or "none" */
    int64_t port;
    struct str username, password;
    struct str from_name, from_address, reply_to;
    struct str
        bounce_address;    /* where bounces go: "bounce@mail.example.cn"; empty: to the sender */
    struct str public_url; /* how receivers reach us, without a slash at its end */
    struct str authority;  /* certificates to trust besides the system's, PEM; empty: none */
    int64_t per_minute;    /* mails sent at most in a minute */
    struct dkim_key keys[DKIM_KEYS]; /* that sign */
    size_t n_keys;
};

/* The account as kept, its password opened; false when there is none yet. */
bool mail_account_read(struct ctx *c, struct mail_account *account);

struct mail_file {
    struct str name, mime, bytes;
};

struct mail_message {
    struct str to_name, to_address, subject, html, text;
    struct str id;           /* of Message-ID, before the @ */
    struct str bounce_token; /* for the envelope: bounce+<token>@…; empty: none */
    struct str unsubscribe;  /* address that takes a one-click unsubscription; empty: none */
    int64_t at;              /* Date */
    /* Asked before the last of it goes: from then on the server may have it. False: it must not.
     * NULL: nobody minds. */
    bool (*hand_over)(const void *data);
    const void *data;
    bool personal;     /* written by a person to a person: no mark of a machine */
    struct str others; /* further addresses of To, and those of Cc, commas between */
    struct str copies;
    struct str in_reply_to, references; /* "<id>", "<id> <id>"; empty: none */
    const struct mail_file *files;      /* that hang on it */
    size_t n_files;
};

/* The message as it goes over the wire, with CRLF and lines of at most 78 characters. */
struct str mail_compose(struct arena *a, const struct mail_account *account,
                        const struct mail_message *m);

enum mail_outcome {
    MAIL_ACCEPTED,  /* the server has it */
    MAIL_TEMPORARY, /* 4xx, no connection: try again */
    MAIL_REJECTED,  /* 5xx to the receiver or the message: of no use again */
    MAIL_UNSURE,    /* all of it went, and no answer came: the server may have it */
    MAIL_MISTAKEN   /* the account is wrong: log-in refused, host not to be called */
};
struct mail_result {
    enum mail_outcome outcome;
    int code;          /* the server's last reply, 250 …; 0: none */
    struct str status; /* its enhanced code, "5.1.1"; empty: none */
    struct str why;    /* its words, for the operator */
};
struct mail_result mail_deliver(struct arena *a, const struct mail_account *account,
                                const struct mail_message *m);

/* "5.1.1" of a reply's words, empty when there is none. */
struct str mail_status(struct str words);

extern const struct module mail_account_module;
extern const struct module mail_dkim_module;
extern const struct module mail_reason_module; /* replies of servers, in the reader's language */

#endif
