/* Forms and sources of the sample company. */
#ifndef GUANTONG_APP_SAMPLE_CAPTURE_H
#define GUANTONG_APP_SAMPLE_CAPTURE_H

#include "base/context.h"

void sample_capture(struct ctx *c);

#endif
