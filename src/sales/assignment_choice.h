/*
 * Who of several gets the next lead: the strategies of assignment rules, on plain arrays.
 *
 * Out of the running is who is told to be (away, off hours, full, without the skill); of the others
 *
 *   owner         the first
 *   round_robin   the next behind the one who got the last
 *   weighted      who has most credit: with each lead everybody in the running gains his weight,
 *                 and who gets it pays all that was gained (smooth weighted round robin, as nginx
 *                 chooses servers); numbers come to stand as the weights do, in short runs, and
 *                 who is away neither gains nor loses
 *   least_loaded  who holds the fewest open leads, among equals whose turn it is
 *   skill         as least_loaded among those who have the skill
 */
#ifndef GUANTONG_SALES_ASSIGNMENT_CHOICE_H
#define GUANTONG_SALES_ASSIGNMENT_CHOICE_H

#include "base/str.h"

enum strategy {
    STRATEGY_OWNER,
    STRATEGY_ROUND_ROBIN,
    STRATEGY_WEIGHTED,
    STRATEGY_LEAST_LOADED,
    STRATEGY_SKILL,
    STRATEGIES
};

struct assignee {
    int64_t user_id;
    int64_t weight;  /* 1 … 100 */
    int64_t load;    /* open leads he holds */
    int64_t credit;  /* of weighted */
    const char *out; /* text code of why he gets nothing now, NULL: he may */
};

/* The index of who gets it, -1 when all are out. turn: the index behind who got the last. */
int assignment_choose(enum strategy strategy, const struct assignee *people, int n, int64_t turn);
/* Write the credits as they stand after the choice. */
void assignment_settle(struct assignee *people, int n, int chosen);

/* For the exploration slice: one of those who may, whatever the strategy; seed is spread evenly. */
int assignment_explore(const struct assignee *people, int n, uint64_t seed);
/* Whether the lead belongs to a slice of that many per cent; the same lead always answers alike. */
bool assignment_explores(int64_t lead_id, int64_t percent);
uint64_t assignment_seed(int64_t lead_id);

#endif
