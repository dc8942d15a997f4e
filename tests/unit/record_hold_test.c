/*
 * What is decided by a record as it was read is not done when somebody changed it meanwhile. On
 * SQLite there is one writer, and nobody to come between; on PostgreSQL each of the tests below
 * lets a second connection do the same thing while the first has not committed.
 */
#include "database_fixture.h"

#include <pthread.h>

#include "app/modules.h"
#include "app/program.h"
#include "entity/access.h"
#include "event/event.h"
#include "sales/opportunity.h"
#include "sales/pipeline.h"

/* One who moves a deal to a stage, as the writer runs a unit of work. */
struct mover {
    struct arena arena;
    struct ctx c;
    int64_t deal, stage;
    int tries;
    bool moved;
    pthread_t thread;
};

static void company_open(struct database_fixture *f) {
    struct ctx *c = &f->c;
    const struct contents *contents = modules_register();
    c->actor = &actor_system;
    c->model = model_standard();
    program_migrate(c, contents);
    assert_ok(c);
}

static void mover_open(struct mover *m, const struct database_fixture *f) {
    *m = (struct mover){.tries = 0};
    arena_init(&m->arena);
    m->c = f->c;
    m->c.arena = &m->arena;
    m->c.db = db_open(&m->c, f->url, DB_WRITER);
    assert_ok(&m->c);
}

static void mover_close(struct mover *m) {
    db_close(m->c.db);
    arena_free(&m->arena);
}

static void move_once(struct mover *m) {
    m->tries++;
    db_begin(&m->c);
    m->moved = opportunity_move(&m->c, m->deal, m->stage, NULL, 0) != NULL;
}

/* Until it is done or refused for good. */
static void *move_on(void *data) {
    struct mover *m = data;
    do {
        ctx_clear_error(&m->c);
        move_once(m);
        if (ctx_failed(&m->c)) {
            db_rollback(m->c.db);
        } else {
            db_commit(&m->c);
        }
    } while (m->c.error.code == ERROR_RETRY && m->tries < 5);
    return NULL;
}

static int64_t deal_new(struct ctx *c) {
    db_begin(c);
    pipeline_seed(c);
    struct change_set set = change_new(c, entity_named(c, "opportunity"));
    change_text(&set, "name", STR("伺服改造"));
    struct record *deal = record_insert(c, &set);
    db_commit(c);
    assert_ok(c);
    return deal->id;
}

static int64_t told(struct ctx *c, const char *type) {
    return DB_INT(c, "SELECT CAST(count(*) AS BIGINT) FROM event WHERE type = $1", type);
}

/* Both move it to the same stage: it is moved, and told, once. */
static void two_who_win_a_deal_win_it_once(void **state) {
    struct database_fixture *f = database_of(state);
    static struct mover first, second;
    company_open(f);
    int64_t deal = deal_new(&f->c);
    int64_t won = pipeline_stage_of_kind(&f->c, pipeline_standard(&f->c), "won");
    mover_open(&first, f);
    mover_open(&second, f);
    first.deal = second.deal = deal;
    first.stage = second.stage = won;
    move_once(&first);
    assert_ok(&first.c);
    pthread_create(&second.thread, NULL, move_on, &second);
    usleep(200000);
    db_commit(&first.c);
    pthread_join(second.thread, NULL);
    assert_ok(&second.c);
    assert_true(first.moved && second.moved);
    assert_int_equal(second.tries, f->engine == DB_POSTGRES ? 2 : 1);
    assert_int_equal(told(&f->c, "opportunity.moved"), 1);
    assert_int_equal(told(&f->c, "opportunity.won"), 1);
    assert_int_equal(DB_INT(&f->c, "SELECT CAST(count(*) AS BIGINT) FROM stage_history"), 2);
    mover_close(&first);
    mover_close(&second);
}

/* The same record, changed since: not to be held by who read it before. */
static void what_was_changed_is_not_held(void **state) {
    struct database_fixture *f = database_of(state);
    struct ctx *c = &f->c;
    company_open(f);
    int64_t id = deal_new(c);
    db_begin(c);
    struct record *read = record_load(c, entity_named(c, "opportunity"), id);
    assert_true(record_hold(c, read) && record_holds(c, read));
    struct change_set set = change_new(c, read->entity);
    change_text(&set, "next_step", STR("报价"));
    record_change(c, id, &set);
    assert_ok(c);
    assert_false(record_hold(c, read));
    assert_ok(c);
    assert_false(record_holds(c, read));
    assert_error(c, ERROR_RETRY);
    db_rollback(c->db);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_BOTH(two_who_win_a_deal_win_it_once),
        ON_BOTH(what_was_changed_is_not_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
