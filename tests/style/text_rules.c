/* Rules about files as text: sizes, line lengths, words that betray unfinished work. */
#include "style.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_LINES = 800, HEADER_LINES = 150, LINE_COLUMNS = 100 };

static bool is_written(const struct source *s) {
    static const char *const suffixes[] = {".c", ".h", ".ts", ".tsx", ".css", ".sh", ".sql"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (source_is(s, suffixes[i])) {
            return true;
        }
    }
    return source_under(s, "scripts/") || source_is(s, "meson.build") || source_is(s, "/run");
}

static void file_size(const struct source *s, const struct sources *all) {
    (void)all;
    if (is_written(s) && s->lines > FILE_LINES) {
        report(s, 0, "%zu lines; at most %d", s->lines, FILE_LINES);
    }
}

static void header_size(const struct source *s, const struct sources *all) {
    (void)all;
    if (source_under(s, "src/") && source_is(s, ".h") && s->lines > HEADER_LINES) {
        report(s, 0, "%zu lines; a header has at most %d", s->lines, HEADER_LINES);
    }
}

/* Characters, not bytes: UTF-8 continuation bytes do not count. */
static size_t columns(const char *line, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += ((unsigned char)line[i] & 0xC0) != 0x80;
    }
    return count;
}

static void line_length(const struct source *s, const struct sources *all) {
    (void)all;
    if (!is_written(s) || source_under(s, "ui/")) {
        return;
    }
    size_t number = 1;
    for (const char *line = s->text; *line; number++) {
        size_t n = strcspn(line, "\n");
        size_t width = columns(line, n);
        if (width > LINE_COLUMNS) {
            report(s, number, "%zu columns; at most %d", width, LINE_COLUMNS);
        }
        line += n + (line[n] == '\n');
    }
}

static void report_each(const struct source *s, const char *words) {
    for (const char *at = s->text; (at = strstr(at, words)); at++) {
        report(s, source_line(s, (size_t)(at - s->text)), "says \"%s\"", words);
    }
}

static void unfinished(const struct source *s, const struct sources *all) {
    (void)all;
    if (!is_written(s)) {
        return;
    }
    /* In halves, so that this file does not mind itself. */
    static const char *const words[] = {
        "TO"
        "DO",
        "FIX"
        "ME",
        "XX"
        "X:",
        "for "
        "now",
        "not "
        "implemented",
        "dum"
        "my",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        report_each(s, words[i]);
    }
}

/* The folder that holds the clone and the home of whoever builds it have no place in the text. */
static void machine_paths(const struct source *s, const struct sources *all) {
    (void)all;
    static const char *const variables[] = {"HOME", "STYLE_MACHINE_FOLDER"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *path = getenv(variables[i]);
        char folder[512];
        if (!path || strlen(path) < 2 || strlen(path) + 2 > sizeof folder) {
            continue;
        }
        strncpy(folder, path, sizeof folder - 2);
        folder[strlen(path)] = '/';
        folder[strlen(path) + 1] = 0;
        report_each(s, folder);
    }
}

static void skipped_tests(const struct source *s, const struct sources *all) {
    (void)all;
    static const char *const calls[] = {".ski"
                                        "p(",
                                        ".onl"
                                        "y(",
                                        ".tod"
                                        "o("};
    bool browser = source_is(s, ".ts") || source_is(s, ".tsx");
    bool unit = source_under(s, "tests/") && source_is(s, ".c");
    for (size_t i = 0; browser && i < sizeof calls / sizeof *calls; i++) {
        report_each(s, calls[i]);
    }
    for (size_t i = 0; unit && i < s->length; i++) {
        if (source_word_at(s->code, i, "skip") && s->code[i + 4] == '(') {
            report(s, source_line(s, i), "skips a test");
        }
    }
}

/* Whether a statement of a component's own level calls a hook: "  useX(", "  const a = useX(". */
static bool calls_hook(const char *line, size_t n) {
    const char *value = memmem(line, n, " = use", strlen(" = use"));
    if (n < 7 || strncmp(line, "  ", 2) != 0 || line[2] == ' ') {
        return false;
    }
    bool named = strncmp(line, "  const ", strlen("  const ")) == 0 && value;
    const char *call = named ? value + strlen(" = ") : line + 2;
    return strncmp(call, "use", 3) == 0 && call[3] >= 'A' && call[3] <= 'Z';
}

/* React counts on hooks being called in the same order each time. */
static void hooks_first(const struct source *s, const struct sources *all) {
    (void)all;
    if (!source_under(s, "ui/src/")) {
        return;
    }
    bool left = false; /* the component may have returned before this line */
    size_t number = 1;
    for (const char *line = s->text; *line; number++) {
        size_t n = strcspn(line, "\n");
        left = left && (n == 0 || line[0] == ' ');
        if (left && calls_hook(line, n)) {
            report(s, number, "calls a hook after a return");
        }
        left |= strncmp(line, "  if (", 6) == 0 && memmem(line, n, ") return", 8);
        line += n + (line[n] == '\n');
    }
}

const struct rule text_rules[] = {
    {"files have at most 800 lines", file_size},
    {"headers have at most 150 lines", header_size},
    {"lines have at most 100 columns", line_length},
    {"nothing says that it is unfinished", unfinished},
    {"no paths of this machine", machine_paths},
    {"no skipped or focused tests", skipped_tests},
    {"hooks stand before the first return", hooks_first},
    {NULL, NULL},
};
