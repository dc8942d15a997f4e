/* What salesmen do about a lead or a deal: they write down what was said, and set tasks. */
#ifndef GUANTONG_SAMPLE_WORK_H
#define GUANTONG_SAMPLE_WORK_H

#include "sample/company.h"

/* How far it is: words differ. The stages of a deal follow WORK_STAGE. */
enum work_phase {
    WORK_FIRST,   /* the first answer to a lead */
    WORK_NURTURE, /* later, still a lead */
    WORK_STAGE,
    WORK_WON = WORK_STAGE + SAMPLE_STAGES,
    WORK_LOST,
    WORK_SHOP,
    WORK_CARE, /* between the deals of a customer */
    WORK_PHASES
};

struct work {
    const char *type; /* "lead", "opportunity" … */
    int64_t subject_id;
    const struct actor *who;
    enum work_phase phase;
    const char *interest; /* what it is about */
};

/* An activity at that time, unless that is after the present. False then. */
bool work_follow_up(struct company *k, struct draw *d, const struct work *w, int64_t at);

/* A task set at that time to be done by due: done by then or later, as its owner is; open when the
 * present comes first. */
void work_task(struct company *k, struct draw *d, const struct work *w, int64_t at, int64_t due);
/* One that is open; its id. */
int64_t work_task_open(struct company *k, struct draw *d, const struct work *w, int64_t at,
                       int64_t due);

#endif
