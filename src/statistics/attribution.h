/*
 * Attribution: what each touch on the way to a deal has earned of its revenue.
 *
 * Models of one path give each of its touches a share: the first, the last, all alike, by nearness
 * to the end, by place. Models of the population (Markov, Shapley) give each channel a weight from
 * all paths, those without a deal too, which is then shared out over the touches of each deal.
 * Whatever the model, the credits of a deal are its revenue to the cent.
 */
#ifndef GUANTONG_STATISTICS_ATTRIBUTION_H
#define GUANTONG_STATISTICS_ATTRIBUTION_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum attribution_model {
    ATTRIBUTION_FIRST,
    ATTRIBUTION_LAST,
    ATTRIBUTION_LINEAR,
    ATTRIBUTION_DECAY, /* halves with every half-life before the end */
    ATTRIBUTION_U,     /* 40 % first, 40 % the one that made the lead, 20 % the others */
    ATTRIBUTION_W,     /* 30 % first, 30 % lead, 30 % opportunity, 10 % the others */
    ATTRIBUTION_FULL,  /* 22.5 % first, lead, opportunity and last each, 10 % the others */
    ATTRIBUTION_MODELS
};

struct attribution_touch {
    int64_t at;             /* ms */
    int32_t channel;        /* from 0 */
    bool lead, opportunity; /* the touch that made the lead, the opportunity */
};

enum { ATTRIBUTION_HALF_LIFE_DAYS = 7 };

/*
 * Shares of n >= 1 touches in the order of their time, summing to 1, of a deal won at a time. Where
 * none is marked as the one that made the lead or the opportunity, the last is taken. A touch that
 * is several keys gets all their parts; where no other is left for the rest, the keys share it.
 */
void attribution_shares(enum attribution_model model, const struct attribution_touch *touches,
                        size_t n, int64_t at, double *shares);

/* Revenue in minor units given out by shares, to the unit: each gets its whole part, and what is
 * left over goes by the largest remainders, the earlier touch first (Hamilton's method). Negative
 * revenue likewise. */
void attribution_credits(const double *shares, size_t n, int64_t revenue, int64_t *credits);

/* A path of channels; converted: it ended in a deal. */
struct attribution_path {
    const int32_t *channels;
    size_t n;
    bool converted;
};

/*
 * Weights of the channels, summing to 1, by what would be lost without each: first-order Markov
 * chain from start over the channels to deal or nothing, removal effects (Anderl and others 2016).
 * All weights are 0 when no path converted.
 */
void attribution_markov(struct arena *a, const struct attribution_path *paths, size_t n,
                        int channels, double *weights);

/* By the Shapley value of the game in which a set of channels is worth the deals whose paths lie
 * within it: each deal is shared equally by its different channels (Zhao and others 2018). */
void attribution_shapley(const struct attribution_path *paths, size_t n, int channels,
                         double *weights);

/* A deal's shares by weights of channels; alike when all its channels weigh nothing. */
void attribution_weigh(const struct attribution_touch *touches, size_t n, const double *weights,
                       double *shares);

#endif
