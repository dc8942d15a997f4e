/*
 * The commands of the program, one function each. What a command was given besides its name
 * stands in p->settings.words from index 1. Returns the exit status.
 */
#ifndef GUANTONG_APP_COMMAND_H
#define GUANTONG_APP_COMMAND_H

#include "app/program.h"

struct command {
    const char *name, *arguments;
    size_t words;     /* of these at most */
    const char *help; /* a sentence */
    const char *more; /* what --help adds, in lines behind an empty one; may be empty */
    int (*run)(struct program *p);
};

extern const struct command commands[]; /* ends with a NULL name */

int command_serve(struct program *p);
int command_init(struct program *p);
int command_sample(struct program *p);
int command_import(struct program *p);
int command_export(struct program *p);
int command_check(struct program *p);
int command_rebuild(struct program *p);
int command_backup(struct program *p);
int command_restore(struct program *p);
int command_user(struct program *p);
int command_version(struct program *p);

/* The n-th word after the command's name; empty when it was not given. */
struct str command_word(const struct program *p, size_t n);
/* Print the command's help on standard error; the exit status of a wrong call. */
int command_usage(const char *name);

#endif
