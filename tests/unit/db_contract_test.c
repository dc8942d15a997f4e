/* The contract of db/db.h, on both engines. */
#include "database_fixture.h"

#include "db/driver.h"
#include "db/sql.h"

static void table_make(struct ctx *c) {
    DB_RUN(c, "CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT, amount DOUBLE PRECISION)");
    assert_ok(c);
}

static struct ctx *begin(void **state) {
    struct ctx *c = &database_of(state)->c;
    table_make(c);
    return c;
}

static void kinds_round_trip(void **state) {
    struct ctx *c = &database_of(state)->c;
    bool sqlite = db_engine(c->db) == DB_SQLITE;
    db_execute(c, sqlite ? "CREATE TABLE k (i BIGINT, t TEXT, r DOUBLE PRECISION, b BLOB)"
                         : "CREATE TABLE k (i BIGINT, t TEXT, r DOUBLE PRECISION, b BYTEA)");
    struct str blob = {"\0\x01\xff\\'x", 6};
    struct str name = STR("贯通 CRM 😀 'quoted' \\ \"");
    DB_RUN(c, "INSERT INTO k (i, t, r, b) VALUES ($1, $2, $3, $4)", INT64_MAX, name, -0.1,
           db_from_blob(blob));
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT i, t, r, b FROM k");
    assert_true(db_next(&rows));
    assert_int_equal(rows.n_columns, 4);
    assert_true(db_int(&rows, 0) == INT64_MAX);
    assert_true(str_equal(db_text(&rows, 1), name));
    assert_true(str_equal(db_view(&rows, 1), name));
    assert_true(db_real(&rows, 2) == -0.1);
    assert_true(str_equal(db_text(&rows, 3), blob));
    const enum db_kind kinds[] = {DB_IS_INTEGER, DB_IS_TEXT, DB_IS_REAL, DB_IS_BLOB};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(db_value(&rows, i).kind, kinds[i]);
    }
    assert_false(db_next(&rows));
    assert_int_equal(rows.row, 1);
    assert_ok(c);
}

static void extremes_round_trip(void **state) {
    struct ctx *c = begin(state);
    const int64_t numbers[] = {0, -1, INT64_MIN, INT64_MAX, INT64_MAX - 1, 9007199254740993};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        DB_RUN(c, "INSERT INTO thing (id, name) VALUES ($1, $2)", numbers[i], "");
        assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM thing WHERE id = $1", numbers[i]), 1);
    }
    assert_true(DB_INT(c, "SELECT MIN(id) FROM thing") == INT64_MIN);
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT name FROM thing WHERE id = 0");
    assert_true(db_next(&rows));
    assert_false(db_null(&rows, 0));
    assert_non_null(db_text(&rows, 0).p);
    assert_int_equal(db_text(&rows, 0).n, 0);
    db_done(&rows);
    assert_ok(c);
}

static void nulls_of_every_kind(void **state) {
    struct ctx *c = begin(state);
    const char *none = NULL;
    DB_RUN(c, "INSERT INTO thing (id, name, amount) VALUES ($1, $2, $3)", 1, none, db_from_null());
    DB_RUN(c, "INSERT INTO thing (id, name, amount) VALUES ($1, $2, $3)", 2, "b", 2.5);
    DB_RUN(c, "INSERT INTO thing (id, name, amount) VALUES ($1, $2, $3)", 3, (struct str){0}, 3);
    assert_ok(c);
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT name, amount FROM thing WHERE id = 1");
    assert_true(db_next(&rows));
    assert_true(db_null(&rows, 0) && db_null(&rows, 1));
    assert_null(db_text(&rows, 0).p);
    assert_int_equal(db_int(&rows, 1), 0);
    assert_int_equal(db_value(&rows, 0).kind, DB_IS_NULL);
    db_done(&rows);
    assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM thing WHERE name IS NULL"), 2);
    assert_int_equal(
        DB_INT(c, "SELECT COUNT(*) FROM thing WHERE $1 IS NULL OR id = $1", db_from_id(0)), 3);
    assert_int_equal(
        DB_INT(c, "SELECT COUNT(*) FROM thing WHERE $1 IS NULL OR id = $1", db_from_id(2)), 1);
    DB_RUN(c, "UPDATE thing SET name = $2 WHERE id = $1", 2, none);
    assert_null(DB_TEXT(c, "SELECT name FROM thing WHERE id = 2").p);
    assert_ok(c);
}

