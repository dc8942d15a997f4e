/* The columns of the population, for population.c. */
#ifndef GUANTONG_CUSTOMER_POPULATION_COLUMNS_H
#define GUANTONG_CUSTOMER_POPULATION_COLUMNS_H

#include "customer/person_day.h"
#include "customer/population.h"
#include "entity/condition_tree.h"

enum { POPULATION_FIELDS = 64, POPULATION_EVENTS = 32 };

struct field_column;
struct event_column;

struct population {
    struct arena arena;
    const struct entity *entity; /* NULL: nothing is loaded */
    int64_t *ids;                /* ascending; a person's place here is what the columns go by */
    size_t n, capacity;
    uint64_t *live; /* not in the trash */
    struct population_place place;
    struct field_column *fields[POPULATION_FIELDS];
    struct event_column *events[POPULATION_EVENTS];
    size_t n_fields, n_events;
};

static inline size_t population_words(const struct population *p) {
    return (p->n + 63) / 64;
}

/* Bits for as many people as there is room for, in the population's arena. */
uint64_t *population_bits(struct population *p);
void population_bit_set(uint64_t *bits, size_t at, bool on);
/* The place of a person; p->n when there is none. */
size_t population_find(const struct population *p, int64_t id);

/* Whom the leaf holds for, in the context's arena; NULL when it cannot be told from columns. */
uint64_t *population_field(struct ctx *c, struct population *p, const struct condition_leaf *leaf);
uint64_t *population_event(struct ctx *c, struct population *p, const struct event_window *window);

/* Read the person's part of all columns again. False: there is no room. */
bool population_person_again(struct ctx *c, struct population *p, size_t at,
                             const struct record *r);

#endif
