/*
 * The assignment list: who works a new lead, by ordered rules.
 *
 * A rule: a condition on the lead, a strategy, people (users, teams, departments, with weights),
 * and what puts somebody out of the running: leave, working hours, a cap on open leads. The first
 * rule that matches and has somebody decides; where all its people are out the lead goes to the
 * rule's pool, if it names one that is on and has room, else on to the next rule. What no rule
 * takes lies in a pool (lead_pool.h); where there is none, what a rule matched waits until somebody
 * may (assignment_wait.h). A department's people are those of the departments below it too. A slice
 * of the leads (exploration_percent) goes to one of those who may, whatever the strategy, so that
 * the strategy can be compared with chance.
 *
 * Every decision is a row of assignment_decision, with who was considered and why not.
 */
#ifndef GUANTONG_SALES_ASSIGNMENT_RULE_H
#define GUANTONG_SALES_ASSIGNMENT_RULE_H

#include "entity/access.h"
#include "sales/assignment_choice.h"

enum { RULES_MOST = 100, RULE_PEOPLE_MOST = 200 };

struct candidate {
    int64_t user_id;
    struct str name;
};

/* What came of a lead. */
struct assignment {
    const struct record *rule; /* that decided, or matched first; NULL: none matched */
    int64_t user_id;           /* 0: to the pool, or it waits */
    int64_t pool_id;           /* when all people are out: of the rule, or the first that fits */
    bool explored;
    int n;
    const struct candidate *candidates; /* those of the rule, beside … */
    const struct assignee *people;      /* … what spoke for and against them */
};

struct assigner; /* in the arena */
/* The rules that are on, or the given ones. A dry one writes nothing and keeps turns, loads and
 * credits in memory, beginning with how they stand. */
struct assigner *assigner_new(struct ctx *c, bool dry);
struct assigner *assigner_of(struct ctx *c, struct record *const *rules, size_t n);
/* Who would, or does, get the lead. Does not change the lead. */
struct assignment assigner_decide(struct assigner *a, const struct record *lead);
/* Why, in words. */
struct str assignment_words(struct ctx *c, enum language language, const struct assignment *d);

/* Give the lead to whom the list says, or into a pool; keeps the decision. False when neither. */
bool assignment_run(struct ctx *c, const struct record *lead);
/* Whether the company has a list at all. */
bool assignment_any(struct ctx *c);

#endif
