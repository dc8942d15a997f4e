/*
 * The table of contents: all modules of the program, and what they hold, gathered.
 *
 * Removing a part of the business is deleting its folder and its lines in modules.c.
 */
#ifndef GUANTONG_APP_MODULES_H
#define GUANTONG_APP_MODULES_H

#include <stddef.h>

#include "base/module.h"

extern const struct module *const modules[]; /* NULL-terminated, in order of migration */

/* What the modules hold, as lists of lists; built once by modules_register, never freed. */
struct contents {
    const struct migration *const *migrations;
    size_t n_migrations;
    const struct route *const *routes;       /* NULL-terminated */
    const struct reactor *const *reactors;   /* all of them, NULL-terminated */
    const struct timer_kind *const *timers;  /* NULL-terminated lists */
    const struct outbox_kind *const *outbox; /* NULL-terminated lists */
};

/* The cloud of a part (a route, a reactor, a kind of timer or outbox row) of a module that can be
 * switched off; NULL for what always works. */
const char *modules_cloud(const void *part);

/* Register texts, record types and actions of all modules; once, before threads. */
const struct contents *modules_register(void);

#endif
