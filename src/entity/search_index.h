/*
 * What is in the index of global search.
 *
 *   search_term (field_code, term, record_id)   under which terms a record is found
 *   search_document (record_id, entity, texts)  what it was indexed from
 *   search_state (name, version)                by which tokenizer
 *
 * field_code is a digest of "lead.phone": a search asks only the codes of fields that its
 * actor may read in full. The texts are kept because the old terms follow from them when a
 * record changes. Postings may be few too many, never too few: search.c looks at the records.
 *
 * Terms of a text field: text_terms. Of the title besides: "=" and its search key, for exact
 * names and beginnings; its pinyin and initials when it is Chinese. Of a phone: every end of
 * its digits of four or more, so that a part of the number is a beginning of a term.
 */
#ifndef GUANTONG_ENTITY_SEARCH_INDEX_H
#define GUANTONG_ENTITY_SEARCH_INDEX_H

#include "base/text.h"
#include "entity/record.h"
#include "event/reactor.h"

/* Raised when the terms of the same text become others: the index is then rebuilt. */
enum { SEARCH_TOKENIZER = 1 };

enum { SEARCH_PHONE_DIGITS = 4, SEARCH_TITLE_KEY = 60 };

int64_t search_code(const struct entity *e, const struct field *f);
bool search_has(const struct entity *e, const struct field *f);

/* Terms of a value; not sorted, no term twice. */
struct str_list search_field_terms(struct arena *a, const struct entity *e, const struct field *f,
                                   struct str text);
/* "=" and the beginning of a search key. */
struct str search_title_term(struct arena *a, struct str key);
/* The digits of a phone, or of a piece of one. */
struct str search_digits(struct arena *a, struct str text);

extern const struct reactor search_reactor;

/* Empty the index and fill it from the tables, when another tokenizer filled it.
 * Called at start inside a transaction, after schema_apply. The number of records. */
int64_t search_rebuild(struct ctx *c);

#endif
