/*
 * The rules of doc/STYLE.md that a program can check.
 *
 * A rule is a function that looks at one file, or once at all of them, and reports what it
 * minds. Each rule is one test in the output.
 */
#ifndef GUANTONG_STYLE_H
#define GUANTONG_STYLE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A file of the project. code is as long as text, with comments, the contents of strings and
 * (in C) preprocessor lines blanked, so that offsets are the same in both. Both end in NUL.
 */
struct source {
    const char *path;
    char *text, *code;
    size_t length;
    size_t lines;
};

struct sources {
    struct source *items;
    size_t count;
};

bool source_load(struct source *s, const char *path);
bool source_is(const struct source *s, const char *suffix);
bool source_under(const struct source *s, const char *folder);
/* Line number, from 1, of an offset into the text. */
size_t source_line(const struct source *s, size_t offset);
/* Whether the identifier that ends before offset end is exactly word. */
bool source_word_at(const char *code, size_t begin, const char *word);
/* The file at this path, or NULL. */
const struct source *sources_find(const struct sources *all, const char *path);

/* Collects what the rule at work minds; line 0 means the whole file. */
void report(const struct source *s, size_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct rule {
    const char *name;
    void (*check)(const struct source *s, const struct sources *all);
};

extern const struct rule text_rules[];
extern const struct rule c_rules[];
extern const struct rule tree_rules[];

#endif
