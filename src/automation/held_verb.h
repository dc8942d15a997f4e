/*
 * Verbs that make and change several records at once (the conversion of a lead), which the hold
 * (approval_hold.h) keeps as a whole: when a process wants to be asked before one of the records is
 * written, nothing of the verb is done, and the approval keeps whose verb it is (origin) and its
 * parameters. On the last yes it is carried out as the requester, with all that it asks, once.
 *
 * The approval is about the record that was refused, so that its process finds the fields it
 * knows: a new one as a draft, or one that is there.
 */
#ifndef GUANTONG_AUTOMATION_HELD_VERB_H
#define GUANTONG_AUTOMATION_HELD_VERB_H

#include "entity/record.h"

struct held_verb {
    const char *name;   /* "convert" */
    const char *entity; /* whose verb it is: "lead" */
    /* Carry it out on this record as the actor, asking all that is to be asked. */
    void (*run)(struct ctx *c, int64_t id, const struct json *parameters);
    /* What would come of it, as items {"entity","id","title"} of a list; id null: is made. */
    void (*outcome)(struct ctx *c, struct json_writer *w, const struct record *of,
                    const struct json *parameters);
    /* The record of this type that came of it; 0: none. */
    int64_t (*made)(struct ctx *c, int64_t id, const struct entity *e);
    /* The parameters, with these values for the record of this type. */
    struct str (*amended)(struct ctx *c, const struct json *parameters, const struct entity *e,
                          const struct json *values);
};

void held_verb_register(const struct held_verb *const *verbs);
/* NULL when there is none. */
const struct held_verb *held_verb_named(struct str name);

/* For the verb, before it does anything to the record: ERROR_CONFLICT "approval.verb_waits" while
 * it waits for an answer already; what was returned is withdrawn, for it is done another way. */
void held_verb_begin(struct ctx *c, int64_t id);
/* {"approval_id","process","state"} of what waits, or null. */
void held_verb_waits_json(struct ctx *c, struct json_writer *w, int64_t id);

/* What a verb was held by when it was only tried. */
struct held_verb_trial {
    struct record *process;
    const struct record *subject; /* what was refused: a draft, or as it is there */
    bool draft;
    struct str change;  /* what would be written of it, as JSON */
    struct str outcome; /* as JSON */
};
/* Try and undo; false with an error when it is wrong otherwise, or need not be asked about. */
bool held_verb_tried(struct ctx *c, const struct held_verb *verb, int64_t id,
                     const struct json *parameters, struct held_verb_trial *out);

#endif
