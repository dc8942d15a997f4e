/*
 * Record linkage: which records mean the same thing.
 *
 * Two records are compared field by field; how well each field agrees is a level, from 0 (not at
 * all) upwards. Fellegi and Sunter (1969): a level speaks for a match by how much more often it
 * is seen among matches (m) than among all pairs (u). Nobody has to say which pairs are true: u
 * is counted in pairs drawn at random, of which next to none match; m and the number of matches
 * are estimated by expectation and maximisation (Winkler 1988) over the pairs that share a key.
 * Those are not taken for a sample of all pairs: one that shares no key is no match, and what
 * agrees because keys were made of it counts no less rare for that. A field that one of the two
 * lacks says nothing.
 *
 * Comparing all pairs is too much; blocks bring together the records that share a key.
 */
#ifndef GUANTONG_STATISTICS_LINKAGE_H
#define GUANTONG_STATISTICS_LINKAGE_H

#include "base/str.h"

enum { LINKAGE_FIELDS = 12, LINKAGE_LEVELS = 4, LINKAGE_MISSING = -1 };

enum linkage_comparison {
    LINKAGE_TEXT,   /* equal; Jaro-Winkler from 0.92; from 0.8; else: 3, 2, 1, 0 */
    LINKAGE_NUMBER, /* digits: equal; one edit apart; else: 2, 1, 0 */
    LINKAGE_EXACT   /* equal or not: 1, 0 */
};

struct linkage_field {
    const char *name;
    enum linkage_comparison comparison;
    int swapped_with; /* a field that people put the value in by mistake (given name and surname);
                         its own position if none */
};

struct linkage_schema {
    const struct linkage_field *fields;
    int n;
};

/* A record is the values of the schema's fields, cleaned by the caller; empty: missing. */
typedef const struct str *linkage_record;

/* How well each field agrees, LINKAGE_MISSING where one has no value. */
struct linkage_levels {
    signed char of[LINKAGE_FIELDS];
};
struct linkage_levels linkage_compare(const struct linkage_schema *s, linkage_record a,
                                      linkage_record b);

struct linkage_model {
    double m[LINKAGE_FIELDS][LINKAGE_LEVELS]; /* P(level | match) */
    double u[LINKAGE_FIELDS][LINKAGE_LEVELS]; /* P(level) of any two records */
    double share;                             /* of matches among all pairs */
    int rounds;                               /* until the estimates stood still */
};

/* What is looked at to estimate a model. */
struct linkage_evidence {
    size_t records;
    const struct linkage_levels *alike; /* of the pairs that share a key */
    size_t n_alike;
    const struct linkage_levels *drawn; /* of pairs drawn at random (linkage_draw) */
    size_t n_drawn;
};

/* What agreement says is known roughly before anything was looked at: this counts as much as
 * LINKAGE_PRIOR_MATCHES matches and LINKAGE_PRIOR_PAIRS pairs of the evidence. */
enum { LINKAGE_PRIOR_MATCHES = 20, LINKAGE_PRIOR_PAIRS = 1000 };
struct linkage_model linkage_fit(struct arena *a, const struct linkage_schema *s,
                                 const struct linkage_evidence *e);

/* P(match | levels). rarity: what the values agreed on add (linkage_rarity), 0 when not known. */
double linkage_probability(const struct linkage_schema *s, const struct linkage_model *model,
                           struct linkage_levels levels, double rarity);

/* What it adds to the odds (as a logarithm) that two of the records agree on this very value, which
 * so many of them have: a rare name says more than a common one (Newcombe 1959). 0 below full
 * agreement, and among fewer than LINKAGE_FEW records, of which it cannot be told. That values are
 * as common as in general counts as LINKAGE_PRIOR_RECORDS records. */
enum { LINKAGE_PRIOR_RECORDS = 10, LINKAGE_FEW = 100 };
struct linkage_frequency {
    size_t having, records;
};
double linkage_rarity(const struct linkage_schema *s, const struct linkage_model *model, int field,
                      struct linkage_levels levels, struct linkage_frequency value);
/* The share of matches once more, with the rarity of each of the pairs that share a key. */
void linkage_settle(const struct linkage_schema *s, struct linkage_model *model,
                    const struct linkage_evidence *e, const double *rarity);

/* What one field's level adds to the evidence, in bits: log2(m / u); 0 when missing. */
double linkage_weight(const struct linkage_model *model, int field, int level);

/* Records that share a key are compared. */
struct linkage_key {
    uint64_t key; /* linkage_hash of what they share */
    uint32_t record;
};
struct linkage_pair {
    uint32_t a, b; /* a < b */
};
struct linkage_pairs {
    struct linkage_pair *items;
    size_t n;
    size_t skipped; /* keys of more than LINKAGE_BLOCK records, which say too little */
};
enum { LINKAGE_BLOCK = 60 };

/* The next of a sequence of pairs of two of n >= 2 records, which looks random and is the same each
 * time it begins with the same state. */
struct linkage_pair linkage_draw(uint64_t *state, uint32_t n);

/* FNV-1a of the parts, with the number of the rule that made the key. */
uint64_t linkage_hash(int rule, struct str first, struct str second);
/* Each pair once, in order. Sorts the keys. */
struct linkage_pairs linkage_candidates(struct arena *a, struct linkage_key *keys, size_t n);

/* Groups of records that pairs connect: group[i] is the smallest record of i's group. */
uint32_t *linkage_groups(struct arena *a, size_t records, const struct linkage_pair *pairs,
                         size_t n);

#endif
