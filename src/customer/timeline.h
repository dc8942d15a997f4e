/*
 * Timelines, for what hangs on their entries: whose history stands on a record's timeline, and
 * what an entry is that somebody refers to.
 */
#ifndef GUANTONG_CUSTOMER_TIMELINE_H
#define GUANTONG_CUSTOMER_TIMELINE_H

#include "entity/record.h"

struct request;

enum { TIMELINE_SUBJECTS = 60 };

struct timeline_subject {
    const struct entity *entity;
    int64_t id;
};

/* A page of entries, for what hangs on them: only what stands on one of the records. */
struct timeline_part {
    const int64_t *ids; /* of the entries */
    size_t n;
    const struct timeline_subject *subjects;
    size_t n_subjects;
};
bool timeline_holds(const struct timeline_part *part, struct str type, int64_t id);

/* The record of /api/v1/{plural}/{id}/…, one of a type with a timeline that the caller may read;
 * NULL after ERROR_ABSENT. */
struct record *timeline_head(struct request *r);

/* The records whose history is on the timeline of head, as far as the actor may read them: itself
 * first. subjects has TIMELINE_SUBJECTS places. */
size_t timeline_subjects(struct ctx *c, const struct record *head,
                         struct timeline_subject *subjects);

/* Whether the actor may see entries of that kind at all ("activity", "task", …; empty: what stands
 * on the record itself). */
bool timeline_shows(struct ctx *c, struct str kind);

/* Whether that entry is there, stands on the timeline by this record and is of a kind the actor may
 * see. */
bool timeline_has(struct ctx *c, const struct record *subject, struct str kind, int64_t id);

#endif
