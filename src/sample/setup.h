/*
 * What every part of the program configures in the sample company: forms, pools, segments, score
 * cards … Each is a function of its own file setup_<part>.c, called once, after two years have been
 * made (sample.h), as the system, at the present, with origin import. It finds the people, teams
 * and products it needs by query (logins and codes of company.c and truth.c), writes by the
 * ordinary verbs, and sends nothing. What it makes belongs to the sample and goes when the sample
 * is removed.
 */
#ifndef GUANTONG_SAMPLE_SETUP_H
#define GUANTONG_SAMPLE_SETUP_H

#include "base/context.h"

/* The people, records and history of sample.h, then the configuration of each part, in the caller's
 * transaction; everybody has the password of this hash. Nothing is sent. */
void sample_company(struct ctx *c, struct str password_hash);

/* Score cards. */
void sample_scoring(struct ctx *c);
/* Targets of those who sell, forecasts as they stood on past Mondays, an adjustment. */
void sample_performance(struct ctx *c);
/* Tags and segments. */
void sample_segment(struct ctx *c);
/* Pools, the assignment list, leave and handovers. */
void sample_pool(struct ctx *c);
/* One campaign for each channel that runs one, and a cost line a month of each channel. */
void sample_campaign(struct ctx *c);
/* Forms and sources. */
void sample_capture(struct ctx *c);
/* Journeys and their mails. */
void sample_journey(struct ctx *c);
/* Mailings. */
void sample_mailing(struct ctx *c);
/* Mails with customers. */
void sample_letter(struct ctx *c);
/* Approval processes, and what waits for answers. */
void sample_approval(struct ctx *c);
/* Uses of scripts. */
void sample_script(struct ctx *c);
/* What is asked before a conversion, and how deals and leads are graded. */
void sample_grading(struct ctx *c);

#endif
