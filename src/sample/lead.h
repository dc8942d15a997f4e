/* The life of a lead of the sample company: how somebody comes, what is done about him, and what
 * becomes of him. */
#ifndef GUANTONG_SAMPLE_LEAD_H
#define GUANTONG_SAMPLE_LEAD_H

#include "sample/company.h"

/* One more of that day, of the shop or of a company. */
void lead_of_company(struct company *k, struct draw *d, int64_t at);
void lead_of_shop(struct company *k, struct draw *d, int64_t at);

/* One that came just now; given: to a salesman already. */
void lead_just_now(struct company *k, struct draw *d, int64_t at, bool given);

#endif
