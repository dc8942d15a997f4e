/* Score cards and what they add up to; see scoring.h. */
#ifndef GUANTONG_MARKETING_SCORE_CARD_H
#define GUANTONG_MARKETING_SCORE_CARD_H

#include "base/clock.h"
#include "entity/condition.h"

enum {
    SCORE_CARDS = 20,
    SCORE_RULES = 60,
    SCORE_WHERES = 5,
    SCORE_POINTS = 1000, /* of a rule, either way */
    SCORE_HITS = 2000,   /* the newest of a card and a person that are looked at */
    SCORE_LASTS = 365,   /* days, the longest that behaviour counts */
    SCORE_LEADS = 20     /* open leads of one person that are scored */
};

/* A condition on one member of an event's payload, "path" or "utm.utm_medium". */
enum score_operator {
    SCORE_IS,
    SCORE_IS_NOT,
    SCORE_STARTS_WITH,
    SCORE_CONTAINS,
    SCORE_GTE,
    SCORE_LTE
};
struct score_where {
    struct str key, value;
    enum score_operator operator;
    int64_t number; /* of the last two */
};

struct score_rule {
    struct str key; /* stays while the card is edited; hits are kept under it */
    struct str name;
    int64_t points;
    const struct condition *condition; /* static rules, when parsed with a model */
    struct str broken;                 /* why it gives nothing: it asks for what is no more */
    struct str event;                  /* type; empty: static */
    bool behaviour;                    /* of the stream of behaviour */
    struct score_where where[SCORE_WHERES];
    size_t n_where;
    int64_t cap, per_day;               /* points at most, as a size; 0: none */
    int64_t half_life_days, lasts_days; /* half_life 0: no decay; lasts: 1 … SCORE_LASTS */
};

struct score_tiers {
    int64_t middle_from, high_from, margin;
};

struct score_card {
    int64_t id, version;
    struct str name;
    const struct entity *entity;      /* lead or person; NULL without a model */
    const struct condition *audience; /* whom it is meant for */
    struct str broken;                /* why it is meant for nobody: it asks for what is no more */
    bool kept;                        /* what is broken is passed over, and said */
    struct score_rule *rules;
    size_t n;
    int64_t minimum, maximum;
    struct score_tiers tiers;
};

struct score_cards {
    struct score_card *items;
    size_t n;
};

/* Cards. */
/* From a record of the type score_card, as it was saved: what it asks about is its author's
 * business, not that of whoever looks at a score, and a rule that lost a field or choice since is
 * broken; the others go on. */
struct score_card score_card_kept(struct ctx *c, const struct record *r);
/* From JSON as the editor sends it, not saved; field errors. */
struct score_card score_card_from_json(struct ctx *c, const struct json *o);
/* Field errors for members of an object that are none of these; names ends with NULL. */
void score_members_known(struct ctx *c, const struct json *o, const char *const *names,
                         struct str pointer);
/* Those enabled, in order. Without conditions and audience when parsed is false: for the runner's
 * look at events, which has no model. */
struct score_cards score_cards_enabled(struct ctx *c, bool parsed);
extern const char *const score_behaviour_types[];
bool score_event_is_behaviour(struct str type);
/* Whether there is such an event that a rule may give points for. */
bool score_event_known(struct ctx *c, struct str type);
/* Whether a payload meets all of the rule's conditions. */
bool score_rule_meets(struct ctx *c, const struct score_rule *rule, struct str type,
                      struct str payload);

struct score_hit {
    size_t rule; /* in card->rules */
    int64_t holder, seq, at;
    bool behaviour;
    int64_t milli; /* what it counts now, in thousandths, before the rule's cap: score_fold */
};
/* What is known of a record, for one card. */
struct score_evidence {
    const bool *holds;      /* of static rules, by rule */
    struct score_hit *hits; /* ascending by time */
    size_t n;
};
struct score_part { /* of one rule */
    bool holds;     /* static rules */
    int64_t milli;
    int64_t hits;
    bool capped;
};
struct score_sum {
    int64_t score; /* within the card's bounds */
    int64_t raw;   /* before them */
    struct score_part *parts;
};
/* The instant, and the zone in which a day is one. */
struct score_time {
    int64_t now_ms;
    const struct zone *zone;
};
/* What the card gives. Hits later than now do not count. Sets the hits' milli. */
struct score_sum score_fold(struct arena *a, const struct score_card *card,
                            const struct score_evidence *e, struct score_time t);
/* When time alone next changes the score; 0 when it never does. */
int64_t score_next_change(struct arena *a, const struct score_card *card,
                          const struct score_evidence *e, struct score_time t);

enum score_tier { TIER_NONE, TIER_LOW, TIER_MIDDLE, TIER_HIGH };
/* The tier after this score for whom had tier before; TIER_NONE: had none. */
enum score_tier score_tier_after(const struct score_tiers *t, enum score_tier before,
                                 int64_t score);
const char *score_tier_code(enum score_tier tier); /* NULL for TIER_NONE */
enum score_tier score_tier_of(struct str code);

#endif
