/*
 * Tags: words that people, leads and accounts carry.
 *
 * A tag belongs to one of four dimensions (basic, behaviour, transaction, interest) and may expire
 * by itself after some days. It is put on a record by a rule of the tag's own (the records its
 * condition holds for, membership.h), by hand, by an import, a journey or a program; which of them
 * it was, when and until when is kept. A tag put on by hand stays whatever the rule says, and one
 * taken off by hand is not put on again by the rule.
 *
 * Events: tag.added, tag.removed, of the record; payload {"tag_id", "source"}.
 */
#ifndef GUANTONG_CUSTOMER_TAG_H
#define GUANTONG_CUSTOMER_TAG_H

#include "entity/record.h"

/* A tag on a record. */
struct tagging {
    int64_t tag_id;
    const struct entity *entity; /* one that tag_carried_by accepts */
    int64_t subject_id;
    const char *source; /* "rule" "hand" "import" "journey" "automation" "api" "merge" */
    int64_t expires_at; /* 0: as the tag says, else never */
};

bool tag_carried_by(const struct entity *e);
/* By id or by name; 0 when there is none. */
int64_t tag_find(struct ctx *c, struct str id_or_name);
/* Put on and take off; true when that changed something. Rights are the caller's. */
bool tag_put(struct ctx *c, const struct tagging *t);
bool tag_take(struct ctx *c, const struct tagging *t);
/* Whether any record carries it. */
bool tag_in_use(struct ctx *c, int64_t tag_id);

/* The rule of the tag begins to hold for these records, or ceases to for one. */
void tag_rule_holds(struct ctx *c, int64_t tag_id, const struct entity *e, const int64_t *ids,
                    size_t n);
void tag_rule_ceases(struct ctx *c, int64_t tag_id, const struct entity *e, int64_t subject_id);

/* Switch on a tag that comes ready, with its rule, in the caller's language; NULL after a field
 * error at /code, or without the right to create tags. */
struct record *tag_preset_on(struct ctx *c, struct str code);

/* {"tag":"…"}: the record carries it. In tag_leaf.c. */
extern const struct condition_kind tag_leaf;

#endif
