/* The modules of this folder, for app/modules.c. */
#ifndef GUANTONG_CUSTOMER_CUSTOMER_H
#define GUANTONG_CUSTOMER_CUSTOMER_H

#include "base/module.h"

extern const struct module customer_module; /* texts and groups that all share */
extern const struct module person_module;
extern const struct module account_module;
extern const struct module contact_module;
extern const struct module lead_module;
extern const struct module touch_module;
extern const struct module capture_log_module; /* everything that came in, as it came */
extern const struct module capture_module;     /* leads from outside */
extern const struct module timeline_module;
extern const struct module file_module; /* attachments */
extern const struct module file_routes_module;
extern const struct module comment_module; /* on entries of timelines */
extern const struct module mention_module;
extern const struct module activity_module;
extern const struct module task_module;
extern const struct module product_module;
extern const struct module duplicates_module;        /* who may be one and the same */
extern const struct module duplicate_verdict_module; /* deciding on it */
extern const struct module likeness_watch_module;    /* looked for by itself */
extern const struct module visitor_module;           /* browsers, and whose they are */
extern const struct module visitor_routes_module;
extern const struct module consent_module;    /* who agreed to hear what */
extern const struct module person_day_module; /* what people did, by day */
extern const struct module membership_module;
extern const struct module segment_module;
extern const struct module segment_routes_module;
extern const struct module tag_presets_module;
extern const struct module tag_module;
extern const struct module tag_routes_module;
extern const struct module handover_module; /* marketing gives leads to sales */
extern const struct module handover_report_module;
extern const struct module lead_sources_module; /* what became of what came in */
extern const struct module won_deal_module;     /* won deals as a fact for all */

#endif
