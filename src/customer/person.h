/*
 * People: one human being each, known by any identity.
 *
 * Leads and contacts are roles a person has. An identity (phone, mail; later cookie, device,
 * openid …) points to exactly one person; the table identity enforces it, so two captures of
 * one phone at the same moment meet in one person. Behind a land line or a service number many sit:
 * with a name beside it, such a number is that of whoever is called so.
 */
#ifndef GUANTONG_CUSTOMER_PERSON_H
#define GUANTONG_CUSTOMER_PERSON_H

#include "entity/record.h"

/* Identities by which somebody may be known already; empty ones are skipped. */
struct person_identities {
    struct str name;   /* tells people behind one line apart; empty: whoever has it first */
    struct str phone;  /* as stored: 11 digits or E.164 */
    struct str email;  /* lower case */
    struct str wechat; /* "appid:openid": a follower of an Official Account */
    struct str site;   /* "source:id": a user of a site of the company's, by the site's own id */
};

/* The person, not in the trash, known by one of them, the site's id first, then the phone; 0 when
 * there is none. */
int64_t person_find(struct ctx *c, const struct person_identities *by);

/* Whether messages reach the person though neither phone nor mail is known. */
bool person_reachable_otherwise(struct ctx *c, int64_t person_id);

int64_t person_find_by_email(struct ctx *c, struct str email);

/*
 * Make the identities point to the person. One that points to somebody else already stays
 * there. True when all now point to this person.
 */
bool person_identify(struct ctx *c, int64_t person_id, const struct person_identities *by);

#endif
