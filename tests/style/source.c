#include "style.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool source_is(const struct source *s, const char *suffix) {
    size_t n = strlen(s->path);
    size_t m = strlen(suffix);
    return n >= m && strcmp(s->path + n - m, suffix) == 0;
}

bool source_under(const struct source *s, const char *folder) {
    return strncmp(s->path, folder, strlen(folder)) == 0;
}

size_t source_line(const struct source *s, size_t offset) {
    size_t line = 1;
    for (size_t i = 0; i < offset; i++) {
        line += s->text[i] == '\n';
    }
    return line;
}

static bool in_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

bool source_word_at(const char *code, size_t begin, const char *word) {
    size_t n = strlen(word);
    return strncmp(code + begin, word, n) == 0 && !in_word(code[begin + n]) &&
           (begin == 0 || !in_word(code[begin - 1]));
}

const struct source *sources_find(const struct sources *all, const char *path) {
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i].path, path) == 0) {
            return &all->items[i];
        }
    }
    return NULL;
}

static void blank(char *code, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        if (code[i] != '\n') {
            code[i] = ' ';
        }
    }
}

/* The offset behind the token that must be blanked at i, or i when there is none. */
static size_t comment_end(const char *text, size_t i) {
    if (text[i] == '/' && text[i + 1] == '*') {
        const char *end = strstr(text + i + 2, "*/");
        return end ? (size_t)(end - text) + 2 : i + strlen(text + i);
    }
    if (text[i] == '/' && text[i + 1] == '/') {
        return i + strcspn(text + i, "\n");
    }
    return i;
}

static size_t quoted_end(const char *text, size_t i) {
    char quote = text[i];
    for (i++; text[i] && text[i] != quote && text[i] != '\n'; i++) {
        if (text[i] == '\\' && text[i + 1]) {
            i++;
        }
    }
    return text[i] == quote ? i + 1 : i;
}

static size_t directive_end(const char *text, size_t i) {
    for (; text[i] && text[i] != '\n'; i++) {
        if (text[i] == '\\' && text[i + 1] == '\n') {
            i++;
        }
    }
    return i;
}

static void blank_c(struct source *s) {
    bool line_start = true;
    for (size_t i = 0; i < s->length;) {
        char c = s->text[i];
        size_t end = comment_end(s->text, i);
        if (end == i && line_start && c == '#') {
            end = directive_end(s->text, i);
        }
        if (end > i) {
            blank(s->code, i, end);
        } else if (c == '"' || c == '\'') {
            end = quoted_end(s->text, i);
            if (end - i > 2) {
                blank(s->code, i + 1, end - 1);
            }
        } else {
            end = i + 1;
        }
        line_start = c == '\n' || (line_start && (c == ' ' || c == '\t'));
        i = end;
    }
}

static char *read_all(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        return NULL;
    }
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    char part[65536];
    size_t n;
    while ((n = fread(part, 1, sizeof part, file)) > 0) {
        fwrite(part, 1, n, memory);
    }
    fclose(file);
    fclose(memory);
    *length = size;
    return text;
}

bool source_load(struct source *s, const char *path) {
    s->path = strdup(path);
    s->text = read_all(path, &s->length);
    if (!s->text || memchr(s->text, 0, s->length)) {
        return false;
    }
    s->code = strdup(s->text);
    s->lines = source_line(s, s->length) - (s->length == 0 || s->text[s->length - 1] == '\n');
    if (source_is(s, ".c") || source_is(s, ".h")) {
        blank_c(s);
    }
    return true;
}
