/*
 * Two who are asked answer at once, one with yes, one with no: one answer decides, the other is
 * told that it is decided. On PostgreSQL a second connection answers while the first has not
 * committed.
 */
#include "database_fixture.h"

#include <pthread.h>

#include "app/modules.h"
#include "app/program.h"
#include "automation/approval.h"
#include "entity/access.h"
#include "event/event.h"
#include "sales/pipeline.h"

/* One who answers, as the writer runs a unit of work. */
struct approver {
    struct arena arena;
    struct ctx c;
    struct actor actor;
    int64_t approval;
    enum approval_decision decision;
    int tries;
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

static void approver_open(struct approver *a, const struct database_fixture *f, int64_t user_id) {
    *a = (struct approver){.actor = {.system = true, .user_id = user_id}};
    arena_init(&a->arena);
    a->c = f->c;
    a->c.arena = &a->arena;
    a->c.actor = &a->actor;
    a->c.db = db_open(&a->c, f->url, DB_WRITER);
    assert_ok(&a->c);
}

static void approver_close(struct approver *a) {
    db_close(a->c.db);
    arena_free(&a->arena);
}

static void answer_once(struct approver *a) {
    a->tries++;
    db_begin(&a->c);
    struct approval_case *k = approval_open(&a->c, a->approval, "pending");
    int64_t vote = k ? approval_vote_of(&a->c, k, a->actor.user_id) : 0;
    if (vote) {
        approval_decide(&a->c, k, vote, a->decision, STR("看过了"));
    }
}

static void *answer(void *data) {
    struct approver *a = data;
    do {
        ctx_clear_error(&a->c);
        answer_once(a);
        if (ctx_failed(&a->c)) {
            db_rollback(a->c.db);
        } else {
            db_commit(&a->c);
        }
    } while (a->c.error.code == ERROR_RETRY && a->tries < 5);
    return NULL;
}

static int64_t user_new(struct ctx *c, const char *login) {
    struct change_set set = change_new(c, entity_named(c, "user"));
    change_text(&set, "login", str_from(login));
    change_text(&set, "name", str_from(login));
    struct record *user = record_insert(c, &set);
    assert_ok(c);
    return user->id;
}

static struct record *process_new(struct ctx *c, int64_t one, int64_t other) {
    struct change_set set = change_new(c, entity_named(c, "approval_process"));
    change_text(&set, "name", STR("折扣"));
    change_text(&set, "entity_name", STR("opportunity"));
    change_text(&set, "steps",
                str_format(c->arena,
                           "[{\"name\":\"\",\"mode\":\"any\",\"approvers\":[{\"user\":\"%lld\"},"
                           "{\"user\":\"%lld\"}]}]",
                           (long long)one, (long long)other));
    struct record *process = record_insert(c, &set);
    assert_ok(c);
    return process;
}

static int64_t ask(struct ctx *c, int64_t one, int64_t other) {
    pipeline_seed(c);
    struct change_set set = change_new(c, entity_named(c, "opportunity"));
    change_text(&set, "name", STR("伺服改造"));
    struct record *deal = record_insert(c, &set);
    struct record *process = process_new(c, one, other);
    int64_t id = approval_start(c, &(struct approval_request){.process = process, .subject = deal});
    assert_ok(c);
    return id;
}

static int64_t count(struct ctx *c, const char *state) {
    return DB_INT(c, "SELECT CAST(count(*) AS BIGINT) FROM approval_vote WHERE state = $1", state);
}

static void of_two_answers_one_decides(void **state) {
    struct database_fixture *f = database_of(state);
    static struct approver yes, no;
    company_open(f);
    db_begin(&f->c);
    int64_t one = user_new(&f->c, "one"), other = user_new(&f->c, "other");
    int64_t id = ask(&f->c, one, other);
    db_commit(&f->c);
    assert_ok(&f->c);
    approver_open(&yes, f, one);
    approver_open(&no, f, other);
    yes.approval = no.approval = id;
    no.decision = APPROVAL_REJECT;
    answer_once(&yes);
    assert_ok(&yes.c);
    pthread_create(&no.thread, NULL, answer, &no);
    usleep(200000);
    db_commit(&yes.c);
    pthread_join(no.thread, NULL);
    assert_error(&no.c, ERROR_CONFLICT);
    assert_int_equal(no.tries, f->engine == DB_POSTGRES ? 2 : 1);
    assert_int_equal(count(&f->c, "approved"), 1);
    assert_int_equal(count(&f->c, "rejected"), 0);
    assert_int_equal(DB_INT(&f->c, "SELECT CAST(count(*) AS BIGINT) FROM event WHERE type = $1",
                            "approval.decided"),
                     1);
    approver_close(&yes);
    approver_close(&no);
}

int main(void) {
    const struct CMUnitTest tests[] = {ON_BOTH(of_two_answers_one_decides)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
