/*
 * Global search: Chinese words, pinyin, parts of a phone number.
 *
 * One table of terms for both engines, filled by a reactor (search.index) from changed
 * records: bigrams of Chinese runs, Latin words, pinyin and initials of titles, and for
 * phones every suffix of four digits or more, so that a part is a prefix. Rights are
 * inside the query: scope as in lists, and terms of a personal field count only for those
 * who may read the field in full. Whichever is rarer drives: the term, or the records in
 * the actor's scope. The tokenizer's version is stamped; a newer program rebuilds.
 */
#ifndef GUANTONG_ENTITY_SEARCH_H
#define GUANTONG_ENTITY_SEARCH_H

#include "entity/query.h"

struct search_hit {
    const struct entity *entity;
    int64_t id;
    struct str title, subtitle;
    const struct field *matched;
};

/* Up to limit hits over all searched entities (or one, when only is not NULL). */
size_t search_run(struct ctx *c, struct str words, const struct entity *only, size_t limit,
                  struct search_hit **hits);

/* At start, inside a transaction, the tables there: index all records anew when the tokenizer
 * is another than the one that filled the index. */
void search_refresh(struct ctx *c);

extern const struct module search_module;

#endif
