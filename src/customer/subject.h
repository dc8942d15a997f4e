/*
 * Subjects: the record an activity or a task is about, named by (subject_type, subject_id).
 *
 * Only record types with a timeline may be subjects. In JSON subject_id is an id string.
 */
#ifndef GUANTONG_CUSTOMER_SUBJECT_H
#define GUANTONG_CUSTOMER_SUBJECT_H

#include "entity/record.h"

/* In a check hook: the subject exists and the actor can read it, else a field error; fills
 * person_id and account_id where the entity has them. */
void subject_check(struct ctx *c, struct change *change);

/* After an activity was recorded: the subject's last and next follow-up; a new lead is taken
 * into work. */
void subject_followed_up(struct ctx *c, const struct record *activity);

/* The same without an activity: there was contact at that time; ours (to him, not from him) takes a
 * new lead into work. Nothing for records that keep no follow-up. */
void subject_contacted(struct ctx *c, const struct entity *e, int64_t id, int64_t at, bool ours);

/* An activity goes to the trash, or was earlier than was written: the last contact is what remains,
 * activities and mails that people wrote. */
void subject_contact_lost(struct ctx *c, const struct record *activity);

#endif
