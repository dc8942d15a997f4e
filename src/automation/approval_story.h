/* What happened in the approvals of a record, for its timeline. */
#ifndef GUANTONG_AUTOMATION_APPROVAL_STORY_H
#define GUANTONG_AUTOMATION_APPROVAL_STORY_H

#include "base/context.h"

struct approval_happening {
    int64_t at, id;   /* of the approval, or of the vote */
    const char *type; /* requested approved rejected returned passed withdrawn done */
    struct str text;  /* what was said */
    int64_t actor_id; /* 0: the program */
    struct str data;  /* {"process","approval_id","to","why"} */
};

/* Of the record's approvals, before an instant, the newest ones, at most limit of each kind; in no
 * order. How many are in *out. */
size_t approval_story(struct ctx *c, int64_t subject_id, int64_t before, size_t limit,
                      struct approval_happening **out);

#endif
