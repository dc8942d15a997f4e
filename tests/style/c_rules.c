/* Rules about C: sizes of functions, banned calls, the direction of includes. */
#include "style.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { FUNCTION_LINES = 70, PARAMETERS = 5, CLOUD = 12 };

static bool is_c(const struct source *s) {
    return source_is(s, ".c") || source_is(s, ".h");
}

/* Includes point to an earlier folder of this list; those of the same rank not to each other. */
static const struct {
    const char *name;
    int rank;
} folders[] = {
    {"base", 0},       {"statistics", 1},    {"db", 2},          {"event", 3},
    {"entity", 4},     {"organization", 5},  {"http", 6},        {"api", 7},
    {"automation", 8}, {"connector", 9},     {"customer", 10},   {"data", 11},
    {"sales", CLOUD},  {"marketing", CLOUD}, {"success", CLOUD}, {"sample", 13},
    {"app", 14},
};

/* Index into folders of the path's first component, or -1. */
static int folder_of(const char *path) {
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t n = strlen(folders[i].name);
        if (strncmp(path, folders[i].name, n) == 0 && path[n] == '/') {
            return (int)i;
        }
    }
    return -1;
}

static void include_direction(const struct source *s, const struct sources *all) {
    (void)all;
    if (!is_c(s) || !source_under(s, "src/")) {
        return;
    }
    int from = folder_of(s->path + strlen("src/"));
    if (from < 0) {
        report(s, 0, "lies in no known folder of src/");
        return;
    }
    static const char start[] = "\n#include \"";
    for (const char *at = s->text; (at = strstr(at, start)); at++) {
        const char *path = at + sizeof start - 1;
        int to = folder_of(path);
        bool upwards = to >= 0 && (to == from || folders[to].rank < folders[from].rank);
        if (!upwards) {
            report(s, source_line(s, (size_t)(path - s->text)), "includes \"%.*s\" from %s",
                   (int)strcspn(path, "\"\n"), path, folders[from].name);
        }
    }
}

/* The offset of the bracket that opens what closes at the given offset. */
static size_t opening(const char *code, size_t close) {
    int depth = 0;
    for (size_t i = close + 1; i-- > 0;) {
        depth += code[i] == ')';
        depth -= code[i] == '(';
        if (depth == 0) {
            return i;
        }
    }
    return 0;
}

static int parameters_between(const char *code, size_t open, size_t close) {
    int depth = 0;
    int count = 1;
    for (size_t i = open + 1; i < close; i++) {
        depth += code[i] == '(' || code[i] == '[' || code[i] == '{';
        depth -= code[i] == ')' || code[i] == ']' || code[i] == '}';
        count += depth == 0 && code[i] == ',';
    }
    return count;
}

/* A function's text: where its signature begins, its parameters, and its last brace. */
struct function {
    size_t begin, open, close, end;
};

static size_t matching_brace(const char *code, size_t i) {
    int depth = 0;
    for (; code[i]; i++) {
        depth += code[i] == '{';
        depth -= code[i] == '}';
        if (depth == 0) {
            return i;
        }
    }
    return i - 1;
}

/* The next definition at or after *at; a brace outside functions that follows ")" begins one. */
static bool function_next(const struct source *s, size_t *at, struct function *f) {
    const char *code = s->code;
    size_t begin = *at;
    for (size_t i = *at; i < s->length; i++) {
        if (code[i] == ';') {
            begin = i + 1;
        }
        if (code[i] != '{') {
            continue;
        }
        size_t before = i;
        while (before > begin && isspace((unsigned char)code[before - 1])) {
            before--;
        }
        size_t end = matching_brace(code, i);
        *at = end + 1;
        if (before > begin && code[before - 1] == ')') {
            while (isspace((unsigned char)code[begin])) {
                begin++;
            }
            *f = (struct function){begin, opening(code, before - 1), before - 1, end};
            return true;
        }
        i = end;
        begin = end + 1;
    }
    return false;
}

