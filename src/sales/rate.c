#include "sales/rate.h"

#include "statistics/contrast.h"

void rate_json(struct json_writer *w, struct arena *a, int64_t n, int64_t total) {
    if (total <= 0) {
        json_put_null(w);
        return;
    }
    struct share_interval i = share_interval(n, total);
    json_begin_object(w);
    JSON_MEMBER(w, "value", json_put_str, str_format(a, "%.4f", (double)n / (double)total));
    JSON_MEMBER(w, "low", json_put_str, str_format(a, "%.4f", i.low));
    JSON_MEMBER(w, "high", json_put_str, str_format(a, "%.4f", i.high));
    JSON_MEMBER(w, "known", json_put_int, total);
    json_end_object(w);
}
