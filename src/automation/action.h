/*
 * Actions: what rules can do. One registry for rules, and later journeys and approvals.
 *
 * An action is a constant: name, labels, the parameters it takes, and a function that does
 * it to a record inside the reactor's transaction. Effects on the outside go through the outbox.
 */
#ifndef GUANTONG_AUTOMATION_ACTION_H
#define GUANTONG_AUTOMATION_ACTION_H

#include "entity/record.h"
#include "event/event.h"

struct action_parameter {
    const char *name; /* NULL ends a list */
    const char *type; /* word of a field type, or "field", "value", "users" (list of ids) */
    bool required;
    const char *zh, *en;
};

struct action_call {
    const struct record *record; /* the rule's subject */
    const struct event *event;   /* what triggered it; NULL in a test run */
    const struct json *parameters;
    int64_t rule_id;
    struct str rule_name;
    /* Of a journey's step: what it is once for, and its node. Empty: a rule's, once for its
     * event. */
    struct str key, step;
};

struct action_kind {
    const char *name; /* "create_task" */
    const char *zh, *en;
    const char *entity; /* only for this record type; NULL: any */
    const struct action_parameter *parameters;
    void (*run)(struct ctx *c, const struct action_call *call);
    /* Parameters that no record could take: field errors under pointer. NULL: none. */
    void (*check)(struct ctx *c, const struct entity *e, const struct json *parameters,
                  struct str pointer);
};

/* Register a NULL-terminated list of a module of this cloud, at start. */
void action_register(const struct action_kind *const *actions, const char *cloud);
/* Whether the module of the action is switched on: otherwise rules pass it over. */
bool action_on(struct ctx *c, const struct action_kind *kind);
const struct action_kind *action_find(struct str name);
/* All, in the order registered; ends with NULL. */
const struct action_kind *const *action_all(void);

/* Field errors under pointer for an unknown action, one of another record type, missing
 * parameters, or such as no record could take. */
void action_check(struct ctx *c, const struct entity *e, const struct json *action,
                  struct str pointer);

/* Why it failed as {"zh","en"}, with the field of the record that is wrong, if it is one (e may be
 * NULL). */
struct str action_failure(struct ctx *c, const struct entity *e);

/* A template: "{{name}}" becomes the text of the record's field, "{{owner_id}}" its title. */
struct str template_render(struct ctx *c, struct str text, const struct record *record);

#endif
