/*
 * The lists and figures that homes are made of: a condition that is counted, summed and read as the
 * actor may, and that opens as a list in the client.
 *
 * Conditions are JSON texts without an owner; home_where puts the owner before them, so that what
 * is shown for oneself, for a person of the team and for the whole team is one and the same.
 */
#ifndef GUANTONG_SALES_HOME_LIST_H
#define GUANTONG_SALES_HOME_LIST_H

#include "entity/query.h"

struct home_list {
    const char *kind, *entity;
    const char *where;     /* leaves that all hold; "%s" in it becomes what the home gives */
    const char *sort, *at; /* at: the field that says when */
    const char *asks[6]; /* fields it reads, NULL-terminated: without the right there is no list */
};

/* The leaves "mine" and "this person's". */
struct str home_mine(void);
struct str home_of(struct ctx *c, int64_t user_id);
/* The list's condition with an owner's leaf, unless empty, and an instant or duration put in. */
struct str home_where(struct ctx *c, const struct home_list *l, struct str owner, struct str given);
/* Whether the actor gives work to others, which is of the sales cloud: then there is a home of the
 * team. */
bool home_manages(const struct ctx *c);
/* The instant its list goes by; of a lead since when it waits: created, touched or given last. */
int64_t home_at(const struct home_list *l, const struct record *r);

/* Whether the actor may read the type at all and in full what the list asks. */
bool home_may(struct ctx *c, const struct home_list *l);
struct list_request home_request(struct ctx *c, const struct home_list *l, struct str where,
                                 int limit);

/* Number and sum of deals under a condition; amounts in other currencies than the company's and
 * unknown ones are counted, never added. */
struct home_sum {
    int64_t count, minor, other; /* other: counted and not in the sum */
};
struct home_sum home_deals(struct ctx *c, struct str where);
void home_money_json(struct ctx *c, struct json_writer *w, int64_t minor);
/* The members "entity" and "where", by which a figure opens to its records. */
void home_opens_json(struct ctx *c, struct json_writer *w, const char *entity, struct str where);

#endif
