/*
 * guantong init, guantong user: making a database and the first people in it.
 *
 * init creates the first administrator with a random password, printed once. Run again, it
 * upgrades the schema and leaves everything else alone.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "base/crypto.h"
#include "customer/handover.h"
#include "db/db.h"
#include "entity/access.h"
#include "organization/role.h"
#include "organization/session.h"
#include "organization/user.h"
#include "sales/pipeline.h"
#include "sample/removal.h"
#include "sample/setup.h"

enum { PASSWORD_BYTES = 9 };

struct first_run {
    bool sample;
    struct str password, hash; /* of the administrator and, with sample data, of everybody */
    bool made;                 /* false: there were users already */
    bool lacks;                /* there is no sample, and none can be made any more */
};

static int64_t add_user(struct ctx *c, struct str login, struct str name, struct str hash,
                        const char *role) {
    struct change_set set = change_new(c, entity_named(c, "user"));
    int64_t role_id = role_by_code(c, role);
    change_text(&set, "login", login);
    change_text(&set, "name", name);
    struct record *user = record_insert(c, &set);
    if (!user) {
        return 0;
    }
    user_set_password(c, user->id, hash, 0);
    user_set_roles(c, user->id, &role_id, role_id ? 1 : 0);
    return user->id;
}

static void first_run(struct ctx *c, void *data) {
    struct first_run *first = data;
    if (DB_INT(c, "SELECT id FROM \"user\" LIMIT 1") || ctx_failed(c)) {
        struct sample_state sample = sample_state(c);
        first->lacks = first->sample && (!sample.from || sample.removed_at);
        return;
    }
    first->made = true;
    add_user(c, STR("admin"), STR("管理员"), first->hash, "administrator");
    pipeline_seed(c);
    handover_seed(c);
    if (first->sample) {
        sample_company(c, first->hash);
    }
}

int command_init(struct program *p) {
    bool word = str_is(command_word(p, 0), "sample"), full = str_is(p->settings.sample, "full");
    struct first_run first = {.sample = word || full};
    struct ctx c;
    if ((command_word(p, 0).n && !word) || (!full && !str_is(p->settings.sample, "none"))) {
        return command_usage("init");
    }
    first.password = random_token(&p->arena, PASSWORD_BYTES);
    first.hash = password_hash(&p->arena, first.password);
    program_transaction(p, &c, first_run, &first);
    if (ctx_failed(&c)) {
        program_complain(&c);
        return 1;
    }
    if (first.made) {
        printf("Log in as admin with the password %.*s\n", STR_ARG(first.password));
        if (first.sample) {
            puts("The sample company's people have the same password: "
                 "chensiyuan (sales), zhoumin (manager), linxiao (marketing).");
        }
    } else {
        puts("The database is up to date.");
    }
    if (first.lacks) {
        puts("It has no sample company, which comes only with a new database: name one that is "
             "not there yet (GUANTONG_DB) and run this again.");
    }
    return 0;
}

struct user_order {
    struct str login, name, role, hash, token_name;
    struct str secret; /* of the token made */
};

static void run_add(struct ctx *c, void *data) {
    struct user_order *o = data;
    if (!role_by_code(c, str_to_c(c->arena, o->role)) && !ctx_failed(c)) {
        FAIL(c, ERROR_INVALID, "role.unknown", {"role", o->role});
        return;
    }
    add_user(c, o->login, o->name, o->hash, str_to_c(c->arena, o->role));
}

static int64_t user_named(struct ctx *c, struct str login) {
    int64_t id = DB_INT(c, "SELECT id FROM \"user\" WHERE login = $1 AND deleted_at IS NULL",
                        login);
    if (!id && !ctx_failed(c)) {
        FAIL(c, ERROR_ABSENT, "user.unknown", {"login", login});
    }
    return id;
}

static void run_password(struct ctx *c, void *data) {
    struct user_order *o = data;
    int64_t id = user_named(c, o->login);
    if (id) {
        user_set_password(c, id, o->hash, 0);
    }
}

static void run_token(struct ctx *c, void *data) {
    struct user_order *o = data;
    int64_t id = user_named(c, o->login);
    if (id) {
        o->secret = token_create(c, id,
                                 &(struct token_grant){.name = o->token_name, .scopes = STR("")});
    }
}

/* One line from standard input, without its end. */
static struct str read_password(struct arena *a) {
    char line[PASSWORD_LONGEST + 2];
    if (isatty(STDIN_FILENO)) {
        fputs("Password: ", stderr);
    }
    if (!fgets(line, sizeof line, stdin)) {
        return STR("");
    }
    return str_copy(a, str_trim(str_from(line)));
}

/* Read and check a password; the hash, or empty after a complaint. */
static struct str new_hash(struct program *p, struct str login) {
    struct ctx c = program_context(p);
    struct str password = read_password(&p->arena);
    user_check_password(&c, login, password);
    if (ctx_failed(&c)) {
        program_complain(&c);
        return STR("");
    }
    return password_hash(&p->arena, password);
}

static int run_order(struct program *p, struct user_order *order,
                     void (*run)(struct ctx *c, void *data)) {
    struct ctx c;
    program_transaction(p, &c, run, order);
    if (ctx_failed(&c)) {
        program_complain(&c);
        return 1;
    }
    if (order->secret.n) {
        printf("%.*s\n", STR_ARG(order->secret));
    }
    return 0;
}

int command_user(struct program *p) {
    struct str verb = command_word(p, 0);
    struct user_order order = {.login = command_word(p, 1)};
    if (!order.login.n) {
        return command_usage("user");
    }
    if (str_is(verb, "token") && command_word(p, 2).n) {
        order.token_name = command_word(p, 2);
        return run_order(p, &order, run_token);
    }
    bool add = str_is(verb, "add") && command_word(p, 3).n;
    if (!add && !str_is(verb, "password")) {
        return command_usage("user");
    }
    order.name = command_word(p, 2);
    order.role = command_word(p, 3);
    order.hash = new_hash(p, order.login);
    return order.hash.n ? run_order(p, &order, add ? run_add : run_password) : 1;
}
