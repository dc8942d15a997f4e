/*
 * Taking the sample company away again, in one transaction, so that there is never half of one.
 *
 * What came with it is known by its ids: all that were made between sample_open and sample_close
 * (sample.h). What people of the company made themselves stays:
 *
 *   - A record of their own keeps what it refers to: its customer, its product, its salesman with
 *     his department. Of those, what they need goes on standing with them; what they only mention
 *     is emptied. So a user who did real work is still there, and nobody else of the sample is.
 *   - Follow-ups, tasks and touches on records that go, go with them, and so does what the program
 *     made by itself about them (scores, memberships, search terms).
 *
 * Rows are taken away for good, not put into the trash. The log and the audit trail keep what
 * happened, the removal included; `guantong check` knows of it.
 */
#ifndef GUANTONG_SAMPLE_REMOVAL_H
#define GUANTONG_SAMPLE_REMOVAL_H

#include "base/json.h"
#include "entity/model.h"

/* What is there of a sample. */
struct sample_state {
    int64_t from, to;            /* ids; 0 when there never was one */
    int64_t made_at, removed_at; /* removed_at 0: it is there */
};
struct sample_state sample_state(struct ctx *c);

/* A column that holds ids. */
struct removal {
    struct ctx *c;
    int64_t from, to;
    int64_t records; /* taken away so far */
};

/* Remove it; nothing happens when there is none. How many records went. Emits sample.removed.
 * ERROR_CONFLICT when nobody would be left who manages users. */
int64_t sample_remove(struct ctx *c);

/* "the id in this column goes", for the two files of the removal. */
struct sql;
void removal_going(const struct removal *r, struct sql *q, struct str table, struct str column);
/* Rows of tables that are no record types, by the catalogue of the database. */
void removal_of_tables(struct removal *r);
/* What was to be done at a time about what goes. */
void removal_of_timers(struct removal *r);

#endif
