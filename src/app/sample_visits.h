/* What people of the sample company read on its site before they wrote. */
#ifndef GUANTONG_APP_SAMPLE_VISITS_H
#define GUANTONG_APP_SAMPLE_VISITS_H

#include "base/context.h"

/* Some visits of one browser that end with the form sent at the instant; seed draws them. */
void sample_visits(struct ctx *c, int64_t person_id, int64_t captured_at, uint64_t seed);

#endif
