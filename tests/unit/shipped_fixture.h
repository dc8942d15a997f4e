/*
 * A database as the program ships it, for tests that look at how an engine would find things.
 */
#ifndef GUANTONG_SHIPPED_FIXTURE_H
#define GUANTONG_SHIPPED_FIXTURE_H

#include "entity_fixture.h"

#include "app/modules.h"
#include "app/program.h"

/* All modules' tables, in a transaction. Of an empty table PostgreSQL reads all rows if it may, or
 * sorts the one it expects: take both away, and what is left of them is what no index can do. */
static inline struct ctx *shipped_begin(void **state) {
    static const struct contents *contents;
    contents = contents ? contents : modules_register();
    struct ctx *c = &database_of(state)->c;
    c->model = model_standard();
    c->actor = &actor_system;
    program_migrate(c, contents);
    assert_ok(c);
    db_begin(c);
    if (db_engine(c->db) == DB_POSTGRES) {
        DB_RUN(c, "SET LOCAL enable_seqscan = off");
        DB_RUN(c, "SET LOCAL enable_sort = off");
    }
    return c;
}

#endif
