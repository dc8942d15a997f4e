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
