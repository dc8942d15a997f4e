/* What somebody searches for, taken apart; shared by search.c and search_match.c. */
#ifndef GUANTONG_ENTITY_SEARCH_QUERY_H
#define GUANTONG_ENTITY_SEARCH_QUERY_H

#include "base/text.h"
#include "entity/search.h"

enum { SEARCH_PARTS = 8, SEARCH_TERMS = 24 };

/* Something typed between blanks. */
struct search_part {
    struct str key;    /* search key */
    struct str digits; /* when it can be a piece of a phone number, else empty */
    bool latin;        /* letters only: may be pinyin */
};

/* A term that every hit has: exactly, or as a beginning. */
struct search_term {
    struct str term;
    bool prefix;
    struct str digits; /* the other way to have it: a phone with these digits; may be empty */
};

struct search_query {
    struct str key; /* of the whole */
    struct search_part parts[SEARCH_PARTS];
    size_t n_parts;
    struct search_term terms[SEARCH_TERMS];
    size_t n_terms;
};

struct search_query search_query(struct arena *a, struct str words);

/* A record that may be a hit, looked at. */
struct search_match {
    const struct entity *entity;
    int64_t id;
    int closeness; /* 2 the title is what was typed, 1 it begins so, 0 neither */
    int fields;    /* that have some part */
    const struct field *matched;
};

/* Whether the texts (of search_document) of a record have every part, in fields that the
 * actor may read in full. */
bool search_match(struct ctx *c, const struct search_query *q, struct str texts,
                  struct search_match *match);

#endif
