/* Score cards of the sample company. */
#ifndef GUANTONG_APP_SAMPLE_SCORING_H
#define GUANTONG_APP_SAMPLE_SCORING_H

#include "base/context.h"

void sample_scoring(struct ctx *c);

#endif
