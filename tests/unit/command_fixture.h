/* What the command line answers a command when there is none: no words. */
#ifndef GUANTONG_TESTS_COMMAND_FIXTURE_H
#define GUANTONG_TESTS_COMMAND_FIXTURE_H

#include "app/command.h"

struct str command_word(const struct program *p, size_t n) {
    (void)p, (void)n;
    return STR("");
}

int command_usage(const char *name) {
    (void)name;
    return 2;
}

#endif
