/* Rules about the tree as a whole: every file is used by another. */
#include "style.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* The length of the path's folder part, with the slash. */
static size_t folder_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Whether the text has the word between quotes or at the end of a quoted path. */
static bool names_file(const char *text, const char *name) {
    size_t n = strlen(name);
    for (const char *at = text; (at = strstr(at, name)); at++) {
        bool begins = at > text && (at[-1] == '\'' || at[-1] == '/' || at[-1] == '"');
        if (begins && (at[n] == '\'' || at[n] == '"')) {
            return true;
        }
    }
    return false;
}

/* Tests, fuzz targets and benches are listed by their name without what follows it. */
static bool built_by(const struct source *build, const struct source *s) {
    static const char *const endings[] = {"_test.c", "_fuzz.c", "_bench.c"};
    char name[256];
    snprintf(name, sizeof name, "%s", s->path + folder_length(s->path));
    if (names_file(build->text, name)) {
        return true;
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *end = strstr(name, endings[i]);
        if (end) {
            *end = 0;
            return names_file(build->text, name);
        }
    }
    return false;
}

static void unbuilt_c(const struct source *s, const struct sources *all) {
    if (!source_is(s, ".c")) {
        return;
    }
    for (size_t i = 0; i < all->count; i++) {
        if (source_is(&all->items[i], "meson.build") && built_by(&all->items[i], s)) {
            return;
        }
    }
    report(s, 0, "is in no meson.build");
}

static void unused_header(const struct source *s, const struct sources *all) {
    if (!source_is(s, ".h")) {
        return;
    }
    const char *name = source_under(s, "src/") ? s->path + strlen("src/")
                                               : s->path + folder_length(s->path);
    for (size_t i = 0; i < all->count; i++) {
        const struct source *other = &all->items[i];
        bool c = source_is(other, ".c") || source_is(other, ".h") || source_is(other, ".l");
        if (c && other != s && names_file(other->text, name)) {
            return;
        }
    }
    report(s, 0, "is included nowhere");
}

/* Folds "./" and "../" of a path relative to the folder of the file that says it. */
static bool resolve(const struct source *from, const char *relative, size_t n, char path[512]) {
    size_t length = folder_length(from->path);
    if (length + n + 1 > 512) {
        return false;
    }
    memcpy(path, from->path, length);
    if (n > 2 && strncmp(relative, "@/", 2) == 0) {
        length = strlen("ui/src/");
        memcpy(path, "ui/src/", length);
        relative += 2;
        n -= 2;
    }
    while (n > 0 && *relative == '.') {
        size_t step = n > 2 && strncmp(relative, "../", 3) == 0 ? 3 : 2;
        if (step == 3 && length > 0) {
            path[length - 1] = 0;
            length = folder_length(path);
        }
        relative += step < n ? step : n;
        n -= step < n ? step : n;
    }
    memcpy(path + length, relative, n);
    path[length + n] = 0;
    return true;
}

/* Whether an imported path means the file: ".tsx", "/index.ts" and the like may be left out. */
static bool means(const char *path, const struct source *s) {
    size_t n = strlen(path);
    if (strchr(path, '*')) { /* import.meta.glob */
        return fnmatch(path, s->path, FNM_PATHNAME) == 0;
    }
    if (strncmp(s->path, path, n) != 0) {
        return false;
    }
    static const char *const ends[] = {"", ".ts", ".tsx", "/index.ts", "/index.tsx"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (strcmp(s->path + n, ends[i]) == 0) {
            return true;
        }
    }
    /* "./x.js" may mean x.ts */
    size_t stem = n > 3 && strcmp(path + n - 3, ".js") == 0 ? n - 3 : 0;
    return stem && strncmp(s->path, path, stem) == 0 && strncmp(s->path + stem, ".ts", 3) == 0;
}

static bool imports(const struct source *from, const struct source *s) {
    for (size_t i = 0; i + 2 < from->length; i++) {
        char quote = from->text[i];
        bool relative = from->text[i + 1] == '.' || strncmp(from->text + i + 1, "@/", 2) == 0;
        if ((quote != '"' && quote != '\'') || !relative) {
            continue;
        }
        const char *begin = from->text + i + 1;
        const char *end = strpbrk(begin, quote == '"' ? "\"\n" : "'\n");
        char path[512];
        if (end && *end == quote && resolve(from, begin, (size_t)(end - begin), path) &&
            means(path, s)) {
            return true;
        }
    }
    return false;
}

static bool is_entry(const struct source *s) {
    const char *name = s->path + folder_length(s->path);
    return strncmp(name, "main.", 5) == 0 || strstr(name, ".test.") || strstr(name, ".d.ts");
}

static void unused_client_file(const struct source *s, const struct sources *all) {
    bool script = source_is(s, ".ts") || source_is(s, ".tsx") || source_is(s, ".css");
    if (!source_under(s, "ui/src/") || !script || is_entry(s)) {
        return;
    }
    for (size_t i = 0; i < all->count; i++) {
        const struct source *other = &all->items[i];
        bool may = source_under(other, "ui/") && other != s;
        if (may && (source_is(other, ".ts") || source_is(other, ".tsx")) && imports(other, s)) {
            return;
        }
    }
    report(s, 0, "is imported nowhere");
}

const struct rule tree_rules[] = {
    {"every .c is built", unbuilt_c},
    {"every header is included", unused_header},
    {"every file of the web client is imported", unused_client_file},
    {NULL, NULL},
};
