#include "lag.h"

#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

double lag_quantile(const int64_t *ns, size_t n, double q) {
    int64_t *sorted = malloc((n ? n : 1) * sizeof *sorted);
    if (!sorted || !n) {
        abort();
    }
    memcpy(sorted, ns, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    double ms = (double)sorted[(size_t)((double)(n - 1) * q)] / 1e6;
    free(sorted);
    return ms;
}

double lag_growth(const int64_t *ns, size_t n) {
    size_t third = n / 3;
    return lag_quantile(ns + n - third, third, 0.5) - lag_quantile(ns, third, 0.5);
}
