/* The queue of possible duplicates, for those who fill it and for reports. */
#ifndef GUANTONG_CUSTOMER_DUPLICATES_H
#define GUANTONG_CUSTOMER_DUPLICATES_H

#include "customer/likeness.h"
#include "entity/access.h"

/* Of the pairs of which the actor may see both records. */
struct duplicate_counts {
    int64_t open;             /* that wait now */
    int64_t merged, distinct; /* decided since */
};
struct duplicate_counts duplicate_counts(struct ctx *c, const struct likeness_kind *kind,
                                         int64_t since);

/* What rare values add, as the last search found, while the pair agrees in all it agreed in. */
double duplicate_pair_rarity(struct ctx *c, const struct likeness_kind *kind,
                             const struct likeness_pair *p);
/* Put a pair into the queue, or tell anew how likely it is and why; one decided stays decided. */
void duplicate_pair_keep(struct ctx *c, const struct likeness_kind *kind,
                         const struct linkage_model *model, const struct likeness_pair *p);
/* Pairs of the record that wait, but for those with the records it is like now, go. */
void duplicate_pairs_outdated(struct ctx *c, const struct likeness_kind *kind, int64_t id,
                              struct id_set like);

#endif
