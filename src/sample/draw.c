#include "sample/draw.h"

#include <math.h>

/* splitmix64 (Steele, Lea, Flood 2014): every state is a good beginning. */
static uint64_t next(struct draw *d) {
    uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

struct draw draw_stream(uint64_t seed, int64_t place, int64_t number) {
    struct draw d = {seed};
    d.state = next(&d) ^ (uint64_t)place;
    d.state = next(&d) ^ (uint64_t)number;
    next(&d);
    return d;
}

uint64_t draw_below(struct draw *d, uint64_t n) {
    return n ? next(d) % n : 0;
}

int64_t draw_between(struct draw *d, int64_t least, int64_t most) {
    return least + (int64_t)draw_below(d, (uint64_t)(most - least + 1));
}

double draw_unit(struct draw *d) {
    return (double)(next(d) >> 11) * 0x1.0p-53;
}

bool draw_chance(struct draw *d, double chance) {
    return draw_unit(d) < chance;
}

/* Box and Muller 1958. */
double draw_normal(struct draw *d) {
    double u = 1 - draw_unit(d), v = draw_unit(d);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

double draw_log_normal(struct draw *d, double median, double sigma) {
    return median * exp(sigma * draw_normal(d));
}

int draw_count(struct draw *d, double mean) {
    double limit = exp(-mean), product = 1;
    int n = -1;
    do {
        product *= draw_unit(d);
        n++;
    } while (product > limit && n < 60);
    return n;
}

size_t draw_share(struct draw *d, const int *shares, size_t n) {
    int sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += shares[i];
    }
    int at = (int)draw_below(d, (uint64_t)sum);
    for (size_t i = 0; i < n; i++) {
        at -= shares[i];
        if (at < 0) {
            return i;
        }
    }
    return n - 1;
}

double chance_of(double log_odds) {
    return 1 / (1 + exp(-log_odds));
}

double log_odds_of(double chance) {
    return log(chance / (1 - chance));
}
