/* guantong: one executable, a command each for what an operator does. */
#include <stdio.h>
#include <string.h>

#include "app/command.h"

static const char import_more[] =
    "\nRECORD_TYPE is a name of the API: lead, account, contact, opportunity, product, task …\n"
    "The charset is found (UTF-8, UTF-16, GB18030), columns are recognised by header and content,\n"
    "in Chinese or English, or as an import of the same headers had them. DECISIONS.json is what\n"
    "the import wizard sends (PUT /api/v1/imports/{id}/mapping), for example\n"
    "  {\"mapping\": [{\"column\": 0, \"field\": \"name\"}, {\"column\": 1, \"field\": null}]}\n"
    "and, of a workbook, may name the \"sheet\"; without it the best understood one is taken.\n"
    "The author is the first administrator; nothing is sent to anybody. Status 0: all rows were\n"
    "looked at, and the counts are printed; refused rows can be had as a file in the browser.\n";

static const char user_more[] =
    "\nROLE is a code: administrator, director, sales_manager, sales_rep, marketer, content,\n"
    "finance, legal, service_agent, or one of the company's own.\n";

static const char sample_more[] =
    "\nWhat people of the company made themselves stays, with the sample records it refers to.\n"
    "This cannot be undone: make a backup first if in doubt.\n";

static const char rebuild_more[] =
    "\nsearch is the index of the search, funnel the facts and totals behind the funnel's report,\n"
    "won_deals what attribution and return on campaigns count, scores what score cards give.\n"
    "Records and log stay as they are. Each part is one transaction; what \"guantong check\"\n"
    "names it lacks, it has afterwards.\n";

static const char backup_more[] =
    "\nThe secret key file and the folder of files are not in it: copy them too.\n";

const struct command commands[] = {
    {"serve", "", 0, "Serve the web client and the API until SIGTERM.", "", command_serve},
    {"init", "[sample]", 1, "Create or upgrade the database; with sample data on request.", "",
     command_init},
    {"sample", "[remove]", 1, "Say whether the sample company is there; take it away for good.",
     sample_more, command_sample},
    {"import", "RECORD_TYPE FILE [DECISIONS.json]", 3,
     "Import a CSV or XLSX file; decisions as the import wizard makes them.", import_more,
     command_import},
    {"export", "RECORD_TYPE FILE", 2,
     "Write all records of a type to FILE, which ends in .csv or .xlsx, as an administrator.", "",
     command_export},
    {"check", "", 0,
     "Read the whole database and print what is wrong in it; status 1 when something is.", "",
     command_check},
    {"rebuild", "[search | funnel | won_deals | scores]", 1,
     "Make anew what is derived from the records: one part, or all. Stop the server first.",
     rebuild_more, command_rebuild},
    {"backup", "FILE", 1,
     "Copy the database to the new FILE while it is used: an SQLite file, or pg_dump's format.",
     backup_more, command_backup},
    {"restore", "FILE [force]", 2,
     "Make the database what it was at the backup; force overwrites one that is there. Stop the "
     "server first.",
     "", command_restore},
    {"user", "add LOGIN NAME ROLE | password LOGIN | token LOGIN NAME", 4,
     "Add a user, set a password (read from standard input), make a token.", user_more,
     command_user},
    {"version", "", 0, "Print the version.", "", command_version},
    {0}};

static const struct command *command_named(struct str name) {
    for (const struct command *k = commands; k->name; k++) {
        if (str_is(name, k->name)) {
            return k;
        }
    }
    return NULL;
}

/* "import RECORD_TYPE FILE", without a blank behind a command that takes nothing. */
static void print_call(FILE *to, const struct command *k) {
    fprintf(to, "%s%s%s\n", k->name, *k->arguments ? " " : "", k->arguments);
}

static void print_commands(FILE *to) {
    fputs("Usage: guantong COMMAND [ARGUMENT …] [--SETTING=VALUE …]\n\n", to);
    for (const struct command *k = commands; k->name; k++) {
        fputs("  ", to);
        print_call(to, k);
        fprintf(to, "      %s\n", k->help);
    }
    fputs("\nguantong COMMAND --help says more and lists the settings.\n", to);
}

static void print_help(struct arena *a, const struct command *k) {
    struct str help = settings_help(a, k->run == command_serve);
    fputs("Usage: guantong ", stdout);
    print_call(stdout, k);
    printf("%s\n%s\nSettings:\n%.*s", k->help, k->more, STR_ARG(help));
}

int command_usage(const char *name) {
    const struct command *k = command_named(str_from(name));
    fputs("Usage: guantong ", stderr);
    print_call(stderr, k);
    fprintf(stderr, "guantong %s --help says more.\n", k->name);
    return 2;
}

struct str command_word(const struct program *p, size_t n) {
    return n + 1 < p->settings.n_words ? p->settings.words[n + 1] : STR("");
}

/* Help was asked for, or no command can be made out: the exit status. */
static int explain(struct program *p, const struct command *k) {
    const struct settings *s = &p->settings;
    if (s->help && k) {
        print_help(&p->arena, k);
    } else if (s->help && !s->n_words) {
        print_commands(stdout);
    } else if (s->n_words) {
        fprintf(stderr, "guantong: there is no command \"%.*s\" (see guantong --help)\n",
                STR_ARG(s->words[0]));
    } else {
        print_commands(stderr);
    }
    return s->help && (k || !s->n_words) ? 0 : 2;
}

/* Words too many are refused, not passed over: "check other.db" would check another database. */
static int run(struct program *p, const struct command *k) {
    if (p->settings.n_words > k->words + 1) {
        fprintf(stderr, "guantong: \"%.*s\" is one word too many\n",
                STR_ARG(p->settings.words[k->words + 1]));
        return command_usage(k->name);
    }
    return program_prepare(p) ? k->run(p) : 1;
}

int main(int argc, char **argv) {
    struct program p = {0};
    struct str problem;
    if (!settings_load(&p.settings, &p.arena, argc, argv, &problem)) {
        fprintf(stderr, "guantong: %.*s\n", STR_ARG(problem));
        return 2;
    }
    const struct command *k = p.settings.n_words ? command_named(p.settings.words[0]) : NULL;
    int status = p.settings.help || !k ? explain(&p, k) : run(&p, k);
    arena_free(&p.arena);
    return status;
}
