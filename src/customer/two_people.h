/*
 * A capture that two known people match: the phone belongs to one of them, the mail to the other.
 *
 * From outside anybody could claim so, and a shared mail is no proof: the capture is the first
 * one's and a person is asked to look (review_note of the lead). In an import, which somebody
 * answers for, people of one name are joined, the later into the earlier; so are their leads when
 * nobody has worked them yet. Merges can be taken back (record_unmerge).
 */
#ifndef GUANTONG_CUSTOMER_TWO_PEOPLE_H
#define GUANTONG_CUSTOMER_TWO_PEOPLE_H

#include "customer/lead.h"

/* What to ask of whoever looks at the lead. */
struct str two_people_note(struct ctx *c, int64_t by_phone, int64_t by_email);

/* result->person_id is whose the phone is, and may become who he was joined to; review and merged
 * ids are set. The note for the lead; empty when there is nothing to ask. */
struct str two_people_met(struct ctx *c, const struct lead_clean *clean,
                          struct intake_result *result);

#endif
