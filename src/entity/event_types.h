/*
 * The types of events there are: the verbs of every record type, and what modules declare
 * besides. Rules and webhooks choose among them.
 */
#ifndef GUANTONG_ENTITY_EVENT_TYPES_H
#define GUANTONG_ENTITY_EVENT_TYPES_H

#include "entity/model.h"
#include "event/event.h"

struct event_choice {
    struct str type;
    const struct entity *subject; /* NULL: about no record, or about any */
    struct str label;             /* what happens, in the caller's language: "assigned" */
    bool personal;                /* it says which person it concerns */
};

/* Register the declarations of a module, at start. */
void event_types_register(const struct event_type *declared);

/* All types, those of a record type together. */
struct event_choice *event_choices(struct ctx *c, size_t *n);
/* What happened, in the caller's language: "assigned" of "lead.assigned"; empty when there is no
 * such type about this record type. */
struct str event_type_words(struct ctx *c, const struct entity *subject, struct str type);
/* Whether events of this type have subjects of this record type. */
bool event_type_about(struct ctx *c, struct str type, const struct entity *subject);
/* Whether events of this type lead to a record of this type, a person or what is of one: they are
 * about it, or say which person they concern. */
bool event_type_followed(struct ctx *c, struct str type, const struct entity *follower);

#endif
