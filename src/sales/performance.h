/*
 * What people sell, counted: won revenue and deals, win rate, days to win, conversion of leads,
 * follow-ups, by person, team, department or any field of the deal or its account.
 *
 * A deal counts in the period in which it closed, a lead in the one in which it came, a follow-up
 * when it happened. Amounts are in the company's currency; deals won in others, or without an
 * amount, are counted beside them, never added. Departments hold all below them, so their lines
 * overlap.
 */
#ifndef GUANTONG_SALES_PERFORMANCE_H
#define GUANTONG_SALES_PERFORMANCE_H

#include "entity/query.h"
#include "sales/period.h"

enum { PERFORMANCE_LINES = 500, PERFORMANCE_DEPTH = 20, PERFORMANCE_SPELLINGS = 8 };

enum dimension_kind { BY_OWNER, BY_DEPARTMENT, BY_TEAM, BY_FIELD };

struct dimension {
    enum dimension_kind kind;
    struct str name;           /* "owner", "source", "account_id.region" */
    const struct field *field; /* BY_FIELD: of the deal or of its account */
    const struct field *lead;  /* the lead's field of the same name; NULL when there is none */
    bool of_account;
};

/* The dimension of that name, as far as the actor may read it; field errors at /by otherwise. */
bool dimension_find(struct ctx *c, struct str name, struct dimension *d);
/* [{"name","label"}] of all there are for the actor. */
void dimensions_json(struct ctx *c, struct json_writer *w);

struct figures {
    int64_t won, lost, sum, other; /* other: won and not in the sum */
    int64_t days, timed;           /* from begun to won, over so many deals */
    int64_t leads, leads_won_over; /* of the leads that came: converted since */
    int64_t converted;             /* leads converted in the period, whenever they came */
    int64_t follow_ups;
};

/* Texts that differ by case, width or blanks alone are one line, called as it was met first. */
struct performance_line {
    int64_t id;
    struct str text, key; /* of a dimension that is no reference */
    struct str said[PERFORMANCE_SPELLINGS];
    size_t n_said;
    bool opens; /* the reader may see the records */
    struct figures now, before;
    struct id_set members; /* the owners or departments a folded line holds */
};

struct performance {
    struct ctx *c;
    const struct entity *deal, *lead, *activity, *account;
    struct dimension by;
    struct period period, before;
    int64_t pipeline_id, product_id, owner_id, department_id; /* 0: all */
    struct str currency;
    const struct zone *zone;
    struct performance_line *lines; /* PERFORMANCE_LINES */
    size_t n;
    struct figures now, total_before, rest; /* rest: of lines beyond the most */
};

/* Fill the lines and the totals, within the reader's rights. */
void performance_count(struct performance *p);
/* Add those whose figures the company lets the reader compare himself with, by owner alone. */
void performance_rank_others(struct performance *p);

/* What was won in the period alone, for a series of periods. */
struct sales_sum {
    int64_t count, minor;
};
struct sales_sum performance_won(const struct performance *p);

/* The leaves that a line's records have in common, each with a comma before it: of deals, or of
 * leads and activities (which know the owner only). NULL line: of all. */
void performance_where(const struct performance *p, const struct performance_line *l,
                       struct text_buffer *b, bool of_deals);

#endif
