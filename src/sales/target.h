/*
 * Targets: what a person, a team, a department or the company is to reach in a month, a quarter or
 * a year: won amount, won deals or converted leads.
 *
 * What holds for a period is, in this order: the target given for just that period; the sum of
 * those given for shorter ones in it, each month by the longest of them; for a department, a team
 * and the company the sum of what holds for their people; the share by days of one given for a
 * longer period.
 */
#ifndef GUANTONG_SALES_TARGET_H
#define GUANTONG_SALES_TARGET_H

#include "entity/record.h"
#include "sales/period.h"

enum target_measure {
    TARGET_WON_AMOUNT,
    TARGET_WON_COUNT,
    TARGET_LEADS_CONVERTED,
    TARGET_MEASURES
};
enum target_subject { TARGET_PERSON, TARGET_TEAM, TARGET_DEPARTMENT, TARGET_COMPANY };

/* Where a figure comes from. In part: some of the months have no target. */
enum target_basis {
    TARGET_NONE,
    TARGET_GIVEN,
    TARGET_SUMMED,
    TARGET_SUMMED_IN_PART,
    TARGET_ROLLED_UP,
    TARGET_SHARED
};

struct target {
    enum target_basis basis;
    int64_t value; /* minor units of the company's currency, or a count */
};

/* All targets that touch a period, read once. */
struct target_book;
struct target_book *target_book_read(struct ctx *c, struct period p, enum target_measure measure);
/* What holds in the book's period; id is 0 for the company. */
struct target target_of(const struct target_book *b, enum target_subject subject, int64_t id);

/* "given" … and "won_amount" …, as they stand in JSON. */
const char *target_basis_name(enum target_basis basis);
const char *target_measure_name(enum target_measure measure);
bool target_measure_find(struct str name, enum target_measure *measure);

#endif
