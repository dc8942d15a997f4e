/*
 * Reading mailboxes by IMAP (RFC 3501), without changing anything in them: folders are opened by
 * EXAMINE and mails fetched by BODY.PEEK, so that nothing becomes "read" by our reading.
 *
 * libcurl connects, encrypts and logs in, behind the guard of http/client_guard.h; what follows
 * are a few commands of our own. Every wait and every answer is bounded. The first failure stays:
 * after it each call does nothing.
 */
#ifndef GUANTONG_CONNECTOR_IMAP_H
#define GUANTONG_CONNECTOR_IMAP_H

#include "base/str.h"

struct imap_server {
    struct str host, security; /* "tls", "starttls", or "none" */
    int64_t port;
    struct str username, password;
    struct str authority; /* certificates to trust besides the system's, PEM; empty: none */
};

enum imap_outcome {
    IMAP_WORKS,
    IMAP_PRIVATE,     /* the guard: not a public address */
    IMAP_UNREACHABLE, /* name, connection, time */
    IMAP_CERTIFICATE, /* not to be trusted, or expired; no encryption offered */
    IMAP_LOGIN,       /* user or password refused */
    IMAP_REFUSED,     /* a command was refused: no such folder, not allowed */
    IMAP_STRANGE      /* what came is no IMAP, or too much */
};
extern const char *const imap_outcomes[]; /* "works", "private" … */

struct imap;
/* NULL when memory lacks. Fails inside: ask imap_outcome. */
struct imap *imap_open(struct arena *a, const struct imap_server *server);
void imap_close(struct imap *i);
enum imap_outcome imap_outcome(const struct imap *i);
/* The server's or the library's words, for the operator. */
struct str imap_why(const struct imap *i);
/* A refused command is forgotten, all else stays. */
void imap_forgive(struct imap *i);

struct imap_folder {
    struct str name; /* as on the wire (modified UTF-7) */
    bool sent;       /* where sent mails are kept, by its mark or by its usual names */
};
/* Folders that hold mails; at most `most`. */
size_t imap_folders(struct imap *i, struct imap_folder *folders, size_t most);
/* "&XfJT0ZAB-" is 已发送. */
struct str imap_folder_words(struct arena *a, struct str name);

struct imap_state {
    int64_t uidvalidity, uidnext;
};
/* Open a folder for reading; its state. */
struct imap_state imap_examine(struct imap *i, struct str folder);

/* Which mails are looked for: UIDs within [from, to], come on or after the day of an instant. */
struct imap_range {
    int64_t from, to, since_ms;
};
/* Their UIDs, ascending; at most `most`, the smallest. */
size_t imap_search(struct imap *i, const struct imap_range *range, int64_t *uids, size_t most);

/*
 * Watching the open folder (IDLE, RFC 2177): from imap_watch on the server tells of itself when
 * something comes, until the session is closed; no other command may be sent. False when it cannot.
 */
bool imap_watch(struct imap *i);
/* To be polled for reading; then what was told: true when there may be new mails. Waits for
 * nothing; fails inside when the server ended the session. */
int imap_watch_socket(const struct imap *i);
bool imap_watch_heard(struct imap *i);

struct imap_mail {
    int64_t uid, size; /* size: of the whole */
    struct str bytes;  /* head or whole, as asked; empty when the mail is gone */
};
enum { IMAP_HEAD_MOST = 64 * 1024, IMAP_MAIL_MOST = 34 * 1024 * 1024, IMAP_FETCH_MOST = 50 };
/* Heads of up to IMAP_FETCH_MOST mails. */
size_t imap_heads(struct imap *i, const int64_t *uids, size_t n, struct imap_mail *mails);
/* One mail, its first IMAP_MAIL_MOST bytes. */
struct imap_mail imap_mail(struct imap *i, int64_t uid);

#endif
