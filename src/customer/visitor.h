/*
 * Visitors: browsers that came before anybody knew whose they are.
 *
 * A visitor is a browser, known by a key of 128 random bits it made itself. What it does is in the
 * behaviour stream, with the visitor's id in person_id; what it did in one session is summed up in
 * a row of `visit`. When somebody says who he is (a form, later a mail's link or a log-in), a
 * visitor_link joins the visitor to the person: behaviour of this visitor from from_seq up to
 * to_seq belongs to that person. The first link begins at 0, so what went before the form is the
 * person's too; when another person says who he is on the same browser, the link ends at the head
 * of the stream and a new one begins there. Nothing in the stream is ever rewritten, so a wrong
 * link is taken back by marking it (visitor_part), and set again (visitor_rejoin).
 */
#ifndef GUANTONG_CUSTOMER_VISITOR_H
#define GUANTONG_CUSTOMER_VISITOR_H

#include "http/request.h"

enum { VISITOR_KEY = 22 }; /* characters: base64url of 128 bits */

bool visitor_key_valid(struct str key);

/* Whether the browser asks not to be followed: DNT: 1 or Sec-GPC: 1. */
bool visitor_declines(const struct request *r);

/* What a browser says of itself. */
struct sighting {
    struct str key;
    struct str consent;  /* "unknown" "granted" "denied" */
    struct str language; /* "zh-CN", or empty */
    struct str device;   /* "phone" "tablet" "desktop", or empty */
    struct str touch;    /* how it came, as JSON: {"landing","referrer","utm":{}} */
};

/* The visitor's id, made when it is new; 0 when it has denied being followed, of which the answer
 * of a visitor already known is kept. */
int64_t visitor_seen(struct ctx *c, const struct sighting *s);

/* What is added to the visit of a session. */
struct visit_part {
    int64_t visitor_id;
    struct str session; /* as the browser calls it */
    struct str batch;   /* what the browser calls this part; empty: it does not say */
    struct str touch;   /* of the first part: how it came */
    int64_t began_at, ended_at, pages, dwell_ms;
};
/* The visit's id; 0 when the part is there already: it was sent again. */
int64_t visit_continue(struct ctx *c, const struct visit_part *part);

/* Campaign and click ids of the visitor's latest visit since then that had some; NULL: none had. */
const struct json *visitor_campaign(struct ctx *c, struct str key, int64_t since);

/* Whether what the visitor does now is that person's already. */
bool visitor_is_of(struct ctx *c, int64_t visitor_id, int64_t person_id);

/* Join the visitor to the person: how is "form", "click", "login" or "manual". Harmless when it is
 * so already. Emits visitor.identified. The link's id. */
int64_t visitor_join(struct ctx *c, int64_t visitor_id, int64_t person_id, const char *how);

/* Take a link back, or set it again: ERROR_CONFLICT when it is so already. Rights are the
 * caller's. Emit visitor.parted, visitor.identified. */
void visitor_part(struct ctx *c, int64_t link_id);
void visitor_rejoin(struct ctx *c, int64_t link_id);

/* When two people become one their links follow, and go back when they part. */
void visitors_merged(struct ctx *c, int64_t winner, int64_t loser);
void visitors_unmerged(struct ctx *c, int64_t winner, int64_t loser);

struct visitor_link {
    int64_t id, visitor_id, person_id;
    int64_t from_seq, to_seq;   /* to_seq INT64_MAX: still open */
    int64_t from_ms, to_ms;     /* the same in time, for visits */
    int64_t at, removed_at;     /* removed_at 0: it holds */
    int64_t actor_id, event_id; /* who joined them, 0: the visitor himself */
    struct str how;
    struct str touch, device, language; /* of the visitor */
    int64_t first_seen, last_seen;
};
enum { VISITOR_LINKS = 40 };
struct visitor_links {
    struct visitor_link *items;
    size_t n;
};
/* Links of a person, the newest first, at most VISITOR_LINKS; those taken back too. */
struct visitor_links visitor_links(struct ctx *c, int64_t person_id);
/* NULL when there is none of that id. */
struct visitor_link *visitor_link_find(struct ctx *c, int64_t link_id);

/* What a link's visitor did. */
struct behaviour {
    int64_t seq, at;
    struct str type, payload;
    const struct visitor_link *link;
};
/* What is a person's of the stream before that seq, the newest first, at most limit. */
struct behaviour *person_behaviour(struct ctx *c, const struct visitor_links *links, int64_t before,
                                   size_t limit, size_t *n);

struct visit {
    int64_t id, began_at, ended_at, pages, dwell_ms;
    struct str touch;
    const struct visitor_link *link;
};
/* Visits that are a person's, those that began before the instant, the newest first, at most limit
 * of each link. */
struct visit *person_visits(struct ctx *c, const struct visitor_links *links, int64_t before,
                            size_t limit, size_t *n);

#endif
