/*
 * Rules that set each other off.
 *
 * What an action of a rule changes is an event again, with the one that the rule answered as its
 * cause. A rule does not answer what itself brought about on the same record: at once, that is
 * passed over in silence, for it is how most rules are; by way of other rules, it is a loop, and
 * the log of its runs says so. Else two rules that undo each other would double with every step,
 * until the chain is twelve long.
 */
#ifndef GUANTONG_AUTOMATION_RULE_CHAIN_H
#define GUANTONG_AUTOMATION_RULE_CHAIN_H

#include "entity/record.h"
#include "event/event.h"

enum rule_turn { RULE_RUNS, RULE_PASSES, RULE_LOOPS };

/* What the rule is to do about an event of a chain. root: the event that began it. */
enum rule_turn rule_turn(struct ctx *c, const struct record *rule, const struct event *e,
                         int64_t *root);

#endif
