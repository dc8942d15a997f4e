/* Mailings of the sample company; see sample.c. */
#ifndef GUANTONG_APP_SAMPLE_MAILING_H
#define GUANTONG_APP_SAMPLE_MAILING_H

#include "base/context.h"

void sample_mailing(struct ctx *c);

#endif
