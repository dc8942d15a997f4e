/* The modules of this folder, for app/modules.c. */
#ifndef GUANTONG_AUTOMATION_AUTOMATION_H
#define GUANTONG_AUTOMATION_AUTOMATION_H

#include "base/module.h"

extern const struct module rule_module;
extern const struct module rule_routes_module;
extern const struct module rule_date_module;      /* rules that a date sets off */
extern const struct module record_actions_module; /* set a field, create a task, notify, post */
extern const struct module notification_module;
extern const struct module question_module; /* ask a colleague about a record */
extern const struct module sharing_module;  /* give a colleague a record beside his role */

extern const struct module approval_process_module;
extern const struct module approval_module;
extern const struct module approval_people_module;
extern const struct module approval_delegate_module;
extern const struct module approval_effect_module;
extern const struct module approval_hold_module;
extern const struct module approval_clock_module;
extern const struct module approval_routes_module;
extern const struct module approval_draft_module;
extern const struct module approval_answer_module;
extern const struct module approval_list_module;
extern const struct module held_verb_module; /* verbs of several records, kept as a whole */

#endif
