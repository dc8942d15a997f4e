/*
 * Lead pools (公海): leads that are nobody's, to be grabbed.
 *
 * A company has several. A lead without owner that is to be worked lies in the first pool, in their
 * order, that is on, whose condition holds and which is not full (capacity); lead.pool_id says in
 * which. Who may grab is told by the pool (everyone who may grab at all, or users, teams,
 * departments); its managers besides look after it and give its leads out. What lies in a pool is
 * seen through the pool alone, with the fields it hides masked: a record without owner is in
 * nobody's lists, searches, exports and feeds but of those who may read all leads anyway.
 *
 * Grabbing is limited by picks a day (of the company's zone) and by how many open leads one holds;
 * whoever had a lead and let it go has to wait until the others had their chance (cool-down).
 * Every way in and out is a row of lead_pool_log, which limits and reports read.
 *
 * Who holds a lead is under the clocks of the pool it would lie in (lead_clock.c): without
 * follow-up or without deal in time it goes back by itself.
 */
#ifndef GUANTONG_SALES_LEAD_POOL_H
#define GUANTONG_SALES_LEAD_POOL_H

#include "entity/access.h"

enum { POOLS_MOST = 50 };

/* How a lead came in, or went out. */
#define POOL_ENTERED "entered"   /* it was nobody's */
#define POOL_RELEASED "released" /* its owner let it go */
#define POOL_RECYCLED "recycled" /* a clock ran out */
#define POOL_GRABBED "grabbed"
#define POOL_ASSIGNED "assigned"

/* The pools that are on, in their order, at most POOLS_MOST. */
size_t pools_read(struct ctx *c, struct record **pools);
/* The pool of that id, on or off; NULL with ERROR_ABSENT when there is none. */
struct record *pool_load(struct ctx *c, int64_t id);
/* Whether leads may be put there: it is on and not full. */
bool pool_open(struct ctx *c, int64_t id);
/* The first pool that would take the lead, full ones passed over unless any is asked for; NULL when
 * there is none. */
struct record *pool_fitting(struct ctx *c, const struct record *lead, bool any);

/* Whether the actor looks after it: the pool says so, or he manages pools and gives all leads
 * out. */
bool pool_manages(const struct ctx *c, const struct record *pool);
/* Whether the actor may grab from it: he may grab at all, and the pool is for him. */
bool pool_admits(struct ctx *c, const struct record *pool);

/* How a lead gets into a pool. */
struct pool_entry {
    const char *kind;
    struct str reason;    /* in the words of who let it go, or the clock's name */
    int64_t from_user_id; /* whose it was, 0: nobody's */
    int64_t pool_id;      /* 0: the first that fits */
};
/* Take the lead from its owner and put it into a pool. 0 when no pool takes it: then it is left
 * as it is. Emits lead.pooled and lead_pool.filled. The pool's id. */
int64_t pool_put(struct ctx *c, const struct record *lead, const struct pool_entry *entry);

/* Give a lead that lies in a pool to somebody: grabbed by himself, or assigned. Limits are the
 * caller's. False when it was taken since it was read; nothing is changed then. Emits lead.grabbed
 * or nothing besides lead.assigned, and lead_pool.taken. */
bool pool_give(struct ctx *c, const struct record *lead, int64_t user_id, struct str reason);

/* The lead left that pool by somebody's giving it away elsewhere (a list, a rule): keep that,
 * unless it is known. */
void pool_left(struct ctx *c, const struct record *lead, int64_t pool_id);

/* What may be done, and what is left of it. */
struct pool_standing {
    int64_t limit, picked; /* limit 0: none; picked today */
    int64_t cap, held;     /* cap 0: none */
    int64_t day;           /* days since 1970 in the company's zone */
};
struct pool_standing pool_standing(struct ctx *c, const struct record *pool, int64_t user_id);
/* Until when the user may not grab what he let go; 0: he may. */
int64_t pool_cooling(struct ctx *c, const struct record *pool, int64_t lead_id, int64_t user_id);

/* 徐州云岭重型机械有限公司 → 徐州某重型机械: what may be known of a company before the grab. */
struct str pool_company_mask(struct arena *a, struct str name);

#endif
