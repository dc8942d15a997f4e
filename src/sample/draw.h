/*
 * Chance, repeatable: streams of numbers that follow from a seed and two coordinates, so that what
 * is drawn for one lead does not depend on what was drawn for another.
 */
#ifndef GUANTONG_SAMPLE_DRAW_H
#define GUANTONG_SAMPLE_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct draw {
    uint64_t state;
};

/* The stream of a place (a day, say) and a number within it. */
struct draw draw_stream(uint64_t seed, int64_t place, int64_t number);

uint64_t draw_below(struct draw *d, uint64_t n); /* 0 … n - 1 */
int64_t draw_between(struct draw *d, int64_t least, int64_t most);
double draw_unit(struct draw *d); /* [0, 1) */
bool draw_chance(struct draw *d, double chance);
double draw_normal(struct draw *d);
double draw_log_normal(struct draw *d, double median, double sigma);
/* How many of what happens that often on average (Poisson), at most 60. */
int draw_count(struct draw *d, double mean);
/* An index, each as often as its share says. */
size_t draw_share(struct draw *d, const int *shares, size_t n);

/* exp(x) / (1 + exp(x)) */
double chance_of(double log_odds);
double log_odds_of(double chance);

#define DRAW_PICK(d, list) (list)[draw_below((d), sizeof(list) / sizeof *(list))]

#endif
