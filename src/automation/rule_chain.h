/*
 * Rules that set each other off.
 *
 * What an action of a rule changes is an event again, with the one that the rule answered as its
 * cause. In such a chain a rule runs once on a record: what itself brought about, and what other
 * rules did about the same event, it passes over in silence, or a task would be made for each rule
 * there is. Where its own change comes round by way of other rules, or one of them changes what it
 * has set, it is a loop, and the log of its runs says so, once. Else two rules that undo each other
 * would double with every step, until the chain is twelve long.
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
