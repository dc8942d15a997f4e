/*
 * Rows about records the company has already. A record is known by what is unique of it, a person
 * by phone or mail, an account and a product without a number of their own by their name. Such a
 * row completes the record: it fills what is empty, changes nothing that is there, and moves
 * nobody's ownership.
 */
#include "base/company.h"
#include "customer/person.h"
#include "data/import_parts.h"
#include "db/sql.h"
#include "entity/access.h"

static void key_add(struct import_keys *keys, const struct change_set *set, const struct field *f) {
    struct value v = set->values[f->position];
    if (set->set[f->position] && v.kind == VALUE_TEXT && v.text.n && keys->n < IMPORT_KEYS) {
        keys->of[keys->n++] = (struct import_key){f, v.text};
    }
}

struct import_keys import_keys(struct ctx *c, const struct change_set *set) {
    const struct entity *e = set->entity;
    bool person = str_is(e->name, "person"), account = str_is(e->name, "account");
    struct import_keys keys = {0};
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        bool reaches = f->type == FIELD_PHONE || f->type == FIELD_EMAIL;
        if (f->flags & FIELD_UNIQUE || (person && reaches)) {
            key_add(&keys, set, f);
        }
    }
    if (!keys.n && (account || str_is(e->name, "product"))) {
        key_add(&keys, set, e->title);
    }
    if (keys.n && account && keys.of[0].field == e->title) {
        keys.of[0].text = company_key(c->arena, keys.of[0].text);
    }
    return keys;
}

static int64_t find_unique(struct ctx *c, const struct entity *e, const struct import_key *key) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT id FROM ");
    sql_identifier(&q, e->table);
    SQL_ADD(&q, " WHERE deleted_at IS NULL AND ");
    sql_identifier(&q, key->field->name);
    SQL_ADD(&q, " = ");
    SQL_VALUE(&q, key->text);
    SQL_ADD(&q, " ORDER BY id LIMIT 1");
    return sql_int(c, &q);
}

static int64_t find_by(struct ctx *c, const struct change_set *set, const struct import_key *key) {
    const struct field *f = key->field;
    struct person_identities by = {0};
    if (f == set->entity->title) {
        return import_find(c, set->entity, set->values[f->position].text);
    }
    if (f->flags & FIELD_UNIQUE) {
        return find_unique(c, set->entity, key);
    }
    by.phone = f->type == FIELD_PHONE ? key->text : STR("");
    by.email = f->type == FIELD_EMAIL ? key->text : STR("");
    return person_find(c, &by);
}

struct record *import_known(struct ctx *c, const struct change_set *set,
                            const struct import_keys *keys) {
    int64_t id = 0;
    for (size_t i = 0; !id && i < keys->n && !ctx_failed(c); i++) {
        id = find_by(c, set, &keys->of[i]);
    }
    struct record *known = id ? record_load(c, set->entity, id) : NULL;
    return known && access_record(c, ACTION_READ, known) ? known : NULL;
}

static bool fills(const struct ctx *c, const struct record *known, const struct field *f) {
    return !(f->flags & (FIELD_SYSTEM | FIELD_READ_ONLY | FIELD_IMMUTABLE | FIELD_HIDDEN)) &&
           known->values[f->position].kind == VALUE_NULL &&
           access_field(c->actor, known->entity, f) == RIGHT_WRITE;
}

enum import_verdict import_complete(struct ctx *c, struct import_plan *plan,
                                    const struct change_set *set, struct record *known) {
    const struct entity *e = set->entity;
    struct change_set more = change_new(c, e);
    bool any = false;
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        if (set->set[f->position] && fills(c, known, f)) {
            change_value(&more, f, set->values[f->position]);
            any = true;
        }
    }
    plan->remarks = (struct error){0}; /* the record that is there has its owner */
    if (any) {
        access_require(c, ACTION_UPDATE, known);
        record_change(c, known->id, &more);
        plan->completed_id = known->id;
    }
    return ctx_failed(c) ? IMPORT_REFUSE : IMPORT_MERGE;
}
