/* A database with the tables of src/event and one for what test reactors do. */
#ifndef GUANTONG_TESTS_EVENT_FIXTURE_H
#define GUANTONG_TESTS_EVENT_FIXTURE_H

#include "database_fixture.h"

#include "base/module.h"
#include "db/migration.h"
#include "event/event.h"

static const struct migration event_fixture_migrations[] = {
    {"test.effect", "CREATE TABLE effect (seq BIGINT NOT NULL, what TEXT NOT NULL);\n"
                    "CREATE TABLE tally (name TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)"},
    {NULL, NULL},
};

static inline struct ctx *event_fixture(void **state) {
    struct database_fixture *f = database_of(state);
    const struct migration *const lists[] = {event_module.migrations, event_fixture_migrations};
    migration_apply(&f->c, lists, 2);
    assert_ok(&f->c);
    return &f->c;
}

/* One committed event about the lead of that id. */
static inline int64_t event_commit(struct ctx *c, const char *type, int64_t subject_id) {
    db_begin(c);
    int64_t id = event_emit(c, &(struct event){.type = str_from(type),
                                               .subject_type = STR("lead"),
                                               .subject_id = subject_id});
    db_commit(c);
    assert_ok(c);
    return id;
}

/* "a b c": the effects in the order they were made. */
static inline struct str event_effects(struct ctx *c) {
    struct text_buffer text = {.arena = c->arena};
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT what FROM effect ORDER BY seq");
    while (db_next(&rows)) {
        if (text.n) {
            text_add_char(&text, ' ');
        }
        text_add(&text, db_view(&rows, 0));
    }
    assert_ok(c);
    return text_str(&text);
}

static inline void event_effect(struct ctx *c, const char *what, int64_t number) {
    int64_t seq = 1 + DB_INT(c, "SELECT COALESCE(max(seq), 0) FROM effect");
    DB_RUN(c, "INSERT INTO effect (seq, what) VALUES ($1, $2)", seq,
           str_format(c->arena, "%s%lld", what, (long long)number));
}

#endif
