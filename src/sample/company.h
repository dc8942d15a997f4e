/*
 * The sample company while it is being made: who works there, its pipelines, products and the
 * customers so far. Time and author of what is written are those of the story: c->now_ms moves
 * through two years, c->actor is whoever did it, and what would lie after the present does not
 * happen (company_reached).
 */
#ifndef GUANTONG_SAMPLE_COMPANY_H
#define GUANTONG_SAMPLE_COMPANY_H

#include "base/clock.h"
#include "entity/access.h"
#include "sample/draw.h"
#include "sample/truth.h"

enum {
    SAMPLE_STANDARD_STAGES = SAMPLE_STAGES + 2,
    SAMPLE_SHOP_ALL_STAGES = SAMPLE_SHOP_STAGES + 2
};

/* A company that became a customer, to be met again. */
struct customer {
    int64_t account_id, person_id;
    int trade, place;
    char name[160], person[40], phone[16];
};
enum { SAMPLE_CUSTOMERS = 4000 };

struct company {
    struct ctx *c;
    uint64_t seed;
    int64_t now_ms; /* the present */
    int64_t today;  /* in days */
    const struct zone *zone;
    struct str password_hash;
    int64_t departments[24];
    struct actor reps[SAMPLE_REPS], manager, marketer;
    int64_t pipeline, stages[SAMPLE_STANDARD_STAGES];
    int64_t shop_pipeline, shop_stages[SAMPLE_SHOP_ALL_STAGES];
    int64_t products[SAMPLE_PRODUCTS], reasons[SAMPLE_REASONS];
    struct customer *customers;
    size_t n_customers;
    int load[SAMPLE_REPS]; /* leads given so far, by which turns go */
};

/* Departments, people, teams, products, pipelines and the rule for new leads. */
void company_found(struct company *k);

/* Whether the instant is not after the present. */
bool company_reached(const struct company *k, int64_t at);
/* From here on it is that time, and that person (NULL: nobody of the company) does it. */
void company_at(struct company *k, int64_t at, const struct actor *who);

int64_t company_day(const struct company *k, int64_t at); /* in days, in the company's zone */
/* A time of that day at which people of the company work; at which visitors come. */
int64_t company_work_time(const struct company *k, struct draw *d, int64_t day);
int64_t company_net_time(const struct company *k, struct draw *d, int64_t day);
/* The same time, or the beginning of the next time of work with some minutes on top. */
int64_t company_next_work(const struct company *k, struct draw *d, int64_t at);
/* The same for the shop, which answers from eight in the morning to eleven at night, every day. */
int64_t company_next_shop(const struct company *k, struct draw *d, int64_t at);
/* The date of an instant, in the arena. */
struct str company_date(const struct company *k, int64_t at);

/* Short ways to a new record; its id. */
struct change_set company_new(const struct company *k, const char *entity);
int64_t company_insert(const struct company *k, const struct change_set *set);

#endif
