/*
 * Pipelines: ordered states a deal passes, and why deals are lost.
 *
 * A stage has a kind (open, won, lost), a probability, a step of the funnel it maps to, and
 * the fields that must be filled to enter it. A pipeline always has one won and one lost
 * stage. Stages can be added, renamed and re-ordered while deals are under way; one that
 * holds deals cannot go to the trash.
 */
#ifndef GUANTONG_SALES_PIPELINE_H
#define GUANTONG_SALES_PIPELINE_H

#include "entity/record.h"

/* What a deal is called in a forecast: by its stage, unless its owner says otherwise. A stage that
 * says nothing is a commitment from a probability of 90 %, the best case from 50 %. */
extern const struct option forecast_categories[];

/* The six steps of the funnel, to which stages belong. */
extern const struct option funnel_step_options[];

/* The pipeline new deals go to: the one marked as standard, else the oldest; 0 when none. */
int64_t pipeline_standard(struct ctx *c);
/* First stage of kind open, by position; 0 when there is none. */
int64_t pipeline_first_stage(struct ctx *c, int64_t pipeline_id);
/* The pipeline's stage of kind "won" or "lost". */
int64_t pipeline_stage_of_kind(struct ctx *c, int64_t pipeline_id, const char *kind);
/* Create a pipeline with the six usual stages, for new companies. Its id. */
int64_t pipeline_seed(struct ctx *c);

#endif
