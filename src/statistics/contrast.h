/*
 * Which part of a whole does worse than the rest, and whether chance alone would do that.
 *
 * Each group is compared with all others together: two shares, Pearson's chi-square of the
 * two-by-two table with Yates' correction. Of many comparisons some are remarkable by chance, so p
 * is multiplied by their number (Bonferroni).
 */
#ifndef GUANTONG_STATISTICS_CONTRAST_H
#define GUANTONG_STATISTICS_CONTRAST_H

#include <stddef.h>
#include <stdint.h>

struct contrast_group {
    int64_t n, passed;
};

struct contrast {
    double rate, rest; /* of the group, of all others */
    double chi_square;
    double p;       /* two-sided, of this comparison alone */
    double missing; /* how many more of the group would have passed at the rate of the rest */
};

/* One group against the others; zeros and p = 1 when a side is empty, or all or none passed. */
struct contrast contrast_of(const struct contrast_group *groups, size_t n, size_t which);
double contrast_adjusted(double p, size_t comparisons);

struct share_interval {
    double low, high;
};
/* Of the share n of total, 95 % (Wilson 1927); 0 to 1 when total is 0. */
struct share_interval share_interval(int64_t n, int64_t total);
/* Of the share of one less that of the other, 95 %: from the intervals of both (Newcombe 1998,
 * method 10); -1 to 1 when either is empty. */
struct share_interval share_difference(const struct contrast_group *one,
                                       const struct contrast_group *other);

#endif
