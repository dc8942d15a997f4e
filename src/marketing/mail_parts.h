/* What the mail files of this folder share among themselves. */
#ifndef GUANTONG_MARKETING_MAIL_PARTS_H
#define GUANTONG_MARKETING_MAIL_PARTS_H

#include "connector/mail.h"
#include "event/event.h"
#include "http/request.h"
#include "marketing/mail.h"

/* A row of mail_send. */
struct send_row {
    int64_t id, person_id, content_id, template_id, source_id, at, sent_at, clicked_at, opened_at;
    enum mail_state state;
    struct str key, address, source, step, topic, name;
};
bool send_row_read(struct ctx *c, int64_t id, struct send_row *row);

/* One more, or n more, of a kind of outcome: "sent", "opened", "not:capped" … */
void mail_total_add(struct ctx *c, const struct send_row *row, const char *what, int64_t n);
/* Emit an event about the mail's person; url only of a click. */
int64_t mail_event(struct ctx *c, const struct send_row *row, const char *type, struct str url);

/* What the company allows. */
struct mail_policy {
    int64_t per_day, per_week;     /* mails to one person; 0: no bound */
    int64_t quiet_from, quiet_to;  /* minutes of the day in the company's zone; equal: none */
    int64_t warm_from, warm_first; /* a new sender's first day, and how many go on it; 0: warm */
};
struct mail_policy mail_policy_read(struct ctx *c);
/* When a mail may go at the earliest: at itself, or the end of the quiet hours it falls in. */
int64_t mail_quiet_end(struct ctx *c, const struct mail_policy *policy, int64_t at);

/* No mail to this address any more, for good: why is "bounced", "unreachable" (on too many days),
 * "complained" or "manual". */
void mail_suppress(struct ctx *c, struct str address, const char *why, struct str detail);
/* A bounce of this mail; hard: the address does not exist. */
void mail_bounced(struct ctx *c, const struct send_row *row, bool hard, struct str detail);
/* A report or an answer about a mail; false when it is about none of ours. */
struct mail_returned; /* connector/mail_returns.h */
bool mail_returned(struct ctx *c, const struct mail_returned *r);
/* Not this topic any more, or none at all: topic "*". how is "one_click" or "page". */
void mail_opt_out(struct ctx *c, const struct send_row *row, struct str topic, const char *how);
/* The receiver of the mail is out of no topic any more. */
void mail_opt_in(struct ctx *c, const struct send_row *row);
/* What a person wants none of goes with him to the address he has now. */
void mail_optouts_carry(struct ctx *c, int64_t person_id);
/* Where a person is reached now; empty: he is not, or is in the trash. */
struct str mail_address_of(struct ctx *c, int64_t person_id);

/* Why whoever sends cannot tell any more whom it is for, a mailing or a journey, in c->language:
 * its mails wait. Empty: he can. */
struct str mail_source_lost(struct ctx *c, struct str source, int64_t source_id);

/* How many mails that are no service may go on the day of now_ms, while the sender is new to its
 * receivers: twice as many as on the day before. INT64_MAX: as many as one likes. */
int64_t mail_warm_up(struct ctx *c, const struct mail_policy *policy);

/* A browser came with the token of a click: it is the person's from then on, once the click is
 * known to be a person's. Nothing happens when the token is none of a click of the last half hour,
 * or the person has forbidden that his data are used. */
void mail_arrived(struct ctx *c, struct str token, int64_t visitor_id);

/* The timer that hands out what waits, now. */
void mail_dispatch_soon(struct ctx *c, int64_t at);

/* Whether the server's words mean that the address will never take mail. */
bool mail_bounce_hard(struct str status, int code);

extern const char *const mail_topics[];

/* A trial: links lead where they will, nothing is counted. Answers {"accepted","why"}. */
struct mail_trial {
    struct str to;
    const struct record *person; /* NULL: nobody in particular */
};
void mail_try(struct request *r, const struct mail_content *content,
              const struct mail_account *account, const struct mail_trial *trial);

#endif
