/*
 * What followed the mails: of each content, or of each step of a journey or a rule, how many got
 * it, opened, clicked, and whose lead was converted within some days.
 *
 * It is what followed, not what the mail did: who clicks is keener to begin with. So the people who
 * clicked stand beside those who got the same mail and did not, with the interval of the
 * difference (Newcombe), and below a number of people nothing is said. Only people whose days are
 * over are compared, the others have not had their time; a conversion of somebody who clicked
 * counts when it came after the click. Everybody counts once for a mail, from the first time he
 * got it.
 */
#ifndef GUANTONG_MARKETING_MAIL_EFFECT_H
#define GUANTONG_MARKETING_MAIL_EFFECT_H

#include "base/context.h"
#include "statistics/contrast.h"

enum { MAIL_EFFECTS = 100 };

struct mail_effect_asked {
    struct str source; /* empty: every mail, by its template; else that source, by its steps */
    int64_t source_id, days, within;
};

struct mail_effect {
    int64_t template_id, content_id;
    struct str step;
    int64_t people, opened, clicked;
    struct contrast_group group[2]; /* who did not click, who did: whose days are over */
    int64_t deals, amount;          /* won by them within their days, in the company's currency */
};

/* The mails of most people first, at most MAIL_EFFECTS; how many. Counts what the actor may
 * read. */
size_t mail_effects(struct ctx *c, const struct mail_effect_asked *asked, struct mail_effect *list);

#endif
