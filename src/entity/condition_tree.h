/*
 * The parsed form of a condition, shared by its parser, its two interpreters and lists.
 *
 * What the parser settles once, so that the interpreters cannot disagree: values are those
 * of records; in_my_tree on a user became a set test on the department the record leads to;
 * relative dates became a unit and a number, turned into bounds by condition_bounds at the
 * time of asking.
 */
#ifndef GUANTONG_ENTITY_CONDITION_TREE_H
#define GUANTONG_ENTITY_CONDITION_TREE_H

#include "entity/condition.h"

enum condition_operator {
    OPERATOR_EQ,
    OPERATOR_NE,
    OPERATOR_IN,
    OPERATOR_NOT_IN,
    OPERATOR_IS_EMPTY,
    OPERATOR_NOT_EMPTY,
    OPERATOR_CONTAINS,
    OPERATOR_STARTS_WITH,
    OPERATOR_LT,
    OPERATOR_LTE,
    OPERATOR_GT,
    OPERATOR_GTE,
    OPERATOR_BETWEEN,
    OPERATOR_WITHIN_LAST,
    OPERATOR_WITHIN_NEXT,
    OPERATOR_OLDER_THAN,
    OPERATOR_PERIOD, /* "is" */
    OPERATOR_IS_ME,
    OPERATOR_IN_MY_TEAM,
    OPERATOR_IN_MY_TREE,
    OPERATORS
};

enum period_unit { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_QUARTER, PERIOD_YEAR };

/* "last_week": the period of that unit so many after the present one. */
struct period {
    const char *name;
    enum period_unit unit;
    int offset;
};

/* Three hops as written, and the one that in_my_tree may add. */
enum { CONDITION_HOPS = 3, CONDITION_PATH = CONDITION_HOPS + 1 };

struct condition_leaf {
    const struct field *path[CONDITION_PATH]; /* reference fields followed from the record */
    int hops;
    const struct field *field; /* of the entity at the end of the path */
    const struct field *asked; /* as written: differs from field for in_my_tree */
    enum condition_operator operator;
    struct value *values; /* ascending for in and not_in of integers, as written otherwise */
    size_t n;
    struct str folded; /* contains, starts_with: values[0] with ASCII letters in lower case */
    int64_t duration;  /* ms for instants, days for dates */
    struct period period;
};

enum condition_node_kind { NODE_ALL, NODE_ANY, NODE_NOT, NODE_FIELD, NODE_OTHER };

struct condition_node {
    enum condition_node_kind kind;
    struct condition_node **children; /* NODE_ALL, NODE_ANY; one of NODE_NOT */
    size_t n;
    struct condition_leaf *leaf;
    const struct condition_kind *other;
    void *other_leaf;
};

struct condition {
    const struct entity *entity;
    const struct condition_node *root; /* NULL: always holds */
};

/* A range of values; ends are part of it unless open. */
struct condition_bounds {
    bool has_low, has_high, low_open, high_open;
    struct value low, high; /* of one kind; VALUE_MONEY: of one currency */
};

/* Whether the operator is one that condition_bounds answers. */
bool condition_bounded(const struct condition_leaf *leaf);
struct condition_bounds condition_bounds(struct ctx *c, const struct condition_leaf *leaf);

/* The first instant after c->now_ms at which the leaf's answer about this value changes by time
 * alone; INT64_MAX: never. */
int64_t condition_leaf_flips(struct ctx *c, const struct condition_leaf *leaf, struct value v);

/* The value the leaf asks about; NULL when the path breaks off. */
struct value condition_leaf_value(struct condition_memo *memo, const struct condition_leaf *leaf,
                                  const struct record *r);
bool condition_leaf_holds(struct condition_memo *memo, const struct condition_leaf *leaf,
                          const struct record *r);
/* Whether the leaf holds of this value, filled or not, of the field it asks about. */
bool condition_value_holds(struct ctx *c, const struct condition_leaf *leaf, struct value v);
struct ctx *condition_memo_context(struct condition_memo *memo);
void condition_leaf_words(struct ctx *c, const struct condition_leaf *leaf,
                          struct text_buffer *out);

/* The ids a leaf with a set of the actor's compares with, as of c->actor. */
struct id_set condition_actor_set(const struct ctx *c, const struct condition_leaf *leaf);

/* "30d", "12h", "2w": at most about 100 years; hours only when in_ms. False otherwise. */
bool condition_duration(struct str text, bool in_ms, int64_t *duration);
bool condition_period(struct str name, struct period *period);

/* The word of an operator, "not_in"; OPERATORS when it is none. */
enum condition_operator condition_operator_find(struct str word);
const char *condition_operator_word(enum condition_operator operator);

/* Whether an event of the type tells of a leaf kind's own facts (struct condition_kind). */
bool condition_own_event(struct str type);
/* Whether the node's answer can change by time alone. */
bool condition_node_timed(const struct condition_node *node);

/* As condition_sql, where the caller has chosen an index already: on SQLite each column is
 * written so that it cannot be what the planner searches by. (PostgreSQL has no such mark;
 * its planner knows the values' frequencies.) */
void condition_sql_shy(struct ctx *c, struct sql *q, const struct condition *cond,
                       const char *alias);

/* Adds the column of the records of e that refer to id by the field; and of those that refer by the
 * first step of a path below the node to the event's subject. In condition_follow.c. */
void reach_column(struct reach *reach, const struct entity *e, struct str column,
                  const struct field *by, int64_t id);
void reach_paths(struct reach *reach, const struct condition_node *node, const struct entity *e,
                 struct str column);

/* Parses {"field":…}; NULL after field errors. In condition_leaf.c. */
struct condition_leaf *condition_leaf_parse(struct ctx *c, const struct entity *e,
                                            const struct json *leaf, struct str pointer);
bool field_is_text(const struct field *f);

#endif
