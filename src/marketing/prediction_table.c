/* Leads as rows to learn from: which columns, and their values a day after the lead came. */
#include <math.h>
#include <stdlib.h>

#include "marketing/prediction.h"

enum { VALUES_MOST = 40 };

static bool fits_kind(const struct field *f) {
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_LONG_TEXT:
    case FIELD_OPTION:
    case FIELD_BOOLEAN:
    case FIELD_INTEGER:
    case FIELD_QUANTITY:
    case FIELD_MONEY:
    case FIELD_REGION:
    case FIELD_PHONE:
    case FIELD_EMAIL:
    case FIELD_URL:
        return !(f->flags & (FIELD_SYSTEM | FIELD_HIDDEN));
    default:
        return false;
    }
}

/* A field that tells of scores or of the outcome itself. */
static bool is_outcome(const struct field *f) {
    static const char *const names[] = {"status", "score", "tier", "win_probability"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_is(f->name, names[i])) {
            return true;
        }
    }
    return false;
}

static void column_add(struct prediction_columns *list, struct prediction_column column) {
    if (list->n < PREDICTION_COLUMNS) {
        list->items[list->n++] = column;
    }
}

static struct prediction_column field_column(const struct field *f) {
    bool own = f->type == FIELD_PHONE || f->type == FIELD_EMAIL || f->type == FIELD_URL ||
               f->type == FIELD_LONG_TEXT; /* no two leads have it alike */
    return (struct prediction_column){.kind = own ? PREDICT_FILLED : PREDICT_VALUE,
                                      .name = f->name,
                                      .field = f,
                                      .is_number = f->type == FIELD_INTEGER ||
                                                   f->type == FIELD_QUANTITY ||
                                                   f->type == FIELD_MONEY};
}

struct prediction_columns *prediction_candidates(struct ctx *c, const struct score_cards *cards,
                                                 struct prediction_columns *refused) {
    const struct entity *lead = entity_named(c, "lead");
    struct prediction_columns *list = ARENA_NEW(c->arena, struct prediction_columns);
    for (int i = 0; i < lead->n_fields; i++) {
        const struct field *f = &lead->fields[i];
        if (!fits_kind(f) || f->flags & FIELD_TITLE || is_outcome(f)) {
            continue;
        }
        if (!(f->flags & FIELD_READ_ONLY)) {
            column_add(list, field_column(f));
        } else if (refused) {
            column_add(refused, field_column(f));
        }
    }
    column_add(list, (struct prediction_column){PREDICT_WEEKDAY, STR("weekday"), NULL, 0, false});
    column_add(list, (struct prediction_column){PREDICT_HOUR, STR("hour"), NULL, 0, true});
    for (size_t k = 0; k < cards->n; k++) {
        const struct score_card *card = &cards->items[k];
        for (size_t i = 0; i < card->n && card->entity == lead; i++) {
            if (card->rules[i].event.n) {
                column_add(list, (struct prediction_column){.kind = PREDICT_HITS,
                                                            .name = card->rules[i].key,
                                                            .card_id = card->id,
                                                            .is_number = true});
            }
        }
    }
    return list;
}

/* Of texts, options and yes or no. */
static struct str value_text(const struct prediction_column *k, const struct record *lead) {
    struct value v = lead->values[k->field->position];
    bool empty = v.kind == VALUE_NULL || (v.kind == VALUE_TEXT && !v.text.n);
    if (k->kind == PREDICT_FILLED) {
        return empty ? STR("") : STR("+");
    }
    if (empty) {
        return STR("");
    }
    return v.kind == VALUE_TEXT ? v.text : v.integer ? STR("yes") : STR("no");
}

static double value_number(const struct prediction_column *k, const struct record *lead) {
    struct value v = lead->values[k->field->position];
    return v.kind == VALUE_NULL ? NAN : (double)v.integer;
}

static int by_text(const void *x, const void *y) {
    return str_compare(*(const struct str *)x, *(const struct str *)y);
}

/* Names and the like teach nothing but whether they are there. */
void prediction_settle_texts(struct ctx *c, struct prediction_columns *columns,
                             struct record *const *leads, size_t n) {
    struct str *values = ARENA_NEW_ARRAY(c->arena, n + 1, struct str);
    for (int k = 0; k < columns->n; k++) {
        struct prediction_column *column = &columns->items[k];
        if (column->kind != PREDICT_VALUE || column->field->type != FIELD_TEXT) {
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            values[i] = value_text(column, leads[i]);
        }
        qsort(values, n, sizeof *values, by_text);
        size_t different = 0;
        for (size_t i = 1; i < n; i++) {
            different += !str_equal(values[i], values[i - 1]);
        }
        column->kind = different > VALUES_MOST ? PREDICT_FILLED : PREDICT_VALUE;
    }
}

