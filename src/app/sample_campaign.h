/* Campaigns of the sample company and their costs. */
#ifndef GUANTONG_APP_SAMPLE_CAMPAIGN_H
#define GUANTONG_APP_SAMPLE_CAMPAIGN_H

#include "base/context.h"

/* One campaign for each channel that runs one, and a cost line a month of each channel. */
void sample_campaign(struct ctx *c);

#endif
