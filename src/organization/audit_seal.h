/*
 * Sealing the audit trail, so that whoever changes it later is found out.
 *
 * The reactor audit.seal follows the log and puts the entries of about 500 events at a time, or
 * of what there is, under a digest that continues the one before. A chain over each entry
 * would make all nodes wait for one another; this costs nobody who waits anything.
 *
 * With the secret key file the digests are HMACs under a key derived from it: who has the
 * database alone cannot seal anew what he changed. What no seal can tell: entries that were
 * changed before they were sealed, and a chain whose end was cut off together with the entries,
 * their events and the cursor; the digest of the newest batch, noted elsewhere, tells that too.
 */
#ifndef GUANTONG_ORGANIZATION_AUDIT_SEAL_H
#define GUANTONG_ORGANIZATION_AUDIT_SEAL_H

#include "event/reactor.h"

struct audit_seal_state {
    int64_t batches;
    int64_t sealed_at; /* the newest batch */
    int64_t upto;      /* when the newest event of it was recorded */
    struct str digest; /* of the newest batch, in hex */
    bool keyed;
};
struct audit_seal_state audit_seal_state(struct ctx *c);

/* How far a verification came. */
struct audit_verdict {
    int64_t checked;  /* the last batch looked at */
    bool more;        /* the limit ended it */
    const char *why;  /* text code of what is wrong; NULL: nothing */
    int64_t broken;   /* the batch, one behind the last when it is missing */
    int64_t entry_id; /* the entry, where one can be named */
};

/* Verify up to limit batches behind the one given (0: from the beginning), and at the end that
 * nothing is left out. Ends at the first broken one. */
struct audit_verdict audit_seal_verify(struct ctx *c, int64_t after, int64_t limit);

extern const struct reactor audit_seal;
extern const struct module audit_seal_module;

#endif
