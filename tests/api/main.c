/*
 * Run text cases and print TAP:
 *
 *   api_cases [--socket | --inject | --denied] [--sqlite | --postgres] [--record=FILE] FILE…
 *   api_cases --routes
 *
 * Without an engine on both. --socket asks a real server instead of the dispatcher; --inject
 * fails each database call of each request once before the request is made, --denied
 * lets nobody and a user without a role try first (denied.h). --record writes what
 * was asked and answered, --routes what the program answers to (tests/openapi reads both).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "database.h"
#include "db/file_store.h"
#include "plans.h"
#include "record.h"
#include "runner.h"

struct arguments {
    bool socket, inject, denied, sqlite, postgres, routes;
    FILE *record;
};

static struct str file_read(struct arena *a, const char *path) {
    FILE *file = fopen(path, "rb");
    struct text_buffer text = {.arena = a};
    char bytes[16384];
    size_t n;
    while (file && (n = fread(bytes, 1, sizeof bytes, file)) > 0) {
        text_add(&text, (struct str){bytes, n});
    }
    if (file) {
        fclose(file);
    }
    return text_str(&text);
}

/* NULL with run->why, and the line in *line. */
static const struct step *steps_read(struct run *run, const char *path, int *line) {
    const char *why = NULL;
    const struct step *s = case_parse(&run->arena, file_read(&run->arena, path), &why, line);
    if (!s) {
        snprintf(run->why, sizeof run->why, "%s", why ? why : "no steps");
        *line = *line ? *line : 1;
    }
    return s;
}

/* The line where it failed; 0 when all steps fitted. */
static int steps_run(struct run *run, const struct step *s) {
    for (; s; s = s->next) {
        if (!run_step(run, s) || !run_plans_hold(run)) {
            return s->line;
        }
    }
    return 0;
}

static void file_tell(const struct scratch *scratch, const struct arguments *how, const char *path,
                      int line, const char *why) {
    const char *engine = scratch->engine == DB_SQLITE ? "sqlite" : "postgres";
    const char *mode = how->socket   ? " socket"
                       : how->inject ? " inject"
                       : how->denied ? " denied"
                                     : "";
    printf("%s - %s %s%s\n", line ? "not ok" : "ok", path, engine, mode);
    if (line) {
        printf("# %s:%d: %s\n", path, line, why);
    }
    fflush(stdout);
}

static bool file_run(struct scratch *scratch, const struct arguments *how, const char *path) {
    int line = 0;
    const struct composition *composition = app_for_tests();
    struct run run = {.composition = composition,
                      .options = composition->options,
                      .inject = how->inject,
                      .denied = how->denied,
                      .record = how->record};
    arena_init(&run.arena);
    const struct step *steps = steps_read(&run, path, &line);
    if (steps && steps->kind == STEP_SERVED && !how->socket) {
        arena_free(&run.arena);
        return true;
    }
    bool copied = scratch_renew(scratch);
    run.options.url = scratch->copy;
    run.options.spool_folder = str_from(scratch->folder);
    file_store_open(run.options.spool_folder);
    run.options.port = how->socket ? 0 : -1;
    if (steps) {
        line = copied && run_begin(&run) ? steps_run(&run, steps) : 1;
    }
    if (!line && !run_events_declared(&run)) {
        line = 1;
    }
    file_tell(scratch, how, path, line, run.why);
    run_end(&run);
    return line == 0;
}

static int files_run(enum db_engine engine, const struct arguments *how, char **files) {
    struct scratch scratch;
    int failed = 0;
    if (!scratch_open(&scratch, engine, app_for_tests()->create)) {
        printf("not ok - a database for the cases on %s\n",
               engine == DB_SQLITE ? "sqlite" : "postgres");
        failed++;
    } else {
        for (; *files; files++) {
            failed += !file_run(&scratch, how, *files);
        }
    }
    scratch_close(&scratch);
    return failed;
}

int main(int argc, char **argv) {
    struct arguments how = {0};
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        how.socket |= strcmp(argv[i], "--socket") == 0;
        how.inject |= strcmp(argv[i], "--inject") == 0;
        how.denied |= strcmp(argv[i], "--denied") == 0;
        how.sqlite |= strcmp(argv[i], "--sqlite") == 0;
        how.postgres |= strcmp(argv[i], "--postgres") == 0;
        how.routes |= strcmp(argv[i], "--routes") == 0;
        if (strncmp(argv[i], "--record=", 9) == 0) {
            how.record = fopen(argv[i] + 9, "w");
        }
    }
    /* Failures are wanted here; the log of the program would bury the results. */
    log_set_level((enum log_level)(LOG_ERROR + 1));
    if (how.routes) {
        struct arena a;
        arena_init(&a);
        record_routes(stdout, &a, app_for_tests()->options.routes);
        arena_free(&a);
        return EXIT_SUCCESS;
    }
    int failed = 0;
    failed += how.postgres && !how.sqlite ? 0 : files_run(DB_SQLITE, &how, argv + i);
    failed += how.sqlite && !how.postgres ? 0 : files_run(DB_POSTGRES, &how, argv + i);
    if (how.record) {
        fclose(how.record);
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
