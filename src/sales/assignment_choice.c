#include "sales/assignment_choice.h"

/* The first who may, from the given place on and round. */
static int in_turn(const struct assignee *people, int n, int64_t turn) {
    for (int i = 0; i < n; i++) {
        int at = (int)((turn + i) % n);
        if (!people[at].out) {
            return at;
        }
    }
    return -1;
}

static int least_loaded(const struct assignee *people, int n, int64_t turn) {
    int best = -1;
    for (int i = 0; i < n; i++) {
        int at = (int)((turn + i) % n);
        if (!people[at].out && (best < 0 || people[at].load < people[best].load)) {
            best = at;
        }
    }
    return best;
}

static int most_credit(const struct assignee *people, int n) {
    int best = -1;
    for (int i = 0; i < n; i++) {
        int64_t mine = people[i].credit + people[i].weight;
        if (!people[i].out && (best < 0 || mine > people[best].credit + people[best].weight)) {
            best = i;
        }
    }
    return best;
}

void assignment_settle(struct assignee *people, int n, int chosen) {
    int64_t gained = 0;
    for (int i = 0; i < n; i++) {
        if (!people[i].out) {
            people[i].credit += people[i].weight;
            gained += people[i].weight;
        }
    }
    people[chosen].credit -= gained;
}

int assignment_choose(enum strategy strategy, const struct assignee *people, int n, int64_t turn) {
    if (n <= 0) {
        return -1;
    }
    switch (strategy) {
    case STRATEGY_ROUND_ROBIN:
        return in_turn(people, n, turn);
    case STRATEGY_WEIGHTED:
        return most_credit(people, n);
    case STRATEGY_LEAST_LOADED:
    case STRATEGY_SKILL:
        return least_loaded(people, n, turn);
    default:
        return in_turn(people, n, 0);
    }
}

/* splitmix64: evenly spread, whatever ids look like. */
uint64_t assignment_seed(int64_t lead_id) {
    uint64_t z = (uint64_t)lead_id + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

bool assignment_explores(int64_t lead_id, int64_t percent) {
    return (int64_t)(assignment_seed(lead_id) % 100) < percent;
}

int assignment_explore(const struct assignee *people, int n, uint64_t seed) {
    int may = 0;
    for (int i = 0; i < n; i++) {
        may += people[i].out ? 0 : 1;
    }
    if (!may) {
        return -1;
    }
    int wanted = (int)((seed / 100) % (uint64_t)may);
    for (int i = 0; i < n; i++) {
        if (!people[i].out && wanted-- == 0) {
            return i;
        }
    }
    return -1;
}
