/*
 * The event log: what happened, in order, for ever.
 *
 * Every change and every behaviour is an event, written in the transaction that made it.
 * Two streams share one shape: *business* events (lead.created, opportunity.moved) are kept
 * for ever; *behaviour* (page.viewed) has retention and roll-ups. A payload is a small JSON
 * object with its own version; it holds ids and plain facts, never personal data: old and
 * new values of fields live in the audit trail, keyed by the event.
 *
 * seq numbers a stream without gaps visible to readers: whoever has read up to seq n will
 * never see a smaller one appear. The number is given just before the commit (db_defer).
 */
#ifndef GUANTONG_EVENT_EVENT_H
#define GUANTONG_EVENT_EVENT_H

#include "base/context.h"
#include "base/json.h"

enum event_stream { STREAM_BUSINESS, STREAM_BEHAVIOUR, EVENT_STREAMS };

enum { EVENT_DEPTH = 12, EVENT_PAYLOAD = 16384 };

struct event {
    int64_t id;
    int64_t seq;
    enum event_stream stream;
    struct str type; /* "lead.created": noun.past_participle */
    int version;     /* of the payload's shape, from 1 */
    int64_t occurred_at, recorded_at;
    enum origin origin;
    int64_t actor_id;        /* user, or 0 for the system */
    struct str subject_type; /* entity name; empty when none */
    int64_t subject_id;
    int64_t person_id, account_id; /* whom it concerns, 0 when unknown */
    int64_t cause_id;              /* the event a reactor answered, 0 for a first cause */
    int depth;
    struct str payload; /* JSON object */
};

/* A type of event a module emits besides the verbs of records, for those who choose among all. */
struct event_type {
    const char *type;    /* "lead.assigned"; NULL ends a list */
    const char *subject; /* the record type its subject is of; NULL: none */
    const char *zh, *en;
};
#define EVENT_OF_ANY "*" /* a subject of any record type that people work on */

/*
 * Append an event to this unit of work. Unset fields are filled: id, recorded_at (now, or when c
 * says that it is written down), occurred_at (now), version 1, stream business, payload {}; origin,
 * actor, cause and depth always come from the context (the actor as event_actor_from says). Returns
 * the id. A chain deeper than EVENT_DEPTH fails with ERROR_LIMIT "event.loop"; a payload above
 * EVENT_PAYLOAD bytes with ERROR_INVALID.
 */
int64_t event_emit(struct ctx *c, const struct event *e);

/* How to tell the user from an actor, which this folder does not know. Set once at start;
 * without it events keep the actor_id given by the caller. */
void event_actor_from(int64_t (*user_id)(const struct actor *actor));

/*
 * How to tell whether a part (a reactor, a timer kind, an outbox kind) belongs to a module that is
 * switched off: it then works with c->silent, and waiting deliveries of an outbox kind wait on.
 * Set once at start; without it no part is.
 */
void event_silence_from(bool (*silent)(struct ctx *c, const void *part));
bool event_silent(struct ctx *c, const void *part);

/* What is done from here on is done because of the event. */
void event_cause(struct ctx *c, const struct event *e);

/* The highest seq a reader may rely on now, 0 when the stream is empty. */
int64_t event_head(struct ctx *c, enum event_stream stream);

/* Up to limit events after seq, oldest first, in the arena. */
struct event *event_read(struct ctx *c, enum event_stream stream, int64_t after, size_t limit,
                         size_t *n);

/* The same will be read before long (DB_AHEAD). */
void event_ahead(struct ctx *c, enum event_stream stream, int64_t after, size_t limit);

/* A part of a stream: seq in (after, upto], of the given types (as struct reactor has them). */
struct event_range {
    enum event_stream stream;
    int64_t after, upto;      /* upto 0: to the end */
    const char *const *types; /* "lead." means all that begin so; NULL or {NULL} every type */
    size_t limit;
    bool newest_first;
};
struct event *event_read_range(struct ctx *c, const struct event_range *range, size_t *n);
/* How many there are, counting at most range->limit. */
int64_t event_count_range(struct ctx *c, const struct event_range *range);
bool event_type_matches(const char *const *types, struct str type);
/* A copy of n events with all their texts. */
struct event *event_copy(struct arena *a, const struct event *events, size_t n);

/* One event of the business stream by id; NULL when there is none. */
struct event *event_find(struct ctx *c, int64_t id);

/* Set the timers that remove old behaviour and old deliveries, unless they are set; at start,
 * after the migrations. */
void event_upkeep_start(struct ctx *c);

extern const struct module event_module;

#endif
