#include "organization/audit_seal.h"

#include "base/message.h"
#include "base/module.h"
#include "db/migration.h"
#include "event/event.h"

enum { BATCH_EVENTS = 512 };

/* A stored seal: the batch without its lines, and what was stored of them. */
struct seal {
    struct audit_batch batch;
    struct str list, digest;
};

static bool seal_take(struct db_rows *rows, struct seal *s) {
    if (!db_next(rows)) {
        return false;
    }
    *s = (struct seal){
        .batch = {.n = db_int(rows, 0),
                  .after_seq = db_int(rows, 1),
                  .upto_seq = db_int(rows, 2),
                  .sealed_at = db_int(rows, 3),
                  .key = db_text(rows, 4),
                  .previous = db_text(rows, 5),
                  .version = db_int(rows, 6)},
        .digest = db_text(rows, 7),
        .list = db_text(rows, 8),
    };
    db_done(rows);
    return true;
}

#define SEAL_COLUMNS "n, after_seq, upto_seq, sealed_at, key_name, previous, version, digest"

/* The newest; all zero when there is none. */
static struct seal seal_newest(struct ctx *c) {
    struct seal s = {.digest = STR("")};
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT " SEAL_COLUMNS ", '' FROM audit_seal ORDER BY n DESC LIMIT 1");
    seal_take(&rows, &s);
    return s;
}

/* The first behind n; false when there is none. */
static bool seal_next(struct ctx *c, int64_t n, struct seal *s) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT " SEAL_COLUMNS ", list FROM audit_seal WHERE n > $1 ORDER BY n LIMIT 1", n);
    return seal_take(&rows, s);
}

struct audit_seal_state audit_seal_state(struct ctx *c) {
    struct seal s = seal_newest(c);
    return (struct audit_seal_state){
        .batches = s.batch.n,
        .sealed_at = s.batch.sealed_at,
        .upto = DB_INT(c, "SELECT recorded_at FROM event WHERE seq = $1", s.batch.upto_seq),
        .digest = s.digest,
        .keyed = s.batch.key.n,
    };
}

/* Where the chain ends, as the one row of audit_seal_end says: what the next seal continues. */
struct end {
    int64_t n, upto_seq;
    struct str digest, proof;
};

static bool end_read(struct ctx *c, struct end *end) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT n, upto_seq, digest, proof FROM audit_seal_end");
    bool there = db_next(&rows);
    if (there) {
        *end = (struct end){db_int(&rows, 0), db_int(&rows, 1), db_text(&rows, 2),
                            db_text(&rows, 3)};
        db_done(&rows);
    }
    return there;
}

bool audit_seal_prepare(struct ctx *c, int64_t *passed, struct audit_seal_draft *draft) {
    struct end end;
    if (!end_read(c, &end)) {
        FAIL(c, ERROR_CONFLICT, "audit_seal.end");
        return false;
    }
    struct audit_batch *b = &draft->batch;
    *b = (struct audit_batch){.n = end.n + 1,
                              .version = AUDIT_PROVED,
                              .after_seq = end.upto_seq,
                              .sealed_at = c->now_ms,
                              .key = audit_key_name(),
                              .previous = end.digest};
    int64_t head = event_head(c, STREAM_BUSINESS);
    int64_t from = end.upto_seq > *passed ? end.upto_seq : *passed;
    while (from < head && !ctx_failed(c)) {
        b->upto_seq = head - from > BATCH_EVENTS ? from + BATCH_EVENTS : head;
        audit_batch_read(c, b, from, b->key.n);
        if (ctx_failed(c)) {
            return false; /* what could not be read is not passed */
        }
        if (b->n_lines) {
            draft->digest = audit_batch_digest(c, b);
            draft->list = audit_lines_pack(c, b);
            draft->more = b->upto_seq < head;
            return true;
        }
        *passed = from = b->upto_seq;
    }
    return false;
}

