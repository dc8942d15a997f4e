/*
 * What hits and rules add up to, and when time changes it. Pure: the same card, hits and instant
 * always give the same score, whatever the order in which the hits were found.
 *
 * A hit counts the rule's points, at most per_day of them on one day of the company's; half of it
 * is left after each half-life (whole days, so that a score moves at most daily by decay), nothing
 * after lasts_days. What a rule gives is bounded by its cap, the whole by the card.
 */
#include <math.h>
#include <stdlib.h>

#include "marketing/score_card.h"

enum { MILLI = 1000, STEPS_MOST = 32 };

static int64_t size_of(int64_t v) {
    return v < 0 ? -v : v;
}

/* Bounded to a size, the sign kept. */
static int64_t within(int64_t v, int64_t most) {
    return v > most ? most : v < -most ? -most : v;
}

/* Points that the day still has room for. */
struct day {
    int64_t number; /* since 1970 */
    int64_t used;
};

static int64_t day_take(struct day *d, const struct score_rule *r, int64_t at,
                        const struct zone *zone) {
    if (!r->per_day) {
        return r->points;
    }
    int64_t number = date_to_days(zone_date(zone, at));
    if (d->number != number) {
        *d = (struct day){number, 0};
    }
    int64_t granted = within(r->points, r->per_day - d->used);
    d->used += size_of(granted);
    return granted;
}

static int64_t decayed(const struct score_rule *r, int64_t points, int64_t age_ms) {
    int64_t days = age_ms / MS_DAY;
    if (days >= r->lasts_days) {
        return 0;
    }
    if (!r->half_life_days) {
        return points * MILLI;
    }
    return llround((double)points * MILLI * exp2(-(double)days / (double)r->half_life_days));
}

static int64_t half_up(int64_t milli) {
    int64_t rounded = (size_of(milli) + MILLI / 2) / MILLI;
    return milli < 0 ? -rounded : rounded;
}

struct score_sum score_fold(struct arena *a, const struct score_card *card,
                            const struct score_evidence *e, struct score_time t) {
    struct score_sum sum = {.parts = ARENA_NEW_ARRAY(a, card->n, struct score_part)};
    struct day *days = ARENA_NEW_ARRAY(a, card->n, struct day);
    for (size_t i = 0; i < e->n; i++) {
        struct score_hit *h = &e->hits[i];
        const struct score_rule *r = &card->rules[h->rule];
        h->milli = 0;
        if (h->at <= t.now_ms) {
            int64_t granted = day_take(&days[h->rule], r, h->at, t.zone);
            h->milli = decayed(r, granted, t.now_ms - h->at);
            sum.parts[h->rule].milli += h->milli;
            sum.parts[h->rule].hits++;
        }
    }
    int64_t milli = 0;
    for (size_t i = 0; i < card->n; i++) {
        const struct score_rule *r = &card->rules[i];
        struct score_part *p = &sum.parts[i];
        if (!r->event.n) {
            p->holds = e->holds[i];
            p->milli = p->holds ? r->points * MILLI : 0;
        } else if (r->cap && size_of(p->milli) > r->cap * MILLI) {
            p->milli = within(p->milli, r->cap * MILLI);
            p->capped = true;
        }
        milli += p->milli;
    }
    sum.raw = half_up(milli);
    sum.score = sum.raw < card->minimum   ? card->minimum
                : sum.raw > card->maximum ? card->maximum
                                          : sum.raw;
    return sum;
}

/* The next instant after t at which this hit counts less; 0 when it stays. */
static int64_t hit_turns(const struct score_rule *r, int64_t at, int64_t t) {
    int64_t days = (t - at) / MS_DAY;
    if (t < at) {
        return at;
    }
    if (days >= r->lasts_days) {
        return 0;
    }
    return at + (r->half_life_days ? days + 1 : r->lasts_days) * MS_DAY;
}

int64_t score_next_change(struct arena *a, const struct score_card *card,
                          const struct score_evidence *e, struct score_time t) {
    int64_t score = score_fold(a, card, e, t).score;
    for (int step = 0; step < STEPS_MOST; step++) {
        int64_t next = 0;
        for (size_t i = 0; i < e->n; i++) {
            int64_t turn = hit_turns(&card->rules[e->hits[i].rule], e->hits[i].at, t.now_ms);
            next = turn && (!next || turn < next) ? turn : next;
        }
        if (!next) {
            return 0;
        }
        t.now_ms = next;
        struct arena_mark mark = arena_mark(a);
        int64_t then = score_fold(a, card, e, t).score;
        arena_reset(a, mark);
        if (then != score) {
            return next;
        }
    }
    return t.now_ms; /* to be looked at again then */
}

static enum score_tier tier_at(const struct score_tiers *t, int64_t score) {
    return score >= t->high_from ? TIER_HIGH : score >= t->middle_from ? TIER_MIDDLE : TIER_LOW;
}

enum score_tier score_tier_after(const struct score_tiers *t, enum score_tier before,
                                 int64_t score) {
    enum score_tier up = tier_at(t, score), down = tier_at(t, score + t->margin);
    if (before == TIER_NONE || up >= before) {
        return up;
    }
    return down < before ? down : before;
}

const char *score_tier_code(enum score_tier tier) {
    static const char *const codes[] = {NULL, "low", "middle", "high"};
    return codes[tier];
}

enum score_tier score_tier_of(struct str code) {
    for (enum score_tier t = TIER_LOW; t <= TIER_HIGH; t++) {
        if (str_is(code, score_tier_code(t))) {
            return t;
        }
    }
    return TIER_NONE;
}