static void parameters_in_any_order(void **state) {
    struct ctx *c = begin(state);
    DB_RUN(c, "INSERT INTO thing (name, id) VALUES ($2, $1)", 7, "seven");
    assert_text(DB_TEXT(c, "SELECT name FROM thing WHERE name = $2 AND id = $1", 7, "seven"),
                "seven");
    assert_int_equal(
        DB_RUN(c, "UPDATE thing SET name = $3 WHERE id = $1 AND name = $2", 7, "seven", "x"), 1);
    assert_int_equal(DB_INT(c, "SELECT id FROM thing WHERE name = $1 OR name = $1", "x"), 7);
    assert_ok(c);
}

static void rows_changed(void **state) {
    struct ctx *c = begin(state);
    for (int i = 1; i <= 5; i++) {
        assert_int_equal(DB_RUN(c, "INSERT INTO thing (id) VALUES ($1)", i), 1);
    }
    assert_int_equal(DB_RUN(c, "UPDATE thing SET name = 'x' WHERE id > $1", 2), 3);
    assert_int_equal(DB_RUN(c, "UPDATE thing SET name = 'x' WHERE id > $1", 9), 0);
    assert_int_equal(DB_RUN(c, "INSERT INTO thing (id) VALUES (1) ON CONFLICT (id) DO NOTHING"), 0);
    DB_RUN(c, "CREATE INDEX thing_name ON thing (name)");
    assert_int_equal(DB_RUN(c, "DELETE FROM thing WHERE id <= $1 RETURNING id", 2), 2);
    assert_int_equal(DB_INT(c, "INSERT INTO thing (id, name) VALUES (9, 'n') RETURNING id + 1"),
                     10);
    struct db_rows unread;
    DB_QUERY(c, &unread, "INSERT INTO thing (id) VALUES (10), (11) RETURNING id");
    db_done(&unread);
    assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM thing"), 6);
    assert_ok(c);
}

static void same_text_nested(void **state) {
    struct ctx *c = begin(state);
    for (int i = 1; i <= 4; i++) {
        DB_RUN(c, "INSERT INTO thing (id) VALUES ($1)", i);
    }
    int64_t sum = 0, turns = 0;
    static const char *const levels[] = {"a", "b"};
    assert_string_equal(levels[0], "a");
    struct db_rows outer;
    DB_QUERY(c, &outer, "SELECT id FROM thing ORDER BY id");
    while (db_next(&outer)) {
        struct db_rows inner;
        DB_QUERY(c, &inner, "SELECT id FROM thing ORDER BY id");
        while (db_next(&inner)) {
            sum += db_int(&outer, 0) * db_int(&inner, 0);
            turns++;
        }
    }
    assert_int_equal(turns, 16);
    assert_int_equal(sum, 100);
    assert_ok(c);
}

/* Text made at run time may come at the same address with other words. */
static void text_at_same_address(void **state) {
    struct ctx *c = &database_of(state)->c;
    char sql[64];
    for (int i = 0; i < 600; i++) {
        snprintf(sql, sizeof sql, "SELECT %d", i);
        assert_int_equal(db_int_values(c, sql, NULL, 0), i);
    }
    assert_ok(c);
}

static void duplicate_then_go_on(void **state) {
    struct ctx *c = begin(state);
    db_begin(c);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    db_savepoint(c);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (2)");
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    assert_string_equal(c->error.text, "database.duplicate");
    assert_int_equal(DB_RUN(c, "INSERT INTO thing (id) VALUES (3)"), 0);
    assert_error(c, ERROR_CONFLICT);
    db_rollback_savepoint(c->db);
    assert_true(db_in_transaction(c->db));
    DB_RUN(c, "INSERT INTO thing (id) VALUES (4)");
    db_commit(c);
    assert_ok(c);
    assert_false(db_in_transaction(c->db));
    assert_int_equal(DB_INT(c, "SELECT CAST(SUM(id) AS BIGINT) FROM thing"), 5);
}

