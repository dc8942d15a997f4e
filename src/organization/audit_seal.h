/*
 * Sealing the audit trail, so that whoever changes it later is found out.
 *
 * A seal is a row: the entries of about 500 events of the log, or of what there is, under a
 * digest that continues the one before. A chain over each entry would make all nodes wait for
 * one another; this costs nobody who waits anything: the sealer (audit_sealer.h) reads and
 * digests beside the writer, which only stores the row, if the chain still ends where it did.
 *
 * With the secret key file the digests are HMACs under a key derived from it: who has the
 * database alone cannot seal anew what he changed. Where the chain ends stands in a row of its
 * own with a proof under the key, so that seals cut off at the end are missed.
 *
 * What no seal can tell: entries that were changed before they were sealed; and a chain set
 * back with its end to a state that its end's row had once (whoever kept a copy of that row, or
 * to the beginning or the last seal of an older version, whose ends have no proof). The digest of
 * the newest batch, noted elsewhere, tells that too.
 */
#ifndef GUANTONG_ORGANIZATION_AUDIT_SEAL_H
#define GUANTONG_ORGANIZATION_AUDIT_SEAL_H

#include "organization/audit_batch.h"

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

/* A seal that is made and not yet stored. */
struct audit_seal_draft {
    struct audit_batch batch;
    struct str digest, list;
    bool more; /* there are further events behind it */
};

/*
 * Read and digest what follows the end of the chain, on any connection, in one snapshot. False when
 * nothing is to be sealed. *passed, 0 at first, keeps up to where no entries were found, so that
 * a later look need not search there. ERROR_CONFLICT "audit_seal.end" when the end is not told.
 */
bool audit_seal_prepare(struct ctx *c, int64_t *passed, struct audit_seal_draft *draft);
/* Store it, in a transaction that writes. ERROR_CONFLICT "audit_seal.moved" when the chain has
 * another end by now: it is to be prepared again. */
void audit_seal_store(struct ctx *c, const struct audit_seal_draft *draft);
/* Seal all there is in this context's transaction: where no sealer runs. */
void audit_seal_rest(struct ctx *c);

extern const struct module audit_seal_module;

#endif
