/*
 * Mailings: one mail to many people, once.
 *
 * A mailing is a draft until it is launched: whom (a segment, a condition, or both), which
 * template, in whose name, when and how fast. From then on:
 *
 *   scheduled  waits for its time
 *   planning   the people who fit at that time are written down, in pieces (mailing_recipient)
 *   sending    they are handed to mail_send one by one, in their order, at the mailing's pace;
 *              who must get none is kept there with the reason
 *   paused     nobody is handed on, what was handed on and not sent waits
 *   sent       everybody was handed on and nothing waits
 *   cancelled  the rest gets none
 *
 * The template as it stood at the launch is what all get. A person is planned once, and has one
 * mail for the key of mailing and person, whatever is killed when. Of two people who become one
 * only he is left.
 *
 * Events out, about the mailing: mailing.launched, .paused, .resumed, .cancelled, .finished.
 */
#ifndef GUANTONG_MARKETING_MAILING_H
#define GUANTONG_MARKETING_MAILING_H

#include "connector/mail.h"
#include "entity/record.h"

/* For mails on their way: whether the mailing lets them go. */
enum mailing_gate { MAILING_GO, MAILING_HOLD, MAILING_STOP };
enum mailing_gate mailing_gate(struct ctx *c, int64_t mailing_id);
/* In whose name it writes, where that is not the account's. */
void mailing_sender(struct ctx *c, int64_t mailing_id, struct mail_account *account);
/* The address with the mailing's campaign ids, but for those it has already. */
struct str mailing_url(struct ctx *c, int64_t mailing_id, struct str url);

/* Whom a mailing is for, and who of them would get it. */
struct mailing_audience {
    const struct entity *entity, *person;
    int64_t segment_id;
    bool segment_of_people;        /* though the mailing is to leads */
    bool segment_of_accounts;      /* their contacts are meant */
    const struct condition *where; /* NULL: all of the segment */
    struct str topic;
    int64_t at; /* when it begins */
};
/* NULL after field errors. Conditions are read with the rights of c->actor. */
struct mailing_audience *mailing_audience(struct ctx *c, const struct record *mailing);

/* Why its audience cannot be told now, in c->language: what it asks for, or its segment does, is no
 * more. Empty: it can. */
struct str mailing_lost(struct ctx *c, int64_t mailing_id);

/* A field error when that is so. */
void mailing_sound(struct ctx *c, const struct record *mailing);

struct mailing_forecast {
    int64_t people, will;
    struct {
        struct str reason;
        int64_t n;
    } against[8];
    size_t n;
};
struct mailing_forecast mailing_forecast(struct ctx *c, const struct mailing_audience *a);
/* Write down up to limit people behind last_id, numbered on from planned, and move both; how
 * many. */
struct mailing_piece {
    int64_t mailing_id, limit, planned, last_id;
};
int64_t mailing_plan_piece(struct ctx *c, const struct mailing_audience *a,
                           struct mailing_piece *piece);

#endif
