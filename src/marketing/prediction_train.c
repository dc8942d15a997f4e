/*
 * A model from the leads that were decided, and how good it is on leads it has not seen. What is
 * kept is one JSON text:
 *
 *   {"rows","won","columns":[{"kind","name","card_id","number"}],
 *    "refused":[{"name","why","share"}],
 *    "quality":{"auc","accuracy","log_loss","share","baseline_accuracy","baseline_log_loss"},
 *    "calibration":{"slope","shift"},"bins":[{"from","to","n","told","won"}],"model":{…}}
 */
#include <math.h>

#include "db/sql.h"
#include "marketing/prediction.h"

enum { SEED = 20261125, BINS = 10 };

struct training {
    struct ctx *c;
    struct score_cards cards;
    struct record **leads;
    size_t n, won;
    bool *outcome;
    struct prediction_columns *columns, *written; /* the latter by the program */
    struct json_writer refused;
};

static void leads_read(struct training *t) {
    struct ctx *c = t->c;
    const struct entity *lead = entity_named(c, "lead");
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    t->leads = ARENA_NEW_ARRAY(c->arena, PREDICTION_LEADS, struct record *);
    t->outcome = ARENA_NEW_ARRAY(c->arena, PREDICTION_LEADS, bool);
    SQL_ADD(&q, "SELECT ");
    record_columns(&q, lead, "");
    SQL_ADD(&q, " FROM lead WHERE deleted_at IS NULL AND status IN ('converted', 'disqualified') "
                "ORDER BY created_at DESC, id DESC LIMIT ");
    sql_number(&q, PREDICTION_LEADS);
    sql_query(c, &rows, &q);
    while (t->n < PREDICTION_LEADS && db_next(&rows)) {
        t->leads[t->n] = record_row(c, lead, &rows, 0);
        t->outcome[t->n] = str_is(record_text(t->leads[t->n], "status"), "converted");
        t->won += t->outcome[t->n++];
    }
    db_done(&rows);
}

static void refuse(struct training *t, struct str name, const char *why, double share) {
    json_begin_object(&t->refused);
    JSON_MEMBER(&t->refused, "name", json_put_str, name);
    JSON_MEMBER(&t->refused, "why", json_put_c, why);
    JSON_MEMBER(&t->refused, "share", json_put_real, share);
    json_end_object(&t->refused);
}

/* Whether a column has more than one value. */
static bool varies(const struct logistic_column *k, size_t n) {
    for (size_t i = 1; i < n; i++) {
        if (k->texts ? !str_equal(k->texts[i], k->texts[0])
                     : k->numbers[i] != k->numbers[0] &&
                           !(isnan(k->numbers[i]) && isnan(k->numbers[0]))) {
            return true;
        }
    }
    return false;
}

/* Columns that know too much are named and left out; those that never differ are left out. */
static struct logistic_table table_clean(struct training *t) {
    struct logistic_table all = prediction_table(t->c, t->columns, &t->cards, t->leads, t->n);
    struct prediction_columns *kept = ARENA_NEW(t->c->arena, struct prediction_columns);
    struct logistic_column *columns = ARENA_NEW_ARRAY(t->c->arena, PREDICTION_COLUMNS,
                                                      struct logistic_column);
    all.outcome = t->outcome;
    for (int k = 0; k < all.n_columns; k++) {
        struct logistic_leak leak = logistic_leak(t->c->arena, &all, k);
        const struct prediction_column *column = &t->columns->items[k];
        if (leak.leaks && column->field) {
            refuse(t, column->name, "leaks", leak.decided);
        } else if (varies(&all.columns[k], all.rows)) {
            columns[kept->n] = all.columns[k];
            kept->items[kept->n++] = *column;
        }
    }
    t->columns = kept;
    return (struct logistic_table){columns, kept->n, all.rows, t->outcome};
}

/* What the program writes is known too late; told only where it would have settled much. */
static void refuse_written(struct training *t) {
    struct score_cards none = {0};
    prediction_settle_texts(t->c, t->written, t->leads, t->n);
    struct logistic_table table = prediction_table(t->c, t->written, &none, t->leads, t->n);
    table.outcome = t->outcome;
    for (int k = 0; k < table.n_columns; k++) {
        struct logistic_leak leak = logistic_leak(t->c->arena, &table, k);
        if (leak.leaks) {
            refuse(t, t->written->items[k].name, "written", leak.decided);
        }
    }
}

