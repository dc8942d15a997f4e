#include "base/settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum setting_kind { SETTING_TEXT, SETTING_NUMBER };

struct setting {
    const char *name; /* flag --name, variable GUANTONG_NAME, file key name */
    enum setting_kind kind;
    size_t at;           /* of the member in struct settings */
    const char *text;    /* default */
    int64_t number;      /* default */
    int64_t least, most; /* bounds of a number */
    bool secret;         /* never shown */
    bool serving;        /* means something to the server alone */
    const char *help;
};

#define AT(member) .name = #member, .at = offsetof(struct settings, member)
#define BETWEEN(low, high) .kind = SETTING_NUMBER, .least = low, .most = high

#define MIB (INT64_C(1) << 20)

static const struct setting settings_table[] = {
    {AT(listen), .text = "127.0.0.1", .serving = true,
     .help = "address to listen on; 0.0.0.0 or :: for all"},
    {AT(port), BETWEEN(0, 65535), .number = 8080, .serving = true,
     .help = "port to listen on; 0 takes a free one"},
    {AT(base_url), .text = "", .serving = true,
     .help = "how people reach the server, https://crm.example.cn; https makes the cookie secure"},
    {AT(trusted_proxies), .text = "", .serving = true,
     .help = "addresses, separated by commas, whose X-Forwarded-For is believed"},
    {AT(private_hosts), .text = "", .serving = true,
     .help = "hosts of the company's own network, separated by commas, that may be called"},
    {AT(dns), .text = "", .serving = true,
     .help =
         "name server that checks of a domain's records ask, 127.0.0.1:53; empty: the system's"},
    {AT(db), .text = "guantong.db", .secret = true,
     .help = "database: path of an SQLite file, or postgres://user@host/name"},
    {AT(files), .text = "files", .help = "folder for attachments and imported files"},
    {AT(secret_key_file), .text = "guantong.key",
     .help = "key that encrypts stored secrets; made at the first start"},
    {AT(sample), .text = "none",
     .help = "what init makes in a new database: none, or full for the sample company"},
    {AT(node), BETWEEN(-1, 1023), .number = -1,
     .help = "number of this process in ids; -1 leases one"},
    {AT(threads), BETWEEN(1, 256), .number = 4, .serving = true,
     .help = "threads that answer requests"},
    {AT(slow_threads), BETWEEN(1, 64), .number = 2, .serving = true,
     .help = "threads for reports, exports and exact counts"},
    {AT(writer_batch), BETWEEN(1, 1024), .number = 64, .serving = true,
     .help = "writes committed together at most; 1: each alone"},
    {AT(connections_max), BETWEEN(16, 65536), .number = 4096, .serving = true,
     .help = "connections open at once"},
    {AT(body_max), BETWEEN(1024, 64 * MIB), .number = MIB, .serving = true,
     .help = "bytes of a request, imported files apart"},
    {AT(import_max), BETWEEN(1024, 4096 * MIB), .number = 100 * MIB, .serving = true,
     .help = "bytes of a file to be imported"},
    {AT(requests_per_minute), BETWEEN(0, 1000000), .number = 60000, .serving = true,
     .help = "requests a minute of one token, or of one user signed in; 0 is no limit"},
    {AT(session_hours), BETWEEN(1, 8760), .number = 12, .serving = true,
     .help = "hours without use until a session ends"},
    {.name = "log_level",
     .at = offsetof(struct settings, log_level_word),
     .text = "info",
     .help = "least important lines logged: debug, info, warn or error"},
    {AT(config), .text = "", .help = "file with lines \"name = value\""},
};

enum { SETTINGS = sizeof settings_table / sizeof *settings_table };

/* A name as written: flags may have dashes for underscores. */
static bool name_matches(struct str written, const char *name) {
    if (written.n != strlen(name)) {
        return false;
    }
    for (size_t i = 0; i < written.n; i++) {
        if (written.p[i] != name[i] && !(written.p[i] == '-' && name[i] == '_')) {
            return false;
        }
    }
    return true;
}

static const struct setting *setting_find(struct str name) {
    for (size_t i = 0; i < SETTINGS; i++) {
        if (name_matches(name, settings_table[i].name)) {
            return &settings_table[i];
        }
    }
    return NULL;
}

