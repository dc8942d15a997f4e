/* The verbs ask for rights on the action, the record, each field and each reference. */
#include "entity_fixture.h"

/* Users 11 and 12 in departments 1 and 2. */
static void people(struct ctx *c) {
    for (int i = 1; i <= 2; i++) {
        DB_RUN(c,
               "INSERT INTO \"user\" (id, created_at, updated_at, version, name, department_id) "
               "VALUES ($1, 1, 1, 1, 'u', $2)",
               10 + i, i);
    }
}

static void owner_and_department_follow(void **state) {
    struct ctx *c = entity_fixture(state);
    people(c);
    c->actor = entity_actor(c, 11, 1, SCOPE_ALL);
    struct record *r = entity_create(c, "deal", "{\"title\":\"a\"}");
    assert_int_equal(record_id(r, "owner_id"), 11);
    assert_int_equal(record_id(r, "owner_department_id"), 1);
    r = entity_update(c, r, "{\"owner_id\":\"12\"}");
    assert_int_equal(record_id(r, "owner_department_id"), 2);
    r = entity_update(c, r, "{\"owner_id\":null}");
    assert_true(record_empty(r, "owner_department_id"));
    assert_ok(c);
    assert_null(entity_update(c, r, "{\"owner_id\":\"13\"}"));
    assert_string_equal(entity_errors(c), "/owner_id reference.absent\n");
}

static void giving_away_needs_the_right_to_assign(void **state) {
    struct ctx *c = entity_fixture(state);
    people(c);
    struct actor *a = entity_actor(c, 11, 1, SCOPE_OWN);
    const struct entity *deal = entity_named(c, "deal");
    entity_rights_of(a, entity_named(c, "user"))->scope[ACTION_READ] = SCOPE_ALL;
    entity_rights_of(a, deal)->scope[ACTION_ASSIGN] = SCOPE_NONE;
    c->actor = a;
    assert_null(entity_create(c, "deal", "{\"title\":\"a\",\"owner_id\":\"12\"}"));
    assert_error(c, ERROR_DENIED);
    struct record *r = entity_create(c, "deal", "{\"title\":\"a\",\"owner_id\":\"11\"}");
    assert_ok(c);
    assert_null(entity_update(c, r, "{\"title\":\"b\",\"owner_id\":\"12\"}"));
    assert_error(c, ERROR_DENIED);
    entity_rights_of(a, deal)->scope[ACTION_ASSIGN] = SCOPE_OWN;
    entity_rights_of(a, deal)->scope[ACTION_UPDATE] = SCOPE_NONE;
    assert_null(entity_update(c, r, "{\"title\":\"b\",\"owner_id\":\"12\"}"));
    assert_error(c, ERROR_DENIED);
    assert_non_null(entity_update(c, r, "{\"owner_id\":\"12\"}"));
    assert_ok(c);
    assert_null(record_read(c, deal, r->id));
    assert_error(c, ERROR_ABSENT);
}

static void what_is_invisible_is_as_if_missing(void **state) {
    struct ctx *c = entity_fixture(state);
    people(c);
    int64_t firm = entity_new(c, "firm", "name", "甲");
    struct change_set set = change_new(c, entity_named(c, "firm"));
    change_text(&set, "name", STR("乙"));
    change_text(&set, "code", STR("C"));
    record_insert(c, &set);
    c->actor = entity_actor(c, 11, 1, SCOPE_OWN);
    const char *text =
        str_format(c->arena, "{\"title\":\"a\",\"firm_id\":\"%lld\"}", (long long)firm).p;
    assert_null(entity_create(c, "deal", text));
    assert_string_equal(entity_errors(c), "/firm_id reference.absent\n");
    assert_null(entity_create(c, "deal", "{\"title\":\"a\",\"firm_id\":\"9\"}"));
    assert_string_equal(entity_errors(c), "/firm_id reference.absent\n");
    assert_null(entity_create(c, "firm", "{\"name\":\"丙\",\"code\":\"C\"}"));
    assert_null(c->error.fields->parameters[0].name);
    assert_string_equal(entity_errors(c), "/code field.duplicate_elsewhere\n");
}

static void a_token_that_reads_writes_nothing(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *r = entity_create(c, "deal", "{\"title\":\"a\"}");
    struct actor *a = entity_actor(c, 11, 1, SCOPE_ALL);
    a->read_only = true;
    c->actor = a;
    assert_non_null(record_read(c, r->entity, r->id));
    assert_null(entity_create(c, "deal", "{\"title\":\"b\"}"));
    assert_error(c, ERROR_DENIED);
    assert_null(entity_update(c, r, "{\"title\":\"b\"}"));
    assert_error(c, ERROR_DENIED);
    c->actor = NULL;
    assert_null(record_read(c, r->entity, r->id));
    assert_error(c, ERROR_ABSENT);
}

static void shares_come_and_go(void **state) {
    struct ctx *c = entity_fixture(state);
    struct record *r = entity_create(c, "deal", "{\"title\":\"a\"}");
    struct actor *a = entity_actor(c, 11, 1, SCOPE_OWN);
    access_share(c, r, STR("user"), 11, SHARE_READ);
    c->actor = a;
    assert_non_null(record_read(c, r->entity, r->id));
    assert_null(entity_update(c, r, "{\"title\":\"b\"}"));
    assert_error(c, ERROR_DENIED);
    assert_true(access_range(c, r->entity, ACTION_READ).shares);
    assert_false(access_range(c, r->entity, ACTION_UPDATE).shares);
    access_share(c, r, STR("user"), 11, SHARE_UPDATE);
    assert_non_null(entity_update(c, r, "{\"title\":\"b\"}"));
    access_unshare(c, r, STR("user"), 11);
    assert_null(record_read(c, r->entity, r->id));
    assert_error(c, ERROR_ABSENT);
    access_share(c, r, STR("planet"), 3, SHARE_READ);
    assert_error(c, ERROR_INVALID);
}

static void nothing_is_changed_that_is_only_appended(void **state) {
    struct ctx *c = entity_fixture(state);
    c->actor = entity_actor(c, 11, 1, SCOPE_ALL);
    struct record *r = entity_create(c, "remark", "{\"text\":\"a\"}");
    assert_null(entity_update(c, r, "{\"text\":\"b\"}"));
    assert_error(c, ERROR_DENIED);
    record_trash(c, r->entity, r->id, 0);
    assert_error(c, ERROR_DENIED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(owner_and_department_follow),
        ON_BOTH(giving_away_needs_the_right_to_assign),
        ON_BOTH(what_is_invisible_is_as_if_missing),
        ON_BOTH(a_token_that_reads_writes_nothing),
        ON_BOTH(shares_come_and_go),
        ON_BOTH(nothing_is_changed_that_is_only_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
