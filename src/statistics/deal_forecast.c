#include "statistics/deal_forecast.h"

#include <math.h>
#include <string.h>

#include "statistics/forecast.h"

enum { WEEK = 7, AGES = 104, WEEKS = 208, PACE_DAYS = 91, PACE_LEAST = 28 };

/* Priors, and what they weigh in deals or in periods looked back on. */
static const double won_a_week = 0.03, lost_a_week = 0.09, prior_deals = 4;
static const double prior_error = 0.4, prior_origins = 2;
static const double date_weight = 0.5; /* of a date that was said, beside the age */
static const double range_width = 1.2816;

/* Of a deal from its beginning: open until the beginning of week k, won before it. */
struct course {
    double open[WEEKS + 1], won[WEEKS + 1];
};

/* What is known on a day. */
struct known {
    const struct deal_history *h;
    int32_t now;
    bool past; /* looking back: stage, date and amount of a deal as they were are not known */
    struct course course;
    double *mean;  /* of a won deal, by kind */
    double spread; /* of amounts around the mean of their kind, as a share of it, squared */
};

static bool was_closed(const struct deal *d, int32_t now) {
    return d->closed < now;
}

/* Rates by week of age: of those who came to a week, how many were won and lost in it; who
 * is still in it counts half (the actuarial estimate). The last age holds all above. */
static void course_read(struct known *k) {
    double won[AGES] = {0}, lost[AGES] = {0}, still[AGES] = {0}, beyond = 0;
    for (size_t i = 0; i < k->h->n; i++) {
        const struct deal *d = &k->h->deals[i];
        bool closed = was_closed(d, k->now);
        int32_t weeks = ((closed ? d->closed : k->now) - d->begun) / WEEK;
        if (d->begun >= k->now || weeks < 0) {
            continue;
        }
        int32_t age = weeks < AGES - 1 ? weeks : AGES - 1;
        beyond += weeks - age;
        won[age] += closed && d->won;
        lost[age] += closed && !d->won;
        still[age] += !closed;
    }
    double wins[AGES], losses[AGES], later = beyond;
    for (int w = AGES - 1; w >= 0; w--) {
        double n = later + won[w] + lost[w] + still[w] / 2 + prior_deals;
        wins[w] = (won[w] + prior_deals * won_a_week) / n;
        losses[w] = (lost[w] + prior_deals * lost_a_week) / n;
        later = (w == AGES - 1 ? 0 : later) + won[w] + lost[w] + still[w];
    }
    k->course.open[0] = 1;
    k->course.won[0] = 0;
    for (int w = 0; w < WEEKS; w++) {
        int age = w < AGES ? w : AGES - 1;
        double open = k->course.open[w];
        k->course.won[w + 1] = k->course.won[w] + open * wins[age];
        k->course.open[w + 1] = open * fmax(1 - wins[age] - losses[age], 0);
    }
}

static double at_age(const double *by_week, double days) {
    double week = fmin(fmax(days / WEEK, 0), WEEKS);
    int w = week < WEEKS ? (int)week : WEEKS - 1;
    return by_week[w] + (by_week[w + 1] - by_week[w]) * (week - w);
}

/* Mean amounts of won deals, those of a kind leaning on all by the weight of three deals. */
static void amounts_read(struct arena *a, struct known *k) {
    double *sum = ARENA_NEW_ARRAY(a, (size_t)k->h->kinds, double);
    double *n = ARENA_NEW_ARRAY(a, (size_t)k->h->kinds, double);
    double all = 0, count = 0, squares = 0;
    k->mean = ARENA_NEW_ARRAY(a, (size_t)k->h->kinds, double);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < k->h->n; i++) {
            const struct deal *d = &k->h->deals[i];
            if (!d->won || !was_closed(d, k->now) || isnan(d->amount)) {
                continue;
            }
            double off = pass && k->mean[d->kind] > 0 ? d->amount / k->mean[d->kind] - 1 : 0;
            squares += pass ? fmin(off * off, 100) : 0;
            sum[d->kind] += pass ? 0 : d->amount;
            n[d->kind] += pass ? 0 : 1;
            all += pass ? 0 : d->amount;
            count += pass ? 0 : 1;
        }
        for (int i = 0; i < k->h->kinds; i++) {
            double mean = count > 0 ? all / count : 0;
            k->mean[i] = (sum[i] + 3 * mean) / (n[i] + 3);
        }
    }
    k->spread = (squares + prior_deals) / (count + prior_deals);
}

