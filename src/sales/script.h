/*
 * Scripts: what to say, by stage, objection and industry; which of them fits a record, and what
 * happened after one was used.
 *
 * Forty come with the program (script_texts.c); companies change, switch off and add their own.
 * A use is written down with the record, as an activity of its timeline; seven days later what
 * came of it is looked at once (script_use.c). Suggestions (script_suggest.c) are ranked by a pure
 * function (script_rank.h), each with its reasons.
 */
#ifndef GUANTONG_SALES_SCRIPT_H
#define GUANTONG_SALES_SCRIPT_H

#include "entity/record.h"

/* One that comes with the program. Empty texts: any industry, no objection, no tags. */
struct script_text {
    const char *code, *title, *scene, *objection, *industry, *tags, *content, *tip;
};
extern const struct script_text script_texts[]; /* ends with a NULL code */

/* Add those that were never there; deleted and changed ones stay as the company left them. */
void script_seed(struct ctx *c);

/* The group of industries scripts speak of ("manufacturing") that an account's industry or a
 * lead's words belong to; empty when none. */
struct str script_industry(struct str industry);
/* What an objection or a scene is called, in the caller's language. */
struct str script_label(struct ctx *c, const char *field, struct str code);

/* The text for a record, its placeholders filled with what the actor may read. What is not known
 * stands as 【label】 and is counted. */
struct str script_fill(struct ctx *c, struct str content, const struct record *record,
                       int *missing);

/* A use on a record, at c->now_ms: in which activity, and where the record stood (a deal's stage
 * id, a lead's status; empty: not known). It is looked at when its week is over. */
struct script_use {
    const struct record *script;
    int64_t activity_id;
    struct str subject_type;
    int64_t subject_id;
    struct str state;
    int64_t by; /* who said it; 0: the actor */
};
int64_t script_use_add(struct ctx *c, const struct script_use *use);
/* Look now what came of it, in its week. */
void script_use_judge(struct ctx *c, int64_t use_id);

/* What was observed of a script's uses, finished ones only but for used. */
struct script_tally {
    int64_t used, judged, replied, planned, moved;
};
struct script_tally script_tally_of(struct ctx *c, int64_t script_id);
struct script_tally script_tally_all(struct ctx *c);
/* Count anew from the uses there are, after some went otherwise than by a look at them. */
void script_tally_recount(struct ctx *c);

#endif