/* Where the values of a column go; one of the two. */
struct target {
    double *numbers;
    struct str *texts;
};

static void hits_count(const struct prediction_columns *columns, const struct score_card *card,
                       const struct score_evidence *e, const struct target *out) {
    for (int k = 0; k < columns->n; k++) {
        const struct prediction_column *column = &columns->items[k];
        bool here = column->kind == PREDICT_HITS && column->card_id == card->id;
        for (size_t m = 0; here && m < e->n; m++) {
            *out[k].numbers += str_equal(card->rules[e->hits[m].rule].key, column->name);
        }
    }
}

/* How often each rule of the cards was met within a day of the lead's coming. */
static void row_hits(struct ctx *c, const struct prediction_columns *columns,
                     const struct score_cards *cards, const struct record *lead,
                     const struct target *out) {
    struct arena_mark mark = arena_mark(c->arena);
    struct score_holders *h = score_holders_of(c, record_id(lead, "person_id"));
    int64_t by = record_int(lead, "created_at") + PREDICTION_KNOWN_BY_MS;
    for (size_t i = 0; i < cards->n && !ctx_failed(c); i++) {
        struct score_evidence e = {0};
        if (cards->items[i].entity == lead->entity) {
            e.hits = score_hits_found(c, &cards->items[i], h, by, &e.n);
            hits_count(columns, &cards->items[i], &e, out);
        }
    }
    if (!ctx_failed(c)) {
        arena_reset(c->arena, mark);
    }
}

static const struct str weekdays[] = {{"0", 1}, {"1", 1}, {"2", 1}, {"3", 1},
                                      {"4", 1}, {"5", 1}, {"6", 1}, {"7", 1}};

static void row_fill(struct ctx *c, const struct prediction_columns *columns,
                     const struct record *lead, const struct target *out) {
    const struct zone *zone = condition_zone(c);
    int64_t at = record_int(lead, "created_at");
    for (int k = 0; k < columns->n; k++) {
        const struct prediction_column *column = &columns->items[k];
        switch (column->kind) {
        case PREDICT_VALUE:
        case PREDICT_FILLED:
            if (out[k].numbers) {
                *out[k].numbers = value_number(column, lead);
            } else {
                *out[k].texts = value_text(column, lead);
            }
            break;
        case PREDICT_WEEKDAY:
            *out[k].texts = weekdays[date_weekday(zone_date(zone, at))];
            break;
        case PREDICT_HOUR:
            *out[k].numbers = (double)(zone_time_of_day(zone, at) / MS_HOUR);
            break;
        case PREDICT_HITS:
            *out[k].numbers = 0;
            break;
        }
    }
}

struct logistic_table prediction_table(struct ctx *c, struct prediction_columns *columns,
                                       const struct score_cards *cards, struct record *const *leads,
                                       size_t n) {
    size_t n_columns = (size_t)columns->n;
    struct logistic_column *shown = ARENA_NEW_ARRAY(c->arena, n_columns + 1,
                                                    struct logistic_column);
    struct target *out = ARENA_NEW_ARRAY(c->arena, n_columns + 1, struct target);
    struct target *at = ARENA_NEW_ARRAY(c->arena, n_columns + 1, struct target);
    for (size_t k = 0; k < n_columns; k++) {
        const struct prediction_column *column = &columns->items[k];
        bool number = column->is_number && column->kind != PREDICT_FILLED;
        out[k].numbers = number ? ARENA_NEW_ARRAY(c->arena, n + 1, double) : NULL;
        out[k].texts = number ? NULL : ARENA_NEW_ARRAY(c->arena, n + 1, struct str);
        shown[k] = (struct logistic_column){column->name, out[k].numbers, out[k].texts};
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        for (size_t k = 0; k < n_columns; k++) {
            at[k].numbers = out[k].numbers ? out[k].numbers + i : NULL;
            at[k].texts = out[k].texts ? out[k].texts + i : NULL;
        }
        row_fill(c, columns, leads[i], at);
        row_hits(c, columns, cards, leads[i], at);
    }
    return (struct logistic_table){shown, columns->n, n, NULL};
}
