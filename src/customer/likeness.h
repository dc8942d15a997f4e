/*
 * Likeness: which people, or which accounts, may be one and the same.
 *
 * A search compares the records that share a key (a name and a company, the end of a phone
 * number …) field by field and estimates from these pairs alone how much each agreement says
 * (statistics/linkage.h). Nobody has to say first which pairs are true, and every verdict can be
 * taken apart into what each field adds to it.
 *
 * Reads only; the whole company's records, without asking rights: who shows pairs to somebody
 * sees to that (duplicates.c).
 */
#ifndef GUANTONG_CUSTOMER_LIKENESS_H
#define GUANTONG_CUSTOMER_LIKENESS_H

#include "db/sql.h"
#include "entity/record.h"
#include "statistics/linkage.h"

/* Records looked at at most, the newest; about 400 bytes each while the search lasts. */
enum { LIKENESS_RECORDS = 200000 };

/* What of a record type is compared. */
struct likeness_kind {
    const char *entity;
    struct linkage_schema schema; /* names are those of the record's fields */
    const struct likeness_key *keys;
    size_t n_keys;
};

/* The record types that have one, and NULL at the end. */
extern const struct likeness_kind *const likeness_kinds[];
/* NULL when records of the type are not compared. */
const struct likeness_kind *likeness_kind_of(struct str entity);

struct likeness_pair {
    int64_t a, b; /* a < b */
    double probability;
    double rarity; /* what the values they agree on add for being rare (linkage_rarity) */
    struct linkage_levels levels;
};

struct likeness_search {
    struct linkage_model model;
    struct likeness_pair *pairs; /* likelier one than two; the likeliest first */
    size_t n;
    int64_t records, compared;
    int64_t
        skipped; /* keys that more than LINKAGE_BLOCK records share: no pairs were made of them */
    bool all;    /* no record was left out for their number */
};

/* For looking at a few records (likeness_watch.c): "SELECT id, …" of those not in the trash, to
 * which AND may be added; the compared values of a row of it; and the hashes of the keys by which
 * records are brought together, at most LIKENESS_KEYS. */
enum { LIKENESS_KEYS = 16 };
struct sql likeness_select(struct ctx *c, const struct likeness_kind *kind);
void likeness_values(struct arena *a, const struct likeness_kind *kind, const struct db_rows *rows,
                     struct str *values);
size_t likeness_keys(struct arena *a, const struct likeness_kind *kind, linkage_record values,
                     uint64_t *keys);
/* Keep what a search found of agreements for those who look at few; in likeness_watch.c. */
void likeness_model_keep(struct ctx *c, const struct likeness_kind *kind,
                         const struct linkage_model *model);

/* Stops with the context's deadline. */
struct likeness_search likeness_find(struct ctx *c, const struct likeness_kind *kind);

#endif
