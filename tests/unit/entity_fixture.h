/* The record types of entity_company.h on an empty database of either engine. */
#ifndef GUANTONG_TESTS_ENTITY_FIXTURE_H
#define GUANTONG_TESTS_ENTITY_FIXTURE_H

#include "database_fixture.h"

#include "base/module.h"
#include "db/migration.h"
#include "entity/access.h"
#include "entity/audit.h"
#include "entity/schema.h"
#include "entity_company.h"
#include "event/event.h"

/* An actor with the same scope for every action (all for creating) and write on each field. */
static inline struct actor *entity_actor(struct ctx *c, int64_t user_id, int64_t department_id,
                                         enum scope scope) {
    struct actor *a = ARENA_NEW(c->arena, struct actor);
    struct entity_rights *rights = ARENA_NEW_ARRAY(c->arena, (size_t)c->model->n_entities,
                                                   struct entity_rights);
    for (int i = 0; i < c->model->n_entities; i++) {
        size_t n = (size_t)c->model->entities[i].n_fields;
        unsigned char *fields = ARENA_NEW_ARRAY(c->arena, n, unsigned char);
        memset(fields, RIGHT_WRITE, n);
        rights[i].fields = fields;
        memset(rights[i].scope, scope, sizeof rights[i].scope);
        rights[i].scope[ACTION_CREATE] = SCOPE_ALL;
    }
    int64_t *ids = ARENA_NEW_ARRAY(c->arena, 2, int64_t);
    ids[0] = user_id;
    ids[1] = department_id;
    *a = (struct actor){.user_id = user_id,
                        .department_id = department_id,
                        .model_version = c->model->version,
                        .members = {ids, 1},
                        .departments = {ids + 1, department_id ? 1 : 0},
                        .entities = rights,
                        .n_entities = c->model->n_entities};
    return a;
}

static inline struct entity_rights *entity_rights_of(const struct actor *a,
                                                     const struct entity *e) {
    return (struct entity_rights *)&a->entities[e->position];
}

/* Tables made, the model set, the system acting, inside a transaction. */
static inline struct ctx *entity_fixture(void **state) {
    struct database_fixture *f = database_of(state);
    struct ctx *c = &f->c;
    const struct migration *const lists[] = {event_module.migrations, entity_module.migrations};
    model_register(entity_module.entities, "platform");
    model_register(entity_fixture_definitions, "platform");
    migration_apply(c, lists, 2);
    entity_deal_check = NULL;
    entity_deal_wrote = NULL;
    entity_firm_merged = NULL;
    db_begin(c);
    c->model = model_current(c);
    c->actor = &actor_system;
    schema_apply(c, c->model);
    db_commit(c);
    assert_ok(c);
    db_begin(c);
    return c;
}

static inline void entity_commit(struct ctx *c) {
    db_commit(c);
    assert_ok(c);
    db_begin(c);
}

static inline int64_t entity_new(struct ctx *c, const char *entity, const char *field,
                                 const char *text) {
    struct change_set set = change_new(c, entity_named(c, entity));
    change_text(&set, field, str_from(text));
    struct record *r = record_insert(c, &set);
    assert_ok(c);
    return r->id;
}

static inline struct change_set entity_input(struct ctx *c, const char *entity, const char *text) {
    struct ctx scratch = {.arena = c->arena};
    const struct json *o = json_parse(&scratch, str_from(text));
    assert_non_null(o);
    return change_from_json(c, entity_named(c, entity), o);
}

static inline struct record *entity_create(struct ctx *c, const char *entity, const char *text) {
    struct change_set set = entity_input(c, entity, text);
    return record_create(c, &set);
}

static inline struct record *entity_update(struct ctx *c, const struct record *r,
                                           const char *text) {
    struct change_set set = entity_input(c, str_to_c(c->arena, r->entity->name), text);
    return record_update(c, r->id, &set, 0);
}

/* "/phone phone.length\n…" of the field errors, in order; clears them. */
static inline const char *entity_errors(struct ctx *c) {
    struct text_buffer text = {.arena = c->arena};
    assert_int_equal(c->error.code, ERROR_INVALID);
    for (const struct field_error *e = c->error.fields; e; e = e->next) {
        text_add(&text, e->pointer);
        text_add_char(&text, ' ');
        text_add_c(&text, e->text);
        text_add_char(&text, '\n');
    }
    ctx_clear_error(c);
    return str_to_c(c->arena, text_str(&text));
}

#endif
