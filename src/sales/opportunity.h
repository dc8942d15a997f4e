/*
 * Opportunities: possible deals, with amount, stage and date.
 *
 * A deal moves by opportunity_move, which asks for the fields the stage requires and, when it
 * is lost, for the reason. Every move is a row of stage history, kept for ever: from, to, at,
 * by whom. Imported deals whose source knows no history have none: their past is unknown.
 */
#ifndef GUANTONG_SALES_OPPORTUNITY_H
#define GUANTONG_SALES_OPPORTUNITY_H

#include "entity/record.h"

/*
 * Move to a stage with some fields filled in the same breath. Field errors name what the
 * stage requires and is missing; to a lost stage lost_reason_id is required. Rights of
 * an update apply. expected_version as in record_update.
 */
struct record *opportunity_move(struct ctx *c, int64_t id, int64_t stage_id,
                                const struct change_set *fields, int64_t expected_version);

/* To another stage of the same kind and pipeline, for its stage is no more: asks for no fields and
 * nobody's rights; the state stays. */
void opportunity_transfer(struct ctx *c, int64_t id, int64_t stage_id);

/* A row of stage history. */
struct stage_move {
    int64_t opportunity_id;
    int64_t from, to; /* stages; from 0: it was created there */
    int64_t at, actor_id;
};
/* Add one as the source knew it: for imports. */
void opportunity_history_add(struct ctx *c, const struct stage_move *move);

/* A whole move as the source knew it, at c->now_ms by c->actor, in a context of origin import: what
 * opportunity_move does, asking nobody's rights and no required fields. */
struct record *opportunity_moved(struct ctx *c, int64_t id, int64_t stage_id,
                                 const struct change_set *fields);

#endif
