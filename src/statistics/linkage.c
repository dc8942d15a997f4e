#include "statistics/linkage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "statistics/similarity.h"

enum { ROUNDS_MOST = 200, BASE = LINKAGE_LEVELS + 1 };

static const double still = 1e-7;   /* the largest change of an estimate that counts as none */
static const double settled = 1e-3; /* the same of the share of matches, in proportion */
static const double near_text = 0.92, similar_text = 0.8;

static int levels_of(enum linkage_comparison comparison) {
    switch (comparison) {
    case LINKAGE_TEXT:
        return 4;
    case LINKAGE_NUMBER:
        return 3;
    default:
        return 2;
    }
}

static int level_of(enum linkage_comparison comparison, struct str a, struct str b) {
    if (!a.n || !b.n) {
        return LINKAGE_MISSING;
    }
    if (str_equal(a, b)) {
        return levels_of(comparison) - 1;
    }
    if (comparison == LINKAGE_TEXT) {
        double alike = similarity_jaro_winkler(a, b);
        return (alike >= near_text) + (alike >= similar_text);
    }
    return comparison == LINKAGE_NUMBER && similarity_edits(a, b) <= 1;
}

/* Given name and surname in each other's place: taken as meant when that way they agree much
 * better, that is, both nearly, while as they stand they do not. */
static void compare_swapped(const struct linkage_schema *s, int i, linkage_record a,
                            linkage_record b, struct linkage_levels *levels) {
    int k = s->fields[i].swapped_with, most = 2 * (LINKAGE_LEVELS - 1);
    int first = level_of(LINKAGE_TEXT, a[i], b[k]), second = level_of(LINKAGE_TEXT, a[k], b[i]);
    int straight = (levels->of[i] > 0 ? levels->of[i] : 0) +
                   (levels->of[k] > 0 ? levels->of[k] : 0);
    if (first + second >= most - 1 && straight < LINKAGE_LEVELS - 1) {
        levels->of[i] = (signed char)first;
        levels->of[k] = (signed char)second;
    }
}

struct linkage_levels linkage_compare(const struct linkage_schema *s, linkage_record a,
                                      linkage_record b) {
    struct linkage_levels levels;
    memset(levels.of, LINKAGE_MISSING, sizeof levels.of);
    for (int i = 0; i < s->n; i++) {
        levels.of[i] = (signed char)level_of(s->fields[i].comparison, a[i], b[i]);
    }
    for (int i = 0; i < s->n; i++) {
        if (s->fields[i].swapped_with > i) {
            compare_swapped(s, i, a, b, &levels);
        }
    }
    return levels;
}

/* What is known of a field before anything was looked at, by kind of comparison: people who are
 * one are written alike more often than not, two at random hardly ever. */
static const double prior_m[][LINKAGE_LEVELS] = {
    [LINKAGE_TEXT] = {.1, .1, .2, .6}, [LINKAGE_NUMBER] = {.2, .2, .6}, [LINKAGE_EXACT] = {.2, .8}};
static const double prior_u[][LINKAGE_LEVELS] = {[LINKAGE_TEXT] = {.96, .034, .003, .003},
                                                 [LINKAGE_NUMBER] = {.998, .001, .001},
                                                 [LINKAGE_EXACT] = {.9, .1}};
static const double prior_twins = 0.01;  /* of the records */
static const double prior_share = 0.001; /* of the pairs, of few records */
static const double half_match = 0.5;    /* always there may be one more */

double linkage_probability(const struct linkage_schema *s, const struct linkage_model *model,
                           struct linkage_levels levels, double rarity) {
    double odds = log(model->share) - log1p(-model->share) + rarity;
    for (int i = 0; i < s->n; i++) {
        int k = levels.of[i];
        if (k != LINKAGE_MISSING) {
            odds += log(model->m[i][k]) - log(model->u[i][k]);
        }
    }
    return 1 / (1 + exp(-odds));
}

double linkage_weight(const struct linkage_model *model, int field, int level) {
    return level == LINKAGE_MISSING ? 0 : log2(model->m[field][level] / model->u[field][level]);
}

/* Pairs of equal levels count as one pattern: thousands of pairs, a few hundred patterns. */
struct pattern {
    uint64_t code;
    struct linkage_levels levels;
    double pairs;
};

static int by_code(const void *x, const void *y) {
    const struct pattern *a = x, *b = y;
    return (a->code > b->code) - (a->code < b->code);
}

