/* See survival.h. */
#include "statistics/survival.h"

#include <math.h>

static int64_t all_of(const struct survival_time *times, size_t n) {
    int64_t all = 0;
    for (size_t i = 0; i < n; i++) {
        all += times[i].ended + times[i].censored;
    }
    return all;
}

double survival_quantile(const struct survival_time *times, size_t n, double p) {
    int64_t at_risk = all_of(times, n);
    double going_on = 1;
    for (size_t i = 0; i < n && at_risk > 0; i++) {
        going_on *= 1 - (double)times[i].ended / (double)at_risk;
        if (going_on <= 1 - p + 1e-12) {
            return times[i].time;
        }
        at_risk -= times[i].ended + times[i].censored;
    }
    return NAN;
}

double survival_share(const struct survival_time *times, size_t n, double time) {
    int64_t at_risk = all_of(times, n);
    double going_on = 1;
    for (size_t i = 0; i < n && at_risk > 0 && times[i].time <= time; i++) {
        going_on *= 1 - (double)times[i].ended / (double)at_risk;
        at_risk -= times[i].ended + times[i].censored;
    }
    return going_on;
}
