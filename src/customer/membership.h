/*
 * Memberships: which records a condition holds for, kept as things happen and as time passes.
 *
 * A definition is a condition over one record type: a live segment, or the rule of a tag. For each
 * record it holds for there is a row of `membership`, with the time since when and, when time
 * alone may change the answer, the time to ask again. Whoever must be asked again is told by the
 * events (condition_concerned, condition_reach) and by one timer set to the earliest such time;
 * nothing is ever computed anew for all, save when a definition begins or changes: then the
 * records are gone through once, in small pieces.
 *
 * A static segment has the same rows, put there by hand.
 */
#ifndef GUANTONG_CUSTOMER_MEMBERSHIP_H
#define GUANTONG_CUSTOMER_MEMBERSHIP_H

#include "entity/condition.h"

enum membership_kind { MEMBERSHIP_SEGMENT, MEMBERSHIP_TAG };

struct membership_definition {
    int64_t id;
    enum membership_kind kind;
    const struct entity *entity;
    const struct condition *where;
};

/* All definitions that are followed; they stand until the next call on this thread. */
struct membership_definitions {
    const struct membership_definition *items;
    size_t n;
};
struct membership_definitions membership_definitions(struct ctx *c);

/* Ask again for everybody whom the event may concern; person_id: whose it is now. */
void membership_follow(struct ctx *c, const struct event *e, int64_t person_id);
/* What else follows events, after what people did was counted and members are right, in the same
 * transaction; people: whose each event is now, 0 nobody's. Set once at start. */
void membership_then(void (*follows)(struct ctx *c, const struct event *events,
                                     const int64_t *people, size_t n));
/* Ask for one record. quiet: what changes is written and not told. */
void membership_ask(struct ctx *c, const struct membership_definition *d, int64_t subject_id,
                    bool quiet);
/* Put one in or out by hand; true when that changed something. */
bool membership_set(struct ctx *c, int64_t segment_id, const struct entity *e, int64_t subject_id,
                    bool member);

/* Records that were joined, or parted again (membership_merge.c). */
enum merge_verb { MERGE_NONE, MERGE_JOINS, MERGE_PARTS };
enum merge_verb membership_merge_verb(const struct event *e);
/* Before an event is followed: whoever stays, or comes back, has his places in static segments. */
void membership_turn_lists(struct ctx *c, const struct event *e);
/* After it was followed: those who are two again are members since they were. */
void membership_since_again(struct ctx *c, const struct event *e);

/* A definition is new, has changed or has ended: go through the records. quiet as above. */
void membership_fill(struct ctx *c, int64_t definition_id, bool quiet);
/* Whether that is not done yet. */
bool membership_filling(struct ctx *c, int64_t definition_id);

#endif
