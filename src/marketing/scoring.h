/*
 * Scoring: how promising a lead or a person is, in points that can be explained.
 *
 * A score card has static rules (a condition on the record: points) and behavioural ones (an event
 * of the person: points each time, with a cap, a cap a day, decay and a time after which they go).
 * The score of a record is that of the first enabled card, in order, that is meant for it; the
 * scores by others stand beside it. It is a function of the card, the record, what its person did,
 * and the time: nothing else is kept but which events met which rule (score_hit), so that every
 * point leads to its event and a rebuild from the log gives the same.
 *
 * The tier follows the score with a margin: it rises at the threshold, and falls only when the
 * score is below it by more than the margin allows. A lead that is converted or disqualified keeps
 * what it had.
 */
#ifndef GUANTONG_MARKETING_SCORING_H
#define GUANTONG_MARKETING_SCORING_H

#include "marketing/score_card.h"

/* Evidence: what people did that meets rules. */
struct score_holders;
/* Under whom hits of a person stand: himself, those merged into him, his visitors' links. */
struct score_holders *score_holders_of(struct ctx *c, int64_t person_id);
/* Kept hits of a card, ascending by time, the newest SCORE_HITS. */
struct score_hit *score_hits_kept(struct ctx *c, const struct score_card *card,
                                  const struct score_holders *h, size_t *n);
/* The same from the log, for cards that were not saved. Events that occurred before the instant. */
struct score_hit *score_hits_found(struct ctx *c, const struct score_card *card,
                                   const struct score_holders *h, int64_t before_ms, size_t *n);
/* Take the card's hits of these holders from the log anew. */
void score_hits_rebuild(struct ctx *c, const struct score_card *card,
                        const struct score_holders *h);
struct event; /* event/event.h */
/* Keep the event's hits; holder: the person of a business event, the link of a visitor's. */
void score_hits_add(struct ctx *c, const struct score_cards *cards, const struct event *e,
                    int64_t holder);
int64_t score_person_now(struct ctx *c, int64_t person_id); /* who he is after merges */
void score_person_ahead(struct ctx *c, int64_t person_id);  /* will be asked (DB_AHEAD) */

/* Scores. */
/* Which static rules hold for the record. */
bool *score_static(struct ctx *c, struct condition_memo *memo, const struct score_card *card,
                   const struct record *r);
bool score_card_fits(struct condition_memo *memo, const struct score_card *card,
                     const struct record *r);
/* Bring the scores of the person and his open leads up to date. */
void score_settle(struct ctx *c, const struct score_cards *cards, int64_t person_id);
/* The same of people whom history concerns, before long and untold; orders them. */
void score_settle_later(struct ctx *c, int64_t *people, size_t n);
/* Whether an event tells of nothing but what scoring itself wrote. */
bool score_own_doing(struct ctx *c, const struct event *e);
/* Score all whom the card may concern, in pieces from now on. */
void score_rescore(struct ctx *c, int64_t card_id);
/* Take the hits of all from the log, where none is kept any more, and bring scores up to date. */
void score_rebuild(struct ctx *c);

#endif