static void savepoints_nest(void **state) {
    struct ctx *c = begin(state);
    db_begin(c);
    db_savepoint(c);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    db_savepoint(c);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (2)");
    db_rollback_savepoint(c->db);
    db_savepoint(c);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (4)");
    db_release(c);
    db_release(c);
    db_savepoint(c);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (8)");
    db_rollback_savepoint(c->db);
    db_commit(c);
    assert_ok(c);
    assert_int_equal(DB_INT(c, "SELECT CAST(SUM(id) AS BIGINT) FROM thing"), 5);
}

static void deferred_insert(struct ctx *c, void *item) {
    DB_RUN(c, "INSERT INTO thing (id) VALUES ($1)", *(const int64_t *)item);
}

static void defer(struct ctx *c, int64_t id) {
    int64_t *item = ARENA_NEW(db_batch_arena(c->db), int64_t);
    *item = id;
    db_defer(c, deferred_insert, item);
}

/* What tells that a unit which failed needs no undoing. */
static void marks_tell_what_was_touched(void **state) {
    struct ctx *c = begin(state);
    db_begin(c);
    struct db_mark mark = db_mark(c->db);
    DB_INT(c, "SELECT COUNT(*) FROM thing");
    FAIL(c, ERROR_INVALID, "input.invalid");
    assert_error(c, ERROR_INVALID);
    assert_true(db_untouched(c->db, mark));
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    assert_false(db_untouched(c->db, mark));
    db_savepoint(c);
    mark = db_mark(c->db);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    assert_error(c, ERROR_CONFLICT);
    assert_false(db_untouched(c->db, mark));
    db_rollback_savepoint(c->db);
    mark = db_mark(c->db);
    defer(c, 7);
    assert_false(db_untouched(c->db, mark));
    db_commit(c);
    assert_ok(c);
}

static int64_t thing_is_there(struct ctx *c, int64_t id) {
    return DB_INT(c, "SELECT COUNT(*) FROM thing WHERE id = $1", id);
}

static void thing_ahead(struct ctx *c, int64_t id) {
    DB_AHEAD(c, "SELECT COUNT(*) FROM thing WHERE id = $1", id);
}

/* Asking ahead changes no answer: taken in any order, once each, or never. */
static void questions_asked_ahead(void **state) {
    struct ctx *c = begin(state);
    db_begin(c);
    DB_PUT(c, "INSERT INTO thing (id) VALUES (1)");
    thing_ahead(c, 1);
    thing_ahead(c, 2);
    thing_ahead(c, 3);
    assert_int_equal(thing_is_there(c, 2), 0);
    assert_int_equal(thing_is_there(c, 1), 1);
    DB_RUN(c, "DELETE FROM thing WHERE id = 1");
    assert_int_equal(thing_is_there(c, 1), 0);
    db_commit(c);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (3)");
    db_begin(c);
    assert_int_equal(thing_is_there(c, 3), 1);
    db_commit(c);
    thing_ahead(c, 3);
    assert_int_equal(thing_is_there(c, 4), 0);
    assert_int_equal(thing_is_there(c, 3), 1);
    assert_ok(c);
}

/* What was asked inside a savepoint is not answered behind its end. */
static void questions_ahead_and_savepoints(void **state) {
    struct ctx *c = begin(state);
    db_begin(c);
    db_savepoint(c);
    DB_PUT(c, "INSERT INTO thing (id) VALUES (1)");
    thing_ahead(c, 1);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    assert_error(c, ERROR_CONFLICT);
    db_rollback_savepoint(c->db);
    assert_int_equal(thing_is_there(c, 1), 0);
    for (int64_t i = 0; i < 500; i++) { /* more than are kept */
        thing_ahead(c, i);
    }
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1000)");
    assert_int_equal(thing_is_there(c, 499), 0);
    assert_int_equal(thing_is_there(c, 0), 0);
    db_rollback(c->db);
    assert_int_equal(thing_is_there(c, 1000), 0);
    assert_ok(c);
}

