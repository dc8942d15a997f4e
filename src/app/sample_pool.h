/* Pools, the assignment list, leave and handovers of the sample company. */
#ifndef GUANTONG_APP_SAMPLE_POOL_H
#define GUANTONG_APP_SAMPLE_POOL_H

#include "base/context.h"

void sample_pool(struct ctx *c);

#endif
