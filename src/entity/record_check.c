#include "entity/record_check.h"

#include "base/text.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/owner.h"
#include "entity/row.h"
#include "entity/value.h"

bool fields_only_failed(const struct ctx *c) {
    return !ctx_failed(c) || c->error.fields;
}

void check_field_rights(struct ctx *c, const struct record_write *w) {
    for (int i = 0; i < w->entity->n_fields; i++) {
        const struct field *f = &w->entity->fields[i];
        if (!w->in->set[i]) {
            continue;
        }
        enum field_right right = access_field(c->actor, w->entity, f);
        if (right == RIGHT_NONE) {
            value_fail(c, f, "field.unknown");
        } else if (f->flags & FIELD_READ_ONLY) {
            value_fail(c, f, "field.read_only");
        } else if (right != RIGHT_WRITE) {
            value_fail(c, f, "field.not_writable");
        } else if (f->flags & FIELD_IMMUTABLE && w->before &&
                   !value_equal(w->before->values[i], w->in->values[i])) {
            value_fail(c, f, "field.immutable");
        }
    }
}

static bool has_error(const struct error *e, const struct field *f) {
    for (const struct field_error *at = e->fields; at; at = at->next) {
        if (str_equal(str_slice(at->pointer, 1, at->pointer.n), f->name)) {
            return true;
        }
    }
    return false;
}

/* Append the errors found since to those put aside before; anything worse than field errors
 * stays alone. */
static void errors_join(struct ctx *c, const struct error *before) {
    if (!before->fields || !fields_only_failed(c)) {
        return;
    }
    struct error found = c->error;
    c->error = *before;
    if (found.fields) {
        c->error.last_field->next = found.fields;
        c->error.last_field = found.last_field;
    }
}

/* A check of one field (or, with NULL, of all) that may ask the database. */
typedef void check_step(struct ctx *c, const struct record_write *w, const struct field *f);

/* Field errors found earlier are put aside meanwhile, because a failed context reaches neither
 * the database nor the hooks. */
static void run_step(struct ctx *c, const struct record_write *w, const struct field *f,
                     check_step *step) {
    if (fields_only_failed(c)) {
        struct error before = c->error;
        ctx_clear_error(c);
        step(c, w, f);
        errors_join(c, &before);
    }
}

static bool changed(const struct record_write *w, int i) {
    return !w->before || !value_equal(w->before->values[i], w->after->values[i]);
}

static void check_number(struct ctx *c, const struct field *f, int64_t v) {
    if ((f->min || f->max) && v < f->min) {
        value_fail(c, f, "number.too_small");
    } else if ((f->min || f->max) && v > f->max) {
        value_fail(c, f, "number.too_large");
    }
}

/* What value.c has checked already is checked again here for values that C code set. */
static void check_value(struct ctx *c, const struct field *f, struct value v) {
    size_t most = (size_t)f->max_length;
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_LONG_TEXT:
        if (v.text.n > most && text_length(v.text) > most) {
            FAIL_FIELD(c, field_pointer(c, f), "text.too_long",
                       {"max", str_format(c->arena, "%zu", most)});
        }
        break;
    case FIELD_OPTION:
        if (!field_option(f, v.text)) {
            value_fail(c, f, "option.unknown");
        }
        break;
    case FIELD_INTEGER:
    case FIELD_QUANTITY:
    case FIELD_MONEY:
        check_number(c, f, v.integer);
        break;
    default:
        break;
    }
}

void check_values(struct ctx *c, const struct record_write *w) {
    for (int i = 0; i < w->entity->n_fields && fields_only_failed(c); i++) {
        const struct field *f = &w->entity->fields[i];
        if (f->flags & FIELD_SYSTEM || !changed(w, i) || has_error(&c->error, f)) {
            continue;
        }
        if (w->after->values[i].kind != VALUE_NULL) {
            check_value(c, f, w->after->values[i]);
        } else if (f->flags & FIELD_REQUIRED) {
            value_fail(c, f, "field.required");
        }
    }
}

static void check_hook(struct ctx *c, const struct record_write *w, const struct field *f) {
    (void)f;
    struct change change = {w->entity, w->after->id, w->before, w->after, 0};
    w->entity->definition->check(c, &change);
}

/* A record that is missing, in the trash, or not for this actor: all the same to him. */
static bool reference_good(struct ctx *c, const struct record_write *w, const struct field *f) {
    int64_t id = w->after->values[f->position].integer;
    if (w->trusted && str_is(f->target->name, "user") && owners_known(c)) {
        return owner_find(c, id).there;
    }
    if (w->trusted) {
        struct db_value key = db_from_int(id);
        return db_int_values(c, f->target->present_sql, &key, 1) != 0;
    }
    struct record *r = row_read(c, f->target, id);
    return r && r->values[SYSTEM_DELETED_AT].kind == VALUE_NULL && access_record(c, ACTION_READ, r);
}

static void check_reference(struct ctx *c, const struct record_write *w, const struct field *f) {
    if (!reference_good(c, w, f) && !ctx_failed(c)) {
        value_fail(c, f, "reference.absent");
    }
}

static int64_t same_value_id(struct ctx *c, const struct record *r, const struct field *f) {
    struct value v = r->values[f->position];
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT id FROM ");
    sql_identifier(&q, r->entity->table);
    SQL_ADD(&q, " WHERE deleted_at IS NULL AND ");
    sql_identifier(&q, f->name);
    SQL_ADD(&q, " = ");
    sql_value(&q, v.kind == VALUE_TEXT ? db_from_str(v.text) : db_from_int(v.integer));
    SQL_ADD(&q, " AND id <> ");
    SQL_VALUE(&q, r->id);
    SQL_ADD(&q, " LIMIT 1");
    return sql_int(c, &q);
}

/* The other record is named only to those who may see it. */
static void check_unique(struct ctx *c, const struct record_write *w, const struct field *f) {
    int64_t id = same_value_id(c, w->after, f);
    if (!id) {
        return;
    }
    struct record *other = w->trusted ? NULL : row_read(c, w->entity, id);
    if (w->trusted || (other && access_record(c, ACTION_READ, other))) {
        FAIL_FIELD(c, field_pointer(c, f), "field.duplicate",
                   {"id", str_format(c->arena, "%lld", (long long)id)});
    } else if (!ctx_failed(c)) {
        value_fail(c, f, "field.duplicate_elsewhere");
    }
}

void check_uniqueness(struct ctx *c, const struct record_write *w) {
    for (int i = 0; i < w->entity->n_fields; i++) {
        const struct field *f = &w->entity->fields[i];
        if (f->flags & FIELD_UNIQUE && w->after->values[i].kind != VALUE_NULL && changed(w, i)) {
            run_step(c, w, f, check_unique);
        }
    }
}

/* Given ones only: what a hook filled in it has read itself. */
void check_references(struct ctx *c, const struct record_write *w) {
    for (int i = 0; i < w->entity->n_fields; i++) {
        const struct field *f = &w->entity->fields[i];
        if (f->target && w->in->set[i] && w->after->values[i].kind != VALUE_NULL && changed(w, i)) {
            run_step(c, w, f, check_reference);
        }
    }
}

void check_write(struct ctx *c, const struct record_write *w) {
    if (w->entity->definition && w->entity->definition->check) {
        run_step(c, w, NULL, check_hook);
    }
    check_values(c, w);
    check_references(c, w);
    check_uniqueness(c, w);
}
