/* An approval as people see it. */
#ifndef GUANTONG_AUTOMATION_APPROVAL_VIEW_H
#define GUANTONG_AUTOMATION_APPROVAL_VIEW_H

#include "automation/approval.h"

/* Who asked, who is or was asked, and who may read the record; nobody else knows of it. */
bool approval_visible(struct ctx *c, const struct approval_case *k);

/*
 * The approval as a JSON object: what is asked, about what, the steps with who answered, and what
 * the reader may do. Approvers see the fields the process shows, whether they may read the record
 * or not; others only those they may read.
 */
void approval_json(struct ctx *c, struct json_writer *w, const struct approval_case *k);
/* A reply's object with its member "data", those of the ids that are there; it stays open. */
void approvals_json(struct ctx *c, struct json_writer *w, const int64_t *ids, size_t n);

/* {"id","name"} of a user, or null. */
void approval_user_json(struct ctx *c, struct json_writer *w, const char *key, int64_t user_id);

#endif
