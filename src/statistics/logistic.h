/*
 * Logistic regression on tables of fields: how likely an outcome is, and why.
 *
 * A number is one of ten ranges that hold about as many rows each, so that what rises and falls
 * again is seen and an outlier weighs no more than others. A text is one of its values, the
 * commonest being the ground to compare with, and those in fewer than LOGISTIC_LEVEL_LEAST rows
 * counting as one. What is missing has a weight of its own. Weights are found with a ridge penalty
 * of 1 by LIBLINEAR (Fan and others 2008). Everything a model knows comes from the rows it was
 * fitted on.
 *
 * On the X Education leads (the data's README) the AUC over five folds is 0.873 from fields known
 * at entry and 0.899 with the last activity, where a plain regression has 0.866 and 0.893
 * (tests/eval/logistic_eval.c).
 */
#ifndef GUANTONG_STATISTICS_LOGISTIC_H
#define GUANTONG_STATISTICS_LOGISTIC_H

#include "base/str.h"

enum { LOGISTIC_LEVEL_LEAST = 20, LOGISTIC_ROWS_LEAST = 50, LOGISTIC_RANGES = 10 };

struct logistic_column {
    struct str name;
    const double *numbers;   /* NAN: missing; NULL for texts */
    const struct str *texts; /* empty: missing */
};

struct logistic_table {
    const struct logistic_column *columns;
    int n_columns;
    size_t rows;
    const bool *outcome;
};

struct logistic_model;

/* From the rows marked in use (NULL: all). NULL when there is not enough data: fewer than
 * LOGISTIC_ROWS_LEAST rows, or fewer than ten of either outcome. */
struct logistic_model *logistic_fit(struct arena *a, const struct logistic_table *t,
                                    const bool *use);
double logistic_probability(const struct logistic_model *m, const struct logistic_table *t,
                            size_t row);

/* What each column adds to the log-odds of a row, compared with the mean of the rows fitted. */
void logistic_reasons(const struct logistic_model *m, const struct logistic_table *t, size_t row,
                      double *added);

/*
 * Probabilities that say what they mean: the log-odds of a model stretched and moved so that of
 * rows it had not seen, told 30 %, 30 of 100 have the outcome (Platt 1999). Fitted on what
 * logistic_validate gave; {1, 0} changes nothing.
 */
struct logistic_calibration {
    double slope, shift;
};
struct logistic_calibration logistic_calibrate(struct arena *a, const double *probabilities,
                                               const bool *outcome, size_t n);
double logistic_calibrated(struct logistic_calibration k, double probability);

/* A model as a text that gives the same model again; NULL when the text is none. */
struct ctx; /* base/context.h */
struct str logistic_store(struct arena *a, const struct logistic_model *m);
struct logistic_model *logistic_restore(struct ctx *c, struct str stored);

/* The chance that a row with the outcome scores above one without (ties count half). */
double logistic_auc(struct arena *a, const double *scores, const bool *outcome, size_t n);

/* How good the model is on rows it has not seen: folds drawn by the seed, pooled. */
struct logistic_quality {
    bool enough;
    double auc, accuracy, log_loss;
    double share;             /* rows with the outcome */
    double baseline_accuracy; /* of saying the commoner outcome always */
    double baseline_log_loss; /* of saying the share always */
};
/* probabilities, if not NULL, gets each row's from the fold that left it out. */
struct logistic_quality logistic_validate(struct arena *a, const struct logistic_table *t,
                                          int folds, uint64_t seed, double *probabilities);

/*
 * Whether a column knows too much: values (of at least 30 rows each) that settle the outcome, 95 of
 * 100 rows or more alike, cover 5 % of all rows. Such fields are filled in after the outcome, or
 * because of it. decided is the share covered, auc what the column alone reaches.
 */
struct logistic_leak {
    double decided, auc;
    bool leaks;
};
struct logistic_leak logistic_leak(struct arena *a, const struct logistic_table *t, int column);

#endif