void audit_seal_store(struct ctx *c, const struct audit_seal_draft *draft) {
    const struct audit_batch *b = &draft->batch;
    int64_t moved = DB_RUN(c,
                           "UPDATE audit_seal_end SET n = $1, upto_seq = $2, digest = $3, "
                           "proof = $4 WHERE n = $5 AND upto_seq = $6 AND digest = $7",
                           b->n, b->upto_seq, draft->digest, audit_end_proof(c, b, draft->digest),
                           b->n - 1, b->after_seq, b->previous);
    if (moved == 0) {
        FAIL(c, ERROR_CONFLICT, "audit_seal.moved");
    }
    DB_RUN(c,
           "INSERT INTO audit_seal (" SEAL_COLUMNS ", entries, list) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
           b->n, b->after_seq, b->upto_seq, b->sealed_at, b->key, b->previous, b->version,
           draft->digest, (int64_t)b->n_lines, draft->list);
}

void audit_seal_rest(struct ctx *c) {
    struct audit_seal_draft draft;
    int64_t passed = 0;
    db_flush(c);
    while (audit_seal_prepare(c, &passed, &draft)) {
        audit_seal_store(c, &draft);
    }
}

/* Whether the record's values were blanked by an erasure, which leaves an entry of its own. */
static bool record_erased(struct ctx *c, const struct audit_line *line) {
    return DB_INT(c,
                  "SELECT 1 FROM audit WHERE record_id = $1 AND entity = $2 AND action = 'erased' "
                  "AND id > $3 LIMIT 1",
                  line->record_id, line->entity, line->id) != 0;
}

static const char *values_compare(struct ctx *c, const struct audit_line *stored,
                                  struct audit_line *found) {
    struct str was = {(const char *)stored->values, AUDIT_VALUES_BYTES};
    struct str is = {(const char *)found->values, AUDIT_VALUES_BYTES};
    if (str_equal(was, is)) {
        return NULL;
    }
    if (!found->blank || !record_erased(c, found)) {
        return "audit_seal.values";
    }
    for (size_t i = 0; i < AUDIT_VALUES_BYTES; i++) {
        found->values[i] = stored->values[i];
    }
    return NULL;
}

/* The lines found against those stored, both by id. */
static const char *lines_compare(struct ctx *c, struct audit_batch *b, struct str list,
                                 int64_t *entry_id) {
    struct audit_line *stored;
    size_t n;
    if (!audit_lines_unpack(c, list, &stored, &n)) {
        return "audit_seal.changed";
    }
    for (size_t i = 0; i < n || i < b->n_lines; i++) {
        if (i == n || (i < b->n_lines && b->lines[i].id < stored[i].id)) {
            *entry_id = b->lines[i].id;
            return "audit_seal.added";
        }
        *entry_id = stored[i].id;
        if (i == b->n_lines || b->lines[i].id > stored[i].id) {
            return "audit_seal.removed";
        }
        const char *why = values_compare(c, &stored[i], &b->lines[i]);
        if (why) {
            return why;
        }
    }
    *entry_id = 0;
    return NULL;
}

/* A seal against the one before it and the entries; NULL when all is as it was sealed. */
static const char *seal_compare(struct ctx *c, const struct seal *before, struct seal *s,
                                int64_t *entry_id) {
    struct audit_batch *b = &s->batch;
    bool keyed = b->key.n;
    if (b->n != before->batch.n + 1) {
        return "audit_seal.missing";
    }
    if (b->after_seq != before->batch.upto_seq || !str_equal(b->previous, before->digest)) {
        return "audit_seal.chain";
    }
    if ((keyed && !str_equal(b->key, audit_key_name())) || (!keyed && before->batch.key.n)) {
        return "audit_seal.key";
    }
    audit_batch_read(c, b, b->after_seq, keyed);
    const char *why = lines_compare(c, b, s->list, entry_id);
    if (!why && !str_equal(audit_batch_digest(c, b), s->digest)) {
        why = "audit_seal.changed";
    }
    return why;
}