/* A question that fails between two savepoints of one name: the second was not set, and undoing it
 * must not undo what was kept of the first. */
static void row_ahead_fails_before_a_savepoint(void **state) {
    struct ctx *c = begin(state);
    db_begin(c);
    db_savepoint(c);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    db_ahead_row(c, "SELECT id, 1 / (id - 1) FROM thing WHERE id = $1", 1);
    db_release(c);
    db_savepoint(c);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (2)");
    if (ctx_failed(c)) {
        ctx_clear_error(c);
        db_rollback_savepoint(c->db);
    }
    db_commit(c);
    bool committed = !ctx_failed(c);
    ctx_clear_error(c);
    assert_int_equal(thing_is_there(c, 1), committed);
}

/* However often: SQLite asks for the time every so many steps of a statement, over all its runs. */
static void rolled_back_after_the_deadline(void **state) {
    struct ctx *c = begin(state);
    for (int i = 0; i < 3000; i++) {
        db_begin(c);
        assert_ok(c);
        DB_INT(c, "SELECT COUNT(*) FROM thing");
        db_deadline(c->db, clock_steady_ns() - 1);
        db_rollback(c->db);
        db_deadline(c->db, 0);
        assert_false(db_in_transaction(c->db));
    }
}

static void deferred_with_savepoints(void **state) {
    struct ctx *c = begin(state);
    db_begin(c);
    defer(c, 1);
    db_savepoint(c);
    defer(c, 2);
    db_rollback_savepoint(c->db);
    db_savepoint(c);
    defer(c, 4);
    db_release(c);
    defer(c, 8);
    assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM thing"), 0);
    db_commit(c);
    assert_ok(c);
    assert_int_equal(DB_INT(c, "SELECT CAST(SUM(id) AS BIGINT) FROM thing"), 13);
    db_begin(c);
    defer(c, 16);
    db_rollback(c->db);
    db_begin(c);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (32)");
    defer(c, 1);
    db_commit(c);
    assert_error(c, ERROR_CONFLICT);
    assert_int_equal(DB_INT(c, "SELECT CAST(SUM(id) AS BIGINT) FROM thing"), 13);
    assert_ok(c);
}

static void count_together(struct ctx *c, void *const *items, size_t n) {
    DB_RUN(c, "INSERT INTO thing (id) VALUES ($1)", *(const int64_t *)items[n - 1]);
}

/* Counts on from what was deferred last, as a turn that is taken does. */
static int64_t count_on(struct ctx *c) {
    const int64_t *last = db_deferred_last(c->db, count_together);
    int64_t *item = ARENA_NEW(db_batch_arena(c->db), int64_t);
    *item = last ? *last + 1 : 100;
    db_defer_many(c, count_together, item);
    return *item;
}

static void deferred_last_goes_with_its_savepoint(void **state) {
    struct ctx *c = begin(state);
    db_begin(c);
    assert_null(db_deferred_last(c->db, count_together));
    assert_int_equal(count_on(c), 100);
    defer(c, 1); /* another function's */
    assert_int_equal(count_on(c), 101);
    db_savepoint(c);
    assert_int_equal(count_on(c), 102);
    db_rollback_savepoint(c->db);
    db_savepoint(c);
    assert_int_equal(count_on(c), 102);
    db_release(c);
    assert_int_equal(count_on(c), 103);
    db_commit(c);
    assert_ok(c);
    assert_int_equal(DB_INT(c, "SELECT CAST(SUM(id) AS BIGINT) FROM thing"), 104);
    db_begin(c);
    assert_null(db_deferred_last(c->db, count_together));
    assert_int_equal(count_on(c), 100);
    db_flush(c);
    assert_null(db_deferred_last(c->db, count_together));
    db_commit(c);
    assert_ok(c);
}

