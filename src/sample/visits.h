/* What visitors of the sample company's site do. */
#ifndef GUANTONG_SAMPLE_VISITS_H
#define GUANTONG_SAMPLE_VISITS_H

#include "sample/company.h"

/* A browser on its way to a form, or to nowhere. */
struct visiting {
    const struct sample_channel *channel;
    int64_t until;                    /* when the form is sent, or the last visit begins */
    bool white_paper, pricing, cases; /* what it looks at besides */
    int visits;
};

/* Its visits; the id of the visitor. Nothing and 0 when they would lie farther back than behaviour
 * is kept. */
int64_t visits_make(struct company *k, struct draw *d, const struct visiting *v);
/* The visitor says who he is, at that time. */
void visits_join(struct company *k, int64_t visitor_id, int64_t person_id, int64_t at);

/* How it came, as touches and visits keep it: {"landing","referrer","utm":{}}. */
struct str visits_touch(struct arena *a, const struct sample_channel *channel);

/* Browsers of whom nobody ever heard, of one day. */
void visits_of_strangers(struct company *k, int64_t day);

#endif
