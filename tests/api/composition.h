/*
 * What the runner of text cases runs them against: the program's modules, made ready on an empty
 * database. The program's own composition is that of src/app; the runner's test has a small one.
 */
#ifndef GUANTONG_TESTS_API_COMPOSITION_H
#define GUANTONG_TESTS_API_COMPOSITION_H

#include "event/reactor.h"
#include "event/timer.h"
#include "http/server.h"

struct composition {
    /* Routes and hooks; the runner adds url and writer. */
    struct server_options options;
    const struct reactor *const *reactors;  /* NULL-terminated */
    const struct timer_kind *const *timers; /* lists, NULL-terminated */
    /* What threads of their own do beside the reactors, with this connection; may be NULL. */
    void (*beside)(struct ctx *c);
    /* Make the tables and the sample users of an empty database, with transactions of its own;
     * c->db may write. */
    void (*create)(struct ctx *c);
    /* The header that makes a request come from this user; inside a transaction that may write.
     * name.n = 0 when there is no such user. */
    struct header (*credential)(struct ctx *c, struct str user);
    /* The header of a new user of a built-in role, in a department of his own; as credential. NULL
     * when there are no roles. */
    struct header (*newcomer)(struct ctx *c, const char *role);
};

/* The same each time; registers texts on the first call. */
const struct composition *app_for_tests(void);

#endif
