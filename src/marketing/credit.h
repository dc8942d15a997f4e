/*
 * Credits: won revenue given to the touches that led to it (statistics/attribution.h).
 *
 * A touch is a capture of a person, or a visit that came by an advertisement or another site; a
 * visit that ended in a capture by the same channel within a day is not counted beside it. The
 * touches of a deal are those of its person and of all people of its account, within a window of
 * days before it was won. Deals without any stand in their own line. Whatever the model, the
 * credits of a deal are its revenue to the cent.
 */
#ifndef GUANTONG_MARKETING_CREDIT_H
#define GUANTONG_MARKETING_CREDIT_H

#include "entity/access.h"
#include "statistics/attribution.h"

enum {
    CREDIT_MARKOV = ATTRIBUTION_MODELS,
    CREDIT_SHAPLEY,
    CREDIT_MODELS,
    CREDIT_PLACES = 120, /* channels or campaigns */
    CREDIT_CAMPAIGNS = 2000,
    CREDIT_DEALS_MOST = 50000,
    CREDIT_TOUCHES_MOST = 1000000
};

/* "first" "last" "linear" "decay" "u" "w" "full" "markov" "shapley" */
const char *credit_model_name(int model);
bool credit_model_find(struct str name, int *model);

struct credited_touch {
    int64_t at, id, person_id;
    int32_t channel, campaign; /* names */
    bool visit;                /* id is a visit's, else a touch's */
    int64_t lead_id;           /* of a touch */
};

struct credited_deal {
    int64_t id, account_id, person_id, lead_id;
    int64_t amount, won_at, began_at;
    struct credited_touch *touches; /* in the order of their time */
    size_t n;
};

/* Channels or campaigns by their names. Spellings that differ by case, width or blanks are one
 * name, called as it was said first. Those with most touches of deals have places of their own,
 * the others share the last one. */
struct place_names {
    struct str *of; /* names; the first is empty: not said */
    int64_t *since; /* when it was first said so */
    int32_t *place; /* of each name, once they are settled */
    size_t n;
    struct str *spellings; /* and keys, by which spellings are found to be one */
    int32_t *name_of;      /* of each spelling */
    int32_t *slots;
    size_t n_spellings, capacity;
    int32_t named[CREDIT_PLACES]; /* whose place it is; of the last only when there are no others */
    size_t places;
    size_t others; /* names with touches that share the last place; 0: it is none of many */
};
/* When the company itself says it, which outranks all who come in. */
#define PLACE_GIVEN INT64_MIN
/* The name's number, from 0; a new one when it was not met before. at: when it was said so. */
int32_t place_name(struct arena *a, struct place_names *p, struct str name, int64_t at);
/* -1 when it was not met. */
int32_t place_find(struct arena *a, const struct place_names *p, struct str name);
/* Give out the places; touches: of deals, by name. */
void places_settle(struct arena *a, struct place_names *p, const int64_t *touches);

/* A campaign as captures, visits and leads call it: by its name or its code. */
struct campaign_words {
    struct str name, code, channel;
};

struct credits {
    struct ctx *c;
    struct str from, to; /* days on which deals were won, both included */
    int window_days;
    bool by_campaign;
    int64_t product_id; /* 0: all */
    struct str currency;
    size_t deals_most, touches_most; /* what is beyond is left out, and said */
    bool deals_cut, touches_cut;     /* some was */
    struct campaign_words *known;    /* what was spent on one in the trash was spent all the same */
    size_t n_known;
    struct place_names words; /* their names and codes */
    const struct campaign_words *of_word[2 * CREDIT_CAMPAIGNS];
    struct place_names channels, campaigns;
    struct credited_deal *deals;
    size_t n, capacity;
    int64_t touches, other;           /* other: deals in other currencies or without an amount */
    double weights[2][CREDIT_PLACES]; /* of the models of the population, by place */
};

/* Read the deals the actor may read, and their touches; weigh the places. False after a failure. */
bool credits_read(struct credits *k);
/* Read the campaigns; credits_read does it for who needs their names only then. */
void credit_campaigns_read(struct credits *k);
/* What a campaign is called, or how it was said when none is called so. */
struct str credit_campaign_name(const struct credits *k, struct str said);
/* What part of a deal its touches have by a model, also of one that was worth nothing, and what
 * that is of its revenue; deal->n >= 1. */
void credit_shares(const struct credits *k, const struct credited_deal *deal, int model,
                   double *shares);
void credit_deal(const struct credits *k, const struct credited_deal *deal, int model,
                 int64_t *credits);
/* The name, and the place, a touch counts for. */
int32_t credit_name(const struct credits *k, const struct credited_touch *t);
int32_t credit_place(const struct credits *k, const struct credited_touch *t);
const struct place_names *credit_places(const struct credits *k);
/* Whether that place is shared by others. */
bool credit_place_shared(const struct credits *k, size_t place);

#endif
