/* What the sample company is to reach and was expected to. */
#ifndef GUANTONG_APP_SAMPLE_PERFORMANCE_H
#define GUANTONG_APP_SAMPLE_PERFORMANCE_H

#include "base/context.h"

/* Targets of those who sell, forecasts as they stood on past Mondays, an adjustment. */
void sample_performance(struct ctx *c);

#endif
