/*
 * The condition language: a small JSON tree, checked against the model, with two
 * interpreters that must agree: to SQL for sets, in memory for one record.
 *
 *   {"all":[…]} {"any":[…]} {"not":…}
 *   {"field":"account_id.industry","op":"in","value":["machinery"]}
 *   {"related":"lead","where":…} some lead that refers to the record is such; "count":{"gte":2} two
 *   {"tag":"vip"} {"segment":"…"} {"event":"page.viewed","count":{"gte":3},"within":"30d"}
 *
 * Every leaf is two-valued: an empty value matches nothing except is_empty, so NOT is
 * plain. Text compares bytewise; contains and starts_with fold ASCII letters and nothing
 * else. The empty text is empty. Money compares only within one currency. Relative dates
 * use the company's zone and c->now_ms in both interpreters. A path ends at a related
 * record in the trash: what lies beyond is empty. Depth ≤ 8, leaves ≤ 100, values of a list
 * ≤ 1,000. A field the actor may not read in full cannot be asked about (ERROR_INVALID at
 * the leaf), so that nothing leaks through filters; conditions of the system (rules) are
 * parsed with the system actor. Who "me" is, is asked of c->actor when the condition is used.
 *
 * Leaves other than fields (tag, segment, event) are kinds registered by the folders that
 * own those facts.
 */
#ifndef GUANTONG_ENTITY_CONDITION_H
#define GUANTONG_ENTITY_CONDITION_H

#include "base/clock.h"
#include "db/sql.h"
#include "entity/record.h"
#include "event/event.h"

struct condition; /* opaque, in the arena */

enum { CONDITION_DEPTH = 8, CONDITION_LEAVES = 100, CONDITION_VALUES = 1000 };

/* NULL JSON gives a condition that always holds. On error field errors point into the tree
 * ("/where/all/0/op") and NULL is returned. */
const struct condition *condition_parse(struct ctx *c, const struct entity *e,
                                        const struct json *tree);
/* A condition inside another's leaf; errors point below pointer. */
const struct condition *condition_parse_below(struct ctx *c, const struct entity *e,
                                              const struct json *tree, struct str pointer);
/* From a stored text. */
const struct condition *condition_parse_text(struct ctx *c, const struct entity *e,
                                             struct str text);
/* Of what the company set up, with the system's rights, in an arena that may outlive c's: NULL, and
 * no error, when it is understood no longer, as a field or a choice it asks for went. */
const struct condition *condition_parse_kept(struct ctx *c, struct arena *a, const struct entity *e,
                                             struct str text);
const struct condition *condition_kept(struct ctx *c, const struct entity *e,
                                       const struct json *tree);
/* The part that is understood no longer, and why, in c->language; empty: all is understood. */
struct str condition_lost(struct ctx *c, const struct entity *e, struct str text);

/* Adds a boolean expression over the entity's table under alias, for a WHERE or a WHEN: where
 * it does not hold it may be NULL. To negate, negate the condition. */
void condition_sql(struct ctx *c, struct sql *q, const struct condition *cond, const char *alias);
/* The rows of a table that are asked. A piece, of rows that are few beside the table: a leaf is not
 * to gather from all there is. up_to: their ids are greater than after and not than that, 0 when
 * that is not known. */
struct condition_rows {
    const char *alias;
    bool piece;
    int64_t after, up_to;
};
void condition_sql_of(struct ctx *c, struct sql *q, const struct condition *cond,
                      const struct condition_rows *rows);
/* " AND alias.column > after AND alias.column <= up_to", or nothing. */
void condition_rows_within(struct sql *q, const struct condition_rows *rows, const char *alias,
                           struct str column);
/* Related records are loaded as needed, without asking rights. */
bool condition_match(struct ctx *c, const struct condition *cond, const struct record *r);
/* The same for many records or conditions in one unit of work: related records are loaded
 * once and kept in the memo. */
struct condition_memo;
struct condition_memo *condition_memo_new(struct ctx *c);
bool condition_match_memo(struct condition_memo *memo, const struct condition *cond,
                          const struct record *r);

