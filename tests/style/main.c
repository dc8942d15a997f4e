/*
 * Check the files named on standard input, one a line, relative to the current folder. Prints TAP:
 * one test for each rule, followed by file:line and what is wrong. --count prints the number of
 * rules.
 */
#include "style.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct rule *const groups[] = {text_rules, c_rules, tree_rules};
enum { GROUPS = sizeof groups / sizeof *groups };

static FILE *findings;

void report(const struct source *s, size_t line, const char *format, ...) {
    fprintf(findings, "# %s:", s->path);
    if (line > 0) {
        fprintf(findings, "%zu:", line);
    }
    fputc(' ', findings);
    va_list args;
    va_start(args, format);
    vfprintf(findings, format, args);
    va_end(args);
    fputc('\n', findings);
}

static struct sources sources_read(FILE *list) {
    struct sources all = {0};
    char path[1024];
    while (fgets(path, sizeof path, list)) {
        path[strcspn(path, "\n")] = 0;
        all.items = realloc(all.items, (all.count + 1) * sizeof *all.items);
        if (!all.items) {
            abort();
        }
        all.items[all.count] = (struct source){0};
        if (source_load(&all.items[all.count], path)) {
            all.count++;
        }
    }
    return all;
}

static bool rule_run(const struct rule *rule, const struct sources *all, int number) {
    char *text = NULL;
    size_t size = 0;
    findings = open_memstream(&text, &size);
    for (size_t i = 0; i < all->count; i++) {
        rule->check(&all->items[i], all);
    }
    fclose(findings);
    printf("%s %d - %s\n%s", size ? "not ok" : "ok", number, rule->name, text);
    free(text);
    return size == 0;
}

int main(int count, char **arguments) {
    int rules = 0;
    for (int g = 0; g < GROUPS; g++) {
        for (const struct rule *r = groups[g]; r->name; r++) {
            rules++;
        }
    }
    if (count > 1 && strcmp(arguments[1], "--count") == 0) {
        printf("%d\n", rules);
        return 0;
    }
    struct sources all = sources_read(stdin);
    printf("1..%d\n", rules);
    bool good = true;
    int number = 0;
    for (int g = 0; g < GROUPS; g++) {
        for (const struct rule *r = groups[g]; r->name; r++) {
            good &= rule_run(r, &all, ++number);
        }
    }
    return good ? 0 : 1;
}
