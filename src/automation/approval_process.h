/*
 * Approval processes: what a company wants to be asked before, and whom.
 *
 * A process is a setting: the record type, when it applies (a condition), what starts it (by hand,
 * by a rule, or a field that takes a value), the steps in their order, and what follows. Each
 * saving is a version (approval_version); an approval keeps the version it began with.
 *
 * The plan of a version is its fields as a JSON object. A step of it:
 *   {"name","mode":"any"|"all"|"ratio","percent","condition",
 *    "approvers":[{"user":id}|{"role":id}|{"manager":levels}|{"field":"owner_id"}, …]}
 */
#ifndef GUANTONG_AUTOMATION_APPROVAL_PROCESS_H
#define GUANTONG_AUTOMATION_APPROVAL_PROCESS_H

#include "entity/record.h"

/* Of a step: named so many, and asked so many where a role is named. */
enum { APPROVAL_STEPS = 10, APPROVAL_APPROVERS = 50, APPROVAL_ASKED = 500, APPROVAL_FIELDS = 30 };

/* The processes of a record type that are switched on, in their order, in c->arena; from memory as
 * a rule. At most limit; how many. */
size_t approval_processes(struct ctx *c, const struct entity *e, struct record **out, size_t limit);
/* Whether any process, on or off, is of this record type: else none is of such records. */
bool approval_concerns(struct ctx *c, const struct entity *e);

/* Whether the process applies to a record with these values. Asked as the system. */
bool approval_applies(struct ctx *c, const struct record *process, const struct record *subject);
/* Whether what the process watches takes one of its values by this change. */
bool approval_entered(struct ctx *c, const struct record *process, const struct record *before,
                      const struct record *after);
/* A condition of a plan on a record, asked as the system; without one it holds. */
bool approval_condition_holds(struct ctx *c, const struct json *condition,
                              const struct record *subject);

/* The newest version of a process; 0 when it has none. */
int64_t approval_version_newest(struct ctx *c, int64_t process_id);
/* The plan of a version; NULL when there is none. */
const struct json *approval_plan(struct ctx *c, int64_t version_id);

/* Whether the plan's list ("shown", "locked") names the field. */
bool approval_lists(const struct json *plan, const char *list, const struct field *f);

#endif
