/*
 * The program's modules on a small company: 销售部 with manager, rep1 and 华东组 with rep2 below
 * it, 市场部 with marketer, admin, and a stranger without any role. Everybody's password is
 * "Correct-horse-1".
 */
#include "composition.h"

#include "app/program.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "connector/mail.h"
#include "connector/mail_dkim.h"
#include "connector/secret_box.h"
#include "connector/webhook.h"
#include "customer/handover.h"
#include "data/import_runner.h"
#include "entity/access.h"
#include "organization/audit_seal.h"
#include "organization/role.h"
#include "organization/session.h"
#include "organization/user.h"
#include "runner.h"
#include "sales/pipeline.h"

#define PASSWORD STR("Correct-horse-1")

static int64_t insert(struct ctx *c, struct change_set *set) {
    struct record *r = record_insert(c, set);
    return r ? r->id : 0;
}

static int64_t department(struct ctx *c, struct str name, int64_t parent_id) {
    struct change_set set = change_new(c, entity_named(c, "department"));
    change_text(&set, "name", name);
    change_id(&set, "parent_id", parent_id);
    return insert(c, &set);
}

struct person {
    const char *login, *name, *role;
    int department;
};

static const struct person people[] = {
    {"admin", "管理员", "administrator", -1}, {"manager", "周敏", "sales_manager", 0},
    {"rep1", "陈思远", "sales_rep", 0},       {"rep2", "王强", "sales_rep", 1},
    {"marketer", "林晓", "marketer", 2},      {"stranger", "路过", NULL, -1},
};

static int64_t person_add(struct ctx *c, const struct person *p, int64_t department_id) {
    struct change_set set = change_new(c, entity_named(c, "user"));
    int64_t role = p->role ? role_by_code(c, p->role) : 0;
    change_text(&set, "login", str_from(p->login));
    change_text(&set, "name", str_from(p->name));
    change_id(&set, "department_id", department_id);
    int64_t id = insert(c, &set);
    user_set_roles(c, id, &role, role ? 1 : 0);
    return id;
}

static void create(struct ctx *c) {
    struct str hash = password_hash(c->arena, PASSWORD);
    dns_server(STR("127.0.0.1:9")); /* nobody answers there, at once */
    c->actor = &actor_system;
    c->model = model_standard();
    c->now_ms = RUN_BEGINS_MS - MS_HOUR;
    program_migrate(c, modules_register());
    db_begin(c);
    int64_t sales = department(c, STR("销售部"), 0);
    const int64_t departments[] = {sales, department(c, STR("华东组"), sales),
                                   department(c, STR("市场部"), 0)};
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        int at = people[i].department;
        user_set_password(c, person_add(c, &people[i], at < 0 ? 0 : departments[at]), hash, 0);
    }
    pipeline_seed(c);
    handover_seed(c);
    timer_set(c, "test.imports", STR(""), RUN_BEGINS_MS, STR(""));
    reactor_drain(c, modules_register()->reactors);
    db_commit(c);
}

/* Copies of a database have the same versions, but the caches of this process must not take one
 * copy's actors and record types for another's. */
static void version_leap(struct ctx *c, const char *name) {
    static int64_t leaps = 0;
    DB_RUN(c,
           "INSERT INTO platform_version (name, value) VALUES ($1, $2) "
           "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
           name, ++leaps * 1000);
}

static struct header bearer(struct ctx *c, int64_t user_id) {
    struct str secret = token_create(
        c, user_id, &(struct token_grant){.name = STR("cases"), .scopes = STR("")});
    return (struct header){STR("Authorization"),
                           str_format(c->arena, "Bearer %.*s", STR_ARG(secret))};
}

static struct header credential(struct ctx *c, struct str user) {
    int64_t id = DB_INT(c, "SELECT id FROM \"user\" WHERE login = $1", user);
    if (!id) {
        return (struct header){0};
    }
    version_leap(c, "organization");
    version_leap(c, "model");
    c->model = model_current(c);
    return bearer(c, id);
}

/* What is cached while they are here must not be taken for what is, when they were rolled back. */
static struct header newcomer(struct ctx *c, const char *role) {
    const struct person p = {"newcomer", "新人", role, -1};
    const struct actor *actor = c->actor;
    version_leap(c, "organization");
    c->actor = &actor_system;
    int64_t id = person_add(c, &p, department(c, STR("新人所在部门"), 0));
    c->actor = actor;
    return bearer(c, id);
}

static bool commit_here(void *how, struct ctx *c, void (*run)(struct ctx *c, void *data),
                        void *data) {
    (void)how;
    for (int i = 0; i == 0 || (i < 3 && c->error.code == ERROR_RETRY); i++) {
        ctx_clear_error(c);
        db_savepoint(c);
        run(c, data);
        if (ctx_failed(c)) {
            db_rollback_savepoint(c->db);
        } else {
            db_release(c);
        }
    }
    return !ctx_failed(c);
}

/* The thread that runs imports in the program is a timer that is always due here. */
static void imports_run(struct ctx *c, const struct timer *t) {
    struct import_commit commit = {.run = commit_here, .budget_ms = 1000};
    struct import_job *job;
    c->actor = &actor_system;
    timer_set(c, "test.imports", t->key, c->now_ms + 1, STR(""));
    for (bool done = true; done && (job = import_job_running(c));) {
        int64_t id = job->id;
        done = import_run(c, job, commit);
        import_job_release(c, id); /* the next drain may have another connection */
    }
}

static const struct timer_kind test_timers[] = {{"test.imports", imports_run}, {NULL, NULL}};

/* The program's timers and the one above. */
static const struct timer_kind *const *timers_of(const struct contents *contents) {
    static const struct timer_kind *lists[64] = {test_timers};
    for (size_t i = 0; contents->timers[i] && i + 2 < sizeof lists / sizeof *lists; i++) {
        lists[i + 1] = contents->timers[i];
    }
    return lists;
}

/* Failures are wanted in cases, so the program's log says nothing. */
static struct program program = {.settings = {.node = 1,
                                              .threads = 2,
                                              .slow_threads = 2,
                                              .session_hours = 12,
                                              .body_max = 1 << 20,
                                              .import_max = 25 << 20,
                                              .connections_max = 256,
                                              .log_level = (enum log_level)(LOG_ERROR + 1)}};

/* Of the inline lane: a busy machine must not decide a test. */
enum { PATIENCE_MS = 5000 };

const struct composition *app_for_tests(void) {
    static struct composition composition;
    static struct secret_key key;
    if (!program.contents) {
        program_prepare(&program);
        webhook_secret_key(&key);
        secret_box_key(&key);
        mail_start(&key, STR("https://crm.example.cn"));
        composition = (struct composition){.options = program_server_options(&program),
                                           .reactors = program.contents->reactors,
                                           .timers = timers_of(program.contents),
                                           .beside = audit_seal_rest,
                                           .create = create,
                                           .credential = credential,
                                           .newcomer = newcomer};
        composition.options.inline_budget_ms = PATIENCE_MS;
    }
    return &composition;
}
