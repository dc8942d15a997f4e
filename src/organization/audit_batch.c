#include "organization/audit_batch.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

enum { KEY_NAME_BYTES = 6, ID_BYTES = 8, LINE_BYTES = ID_BYTES + AUDIT_VALUES_BYTES };

/* What seals are made with: derived, so that the secret itself signs nothing. */
static struct {
    bool set;
    unsigned char bytes[SHA256_BYTES];
    char name[2 * KEY_NAME_BYTES + 1];
} sealing;

static struct str sealing_key(void) {
    return (struct str){(const char *)sealing.bytes, sizeof sealing.bytes};
}

void audit_key_set(const struct secret_key *secret) {
    sealing.set = secret;
    sealing.name[0] = 0;
    if (!secret) {
        return;
    }
    unsigned char name[SHA256_BYTES];
    hmac_sha256((struct str){(const char *)secret->bytes, sizeof secret->bytes},
                STR("guantong audit seal"), sealing.bytes);
    hmac_sha256(sealing_key(), STR("name"), name);
    for (int i = 0; i < KEY_NAME_BYTES; i++) {
        snprintf(sealing.name + 2 * i, 3, "%02x", name[i]);
    }
}

struct str audit_key_name(void) {
    return str_from(sealing.name);
}

static void digest(bool keyed, struct str data, unsigned char out[SHA256_BYTES]) {
    if (keyed) {
        hmac_sha256(sealing_key(), data, out);
    } else {
        sha256(data, out);
    }
}

/* A text with its length in front: no two lists of texts look the same. */
static void part_add(struct text_buffer *b, struct str text) {
    text_add_format(b, "%zu:", text.n);
    text_add(b, text);
}

static bool pair_blank(const struct json *pair) {
    return json_is(pair, JSON_IS_ARRAY) && pair->n == 2 && json_is(&pair->items[0], JSON_IS_NULL) &&
           json_is(&pair->items[1], JSON_IS_NULL);
}

/* The names of the fields changed. Whether no value is left of them. */
static bool names_add(struct ctx *c, struct text_buffer *facts, struct str changes) {
    struct ctx scratch = {.arena = c->arena};
    const struct json *o = changes.n ? json_parse(&scratch, changes) : NULL;
    bool blank = !changes.n || o;
    for (size_t i = 0; o && i < o->n && json_is(o, JSON_IS_OBJECT); i++) {
        part_add(facts, o->members[i].key);
        blank = blank && pair_blank(&o->members[i].value);
    }
    return blank;
}

#define LINE_COLUMNS                                                                               \
    "a.id, a.record_id, a.entity, a.changes, a.reason, a.action, a.request_id, a.event_id, a.at, " \
    "a.actor_id, a.token_id, a.origin"
enum { COLUMN_CHANGES = 3, COLUMN_REASON = 4, COLUMN_ACTION = 5, COLUMN_EVENT = 7, COLUMNS = 12 };

static void line_read(struct ctx *c, const struct db_rows *rows, bool keyed,
                      struct audit_line *line) {
    struct arena_mark mark;
    unsigned char values[SHA256_BYTES];
    *line = (struct audit_line){
        .id = db_int(rows, 0), .record_id = db_int(rows, 1), .entity = db_text(rows, 2)};
    mark = arena_mark(c->arena);
    struct text_buffer facts = {.arena = c->arena}, texts = {.arena = c->arena};
    text_add_format(&facts, "%lld %lld ", (long long)line->id, (long long)line->record_id);
    for (int i = COLUMN_EVENT; i < COLUMNS; i++) {
        text_add_format(&facts, "%lld ", (long long)db_int(rows, i));
    }
    part_add(&facts, line->entity);
    part_add(&facts, db_view(rows, COLUMN_ACTION));
    part_add(&facts, db_view(rows, COLUMN_ACTION + 1));
    line->blank = names_add(c, &facts, db_view(rows, COLUMN_CHANGES)) &&
                  !db_view(rows, COLUMN_REASON).n;
    digest(keyed, text_str(&facts), line->facts);
    text_add_format(&texts, "%lld ", (long long)line->id);
    part_add(&texts, db_view(rows, COLUMN_CHANGES));
    part_add(&texts, db_view(rows, COLUMN_REASON));
    digest(keyed, text_str(&texts), values);
    memcpy(line->values, values, sizeof line->values);
    arena_reset(c->arena, mark);
}

