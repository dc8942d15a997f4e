/*
 * guantong rebuild: make anew what is derived from the records and their log, when a check names
 * what it lacks or when numbers are doubted. Each part is emptied and filled in one transaction, so
 * that what breaks off leaves it as it was.
 */
#include <stdio.h>

#include "app/command.h"
#include "app/rebuild.h"
#include "app/sole_use.h"
#include "event/reactor.h"

static const struct {
    const char *name, *reactor;
} parts[] = {{"search", "search.index"},
             {"funnel", "sales.funnel"},
             {"won_deals", "customer.won_deals"},
             {"scores", "marketing.scoring"}};

enum { PARTS = sizeof parts / sizeof *parts };

static const struct reactor *reactor_called(const struct contents *contents, const char *name) {
    const struct reactor *const *r = contents->reactors;
    while (*r && !str_is(str_from((*r)->name), name)) {
        r++;
    }
    return *r;
}

bool rebuild_part(struct ctx *c, const struct contents *contents, struct str name) {
    for (size_t i = 0; i < PARTS; i++) {
        if (str_is(name, parts[i].name)) {
            reactor_rebuild(c, reactor_called(contents, parts[i].reactor));
            return true;
        }
    }
    return false;
}

struct order {
    const struct contents *contents;
    struct str name;
    bool known;
};

static void run_rebuild(struct ctx *c, void *data) {
    struct order *o = data;
    o->known = rebuild_part(c, o->contents, o->name);
}

static int rebuild_one(struct program *p, struct str name) {
    struct order o = {p->contents, name, false};
    struct ctx c;
    program_transaction(p, &c, run_rebuild, &o);
    if (ctx_failed(&c)) {
        program_complain(&c);
        return 1;
    }
    if (!o.known) {
        return command_usage("rebuild");
    }
    printf("%.*s is made anew.\n", STR_ARG(name));
    return 0;
}

int command_rebuild(struct program *p) {
    int status = 0;
    if (!sole_use(p)) {
        return 1;
    }
    if (command_word(p, 0).n) {
        return rebuild_one(p, command_word(p, 0));
    }
    for (size_t i = 0; i < PARTS && !status; i++) {
        status = rebuild_one(p, str_from(parts[i].name));
    }
    return status;
}
