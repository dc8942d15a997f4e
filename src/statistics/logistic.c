#include "statistics/logistic_model.h"

#include <linear.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OUTCOMES_LEAST = 10, LEAK_LEVEL = 30 };

static const double leak_purity = 0.95, leak_share = 0.05;

static bool used(const bool *use, size_t row) {
    return !use || use[row];
}

static int by_text(const void *x, const void *y) {
    const struct level *a = x, *b = y;
    return str_compare(a->text, b->text);
}

/* The different values of a text column with their rows, sorted. */
static struct level *levels_of(struct arena *a, const struct logistic_table *t,
                               const struct logistic_column *column, const bool *use, size_t *n) {
    struct level *levels = ARENA_NEW_ARRAY(a, t->rows, struct level);
    size_t all = 0, kept = 0;
    for (size_t i = 0; i < t->rows; i++) {
        if (used(use, i)) {
            levels[all++] = (struct level){column->texts[i], 1, 0};
        }
    }
    qsort(levels, all, sizeof *levels, by_text);
    for (size_t i = 0; i < all; i++) {
        if (kept && str_equal(levels[kept - 1].text, levels[i].text)) {
            levels[kept - 1].rows++;
        } else {
            levels[kept++] = levels[i];
        }
    }
    *n = kept;
    return levels;
}

static void encode_text(struct arena *a, struct encoding *e, const struct logistic_table *t,
                        const struct logistic_column *column, const bool *use) {
    size_t ground = 0;
    e->levels = levels_of(a, t, column, use, &e->n_levels);
    for (size_t i = 1; i < e->n_levels; i++) {
        ground = e->levels[i].rows > e->levels[ground].rows ? i : ground;
    }
    int next = e->first + 1;
    for (size_t i = 0; i < e->n_levels; i++) {
        bool rare = e->levels[i].rows < LOGISTIC_LEVEL_LEAST;
        e->levels[i].feature = i == ground ? 0 : rare ? e->first : next;
        next += i != ground && !rare;
    }
}

