/* Journeys and mails of the sample company: see sample_journey.c. */
#ifndef GUANTONG_APP_SAMPLE_JOURNEY_H
#define GUANTONG_APP_SAMPLE_JOURNEY_H

#include "base/context.h"

void sample_journey(struct ctx *c);

#endif
