/* The life of a deal of the sample company, from its first stage to won, lost or the present. */
#ifndef GUANTONG_SAMPLE_DEAL_H
#define GUANTONG_SAMPLE_DEAL_H

#include "sample/company.h"

struct deal {
    int64_t lead_id;               /* 0: of a customer */
    int64_t account_id, person_id; /* account 0: the shop's */
    int rep, product, trade;
    const struct sample_channel *channel; /* NULL: a customer's next */
    struct str customer;                  /* who, for the name */
    int64_t at;                           /* when it begins */
};

/* The deal's id at its first stage; the rest by deal_live. */
int64_t deal_begin(struct company *k, struct draw *d, struct deal *deal);
/* Its way through the stages, and the customer's next deals. */
void deal_live(struct company *k, struct draw *d, const struct deal *deal, int64_t id);

/* The same of the shop, quick and small. */
int64_t deal_shop_begin(struct company *k, struct draw *d, struct deal *deal);
void deal_shop_live(struct company *k, struct draw *d, const struct deal *deal, int64_t id);

/* The product a line's deal is about. */
int deal_product(struct draw *d, bool shop);

#endif
