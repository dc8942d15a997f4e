/* Field errors of parts that know nothing of the form they are parts of. */
#ifndef GUANTONG_MARKETING_FORM_ERRORS_H
#define GUANTONG_MARKETING_FORM_ERRORS_H

#include "base/context.h"

/* The errors found after last (NULL: all) that point below from point below to instead. */
void form_errors_move(struct ctx *c, const struct field_error *last, struct str from,
                      struct str to);

#endif
