/*
 * The rules that are switched on, as memory holds them: nearly every event asks whether one wants
 * it, and rules change seldom. They are kept for all threads under the versions they were read
 * under (entity/versions.h); where those are not to be relied on, the table is asked.
 */
#ifndef GUANTONG_AUTOMATION_RULE_MEMORY_H
#define GUANTONG_AUTOMATION_RULE_MEMORY_H

#include "entity/record.h"
#include "event/event.h"

/* Rules for events of this type about records of this type, in their order, in c->arena; at most
 * limit. How many. */
size_t rules_for(struct ctx *c, const struct event *e, struct record **rules, size_t limit);
/* Sets wanted[i] for those of n events that a rule is for. */
void rules_choose(struct ctx *c, const struct event *events, size_t n, bool *wanted);

#endif
