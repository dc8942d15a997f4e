/*
 * Credits of a million touches of 100,000 deals by each model of one path, to the cent, and by the
 * weights of Markov and Shapley, which are made on the way: touches a second on one thread.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "statistics/attribution.h"

enum { DEALS = 100000, EACH = 10, CHANNELS = 20 };

static struct attribution_touch touches[DEALS][EACH];
static int32_t channels[DEALS][EACH];
static struct attribution_path paths[DEALS];

static void make(void) {
    srandom(7);
    for (int d = 0; d < DEALS; d++) {
        int64_t at = 0;
        for (int i = 0; i < EACH; i++) {
            at += random() % MS_DAY;
            channels[d][i] = (int32_t)(random() % CHANNELS);
            touches[d][i] = (struct attribution_touch){at, channels[d][i], i == 3, i == 6};
        }
        paths[d] = (struct attribution_path){channels[d], EACH, d % 3 == 0};
    }
}

static int64_t give(int model, const double *weights, int d) {
    double shares[EACH];
    int64_t credits[EACH], revenue = 100000 + d, sum = 0;
    if (model < ATTRIBUTION_MODELS) {
        attribution_shares((enum attribution_model)model, touches[d], EACH,
                           touches[d][EACH - 1].at + MS_DAY, shares);
    } else {
        attribution_weigh(touches[d], EACH, weights, shares);
    }
    attribution_credits(shares, EACH, revenue, credits);
    for (int i = 0; i < EACH; i++) {
        sum += credits[i];
    }
    return sum - revenue;
}

int main(void) {
    struct arena a;
    double weights[CHANNELS] = {0};
    bool right = true;
    double slowest = 1e18;
    arena_init(&a);
    make();
    for (int model = 0; model < ATTRIBUTION_MODELS + 2; model++) {
        int64_t began = clock_steady_ns(), off = 0;
        if (model == ATTRIBUTION_MODELS) {
            attribution_markov(&a, paths, DEALS, CHANNELS, weights);
        } else if (model > ATTRIBUTION_MODELS) {
            attribution_shapley(paths, DEALS, CHANNELS, weights);
        }
        for (int d = 0; d < DEALS; d++) {
            off += give(model, weights, d) != 0;
        }
        double seconds = (double)(clock_steady_ns() - began) / 1e9;
        double speed = DEALS * (double)EACH / seconds;
        slowest = speed < slowest ? speed : slowest;
        right = right && off == 0;
        printf("model %d: %.1f million touches/s, %lld deals not to the cent\n", model, speed / 1e6,
               (long long)off);
    }
    printf("slowest model: %.1f million touches/s (bar 1)\n", slowest / 1e6);
    arena_free(&a);
    return !(right && slowest >= 1e6);
}