/* One row after the other, more than are kept waiting, each of them more than once. */
static void rows_asked_ahead_in_turn(void **state) {
    static const char by_id[] = "SELECT id FROM thing WHERE id = $1";
    struct ctx *c = begin(state);
    db_begin(c);
    for (int64_t id = 1; id <= 40; id++) {
        DB_RUN(c, "INSERT INTO thing (id) VALUES ($1)", id);
    }
    for (int64_t round = 0; round < 3; round++) {
        for (int64_t id = 1; id <= 41; id++) {
            struct db_value value = db_from_int(id);
            db_ahead_row(c, by_id, id);
            db_ahead_row(c, by_id, id % 40 + 1);
            assert_int_equal(db_int_values(c, by_id, &value, 1), id <= 40 ? id : 0);
            value = db_from_int(id % 40 + 1);
            assert_int_equal(db_int_values(c, by_id, &value, 1), id % 40 + 1);
        }
    }
    db_commit(c);
    assert_ok(c);
}

static void failure_sticks(void **state) {
    struct ctx *c = begin(state);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    DB_RUN(c, "INSERT INTO nowhere (id) VALUES (1)");
    assert_int_equal(c->error.code, ERROR_INTERNAL);
    assert_true(strlen(c->error.internal) > 0);
    int64_t calls = db_calls(c->db);
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT id FROM thing");
    assert_false(db_next(&rows));
    assert_int_equal(db_int(&rows, 0), 0);
    assert_null(db_text(&rows, 0).p);
    assert_int_equal(DB_INT(c, "SELECT id FROM thing"), 0);
    assert_null(DB_TEXT(c, "SELECT name FROM thing").p);
    assert_int_equal(db_calls(c->db), calls);
    assert_error(c, ERROR_INTERNAL);
    assert_int_equal(DB_INT(c, "SELECT id FROM thing"), 1);
}

static void loop_ends_on_failure(void **state) {
    struct ctx *c = begin(state);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1), (2), (3)");
    struct db_rows rows;
    int turns = 0;
    DB_QUERY(c, &rows, "SELECT id FROM thing");
    while (db_next(&rows)) {
        turns++;
        FAIL(c, ERROR_CONFLICT, "record.stale");
    }
    assert_int_equal(turns, 1);
    assert_error(c, ERROR_CONFLICT);
}

static void failure_on_request(void **state) {
    struct ctx *c = begin(state);
    db_fail_at(c->db, 2);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    assert_ok(c);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (2)");
    assert_error(c, ERROR_INTERNAL);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (3)");
    assert_int_equal(DB_INT(c, "SELECT CAST(SUM(id) AS BIGINT) FROM thing"), 4);
    assert_ok(c);
}

static void text_compares_bytewise(void **state) {
    struct ctx *c = begin(state);
    DB_RUN(c, "DROP TABLE thing");
    db_execute(c, db_engine(c->db) == DB_SQLITE ? "CREATE TABLE w (t TEXT)"
                                                : "CREATE TABLE w (t TEXT COLLATE \"C\")");
    DB_RUN(c, "INSERT INTO w (t) VALUES ('a'), ('B'), ('_'), ('线'), ('é'), ('ab'), ('A')");
    struct text_buffer order = {.arena = c->arena};
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT t FROM w ORDER BY t");
    while (db_next(&rows)) {
        text_add(&order, db_view(&rows, 0));
        text_add_char(&order, ' ');
    }
    assert_text(text_str(&order), "A B _ a ab é 线 ");
    assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM w WHERE t > $1", "a"), 3);
    assert_ok(c);
}

