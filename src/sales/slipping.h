/*
 * Deals about to slip: open ones that stand in their stage longer than is usual, or whose
 * expected close is near or past.
 *
 * What is usual is asked of the stage history: the median of the last finished stays of all
 * deals in the stage. It is a fact about the company, like a stage's other settings, and told to
 * everybody who sees the stage. A stage with few finished stays uses its own usual_days. Deals
 * whose entry into the stage is unknown (imported without history) are judged by their date.
 */
#ifndef GUANTONG_SALES_SLIPPING_H
#define GUANTONG_SALES_SLIPPING_H

#include "entity/record.h"

/* Days in whole; 0 when nothing is known. A deal is late in its stage beyond limit_days. */
struct usual_stay {
    int64_t days, limit_days;
    int cases; /* finished stays behind days; 0 when it is the stage's setting */
};
struct usual_stay usual_stay(struct ctx *c, const struct record *stage);

struct slipping;

/* The condition over opportunities, narrowed by another one (JSON, such as the owner's leaf) when
 * it is not empty. NULL (no error) when the actor may not ask for what it reads. */
struct slipping *slipping_find(struct ctx *c, struct str narrowed);
struct str slipping_where(const struct slipping *s);
/* {"stay":{"stage","days","usual_days","cases"},"close_in_days"} of one deal: stay null unless it
 * stands too long, close_in_days null unless the date is near or past (then below zero). */
void slipping_reason_json(struct ctx *c, struct json_writer *w, const struct slipping *s,
                          const struct record *deal);

#endif
