#include "entity/pointer.h"

bool pointer_at(const struct entity *x, const struct field *f, const struct entity *e,
                struct pointer *p) {
    *p = (struct pointer){x, f, NULL};
    if (f->type != FIELD_REFERENCE || f->flags & FIELD_SYSTEM) {
        return false;
    }
    if (f->target || !str_ends(f->name, STR("_id"))) {
        return f->target == e;
    }
    struct str stem = str_slice(f->name, 0, f->name.n - 3);
    for (int i = 0; i < x->n_fields && !p->type; i++) {
        struct str name = x->fields[i].name;
        bool sibling = name.n == stem.n + 5 && str_starts(name, stem) &&
                       str_ends(name, STR("_type"));
        p->type = sibling ? &x->fields[i] : NULL;
    }
    return p->type != NULL;
}

void pointer_type(struct sql *q, const struct pointer *p, const struct entity *e) {
    if (p->type) {
        SQL_ADD(q, " AND t.");
        sql_identifier(q, p->type->name);
        SQL_ADD(q, " = ");
        SQL_VALUE(q, e->name);
    }
}

static bool any_points(struct ctx *c, const struct pointer *p, const struct entity *e, int64_t id,
                       const struct sql *which) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT t.id FROM ");
    sql_identifier(&q, p->entity->table);
    SQL_ADD(&q, " t WHERE t.");
    sql_identifier(&q, p->field->name);
    SQL_ADD(&q, " = ");
    SQL_VALUE(&q, id);
    pointer_type(&q, p, e);
    SQL_ADD(&q, " AND t.deleted_at IS NULL AND ");
    sql_append(&q, which);
    SQL_ADD(&q, " LIMIT 1");
    return sql_int(c, &q) != 0;
}

bool record_is_referred_to(struct ctx *c, const struct entity *e, int64_t id,
                           const struct sql *which) {
    struct pointer p;
    for (int i = 0; i < c->model->n_entities && !ctx_failed(c); i++) {
        const struct entity *x = &c->model->entities[i];
        for (int f = 0; f < x->n_fields; f++) {
            if (pointer_at(x, &x->fields[f], e, &p) && any_points(c, &p, e, id, which)) {
                return true;
            }
        }
    }
    return false;
}