static struct known known_on(struct arena *a, const struct deal_history *h, int32_t now,
                             bool past) {
    struct known k = {.h = h, .now = now, .past = past};
    course_read(&k);
    amounts_read(a, &k);
    return k;
}

static double log_odds(double p) {
    p = fmin(fmax(p, 0.001), 0.999);
    return log(p / (1 - p));
}

/* The chance that an open deal is won in [from, to): by age, corrected by its stage (odds against
 * those of a new deal multiply) and drawn to its expected date. */
static double chance_within(const struct known *k, const struct deal *d, int32_t from, int32_t to) {
    double open = at_age(k->course.open, k->now - d->begun);
    double before = at_age(k->course.won, k->now - d->begun);
    double ever = open > 0 ? (k->course.won[WEEKS] - before) / open : 0;
    double within = at_age(k->course.won, to - d->begun) - at_age(k->course.won, from - d->begun);
    double share = ever > 0 ? fmin(within / open / ever, 1) : 0;
    if (k->past) {
        return ever * share;
    }
    if (!isnan(d->chance)) {
        double odds = log_odds(ever) + log_odds(d->chance) - log_odds(k->course.won[WEEKS]);
        ever = 1 / (1 + exp(-odds));
    }
    if (d->expected >= k->now) {
        double said = d->expected >= from && d->expected < to;
        share = date_weight * said + (1 - date_weight) * share;
    }
    return ever * share;
}

static int32_t latest(int32_t a, int32_t b) {
    return a > b ? a : b;
}

/* Deals that will begin: at the pace of the last PACE_DAYS, with the course of all. Their part in
 * the revenue of [from, to) for each deal begun in that time. */
static double fresh_share(const struct known *k, int32_t from, int32_t to) {
    int32_t first = k->now;
    double sum = 0;
    for (size_t i = 0; i < k->h->n; i++) {
        first = k->h->deals[i].begun < first ? k->h->deals[i].begun : first;
    }
    int32_t days = k->now - first < PACE_DAYS ? k->now - first : PACE_DAYS;
    days = latest(days, PACE_LEAST);
    for (int32_t begun = k->now; begun < to; begun++) {
        sum += at_age(k->course.won, to - begun) - at_age(k->course.won, from - begun);
    }
    return sum / days;
}

/* The opinion of the deals on a period, by group; variances when asked for. */
static void ask_deals(const struct known *k, int period, struct deal_outlook *groups,
                      double *variance) {
    int32_t from = k->h->starts[period], to = k->h->starts[period + 1];
    int32_t start = latest(from, k->now);
    double fresh = fresh_share(k, start, to);
    for (size_t i = 0; i < k->h->n; i++) {
        const struct deal *d = &k->h->deals[i];
        struct deal_outlook *g = &groups[d->group];
        double mean = k->mean[d->kind];
        if (d->begun >= k->now) {
            continue;
        }
        if (d->begun >= k->now - PACE_DAYS) {
            g->fresh += fresh * mean;
            variance[d->group] += fresh * mean * mean * (1 + k->spread);
        }
        if (was_closed(d, k->now)) {
            g->closed += d->won && d->closed >= from && !isnan(d->amount) ? d->amount : 0;
        } else {
            bool guess = k->past || isnan(d->amount);
            double p = chance_within(k, d, start, to), amount = guess ? mean : d->amount;
            g->open += p * amount;
            variance[d->group] += p * (1 - p) * amount * amount +
                                  (guess ? p * k->spread * amount * amount : 0);
        }
    }
}

/* Where the whole periods begin: the first that was not well under way when the first deal was
 * won; `periods` when there is none. */
