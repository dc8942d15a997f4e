/* Answers to a form, read and checked against its design. */
#ifndef GUANTONG_MARKETING_FORM_ANSWERS_H
#define GUANTONG_MARKETING_FORM_ANSWERS_H

#include "customer/lead.h"
#include "marketing/form_design.h"

struct form_answers {
    struct value values[FORM_QUESTIONS]; /* of FORM_QUESTIONS; of what is not shown: empty */
    bool shown[FORM_QUESTIONS];
};

/* From {id: text, id of choices: [text]}. Whatever is wrong is a field error below /values; the
 * actor of the context is the system's. */
struct form_answers *form_answers_read(struct ctx *c, const struct form_design *d,
                                       const struct json *values);

/* As people read it: labels instead of codes. Empty when there is no answer. */
struct str form_answer_text(struct ctx *c, const struct form_design *d,
                            const struct form_answers *answers, size_t question);

/* What of it a lead is made of. Field errors below /values when nobody could be reached by it, or
 * the name is none. */
struct lead_intake form_intake(struct ctx *c, const struct form_design *d,
                               const struct form_answers *answers);

#endif
