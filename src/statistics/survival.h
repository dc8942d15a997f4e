/*
 * How long something takes when part of it is still going on.
 *
 * Kaplan and Meier (1958): at each time the share that goes on is that of those under observation
 * who did not end then; who is only known to have lasted so long (censored) counts as under
 * observation up to there, and for nothing after.
 */
#ifndef GUANTONG_STATISTICS_SURVIVAL_H
#define GUANTONG_STATISTICS_SURVIVAL_H

#include <stddef.h>
#include <stdint.h>

/* Those who ended after that time, and those of whom no more is known. */
struct survival_time {
    double time;
    int64_t ended, censored;
};

/* The first time by which the share p has ended, NAN when it is not known to have come to that.
 * Times ascending, each once. */
double survival_quantile(const struct survival_time *times, size_t n, double p);
/* The share that goes on beyond the time. */
double survival_share(const struct survival_time *times, size_t n, double time);

#endif
