/*
 * guantong import ENTITY FILE [DECISIONS.json]: the same import as in the browser, without one.
 * DECISIONS is what PUT …/mapping and …/sheet take. The author is the first administrator.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/command.h"
#include "base/clock.h"
#include "data/import_runner.h"
#include "db/db.h"
#include "entity/access.h"
#include "organization/actor.h"

/* Nobody waits for a writer of the command line. */
enum { DECISIONS_LONGEST = 1 << 20, ALONE_BUDGET_MS = 4000, ATTEMPTS = 10 };

static struct str read_file(struct ctx *c, struct str path) {
    char *bytes = arena_alloc(c->arena, DECISIONS_LONGEST);
    FILE *f = fopen(str_to_c(c->arena, path), "rb");
    if (!f) {
        FAIL(c, ERROR_INVALID, "table.unreadable");
        return STR("");
    }
    size_t n = fread(bytes, 1, DECISIONS_LONGEST, f);
    fclose(f);
    return (struct str){bytes, n};
}

/* A server started in another folder must find the file of a job that was interrupted. */
static struct str whole_path(struct ctx *c, struct str path) {
    char whole[PATH_MAX];
    return realpath(str_to_c(c->arena, path), whole) ? str_copy(c->arena, str_from(whole)) : path;
}

static bool commit_here(void *how, struct ctx *c, void (*run)(struct ctx *c, void *data),
                        void *data) {
    (void)how;
    for (int i = 0; i == 0 || (i < ATTEMPTS && c->error.code == ERROR_RETRY); i++) {
        if (i > 0) {
            ctx_clear_error(c);
        }
        c->now_ms = clock_now_ms();
        db_begin(c);
        c->model = model_current(c);
        run(c, data);
        db_commit(c);
    }
    return !ctx_failed(c);
}

struct order {
    const struct import_file *file;
    struct str decisions;
    int64_t job_id;
};

static void job_prepare(struct ctx *c, void *data) {
    struct order *o = data;
    o->job_id = import_job_create(c, o->file);
    struct import_job *job = import_job_find(c, o->job_id);
    if (!job) {
        return;
    }
    struct import_plan *plan = import_job_plan(c, job);
    if (o->decisions.n) {
        import_plan_apply(c, plan, json_parse(c, o->decisions));
        import_job_decide(c, job, plan);
    }
    import_job_start(c, job);
}

static int64_t first_administrator(struct ctx *c) {
    return DB_INT(c, "SELECT min(u.id) FROM \"user\" u JOIN user_role ur ON ur.user_id = u.id "
                     "JOIN role r ON r.id = ur.role_id WHERE r.code = 'administrator' "
                     "AND u.active = 1 AND u.deleted_at IS NULL");
}

static int run_import(struct program *p, struct ctx *c) {
    struct order o = {0};
    const struct entity *e = model_entity(c->model, command_word(p, 0));
    if (!e) {
        FAIL(c, ERROR_INVALID, "role.entity");
        return 1;
    }
    c->actor = actor_build(c, &p->arena, first_administrator(c));
    o.decisions = command_word(p, 2).n ? read_file(c, command_word(p, 2)) : STR("");
    struct str sheet = o.decisions.n ? json_text(json_parse(c, o.decisions), "sheet") : STR("");
    struct str path = whole_path(c, command_word(p, 1));
    o.file = import_file_look(c, e, path, command_word(p, 1), sheet);
    if (ctx_failed(c) || !o.file || !commit_here(NULL, c, job_prepare, &o)) {
        return 1;
    }
    struct import_job *job = import_job_find(c, o.job_id);
    int64_t began = clock_steady_ns();
    c->actor = &actor_system;
    if (job && !import_job_lease(c, job->id)) {
        FAIL(c, ERROR_CONFLICT, IMPORT_MOVED);
    }
    if (!job || !import_run(c, job, (struct import_commit){commit_here, NULL, ALONE_BUDGET_MS})) {
        return 1;
    }
    printf("%lld rows in %.1f s: %lld created, %lld merged, %lld refused, %lld skipped",
           (long long)job->rows, (double)(clock_steady_ns() - began) / 1e9, (long long)job->created,
           (long long)job->merged, (long long)job->refused, (long long)job->skipped);
    if (job->remarked) {
        printf("; %lld with a remark", (long long)job->remarked);
    }
    printf("\n");
    return 0;
}

int command_import(struct program *p) {
    struct ctx c = program_context(p);
    if (!command_word(p, 1).n) {
        return command_usage("import");
    }
    int status = 1;
    if (program_open(p, &c, DB_LOADER, MS_DAY)) {
        c.model = model_current(&c);
        status = run_import(p, &c);
    }
    if (ctx_failed(&c)) {
        program_complain(&c);
    }
    program_close(p, &c);
    return status;
}
