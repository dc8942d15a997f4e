#include "organization/audit_seal.h"

#include "base/message.h"
#include "base/module.h"
#include "db/migration.h"
#include "organization/audit_batch.h"

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
                  .previous = db_text(rows, 5)},
        .digest = db_text(rows, 6),
        .list = db_text(rows, 7),
    };
    db_done(rows);
    return true;
}

#define SEAL_COLUMNS "n, after_seq, upto_seq, sealed_at, key_name, previous, digest"

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

/* Seal the entries of the events in (from, upto]; the newest seal moves on when there are any. */
static void batch_seal(struct ctx *c, struct seal *newest, int64_t from, int64_t upto) {
    struct seal next = {.batch = {.n = newest->batch.n + 1,
                                  .after_seq = newest->batch.upto_seq,
                                  .upto_seq = upto,
                                  .sealed_at = c->now_ms,
                                  .key = audit_key_name(),
                                  .previous = newest->digest}};
    struct audit_batch *b = &next.batch;
    audit_batch_read(c, b, from, b->key.n);
    if (b->n_lines == 0 || ctx_failed(c)) {
        return;
    }
    next.digest = audit_batch_digest(c, b);
    DB_RUN(c,
           "INSERT INTO audit_seal (" SEAL_COLUMNS ", entries, list) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
           b->n, b->after_seq, b->upto_seq, b->sealed_at, b->key, b->previous, next.digest,
           (int64_t)b->n_lines, audit_lines_pack(c, b));
    *newest = next;
}

/* The deferred write of a turn: everything up to its newest event. */
static void seal_upto(struct ctx *c, void *const *items, size_t n) {
    struct seal newest = seal_newest(c);
    int64_t upto = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t seq = *(const int64_t *)items[i];
        upto = seq > upto ? seq : upto;
    }
    for (int64_t from = newest.batch.upto_seq; from < upto && !ctx_failed(c);) {
        int64_t to = upto - from > BATCH_EVENTS ? from + BATCH_EVENTS : upto;
        batch_seal(c, &newest, from, to);
        from = to;
    }
}

static void seal_handle(struct ctx *c, const struct event *e) {
    int64_t *seq = ARENA_NEW(db_batch_arena(c->db), int64_t);
    *seq = e->seq;
    db_defer_many(c, seal_upto, seq);
}

/* One turn for all of them: the newest that has an entry. */
static void seal_choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    int64_t newest = DB_INT(c,
                            "SELECT max(e.seq) FROM event e JOIN audit a ON a.event_id = e.id "
                            "WHERE e.seq >= $1 AND e.seq <= $2",
                            events[0].seq, events[n - 1].seq);
    for (size_t i = 0; i < n; i++) {
        wanted[i] = events[i].seq == newest;
    }
}

/* No reset: to seal anew would bless what was changed since. */
const struct reactor audit_seal = {
    .name = "audit.seal",
    .stream = STREAM_BUSINESS,
    .lane = REACTOR_BULK,
    .types = (const char *const[]){NULL},
    .handle = seal_handle,
    .choose = seal_choose,
};

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

/* Behind the last seal: what the reactor passed must be sealed, under the key if there is one. */
static const char *end_compare(struct ctx *c, const struct seal *last, int64_t *entry_id) {
    if (last->batch.n && !last->batch.key.n && audit_key_name().n) {
        return "audit_seal.key";
    }
    *entry_id = DB_INT(c,
                       "SELECT a.id FROM event e JOIN audit a ON a.event_id = e.id WHERE "
                       "e.seq > $1 AND e.seq <= (SELECT seq FROM reactor_cursor WHERE name = $2) "
                       "ORDER BY e.seq LIMIT 1",
                       last->batch.upto_seq, audit_seal.name);
    return *entry_id ? "audit_seal.missing" : NULL;
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
    v.why = end_compare(c, &before, &v.entry_id);
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
    {NULL, NULL}};

static const struct text texts[] = {
    {"audit_seal.missing", "封印缺失", "A seal is missing"},
    {"audit_seal.chain", "封印未接续前一批", "The seal does not continue the one before"},
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
    .reactors = (const struct reactor *const[]){&audit_seal, NULL},
    .texts = texts,
};
