/*
 * What an entry of the audit trail is about besides its record, in words: whom it was shared with,
 * the roles a user was given, the rights of a role that were changed.
 *
 * Kept as the reason of the entry, by name and id; told with the names of today.
 */
#ifndef GUANTONG_API_AUDIT_REASON_H
#define GUANTONG_API_AUDIT_REASON_H

#include "base/context.h"
#include "base/json.h"

/* Where two texts of role_rights_json differ: ["lead","lead.phone","audit:read"]. */
struct str audit_rights_changed(struct ctx *c, struct str before, struct str after);

/* Whether the program wrote the reason of such an entry; then it is no text for people. */
bool audit_reason_coded(struct str action);
/* The names in it, as an array; empty for other entries. */
void audit_put_about(struct ctx *c, struct json_writer *w, struct str action, struct str reason);

#endif