void audit_batch_read(struct ctx *c, struct audit_batch *b, int64_t from_seq, bool keyed) {
    size_t capacity = 64;
    struct db_rows rows;
    b->lines = ARENA_NEW_ARRAY(c->arena, capacity, struct audit_line);
    b->n_lines = 0;
    DB_QUERY(c, &rows,
             "SELECT " LINE_COLUMNS " FROM event e JOIN audit a ON a.event_id = e.id "
             "WHERE e.seq > $1 AND e.seq <= $2 UNION ALL SELECT " LINE_COLUMNS " FROM audit a "
             "WHERE a.event_id IS NULL AND $3 = 1 ORDER BY 1",
             from_seq, b->upto_seq, b->n);
    while (db_next(&rows)) {
        if (b->n_lines == capacity) {
            struct audit_line *more = ARENA_NEW_ARRAY(c->arena, 2 * capacity, struct audit_line);
            memcpy(more, b->lines, capacity * sizeof *more);
            b->lines = more;
            capacity *= 2;
        }
        line_read(c, &rows, keyed, &b->lines[b->n_lines++]);
    }
}

struct str audit_batch_digest(struct ctx *c, const struct audit_batch *b) {
    struct text_buffer text = {.arena = c->arena};
    unsigned char out[SHA256_BYTES];
    text_add_c(&text, "guantong audit 1 ");
    part_add(&text, b->previous);
    text_add_format(&text, "%lld %lld %lld %lld %zu ", (long long)b->n, (long long)b->after_seq,
                    (long long)b->upto_seq, (long long)b->sealed_at, b->n_lines);
    part_add(&text, b->key);
    for (size_t i = 0; i < b->n_lines; i++) {
        text_add(&text, (struct str){(const char *)b->lines[i].facts, SHA256_BYTES});
        text_add(&text, (struct str){(const char *)b->lines[i].values, AUDIT_VALUES_BYTES});
    }
    digest(b->key.n, text_str(&text), out);
    return hex_encode(c->arena, (struct str){(const char *)out, sizeof out});
}

struct str audit_lines_pack(struct ctx *c, const struct audit_batch *b) {
    struct text_buffer bytes = {.arena = c->arena};
    for (size_t i = 0; i < b->n_lines; i++) {
        for (int shift = 8 * (ID_BYTES - 1); shift >= 0; shift -= 8) {
            text_add_char(&bytes, (char)(b->lines[i].id >> shift & 0xff));
        }
        text_add(&bytes, (struct str){(const char *)b->lines[i].values, AUDIT_VALUES_BYTES});
    }
    return base64_encode(c->arena, text_str(&bytes));
}

bool audit_lines_unpack(struct ctx *c, struct str text, struct audit_line **lines, size_t *n) {
    struct str bytes;
    if (!base64_decode(c->arena, text, &bytes) || bytes.n % LINE_BYTES) {
        return false;
    }
    *n = bytes.n / LINE_BYTES;
    *lines = ARENA_NEW_ARRAY(c->arena, *n + 1, struct audit_line);
    for (size_t i = 0; i < *n; i++) {
        const unsigned char *from = (const unsigned char *)bytes.p + i * LINE_BYTES;
        uint64_t id = 0;
        for (int k = 0; k < ID_BYTES; k++) {
            id = id << 8 | from[k];
        }
        (*lines)[i] = (struct audit_line){.id = (int64_t)id};
        memcpy((*lines)[i].values, from + ID_BYTES, AUDIT_VALUES_BYTES);
    }
    return true;
}
