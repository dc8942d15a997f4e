/* What the files of conversion share. */
#ifndef GUANTONG_SALES_CONVERSION_PARTS_H
#define GUANTONG_SALES_CONVERSION_PARTS_H

#include "entity/record.h"
#include "http/route.h"

/* The lead a request is about, which the caller may change; NULL after a failure. */
struct record *conversion_lead(struct request *r);

/* "duplicates":{"accounts","contacts","opportunities"}: what is there already and may be the
 * lead's, as far as the actor may see it, each with why. */
void conversion_offers_json(struct ctx *c, struct json_writer *w, const struct record *lead);

#endif
