/*
 * Users: the people of the company who sign in.
 *
 * A user is a record (entity "user": name, login, department …) plus a secret kept apart:
 * the Argon2id hash of the password. A user is never deleted while records name it; it is
 * switched off (active = false), which ends its sessions and tokens.
 */
#ifndef GUANTONG_ORGANIZATION_USER_H
#define GUANTONG_ORGANIZATION_USER_H

#include "base/context.h"

enum { PASSWORD_SHORTEST = 10, PASSWORD_LONGEST = 200 };

/* Store the hash made by password_hash (slow: done before the transaction). Ends the user's
 * other sessions, except keep_session. */
void user_set_password(struct ctx *c, int64_t user_id, struct str hash, int64_t keep_session);

/* Field errors for a password that is too short, too long or the login itself. */
void user_check_password(struct ctx *c, struct str login, struct str password);

struct user_login {
    int64_t user_id; /* 0 when there is no active user of that login */
    struct str hash; /* a hash of nothing when there is none, so that time tells nothing */
};
struct user_login user_find_login(struct ctx *c, struct str login);

/* Whom another program's list means: the user of that name, login, mail or employee number, or one
 * of them with another in brackets behind it. Those who left count: history has its owners. */
struct user_called {
    int64_t id;   /* 0: nobody, or not to be told */
    bool several; /* more than one is called so */
};
struct user_called user_find_called(struct ctx *c, struct str words);

/* Which roles a user has; replaces all. */
void user_set_roles(struct ctx *c, int64_t user_id, const int64_t *role_ids, size_t n);

/* Who is told of what somebody leaves undone: the manager of his department or of the next above it
 * that has one who is not himself, else the leader of a team of his; switched off people do not
 * count. 0: nobody. */
int64_t user_manager(struct ctx *c, int64_t user_id);

extern const struct module user_module;

#endif
