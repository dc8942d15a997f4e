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
    struct linkage_levels levels;
};

struct likeness_search {
    struct linkage_model model;
    struct likeness_pair *pairs; /* likelier one than two; the likeliest first */
    size_t n;
    int64_t records, compared;
    bool all; /* no record was left out for their number */
};

/* Stops with the context's deadline. */
struct likeness_search likeness_find(struct ctx *c, const struct likeness_kind *kind);

#endif
