/* Approval processes of the sample company, and what waits for answers. */
#ifndef GUANTONG_APP_SAMPLE_APPROVAL_H
#define GUANTONG_APP_SAMPLE_APPROVAL_H

#include "base/context.h"

void sample_approval(struct ctx *c);

#endif
