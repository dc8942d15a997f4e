/* Change sets: built in C field by field, or from a JSON object. */
#include "entity/access.h"
#include "entity/value.h"

struct change_set change_new(struct ctx *c, const struct entity *e) {
    return (struct change_set){
        .entity = e,
        .values = ARENA_NEW_ARRAY(c->arena, (size_t)e->n_fields, struct value),
        .set = ARENA_NEW_ARRAY(c->arena, (size_t)e->n_fields, bool),
    };
}

static void put(struct change_set *s, const char *field, struct value v) {
    int at = field_position(s->entity, field);
    s->values[at] = v;
    s->set[at] = true;
}

void change_int(struct change_set *s, const char *field, int64_t v) {
    put(s, field, value_int(v));
}

void change_id(struct change_set *s, const char *field, int64_t id) {
    put(s, field, id ? value_int(id) : value_null);
}

void change_text(struct change_set *s, const char *field, struct str v) {
    put(s, field, value_text(v));
}

void change_money(struct change_set *s, const char *field, int64_t minor, struct str currency) {
    put(s, field, (struct value){VALUE_MONEY, minor, currency});
}

void change_null(struct change_set *s, const char *field) {
    put(s, field, value_null);
}

void change_value(struct change_set *s, const struct field *f, struct value v) {
    s->values[f->position] = v;
    s->set[f->position] = true;
}

/* The names of what the actor may write. */
static struct str writable_names(struct ctx *c, const struct entity *e) {
    struct text_buffer names = {.arena = c->arena};
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        if (!(f->flags & (FIELD_HIDDEN | FIELD_READ_ONLY)) &&
            access_field(c->actor, e, f) == RIGHT_WRITE) {
            text_add_c(&names, names.n ? ", " : "");
            text_add(&names, f->name);
        }
    }
    return text_str(&names);
}

/* The first that is wrong is told with what there is instead. */
static void member_unknown(struct ctx *c, const struct entity *e, struct str key) {
    struct str there = ctx_failed(c) ? STR("") : names_aside(c, writable_names(c, e));
    FAIL_FIELD(c, str_format(c->arena, "/%.*s", STR_ARG(key)), "field.unknown", {"among", there});
}

struct change_set change_from_json(struct ctx *c, const struct entity *e, const struct json *o) {
    struct change_set s = change_new(c, e);
    if (!json_is(o, JSON_IS_OBJECT)) {
        FAIL(c, ERROR_INVALID, "request.not_an_object");
        return s;
    }
    for (size_t i = 0; i < o->n; i++) {
        const struct json_member *m = &o->members[i];
        const struct field *f = entity_field(e, m->key);
        if (str_starts(m->key, STR("_"))) {
            continue; /* what record_json adds for reading may be sent back */
        }
        if (!f || f->flags & FIELD_HIDDEN) {
            member_unknown(c, e, m->key);
        } else if (f->flags & FIELD_READ_ONLY) {
            value_fail(c, f, "field.read_only");
        } else {
            change_value(&s, f, value_from_json(c, f, &m->value));
        }
    }
    return s;
}
