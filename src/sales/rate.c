#include "sales/rate.h"

#include <math.h>

void rate_interval(int64_t n, int64_t total, double *low, double *high) {
    const double z = 1.959963984540054;
    double p = (double)n / (double)total, t = (double)total;
    double centre = (p + z * z / (2 * t)) / (1 + z * z / t);
    double half = z / (1 + z * z / t) * sqrt(p * (1 - p) / t + z * z / (4 * t * t));
    *low = fmax(0, centre - half);
    *high = fmin(1, centre + half);
}

void rate_json(struct json_writer *w, struct arena *a, int64_t n, int64_t total) {
    double low, high;
    if (total <= 0) {
        json_put_null(w);
        return;
    }
    rate_interval(n, total, &low, &high);
    json_begin_object(w);
    JSON_MEMBER(w, "value", json_put_str, str_format(a, "%.4f", (double)n / (double)total));
    JSON_MEMBER(w, "low", json_put_str, str_format(a, "%.4f", low));
    JSON_MEMBER(w, "high", json_put_str, str_format(a, "%.4f", high));
    JSON_MEMBER(w, "known", json_put_int, total);
    json_end_object(w);
}
