/*
 * A module: one part of the business, as a constant.
 *
 * app/modules.c lists all modules; from them the program gathers its record types,
 * routes, reactors, timers, actions and texts. Each list ends with NULL (pointers) or a
 * zero entry. A module that is switched off keeps its tables and the reactors that keep
 * facts up to date, but has no routes and no outside effects.
 */
#ifndef GUANTONG_BASE_MODULE_H
#define GUANTONG_BASE_MODULE_H

#include <stdbool.h>

struct entity_definition; /* entity/model.h */
struct route;             /* http/route.h */
struct reactor;           /* event/reactor.h */
struct timer_kind;        /* event/timer.h */
struct outbox_kind;       /* event/outbox.h */
struct event_type;        /* event/event.h */
struct action_kind;       /* automation/action.h */
struct held_verb;         /* automation/held_verb.h */
struct condition_kind;    /* entity/condition.h */
struct text;              /* base/message.h */
struct migration;         /* db/migration.h */
struct permission {
    const char *code; /* "settings:manage" */
    const char *zh, *en;
};

struct module {
    const char *name;  /* "sales.lead" */
    const char *cloud; /* "platform", "sales", "marketing", "success", "data": what is switched */
    const struct entity_definition *const *entities;
    const struct route *routes;
    const struct reactor *const *reactors;
    const struct timer_kind *timers;
    const struct outbox_kind *outbox;
    const struct event_type *events; /* besides the verbs of its records */
    const struct action_kind *const *actions;
    const struct held_verb *const *verbs;           /* which an approval may hold as a whole */
    const struct condition_kind *const *conditions; /* kinds of leaves */
    const struct permission *permissions;
    const struct text *texts;
    const struct migration *migrations;
};

#endif
