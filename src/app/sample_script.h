/* Uses of scripts in the sample company. */
#ifndef GUANTONG_APP_SAMPLE_SCRIPT_H
#define GUANTONG_APP_SAMPLE_SCRIPT_H

#include "base/context.h"

void sample_script(struct ctx *c);

#endif
