#include "statistics/attribution.h"

#include <math.h>
#include <string.h>

static const double day_ms = 86400000.0;
static const double converged = 1e-12;
enum { ROUNDS_MOST = 10000 };

/* The touch that made the lead or the opportunity; the last when none is marked. */
static size_t key_touch(const struct attribution_touch *touches, size_t n, bool opportunity) {
    for (size_t i = 0; i < n; i++) {
        if (opportunity ? touches[i].opportunity : touches[i].lead) {
            return i;
        }
    }
    return n - 1;
}

/* Each key gets its part; the rest goes to the touches that are no key, or back to the keys. */
static void by_place(const size_t *keys, size_t n_keys, double part, size_t n, double *shares) {
    size_t others = n;
    for (size_t i = 0; i < n_keys; i++) {
        others -= shares[keys[i]] == 0;
        shares[keys[i]] += part;
    }
    double rest = 1 - part * (double)n_keys;
    for (size_t i = 0; i < n; i++) {
        if (others == 0) {
            shares[i] /= 1 - rest;
        } else if (shares[i] == 0) {
            shares[i] = rest / (double)others;
        }
    }
}

static void by_decay(const struct attribution_touch *touches, size_t n, int64_t at,
                     double *shares) {
    double sum = 0, last = (double)(at - touches[n - 1].at);
    for (size_t i = 0; i < n; i++) { /* counted from the last touch, so that nothing underflows */
        double days = ((double)(at - touches[i].at) - last) / day_ms;
        shares[i] = exp2(-days / ATTRIBUTION_HALF_LIFE_DAYS);
        sum += shares[i];
    }
    for (size_t i = 0; i < n; i++) {
        shares[i] /= sum;
    }
}

void attribution_shares(enum attribution_model model, const struct attribution_touch *touches,
                        size_t n, int64_t at, double *shares) {
    const size_t keys[] = {0, key_touch(touches, n, false), key_touch(touches, n, true), n - 1};
    memset(shares, 0, n * sizeof *shares);
    switch (model) {
    case ATTRIBUTION_FIRST:
        shares[0] = 1;
        break;
    case ATTRIBUTION_LAST:
        shares[n - 1] = 1;
        break;
    case ATTRIBUTION_DECAY:
        by_decay(touches, n, at, shares);
        break;
    case ATTRIBUTION_U:
        by_place(keys, 2, 0.4, n, shares);
        break;
    case ATTRIBUTION_W:
        by_place(keys, 3, 0.3, n, shares);
        break;
    case ATTRIBUTION_FULL:
        by_place(keys, 4, 0.225, n, shares);
        break;
    default:
        for (size_t i = 0; i < n; i++) {
            shares[i] = 1 / (double)n;
        }
    }
}

void attribution_credits(const double *shares, size_t n, int64_t revenue, int64_t *credits) {
    int64_t size = revenue < 0 ? -revenue : revenue, left = size;
    for (size_t i = 0; i < n; i++) {
        credits[i] = (int64_t)floor((double)size * shares[i]);
        left -= credits[i];
    }
    /* Rounding of large amounts may have given out too much already. */
    for (size_t i = 0; left < 0 && i < n; i++) {
        int64_t back = credits[i] < -left ? credits[i] : -left;
        credits[i] -= back;
        left += back;
    }
    while (left > 0) {
        size_t best = 0;
        double most = -INFINITY;
        for (size_t i = 0; i < n; i++) {
            double missing = (double)size * shares[i] - (double)credits[i];
            if (missing > most) {
                most = missing;
                best = i;
            }
        }
        int64_t step = most >= 2 ? (int64_t)floor(most) : 1;
        step = step < left ? step : left;
        credits[best] += step;
        left -= step;
    }
    for (size_t i = 0; i < n && revenue < 0; i++) {
        credits[i] = -credits[i];
    }
}

/* The chain: states 0 … channels - 1, then the start. What leaves a state for nothing is what its
 * row lacks to its total. */
struct chain {
    int channels;
    double *to;      /* (channels + 1) × channels */
    double *to_deal; /* channels + 1 */
    double *total;   /* channels + 1: times a state was left */
};

static struct chain chain_of(struct arena *a, const struct attribution_path *paths, size_t n,
                             int channels) {
    size_t states = (size_t)channels + 1;
    struct chain c = {channels, ARENA_NEW_ARRAY(a, states * (size_t)channels, double),
                      ARENA_NEW_ARRAY(a, states, double), ARENA_NEW_ARRAY(a, states, double)};
    for (size_t i = 0; i < n; i++) {
        int32_t state = channels;
        for (size_t k = 0; k < paths[i].n; k++) {
            c.to[state * channels + paths[i].channels[k]]++;
            c.total[state]++;
            state = paths[i].channels[k];
        }
        c.to_deal[state] += paths[i].converted;
        c.total[state]++;
    }
    return c;
}

/* How likely the start leads to a deal when one channel (-1: none) leads nowhere. */
static double reach(const struct chain *c, int removed, double *value) {
    double change = 1;
    memset(value, 0, sizeof *value * ((size_t)c->channels + 1));
    for (int round = 0; round < ROUNDS_MOST && change > converged; round++) {
        change = 0;
        for (int s = 0; s <= c->channels; s++) {
            double sum = c->to_deal[s];
            if (s == removed || c->total[s] == 0) {
                continue;
            }
            for (int k = 0; k < c->channels; k++) {
                sum += k == removed ? 0 : c->to[s * c->channels + k] * value[k];
            }
            double now = sum / c->total[s];
            change = fmax(change, fabs(now - value[s]));
            value[s] = now;
        }
    }
    return value[c->channels];
}

static void normalise(double *weights, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
        sum += weights[i];
    }
    for (int i = 0; i < n; i++) {
        weights[i] = sum > 0 ? weights[i] / sum : 0;
    }
}

void attribution_markov(struct arena *a, const struct attribution_path *paths, size_t n,
                        int channels, double *weights) {
    struct arena_mark mark = arena_mark(a);
    struct chain c = chain_of(a, paths, n, channels);
    double *value = ARENA_NEW_ARRAY(a, (size_t)channels + 1, double);
    double whole = reach(&c, -1, value);
    for (int k = 0; k < channels; k++) {
        weights[k] = whole > 0 ? fmax(1 - reach(&c, k, value) / whole, 0) : 0;
    }
    normalise(weights, channels);
    arena_reset(a, mark);
}

static bool met_before(const struct attribution_path *p, size_t i) {
    for (size_t k = 0; k < i; k++) {
        if (p->channels[k] == p->channels[i]) {
            return true;
        }
    }
    return false;
}

void attribution_shapley(const struct attribution_path *paths, size_t n, int channels,
                         double *weights) {
    memset(weights, 0, sizeof *weights * (size_t)channels);
    for (size_t i = 0; i < n; i++) {
        const struct attribution_path *p = &paths[i];
        size_t different = 0;
        for (size_t k = 0; k < p->n; k++) {
            different += !met_before(p, k);
        }
        for (size_t k = 0; k < p->n && p->converted; k++) {
            weights[p->channels[k]] += met_before(p, k) ? 0 : 1 / (double)different;
        }
    }
    normalise(weights, channels);
}

void attribution_weigh(const struct attribution_touch *touches, size_t n, const double *weights,
                       double *shares) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += weights[touches[i].channel];
    }
    for (size_t i = 0; i < n; i++) {
        shares[i] = sum > 0 ? weights[touches[i].channel] / sum : 1 / (double)n;
    }
}