static size_t patterns_of(struct pattern *patterns, const struct linkage_schema *s,
                          const struct linkage_levels *pairs, size_t n) {
    if (!n) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t code = 0;
        for (int k = 0; k < s->n; k++) {
            code = code * BASE + (uint64_t)(pairs[i].of[k] + 1);
        }
        patterns[i] = (struct pattern){code, pairs[i], 1};
    }
    qsort(patterns, n, sizeof *patterns, by_code);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept && patterns[kept - 1].code == patterns[i].code) {
            patterns[kept - 1].pairs++;
        } else {
            patterns[kept++] = patterns[i];
        }
    }
    return kept;
}

/* Level counts of one field, on top of what is known of it, as shares. How far they moved. */
static double estimate_row(double *row, const double *counts, const double *prior, int n) {
    double sum = 0, change = 0;
    for (int k = 0; k < n; k++) {
        sum += counts[k] + prior[k];
    }
    for (int k = 0; k < n; k++) {
        double value = (counts[k] + prior[k]) / sum;
        change = fmax(change, fabs(value - row[k]));
        row[k] = value;
    }
    return change;
}

/* Estimates of all fields from weighted patterns: of matches the probability that they are. */
static double estimate(double rows[][LINKAGE_LEVELS], const struct linkage_schema *s,
                       const double counts[][LINKAGE_LEVELS], double weight,
                       const double prior[][LINKAGE_LEVELS]) {
    double change = 0;
    for (int i = 0; i < s->n; i++) {
        enum linkage_comparison comparison = s->fields[i].comparison;
        double known[LINKAGE_LEVELS];
        for (int k = 0; k < LINKAGE_LEVELS; k++) {
            known[k] = weight * prior[comparison][k];
        }
        change = fmax(change, estimate_row(rows[i], counts[i], known, levels_of(comparison)));
    }
    return change;
}

static void count(double counts[][LINKAGE_LEVELS], const struct linkage_schema *s,
                  const struct linkage_levels *levels, double weight) {
    for (int i = 0; i < s->n; i++) {
        if (levels->of[i] != LINKAGE_MISSING) {
            counts[i][levels->of[i]] += weight;
        }
    }
}

static double share_of(double matches, double all_pairs) {
    return (matches + half_match) / (all_pairs + half_match / prior_share);
}

/* One round over the candidates; how far the estimates moved. */
static double improve(struct linkage_model *model, const struct linkage_schema *s,
                      const struct pattern *patterns, size_t n, double all_pairs) {
    double counts[LINKAGE_FIELDS][LINKAGE_LEVELS] = {{0}}, matches = 0;
    for (size_t i = 0; i < n; i++) {
        double expected = patterns[i].pairs * linkage_probability(s, model, patterns[i].levels, 0);
        count(counts, s, &patterns[i].levels, expected);
        matches += expected;
    }
    double share = share_of(matches, all_pairs);
    double change = fabs(share / model->share - 1);
    model->share = share;
    return fmax(change, estimate(model->m, s, counts, LINKAGE_PRIOR_MATCHES, prior_m));
}

struct linkage_model linkage_fit(struct arena *a, const struct linkage_schema *s,
                                 const struct linkage_evidence *e) {
    double counts[LINKAGE_FIELDS][LINKAGE_LEVELS] = {{0}}, change = 1;
    double records = (double)e->records, all_pairs = records * (records - 1) / 2;
    double twins = prior_twins * records / fmax(all_pairs, 1);
    struct linkage_model model = {.share = fmin(prior_share, fmax(twins, still))};
    struct arena_mark mark = arena_mark(a);
    struct pattern *patterns = ARENA_NEW_ARRAY(a, e->n_alike + 1, struct pattern);
    size_t kept = patterns_of(patterns, s, e->alike, e->n_alike);
    estimate(model.m, s, counts, LINKAGE_PRIOR_MATCHES, prior_m);
    for (size_t i = 0; i < e->n_drawn; i++) {
        count(counts, s, &e->drawn[i], 1);
    }
    estimate(model.u, s, counts, LINKAGE_PRIOR_PAIRS, prior_u);
    for (model.rounds = 0; model.rounds < ROUNDS_MOST && change > still; model.rounds++) {
        change = improve(&model, s, patterns, kept, all_pairs);
    }
    arena_reset(a, mark);
    return model;
}

double linkage_rarity(const struct linkage_schema *s, const struct linkage_model *model, int field,
                      struct linkage_levels levels, struct linkage_frequency value) {
    int top = levels_of(s->fields[field].comparison) - 1;
    if (levels.of[field] != top || !value.having || value.records < LINKAGE_FEW) {
        return 0;
    }
    double usual = model->u[field][top];
    double chance = ((double)(value.having - 1) + LINKAGE_PRIOR_RECORDS * usual) /
                    ((double)(value.records - 1) + LINKAGE_PRIOR_RECORDS);
    return log(usual) - log(chance);
}

