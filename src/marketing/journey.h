/*
 * Journeys: what is done for a person over days and weeks, drawn as a graph (journey_graph.h).
 *
 * A journey has a draft that is edited and versions that never change. Who enters goes through
 * the version published then; he keeps it when a new one is published, unless the publisher moves
 * those in flight along. A *run* is one person's (or lead's) way through: where he stands, since
 * when, until when, and why.
 *
 * Runs are moved by timers, one for each: its handler takes the steps that are due, up to the
 * next wait, in one transaction with all they cause, so each step takes effect exactly once,
 * whatever is killed when. Events wake runs that wait for them, or bring people in, behind a
 * cursor.
 *
 * Events out, about the person: journey.entered, journey.ended {"journey_id","name","how"}.
 */
#ifndef GUANTONG_MARKETING_JOURNEY_H
#define GUANTONG_MARKETING_JOURNEY_H

#include "event/event.h"
#include "event/timer.h"
#include "marketing/journey_graph.h"

/* What a browser did so short before somebody said whose it is, is taken up as his. */
#define JOURNEY_TAKEN_UP_MS (30 * (int64_t)MS_MINUTE)

/* While it cannot be told whom it concerns (journey_lost), it is looked at again after that. */
#define JOURNEY_LOST_MS (5 * (int64_t)MS_MINUTE)

enum journey_status { JOURNEY_DRAFT, JOURNEY_RUNNING, JOURNEY_PAUSED, JOURNEY_STOPPED };

struct journey {
    int64_t id, version; /* version: that of the graph */
    enum journey_status status;
    struct str name;
    struct journey_graph *graph; /* NULL: gone, or nothing was published */
};

/* The journey with one of its versions, 0: the published one. */
struct journey journey_load(struct ctx *c, int64_t id, int64_t version);
/* Keep which events a version means something by, for those who look at all events. */
void journey_listen(struct ctx *c, const struct journey *j);

struct journey_run {
    int64_t id, journey_id, version, subject_id, person_id;
    struct str node, port; /* port: by which the node is left, once that is known */
    int64_t arrived_at, due_at, entered_at, steps;
    bool active;
};

/* Bring a record in by an entry. False when its condition or the policy of entering again
 * forbids. */
bool journey_enter(struct ctx *c, const struct journey *j, const struct journey_node *entry,
                   const struct record *subject);
/* Which record of the journey's type the event is about; NULL: none. */
struct record *journey_subject(struct ctx *c, const struct entity *e, const struct event *event);

bool journey_run_read(struct ctx *c, int64_t run_id, struct journey_run *run);
/* The record it is about, as it is now; NULL: gone. */
struct record *journey_run_subject(struct ctx *c, const struct journey *j,
                                   const struct journey_run *run);
/* Go on now: by this port, or (empty) to another node. */
void journey_run_wake(struct ctx *c, const struct journey_run *run, struct str node,
                      struct str port);
/* Arm again what the run waits for, after it was moved to another version. */
void journey_run_rearm(struct ctx *c, const struct journey *j, struct journey_run *run);
void journey_run_end(struct ctx *c, const struct journey *j, struct journey_run *run,
                     const char *how);

/* A run that ended goes on where it stood, waiting as long as it would have. */
void journey_run_resume(struct ctx *c, int64_t run_id);

/* How a condition, a chance, a value decide at a branch; also used by trials. */
struct str journey_branch(struct ctx *c, const struct journey *j, const struct journey_node *n,
                          const struct record *subject, int64_t run_id);
/* When a wait of fixed length that begins now ends; now itself for one that is open. */
int64_t journey_wait_end(struct ctx *c, const struct journey_node *n, int64_t now);
/* Exactly one mail for a step of a run. */
struct str journey_mail_key(struct ctx *c, int64_t journey_id, struct str node, int64_t run_id);

/* Work in pieces behind a timer: "enter", "release", "end", "move". */
void journey_batch(struct ctx *c, const char *what, int64_t journey_id, struct str payload,
                   int64_t at);

/* A draft and its mails from a path to start from ("tier_low"), in c->language; the journey's id.
 * Rights are asked. */
int64_t journey_path_start(struct ctx *c, struct str code);

extern const struct timer_kind journey_timers[];

#endif
