/*
 * Handovers (线索交接): marketing gives a lead to sales, and sales says what it thinks of it.
 *
 * A handover is made when a lead enters the tier high (the event lead.tier_entered), by a rule or
 * journey (the action hand_over), or by hand. It keeps what was known at that moment: score and its
 * reasons, how the person came here (captures and visits). A lead that was nurtured is taken from
 * its owner and given out by sales (its assignment list listens to handover.created); one that
 * sales has already stays where it is.
 *
 * waiting → accepted, or returned with a reason from the list handover_reason; withdrawn when the
 * lead goes into the trash or into another lead that waits itself, and waiting again when the two
 * are parted. Grabbing the lead from a pool, converting or
 * disqualifying it is accepting it; put into a pool, it waits as nobody's. While it waits a clock
 * runs in working hours: its owner is reminded, then his manager and whoever handed it over are
 * told (company settings handover_remind_hours, handover_escalate_hours); it starts anew with
 * another owner. A returned lead goes back to nurture: status nurturing, its former owner in
 * marketing. What became of the lead afterwards is kept with the handover, for marketing to see.
 *
 * Events out: handover.created, handover.accepted, handover.returned.
 */
#ifndef GUANTONG_CUSTOMER_HANDOVER_H
#define GUANTONG_CUSTOMER_HANDOVER_H

#include "entity/record.h"

/* What led to it. */
struct handover_cause {
    int64_t by_user_id; /* who handed it over, 0: a threshold or a rule */
    struct str note;
};

/* 0 with ERROR_CONFLICT when the lead is closed, or its handover is waiting already. */
int64_t handover_make(struct ctx *c, const struct record *lead, const struct handover_cause *cause);
/* The lead's handover that waits for an answer; 0: none. */
int64_t handover_waiting(struct ctx *c, int64_t lead_id);

/* Usual reasons, for a new company. */
void handover_seed(struct ctx *c);

/* A point of the score and why, for the reasons that are kept; by whoever scores. The provider
 * appends objects {"points","text"} to the array being written. Set once at start. */
void handover_reasons_from(void (*provider)(struct ctx *c, struct json_writer *w,
                                            const struct record *lead));

#endif
