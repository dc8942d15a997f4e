/*
 * Consent: what a person has agreed to hear, by which channel, for which purpose.
 *
 * Each time somebody agrees or takes it back is a line that is never changed: the words that were
 * shown, their version, where and when. What holds now is the latest line of the channel or of
 * "any", which speaks for all channels. Nobody has agreed to anything until a line says so.
 */
#ifndef GUANTONG_CUSTOMER_CONSENT_H
#define GUANTONG_CUSTOMER_CONSENT_H

#include "base/context.h"

enum consent { CONSENT_UNKNOWN, CONSENT_GIVEN, CONSENT_WITHDRAWN };

/* "marketing": news and offers; "service": about what he bought; "privacy": that his data are
 * kept and used. */
#define CONSENT_MARKETING "marketing"

struct consent_line {
    int64_t person_id;
    struct str channel; /* "email" "sms" "phone" "wechat" "wecom" "app" "any" */
    struct str purpose; /* empty: marketing */
    bool given;         /* false: taken back */
    struct str text;    /* as shown to the person; may be empty when taken back */
    struct str version; /* of the text, as whoever shows it calls it: "form trial 3" */
    struct str source;  /* "form" "unsubscribe" "call" …, one word or a few */
    int64_t source_id;  /* the submission, message …, 0: none */
    int64_t at;         /* when, 0: now; the future is refused */
};

/* Keep the line; field errors say what of it is wrong. Emits consent.given or consent.withdrawn
 * when what holds has changed by it. Rights are the caller's. The line's id. */
int64_t consent_record(struct ctx *c, const struct consent_line *line);

/* What holds now. For senders: without CONSENT_GIVEN nothing is sent to anybody's channel for
 * marketing; service messages may go unless it is CONSENT_WITHDRAWN. */
enum consent consent_state(struct ctx *c, int64_t person_id, const char *channel);
enum consent consent_state_for(struct ctx *c, int64_t person_id, const char *channel,
                               const char *purpose);

bool consent_channel_valid(struct str channel);
bool consent_purpose_valid(struct str purpose);

/* When two people become one so do their lines; each gets his own back when they part, and what
 * was taken back in between holds for both. */
void consents_merged(struct ctx *c, int64_t winner, int64_t loser);
void consents_unmerged(struct ctx *c, int64_t winner, int64_t loser);

#endif
