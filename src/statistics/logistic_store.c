/* Models kept as text, and their calibration. See logistic.h. */
#include <math.h>

#include "base/json.h"
#include "statistics/logistic_model.h"

enum { NEWTON_STEPS = 50, COLUMNS_MOST = 500, FEATURES_MOST = 20000 };

static double log_odds(double p) {
    p = fmin(fmax(p, 1e-9), 1 - 1e-9);
    return log(p) - log1p(-p);
}

/* The log-loss, with a light pull to {1, 0} that keeps few rows sane. */
static double loss_of(struct logistic_calibration k, const double *odds, const bool *outcome,
                      size_t n) {
    double loss = ((k.slope - 1) * (k.slope - 1) + k.shift * k.shift) / 2;
    for (size_t i = 0; i < n; i++) {
        double x = (outcome[i] ? -1 : 1) * (k.slope * odds[i] + k.shift);
        loss += x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
    }
    return loss;
}

/* Newton's step on two parameters. */
static struct logistic_calibration step_of(struct logistic_calibration k, const double *odds,
                                           const bool *outcome, size_t n) {
    double g0 = k.slope - 1, g1 = k.shift, h00 = 1, h01 = 0, h11 = 1;
    for (size_t i = 0; i < n; i++) {
        double p = 1 / (1 + exp(-(k.slope * odds[i] + k.shift)));
        double rest = p - outcome[i], weight = p * (1 - p);
        g0 += rest * odds[i];
        g1 += rest;
        h00 += weight * odds[i] * odds[i];
        h01 += weight * odds[i];
        h11 += weight;
    }
    double determinant = h00 * h11 - h01 * h01;
    return (struct logistic_calibration){(h11 * g0 - h01 * g1) / determinant,
                                         (h00 * g1 - h01 * g0) / determinant};
}

struct logistic_calibration logistic_calibrate(struct arena *a, const double *probabilities,
                                               const bool *outcome, size_t n) {
    struct logistic_calibration k = {1, 0};
    double *odds = ARENA_NEW_ARRAY(a, n + 1, double);
    for (size_t i = 0; i < n; i++) {
        odds[i] = log_odds(probabilities[i]);
    }
    double loss = loss_of(k, odds, outcome, n);
    for (int round = 0; round < NEWTON_STEPS; round++) {
        struct logistic_calibration d = step_of(k, odds, outcome, n), next = k;
        double less = loss;
        for (double share = 1; share > 1e-6 && less >= loss; share /= 2) { /* not too far */
            next = (struct logistic_calibration){k.slope - share * d.slope,
                                                 k.shift - share * d.shift};
            less = loss_of(next, odds, outcome, n);
        }
        if (!(less < loss - 1e-9)) {
            break;
        }
        k = next;
        loss = less;
    }
    return k;
}

double logistic_calibrated(struct logistic_calibration k, double probability) {
    return 1 / (1 + exp(-(k.slope * log_odds(probability) + k.shift)));
}

static void put_numbers(struct json_writer *w, const char *key, const double *values, int n) {
    json_key(w, key);
    json_begin_array(w);
    for (int i = 0; i < n; i++) {
        json_put_real(w, values[i]);
    }
    json_end_array(w);
}

static void put_column(struct json_writer *w, const struct encoding *e) {
    json_begin_object(w);
    JSON_MEMBER(w, "first", json_put_int, e->first);
    if (!e->levels) {
        put_numbers(w, "bounds", e->bounds, e->n_bounds);
        json_end_object(w);
        return;
    }
    json_key(w, "levels");
    json_begin_array(w);
    for (size_t i = 0; i < e->n_levels; i++) {
        if (e->levels[i].feature != e->first) { /* the rare need no names */
            json_begin_object(w);
            JSON_MEMBER(w, "is", json_put_str, e->levels[i].text);
            JSON_MEMBER(w, "feature", json_put_int, e->levels[i].feature);
            json_end_object(w);
        }
    }
    json_end_array(w);
    json_end_object(w);
}

struct str logistic_store(struct arena *a, const struct logistic_model *m) {
    struct json_writer w = json_writer(a);
    json_begin_object(&w);
    put_numbers(&w, "weights", m->weights, m->n_features + 1);
    put_numbers(&w, "shares", m->shares, m->n_features + 1);
    json_key(&w, "columns");
    json_begin_array(&w);
    for (int k = 0; k < m->n_columns; k++) {
        put_column(&w, &m->columns[k]);
    }
    json_end_array(&w);
    json_end_object(&w);
    return json_str(&w);
}

static double *numbers(struct arena *a, const struct json *list, size_t n) {
    double *values = ARENA_NEW_ARRAY(a, n ? n : 1, double);
    for (size_t i = 0; json_is(list, JSON_IS_ARRAY) && i < n && i < list->n; i++) {
        values[i] = list->items[i].real;
    }
    return values;
}

/* False when a feature is none of the model's. */
static bool column_restore(struct arena *a, struct encoding *e, const struct json *o, int n) {
    const struct json *bounds = json_get(o, "bounds"), *levels = json_get(o, "levels");
    e->first = (int)json_int(o, "first", 0);
    for (size_t i = 0; json_is(bounds, JSON_IS_ARRAY) && i < bounds->n && i < LOGISTIC_RANGES;
         i++) {
        e->bounds[e->n_bounds++] = bounds->items[i].real;
    }
    bool good = e->first >= 1 && e->first + (levels ? 0 : e->n_bounds + 1) <= n;
    if (!json_is(levels, JSON_IS_ARRAY)) {
        return good;
    }
    e->levels = ARENA_NEW_ARRAY(a, levels->n + 1, struct level);
    for (size_t i = 0; i < levels->n; i++) {
        struct level *l = &e->levels[e->n_levels++];
        l->text = json_text(&levels->items[i], "is");
        l->feature = (int)json_int(&levels->items[i], "feature", -1);
        good = good && l->feature >= 0 && l->feature <= n;
    }
    return good;
}

struct logistic_model *logistic_restore(struct ctx *c, struct str stored) {
    const struct json *o = json_parse(c, stored);
    const struct json *weights = json_get(o, "weights"), *columns = json_get(o, "columns");
    if (!json_is(weights, JSON_IS_ARRAY) || !json_is(columns, JSON_IS_ARRAY) || !weights->n ||
        weights->n > FEATURES_MOST || columns->n > COLUMNS_MOST) {
        return NULL;
    }
    struct logistic_model *m = ARENA_NEW(c->arena, struct logistic_model);
    m->n_features = (int)weights->n - 1;
    m->n_columns = (int)columns->n;
    m->weights = numbers(c->arena, weights, weights->n);
    m->shares = numbers(c->arena, json_get(o, "shares"), weights->n);
    m->columns = ARENA_NEW_ARRAY(c->arena, columns->n ? columns->n : 1, struct encoding);
    for (size_t k = 0; k < columns->n; k++) {
        if (!column_restore(c->arena, &m->columns[k], &columns->items[k], m->n_features)) {
            return NULL;
        }
    }
    return m;
}
