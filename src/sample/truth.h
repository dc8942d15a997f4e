/*
 * What is true of the sample company: the parameters its two years are drawn from.
 *
 * They stand in the tables of truth.c and nowhere else, and doc/SAMPLE.md explains them. Whoever
 * estimates one of them from the records (a pass rate, a channel's worth, a salesman's hand) can
 * be held to it: tests/property/sample_test.c does so.
 *
 * Effects are added on the scale of log odds: chance = 1 / (1 + exp(-(a + b + …))).
 */
#ifndef GUANTONG_SAMPLE_TRUTH_H
#define GUANTONG_SAMPLE_TRUTH_H

#include "base/clock.h"

/* How far back the records go (two years, and before them what it takes until deals close as
 * steadily as later), and how far back behaviour on the site does (it is not kept
 * longer: event/behaviour.h). */
enum { SAMPLE_DAYS = 850, SAMPLE_VISIT_DAYS = 390 };

/* Captures a day when the history began and now, before season and channel; companies' and the
 * shop's. */
extern const double sample_captures[2][2];

/* The factor of the season at a date: month, the weeks around Spring Festival. Its mean over a
 * year is about one. */
double sample_season(struct date d);
/* The first day of Spring Festival of the year; days 0 when the year is not in the table. */
int64_t sample_spring_festival(int year);
/* Of a day of the week, for what comes by the net and for what people of the company do. */
double sample_weekday(struct date d, bool by_net);

/* Where captures come from. */
struct sample_channel {
    const char *source;   /* as leads and touches are marked */
    const char *campaign; /* NULL: none */
    const char *referrer; /* host a visitor comes from; NULL: he does not come by the site */
    const char *utm_source, *utm_medium; /* NULL: without */
    bool shop;                           /* people who buy spare parts, without companies */
    int share_then, share_now;           /* of its line's captures, in thousandths */
    double effect;                       /* on the log odds that a lead becomes a deal */
    int worth_percent;                   /* of its deals against the usual amount */
    int cost_yuan; /* a month, in the last year; in the one before three quarters of it */
};
enum { SAMPLE_CHANNELS = 14 };
extern const struct sample_channel sample_channels[SAMPLE_CHANNELS];

/* What makes a company's lead become a deal: log odds without anything, and what adds to them.
 * Each is there with its own chance, without regard to the channel. */
enum sample_effect {
    EFFECT_WHITE_PAPER, /* read the white paper */
    EFFECT_PRICING,     /* looked at prices and delivery times */
    EFFECT_CASES,       /* read a case of its trade */
    EFFECT_WEBINAR,     /* came to a webinar after the capture: a touch */
    EFFECT_FAST_ANSWER, /* somebody answered within two hours */
    EFFECT_DECIDER,     /* general manager or head of production or equipment */
    SAMPLE_EFFECTS
};
struct sample_effect_truth {
    const char *what;
    int chance_percent; /* of it being there; 0: it follows from something else */
    double effect;
};
extern const double sample_conversion_base;
extern const struct sample_effect_truth sample_effects[SAMPLE_EFFECTS];
/* Of a lead of the shop. */
extern const double sample_shop_base;

/* The stages of a line's deals: who enters passes on with this chance, after a log-normal time. */
struct sample_stage {
    const char *name;
    double pass;
    double median_days, sigma;
};
enum { SAMPLE_STAGES = 5, SAMPLE_SHOP_STAGES = 3 };
extern const struct sample_stage sample_stages[SAMPLE_STAGES];
extern const struct sample_stage sample_shop_stages[SAMPLE_SHOP_STAGES];
/* The stage at whose end the hand of the salesman tells. */
enum { SAMPLE_SKILL_STAGE = 2 };

/* Why deals are lost, in thousandths, in the order of the standard pipeline's lost reasons. */
enum { SAMPLE_REASONS = 6 };
extern const int sample_reasons[SAMPLE_REASONS];

/* A salesman: his group, what his hand adds to the log odds, and to those of one industry. */
struct sample_rep {
    const char *login, *name;
    int group; /* 0 … 5: two of each region; 6: the shop */
    double hand;
    const char *industry; /* NULL: none that is his own */
    double industry_hand;
    double answer_hours; /* median until he answers */
    int diligence;       /* of a hundred next steps he takes those in time */
};
enum { SAMPLE_REPS = 22, SAMPLE_GROUPS = 7, SAMPLE_SHOP_GROUP = 6 };
extern const struct sample_rep sample_reps[SAMPLE_REPS];

/* Where leads come from: region as the model writes it, group that works it, share in
 * thousandths. */
struct sample_place {
    const char *region, *city;
    int group, share;
};
enum { SAMPLE_PLACES = 25 };
extern const struct sample_place sample_places[SAMPLE_PLACES];

/* What customers make. */
struct sample_trade {
    const char *word, *industry;
    int share;
    int worth_percent;
};
enum { SAMPLE_TRADES = 13 };
extern const struct sample_trade sample_trades[SAMPLE_TRADES];

struct sample_product {
    const char *name, *code, *series, *unit, *interest;
    int yuan;       /* list price */
    int deal_yuan;  /* median of a deal about it */
    int share;      /* of its line's deals, in thousandths */
    int cycle_days; /* until a shop's customer needs it again; 0: not of the shop */
};
enum { SAMPLE_PRODUCTS = 13 };
extern const struct sample_product sample_products[SAMPLE_PRODUCTS];

/* A customer's next deal, and a shop customer's next order: chance, and sigma of log days. */
extern const double sample_again, sample_again_median_days;
extern const double sample_shop_again, sample_shop_again_sigma;
/* Log-normal spread of amounts. */
extern const double sample_amount_sigma;

/* One in so many of the companies' leads is somebody of a customer. */
enum { SAMPLE_KNOWN_ONE_IN = 40 };

/* Planted for the cleansing: a near duplicate for one in so many leads of companies, and in so
 * many a number that is none beside a mail that is right. */
enum { SAMPLE_DUPLICATE_ONE_IN = 60, SAMPLE_BAD_PHONE_ONE_IN = 45 };

#endif