void linkage_settle(const struct linkage_schema *s, struct linkage_model *model,
                    const struct linkage_evidence *e, const double *rarity) {
    double records = (double)e->records, all_pairs = records * (records - 1) / 2, change = 1;
    for (int round = 0; round < ROUNDS_MOST && change > settled; round++) {
        double matches = 0;
        for (size_t i = 0; i < e->n_alike; i++) {
            matches += linkage_probability(s, model, e->alike[i], rarity[i]);
        }
        double share = share_of(matches, all_pairs);
        change = fabs(share / model->share - 1);
        model->share = share;
    }
}

struct linkage_pair linkage_draw(uint64_t *state, uint32_t n) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint32_t a = (uint32_t)((*state >> 33) % n);
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint32_t b = (uint32_t)((*state >> 33) % (n - 1));
    b += b >= a;
    return a < b ? (struct linkage_pair){a, b} : (struct linkage_pair){b, a};
}

uint64_t linkage_hash(int rule, struct str first, struct str second) {
    uint64_t hash = UINT64_C(14695981039346656037);
    const struct str parts[] = {{(const char *)&rule, sizeof rule}, first, STR("\037"), second};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        for (size_t k = 0; k < parts[i].n; k++) {
            hash = (hash ^ (unsigned char)parts[i].p[k]) * UINT64_C(1099511628211);
        }
    }
    return hash;
}

static int by_key(const void *x, const void *y) {
    const struct linkage_key *a = x, *b = y;
    int order = (a->key > b->key) - (a->key < b->key);
    return order ? order : (a->record > b->record) - (a->record < b->record);
}

static int by_pair(const void *x, const void *y) {
    const struct linkage_pair *a = x, *b = y;
    int order = (a->a > b->a) - (a->a < b->a);
    return order ? order : (a->b > b->b) - (a->b < b->b);
}

static size_t block_end(const struct linkage_key *keys, size_t n, size_t from) {
    size_t to = from + 1;
    while (to < n && keys[to].key == keys[from].key) {
        to++;
    }
    return to;
}

static void add_block(struct linkage_pairs *out, const struct linkage_key *keys, size_t n) {
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n; k++) {
            if (keys[i].record != keys[k].record) {
                out->items[out->n++] = (struct linkage_pair){keys[i].record, keys[k].record};
            }
        }
    }
}

struct linkage_pairs linkage_candidates(struct arena *a, struct linkage_key *keys, size_t n) {
    size_t most = 0;
    qsort(keys, n, sizeof *keys, by_key);
    for (size_t i = 0, end; i < n; i = end) {
        end = block_end(keys, n, i);
        most += end - i <= LINKAGE_BLOCK ? (end - i) * (end - i - 1) / 2 : 0;
    }
    struct linkage_pairs out = {.items = ARENA_NEW_ARRAY(a, most, struct linkage_pair)};
    for (size_t i = 0, end; i < n; i = end) {
        end = block_end(keys, n, i);
        if (end - i <= LINKAGE_BLOCK) {
            add_block(&out, keys + i, end - i);
        } else {
            out.skipped++;
        }
    }
    if (out.n) {
        qsort(out.items, out.n, sizeof *out.items, by_pair);
    }
    size_t kept = 0;
    for (size_t i = 0; i < out.n; i++) {
        if (!kept || by_pair(&out.items[kept - 1], &out.items[i]) != 0) {
            out.items[kept++] = out.items[i];
        }
    }
    out.n = kept;
    return out;
}

static uint32_t root_of(uint32_t *group, uint32_t i) {
    while (group[i] != i) {
        group[i] = group[group[i]];
        i = group[i];
    }
    return i;
}

uint32_t *linkage_groups(struct arena *a, size_t records, const struct linkage_pair *pairs,
                         size_t n) {
    uint32_t *group = ARENA_NEW_ARRAY(a, records, uint32_t);
    for (size_t i = 0; i < records; i++) {
        group[i] = (uint32_t)i;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t x = root_of(group, pairs[i].a), y = root_of(group, pairs[i].b);
        group[x > y ? x : y] = x > y ? y : x;
    }
    for (size_t i = 0; i < records; i++) {
        group[i] = root_of(group, (uint32_t)i);
    }
    return group;
}
