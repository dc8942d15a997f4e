/* What the files of a mailing share among themselves. */
#ifndef GUANTONG_MARKETING_MAILING_PARTS_H
#define GUANTONG_MARKETING_MAILING_PARTS_H

#include "base/context.h"

void mailing_timer(struct ctx *c, const char *kind, int64_t id, int64_t at);
/* Show the status, and tell it unless event is NULL. */
void mailing_status(struct ctx *c, int64_t id, const char *status, const char *event);

#endif
