/* What a logistic model is made of, for logistic.c and logistic_store.c. */
#ifndef GUANTONG_STATISTICS_LOGISTIC_MODEL_H
#define GUANTONG_STATISTICS_LOGISTIC_MODEL_H

#include "statistics/logistic.h"

/* A value of a text column and its feature (from 1; 0 has none and is the ground). */
struct level {
    struct str text;
    size_t rows;
    int feature;
};

/* Where a column's features are. A number has its absence and one for each of its ranges, which
 * hold about as many rows each. A text has one for the rare and one for each level but the
 * commonest. */
struct encoding {
    double bounds[LOGISTIC_RANGES]; /* ranges end below them; the last is open */
    int n_bounds;
    struct level *levels; /* sorted by text; NULL for numbers */
    size_t n_levels;
    int first; /* feature: the absence or the rare */
};

struct logistic_model {
    struct encoding *columns;
    int n_columns, n_features;
    double *weights; /* by feature, from 1; 0 is the constant */
    double *shares;  /* of the rows fitted that have the feature */
};

#endif
