/*
 * The population: all people in memory, in columns, so that a condition that is being edited can
 * be counted at once.
 *
 * People are bits; what conditions ask for is loaded when it is first asked: a field as codes of
 * its values (an instant as it is), an event as rows of (person, day, times). A leaf is asked of
 * each value, or of each person's sum, and gives a set of bits; groups join sets. What a leaf asks
 * that is no column here (related records, paths, money) is asked of the database and joined.
 *
 * It follows the log up to where the reactors are (membership.c): people named by what happened
 * since are read again; when too much happened, all is loaded again. It belongs to the process and
 * answers what the snapshot of the caller says, give or take what was committed meanwhile.
 */
#ifndef GUANTONG_CUSTOMER_POPULATION_H
#define GUANTONG_CUSTOMER_POPULATION_H

#include "entity/condition.h"

/* How many people, not in the trash, it holds for; for those who may see all. -1: not to be
 * answered from here now (somebody else is loading), ask the database. */
int64_t population_count(struct ctx *c, const struct condition *cond);
/* Whether there are so many people that it pays. */
bool population_large(struct ctx *c);
/* Forget everything: for tests, and for another database in the same process. */
void population_forget(void);

/* Where the reactors that keep memberships are in their streams. In membership.c. */
struct population_place {
    int64_t business, behaviour;
};
struct population_place membership_place(struct ctx *c);

#endif
