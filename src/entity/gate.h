/*
 * The gate: who may have a say in a change of a record, whatever way it comes in by — a person's
 * edit, a program, many at once, a verb, a rule.
 *
 * One folder above registers it at start (automation/approval_hold.c). It is asked of every record
 * that is made or changed, after all checks and before the row is written, and told afterwards,
 * in the same transaction; the areas whose records these are know nothing of it.
 */
#ifndef GUANTONG_ENTITY_GATE_H
#define GUANTONG_ENTITY_GATE_H

#include "entity/record.h"

/* To be asked about a change of a record that the gate refused. */
struct gate_request {
    int64_t question; /* as record_gate_refused said */
    const struct record *subject;
    const struct change_set *set;
    struct str reason;
    int64_t batch_id; /* of those that are asked about together; 0: alone */
};

struct record_gate {
    /* May fail: then nothing is written. change->before is NULL for a new record. */
    void (*ask)(struct ctx *c, const struct change *change);
    /* What was asked about is written; change->event_id is its event. */
    void (*tell)(struct ctx *c, const struct change *change);
    /* The record went to the trash, alone or into another it was merged with. */
    void (*gone)(struct ctx *c, const struct record *r);
    /* What is to be asked first, when that is why the context failed; else 0. */
    int64_t (*refused)(const struct ctx *c);
    /* Ask. The id of what now waits for an answer; 0 with an error. */
    int64_t (*request)(struct ctx *c, const struct gate_request *request);
    /* Take back what was asked for by the actor; fails once it is answered. */
    void (*withdraw)(struct ctx *c, int64_t id);
};

void record_gate_register(const struct record_gate *gate);
/* For the record verbs. Nothing without a gate. */
void record_gate_ask(struct ctx *c, const struct change *change);
void record_gate_tell(struct ctx *c, const struct change *change);
void record_gate_gone(struct ctx *c, const struct record *r);
/* As the gate's own; 0 without one. */
int64_t record_gate_refused(const struct ctx *c);
int64_t record_gate_request(struct ctx *c, const struct gate_request *request);
void record_gate_withdraw(struct ctx *c, int64_t id);

/* As record_change, past the gate: what comes of putting the company's records in order, as the
 * deals of a stage that goes, or what a record has from the one merged into it. What waits for an
 * answer waits on. */
struct record *record_reorder(struct ctx *c, int64_t id, const struct change_set *set);

/* As record_insert, past the gate: what the program makes beside what somebody made, as the person
 * behind a lead. What was made by hand was asked about, and nobody asked for this. */
struct record *record_insert_along(struct ctx *c, const struct change_set *set);

/* Make a change as a person would: by the verb of the record type where it has one
 * (entity_definition.enact), else by record_update. */
struct record *record_enact(struct ctx *c, int64_t id, const struct change_set *in);
/* What record_enact takes, from a JSON object: as change_from_json, with the read-only fields that
 * the verb of the record type sets. */
struct change_set enactment_from_json(struct ctx *c, const struct entity *e, const struct json *o);

#endif
