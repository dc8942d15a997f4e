#include "app/modules.h"

#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "app/node.h"
#include "automation/action.h"
#include "automation/approval_hold.h"
#include "automation/automation.h"
#include "automation/held_verb.h"
#include "base/message.h"
#include "base/texts.h"
#include "connector/mail.h"
#include "connector/mail_returns.h"
#include "connector/mailbox.h"
#include "connector/webhook.h"
#include "customer/correspondence.h"
#include "customer/correspondence_file.h"
#include "customer/customer.h"
#include "customer/handover.h"
#include "customer/membership.h"
#include "customer/segment.h"
#include "data/data.h"
#include "db/migration.h"
#include "db/texts.h"
#include "entity/condition.h"
#include "entity/event_types.h"
#include "entity/schema.h"
#include "entity/search.h"
#include "event/event.h"
#include "event/outbox.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "http/server.h"
#include "marketing/marketing.h"
#include "organization/audit_seal.h"
#include "organization/calendar.h"
#include "organization/organization.h"
#include "organization/role.h"
#include "sales/sales.h"
#include "sample/sample.h"

/* clang-format off */
const struct module *const modules[] = {
    &event_module,
    &entity_module,
    &search_module,
    &http_module,
    &node_module,

    &organization_module,
    &audit_seal_module,
    &company_module,
    &user_module,
    &department_module,
    &team_module,
    &leave_module,
    &calendar_module,
    &calendar_recount_module,
    &role_module,
    &saved_view_module,

    &api_session_module,
    &api_organization_module,
    &api_audit_module,
    &api_meta_module,
    &api_search_module,
    &api_records_module,
    &api_bulk_module,
    &api_saved_views_module,
    &api_openapi_module,
    &api_presence_module,

    &notification_module,
    &question_module,
    &sharing_module,
    &record_actions_module,
    &rule_module,
    &rule_date_module,
    &rule_routes_module,
    &approval_process_module,
    &approval_module,
    &approval_people_module,
    &approval_delegate_module,
    &approval_effect_module,
    &approval_hold_module,
    &approval_clock_module,
    &approval_routes_module,
    &approval_draft_module,
    &approval_answer_module,
    &approval_list_module,
    &held_verb_module,
    &mail_account_module,
    &mail_dkim_module,
    &mail_reason_module,
    &mailbox_module,
    &mailbox_routes_module,
    &mail_returns_module,
    &webhook_module,
    &webhook_routes_module,

    &customer_module,
    &person_module,
    &consent_module,
    &account_module,
    &contact_module,
    &product_module,
    &lead_module,
    &handover_module,
    &handover_report_module,
    &touch_module,
    &capture_log_module,
    &capture_module,
    &timeline_module,
    &correspondence_module,
    &correspondence_file_module,
    &correspondence_routes_module,
    &correspondence_send_module,
    &letter_template_module,
    &visitor_module,
    &visitor_routes_module,
    &file_module,
    &file_routes_module,
    &comment_module,
    &mention_module,
    &activity_module,
    &task_module,
    &duplicates_module,
    &duplicate_verdict_module,
    &likeness_watch_module,
    &tag_module,
    &tag_presets_module,
    &person_day_module,
    &segment_module,
    &segment_routes_module,
    &membership_module,
    &tag_routes_module,
    &lead_sources_module,
    &won_deal_module,

    &data_module,
    &import_module,
    &import_routes_module,
    &cleansing_report_module,
    &export_module,

    &tracking_module,
    &campaign_module,
    &attribution_module,
    &roi_module,
    &scoring_card_module,
    &scoring_module,
    &scoring_routes_module,
    &scoring_what_if_module,
    &prediction_module,
    &form_module,
    &form_answers_module,
    &form_submit_module,
    &form_page_module,
    &form_public_module,
    &mail_template_module,
    &mail_policy_module,
    &mail_send_module,
    &mail_action_module,
    &mail_track_module,
    &mail_return_module,
    &mail_effect_module,
    &mail_report_module,
    &mailing_module,
    &mailing_audience_module,
    &mailing_run_module,
    &mailing_report_module,
    &source_module,
    &source_webhook_module,
    &source_site_module,
    &source_wechat_module,
    &source_list_module,
    &journey_module,
    &journey_batch_module,
    &journey_react_module,
    &journey_report_module,
    &journey_trial_module,
    &journey_paths_module,

    &pipeline_module,
    &pipeline_edit_module,
    &opportunity_module,
    &conversion_module,
    &grade_rule_module,
    &grading_module,
    &conversion_rule_module,
    &conversion_undo_module,
    &conversion_hold_module,
    &lead_pool_module,
    &lead_pool_verbs_module,
    &lead_pool_views_module,
    &lead_clock_module,
    &assignment_module,
    &assignment_rule_module,
    &assignment_wait_module,
    &assignment_views_module,
    &script_module,
    &script_use_module,
    &script_suggest_module,
    &board_module,
    &funnel_module,
    &funnel_total_module,
    &funnel_fact_module,
    &funnel_deals_module,
    &funnel_cause_module,
    &home_module,
    &team_home_module,
    &target_module,
    &target_grid_module,
    &performance_module,
    &forecast_report_module,
    &forecast_snapshot_module,
    &forecast_adjustment_module,

    &sample_module,
    &sample_routes_module,

    NULL};
