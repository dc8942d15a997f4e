/*
 * What people did, by day: how often each kind of event happened to a person on each day of the
 * company's calendar. From it come conditions like "viewed the price page three times within 30
 * days" (event_leaf.c).
 *
 * Counted is each business event that names a person, save changes of records, tags and segments;
 * and of the behaviour stream what is a person's by the links of his browsers (visitor.h). An
 * event counts under its type; under each of a few properties of its payload, "page.viewed",
 * "path=/price"; and, when the person himself did something, as "person.active".
 *
 * Each count keeps whose it was first: a person as the event named him, or a link. When people
 * become one or part again, or a link is taken back, counts follow; nothing is counted anew but
 * what a link brings from before.
 */
#ifndef GUANTONG_CUSTOMER_PERSON_DAY_H
#define GUANTONG_CUSTOMER_PERSON_DAY_H

#include "entity/condition.h"
#include "event/event.h"

/* Count it, or move counts when it joins or parts. Whose it is now; 0: nobody's. */
int64_t person_day_follow(struct ctx *c, const struct event *e);
/* The same for many events, whose they are now in people; what counts alike is written once. */
void person_day_follow_many(struct ctx *c, const struct event *events, size_t n, int64_t *people);
/* Which events of the behaviour stream may be somebody's; as a reactor chooses. */
void person_day_choose(struct ctx *c, const struct event *events, size_t n, bool *wanted);

/* Whether the person himself did something. */
bool person_day_active(struct str type, enum event_stream stream);
/* Whether counts move without an event of the type counted. */
bool person_day_moves(struct str type);

/* The key of a type's property, "page.viewed\npath=/price"; the type alone when property is
 * empty. */
struct str person_day_key(struct arena *a, struct str type, struct str property, struct str value);
/* Properties that are counted; ends with NULL. */
extern const char *const person_day_properties[];

/* The day of the company's calendar, counted from 1970-01-01. */
int64_t person_day_of(struct ctx *c, int64_t ms);

/* The records of the type, which have a person, that the event may be about. */
void person_day_reach(struct reach *reach, const struct entity *e);

/* What an event leaf asks of the rows of a person: the days that count, how often, or how long ago
 * the last was. */
struct event_window {
    struct str key; /* in event_key; with begins all that begin so */
    bool begins;
    int64_t from, to;    /* days */
    int64_t least, most; /* the sum */
    int64_t last;        /* not after this day, INT64_MAX: whenever; then least is 1 */
    bool of_person;      /* asked of people themselves */
};
struct event_window event_leaf_window(struct ctx *c, const void *leaf);

/* {"event":…}; in event_leaf.c. */
extern const struct condition_kind event_leaf;

#endif
