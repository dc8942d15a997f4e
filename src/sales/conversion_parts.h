/* What the files of conversion share. */
#ifndef GUANTONG_SALES_CONVERSION_PARTS_H
#define GUANTONG_SALES_CONVERSION_PARTS_H

#include "entity/record.h"
#include "http/route.h"

/* A lead the actor may change; NULL after a failure. */
struct record *conversion_lead(struct ctx *c, int64_t id);
/* Convert it as the actor, with all that is asked; body {"account","contact","opportunity"}. What
 * came of it as JSON, unless NULL. */
void conversion_run(struct ctx *c, struct record *lead, const struct json *body,
                    struct json_writer *result);

/* "duplicates":{"accounts","contacts","opportunities"}: what is there already and may be the
 * lead's, as far as the actor may see it, each with why. */
void conversion_offers_json(struct ctx *c, struct json_writer *w, const struct record *lead);

#endif