/* A write that is only put has failed, or not, when its savepoint ends. */
static void put_fails_inside_its_savepoint(void **state) {
    struct ctx *c = begin(state);
    db_begin(c);
    DB_PUT(c, "INSERT INTO thing (id, name) VALUES ($1, $2)", 1, "kept");
    for (int depth = 1; depth <= 2; depth++) {
        db_savepoint(c);
        DB_PUT(c, "INSERT INTO thing (id, name) VALUES ($1, $2)", 2, "gone");
        DB_PUT(c, "INSERT INTO thing (id, name) VALUES ($1, $2)", 1, "again");
        DB_PUT(c, "INSERT INTO thing (id, name) VALUES ($1, $2)", 3, "gone");
        db_release(c);
        assert_error(c, ERROR_CONFLICT);
        ctx_clear_error(c);
        db_rollback_savepoint(c->db);
        db_savepoint(c);
    }
    DB_PUT(c, "UPDATE thing SET name = $1 WHERE id = 1", "changed");
    assert_text(DB_TEXT(c, "SELECT name FROM thing WHERE id = 1"), "changed");
    for (int64_t id = 10; id < 1010; id++) {
        DB_PUT(c, "INSERT INTO thing (id, name) VALUES ($1, $2)", id, "one of many");
    }
    db_commit(c);
    assert_ok(c);
    assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM thing"), 1001);
}

static void put_fails_the_commit(void **state) {
    struct ctx *c = begin(state);
    db_begin(c);
    DB_PUT(c, "INSERT INTO thing (id) VALUES (1)");
    DB_PUT(c, "INSERT INTO thing (id) VALUES (1)");
    db_commit(c);
    assert_error(c, ERROR_CONFLICT);
    ctx_clear_error(c);
    assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM thing"), 0);
    assert_ok(c);
}

static struct ctx reader_of(struct database_fixture *f) {
    struct ctx reader = {.arena = &f->arena, .now_ms = f->c.now_ms};
    reader.db = db_open(&reader, f->url, DB_READER);
    assert_ok(&reader);
    return reader;
}

static void reader_sees_snapshot(void **state) {
    struct ctx *c = begin(state);
    struct ctx reader = reader_of(*state);
    db_begin(&reader);
    assert_int_equal(DB_INT(&reader, "SELECT COUNT(*) FROM thing"), 0);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    assert_int_equal(DB_INT(&reader, "SELECT COUNT(*) FROM thing"), 0);
    db_commit(&reader);
    assert_int_equal(DB_INT(&reader, "SELECT COUNT(*) FROM thing"), 1);
    assert_ok(&reader);
    DB_RUN(&reader, "INSERT INTO thing (id) VALUES (2)");
    assert_error(&reader, ERROR_INTERNAL);
    db_close(reader.db);
}

static void deadline_stops_statement(void **state) {
    struct ctx *c = begin(state);
    struct ctx reader = reader_of(*state);
    int64_t start = clock_steady_ns();
    db_deadline(reader.db, start + 50 * 1000000LL);
    DB_INT(&reader, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                    " WHERE i < 1000000000) SELECT COUNT(*) FROM n");
    assert_string_equal(reader.error.text, "database.deadline");
    assert_error(&reader, ERROR_LIMIT);
    assert_true(clock_steady_ns() - start < 2000 * 1000000LL);
    db_deadline(reader.db, 0);
    assert_int_equal(DB_INT(&reader, "SELECT 5"), 5);
    assert_ok(&reader);
    db_close(reader.db);
    assert_ok(c);
}

/* Who was let in and asks nothing; at last somebody does. */
static void transactions_without_a_question(void **state) {
    struct ctx *c = begin(state);
    struct ctx reader = reader_of(*state);
    for (int i = 0; i < 2000; i++) {
        db_begin(&reader);
        assert_ok(&reader);
        db_rollback(reader.db);
        db_begin(c);
        assert_ok(c);
        db_rollback(c->db);
    }
    db_begin(&reader);
    assert_int_equal(DB_INT(&reader, "SELECT 5"), 5);
    assert_ok(&reader);
    db_close(reader.db);
    assert_int_equal(DB_INT(c, "SELECT 6"), 6);
    assert_ok(c);
}

static void rows_left_open_do_not_outlive_the_transaction(void **state) {
    struct ctx *c = begin(state);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1), (2), (3)");
    db_begin(c);
    struct db_rows left;
    DB_QUERY(c, &left, "SELECT id FROM thing ORDER BY id");
    assert_true(db_next(&left));
    db_commit(c);
    assert_int_equal(DB_INT(c, "SELECT id FROM thing ORDER BY id"), 1);
    assert_false(db_next(&left));
    assert_int_equal(db_int(&left, 0), 0);
    assert_ok(c);
}

