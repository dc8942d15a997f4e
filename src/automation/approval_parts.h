/* What the files of approvals share: who is asked, what follows, the clock. */
#ifndef GUANTONG_AUTOMATION_APPROVAL_PARTS_H
#define GUANTONG_AUTOMATION_APPROVAL_PARTS_H

#include "automation/approval.h"
#include "automation/approval_process.h"

/* Somebody a step asks. */
struct approval_asked {
    int64_t approver_id, holder_id;
    const char *why; /* user role manager field fallback instead self only delegated */
    bool approved;   /* counts as approved at once: the requester, where the process says so */
};
/* Whom the step asks, at least one unless the company has nobody who can; at most
 * APPROVAL_APPROVERS. */
size_t approval_people(struct ctx *c, const struct approval_case *k, const struct json *step,
                       struct approval_asked *out);
/* Who answers in the place of somebody who cannot. 0: nobody there. */
int64_t approval_fallback(struct ctx *c, const struct approval_case *k);
/* Who answers for the user today by his standing order; himself without one. */
int64_t approval_deputy(struct ctx *c, const struct approval_case *k, int64_t user_id);

/* Make the change the approval holds, as its requester (as NULL) or as somebody else:
 * approval.applied_at or approval.failure. When another process wants to be asked, its approval
 * begins. */
struct actor;
void approval_apply(struct ctx *c, struct approval_case *k, const struct actor *as);
/* Take back what was made on trust (undo). */
void approval_take_back(struct ctx *c, struct approval_case *k);
/* The actions of the plan's list ("on_approved", "on_rejected"). */
void approval_act(struct ctx *c, struct approval_case *k, const char *list);

/* The reminder of the running step, from now; and no more. */
void approval_clock_start(struct ctx *c, const struct approval_case *k);
void approval_clock_stop(struct ctx *c, const struct approval_case *k);

/* Fields of an approval, written as the program's own record-keeping. */
void approval_set(struct ctx *c, struct approval_case *k, struct change_set *set);
/* Whether what failed is for people to mend, not for the machine to try again. */
bool approval_failed_for_good(const struct ctx *c);
/* {"zh","en"} of the failure. */
struct str approval_failure_text(struct ctx *c);
/* A set of new values as JSON. */
struct str approval_change_text(struct ctx *c, const struct change_set *set);

#endif
