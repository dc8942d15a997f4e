/*
 * Leads: people who may buy, not yet accepted by sales as a deal.
 *
 * A lead always has a person, however little is known. Life: new → working (first follow-up) →
 * converted, or nurturing, returned, disqualified; from each of these it may be opened again. Every
 * capture of it is a touch, kept as received. A repeat of a person with an open lead adds a touch,
 * else opens a lead.
 */
#ifndef GUANTONG_CUSTOMER_LEAD_H
#define GUANTONG_CUSTOMER_LEAD_H

#include "entity/record.h"

/* How somebody came, as campaigns and search engines tell it. */
struct lead_origin {
    struct str medium;   /* "cpc" */
    struct str keyword;  /* what was searched for, or written to an account */
    struct str click_id; /* "bd_vid=…": by which a platform knows the click */
    struct str referrer; /* the host that led here */
    struct str landing;  /* the page, its path alone */
    int64_t form_id;     /* the form that was filled in, 0: none */
};
/* Campaign and click ids by their names in addresses ("utm_term", "gclid", …), of which medium,
 * keyword and click_id are taken; source and campaign when not NULL: what they say of these.
 * Whether they name either. */
bool lead_origin_read(struct arena *a, const struct json *ids, struct lead_origin *origin,
                      struct str *source, struct str *campaign);
extern const char *const lead_origin_ids[]; /* those names; ends with NULL */
bool lead_origin_is_id(struct str name);

/* What arrived, from a form, the API or an import; texts as typed. */
struct lead_intake {
    struct str name, phone, email, company_name, job_title, industry, region;
    struct str source, campaign, product_interest, description;
    struct str wechat; /* "appid:openid" of an account's follower, or empty */
    struct lead_origin origin;
    const struct change_set *more; /* values for other fields of a new lead, or NULL */
    struct str payload;            /* the whole as received, JSON; kept with the touch */
    int64_t owner_id;              /* 0: nobody yet, a rule assigns */
    int64_t created_at;            /* when it was captured, 0: now */
    int64_t received_at; /* when what is tried anew came in: of the touch; 0: created_at */
    int64_t telling;     /* of the file's rows about that moment the how-manieth; 0: first */
    int64_t created_by;  /* original author of imported history, 0: the actor */
    struct str author;   /* the author's name as the source gave it, also when unknown here */
    struct str owner;    /* the name of an owner who is unknown here */
};

/* The texts among them by the names of the lead's fields; where one is, NULL for other names. */
enum { LEAD_INTAKE_TEXTS = 11 };
extern const char *const lead_intake_names[LEAD_INTAKE_TEXTS];
struct str *lead_intake_text(struct lead_intake *in, struct str name);

/* For what does not say itself where it came from: the campaign that last led its visitor to the
 * site, within thirty days. key: the browser's, or empty. */
void lead_origin_of_visitor(struct ctx *c, struct str key, struct lead_intake *in);

/* The cleaning alone, without the database: what would be stored. */
struct lead_clean {
    struct str name, phone, email, company_name, region;
    const char *refused;               /* text code, NULL when it may be kept */
    const char *phone_why, *email_why; /* why a given value was dropped, or NULL */
};
struct lead_clean lead_clean(struct arena *a, const struct lead_intake *in);

enum intake_verdict {
    INTAKE_CREATED,
    INTAKE_TOUCHED, /* the person has an open lead: a touch was added */
    INTAKE_KNOWN,   /* an import told of it before: nothing was added */
    INTAKE_REFUSED  /* placeholder, or nothing to reach them by; reason in the field errors */
};

struct intake_result {
    enum intake_verdict verdict;
    int64_t lead_id, person_id, touch_id;
    bool person_created;
    const char *review; /* text code of what a person should look at, or NULL */
    struct text_parameter review_names[2];
    /* When phone and mail belonged to two people who were joined: who is no more. */
    int64_t merged_person_id, merged_lead_id;
    struct lead_clean clean;
};

/*
 * Clean, refuse or take in. Phone and mail are normalised; a name that is a placeholder, or
 * no valid phone and no valid mail, is refused with field errors (nothing is written).
 * When the phone belongs to one known person and the mail to another, the lead is the first one's
 * and says so (review_note); an import joins them when they have one name (two_people.h).
 * Emits lead.created or lead.touched. Runs in the caller's transaction.
 */
struct intake_result lead_take_in(struct ctx *c, const struct lead_intake *in);

/* A touch of somebody known, without a lead being made of it: when he has one that is open, it is
 * of that one too. The touch's id; *lead_id is that lead, or 0. */
int64_t lead_touch(struct ctx *c, const struct lead_intake *in, int64_t person_id,
                   int64_t *lead_id);

/* The person's lead that is still open, the newest; 0 when there is none. */
int64_t lead_open_of(struct ctx *c, int64_t person_id);
/* When it was converted, or disqualified for the last time, as the log has it; one that came
 * disqualified was so from the first. 0: it is open. */
int64_t lead_decided_at(struct ctx *c, const struct record *lead);
/* The person's newest lead, open or ended; 0 when there is none. */
int64_t lead_last_of(struct ctx *c, int64_t person_id);
/* The lead of which an imported row tells: the person's, captured at that time from that source, or
 * touched then; 0 when there is none or the row says no time. */
int64_t lead_told_of(struct ctx *c, int64_t person_id, const struct lead_intake *in);
#define LEAD_ENDED_BEFORE "lead.ended_before" /* remark on the row that makes another lead */

/* Give the lead, as it was just read, to a user, saying why; with an empty reason who did it is the
 * reason. Emits lead.assigned when that is another one than before. owner 0 takes it away. Fails
 * with ERROR_RETRY when somebody changed the lead since it was read. */
void lead_assign(struct ctx *c, const struct record *lead, int64_t owner_id, struct str reason);

/* The lead was given to another than its former owner (0: it was nobody's): so is its person,
 * unless whoever has him has other business with him (lead_person.c). */
void lead_person_follows(struct ctx *c, const struct record *lead, int64_t former);

/* For a sentence in which the lead's name stands before it: " · company", or nothing. */
struct str lead_company_aside(struct ctx *c, const struct record *lead);

#endif
