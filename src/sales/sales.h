/* The modules of this folder, for app/modules.c. */
#ifndef GUANTONG_SALES_SALES_H
#define GUANTONG_SALES_SALES_H

#include "base/module.h"

extern const struct definition_derived grade_derived; /* customer/segment.h */

extern const struct module pipeline_module;            /* pipelines, stages, lost reasons */
extern const struct module pipeline_edit_module;       /* and how they are changed */
extern const struct module opportunity_module;         /* opportunities and their stage history */
extern const struct module conversion_module;          /* leads become customers and deals */
extern const struct module conversion_rule_module;     /* what is asked before */
extern const struct module conversion_undo_module;     /* and back */
extern const struct module conversion_hold_module;     /* held by an approval */
extern const struct module assignment_module;          /* who works a lead */
extern const struct module board_module;               /* deals by stage, and their moves */
extern const struct module funnel_module;              /* conversion from lead to payment */
extern const struct module funnel_total_module;        /* what it is counted by */
extern const struct module funnel_fact_module;         /* and kept up to date by */
extern const struct module funnel_deals_module;        /* what became of deals */
extern const struct module funnel_cause_module;        /* why it is narrow, how long it takes */
extern const struct module grade_rule_module;          /* rules that grade leads and deals */
extern const struct module grading_module;             /* and their following */
extern const struct module home_module;                /* what is due today */
extern const struct module team_home_module;           /* who stands where */
extern const struct module target_module;              /* what is to be reached */
extern const struct module target_grid_module;         /* a year's targets, set together */
extern const struct module performance_module;         /* what was sold, by whom and by what */
extern const struct module forecast_report_module;     /* what is to come */
extern const struct module forecast_snapshot_module;   /* what was said to come */
extern const struct module forecast_adjustment_module; /* what managers add to it */
extern const struct module assignment_rule_module;     /* the list that says so */
extern const struct module assignment_wait_module;     /* leads that wait for somebody */
extern const struct module assignment_views_module;    /* why, and what a list would do */
extern const struct module lead_pool_module;           /* leads that are nobody's */
extern const struct module lead_pool_verbs_module;
extern const struct module lead_pool_views_module;
extern const struct module lead_clock_module; /* what a lead's holder is late with */
extern const struct module script_module;     /* what to say */
extern const struct module script_use_module; /* what came of it */
extern const struct module script_suggest_module;

#endif