/* Behind the last seal: nothing may have been cut off, as far as the end's own row tells. */
static const char *end_compare(struct ctx *c, const struct seal *last) {
    const struct audit_batch *b = &last->batch;
    struct end end;
    if (!end_read(c, &end) || end.n > b->n) {
        return "audit_seal.missing";
    }
    if (end.n < b->n || end.upto_seq != b->upto_seq || !str_equal(end.digest, last->digest)) {
        return "audit_seal.end";
    }
    if (b->n == 0) {
        return NULL;
    }
    if (!str_equal(b->key, audit_key_name())) {
        return "audit_seal.key";
    }
    bool older = b->version == AUDIT_UNPROVED && !end.proof.n;
    return older || str_equal(end.proof, audit_end_proof(c, b, last->digest)) ? NULL
                                                                              : "audit_seal.end";
}

struct audit_verdict audit_seal_verify(struct ctx *c, int64_t after, int64_t limit) {
    struct audit_verdict v = {.checked = after};
    struct seal before = {.digest = STR("")}, s;
    if (after > 0 && !(seal_next(c, after - 1, &before) && before.batch.n == after)) {
        v.why = "audit_seal.missing";
        v.broken = after;
        return v;
    }
    while (!ctx_failed(c) && seal_next(c, v.checked, &s)) {
        if (limit-- == 0) {
            v.more = true;
            return v;
        }
        v.broken = before.batch.n + 1;
        v.why = seal_compare(c, &before, &s, &v.entry_id);
        if (v.why) {
            return v;
        }
        v.checked = s.batch.n;
        before = s;
    }
    v.broken = v.checked + 1;
    v.why = ctx_failed(c) ? NULL : end_compare(c, &before);
    v.broken = v.why ? v.broken : 0;
    return v;
}

static const struct migration migrations[] = {
    {"organization.audit_seal.1",
     "CREATE TABLE audit_seal (\n"
     "  n {id},\n"
     "  after_seq BIGINT NOT NULL,\n"
     "  upto_seq BIGINT NOT NULL,\n"
     "  entries BIGINT NOT NULL,\n"
     "  sealed_at BIGINT NOT NULL,\n"
     "  key_name TEXT NOT NULL,\n"
     "  previous TEXT NOT NULL,\n"
     "  digest TEXT NOT NULL,\n"
     "  list TEXT NOT NULL\n" /* ids and digests of values: audit_batch.c */
     ")"},
    {"organization.audit_seal.2",
     "ALTER TABLE audit_seal ADD COLUMN version BIGINT NOT NULL DEFAULT 1;\n"
     "CREATE TABLE audit_seal_end (\n" /* one row */
     "  n {id},\n"
     "  upto_seq BIGINT NOT NULL,\n"
     "  digest TEXT NOT NULL,\n"
     "  proof TEXT NOT NULL\n" /* that a holder of the key saw this end */
     ");\n"
     "INSERT INTO audit_seal_end (n, upto_seq, digest, proof) SELECT n, upto_seq, digest, '' FROM "
     "(SELECT 0 AS n, 0 AS upto_seq, '' AS digest UNION ALL "
     "SELECT n, upto_seq, digest FROM audit_seal) s ORDER BY n DESC LIMIT 1;\n"
     "DELETE FROM reactor_cursor WHERE name = 'audit.seal';\n"
     "DELETE FROM reactor_parked WHERE reactor = 'audit.seal'"},
    {NULL, NULL}};

static const struct text texts[] = {
    {"audit_seal.missing", "封印缺失", "A seal is missing"},
    {"audit_seal.chain", "封印未接续前一批", "The seal does not continue the one before"},
    {"audit_seal.end", "封印链的末端被改动", "The end of the chain was changed"},
    {"audit_seal.moved", "其他进程已先行封印", "Another process sealed first"},
    {"audit_seal.key", "封印所用的密钥不是当前密钥", "Sealed under another key, or under none"},
    {"audit_seal.added", "封印之后插入了条目", "An entry was added after the sealing"},
    {"audit_seal.removed", "条目已被删除", "An entry was removed"},
    {"audit_seal.values", "条目的内容被改动", "The values of an entry were changed"},
    {"audit_seal.changed", "条目或封印被改动", "An entry or the seal was changed"},
    {0}};

const struct module audit_seal_module = {
    .name = "organization.audit_seal",
    .cloud = "platform",
    .migrations = migrations,
    .texts = texts,
};