static void statements_after_a_lost_transaction_are_refused(void **state) {
    struct ctx *c = begin(state);
    db_begin(c);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    db_execute(c, "ROLLBACK");
    assert_ok(c);
    assert_false(db_in_transaction(c->db));
    DB_RUN(c, "INSERT INTO thing (id) VALUES (2)");
    assert_error(c, ERROR_INTERNAL);
    db_rollback(c->db);
    assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM thing"), 0);
    assert_ok(c);
}

static void connection_is_renewed(void **state) {
    struct ctx *c = begin(state);
    DB_INT(c, "SELECT pg_terminate_backend(pg_backend_pid())");
    assert_string_equal(c->error.text, "database.lost");
    assert_error(c, ERROR_RETRY);
    assert_int_equal(DB_INT(c, "SELECT COUNT(*) FROM thing"), 0);
    assert_ok(c);
    db_begin(c);
    DB_INT(c, "SELECT pg_terminate_backend(pg_backend_pid())");
    assert_error(c, ERROR_RETRY);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    assert_error(c, ERROR_RETRY);
    db_rollback(c->db);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (2)");
    assert_int_equal(DB_INT(c, "SELECT CAST(SUM(id) AS BIGINT) FROM thing"), 2);
    assert_ok(c);
}

static int64_t snapshot_seen(struct ctx *c) {
    db_begin(c);
    int64_t snapshot = db_snapshot(c->db);
    DB_INT(c, "SELECT COUNT(*) FROM thing");
    assert_ok(c);
    db_rollback(c->db);
    assert_int_equal(db_snapshot(c->db), 0);
    return snapshot;
}

static void what_a_reader_sees_has_a_number(void **state) {
    struct ctx *c = begin(state);
    struct ctx one = {.arena = c->arena}, two = one;
    one.db = db_open(&one, database_of(state)->url, DB_ANSWERER);
    two.db = db_open(&two, database_of(state)->url, DB_ANSWERER);
    int64_t first = snapshot_seen(&one);
    assert_true(first > 0);
    assert_int_equal(snapshot_seen(&one), first);
    assert_true(snapshot_seen(&two) != first);
    for (int64_t i = 1; i <= 3; i++) { /* commits of another connection */
        int64_t before = snapshot_seen(&one);
        db_begin(c);
        assert_int_equal(db_snapshot(c->db), 0);
        DB_RUN(c, "INSERT INTO thing (id) VALUES ($1)", i);
        assert_int_equal(snapshot_seen(&one), before);
        db_commit(c);
        assert_ok(c);
        assert_true(snapshot_seen(&one) > before);
    }
    db_close(one.db);
    db_close(two.db);
}

/* Neither side waits for hours for one that is gone, which would hold its leases meanwhile. */
static void sessions_ask_for_signs_of_life(void **state) {
    static const enum db_mode modes[] = {DB_WRITER, DB_WATCHER, DB_READER};
    struct ctx c = {.arena = begin(state)->arena};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        c.db = db_open(&c, database_of(state)->url, modes[i]);
        assert_ok(&c);
        int64_t seconds = DB_INT(&c,
                                 "SELECT CAST(current_setting('tcp_keepalives_idle') AS BIGINT) + "
                                 "CAST(current_setting('tcp_keepalives_interval') AS BIGINT) * "
                                 "CAST(current_setting('tcp_keepalives_count') AS BIGINT)");
        assert_ok(&c);
        assert_in_range(seconds, 1, 20);
        db_close(c.db);
    }
}

/* Columns the contract has no type for fail loudly instead of reading as something else. */
static void numeric_is_refused(void **state) {
    struct ctx *c = begin(state);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    DB_INT(c, "SELECT SUM(id) FROM thing");
    assert_non_null(strstr(c->error.internal, "numeric"));
    assert_error(c, ERROR_INTERNAL);
}