static int by_number(const void *x, const void *y) {
    const double *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

/* Bounds at equal shares of the rows; where many rows have one value, fewer. */
static void encode_number(struct arena *a, struct encoding *e, const struct logistic_table *t,
                          const struct logistic_column *column, const bool *use) {
    struct arena_mark mark = arena_mark(a);
    double *sorted = ARENA_NEW_ARRAY(a, t->rows, double);
    size_t n = 0;
    for (size_t i = 0; i < t->rows; i++) {
        if (used(use, i) && !isnan(column->numbers[i])) {
            sorted[n++] = column->numbers[i];
        }
    }
    qsort(sorted, n, sizeof *sorted, by_number);
    for (size_t i = 1; i < LOGISTIC_RANGES && n; i++) {
        double bound = sorted[i * n / LOGISTIC_RANGES];
        double before = e->n_bounds ? e->bounds[e->n_bounds - 1] : sorted[0];
        if (bound > before) {
            e->bounds[e->n_bounds++] = bound;
        }
    }
    arena_reset(a, mark);
}

static int encoding_end(const struct encoding *e) {
    int end = e->first + 1 + (e->levels ? 0 : e->n_bounds + 1);
    for (size_t i = 0; i < e->n_levels; i++) {
        end = e->levels[i].feature >= end ? e->levels[i].feature + 1 : end;
    }
    return end;
}

static struct logistic_model *encode(struct arena *a, const struct logistic_table *t,
                                     const bool *use) {
    struct logistic_model *m = ARENA_NEW(a, struct logistic_model);
    m->columns = ARENA_NEW_ARRAY(a, (size_t)t->n_columns, struct encoding);
    m->n_columns = t->n_columns;
    int next = 1;
    for (int k = 0; k < t->n_columns; k++) {
        struct encoding *e = &m->columns[k];
        e->first = next;
        if (t->columns[k].texts) {
            encode_text(a, e, t, &t->columns[k], use);
        } else {
            encode_number(a, e, t, &t->columns[k], use);
        }
        next = encoding_end(e);
    }
    m->n_features = next - 1;
    m->weights = ARENA_NEW_ARRAY(a, (size_t)next, double);
    m->shares = ARENA_NEW_ARRAY(a, (size_t)next, double);
    return m;
}

/* The feature a column has in a row; 0 when it is the ground. */
static int feature_of(const struct encoding *e, const struct logistic_column *k, size_t row) {
    if (!k->texts) {
        double v = k->numbers[row];
        int range = 0;
        while (range < e->n_bounds && v >= e->bounds[range]) {
            range++;
        }
        return isnan(v) ? e->first : e->first + 1 + range;
    }
    struct level key = {.text = k->texts[row]};
    const struct level *found = bsearch(&key, e->levels, e->n_levels, sizeof key, by_text);
    return found ? found->feature : e->first;
}

static void silence(const char *text) {
    (void)text;
}

/* Weights by LIBLINEAR over the rows of the problem. */
static void solve(struct logistic_model *m, const struct problem *p) {
    struct parameter how = {.solver_type = L2R_LR, .eps = 1e-4, .C = 1};
    set_print_string_function(silence);
    struct model *found = train(p, &how);
    double sign = found->label[0] == 1 ? 1 : -1; /* weights speak for the first label seen */
    for (int i = 0; i <= m->n_features; i++) {
        m->weights[i] = sign * found->w[i == 0 ? m->n_features : i - 1];
    }
    free_and_destroy_model(&found);
}

static struct problem problem_of(struct arena *a, struct logistic_model *m,
                                 const struct logistic_table *t, const bool *use) {
    struct problem p = {.n = m->n_features + 1, .bias = 1};
    p.y = ARENA_NEW_ARRAY(a, t->rows, double);
    p.x = ARENA_NEW_ARRAY(a, t->rows, struct feature_node *);
    for (size_t i = 0; i < t->rows; i++) {
        if (!used(use, i)) {
            continue;
        }
        struct feature_node *x = ARENA_NEW_ARRAY(a, (size_t)t->n_columns + 2, struct feature_node);
        p.y[p.l] = t->outcome[i];
        p.x[p.l++] = x;
        for (int k = 0; k < t->n_columns; k++) {
            int feature = feature_of(&m->columns[k], &t->columns[k], i);
            *x = (struct feature_node){feature, 1};
            m->shares[feature]++;
            x += feature != 0;
        }
        *x++ = (struct feature_node){m->n_features + 1, 1};
        *x = (struct feature_node){-1, 0};
    }
    for (int i = 1; i <= m->n_features; i++) {
        m->shares[i] /= p.l ? p.l : 1;
    }
    return p;
}

static bool enough(const struct logistic_table *t, const bool *use) {
    size_t n = 0, with = 0;
    for (size_t i = 0; i < t->rows; i++) {
        n += used(use, i);
        with += used(use, i) && t->outcome[i];
    }
    return n >= LOGISTIC_ROWS_LEAST && with >= OUTCOMES_LEAST && n - with >= OUTCOMES_LEAST;
}

struct logistic_model *logistic_fit(struct arena *a, const struct logistic_table *t,
                                    const bool *use) {
    if (!enough(t, use)) {
        return NULL;
    }
    struct logistic_model *m = encode(a, t, use);
    struct arena_mark mark = arena_mark(a);
    struct problem p = problem_of(a, m, t, use);
    solve(m, &p);
    arena_reset(a, mark);
    return m;
}

double logistic_probability(const struct logistic_model *m, const struct logistic_table *t,
                            size_t row) {
    double odds = m->weights[0];
    for (int k = 0; k < m->n_columns; k++) {
        int feature = feature_of(&m->columns[k], &t->columns[k], row);
        odds += feature ? m->weights[feature] : 0;
    }
    return 1 / (1 + exp(-odds));
}

void logistic_reasons(const struct logistic_model *m, const struct logistic_table *t, size_t row,
                      double *added) {
    for (int k = 0; k < m->n_columns; k++) {
        const struct encoding *e = &m->columns[k];
        int feature = feature_of(e, &t->columns[k], row);
        int end = k + 1 < m->n_columns ? m->columns[k + 1].first : m->n_features + 1;
        added[k] = feature ? m->weights[feature] : 0;
        for (int i = e->first; i < end; i++) {
            added[k] -= m->weights[i] * m->shares[i];
        }
    }
}

/* Quality */

struct scored {
    double score;
    bool outcome;
};

static int by_score(const void *x, const void *y) {
    const struct scored *a = x, *b = y;
    return (a->score > b->score) - (a->score < b->score);
}

/* By the sum of ranks (Mann and Whitney 1947). */
double logistic_auc(struct arena *a, const double *scores, const bool *outcome, size_t n) {
    struct arena_mark mark = arena_mark(a);
    struct scored *s = ARENA_NEW_ARRAY(a, n, struct scored);
    double ranks = 0, with = 0;
    for (size_t i = 0; i < n; i++) {
        s[i] = (struct scored){scores[i], outcome[i]};
        with += outcome[i];
    }
    qsort(s, n, sizeof *s, by_score);
    for (size_t i = 0, end; i < n; i = end) {
        double outcomes = 0;
        for (end = i; end < n && s[end].score == s[i].score; end++) {
            outcomes += s[end].outcome;
        }
        ranks += outcomes * (double)(i + end + 1) / 2;
    }
    arena_reset(a, mark);
    double others = (double)n - with;
    return with > 0 && others > 0 ? (ranks - with * (with + 1) / 2) / (with * others) : 0.5;
}

/* splitmix64 (Steele and others 2014), so that a row's fold does not hang on its place. */
static uint64_t mixed(uint64_t z) {
    z += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static bool fold_predict(struct arena *a, const struct logistic_table *t, const unsigned *fold,
                         unsigned which, double *probabilities) {
    bool *use = ARENA_NEW_ARRAY(a, t->rows, bool);
    for (size_t i = 0; i < t->rows; i++) {
        use[i] = fold[i] != which;
    }
    struct logistic_model *m = logistic_fit(a, t, use);
    for (size_t i = 0; m && i < t->rows; i++) {
        if (fold[i] == which) {
            probabilities[i] = logistic_probability(m, t, i);
        }
    }
    return m != NULL;
}

static void judge(struct arena *a, const struct logistic_table *t, const double *probabilities,
                  struct logistic_quality *q) {
    double right = 0, loss = 0, n = (double)t->rows, with = 0;
    for (size_t i = 0; i < t->rows; i++) {
        double p = fmin(fmax(probabilities[i], 1e-12), 1 - 1e-12);
        right += (p >= 0.5) == t->outcome[i];
        loss -= t->outcome[i] ? log(p) : log1p(-p);
        with += t->outcome[i];
    }
    q->auc = logistic_auc(a, probabilities, t->outcome, t->rows);
    q->accuracy = right / n;
    q->log_loss = loss / n;
    q->share = with / n;
    q->baseline_accuracy = fmax(q->share, 1 - q->share);
    q->baseline_log_loss = -q->share * log(q->share) - (1 - q->share) * log1p(-q->share);
}

struct logistic_quality logistic_validate(struct arena *a, const struct logistic_table *t,
                                          int folds, uint64_t seed, double *probabilities) {
    struct logistic_quality q = {.enough = enough(t, NULL)};
    double *p = probabilities ? probabilities : ARENA_NEW_ARRAY(a, t->rows, double);
    unsigned *fold = ARENA_NEW_ARRAY(a, t->rows, unsigned);
    for (size_t i = 0; i < t->rows; i++) {
        fold[i] = (unsigned)(mixed(seed ^ mixed(i)) % (uint64_t)folds);
    }
    for (int k = 0; k < folds && q.enough; k++) {
        struct arena_mark mark = arena_mark(a);
        q.enough = fold_predict(a, t, fold, (unsigned)k, p);
        arena_reset(a, mark);
    }
    if (q.enough) {
        judge(a, t, p, &q);
    }
    return q;
}

/* Leaks */

struct logistic_leak logistic_leak(struct arena *a, const struct logistic_table *t, int column) {
    const struct logistic_column *k = &t->columns[column];
    struct logistic_leak out = {.auc = 0.5};
    struct arena_mark mark = arena_mark(a);
    double *score = ARENA_NEW_ARRAY(a, t->rows, double);
    if (k->texts) {
        size_t n, decided = 0;
        struct level *levels = levels_of(a, t, k, NULL, &n);
        size_t *with = ARENA_NEW_ARRAY(a, n, size_t), *at = ARENA_NEW_ARRAY(a, t->rows, size_t);
        for (size_t i = 0; i < t->rows; i++) {
            struct level key = {.text = k->texts[i]};
            const struct level *found = bsearch(&key, levels, n, sizeof key, by_text);
            at[i] = (size_t)(found - levels);
            with[at[i]] += t->outcome[i];
        }
        for (size_t i = 0; i < n; i++) {
            double share = (double)with[i] / (double)levels[i].rows;
            bool settled = share >= leak_purity || share <= 1 - leak_purity;
            decided += levels[i].rows >= LEAK_LEVEL && settled ? levels[i].rows : 0;
        }
        for (size_t i = 0; i < t->rows; i++) { /* a share of all but the row itself */
            score[i] = ((double)(with[at[i]] - t->outcome[i]) + 0.5) / (double)levels[at[i]].rows;
        }
        out.decided = t->rows ? (double)decided / (double)t->rows : 0;
    } else {
        for (size_t i = 0; i < t->rows; i++) {
            score[i] = isnan(k->numbers[i]) ? -INFINITY : k->numbers[i];
        }
    }
    out.auc = logistic_auc(a, score, t->outcome, t->rows);
    out.auc = k->texts ? out.auc : fmax(out.auc, 1 - out.auc);
    out.leaks = out.decided >= leak_share;
    arena_reset(a, mark);
    return out;
}
