/*
 * Rules that a date sets off: so many days before, on or after the day in a field of the record.
 *
 * Such a rule has the trigger RULE_DATE and says which field (date_field), how many days after its
 * date (days, negative: before) and from what hour on, in the company's zone. A timer looks for
 * records whose day has come and emits RULE_DATE about each, with the rule in its payload; the
 * reactor of all rules does the rest. Once for a record, a rule and a value of the field: who moves
 * the date waits anew. What came while nobody looked is caught up with; what lay in the past when
 * the rule was saved is not.
 */
#ifndef GUANTONG_AUTOMATION_RULE_DATE_H
#define GUANTONG_AUTOMATION_RULE_DATE_H

#include "entity/record.h"
#include "event/event.h"

#define RULE_DATE "date.reached"
enum { RULE_DAYS_MOST = 3650 };

/* When a rule acts. */
struct rule_date {
    const struct entity *entity;
    const struct field *field;
    int64_t days;
};

bool rule_is_dated(const struct record *rule);
/* Whether an event RULE_DATE is another rule's. */
bool rule_is_for_another(struct ctx *c, const struct record *rule, const struct event *e);

/* Field errors at /date_field when it holds no date, at /days when they are too many. */
struct rule_date rule_date_named(struct ctx *c, const struct entity *e, struct str field,
                                 int64_t days);
/*
 * The indexes that looking for these dates every quarter of an hour needs: made where lists have
 * none on the field, and dropped when no rule asks for it any more. Who
 * writes such records waits while one is made (0.1 s for 100,000).
 */
void rule_date_indexes(struct ctx *c, const struct rule_date *dates, size_t n);
/* A rule was saved: it acts from today on. */
void rule_date_watch(struct ctx *c, const struct change *change);
/* Of the records whose day came in the last month, the latest first, as events that did not happen:
 * at most limit. since: the first day looked at. */
struct event *rule_date_lately(struct ctx *c, const struct rule_date *date, size_t limit,
                               int64_t *since, size_t *n);

#endif
