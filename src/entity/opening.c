#include "entity/opening.h"

/* The next reference that opens the type to the actor, after the one before. */
static const struct opening *next_of(const struct actor *a, const struct entity *e,
                                     const struct opening *before) {
    const struct opening *o = before ? before + 1 : e->opened_by;
    for (; o < e->opened_by + e->n_opened_by; o++) {
        if (access_scope(a, o->entity, ACTION_READ) != SCOPE_NONE &&
            access_field(a, o->entity, o->field) >= RIGHT_READ) {
            return o;
        }
    }
    return NULL;
}

static const struct opening *first_of(const struct actor *a, const struct entity *e) {
    return e->n_opened_by ? next_of(a, e, NULL) : NULL;
}

bool opening_may(const struct actor *a, const struct entity *e, bool owned) {
    const struct opening *o = a && !a->system ? first_of(a, e) : NULL;
    while (o && owned && !o->owned) {
        o = next_of(a, e, o);
    }
    return o != NULL;
}

bool opening_any(const struct actor *a, enum action action, const struct entity *e) {
    return action == ACTION_READ && opening_may(a, e, false);
}

static void put_reference(struct sql *q, const struct opening *o) {
    SQL_ADD(q, "opener.");
    sql_identifier(q, o->field->name);
}

/* "lead opener WHERE …": those the actor may read. */
static void put_readable(struct ctx *c, struct sql *q, const struct opening *o) {
    sql_identifier(q, o->entity->table);
    SQL_ADD(q, " opener WHERE opener.deleted_at IS NULL AND ");
    access_where(c, q, o->entity, ACTION_READ, "opener");
}

/* Those of them that he has not made himself, unless they belong to what they open, for who writes
 * down a number that somebody is known by does not come to read him by it. */
static void put_openers(struct ctx *c, struct sql *q, const struct opening *o) {
    put_readable(c, q, o);
    if (!o->owned) {
        SQL_ADD(q, " AND (opener.created_by IS NULL OR opener.created_by <> ");
        SQL_VALUE(q, access_user_id(c->actor));
        SQL_ADD(q, ")");
    }
}

/* "alias.owner_id IS NULL AND ": what only that is opened by. */
static void put_nobodys(struct sql *q, struct str alias) {
    sql_identifier(q, alias);
    SQL_ADD(q, ".owner_id IS NULL AND ");
}

void opening_put(struct ctx *c, struct sql *q, const struct entity *e, const char *alias) {
    struct str name = alias[0] ? str_from(alias) : e->table;
    bool owned = opening_may(c->actor, e, true);
    SQL_ADD(q, "(");
    if (!owned) { /* said once, for all: so an index finds them */
        put_nobodys(q, name);
    }
    sql_identifier(q, name);
    SQL_ADD(q, ".deleted_at IS NULL AND (1 = 0");
    for (const struct opening *o = first_of(c->actor, e); o; o = next_of(c->actor, e, o)) {
        SQL_ADD(q, " OR (");
        if (owned && !o->owned) {
            put_nobodys(q, name);
        }
        SQL_ADD(q, "EXISTS (SELECT 1 FROM ");
        put_openers(c, q, o);
        SQL_ADD(q, " AND ");
        put_reference(q, o);
        SQL_ADD(q, " = ");
        sql_identifier(q, name);
        SQL_ADD(q, ".id))");
    }
    SQL_ADD(q, "))");
}

/* Where others open what somebody owns too, who opens only the rest says so itself. */
static void put_unowned(struct sql *q, const struct entity *e, const struct opening *o) {
    SQL_ADD(q, " AND (SELECT opened.owner_id FROM ");
    sql_identifier(q, e->table);
    SQL_ADD(q, " opened WHERE opened.id = ");
    put_reference(q, o);
    SQL_ADD(q, ") IS NULL");
}

void opening_put_set(struct ctx *c, struct sql *q, const struct entity *e) {
    bool some = false, owned = opening_may(c->actor, e, true);
    SQL_ADD(q, "(");
    if (!owned) {
        sql_literal(q, db_engine(c->db) == DB_SQLITE ? "+t.owner_id" : "t.owner_id");
        SQL_ADD(q, " IS NULL AND ");
    }
    SQL_ADD(q, "t.id IN (");
    for (const struct opening *o = first_of(c->actor, e); o; o = next_of(c->actor, e, o)) {
        sql_literal(q, some ? " UNION ALL SELECT " : "SELECT ");
        put_reference(q, o);
        SQL_ADD(q, " FROM ");
        put_openers(c, q, o);
        if (owned && !o->owned) {
            put_unowned(q, e, o);
        }
        some = true;
    }
    SQL_ADD(q, "))");
}

/* Who made them is not asked: an index counts them alone. */
bool opening_few(struct ctx *c, const struct entity *e, int64_t limit) {
    int64_t left = limit;
    for (const struct opening *o = first_of(c->actor, e); o && left >= 0;
         o = next_of(c->actor, e, o)) {
        if (access_scope(c->actor, o->entity, ACTION_READ) == SCOPE_ALL) {
            return false;
        }
        struct sql q = sql_new(c->arena);
        SQL_ADD(&q, "SELECT COUNT(*) FROM (SELECT 1 FROM ");
        put_readable(c, &q, o);
        SQL_ADD(&q, " LIMIT ");
        sql_number(&q, left + 1);
        SQL_ADD(&q, ") openers");
        left -= sql_int(c, &q);
    }
    return left >= 0;
}

bool opening_grants(struct ctx *c, enum action action, const struct record *r) {
    bool owned = r->values[SYSTEM_OWNER_ID].integer != 0;
    if (action != ACTION_READ || !opening_may(c->actor, r->entity, owned)) {
        return false;
    }
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT 1 FROM ");
    sql_identifier(&q, r->entity->table);
    SQL_ADD(&q, " t WHERE t.id = ");
    SQL_VALUE(&q, r->id);
    SQL_ADD(&q, " AND ");
    opening_put(c, &q, r->entity, "t");
    return sql_int(c, &q) == 1;
}
