/* The modules of this folder, for app/modules.c. */
#ifndef GUANTONG_MARKETING_MARKETING_H
#define GUANTONG_MARKETING_MARKETING_H

#include "base/json.h"
#include "base/module.h"

extern const struct module prediction_module;   /* how likely leads are to convert */
extern const struct module scoring_card_module; /* what gives points */
extern const struct module scoring_module;      /* scores and tiers, kept behind the log */
extern const struct module scoring_routes_module;
extern const struct module scoring_what_if_module; /* a changed card on the last months */
extern const struct module tracking_module;        /* what visitors do on the site */
extern const struct module form_module;            /* forms, their versions */
extern const struct module form_answers_module;
extern const struct module form_submit_module; /* what becomes of a submission */
extern const struct module form_page_module;
extern const struct module source_module; /* places people come in by */
extern const struct module source_webhook_module;
extern const struct module source_site_module;
extern const struct module source_wechat_module;
extern const struct module source_list_module;
extern const struct module form_public_module; /* forms as strangers meet them */
extern const struct module mail_template_module;
extern const struct module mail_policy_module; /* caps, quiet hours, who gets none */
extern const struct module mail_send_module;
extern const struct module mail_action_module;
extern const struct module mail_track_module;
extern const struct module mail_return_module; /* bounces, complaints, answers */
extern const struct module mail_effect_module;
extern const struct module mail_report_module;
extern const struct module mailing_module; /* one mail to many people, once */
extern const struct module mailing_audience_module;
extern const struct module mailing_run_module;
extern const struct module mailing_report_module;
extern const struct module journey_module; /* what is done for a person over days and weeks */
extern const struct module journey_batch_module;
extern const struct module journey_react_module;
extern const struct module journey_report_module;
extern const struct module journey_trial_module;
extern const struct module campaign_module;      /* campaigns and what they cost */
extern const struct module attribution_module;   /* what led to won revenue */
extern const struct module roi_module;           /* and what came of what was spent */
extern const struct module journey_paths_module; /* paths to start from */

/* What gives a lead its score: objects {"points","text","hits"} into an open array. */
struct record; /* entity/record.h */
void score_reasons(struct ctx *c, struct json_writer *w, const struct record *lead);
/* That scores come of what cards ask. */
extern const struct definition_derived score_derived; /* customer/segment.h */
/* Scores follow what cards ask of other things than the record (scoring_afar.c). */
struct event; /* event/event.h */
void score_follow_afar(struct ctx *c, const struct event *events, const int64_t *people, size_t n);

#endif
