/* What became of the pairs that a search for duplicates found, for reports. */
#ifndef GUANTONG_CUSTOMER_DUPLICATES_H
#define GUANTONG_CUSTOMER_DUPLICATES_H

#include "customer/likeness.h"

/* Of the pairs of which the actor may see both records. */
struct duplicate_counts {
    int64_t open;             /* that wait now */
    int64_t merged, distinct; /* decided since */
};
struct duplicate_counts duplicate_counts(struct ctx *c, const struct likeness_kind *kind,
                                         int64_t since);

#endif
