/* The sample company with what every part of the program configures in it. */
#ifndef GUANTONG_APP_SAMPLE_H
#define GUANTONG_APP_SAMPLE_H

#include "base/context.h"

/* The people, records and history of sample/sample.h, then the configuration of each part, in the
 * caller's transaction; everybody has the password of this hash. Nothing is sent. */
void sample_company(struct ctx *c, struct str password_hash);

#endif