/* clang-format on */

/* A list of pointers that ends with NULL, as long as the program. */
struct pointers {
    const void **items;
    size_t n, capacity;
};

static void pointer_add(struct pointers *p, const void *item) {
    if (p->n + 1 >= p->capacity) {
        p->capacity = p->capacity ? p->capacity * 2 : 32;
        p->items = realloc(p->items, p->capacity * sizeof *p->items);
        if (!p->items) {
            abort();
        }
    }
    p->items[p->n++] = item;
    p->items[p->n] = NULL;
}

/* Routes, reactors, timers and kinds of deliveries of the modules that can be switched off, by
 * their address once all are gathered. */
struct part {
    const void *part;
    const char *cloud;
};

enum { PARTS_MOST = 4096 };
static struct part parts[PARTS_MOST];
static size_t n_parts;

static void part_add(const struct module *m, const void *part) {
    if (n_parts == PARTS_MOST) {
        abort();
    }
    parts[n_parts++] = (struct part){part, m->cloud};
}

static int by_address(const void *x, const void *y) {
    const struct part *a = x, *b = y;
    return ((uintptr_t)a->part > (uintptr_t)b->part) - ((uintptr_t)a->part < (uintptr_t)b->part);
}

const char *modules_cloud(const void *part) {
    const struct part wanted = {part, NULL};
    const struct part *found = bsearch(&wanted, parts, n_parts, sizeof *parts, by_address);
    return found ? found->cloud : NULL;
}

static void parts_gather(const struct module *m) {
    if (strcmp(m->cloud, "platform") == 0 || strcmp(m->cloud, "customer") == 0) {
        return; /* always on */
    }
    for (const struct route *r = m->routes; r && r->path; r++) {
        part_add(m, r);
    }
    for (const struct timer_kind *t = m->timers; t && t->kind; t++) {
        part_add(m, t);
    }
    for (const struct outbox_kind *o = m->outbox; o && o->kind; o++) {
        part_add(m, o);
    }
    for (size_t i = 0; m->reactors && m->reactors[i]; i++) {
        part_add(m, m->reactors[i]);
    }
}

static struct contents contents;
static struct pointers migrations, routes, reactors, timers, outbox;

static void module_gather(const struct module *m) {
    parts_gather(m);
    if (m->migrations) {
        pointer_add(&migrations, m->migrations);
    }
    if (m->routes) {
        pointer_add(&routes, m->routes);
    }
    if (m->timers) {
        pointer_add(&timers, m->timers);
        calendar_recounts(m->timers);
    }
    if (m->outbox) {
        pointer_add(&outbox, m->outbox);
    }
    for (size_t i = 0; m->reactors && m->reactors[i]; i++) {
        pointer_add(&reactors, m->reactors[i]);
    }
    if (m->events) {
        event_types_register(m->events);
    }
    if (m->actions) {
        action_register(m->actions, m->cloud);
    }
    held_verb_register(m->verbs);
    for (size_t i = 0; m->conditions && m->conditions[i]; i++) {
        condition_register(m->conditions[i]);
    }
    if (m->texts) {
        message_register(m->texts);
    }
    if (m->permissions) {
        role_permissions_register(m->permissions);
    }
    if (m->entities) {
        model_register(m->entities, m->cloud);
    }
}

const struct contents *modules_register(void) {
    static const void *const nothing[] = {NULL};
    if (contents.routes) {
        return &contents;
    }
    message_register(base_texts);
    message_register(database_texts);
    handover_reasons_from(score_reasons);
    membership_then(score_follow_afar);
    definition_derive(&score_derived);
    definition_derive(&grade_derived);
    record_gate_register(&approval_gate);
    for (size_t i = 0; modules[i]; i++) {
        module_gather(modules[i]);
    }
    qsort(parts, n_parts, sizeof *parts, by_address);
    contents = (struct contents){
        .migrations = (const struct migration *const *)migrations.items,
        .n_migrations = migrations.n,
        .routes = (const struct route *const *)(routes.items ? routes.items : (void *)nothing),
        .reactors = (const struct reactor *const *)(reactors.items ? reactors.items
                                                                   : (void *)nothing),
        .timers = (const struct timer_kind *const *)(timers.items ? timers.items : (void *)nothing),
        .outbox = (const struct outbox_kind *const *)(outbox.items ? outbox.items
                                                                   : (void *)nothing)};
    return &contents;
}
