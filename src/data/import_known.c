/*
 * Rows about records the company has already. A record is known by what is unique of it, a person
 * by phone or mail, an account and a product without a number of their own by their name, an
 * activity and a task by what they are about, their time and their words; a deal has a file of its
 * own (import_deal.c). Such a row completes the record: it fills what is empty, changes nothing
 * that is there, and moves nobody's ownership.
 */
#include "base/company.h"
#include "customer/person.h"
#include "data/import_parts.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/value.h"

/* Records without a key of their own are known when all of this is the same; one of the first two,
 * which are indexed, must be given, of a contact both: an account has many. */
enum { IDENTITY_FIELDS = 6 };
static const struct identity {
    const char *entity;
    const char *fields[IDENTITY_FIELDS];
} identities[] = {
    {"activity", {"subject_id", "subject_id", "subject_type", "occurred_at", "type", "content"}},
    {"task", {"subject_id", "due_at", "subject_type", "title", "owner_id"}},
    {"contact", {"person_id", "account_id"}}};

static const struct identity *identity_of(const struct entity *e) {
    for (size_t i = 0; i < sizeof identities / sizeof *identities; i++) {
        if (str_is(e->name, identities[i].entity)) {
            return &identities[i];
        }
    }
    return NULL;
}

/* The value given for a field of an identity; NULL for none. */
static const struct value *given(const struct change_set *set, const char *field) {
    int at = field ? field_position(set->entity, field) : -1;
    return at >= 0 && set->set[at] && set->values[at].kind != VALUE_NULL ? &set->values[at] : NULL;
}

static void identity_add(struct ctx *c, struct import_keys *keys, const struct change_set *set) {
    const struct identity *identity = identity_of(set->entity);
    struct text_buffer all = {.arena = c->arena};
    int needed = str_is(set->entity->name, "contact") ? 2 : 1;
    if (!identity ||
        (given(set, identity->fields[0]) != NULL) + (given(set, identity->fields[1]) != NULL) <
            needed) {
        return;
    }
    for (size_t i = 0; i < IDENTITY_FIELDS; i++) {
        const struct value *v = given(set, identity->fields[i]);
        text_add_format(&all, "%lld ", v ? (long long)v->integer : 0);
        text_add(&all, v ? v->text : STR(""));
        text_add_char(&all, '\x1F');
    }
    keys->of[keys->n++] = (struct import_key){set->entity->title, text_str(&all)};
}

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
    if (!keys.n) {
        identity_add(c, &keys, set);
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

static int64_t find_identical(struct ctx *c, const struct change_set *set,
                              const struct identity *identity) {
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT id FROM ");
    sql_identifier(&q, set->entity->table);
    SQL_ADD(&q, " WHERE deleted_at IS NULL");
    for (size_t i = 0; i < IDENTITY_FIELDS; i++) {
        const struct value *v = given(set, identity->fields[i]);
        if (v) {
            SQL_ADD(&q, " AND ");
            sql_identifier(&q, str_from(identity->fields[i]));
            SQL_ADD(&q, " = ");
            sql_value(&q, v->kind == VALUE_TEXT ? db_from_str(v->text) : db_from_int(v->integer));
        }
    }
    SQL_ADD(&q, " ORDER BY id LIMIT 1");
    return sql_int(c, &q);
}

static int64_t find_by(struct ctx *c, const struct change_set *set, const struct import_key *key) {
    const struct field *f = key->field;
    struct person_identities by = {0};
    if (identity_of(set->entity)) {
        return find_identical(c, set, identity_of(set->entity));
    }
    if (f == set->entity->title) {
        struct str name = set->values[f->position].text;
        struct import_found found = import_find(c, set->entity, name);
        if (found.several) {
            FAIL_FIELD(c, field_pointer(c, f), "import.several_named", {"value", name});
        }
        return found.id;
    }
    if (f->flags & FIELD_UNIQUE) {
        return find_unique(c, set->entity, key);
    }
    by.name = set->values[set->entity->title->position].text;
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
    struct record *known = id && !ctx_failed(c) ? record_load(c, set->entity, id) : NULL;
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
        plan->completed = (struct import_made){e, known->id};
        access_require(c, ACTION_UPDATE, known);
        if (!plan->trial) {
            record_change(c, known->id, &more);
        }
    }
    return ctx_failed(c) ? IMPORT_REFUSE : IMPORT_MERGE;
}
