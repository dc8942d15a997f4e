/* Shares with how sure they are, as reports show them. */
#ifndef GUANTONG_SALES_RATE_H
#define GUANTONG_SALES_RATE_H

#include "base/json.h"

/* {"value","low","high","known"} with the Wilson score interval for n of total, 95 % (Wilson 1927);
 * null when there are no cases. */
void rate_json(struct json_writer *w, struct arena *a, int64_t n, int64_t total);

#endif
