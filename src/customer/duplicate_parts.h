/* Pairs that may be one, for the queue that shows them (duplicates.c) and the verbs that decide on
 * them (duplicate_verdict.c). */
#ifndef GUANTONG_CUSTOMER_DUPLICATE_PARTS_H
#define GUANTONG_CUSTOMER_DUPLICATE_PARTS_H

#include "customer/likeness.h"
#include "entity/access.h"
#include "http/route.h"

#define REVIEW "duplicates:review"

struct pair {
    int64_t id; /* 0: in no queue */
    int64_t a_id, b_id, likely, found_at, decided_at, decided_by, winner_id;
    int64_t sure;
    struct str entity, reasons, state;
};

#define PAIR_COLUMNS                                                                        \
    "p.id, p.a_id, p.b_id, p.likely, p.found_at, p.decided_at, p.decided_by, p.winner_id, " \
    "p.sure, p.entity, p.reasons, p.state"

#define PAIR_SHAPE                                                                            \
    "id:id?! entity:text! state:text! probability:number! by_hand:boolean! sure:boolean! "    \
    "found_at:instant! decided_at:instant?! winner_id:id! reasons:[(field:text! level:text! " \
    "bits:number!)]! records:[object]!"

struct pair pair_row(const struct db_rows *rows);
void pair_json(struct ctx *c, struct json_writer *w, const struct pair *p);

/* Nobody found the two alike: somebody picked them. */
bool pair_by_hand(const struct pair *p);
/* The record type asked for, when its records can be merged; else NULL and an error. */
const struct entity *pair_entity(struct ctx *c, struct str name);
/* The record type asked for, when its records are searched; else NULL and an error. */
const struct likeness_kind *pair_kind(struct ctx *c, struct str name);

/* " FROM duplicate_pair p JOIN …": the pairs of which the actor may see both records; of merged
 * ones the loser is in the trash. */
void pairs_from(struct ctx *c, struct sql *q, const struct entity *e, struct str state);

/* A lead that was converted is not merged into another: what it became refers to it. */
bool pair_must_stay(const struct record *r);
/* Who stays unless somebody chooses: who must, else by the company's rule whom more is known of (of
 * two of whom as much is known, who was there first), who was there first, or who came last. */
int64_t pair_winner(struct ctx *c, const struct record *a, const struct record *b);

#endif
