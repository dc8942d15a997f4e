/* guantong: one executable, a command each for what an operator does. */
#include <stdio.h>
#include <string.h>

#include "app/command.h"

const struct command commands[] = {
    {"serve", "", "Serve the web client and the API until SIGTERM.", command_serve},
    {"init", "[sample]", "Create or upgrade the database; with sample data on request.",
     command_init},
    {"import", "RECORD_TYPE FILE [DECISIONS.json]",
     "Import a CSV or XLSX file; decisions as the import wizard makes them.", command_import},
    {"export", "RECORD_TYPE FILE",
     "Write all records of a type to FILE, which ends in .csv or .xlsx, as an administrator.",
     command_export},
    {"check", "",
     "Read the whole database and print what is wrong in it; status 1 when something is.",
     command_check},
    {"backup", "FILE",
     "Copy the database to the new FILE while it is used: an SQLite file, or pg_dump's format.",
     command_backup},
    {"restore", "FILE [force]",
     "Make the database what it was at the backup; force overwrites one that is there. Stop the "
     "server first.",
     command_restore},
    {"user", "add LOGIN NAME ROLE | password LOGIN | token LOGIN NAME",
     "Add a user, set a password (read from standard input), make a token.", command_user},
    {"version", "", "Print the version.", command_version},
    {0}};

static const struct command *command_named(struct str name) {
    for (const struct command *k = commands; k->name; k++) {
        if (str_is(name, k->name)) {
            return k;
        }
    }
    return NULL;
}

static void print_commands(FILE *to) {
    fputs("Usage: guantong COMMAND [ARGUMENT …] [--SETTING=VALUE …]\n\n", to);
    for (const struct command *k = commands; k->name; k++) {
        fprintf(to, "  %s %s\n      %s\n", k->name, k->arguments, k->help);
    }
    fputs("\nguantong COMMAND --help lists the settings.\n", to);
}

static int print_help(struct arena *a, const struct command *k) {
    struct str help = settings_help(a);
    printf("Usage: guantong %s %s\n%s\n\nSettings:\n%.*s\n", k->name, k->arguments, k->help,
           STR_ARG(help));
    return 0;
}

int command_usage(const char *name) {
    const struct command *k = command_named(str_from(name));
    fprintf(stderr, "Usage: guantong %s %s\n", k->name, k->arguments);
    return 2;
}

struct str command_word(const struct program *p, size_t n) {
    return n + 1 < p->settings.n_words ? p->settings.words[n + 1] : STR("");
}

int main(int argc, char **argv) {
    struct program p = {0};
    struct str problem;
    if (!settings_load(&p.settings, &p.arena, argc, argv, &problem)) {
        fprintf(stderr, "guantong: %.*s\n", STR_ARG(problem));
        return 2;
    }
    const struct command *k = p.settings.n_words ? command_named(p.settings.words[0]) : NULL;
    if (!k) {
        print_commands(p.settings.help ? stdout : stderr);
        return p.settings.help ? 0 : 2;
    }
    if (p.settings.help) {
        return print_help(&p.arena, k);
    }
    int status = program_prepare(&p) ? k->run(&p) : 1;
    arena_free(&p.arena);
    return status;
}
