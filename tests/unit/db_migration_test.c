/* Migrations: once each, in order, and never by an older program. */
#include "database_fixture.h"

#include "db/migration.h"

static const struct migration first[] = {
    {"first.1", "CREATE TABLE a (id {id}, name TEXT NOT NULL, data {blob}) -- it's TEXT\n;\n"
                "CREATE INDEX a_name ON a (name)"},
    {"first.2", "INSERT INTO a (id, name) VALUES (1, 'TEXT {id}')"},
    {0},
};
static const struct migration second[] = {
    {"second.1", "CREATE TABLE b (seq {serial}, a_id BIGINT REFERENCES a (id));\n"
                 "CREATE TABLE ab (a TEXT, b TEXT, PRIMARY KEY (a, b)) {without_rowid}"},
    {0},
};
static const struct migration broken[] = {
    {"broken.1", "CREATE TABLE c (id {id});\nCREATE TABLE nonsense ("},
    {0},
};

static void apply_twice(void **state) {
    struct ctx *c = &database_of(state)->c;
    const struct migration *const lists[] = {first, second};
    for (int turn = 0; turn < 2; turn++) {
        migration_apply(c, lists, 2);
        assert_ok(c);
        assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM schema_migration"), 3);
        assert_text(DB_TEXT(c, "SELECT name FROM a"), "TEXT {id}");
    }
    assert_int_equal(DB_INT(c, "INSERT INTO b (a_id) VALUES (1) RETURNING seq"), 1);
    assert_int_equal(DB_INT(c, "INSERT INTO b (a_id) VALUES (NULL) RETURNING seq"), 2);
    DB_RUN(c, "INSERT INTO a (id, name) VALUES (2, 'é'), (3, 'z'), (4, 'Z')");
    assert_text(DB_TEXT(c, "SELECT name FROM a WHERE id > 1 ORDER BY name"), "Z");
    assert_text(DB_TEXT(c, "SELECT name FROM a ORDER BY name DESC"), "é");
    DB_RUN(c, "INSERT INTO b (a_id) VALUES (99)");
    assert_error(c, ERROR_INTERNAL);
    migration_analyze(c);
    assert_ok(c);
}

static void newer_schema_is_refused(void **state) {
    struct ctx *c = &database_of(state)->c;
    const struct migration *const lists[] = {first, second};
    migration_apply(c, lists, 2);
    assert_ok(c);
    migration_apply(c, lists, 1);
    assert_string_equal(c->error.text, "schema.newer");
    assert_text(c->error.parameters[0].value, "second.1");
    assert_error(c, ERROR_CONFLICT);
    assert_false(db_in_transaction(c->db));
}

static void what_only_reads_expects_all(void **state) {
    struct ctx *c = &database_of(state)->c;
    const struct migration *const lists[] = {first, second};
    migration_expect(c, lists, 2);
    assert_string_equal(c->error.text, "schema.none");
    assert_error(c, ERROR_CONFLICT);
    migration_apply(c, lists, 1);
    migration_expect(c, lists, 1);
    assert_ok(c);
    migration_expect(c, lists, 2);
    assert_string_equal(c->error.text, "schema.older");
    assert_error(c, ERROR_CONFLICT);
    migration_apply(c, lists, 2);
    migration_expect(c, lists, 1);
    assert_string_equal(c->error.text, "schema.newer");
    assert_error(c, ERROR_CONFLICT);
}

static void broken_leaves_nothing(void **state) {
    struct ctx *c = &database_of(state)->c;
    const struct migration *const lists[] = {first, broken};
    migration_apply(c, lists, 2);
    assert_error(c, ERROR_INTERNAL);
    assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM schema_migration"), 2);
    DB_INT(c, "SELECT COUNT(*) FROM c");
    assert_error(c, ERROR_INTERNAL);
}

static void expansion(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a);
    struct str sql = STR("t TEXT, u TEXTS, '{id} TEXT', CAST(x AS TEXT), {blob} {without_rowid}");
    assert_text(migration_expand(&a, DB_POSTGRES, sql),
                "t TEXT COLLATE \"C\", u TEXTS, '{id} TEXT', CAST(x AS TEXT), BYTEA ");
    assert_text(migration_expand(&a, DB_SQLITE, sql),
                "t TEXT, u TEXTS, '{id} TEXT', CAST(x AS TEXT), BLOB WITHOUT ROWID");
    arena_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(apply_twice),
        ON_BOTH(newer_schema_is_refused),
        ON_BOTH(what_only_reads_expects_all),
        ON_BOTH(broken_leaves_nothing),
        cmocka_unit_test(expansion),
    };
    return cmocka_run_group_tests_name("db_migration", tests, NULL, NULL);
}
