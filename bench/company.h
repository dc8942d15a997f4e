/*
 * The company that benches measure with.
 *
 * 1,000 representatives in 50 departments (five trees of ten) and as many leads as asked
 * for, each with its person and what the person is reached by, written as the program stores
 * them, but without events and audit entries. Three people stand for those who call: a
 * representative who owns 40 leads and no more, the manager of a tree of ten departments (a
 * fifth of all leads), an administrator. All have the program's own roles.
 */
#ifndef GUANTONG_BENCH_COMPANY_H
#define GUANTONG_BENCH_COMPANY_H

#include "app/modules.h"
#include "base/context.h"
#include "entity/access.h"

/* Leads of the representative; departments of the manager, which are the first ones. */
enum { COMPANY_OWNED = 40, COMPANY_TREE = 10 };

enum company_role { COMPANY_REPRESENTATIVE, COMPANY_MANAGER, COMPANY_ADMINISTRATOR, COMPANY_ROLES };
extern const char *const company_role_names[COMPANY_ROLES];

struct company {
    struct ctx c; /* acts as the system on a writing connection */
    struct arena arena;
    const struct contents *contents;
    const struct entity *lead, *person;
    int64_t leads;
    uint64_t random;
};

/* Open the database and bring it up to this program; fill it when it has no leads. The last
 * word is said on standard error and ends the process. */
void company_open(struct company *b, const char *url, int64_t leads);
void company_close(struct company *b);
/* End the process when the context has failed. */
void company_check(const struct company *b);

int64_t company_user(enum company_role role);
/* What the person may do, resolved from the roles in the database. */
const struct actor *company_actor(struct company *b, enum company_role role);
/* A token for the person that may do all the person may. */
struct str company_token(struct company *b, enum company_role role);
/* The i-th lead, from 0; the representative's are the multiples of leads / COMPANY_OWNED. */
int64_t company_lead(int64_t i);
int64_t company_department(int64_t i);

/* The same numbers in each run (splitmix64): one of 0 … n − 1. */
int64_t company_draw(struct company *b, int64_t n);

#endif