static int64_t *number_of(struct settings *s, const struct setting *row) {
    return (int64_t *)(void *)((char *)s + row->at);
}

static struct str *text_of(struct settings *s, const struct setting *row) {
    return (struct str *)(void *)((char *)s + row->at);
}

/* What is being read, and where the first mistake goes. */
struct reading {
    struct settings *settings;
    struct arena *arena;
    const char *place; /* "flag", "environment", "file": for the sentence */
    struct str *problem;
};

static bool setting_put(const struct reading *r, const struct setting *row, struct str value) {
    if (row->kind == SETTING_TEXT) {
        *text_of(r->settings, row) = str_copy(r->arena, value);
        return true;
    }
    int64_t number;
    if (!str_to_int(value, &number)) {
        *r->problem = str_format(r->arena, "%s (%s): \"%.*s\" is not a whole number", row->name,
                                 r->place, STR_ARG(value));
        return false;
    }
    if (number < row->least || number > row->most) {
        *r->problem = str_format(r->arena,
                                 "%s (%s): %" PRId64 " is outside %" PRId64 " to %" PRId64,
                                 row->name, r->place, number, row->least, row->most);
        return false;
    }
    *number_of(r->settings, row) = number;
    return true;
}

static bool unknown_name(const struct reading *r, struct str name) {
    *r->problem = str_format(r->arena, "%s: there is no setting \"%.*s\" (see --help)", r->place,
                             STR_ARG(name));
    return false;
}

static void settings_default(struct settings *s) {
    memset(s, 0, sizeof *s);
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &settings_table[i];
        if (row->kind == SETTING_TEXT) {
            *text_of(s, row) = str_from(row->text);
        } else {
            *number_of(s, row) = row->number;
        }
    }
}

/* One flag at argv[*i]; a value in the next argument moves *i on. */
static bool read_flag(const struct reading *r, int argc, char **argv, int *i) {
    struct str name = str_from(argv[*i] + 2), value = STR("");
    ptrdiff_t equals = str_find_char(name, '=');
    if (equals >= 0) {
        value = str_slice(name, (size_t)equals + 1, name.n);
        name = str_slice(name, 0, (size_t)equals);
    }
    if (str_is(name, "help")) {
        r->settings->help = true;
        return true;
    }
    const struct setting *row = setting_find(name);
    if (!row) {
        return unknown_name(r, name);
    }
    if (equals < 0) {
        if (*i + 1 >= argc) {
            *r->problem = str_format(r->arena, "flag: --%s wants a value", row->name);
            return false;
        }
        value = str_from(argv[++*i]);
    }
    return setting_put(r, row, value);
}

static bool read_flags(struct reading r, int argc, char **argv) {
    r.place = "flag";
    struct settings *s = r.settings;
    s->n_words = 0;
    bool only_words = false; /* after "--" */
    for (int i = 1; i < argc; i++) {
        struct str word = str_from(argv[i]);
        if (!only_words && str_is(word, "--")) {
            only_words = true;
        } else if (!only_words && str_is(word, "-h")) {
            s->help = true;
        } else if (!only_words && str_starts(word, STR("--"))) {
            if (!read_flag(&r, argc, argv, &i)) {
                return false;
            }
        } else if (s->n_words < sizeof s->words / sizeof *s->words) {
            s->words[s->n_words++] = str_copy(r.arena, word);
        } else {
            *r.problem = STR("too many words on the command line");
            return false;
        }
    }
    return true;
}

/* Only names of the table are asked for: other GUANTONG_ variables belong to scripts. */
static bool read_environment(struct reading r) {
    r.place = "environment";
    for (size_t i = 0; i < SETTINGS; i++) {
        char name[64];
        int n = snprintf(name, sizeof name, "GUANTONG_%s", settings_table[i].name);
        for (int k = 0; k < n; k++) {
            name[k] = (char)toupper((unsigned char)name[k]);
        }
        const char *value = getenv(name);
        if (value && *value && !setting_put(&r, &settings_table[i], str_from(value))) {
            return false;
        }
    }
    return true;
}

enum { CONFIG_FILE_MAX = 1 << 16 };

