/*
 * What a company asks of a lead before it converts: conditions of the one condition language, in an
 * order, each with words people read. One may be asked only when a deal is made, or an account, or
 * only for deals of one pipeline. All that apply must hold. The administrator changes them at any
 * time; what was converted before stays as it is.
 */
#ifndef GUANTONG_SALES_CONVERSION_RULE_H
#define GUANTONG_SALES_CONVERSION_RULE_H

#include "entity/record.h"

/* What the conversion would bring about. */
struct conversion_aim {
    int64_t pipeline_id; /* of the deal, made or joined; 0: none */
    bool deal, account;
};

/* The words of those that apply and do not hold, in the context's language, with semicolons
 * between; empty when the lead is ready. */
struct str conversion_unmet(struct ctx *c, const struct record *lead, struct conversion_aim aim);
/* ERROR_CONFLICT "lead.not_ready" with them, in both languages, unless it is ready. */
void conversion_require(struct ctx *c, const struct record *lead, struct conversion_aim aim);
/* "conditions":[…], all that are switched on, each with when it applies, whether it holds, and
 * which part of it does not. */
void conversion_conditions_json(struct ctx *c, struct json_writer *w, const struct record *lead);
/* The two a new company begins with: the company is known, and a way to reach somebody. */
void conversion_rule_seed(struct ctx *c);

#endif
