/* The last hour and the day of the sample company: what is there to be done now. */
#ifndef GUANTONG_SAMPLE_PRESENT_H
#define GUANTONG_SAMPLE_PRESENT_H

#include "sample/company.h"

/* Leads of this hour, with and without an owner; tasks and next steps of today. */
void present_make(struct company *k);

#endif
