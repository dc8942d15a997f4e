/*
 * Approvals: a question about a record that named people decide, step by step.
 *
 * Life: pending → approved | rejected; back to the requester (returned) and pending again in a new
 * round, or withdrawn. Each person asked is a vote (approval_vote): whom the process names
 * (approver), who holds it now (a delegate, or he himself), what was decided by whom, and why he
 * was asked. A step ends by its mode: any (the first answer), all, ratio. When one is approved the
 * next begins; a step whose condition does not hold is passed over.
 *
 * An approval may hold a change: it is made when the last step is approved, in the same
 * transaction, as the requester, with all checks; what cannot be made is told (failure), and may be
 * tried again. A record that is gone ends its approvals.
 *
 * A new record may be held too: a draft (create_new), with the record as it would have been; it is
 * created when the last step is approved, and the approval is about it from then on.
 *
 * A verb of several records may be held as a whole (verb, origin_id; held_verb.h).
 *
 * Those asked about together (batch_id) are told once to each who is asked.
 *
 * Nobody is never asked: who is switched off or missing is replaced by the process administrator,
 * else by an administrator. Who asks does not answer himself unless the process says so.
 *
 * Several decide at once: every verb holds the approval's row first (approval_open), so one
 * decision counts and the other sees what it did.
 *
 * Events: approval.requested, .decided, .reminded, about the record.
 */
#ifndef GUANTONG_AUTOMATION_APPROVAL_H
#define GUANTONG_AUTOMATION_APPROVAL_H

#include "automation/held_verb.h"

/* An approval with what is asked again and again of it. */
struct approval_case {
    struct record *approval;
    const struct json *plan;
    struct record *subject;       /* NULL when it is gone; a draft has no id */
    bool draft;                   /* the record is not created yet */
    const struct held_verb *verb; /* held as a whole, of the origin; NULL: none */
    struct record *origin;
};

struct approval_request {
    const struct record *process;
    const struct record *subject; /* as it is now, or would be */
    bool draft;                   /* it is to be created */
    int64_t batch_id;             /* of those asked about together; 0: alone */
    int64_t requester_id;         /* 0: nobody who is there */
    int64_t previous_id;          /* the approval of the same change by another process before */
    struct str change;            /* the change held, as JSON; empty: none */
    struct str undo;              /* what a rejection takes back, as JSON; empty: nothing */
    struct str reason;
    const struct held_verb *verb; /* NULL: a change or nothing is held */
    int64_t origin_id;            /* whose verb it is */
    struct str parameters, outcome;
};

/* Begin. ERROR_CONFLICT "approval.pending" while one of the process is open on the record; one that
 * was returned goes on as a new round. The id. */
int64_t approval_start(struct ctx *c, const struct approval_request *request);

/* Load for reading; NULL when there is none. */
struct approval_case *approval_find(struct ctx *c, int64_t id);
/* Load and hold: ERROR_CONFLICT "approval.closed" unless it is in one of the states (blanks
 * between); ERROR_RETRY when somebody was at it. */
struct approval_case *approval_open(struct ctx *c, int64_t id, const char *states);

enum approval_decision { APPROVAL_APPROVE, APPROVAL_REJECT, APPROVAL_RETURN };
/* The vote of this case that waits for the user, 0 when he is not asked. */
int64_t approval_vote_of(struct ctx *c, const struct approval_case *k, int64_t user_id);
void approval_decide(struct ctx *c, struct approval_case *k, int64_t vote_id,
                     enum approval_decision decision, struct str comment);
void approval_withdraw(struct ctx *c, struct approval_case *k, struct str comment);
/* Its record is in the trash: as withdrawn, and the requester hears why. */
void approval_end_gone(struct ctx *c, struct approval_case *k);
/* Ask on from the beginning, with what is to be changed now. */
void approval_resubmit(struct ctx *c, struct approval_case *k, struct str reason,
                       struct str change);
/* Hand a vote to somebody else; ask one more in the running step. */
void approval_delegate(struct ctx *c, struct approval_case *k, int64_t vote_id, int64_t user_id);
void approval_ask_also(struct ctx *c, struct approval_case *k, int64_t user_id);

/* Fields shown or locked that differ from what was asked about, the change itself apart. */
size_t approval_moved(struct ctx *c, const struct approval_case *k, const struct field **out,
                      size_t limit);
/* Whether this person's answer can be asked for: active, and not the requester unless that is
 * allowed. */
bool approval_may_answer(struct ctx *c, const struct approval_case *k, int64_t user_id);

/* Values of the fields the plan shows or locks, as they are now:
 * {"amount":{"value":…,"title":…}}. */
struct str approval_snapshot(struct ctx *c, const struct json *plan, const struct record *subject);

/* Whether an approval of the process on this record still answers for what is there (once). */
bool approval_covers(struct ctx *c, const struct record *process, const struct record *subject);

/* Tell a user: code with {who} {what} {process} {comment}. */
void approval_tell(struct ctx *c, const struct approval_case *k, int64_t user_id, const char *code,
                   struct str comment);
void approval_emit(struct ctx *c, const char *type, const struct approval_case *k);
struct str approval_user_name(struct ctx *c, int64_t user_id);

#endif