static const char *const kinds[] = {"value", "filled", "hits", "weekday", "hour"};

static void put_columns(struct json_writer *w, const struct prediction_columns *columns) {
    json_key(w, "columns");
    json_begin_array(w);
    for (int k = 0; k < columns->n; k++) {
        const struct prediction_column *column = &columns->items[k];
        json_begin_object(w);
        JSON_MEMBER(w, "kind", json_put_c, kinds[column->kind]);
        JSON_MEMBER(w, "name", json_put_str, column->name);
        JSON_MEMBER(w, "card_id", json_put_id, column->card_id);
        JSON_MEMBER(w, "number", json_put_bool, column->is_number);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_quality(struct json_writer *w, const struct logistic_quality *q) {
    json_key(w, "quality");
    json_begin_object(w);
    JSON_MEMBER(w, "auc", json_put_real, q->auc);
    JSON_MEMBER(w, "accuracy", json_put_real, q->accuracy);
    JSON_MEMBER(w, "log_loss", json_put_real, q->log_loss);
    JSON_MEMBER(w, "share", json_put_real, q->share);
    JSON_MEMBER(w, "baseline_accuracy", json_put_real, q->baseline_accuracy);
    JSON_MEMBER(w, "baseline_log_loss", json_put_real, q->baseline_log_loss);
    json_end_object(w);
}

/* Told and come true, by tenths of the chance told. */
static void put_bins(struct json_writer *w, const double *told, const bool *outcome, size_t n) {
    double sum[BINS] = {0};
    int64_t count[BINS] = {0}, won[BINS] = {0};
    for (size_t i = 0; i < n; i++) {
        int bin = (int)(told[i] * BINS);
        bin = bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin;
        sum[bin] += told[i];
        count[bin]++;
        won[bin] += outcome[i];
    }
    json_key(w, "bins");
    json_begin_array(w);
    for (int i = 0; i < BINS; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "from", json_put_real, (double)i / BINS);
        JSON_MEMBER(w, "to", json_put_real, (double)(i + 1) / BINS);
        JSON_MEMBER(w, "n", json_put_int, count[i]);
        JSON_MEMBER(w, "told", json_put_real, count[i] ? sum[i] / (double)count[i] : 0);
        JSON_MEMBER(w, "won", json_put_int, won[i]);
        json_end_object(w);
    }
    json_end_array(w);
}

static struct str training_text(struct training *t, const struct logistic_table *table,
                                const struct logistic_quality *q, double *told) {
    struct logistic_calibration k = logistic_calibrate(t->c->arena, told, t->outcome, t->n);
    for (size_t i = 0; i < t->n; i++) {
        told[i] = logistic_calibrated(k, told[i]);
    }
    struct json_writer w = json_writer(t->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "rows", json_put_int, (int64_t)t->n);
    JSON_MEMBER(&w, "won", json_put_int, (int64_t)t->won);
    put_columns(&w, t->columns);
    JSON_MEMBER(&w, "refused", json_put_raw, json_str(&t->refused));
    put_quality(&w, q);
    json_key(&w, "calibration");
    json_begin_object(&w);
    JSON_MEMBER(&w, "slope", json_put_real, k.slope);
    JSON_MEMBER(&w, "shift", json_put_real, k.shift);
    json_end_object(&w);
    put_bins(&w, told, t->outcome, t->n);
    JSON_MEMBER(&w, "model", json_put_raw,
                logistic_store(t->c->arena, logistic_fit(t->c->arena, table, NULL)));
    json_end_object(&w);
    return json_str(&w);
}

struct str prediction_train(struct ctx *c, const char **why) {
    struct training t = {.c = c,
                         .cards = score_cards_enabled(c, true),
                         .written = ARENA_NEW(c->arena, struct prediction_columns),
                         .refused = json_writer(c->arena)};
    leads_read(&t);
    if (t.n < PREDICTION_ROWS || t.won < PREDICTION_OUTCOMES || t.n - t.won < PREDICTION_OUTCOMES) {
        *why = "prediction.too_few";
        return (struct str){0};
    }
    t.columns = prediction_candidates(c, &t.cards, t.written);
    prediction_settle_texts(c, t.columns, t.leads, t.n);
    json_begin_array(&t.refused);
    struct logistic_table table = table_clean(&t);
    refuse_written(&t);
    json_end_array(&t.refused);
    double *told = ARENA_NEW_ARRAY(c->arena, t.n, double);
    struct logistic_quality q = logistic_validate(c->arena, &table, PREDICTION_FOLDS, SEED, told);
    if (!q.enough || ctx_failed(c)) {
        *why = "prediction.too_few";
        return (struct str){0};
    }
    return training_text(&t, &table, &q, told);
}

/* Reading it back. */

static void column_restore(struct ctx *c, const struct json *o, struct prediction_column *column) {
    struct str kind = json_text(o, "kind");
    *column = (struct prediction_column){.name = json_text(o, "name"),
                                         .card_id = json_id(o, "card_id"),
                                         .is_number = json_bool(o, "number", false)};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (str_is(kind, kinds[i])) {
            column->kind = (enum prediction_kind)i;
        }
    }
    if (column->kind == PREDICT_VALUE || column->kind == PREDICT_FILLED) {
        column->field = entity_field(entity_named(c, "lead"), column->name);
    }
}

