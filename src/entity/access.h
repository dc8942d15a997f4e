/*
 * Access: what an actor may do, decided on the record and on each field.
 *
 * A right on an entity is an action with a scope: none, own (I own it), team (a member of
 * my teams owns it), tree (its owner's department is mine or below), all. A right on
 * a field is none, masked, read or write. Rights are resolved once by the organization into a
 * struct actor with sets of ids, cached by its version; nothing here asks the database
 * who somebody is. Sharing a record (table record_share) adds records to the scope of an
 * action that the actor has in some scope; it gives no action of itself. Likewise a record
 * that nobody owns may be read by who may read what refers to it (opening.h). Creating and
 * importing need the scope all, and so does everything else on records without owner. Nobody does
 * anything to a record he may not read; where a scope is asked for whole sets
 * (access_scope, access_where, access_range) the narrower of the two counts, and of team and
 * tree, neither of which holds the other, only what is the actor's own.
 *
 * Deny by default: an action without a row is none. The system actor may do everything. Record
 * types of a cloud that is switched off are nobody's but the system's.
 */
#ifndef GUANTONG_ENTITY_ACCESS_H
#define GUANTONG_ENTITY_ACCESS_H

#include "db/sql.h"
#include "entity/record.h"

enum action {
    ACTION_READ,
    ACTION_CREATE, /* scope all, or none */
    ACTION_UPDATE,
    ACTION_DELETE,
    ACTION_ASSIGN,
    ACTION_EXPORT,
    ACTION_IMPORT, /* scope all, or none */
    ACTIONS
};

enum scope { SCOPE_NONE, SCOPE_OWN, SCOPE_TEAM, SCOPE_TREE, SCOPE_ALL };

enum field_right { RIGHT_NONE, RIGHT_MASKED, RIGHT_READ, RIGHT_WRITE };

struct id_set {
    const int64_t *ids; /* ascending */
    size_t n;
};

struct entity_rights {
    unsigned char scope[ACTIONS]; /* enum scope */
    const unsigned char *fields;  /* enum field_right by field position */
};

struct actor {
    bool system;
    int64_t user_id;
    int64_t department_id;
    int64_t organization_version, model_version; /* what it was resolved from */
    struct id_set members;                       /* users of my teams, me included */
    struct id_set departments;                   /* mine and all below */
    struct id_set lineage; /* mine and all above: shares with a department reach below it */
    struct id_set teams, roles;
    const struct entity_rights *entities; /* by entity position */
    int n_entities;
    const char *const *permissions; /* "settings:manage", sorted; NULL-terminated */
    struct str name;
    struct str clouds_off; /* switched off by the company, blanks between; empty as a rule */
    int64_t token_id;      /* 0 unless a program calls; then scopes limit the permissions */
    bool read_only;        /* a token that may only read */
};

extern const struct actor actor_system;

enum scope access_scope(const struct actor *a, const struct entity *e, enum action action);
enum field_right access_field(const struct actor *a, const struct entity *e, const struct field *f);
/* Whether the company of the actor has switched on the cloud (of a record type, a route). */
bool access_cloud_on(const struct actor *a, struct str cloud);
bool access_permitted(const struct actor *a, const char *permission);

/* May the actor do it to this record? Sharing and opening included (a query each at most). */
bool access_record(struct ctx *c, enum action action, const struct record *r);
/* Fail unless it may: ERROR_ABSENT when it cannot even be read, else ERROR_DENIED. */
void access_require(struct ctx *c, enum action action, const struct record *r);

/*
 * The scope as SQL over the entity's table under the given alias: adds a boolean expression
 * (1 = 1 for all, 1 = 0 for none). Includes shares and openings.
 */
void access_where(struct ctx *c, struct sql *q, const struct entity *e, enum action action,
                  const char *alias);

/*
 * The scope as key ranges for ordered index scans: which column (owner_id or
 * owner_department_id) and the ids. all is true when no restriction applies.
 */
struct access_range {
    bool all, none;
    struct str column;
    struct id_set ids;
    bool shares; /* the actor has shared records of this entity besides */
    bool opens;  /* and may read records that open some of this entity */
};
struct access_range access_range(struct ctx *c, const struct entity *e, enum action action);
/* Whether there may be more in the scope than its ranges hold. */
bool access_beyond(const struct access_range *range);

bool id_set_has(struct id_set set, int64_t id);
/* Whose doing it is: 0 for the system and the public. */
int64_t access_user_id(const struct actor *a);

/* Share a record with a user, department or team, to read or to update, with event and audit
 * entry. False when it was so already, or there was no such share. Rights are the caller's. */
enum share_right { SHARE_READ = 1, SHARE_UPDATE };
bool access_share(struct ctx *c, const struct record *r, struct str with, int64_t with_id,
                  enum share_right right);
bool access_unshare(struct ctx *c, const struct record *r, struct str with, int64_t with_id);

#endif
