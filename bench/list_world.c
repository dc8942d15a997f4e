/* See list_bench.h: everything but the leads. */
#include <stdio.h>

#include "db/db.h"
#include "entity/row.h"
#include "list_bench.h"

enum { BATCH = 5000, FIRST_ID = 800000000, FEW = 20, USERS = 1000, DEPARTMENTS = 50 };
enum { FIRST_USER = 1000, FIRST_DEPARTMENT = 100 }; /* of company.c */

static void put(struct record *r, const struct field *f, struct value v) {
    r->values[f->position] = v;
}

static struct value text(struct str s) {
    return (struct value){.kind = VALUE_TEXT, .text = s};
}

static struct value integer(int64_t v) {
    return (struct value){.kind = VALUE_INTEGER, .integer = v};
}

/* The first half of a field's options are common, the rest rare. */
static struct str some_option(struct company *b, const struct field *f) {
    int64_t n = (int64_t)f->n_options, half = (n + 1) / 2;
    return f->options[company_draw(b, 50) ? company_draw(b, half) : company_draw(b, n)].code;
}

/* Everybody is the person of one record of a type, and so is a lead; of settings there are few. */
static int64_t some_target(struct company *b, const struct field *f, int64_t i) {
    if (f->target && (str_is(f->target->name, "person") || str_is(f->target->name, "lead"))) {
        return i;
    }
    bool few = f->target && f->target->flags & ENTITY_SETTING;
    return company_draw(b, few ? FEW : b->leads / 40 + 1);
}

static struct value some_value(struct company *b, const struct field *f, int64_t i) {
    struct arena *a = b->c.arena;
    int64_t days = company_draw(b, 700);
    switch (f->type) {
    case FIELD_OPTION:
        return text(some_option(b, f));
    case FIELD_BOOLEAN:
        return integer(company_draw(b, 2));
    case FIELD_INTEGER:
    case FIELD_QUANTITY:
        return integer(company_draw(b, 1000));
    case FIELD_MONEY:
        return (struct value){VALUE_MONEY, company_draw(b, 100000000), STR("CNY")};
    case FIELD_INSTANT:
        return integer(b->c.now_ms + (company_draw(b, 60) - 30) * 86400000);
    case FIELD_DATE:
        return text(str_format(a, "2026-%02d-%02d", 1 + (int)days / 60, 1 + (int)days % 28));
    case FIELD_REFERENCE:
        return integer(FIRST_ID + some_target(b, f, i));
    case FIELD_JSON:
        return (struct value){.kind = VALUE_NULL};
    case FIELD_TEXT:
        if (str_is(f->name, "subject_type")) {
            return text(STR("lead"));
        }
        /* fallthrough */
    default:
        return text(str_format(a, "%.*s%lld", STR_ARG(f->label[0]),
                               (long long)(f->flags & FIELD_UNIQUE ? i : company_draw(b, 200))));
    }
}

static void put_system(struct company *b, struct record *r) {
    int64_t at = b->c.now_ms - company_draw(b, 20000000000);
    r->values[SYSTEM_CREATED_AT] = r->values[SYSTEM_UPDATED_AT] = integer(at);
    r->values[SYSTEM_VERSION] = integer(1);
    if (r->entity->flags & ENTITY_OWNED) {
        int64_t user = company_draw(b, USERS);
        r->values[SYSTEM_OWNER_ID] = integer(FIRST_USER + user);
        r->values[SYSTEM_OWNER_DEPARTMENT_ID] = integer(FIRST_DEPARTMENT + user % DEPARTMENTS);
    }
    if (company_draw(b, 97) == 0) {
        r->values[SYSTEM_DELETED_AT] = integer(b->c.now_ms - company_draw(b, 1000000000));
    }
}

static void insert_one(struct company *b, const struct entity *e, int64_t id, int64_t i) {
    struct record *r = record_new(&b->c, e, id);
    bool owned = e->flags & ENTITY_OWNED;
    for (int k = owned ? SYSTEM_FIELDS : SYSTEM_DELETED_AT + 1; k < e->n_fields; k++) {
        put(r, &e->fields[k], some_value(b, &e->fields[k], i));
    }
    put_system(b, r);
    row_insert(&b->c, r);
}

static void fill_type(struct company *b, const struct entity *e, int64_t first, int64_t n) {
    for (int64_t i = 0; i < n; i += BATCH) {
        struct arena_mark mark = arena_mark(b->c.arena);
        db_begin(&b->c);
        for (int64_t k = i; k < i + BATCH && k < n; k++) {
            insert_one(b, e, first + k, k);
        }
        db_commit(&b->c);
        company_check(b);
        arena_reset(b->c.arena, mark);
    }
}

static void fill_unless(struct company *b, const struct entity *e, int64_t first, int64_t n) {
    struct str present = str_format(b->c.arena, "SELECT COUNT(*) FROM %.*s WHERE id >= %lld",
                                    STR_ARG(e->table), (long long)first);
    if (db_int_values(&b->c, present.p, NULL, 0) == 0) {
        fill_type(b, e, first, n);
    }
}

static void own_field(struct company *b) {
    struct ctx *c = &b->c;
    c->model = model_current(c);
    if (entity_field(entity_named(c, "lead"), STR("x_line"))) {
        return;
    }
    db_begin(c);
    const struct json *asked = json_parse(
        c, STR("{\"entity_name\":\"lead\",\"name\":\"x_line\",\"label_zh\":\"产品线\","
               "\"label_en\":\"Line\",\"type\":\"text\",\"indexed\":true,\"listed\":true}"));
    struct change_set set = change_from_json(c, entity_named(c, "custom_field"), asked);
    record_create(c, &set);
    DB_RUN(c, "UPDATE lead SET x_line = 'L' || CAST((id / 4096 * 7919) % 101 % 13 AS TEXT)");
    DB_RUN(c,
           "UPDATE lead SET deleted_at = $1 - id / 4096 % 86400000 WHERE id / 4096 % 97 = 5 "
           "AND owner_id <> $2",
           c->now_ms, company_user(COMPANY_REPRESENTATIVE));
    db_commit(c);
    company_check(b);
    c->model = model_current(c);
}

void list_world_fill(struct company *b) {
    const struct model *m = b->c.model;
    fill_unless(b, entity_named(&b->c, "product"), FIRST_ID, FEW);
    for (int i = 0; i < m->n_entities; i++) {
        const struct entity *e = &m->entities[i];
        bool large = !(e->flags & (ENTITY_SETTING | ENTITY_INTERNAL));
        if (large && e != b->lead && e != b->person) {
            fill_unless(b, e, FIRST_ID, str_is(e->name, "saved_view") ? 200 : b->leads / 10);
        }
    }
    own_field(b);
}
