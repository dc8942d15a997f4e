/*
 * Chances: how likely a lead is to convert, learned from the company's own leads.
 *
 * A logistic regression (statistics/logistic.h) on what was known of a lead a day after it came:
 * the fields people fill in, and what the person did by then that score cards give points for. What
 * was decided (converted or disqualified) teaches; open leads get a chance (win_probability, in
 * per cent) that says what it means. Fields that are written by the program, or that settle the
 * outcome, are refused. With fewer than PREDICTION_ROWS decided leads, or PREDICTION_OUTCOMES of
 * either kind, there is no model, and the page says so.
 *
 * A model is made when somebody asks for it, beside the server's work; each is kept with how good
 * it was on leads it had not seen.
 */
#ifndef GUANTONG_MARKETING_PREDICTION_H
#define GUANTONG_MARKETING_PREDICTION_H

#include "marketing/scoring.h"
#include "statistics/logistic.h"

enum {
    PREDICTION_ROWS = 200,
    PREDICTION_OUTCOMES = 30,
    PREDICTION_LEADS = 4000, /* the newest decided ones that teach */
    PREDICTION_COLUMNS = 80,
    PREDICTION_KNOWN_BY_MS = MS_DAY, /* what was done so long after a lead came is known of it */
    PREDICTION_FOLDS = 5
};

enum prediction_kind {
    PREDICT_VALUE,   /* a field's value */
    PREDICT_FILLED,  /* whether it is filled, for texts that are hardly ever the same */
    PREDICT_HITS,    /* how often a rule of a card was met */
    PREDICT_WEEKDAY, /* of the day it came, 1 Monday */
    PREDICT_HOUR
};

struct prediction_column {
    enum prediction_kind kind;
    struct str name;           /* the field's, or "card id/rule" */
    const struct field *field; /* NULL for the others */
    int64_t card_id;
    bool is_number;
};

struct prediction_columns {
    struct prediction_column items[PREDICTION_COLUMNS];
    int n;
};

/* Columns that may teach, of the model and the cards as they are. Fields the program writes are
 * named in refused, if not NULL. */
struct prediction_columns *prediction_candidates(struct ctx *c, const struct score_cards *cards,
                                                 struct prediction_columns *refused);
/* The rows' values; decided as of a day after each lead came. Texts that are hardly ever the same
 * become PREDICT_FILLED when settle is true. */
struct logistic_table prediction_table(struct ctx *c, struct prediction_columns *columns,
                                       const struct score_cards *cards, struct record *const *leads,
                                       size_t n);
void prediction_settle_texts(struct ctx *c, struct prediction_columns *columns,
                             struct record *const *leads, size_t n);

/* A model as it is used. */
struct prediction {
    int64_t id, at;
    double share; /* of decided leads that converted */
    struct prediction_columns *columns;
    struct logistic_model *model;
    struct logistic_calibration calibration;
};
/* The newest; NULL when there is none, or it asks for fields that are no more. */
struct prediction *prediction_current(struct ctx *c);
/* Whether a column of it has nothing any more to look at: its field, or the rule of an enabled card
 * whose events it counts, which then count as none. */
bool prediction_column_lost(const struct prediction_column *k, const struct score_cards *cards);
/* The columns of a model as it is kept; false when it is not understood. */
bool prediction_columns_restore(struct ctx *c, const struct json *model,
                                struct prediction_columns *columns);
/* From 0 to 1. */
double prediction_chance(struct ctx *c, const struct prediction *p, const struct score_cards *cards,
                         struct record *lead);

/* Train on what the reader's snapshot holds: the text to keep, or empty with *why, a text code. */
struct str prediction_train(struct ctx *c, const char **why);

#endif
