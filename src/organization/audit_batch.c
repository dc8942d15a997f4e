#include "organization/audit_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

enum {
    LINES_FIRST = 64,
    KEY_NAME_BYTES = 6,
    ID_BYTES = 8,
    LINE_BYTES = ID_BYTES + AUDIT_VALUES_BYTES
};

/* What seals are made with: derived, so that the secret itself signs nothing. */
static struct {
    struct hmac_key key;
    char name[2 * KEY_NAME_BYTES + 1];
} sealing;

void audit_key_set(const struct secret_key *secret) {
    unsigned char derived[SHA256_BYTES], name[SHA256_BYTES];
    sealing.name[0] = 0;
    if (!secret) {
        return;
    }
    hmac_sha256((struct str){(const char *)secret->bytes, sizeof secret->bytes},
                STR("guantong audit seal"), derived);
    hmac_key_set(&sealing.key, (struct str){(const char *)derived, sizeof derived});
    hmac_sha256_by(&sealing.key, STR("name"), name);
    for (int i = 0; i < KEY_NAME_BYTES; i++) {
        snprintf(sealing.name + 2 * i, 3, "%02x", name[i]);
    }
}

struct str audit_key_name(void) {
    return str_from(sealing.name);
}

static void digest(bool keyed, struct str data, unsigned char out[SHA256_BYTES]) {
    if (keyed) {
        hmac_sha256_by(&sealing.key, data, out);
    } else {
        sha256(data, out);
    }
}

static void number_add(struct text_buffer *b, int64_t number) {
    text_add_int(b, number);
    text_add_char(b, ' ');
}

/* A text with its length in front: no two lists of texts look the same. */
static void part_add(struct text_buffer *b, struct str text) {
    text_add_int(b, (int64_t)text.n);
    text_add_char(b, ':');
    text_add(b, text);
}

/* Where the string that begins at the quote ends, behind its other one; 0: nowhere. */
static size_t string_end(struct str s, size_t at) {
    for (at++; at < s.n && s.p[at] != '"'; at++) {
        at += s.p[at] == '\\';
    }
    return at < s.n ? at + 1 : 0;
}

/* Where the array that begins here ends, behind its bracket; 0: nowhere. */
static size_t array_end(struct str s, size_t at) {
    int depth = 0;
    while (at < s.n) {
        if (s.p[at] == '"') {
            at = string_end(s, at);
            if (!at) {
                return 0;
            }
            continue;
        }
        depth += s.p[at] == '[';
        depth -= s.p[at] == ']';
        at++;
        if (depth == 0) {
            return at;
        }
    }
    return 0;
}

/* {"name":[old,new],…} as this program writes it, read without a tree. False: it is not so. */
static bool names_scan(struct text_buffer *facts, struct str changes, bool *blank) {
    size_t at = 1;
    bool more = changes.n > 2 && changes.p[0] == '{';
    *blank = true;
    while (more) {
        size_t key_end = at < changes.n && changes.p[at] == '"' ? string_end(changes, at) : 0;
        if (!key_end || key_end + 1 >= changes.n || changes.p[key_end] != ':' ||
            changes.p[key_end + 1] != '[') {
            return false;
        }
        struct str key = str_slice(changes, at + 1, key_end - 1);
        size_t end = array_end(changes, key_end + 1);
        if (!end || end >= changes.n || str_find_char(key, '\\') >= 0) {
            return false;
        }
        part_add(facts, key);
        *blank = *blank && str_is(str_slice(changes, key_end + 1, end), "[null,null]");
        more = changes.p[end] == ',';
        at = end + 1;
    }
    return at == changes.n && changes.p[at - 1] == '}';
}

static bool pair_blank(const struct json *pair) {
    return json_is(pair, JSON_IS_ARRAY) && pair->n == 2 && json_is(&pair->items[0], JSON_IS_NULL) &&
           json_is(&pair->items[1], JSON_IS_NULL);
}

/* The same of any other text, as somebody may have put there. */
static bool names_parse(struct ctx *c, struct text_buffer *facts, struct str changes) {
    struct ctx scratch = {.arena = c->arena};
    const struct json *o = json_parse(&scratch, changes);
    bool blank = o;
    for (size_t i = 0; o && i < o->n && json_is(o, JSON_IS_OBJECT); i++) {
        part_add(facts, o->members[i].key);
        blank = blank && pair_blank(&o->members[i].value);
    }
    return blank;
}

