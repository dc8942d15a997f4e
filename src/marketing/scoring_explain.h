/* Why a record has the score it has, for scoring_routes.c. */
#ifndef GUANTONG_MARKETING_SCORING_EXPLAIN_H
#define GUANTONG_MARKETING_SCORING_EXPLAIN_H

#include "marketing/scoring.h"

struct score_explanation {
    const struct record *record;
    const struct score_card *card;
    struct score_evidence evidence;
    struct score_sum sum;
    struct score_time time;
    bool details; /* what the person did may be shown */
};
/* With the hits kept, or (unsaved cards) those found in the log. */
struct score_explanation score_explain(struct ctx *c, const struct score_card *card,
                                       const struct record *r, struct score_time t, bool kept);
/* Members "card", "raw" and "rules" of an open object. */
void score_explanation_json(struct ctx *c, struct json_writer *w,
                            const struct score_explanation *x);

/* Fails unless the caller may change score cards. */
struct request; /* http/request.h */
bool score_may_edit(struct request *r);

#endif