/* A statement survives a change of the table it reads. */
static void table_changes_under_statement(void **state) {
    struct ctx *c = begin(state);
    DB_RUN(c, "INSERT INTO thing (id) VALUES (1)");
    static const char all[] = "SELECT * FROM thing";
    assert_int_equal(db_int_values(c, all, NULL, 0), 1);
    DB_RUN(c, "ALTER TABLE thing ADD COLUMN x_more BIGINT");
    int64_t id = db_int_values(c, all, NULL, 0);
    if (c->error.code == ERROR_RETRY) {
        ctx_clear_error(c);
        id = db_int_values(c, all, NULL, 0);
    }
    assert_ok(c);
    assert_int_equal(id, 1);
}

static void numbers_read_as_text(void **state) {
    struct ctx *c = begin(state);
    DB_RUN(c, "INSERT INTO thing (id, name, amount) VALUES (42, '17', 1.5)");
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT id, amount, name FROM thing");
    assert_true(db_next(&rows));
    assert_text(db_text(&rows, 0), "42");
    assert_text(db_view(&rows, 1), "1.5");
    assert_int_equal(db_int(&rows, 2), 17);
    assert_true(db_real(&rows, 0) == 42);
    assert_int_equal(db_int(&rows, 1), 1);
    db_done(&rows);
    assert_ok(c);
}

static void built_sql(void **state) {
    struct ctx *c = begin(state);
    DB_RUN(c, "INSERT INTO thing (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'b')");
    struct sql part = sql_new(c->arena);
    SQL_ADD(&part, "name = ");
    SQL_VALUE(&part, "b");
    SQL_ADD(&part, " AND name <> '$1' AND id < ");
    SQL_VALUE(&part, 3);
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT id FROM ");
    sql_identifier(&q, STR("thing"));
    SQL_ADD(&q, " WHERE id > ");
    SQL_VALUE(&q, 0);
    SQL_ADD(&q, " AND ");
    sql_append(&q, &part);
    SQL_ADD(&q, " LIMIT ");
    sql_number(&q, 10);
    assert_text(text_str(&q.text), "SELECT id FROM \"thing\" WHERE id > $1 AND name = $2 AND name "
                                   "<> '$1' AND id < $3 LIMIT 10");
    assert_int_equal(sql_int(c, &q), 2);
    assert_ok(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(kinds_round_trip),
        ON_BOTH(extremes_round_trip),
        ON_BOTH(nulls_of_every_kind),
        ON_BOTH(parameters_in_any_order),
        ON_BOTH(rows_changed),
        ON_BOTH(same_text_nested),
        ON_BOTH(text_at_same_address),
        ON_BOTH(duplicate_then_go_on),
        ON_BOTH(savepoints_nest),
        ON_BOTH(marks_tell_what_was_touched),
        ON_BOTH(rolled_back_after_the_deadline),
        ON_BOTH(questions_asked_ahead),
        ON_BOTH(questions_ahead_and_savepoints),
        ON_BOTH(row_ahead_fails_before_a_savepoint),
        ON_BOTH(deferred_with_savepoints),
        ON_BOTH(deferred_last_goes_with_its_savepoint),
        ON_BOTH(rows_asked_ahead_in_turn),
        ON_BOTH(failure_sticks),
        ON_BOTH(loop_ends_on_failure),
        ON_BOTH(failure_on_request),
        ON_BOTH(text_compares_bytewise),
        ON_BOTH(put_fails_inside_its_savepoint),
        ON_BOTH(put_fails_the_commit),
        ON_BOTH(reader_sees_snapshot),
        ON_BOTH(deadline_stops_statement),
        ON_BOTH(transactions_without_a_question),
        ON_BOTH(rows_left_open_do_not_outlive_the_transaction),
        ON_BOTH(statements_after_a_lost_transaction_are_refused),
        ON_POSTGRES(connection_is_renewed),
        ON_POSTGRES(sessions_ask_for_signs_of_life),
        ON_SQLITE(what_a_reader_sees_has_a_number),
        ON_POSTGRES(numeric_is_refused),
        ON_BOTH(table_changes_under_statement),
        ON_BOTH(numbers_read_as_text),
        ON_BOTH(built_sql),
    };
    return cmocka_run_group_tests_name("db_contract", tests, NULL, NULL);
}