static bool file_text(const struct reading *r, const char *path, struct str *text) {
    char *bytes = arena_alloc(r->arena, CONFIG_FILE_MAX);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 0, got = 0;
    while (fd >= 0 && (got = read(fd, bytes + n, (size_t)(CONFIG_FILE_MAX - n))) > 0) {
        n += got;
    }
    int error = fd < 0 || got < 0 ? errno : n == CONFIG_FILE_MAX ? EFBIG : 0;
    if (fd >= 0) {
        close(fd);
    }
    if (error) {
        *r->problem = str_format(r->arena, "config: %s: %s", path, strerror(error));
        return false;
    }
    *text = (struct str){bytes, (size_t)n};
    if (str_starts(*text, STR("\xef\xbb\xbf"))) { /* what some editors begin a file with */
        *text = str_slice(*text, 3, text->n);
    }
    return true;
}

static bool read_line(const struct reading *r, struct str line, int number) {
    line = str_trim(line);
    if (!line.n || line.p[0] == '#') {
        return true;
    }
    ptrdiff_t equals = str_find_char(line, '=');
    if (equals < 0) {
        *r->problem = str_format(r->arena, "config: line %d is not \"name = value\"", number);
        return false;
    }
    struct str name = str_trim(str_slice(line, 0, (size_t)equals));
    const struct setting *row = setting_find(name);
    if (!row || str_is(name, "config")) {
        return unknown_name(r, name);
    }
    return setting_put(r, row, str_trim(str_slice(line, (size_t)equals + 1, line.n)));
}

static bool read_file(struct reading r) {
    r.place = "config";
    struct str text, line;
    if (!r.settings->config.n) {
        return true;
    }
    if (!file_text(&r, str_to_c(r.arena, r.settings->config), &text)) {
        return false;
    }
    for (int number = 1; str_cut(&text, '\n', &line); number++) {
        if (!read_line(&r, line, number)) {
            return false;
        }
    }
    return true;
}

static bool check_words(struct reading r) {
    struct settings *s = r.settings;
    if (!log_parse_level(s->log_level_word, &s->log_level)) {
        *r.problem = str_format(r.arena, "log_level: \"%.*s\" is none of debug, info, warn, error",
                                STR_ARG(s->log_level_word));
        return false;
    }
    if (!s->db.n) {
        *r.problem = STR("db: a path or a postgres:// address is wanted");
        return false;
    }
    return true;
}

/* The place of the file is known only after flags and environment, which outrank it: so they
 * are read twice, before for its name and after it to win. */
bool settings_load(struct settings *s, struct arena *a, int argc, char **argv,
                   struct str *problem) {
    struct reading r = {s, a, "", problem};
    settings_default(s);
    return read_environment(r) && read_flags(r, argc, argv) && read_file(r) &&
           read_environment(r) && read_flags(r, argc, argv) && check_words(r);
}

struct str settings_help(struct arena *a, bool serving) {
    struct text_buffer out = {.arena = a};
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &settings_table[i];
        if (row->serving && !serving) {
            continue;
        }
        text_add_format(&out, "  --%-20s %s", row->name, row->help);
        if (row->kind == SETTING_NUMBER) {
            text_add_format(&out, " (%" PRId64 " to %" PRId64 "; %" PRId64 ")\n", row->least,
                            row->most, row->number);
        } else {
            text_add_format(&out, *row->text ? " (%s)\n" : "%s\n", row->text);
        }
    }
    text_add_c(&out, "\nEach may also be given as GUANTONG_NAME in the environment or as a line\n"
                     "\"name = value\" of the config file; flags outrank the environment, which\n"
                     "outranks the file.\n");
    return text_str(&out);
}

struct str settings_describe(struct arena *a, const struct settings *s) {
    struct text_buffer out = {.arena = a};
    for (size_t i = 0; i < SETTINGS; i++) {
        const struct setting *row = &settings_table[i];
        const char *member = (const char *)s + row->at;
        if (row->kind == SETTING_NUMBER) {
            text_add_format(&out, "%s = %" PRId64 "\n", row->name,
                            *(const int64_t *)(const void *)member);
        } else {
            struct str text = *(const struct str *)(const void *)member;
            text = row->secret && text.n ? STR("***") : text;
            text_add_format(&out, "%s = %.*s\n", row->name, STR_ARG(text));
        }
    }
    return text_str(&out);
}
