/* The modules of this folder, for app/modules.c. */
#ifndef GUANTONG_ORGANIZATION_ORGANIZATION_H
#define GUANTONG_ORGANIZATION_ORGANIZATION_H

#include "base/module.h"

extern const struct module organization_module; /* sessions and tokens */
extern const struct module company_module;
extern const struct module user_module;
extern const struct module department_module;
extern const struct module team_module;
extern const struct module leave_module; /* who is away */
extern const struct module calendar_recount_module;
extern const struct module calendar_module; /* holidays and make-up days of the company's own */
extern const struct module role_module;
extern const struct module saved_view_module;

#endif