static int first_whole(const struct deal_history *h) {
    int32_t first = DEAL_STILL_OPEN;
    for (size_t i = 0; i < h->n; i++) {
        first = h->deals[i].won && h->deals[i].closed < first ? h->deals[i].closed : first;
    }
    int p = 0;
    while (p < h->periods && h->starts[p] + (h->starts[p + 1] - h->starts[p]) / 10 < first) {
        p++;
    }
    return p;
}

/* What each group won in each period, by group and period. */
static double *won_by_period(struct arena *a, const struct deal_history *h) {
    double *won = ARENA_NEW_ARRAY(a, (size_t)h->groups * (size_t)h->periods, double);
    for (size_t i = 0; i < h->n; i++) {
        const struct deal *d = &h->deals[i];
        if (!d->won || isnan(d->amount) || d->closed < h->starts[0] ||
            d->closed >= h->starts[h->periods]) {
            continue;
        }
        int p = 0;
        while (d->closed >= h->starts[p + 1]) {
            p++;
        }
        won[d->group * h->periods + p] += d->amount;
    }
    return won;
}

/* The share of a period's revenue that is won after this part of its days, as it was in the past
 * periods; an even pace weighs as one of them. */
static double rest_of_period(const struct deal_history *h, int first, int end, int32_t now) {
    double length = h->starts[end + 1] - h->starts[end], gone = (now - h->starts[end]) / length;
    double after = 1 - gone, whole = 1;
    double *sums = (double[DEAL_PERIODS]){0}, *late = (double[DEAL_PERIODS]){0};
    if (gone <= 0) {
        return 1;
    }
    for (size_t i = 0; i < h->n; i++) {
        const struct deal *d = &h->deals[i];
        if (!d->won || isnan(d->amount)) {
            continue;
        }
        for (int p = first; p < end; p++) {
            int32_t from = h->starts[p], to = h->starts[p + 1];
            if (d->closed >= from && d->closed < to) {
                sums[p] += d->amount;
                late[p] += d->closed - from >= gone * (to - from) ? d->amount : 0;
            }
        }
    }
    for (int p = first; p < end; p++) {
        after += sums[p] > 0 ? late[p] / sums[p] : 0;
        whole += sums[p] > 0;
    }
    return after / whole;
}

/* The two opinions that need no deals: of a group's series from first to before end, a step of
 * the horizon ahead. */
static void ask_history(struct arena *a, const struct deal_history *h, const double *series,
                        const int span[3], struct deal_outlook *g) {
    int first = span[0], end = span[1], horizon = span[2] - end + 1;
    struct arena_mark mark = arena_mark(a);
    struct series s = {series + first, end - first, h->season, true};
    struct forecast f = forecast_series(a, &s, horizon);
    double *naive = ARENA_NEW_ARRAY(a, (size_t)horizon, double);
    forecast_naive(&s, naive, horizon);
    g->history = fmax(f.steps[horizon - 1].value, 0);
    g->naive = naive[horizon - 1];
    arena_reset(a, mark);
}

