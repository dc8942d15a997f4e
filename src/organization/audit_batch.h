/*
 * A batch of the audit trail, as it is sealed and as it is verified: the entries of the events
 * in a range of the log, and the digest over them.
 *
 * Membership goes by the sequence of the log, in which no smaller number ever appears after a
 * larger one, and not by the ids of entries, which on several nodes do.
 *
 * Of an entry two things are digested. The *facts* stay for ever: when, who, what record, which
 * action, which fields. The *values* (old, new, and the reason given) may be blanked when a
 * person is erased: so their digest is stored with the seal, and the chain can be verified
 * without them.
 */
#ifndef GUANTONG_ORGANIZATION_AUDIT_BATCH_H
#define GUANTONG_ORGANIZATION_AUDIT_BATCH_H

#include "base/crypto.h"
#include "db/db.h"

enum { AUDIT_VALUES_BYTES = 16 };

struct audit_line {
    int64_t id, record_id;
    struct str entity;
    bool blank; /* holds no value, or none any more */
    unsigned char facts[SHA256_BYTES], values[AUDIT_VALUES_BYTES];
};

/* What the digest of a batch says it is. Since the second the end of the chain is proved. */
enum audit_version { AUDIT_UNPROVED = 1, AUDIT_PROVED = 2 };

struct audit_batch {
    int64_t n; /* from 1 */
    int64_t version;
    /* Events with after_seq < seq <= upto_seq. The first batch has the entries without event
     * too. */
    int64_t after_seq, upto_seq;
    int64_t sealed_at;
    struct str key;      /* the name of the key, empty for none */
    struct str previous; /* digest of the batch before, in hex; empty for the first */
    struct audit_line *lines;
    size_t n_lines, room;
};

/* The key that seals; NULL for none. Set once at start. */
void audit_key_set(const struct secret_key *secret);
/* A short name that tells keys apart and says nothing of them; empty without a key. */
struct str audit_key_name(void);

/* The entries of the batch by id, in the arena. keyed: digests under the key; else plain
 * SHA-256. Of the range, what ends at from_seq is known to have none. */
void audit_batch_read(struct ctx *c, struct audit_batch *b, int64_t from_seq, bool keyed);
/* Over all of the batch, in hex. */
struct str audit_batch_digest(struct ctx *c, const struct audit_batch *b);
/* That this batch with this digest is the end of the chain: by whoever has the key, in hex; empty
 * without one. */
struct str audit_end_proof(struct ctx *c, const struct audit_batch *b, struct str digest_hex);

/* What a seal stores of its lines: ids and digests of values. */
struct str audit_lines_pack(struct ctx *c, const struct audit_batch *b);
/* Fills id and values of as many lines as the text holds; false when it is none. */
bool audit_lines_unpack(struct ctx *c, struct str text, struct audit_line **lines, size_t *n);

#endif
