/* The program's own composition: all modules, and the sample company with its people. */
#include "composition.h"

#include "app/program.h"
#include "app/sample.h"
#include "base/crypto.h"
#include "entity/access.h"
#include "organization/role.h"
#include "organization/session.h"
#include "organization/user.h"
#include "sales/pipeline.h"

/* Failures are wanted in cases, so the program's log says nothing. */
static struct program program = {.settings = {.node = 1,
                                              .threads = 2,
                                              .slow_threads = 2,
                                              .session_hours = 12,
                                              .body_max = 1 << 20,
                                              .upload_max = 25 << 20,
                                              .connections_max = 256,
                                              .log_level = (enum log_level)(LOG_ERROR + 1)}};

static void people(struct ctx *c) {
    struct str hash = password_hash(c->arena, STR("correct horse battery"));
    struct change_set set = change_new(c, entity_named(c, "user"));
    int64_t role = role_by_code(c, "administrator");
    change_text(&set, "login", STR("admin"));
    change_text(&set, "name", STR("管理员"));
    struct record *admin = record_insert(c, &set);
    if (!admin) {
        return;
    }
    user_set_password(c, admin->id, hash, 0);
    user_set_roles(c, admin->id, &role, 1);
    pipeline_seed(c);
    sample_company(c, hash);
}

static void create(struct ctx *c) {
    c->actor = &actor_system;
    c->model = model_standard();
    program_migrate(c, program.contents);
    db_begin(c);
    people(c);
    db_commit(c);
}

static struct header credential(struct ctx *c, struct str login) {
    c->actor = &actor_system;
    struct user_login user = user_find_login(c, login);
    if (!user.user_id) {
        return (struct header){0};
    }
    struct str secret = token_create(c, user.user_id,
                                     &(struct token_grant){.name = STR("case"), .scopes = STR("")});
    return (struct header){STR("Authorization"),
                           str_format(c->arena, "Bearer %.*s", STR_ARG(secret))};
}

const struct composition *app_for_tests(void) {
    static struct composition composition;
    if (!program.contents) {
        program_prepare(&program);
        composition = (struct composition){.options = program_server_options(&program),
                                           .reactors = program.contents->reactors,
                                           .timers = program.contents->timers,
                                           .create = create,
                                           .credential = credential};
    }
    return &composition;
}
