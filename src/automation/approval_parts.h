/* What the files of approvals share: who is asked, what follows, the clock. */
#ifndef GUANTONG_AUTOMATION_APPROVAL_PARTS_H
#define GUANTONG_AUTOMATION_APPROVAL_PARTS_H

#include "automation/approval.h"
#include "automation/approval_process.h"

/* Somebody a step asks. */
struct approval_asked {
    int64_t approver_id, holder_id;
    const char *why; /* user role manager field fallback instead self only delegated away */
    bool approved;   /* counts as approved at once: the requester, where the process says so */
};
/* Whom the step asks, at least one unless the company has nobody who can; at most APPROVAL_ASKED,
 * more are an error. */
size_t approval_people(struct ctx *c, const struct approval_case *k, const struct json *step,
                       struct approval_asked *out);
/* Who answers in the place of somebody who cannot. 0: nobody there. */
int64_t approval_fallback(struct ctx *c, const struct approval_case *k);
/* Who answers for the user today by his standing order; himself without one. */
int64_t approval_deputy(struct ctx *c, const struct approval_case *k, int64_t user_id);

/* Who answers for somebody on leave today: the first above him who is there, or that one's deputy.
 * 0: he is not away, or nobody is there. */
int64_t approval_present_manager(struct ctx *c, const struct approval_case *k, int64_t user_id);

/* A new record that is held: its values as JSON, and as a record without an id. */
struct str approval_draft_text(struct ctx *c, const struct record *r);
struct record *approval_draft(struct ctx *c, const struct entity *e, struct str text);
/* The record as it is to be: with the change that is held. */
const struct record *approval_as_asked(struct ctx *c, const struct approval_case *k);
/* The process that holds this creation of the actor's, and the record as it would have been: it is
 * tried, with all its checks, and undone. NULL with an error when it is wrong otherwise, or need
 * not be asked about. */
struct record *approval_create_held(struct ctx *c, const struct change_set *set,
                                    const struct record **draft);

/* The approval, held, with the actor's vote in it; NULL with an error. */
struct approval_case *approval_asked_of(struct ctx *c, int64_t id, int64_t *vote_id);
/* The approval, held, of its requester, or (managers) of anybody for who manages automation. */
struct approval_case *approval_owned(struct ctx *c, int64_t id, const char *states, bool managers);
/* ERROR_CONFLICT when what was asked about is gone, or not as it was. */
void approval_check_unmoved(struct ctx *c, const struct approval_case *k);

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

/* The approval that holds a verb of this record and waits, or was returned; 0: none. */
int64_t approval_open_of(struct ctx *c, int64_t origin_id);
/* Whether there is something to be made when it is approved. */
bool approval_holds(const struct approval_case *k);

/* Whether that is what failed, and the process that wants to be asked. */
bool approval_needed(const struct error *error, int64_t *process_id);

/* Fields of an approval, written as the program's own record-keeping. */
void approval_set(struct ctx *c, struct approval_case *k, struct change_set *set);
/* A set of new values as JSON. */
struct str approval_change_text(struct ctx *c, const struct change_set *set);

#endif