/* The middle of the three opinions: one that is far off does no harm. */
static double middle(double a, double b, double c) {
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* Sums of looking back. */
struct look_back {
    int n;
    double came, error, naive_error, group_error, group_naive_error;
    double squares, group_squares, said_squares, group_said_squares;
};

static void origin_judge(struct look_back *b, const struct deal_outlook *groups, const double *came,
                         int n, struct deal_origin *o) {
    for (int g = 0; g < n; g++) {
        double said = middle(groups[g].deals, groups[g].history, groups[g].naive);
        double off = said - came[g];
        o->came += came[g];
        o->said += said;
        o->naive += groups[g].naive;
        b->group_error += fabs(off);
        b->group_naive_error += fabs(groups[g].naive - came[g]);
        b->group_squares += off * off;
        b->group_said_squares += said * said;
    }
    b->n++;
    b->came += o->came;
    b->error += fabs(o->said - o->came);
    b->naive_error += fabs(o->naive - o->came);
    b->squares += (o->said - o->came) * (o->said - o->came);
    b->said_squares += o->said * o->said;
}

/* Each of the last whole periods, from what was known at its beginning. */
static struct look_back look_back(struct arena *a, const struct deal_history *h, const double *won,
                                  const int span[2], struct deal_forecast *out) {
    struct look_back b = {.came = 0};
    int begin = span[0] + 1 > span[1] - DEAL_ORIGINS ? span[0] + 1 : span[1] - DEAL_ORIGINS;
    for (int p = begin; p < span[1]; p++) {
        struct arena_mark mark = arena_mark(a);
        struct known k = known_on(a, h, h->starts[p], true);
        struct deal_outlook *groups = ARENA_NEW_ARRAY(a, (size_t)h->groups, struct deal_outlook);
        double *variance = ARENA_NEW_ARRAY(a, (size_t)h->groups, double);
        double *came = ARENA_NEW_ARRAY(a, (size_t)h->groups, double);
        ask_deals(&k, p, groups, variance);
        for (int g = 0; g < h->groups; g++) {
            groups[g].deals = groups[g].open + groups[g].fresh;
            came[g] = won[g * h->periods + p];
            ask_history(a, h, won + g * h->periods, (int[3]){span[0], p, p}, &groups[g]);
        }
        struct deal_origin *o = &out->origins[out->n_origins++];
        *o = (struct deal_origin){.period = p};
        origin_judge(&b, groups, came, h->groups, o);
        arena_reset(a, mark);
    }
    if (b.came > 0) {
        out->wape = b.error / b.came;
        out->naive_wape = b.naive_error / b.came;
        out->group_wape = b.group_error / b.came;
        out->group_naive_wape = b.group_naive_error / b.came;
    }
    return b;
}

/* How wrong what is said was, as a share of it. */
static double usual_error(double squares, double said_squares, int n) {
    double share = said_squares > 0 ? squares / said_squares : 0;
    return sqrt((share * n + prior_error * prior_error * prior_origins) / (n + prior_origins));
}

static void range_set(struct deal_outlook *g, double variance, double error) {
    double to_come = g->expected - g->closed;
    g->spread = sqrt(fmax(variance, error * error * to_come * to_come));
    g->low = g->closed + fmax(to_come - range_width * g->spread, fmin(to_come, 0));
    g->high = g->expected + range_width * g->spread;
}

static void total_add(struct deal_outlook *t, const struct deal_outlook *g) {
    t->closed += g->closed;
    t->open += g->open;
    t->fresh += g->fresh;
    t->deals += g->deals;
    t->history += g->history;
    t->naive += g->naive;
    t->expected += g->expected;
}

static int period_of(const struct deal_history *h, int32_t day) {
    int p = 0;
    while (p + 1 < h->periods && day >= h->starts[p + 1]) {
        p++;
    }
    return p;
}

struct deal_forecast deal_forecast(struct arena *a, const struct deal_history *h,
                                   struct deal_question q) {
    struct deal_forecast out = {
        .groups = ARENA_NEW_ARRAY(a, (size_t)h->groups, struct deal_outlook)};
    double *won = won_by_period(a, h), all = 0;
    double *variance = ARENA_NEW_ARRAY(a, (size_t)h->groups, double);
    int first = first_whole(h), end = period_of(h, q.now);
    end = end < q.period ? end : q.period;
    out.full = first < end;
    struct look_back b = look_back(a, h, won, (int[2]){first, out.full ? end : first}, &out);
    struct known k = known_on(a, h, q.now, false);
    ask_deals(&k, q.period, out.groups, variance);
    double rest = end == q.period && out.full ? rest_of_period(h, first, end, q.now) : 1;
    double error = usual_error(b.group_squares, b.group_said_squares, b.n);
    for (int g = 0; g < h->groups; g++) {
        struct deal_outlook *o = &out.groups[g];
        if (out.full) {
            ask_history(a, h, won + g * h->periods, (int[3]){first, end, q.period}, o);
        }
        o->deals = o->closed + o->open + o->fresh;
        double come = o->open + o->fresh;
        o->expected = o->closed +
                      (out.full ? middle(come, rest * o->history, rest * o->naive) : come);
        range_set(o, variance[g], error);
        total_add(&out.total, o);
        all += variance[g];
    }
    range_set(&out.total, all, usual_error(b.squares, b.said_squares, b.n));
    return out;
}
