/* Conversions as another program knew them, for imports; the verb itself is a route. */
#ifndef GUANTONG_SALES_CONVERSION_H
#define GUANTONG_SALES_CONVERSION_H

#include "base/context.h"

/* What the lead became; 0: nothing of the kind. made: the conversion brought it about. */
struct conversion_known {
    int64_t account_id, contact_id, opportunity_id;
    bool account_made, contact_made;
};

/* The lead was converted at c->now_ms by c->actor; nobody's rights and no conditions are asked.
 * ERROR_CONFLICT when it is converted already. Emits lead.converted. */
void conversion_add(struct ctx *c, int64_t lead_id, const struct conversion_known *known);

#endif