bool prediction_columns_restore(struct ctx *c, const struct json *model,
                                struct prediction_columns *columns) {
    const struct json *list = json_get(model, "columns");
    if (!json_is(list, JSON_IS_ARRAY) || list->n > PREDICTION_COLUMNS) {
        return false;
    }
    for (size_t i = 0; i < list->n; i++) {
        column_restore(c, &list->items[i], &columns->items[columns->n++]);
    }
    return true;
}

static bool needs_field(const struct prediction_column *k) {
    return k->kind == PREDICT_VALUE || k->kind == PREDICT_FILLED;
}

bool prediction_column_lost(const struct prediction_column *k, const struct score_cards *cards) {
    bool found = k->kind != PREDICT_HITS && (k->field || !needs_field(k));
    for (size_t i = 0; i < cards->n && k->kind == PREDICT_HITS; i++) {
        const struct score_card *card = &cards->items[i];
        for (size_t m = 0; m < card->n && card->id == k->card_id; m++) {
            found |= str_equal(card->rules[m].key, k->name) && card->rules[m].event.n > 0;
        }
    }
    return !found;
}

struct prediction *prediction_current(struct ctx *c) {
    struct db_rows rows;
    struct str body = {0};
    struct prediction *p = ARENA_NEW(c->arena, struct prediction);
    DB_QUERY(c, &rows, "SELECT id, at, body FROM prediction_model ORDER BY id DESC LIMIT 1");
    if (db_next(&rows)) {
        p->id = db_int(&rows, 0);
        p->at = db_int(&rows, 1);
        body = db_text(&rows, 2);
    }
    db_done(&rows);
    const struct json *o = body.n ? json_parse(c, body) : NULL;
    const struct json *model = json_get(o, "model"), *k = json_get(o, "calibration");
    p->columns = ARENA_NEW(c->arena, struct prediction_columns);
    if (!model || !prediction_columns_restore(c, o, p->columns)) {
        return NULL;
    }
    for (int i = 0; i < p->columns->n; i++) {
        if (needs_field(&p->columns->items[i]) && !p->columns->items[i].field) {
            return NULL;
        }
    }
    p->share = json_get(json_get(o, "quality"), "share")->real;
    p->calibration = (struct logistic_calibration){json_get(k, "slope")->real,
                                                   json_get(k, "shift")->real};
    struct json_writer w = json_writer(c->arena);
    json_put_json(&w, model);
    p->model = logistic_restore(c, json_str(&w));
    return p->model ? p : NULL;
}

double prediction_chance(struct ctx *c, const struct prediction *p, const struct score_cards *cards,
                         struct record *lead) {
    struct logistic_table row = prediction_table(c, p->columns, cards, &lead, 1);
    return logistic_calibrated(p->calibration, logistic_probability(p->model, &row, 0));
}
