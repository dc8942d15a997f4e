/*
 * Rules that a date sets off find their records by an index: made for a field that lists have none
 * on, kept by the schema, dropped when no rule asks for it.
 */
#include "shipped_fixture.h"

#include "automation/rule_date.h"
#include "db/sql.h"
#include "entity/schema.h"

/* How the engine would look for leads changed within some time, as the timer asks. */
static bool by_own_index(struct ctx *c) {
    struct db_rows rows;
    bool found = false, sqlite = db_engine(c->db) == DB_SQLITE;
    struct sql q = sql_new(c->arena);
    sql_literal(&q, sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ");
    SQL_ADD(&q, "SELECT e.id FROM lead e WHERE e.deleted_at IS NULL AND e.updated_at >= 5 "
                "AND e.updated_at < 9 ORDER BY e.updated_at, e.id LIMIT 500");
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        struct str line = db_text(&rows, sqlite ? 3 : 0);
        found |= str_find(line, STR("dated_rule_index_")) >= 0;
        assert_true(str_find(line, STR("TEMP B-TREE")) < 0 && str_find(line, STR("Sort  (")) < 0);
    }
    assert_ok(c);
    return found;
}

static struct rule_date date_of(struct ctx *c, const char *entity, const char *field) {
    const struct entity *e = entity_named(c, entity);
    return (struct rule_date){e, &e->fields[field_position(e, field)], 0};
}

static void a_field_without_index_gets_one(void **state) {
    struct ctx *c = shipped_begin(state);
    struct rule_date dates[] = {date_of(c, "lead", "updated_at"), date_of(c, "lead", "updated_at"),
                                date_of(c, "lead", "created_at")};
    rule_date_indexes(c, dates, 3);
    assert_ok(c);
    assert_true(by_own_index(c));
    rule_date_indexes(c, dates, 3);
    schema_apply(c, c->model);
    assert_ok(c);
    assert_true(by_own_index(c));
}

static int64_t own_indexes(struct ctx *c) {
    return db_engine(c->db) == DB_SQLITE
               ? DB_INT(c, "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name LIKE "
                           "'dated_rule_index_%' AND tbl_name = 'lead'")
               : DB_INT(c, "SELECT count(*) FROM pg_indexes WHERE tablename = 'lead' AND "
                           "CAST(indexname AS TEXT) LIKE 'dated_rule_index_%'");
}

static void what_no_rule_asks_for_is_dropped(void **state) {
    struct ctx *c = shipped_begin(state);
    struct rule_date changed = date_of(c, "lead", "updated_at");
    struct rule_date made = date_of(c, "lead", "created_at");
    rule_date_indexes(c, &changed, 1);
    assert_int_equal(own_indexes(c), 1);
    rule_date_indexes(c, &made, 1); /* lists have one */
    assert_int_equal(own_indexes(c), 0);
    assert_ok(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {ON_BOTH(a_field_without_index_gets_one),
                                       ON_BOTH(what_no_rule_asks_for_is_dropped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
