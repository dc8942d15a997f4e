/* Mails with customers in the sample company. */
#ifndef GUANTONG_APP_SAMPLE_LETTER_H
#define GUANTONG_APP_SAMPLE_LETTER_H

#include "base/context.h"

void sample_letter(struct ctx *c);

#endif
