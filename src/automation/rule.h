/* What rule.c shows to its routes. */
#ifndef GUANTONG_AUTOMATION_RULE_H
#define GUANTONG_AUTOMATION_RULE_H

#include "entity/record.h"

/* Whether the rule's condition holds for the record. */
bool rule_holds(struct ctx *c, const struct record *rule, const struct record *record);

#endif
