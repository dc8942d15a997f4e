/*
 * The sample company 华岳工控: a maker of industrial controls, in a believable state, with
 * dates relative to today. Names and figures are invented from a seed; telephone numbers use
 * ranges that look right and belong to nobody by construction of the last digits.
 */
#ifndef GUANTONG_APP_SAMPLE_H
#define GUANTONG_APP_SAMPLE_H

#include "base/context.h"

/* Departments, people in all roles (with this password hash), products, accounts, leads,
 * deals, activities and tasks, in the caller's transaction. Origin import: nothing is sent. */
void sample_company(struct ctx *c, struct str password_hash);

#endif
