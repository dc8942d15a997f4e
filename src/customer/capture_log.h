/*
 * The log of captures: everything that came in from outside, as it came, before anything is made
 * of it.
 *
 * Whoever takes something in keeps it first (capture_keep), then makes of it what it can
 * (capture_run), and only then says that it was received, all in one transaction. What could not
 * be understood stays with its reason and can be tried again when the reason is gone
 * (capture_run once more). What a platform sends twice is kept once, by the platform's own id.
 */
#ifndef GUANTONG_CUSTOMER_CAPTURE_LOG_H
#define GUANTONG_CUSTOMER_CAPTURE_LOG_H

#include "base/json.h"

enum { CAPTURE_PAYLOAD = 65536 };

/* Where it came in: a form by its id, a source of the page of sources by its, the interface for
 * programs and the page of the program itself with 0. */
struct capture_place {
    const char *kind; /* "form" "webhook" "wechat" "site" "api" */
    int64_t id;
};

struct capture {
    int64_t id;
    struct capture_place place;
    struct str external; /* the platform's id of it; empty: it has none */
    struct str state;    /* "received", then "done" "failed" "duplicate" "spam" "ignored" */
    struct str payload;  /* as received, at most CAPTURE_PAYLOAD bytes */
    int64_t version;     /* of what it was made for, a form's */
    struct str why;      /* of a failed one: {"zh","en"} */
    int64_t received_at, attempts;
    int64_t person_id, lead_id, touch_id;
};

/* False: it is there already, and *c becomes what is kept of it. Else the id is filled in. */
bool capture_keep(struct ctx *c, struct capture *capture);

/* Make something of a kept capture: make() does it and fills in person, lead, touch, and state when
 * that is not "done". What it cannot do is undone, told in why, and "failed"; failures of the
 * machine go up, so that nothing is acknowledged. The end is written to the log. */
void capture_run(struct ctx *c, struct capture *capture,
                 void (*make)(struct ctx *c, struct capture *capture));

/* NULL when there is none. */
struct capture *capture_find(struct ctx *c, int64_t id);
/* A capture of the same place with the same payload that was made something of since; or 0. */
int64_t capture_same(struct ctx *c, const struct capture *capture, int64_t since);

/* The newest first, before an id, of a state or (empty) of all. */
enum { CAPTURES_MOST = 100 };
struct capture *captures_read(struct ctx *c, const struct capture_place *place, struct str state,
                              int64_t before, size_t *n);
/* Ids of those that failed, the oldest first. */
size_t captures_failed(struct ctx *c, const struct capture_place *place, int64_t *ids,
                       size_t limit);

/* What came in by a place, for the page of sources. Days are the company's. */
struct capture_counts {
    int64_t last_at; /* 0: never */
    int64_t today, week, week_failed, failed;
};
struct capture_counts capture_counts(struct ctx *c, const struct capture_place *place);

/* What came in since a time by each kind of place, and what became of it. */
enum { CAPTURE_KINDS = 16 };
struct capture_total {
    struct str kind;
    int64_t received, done, duplicate, spam, failed;
};
size_t capture_totals(struct ctx *c, int64_t since, struct capture_total totals[CAPTURE_KINDS]);

#endif
