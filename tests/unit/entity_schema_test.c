/* Tables by difference, the model by version. */
#include "db/news.h"
#include "entity_fixture.h"

#include "db/news.h"

/* Names of columns, or of indexes, of a table in order. */
static bool has_index(struct ctx *c, const char *name) {
    return db_engine(c->db) == DB_SQLITE
               ? DB_INT(c, "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name = $1",
                        name)
               : DB_INT(c, "SELECT count(*) FROM pg_indexes WHERE indexname = $1", name);
}

static void applies_once(void **state) {
    struct ctx *c = entity_fixture(state);
    assert_false(schema_apply(c, c->model));
    assert_ok(c);
    assert_true(has_index(c, "firm_code_unique"));
    assert_true(has_index(c, "link_firm_id_deal_id_unique"));
}

/* A database of an older program: it lacks columns and indexes that this one knows. */
static void adds_what_is_missing(void **state) {
    struct ctx *c = entity_fixture(state);
    int64_t deal = entity_new(c, "deal", "title", "旧");
    int64_t firm = entity_new(c, "firm", "name", "甲");
    entity_commit(c);
    DB_RUN(c, "DROP INDEX firm_code_unique");
    DB_RUN(c, "ALTER TABLE deal DROP COLUMN chance");
    DB_RUN(c, "ALTER TABLE firm DROP COLUMN secret");
    DB_RUN(c, "DROP TABLE remark");
    assert_ok(c);
    assert_true(schema_apply(c, c->model));
    entity_commit(c);
    assert_true(has_index(c, "firm_code_unique"));
    assert_text(record_text(record_load(c, entity_named(c, "deal"), deal), "title"), "旧");
    assert_true(record_empty(record_load(c, entity_named(c, "deal"), deal), "chance"));
    assert_non_null(record_load(c, entity_named(c, "firm"), firm));
    entity_new(c, "remark", "text", "好");
    assert_false(schema_apply(c, c->model));
}

/* An index that an earlier model wanted goes; one that somebody made by hand stays. */
static void drops_what_is_superseded(void **state) {
    struct ctx *c = entity_fixture(state);
    DB_RUN(c, "CREATE INDEX deal_title_created_at_id ON deal (title, created_at, id)");
    DB_RUN(c, "CREATE UNIQUE INDEX firm_name_unique ON firm (name) WHERE deleted_at IS NULL");
    DB_RUN(c, "CREATE INDEX deal_of_the_administrator ON deal (title)");
    DB_RUN(c, "CREATE INDEX elsewhere_name ON platform_version (name)");
    assert_true(schema_apply(c, c->model));
    entity_commit(c);
    assert_false(has_index(c, "deal_title_created_at_id"));
    assert_false(has_index(c, "firm_name_unique"));
    assert_true(has_index(c, "deal_of_the_administrator"));
    assert_true(has_index(c, "elsewhere_name"));
    assert_true(has_index(c, "firm_code_unique"));
    assert_false(schema_apply(c, c->model));
}

static void enforces_uniqueness_among_present_records(void **state) {
    struct ctx *c = entity_fixture(state);
    DB_RUN(c, "INSERT INTO firm (id, created_at, updated_at, version, code) "
              "VALUES (1, 1, 1, 1, 'A')");
    DB_RUN(c, "INSERT INTO firm (id, created_at, updated_at, version, code, deleted_at) "
              "VALUES (2, 1, 1, 1, 'A', 1)");
    assert_ok(c);
    db_savepoint(c);
    DB_RUN(c, "INSERT INTO firm (id, created_at, updated_at, version, code) "
              "VALUES (3, 1, 1, 1, 'A')");
    assert_error(c, ERROR_CONFLICT);
    db_rollback_savepoint(c->db);
}

static void text_compares_by_bytes(void **state) {
    struct ctx *c = entity_fixture(state);
    static const char *const names[] = {"b", "a", "B", "é", "中", "z"};
    for (size_t i = 0; i < 6; i++) {
        entity_new(c, "firm", "name", names[i]);
    }
    struct db_rows rows;
    struct text_buffer seen = {.arena = c->arena};
    DB_QUERY(c, &rows, "SELECT name FROM firm ORDER BY name");
    while (db_next(&rows)) {
        text_add(&seen, db_view(&rows, 0));
    }
    assert_text(text_str(&seen), "Babzé中");
}

static void models_are_kept_by_version(void **state) {
    struct ctx *c = entity_fixture(state);
    assert_ptr_equal(model_current(c), c->model);
    assert_ptr_equal(model_standard(), c->model);
    DB_RUN(c, "INSERT INTO platform_version (name, value) VALUES ('model', 77)");
    db_tell(c, NEWS_VERSIONS);
    const struct model *other = model_current(c);
    assert_ptr_not_equal(other, c->model);
    assert_int_equal(other->version, 77);
    assert_int_equal(other->n_entities, c->model->n_entities);
    assert_ptr_equal(model_current(c), other);
    assert_ptr_equal(model_standard(), c->model);
    const struct entity *deal = model_plural(other, STR("deals"));
    assert_ptr_equal(deal->title, entity_field(deal, STR("title")));
    assert_int_equal(field_position(deal, "owner_department_id"), SYSTEM_OWNER_DEPARTMENT_ID);
    assert_null(model_entity(other, STR("deals")));
    assert_null(entity_field(deal, STR("tit")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(applies_once),
        ON_BOTH(adds_what_is_missing),
        ON_BOTH(drops_what_is_superseded),
        ON_BOTH(enforces_uniqueness_among_present_records),
        ON_BOTH(text_compares_by_bytes),
        ON_BOTH(models_are_kept_by_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
