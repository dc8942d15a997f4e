/* Tags and segments of the sample company. */
#ifndef GUANTONG_APP_SAMPLE_SEGMENT_H
#define GUANTONG_APP_SAMPLE_SEGMENT_H

#include "base/context.h"

void sample_segment(struct ctx *c);

#endif
