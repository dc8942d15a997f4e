/* What the sample company asks before a conversion, and how it grades deals and leads. */
#ifndef GUANTONG_APP_SAMPLE_GRADING_H
#define GUANTONG_APP_SAMPLE_GRADING_H

#include "base/context.h"

void sample_grading(struct ctx *c);

#endif
