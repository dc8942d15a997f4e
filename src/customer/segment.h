/*
 * Segments: people, accounts or leads that belong together.
 *
 * A live segment is a condition; who it holds for is kept as things happen and as time passes
 * (membership.h). A static one is a list somebody made. Segments may ask for other segments, never
 * in a circle.
 *
 * Events: segment.entered, segment.left, of the member; payload {"segment_id"}. Those who are in a
 * segment when it begins are in it without an event.
 */
#ifndef GUANTONG_CUSTOMER_SEGMENT_H
#define GUANTONG_CUSTOMER_SEGMENT_H

#include "entity/record.h"

/* Up to limit members with an id greater than after, ascending. */
size_t segment_members(struct ctx *c, int64_t segment_id, int64_t after, int64_t *ids,
                       size_t limit);
bool segment_has(struct ctx *c, int64_t segment_id, int64_t subject_id);

/* The checks a definition must stand, segment or rule of a tag: errors point into /condition. */
void definition_check(struct ctx *c, struct change *change);

/* What a live segment, or a tag's rule, asks for that is no more, its own or of one it names, in
 * c->language: while that is so, who is in it is not to be acted upon. Empty: nothing. */
struct str definition_lost(struct ctx *c, int64_t id);
/* The same of the segments and tags that a condition, or any JSON that holds some, names. */
struct str definition_lost_in(struct ctx *c, const struct json *tree);
/* Fields whose values are worked out by conditions that the company keeps. */
struct definition_derived {
    const char *const *fields; /* they end with NULL */
    /* Those conditions, of the record type $1, as (id, the entity they are records of, name, $1,
     * JSON that holds what they ask for). */
    const char *sql;
};
/* At start, before threads. */
void definition_derive(const struct definition_derived *d);

/* Whether the tree asks records of the type for one of these fields, itself or through what it asks
 * for: the way to it, in c->language; empty: it does not. */
struct str definition_asks(struct ctx *c, const struct json *tree, const struct entity *e,
                           const char *const *fields);
/* Fails at /condition when what the definition asks for leads back to it. */
void definition_ends(struct ctx *c, const struct record *definition);
/* Why a segment that is relied on cannot be, live or static: that, or it is gone. */
struct str segment_lost(struct ctx *c, int64_t id);
/* Whether it is to be followed, understood or not. */
bool definition_stands(struct ctx *c, int64_t id);

/* Fails with ERROR_CONFLICT when a definition asks for this segment or tag: before it is thrown
 * away. */
void definition_unused(struct ctx *c, const struct entity *e, int64_t id);

/* {"segment":"…"}; in segment_leaf.c. */
extern const struct condition_kind segment_leaf;

#endif
