/*
 * The hold: changes that want an approval first do not go through quietly.
 *
 * Registered as the gate of all record writes (entity/gate.h): whatever comes in — an edit, a drag
 * on a board, many at once, a program, a rule — meets the same question. A process that watches the
 * change and holds (hold_mode "hold") refuses it with ERROR_CONFLICT "approval.needed" {process,
 * process_id}, a new record with "approval.needed_new" and the record in c->refused; one that
 * trusts (hold_mode "block") lets it be made, begins the approval and locks what it watches. While
 * an approval is pending, the fields its process locks cannot be changed: "approval.locked". What
 * an approval does itself (c->approval_id) passes its own process.
 */
#ifndef GUANTONG_AUTOMATION_APPROVAL_HOLD_H
#define GUANTONG_AUTOMATION_APPROVAL_HOLD_H

#include "entity/gate.h"

extern const struct record_gate approval_gate;

/* The approval that the failed context asks for: the process refused a change. NULL when it failed
 * otherwise, or not at all. */
struct record *approval_wanted(struct ctx *c);

/* The end of a change that was only tried, with all its checks, behind a savepoint: it is undone,
 * and what is told is the process that holds it; NULL with an error when it is wrong otherwise, or
 * need not be asked about. */
struct record *approval_tried(struct ctx *c);

/*
 * Change a record as rules do (record_change); what a process holds is asked for in its place. The
 * requester is whoever acts, else the owner of the record.
 */
void approval_change_or_ask(struct ctx *c, const struct record *r, const struct change_set *set,
                            struct str reason);

#endif
