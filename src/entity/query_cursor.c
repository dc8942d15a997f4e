/*
 * Cursors: base64url of "<digest of the sort>" and one "\n<value>" a key: "n" for empty, "i" and
 * a number, "t" and a text. They hold nothing the list did not show, so they are checked
 * for shape, not signed; the digest keeps one list's cursor out of another order.
 */
#include "base/crypto.h"
#include "base/text.h"
#include "entity/query_plan.h"

static uint32_t digest_add(uint32_t h, struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char)s.p[i]) * 16777619u; /* FNV-1a */
    }
    return (h ^ 0xffu) * 16777619u;
}

static struct str sort_digest(struct arena *a, const struct list_plan *p) {
    uint32_t h = digest_add(2166136261u, p->request->entity->name);
    for (int i = 0; i < p->n_keys; i++) {
        h = digest_add(h, p->keys[i].field->name);
        h = digest_add(h, p->keys[i].descending ? STR("-") : STR("+"));
    }
    return str_format(a, "%08x", h);
}

struct str list_cursor(struct ctx *c, const struct list_plan *p, const struct record *last) {
    struct text_buffer b = {.arena = c->arena};
    text_add(&b, sort_digest(c->arena, p));
    for (int i = 0; i < p->n_keys; i++) {
        struct value v = last->values[p->keys[i].field->position];
        text_add_char(&b, '\n');
        if (v.kind == VALUE_NULL) {
            text_add_char(&b, 'n');
        } else if (v.kind == VALUE_TEXT) {
            text_add_char(&b, 't');
            text_add(&b, v.text);
        } else {
            text_add_char(&b, 'i');
            text_add_int(&b, v.integer);
        }
    }
    return base64url_encode(c->arena, text_str(&b));
}

static bool read_value(const struct list_key *key, struct str part, struct value *v) {
    bool text = field_is_text(key->field) || key->field->type == FIELD_DATE;
    *v = (struct value){.kind = VALUE_NULL};
    if (part.n == 0) {
        return false;
    }
    struct str rest = str_slice(part, 1, part.n);
    switch (part.p[0]) {
    case 'n':
        return rest.n == 0 && key->nullable;
    case 't':
        *v = (struct value){.kind = VALUE_TEXT, .text = rest};
        return text;
    case 'i':
        v->kind = VALUE_INTEGER;
        return !text && str_to_int(rest, &v->integer);
    default:
        return false;
    }
}

static bool read_values(struct ctx *c, const struct list_plan *p, struct str bytes,
                        struct list_position *position) {
    struct str rest = bytes, part;
    if (!str_cut(&rest, '\n', &part) || !str_equal(part, sort_digest(c->arena, p))) {
        return false;
    }
    for (int i = 0; i < p->n_keys; i++) {
        if (!str_cut(&rest, '\n', &part) || !read_value(&p->keys[i], part, &position->values[i])) {
            return false;
        }
    }
    position->given = true;
    return !rest.p;
}

bool list_cursor_read(struct ctx *c, const struct list_plan *p, struct list_position *position) {
    struct str bytes;
    *position = (struct list_position){0};
    if (p->request->cursor.n == 0) {
        return true;
    }
    if (!base64url_decode(c->arena, p->request->cursor, &bytes) || !text_valid(bytes) ||
        !read_values(c, p, bytes, position)) {
        FAIL_FIELD(c, STR("/cursor"), "list.cursor_invalid");
        return false;
    }
    return true;
}
