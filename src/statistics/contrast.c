/* See contrast.h. */
#include "statistics/contrast.h"

#include <math.h>

struct contrast contrast_of(const struct contrast_group *groups, size_t n, size_t which) {
    double all = 0, passed = 0;
    for (size_t i = 0; i < n; i++) {
        all += (double)groups[i].n;
        passed += (double)groups[i].passed;
    }
    double a = (double)groups[which].passed, in = (double)groups[which].n, b = in - a;
    double c = passed - a, out = all - in, d = out - c;
    struct contrast k = {.p = 1};
    if (in <= 0 || out <= 0) {
        return k;
    }
    k.rate = a / in;
    k.rest = c / out;
    k.missing = in * (k.rest - k.rate);
    if (a + c <= 0 || b + d <= 0) {
        return k;
    }
    double apart = fmax(0, fabs(a * d - b * c) - all / 2);
    k.chi_square = all * apart * apart / (in * out * (a + c) * (b + d));
    k.p = erfc(sqrt(k.chi_square / 2));
    return k;
}

double contrast_adjusted(double p, size_t comparisons) {
    return fmin(1, p * (double)(comparisons ? comparisons : 1));
}

struct share_interval share_interval(int64_t n, int64_t total) {
    const double z = 1.959963984540054;
    if (total <= 0) {
        return (struct share_interval){0, 1};
    }
    double t = (double)total, p = (double)n / t;
    double centre = (p + z * z / (2 * t)) / (1 + z * z / t);
    double half = z / (1 + z * z / t) * sqrt(p * (1 - p) / t + z * z / (4 * t * t));
    return (struct share_interval){fmax(0, centre - half), fmin(1, centre + half)};
}

struct share_interval share_difference(const struct contrast_group *one,
                                       const struct contrast_group *other) {
    if (one->n <= 0 || other->n <= 0) {
        return (struct share_interval){-1, 1};
    }
    double p = (double)one->passed / (double)one->n, q = (double)other->passed / (double)other->n;
    struct share_interval a = share_interval(one->passed, one->n);
    struct share_interval b = share_interval(other->passed, other->n);
    return (struct share_interval){p - q - hypot(p - a.low, b.high - q),
                                   p - q + hypot(a.high - p, q - b.low)};
}
