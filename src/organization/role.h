/*
 * Roles: named sets of rights.
 *
 * A role holds, per record type, a scope for each action; per field a right where it
 * differs from the standard (write; masked for personal fields); and permissions such as
 * settings:manage. A user with several roles has the widest of each. The built-in roles
 * come with sensible rights, which a company may change; a record type that is new to
 * a role gets its defaults once.
 */
#ifndef GUANTONG_ORGANIZATION_ROLE_H
#define GUANTONG_ORGANIZATION_ROLE_H

#include "base/json.h"
#include "entity/access.h"

/* Rights of one built-in role on one record type ("*": all others). A letter per action in
 * the order of enum action: n none, o own, t team, d department tree, a all. */
struct role_default {
    const char *role, *entity, *scopes;
};
/* A field right that differs from the standard: n none, m masked, r read, w write. */
struct role_field_default {
    const char *role, *entity, *field;
    char right;
};
struct builtin_role {
    const char *code, *zh, *en;
    const char *permissions; /* codes separated by blanks */
};

extern const struct builtin_role builtin_roles[]; /* ends with a NULL code */
extern const struct role_default role_defaults[]; /* ends with a NULL role */
extern const struct role_field_default role_field_defaults[];

/* Create the built-in roles that are missing, and rights of record types new to them. */
void role_seed(struct ctx *c, const struct model *m);
/* Id of a built-in role; 0 when there is none. */
int64_t role_by_code(struct ctx *c, const char *code);

/* {"entities":{…},"fields":{…},"permissions":[…]} as in the API; set replaces what is given. */
void role_rights_json(struct ctx *c, struct json_writer *w, int64_t role_id);
void role_rights_set(struct ctx *c, int64_t role_id, const struct json *rights);

/* Register the permissions a module declares, at start: no others can be given. */
struct permission;
void role_permissions_register(const struct permission *permissions);
/* What each is called in the language of who asks, by its code. */
void role_permissions_json(const struct ctx *c, struct json_writer *w);
/* What a permission allows, in the caller's language; the code when it is not declared. */
struct str role_permission_words(const struct ctx *c, struct str code);

/* ERROR_CONFLICT when nobody is left who may manage users: they would all be locked out. Asked
 * after whatever may take that right away. */
void role_keep_administrator(struct ctx *c);

/* "none" "own" "team" "tree" "all", and "none" "masked" "read" "write". */
const char *scope_word(enum scope s);
bool scope_parse(struct str word, enum scope *s);
const char *field_right_word(enum field_right r);
bool field_right_parse(struct str word, enum field_right *r);
const char *action_word(enum action a);

#endif
