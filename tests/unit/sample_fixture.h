/* The sample company in a database of either engine. */
#ifndef GUANTONG_TESTS_SAMPLE_FIXTURE_H
#define GUANTONG_TESTS_SAMPLE_FIXTURE_H

#include "database_fixture.h"

#include <stdlib.h>

#include "app/modules.h"
#include "app/program.h"
#include "db/file_store.h"
#include "entity/access.h"
#include "event/reactor.h"
#include "organization/role.h"
#include "organization/user.h"
#include "sales/pipeline.h"
#include "sample/sample.h"
#include "sample/setup.h"

/* A new database with an administrator, of whom the sample knows nothing. What the sample's files
 * hold goes to the folder for temporary files. */
static inline void sample_database(struct ctx *c) {
    const struct contents *contents = modules_register();
    const char *temporary = getenv("TMPDIR");
    file_store_open(str_from(temporary ? temporary : "/tmp"));
    c->actor = &actor_system;
    c->model = model_standard();
    program_migrate(c, contents);
    db_begin(c);
    struct change_set set = change_new(c, entity_named(c, "user"));
    change_text(&set, "login", STR("admin"));
    change_text(&set, "name", STR("管理员"));
    struct record *admin = record_insert(c, &set);
    int64_t role = role_by_code(c, "administrator");
    user_set_roles(c, admin->id, &role, 1);
    pipeline_seed(c);
    db_commit(c);
    assert_ok(c);
}

/* On PostgreSQL the company as it is drawn, without what parts of the program set up in it: there
 * the answers of score cards and segments to two years of events take minutes of round trips. */
static inline void sample_made(struct ctx *c) {
    sample_database(c);
    db_begin(c);
    if (db_engine(c->db) == DB_POSTGRES) {
        sample_open(c);
        sample_make(c, SAMPLE_SEED, STR("no password"));
        sample_close(c);
    } else {
        sample_company(c, STR("no password"));
    }
    db_commit(c);
    assert_ok(c);
}

static inline void sample_drained(struct ctx *c) {
    db_begin(c);
    reactor_drain(c, modules_register()->reactors);
    db_commit(c);
    assert_ok(c);
}

#endif
