/* Figures about lags, in the order in which they came about. */
#ifndef GUANTONG_BENCH_LAG_H
#define GUANTONG_BENCH_LAG_H

#include <stddef.h>
#include <stdint.h>

/* ms of the part q (0 … 1) of n lags in ns. */
double lag_quantile(const int64_t *ns, size_t n, double q);

/*
 * By how many ms the median of the last third exceeds that of the first.
 *
 * Whoever takes in a part p less than what arrives falls behind by p × 1 s each second, so in a
 * run of s seconds the two medians are 2 s p / 3 apart: 10 ms in 12 s mean that less than 0.13 % of
 * what arrived was not worked off.
 */
double lag_growth(const int64_t *ns, size_t n);

enum { LAG_GROWTH_MS = 10 };

#endif