/* Whether the condition can change by time alone ("within_last"): for timers. */
bool condition_timed(const struct condition *cond);
/* Fields of the entity itself that it reads, for reactors that skip other changes. */
bool condition_reads(const struct condition *cond, const struct field *f);
/* In words, for "which rule matched and why". */
struct str condition_words(struct ctx *c, const struct condition *cond);

/* The first instant after c->now_ms at which its answer about this record may change though
 * nothing happens; INT64_MAX: none. */
int64_t condition_flips(struct condition_memo *memo, const struct condition *cond,
                        const struct record *r);
/* Adds a boolean that holds of each record of which condition_flips may name an instant, and may
 * hold of others; it is never NULL. */
void condition_stirs_sql(struct ctx *c, struct sql *q, const struct condition *cond,
                         const struct condition_rows *rows);
/* Whether what happened can change its answer about some record. */
bool condition_concerned(const struct condition *cond, const struct event *e);
/* The same for what it asks of other things than fields of the record; whether it does. */
bool condition_concerned_afar(const struct condition *cond, const struct event *e);
bool condition_looks_afar(const struct condition *cond);
/* Of which records the event may change the answer, other than its subject: ids of the condition's
 * record type. lost: they are too many, or too far away to be told. */
enum { REACH_MOST = 1000 };
struct reach {
    struct ctx *c;
    const struct event *e;
    int64_t person_id;   /* whose the event is now */
    int64_t subjects[2]; /* its subject, and of a merge the one it became; 0: none */
    int64_t ids[REACH_MOST];
    size_t n;
    bool lost;
};
struct reach *reach_new(struct ctx *c, const struct event *e, int64_t person_id); /* none yet */
void condition_reach(struct reach *reach, const struct condition *cond);
/* Adds the records of the type that refer to this one by the field. */
void reach_holders(struct reach *reach, const struct entity *e, const struct field *by, int64_t id);
void reach_add(struct reach *reach, int64_t id);
/* Whether it asks who "me" is: then it has no answer of its own. */
bool condition_personal(const struct condition *cond);
/* Why it holds or not, as JSON: {"holds":true,"all":[…]}, {"holds":…,"any":[…]},
 * {"holds":…,"not":…} and {"holds":…,"words":"…"} for leaves. */
void condition_explain(struct condition_memo *memo, struct json_writer *w,
                       const struct condition *cond, const struct record *r);

/* The company's zone, in which "today" and "this month" are meant: Asia/Shanghai unless the
 * folder that keeps the company's settings registered a provider at start. */
const struct zone *condition_zone(struct ctx *c);
void condition_zone_register(const struct zone *(*provider)(struct ctx *c));

/* A leaf kind besides fields, registered at start. */
struct condition_kind {
    const char *key; /* "tag" */
    /* NULL after field errors below pointer. */
    void *(*parse)(struct ctx *c, const struct entity *e, const struct json *leaf,
                   struct str pointer);
    /* A boolean that is never NULL. */
    void (*sql)(struct ctx *c, struct sql *q, void *leaf, const struct condition_rows *rows);
    bool (*match)(struct ctx *c, void *leaf, const struct record *r);
    struct str (*words)(struct ctx *c, void *leaf);
    bool (*timed)(void *leaf); /* NULL: never */
    /* As condition_flips and condition_concerned; NULL: never, and no event. */
    int64_t (*flips)(struct ctx *c, void *leaf, const struct record *r);
    bool (*concerned)(const void *leaf, const struct event *e);
    /* Events that tell of such facts alone and change no field of their subject; NULL: none. */
    const char *const *events;
    /* As condition_stirs_sql; NULL: all records when it is timed. */
    void (*stirs)(struct ctx *c, struct sql *q, void *leaf, const struct condition_rows *rows);
    void (*reach)(struct reach *reach, const void *leaf); /* as condition_reach */
};
void condition_register(const struct condition_kind *kind);

#endif
