/*
 * Grading: deals and leads are A, B, C or D by rules that the company writes.
 *
 * A rule is a condition and a grade; of the rules of a record type, in their order, the first that
 * holds gives the grade, and where none holds there is no grade. Grades follow: what happens to a
 * record, or to what its rules ask about, has it graded again, so does a time the rules ask about,
 * and a changed rule has everybody gone through in pieces. A grade is written beside the record,
 * without version or audit entry, for it is no edit; <entity>.updated tells of it, so that
 * segments, rules and live pages hear.
 *
 * Who sets a grade by hand has decided: it stays, until it is emptied or given back to the rules.
 */
#ifndef GUANTONG_SALES_GRADING_H
#define GUANTONG_SALES_GRADING_H

#include "entity/condition.h"

enum { GRADE_RULES_MOST = 60 };

struct grade_rule {
    int64_t id;
    const struct entity *entity;
    struct str grade, name, name_en;
    const struct condition *where;
};

/* Those switched on, of all record types, each type's in order; they stand until the next call on
 * this thread. */
struct grade_rules {
    const struct grade_rule *items;
    size_t n;
};
struct grade_rules grade_rules_read(struct ctx *c);

/* Records of the type are to be gone through. */
void grading_fill(struct ctx *c, struct str entity);
/* Grade one now; follow: though its grade was set by hand. */
void grading_ask(struct ctx *c, const struct entity *e, int64_t id, bool follow);

#endif