/* The names of the fields changed. Whether no value is left of them. */
static bool names_add(struct ctx *c, struct text_buffer *facts, struct str changes) {
    bool blank = true;
    size_t before = facts->n;
    if (changes.n && !names_scan(facts, changes, &blank)) {
        facts->n = before;
        blank = names_parse(c, facts, changes);
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
    number_add(&facts, line->id);
    number_add(&facts, line->record_id);
    for (int i = COLUMN_EVENT; i < COLUMNS; i++) {
        number_add(&facts, db_int(rows, i));
    }
    part_add(&facts, line->entity);
    part_add(&facts, db_view(rows, COLUMN_ACTION));
    part_add(&facts, db_view(rows, COLUMN_ACTION + 1));
    line->blank = names_add(c, &facts, db_view(rows, COLUMN_CHANGES)) &&
                  !db_view(rows, COLUMN_REASON).n;
    digest(keyed, text_str(&facts), line->facts);
    number_add(&texts, line->id);
    part_add(&texts, db_view(rows, COLUMN_CHANGES));
    part_add(&texts, db_view(rows, COLUMN_REASON));
    digest(keyed, text_str(&texts), values);
    memcpy(line->values, values, sizeof line->values);
    arena_reset(c->arena, mark);
}

static void lines_take(struct ctx *c, struct db_rows *rows, bool keyed, struct audit_batch *b) {
    while (db_next(rows)) {
        if (b->n_lines == b->room) {
            size_t room = b->room ? 2 * b->room : LINES_FIRST;
            struct audit_line *lines = ARENA_NEW_ARRAY(c->arena, room, struct audit_line);
            if (b->n_lines) {
                memcpy(lines, b->lines, b->n_lines * sizeof *lines);
            }
            b->lines = lines;
            b->room = room;
        }
        line_read(c, rows, keyed, &b->lines[b->n_lines++]);
    }
}

static int line_order(const void *a, const void *b) {
    const struct audit_line *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

void audit_batch_read(struct ctx *c, struct audit_batch *b, int64_t from_seq, bool keyed) {
    struct db_rows rows;
    b->n_lines = 0;
    /* CROSS: SQLite, whose statistics may be those of a small table, must not read all of audit. */
    DB_QUERY(c, &rows,
             "SELECT " LINE_COLUMNS " FROM event e CROSS JOIN audit a "
             "WHERE a.event_id = e.id AND e.seq > $1 AND e.seq <= $2",
             from_seq, b->upto_seq);
    lines_take(c, &rows, keyed, b);
    if (b->n == 1) {
        DB_QUERY(c, &rows, "SELECT " LINE_COLUMNS " FROM audit a WHERE a.event_id IS NULL");
        lines_take(c, &rows, keyed, b);
    }
    if (b->n_lines) {
        qsort(b->lines, b->n_lines, sizeof *b->lines, line_order);
    }
}

static struct str batch_hex(struct ctx *c, bool keyed, struct str text) {
    unsigned char out[SHA256_BYTES];
    digest(keyed, text, out);
    return hex_encode(c->arena, (struct str){(const char *)out, sizeof out});
}

struct str audit_batch_digest(struct ctx *c, const struct audit_batch *b) {
    struct text_buffer text = {.arena = c->arena};
    text_add_format(&text, "guantong audit %lld ", (long long)b->version);
    part_add(&text, b->previous);
    text_add_format(&text, "%lld %lld %lld %lld %zu ", (long long)b->n, (long long)b->after_seq,
                    (long long)b->upto_seq, (long long)b->sealed_at, b->n_lines);
    part_add(&text, b->key);
    for (size_t i = 0; i < b->n_lines; i++) {
        text_add(&text, (struct str){(const char *)b->lines[i].facts, SHA256_BYTES});
        text_add(&text, (struct str){(const char *)b->lines[i].values, AUDIT_VALUES_BYTES});
    }
    return batch_hex(c, b->key.n, text_str(&text));
}

struct str audit_end_proof(struct ctx *c, const struct audit_batch *b, struct str digest_hex) {
    if (!b->key.n) {
        return STR("");
    }
    return batch_hex(c, true,
                     str_format(c->arena, "guantong audit end %lld %lld %.*s", (long long)b->n,
                                (long long)b->upto_seq, STR_ARG(digest_hex)));
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