static void function_size(const struct source *s, const struct sources *all) {
    (void)all;
    struct function f;
    for (size_t at = 0; is_c(s) && function_next(s, &at, &f);) {
        size_t first = source_line(s, f.begin);
        size_t lines = source_line(s, f.end) - first + 1;
        if (lines > FUNCTION_LINES) {
            report(s, first, "a function of %zu lines; at most %d", lines, FUNCTION_LINES);
        }
    }
}

/* A callback has the shape that its library asks for. */
static bool is_callback(const struct source *s, const struct function *f) {
    const char *type = strstr(s->code + f->begin, "MHD_Result");
    return type && type < s->code + f->open;
}

static void function_parameters(const struct source *s, const struct sources *all) {
    (void)all;
    struct function f;
    for (size_t at = 0; is_c(s) && function_next(s, &at, &f);) {
        int count = parameters_between(s->code, f.open, f.close);
        if (count > PARAMETERS && !is_callback(s, &f)) {
            report(s, source_line(s, f.begin), "%d parameters; at most %d", count, PARAMETERS);
        }
    }
}

static bool is_called(const struct source *s, size_t at, const char *name) {
    if (!source_word_at(s->code, at, name)) {
        return false;
    }
    size_t next = at + strlen(name);
    while (s->code[next] == ' ') {
        next++;
    }
    bool member = at > 0 && (s->code[at - 1] == '.' ||
                             (s->code[at - 1] == '>' && at > 1 && s->code[at - 2] == '-'));
    return s->code[next] == '(' && !member;
}

static void report_calls(const struct source *s, const char *const *names) {
    for (; *names; names++) {
        for (const char *at = s->code; (at = strstr(at, *names)); at++) {
            size_t offset = (size_t)(at - s->code);
            if (is_called(s, offset, *names)) {
                report(s, source_line(s, offset), "calls %s", *names);
            }
        }
    }
}

static void banned_calls(const struct source *s, const struct sources *all) {
    (void)all;
    static const char *const names[] = {
        "strcpy", "strcat", "sprintf", "vsprintf", "gets",  "strtok", "atoi",
        "atol",   "system", "popen",   "rand",     "srand", "alloca", NULL,
    };
    if (is_c(s)) {
        report_calls(s, names);
    }
}

/* Memory comes from the arena and time from the context, wherever business is done. */
static void business_calls(const struct source *s, const struct sources *all) {
    (void)all;
    static const char *const names[] = {
        "malloc", "calloc", "realloc", "free", "time", "clock_gettime", "gettimeofday", NULL,
    };
    /* Folders that run the machine, and caches that outlive a unit of work. */
    static const char *const machinery[] = {
        "src/base/",
        "src/db/",
        "src/event/",
        "src/http/",
        "src/app/",
        "src/entity/model_build.c",
        "src/data/import_runner.c",
        "src/organization/actor.c",
        "src/organization/audit_sealer.c",
    };
    if (!is_c(s) || !source_under(s, "src/")) {
        return;
    }
    for (size_t i = 0; i < sizeof machinery / sizeof *machinery; i++) {
        if (source_under(s, machinery[i])) {
            return;
        }
    }
    report_calls(s, names);
}

static void vague_names(const struct source *s, const struct sources *all) {
    (void)all;
    static const char *const names[] = {"util", "utils", "common", "helpers", "misc"};
    const char *file = strrchr(s->path, '/');
    file = file ? file + 1 : s->path;
    for (size_t i = 0; is_c(s) && i < sizeof names / sizeof *names; i++) {
        if (strncmp(file, names[i], strlen(names[i])) == 0 && file[strlen(names[i])] == '.') {
            report(s, 0, "a name that says nothing");
        }
    }
}

const struct rule c_rules[] = {
    {"includes point only upwards", include_direction},
    {"functions have at most 70 lines", function_size},
    {"functions have at most 5 parameters", function_parameters},
    {"no banned calls", banned_calls},
    {"business code takes memory from arenas and time from the context", business_calls},
    {"no file is named util or common", vague_names},
    {NULL, NULL},
};
