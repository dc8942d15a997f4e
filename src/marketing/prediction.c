/*
 * See prediction.h. Open leads get their chance when a model is made (in pieces, by a timer), when
 * they come and when their fields change; it is written beside the record as scores are, and told
 * by lead.updated.
 */
#include "marketing/prediction.h"

#include <math.h>

#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "db/migration.h"
#include "db/sql.h"
#include "entity/access.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "http/route.h"
#include "marketing/marketing.h"
#include "marketing/scoring_explain.h"

enum { PIECE = 40, PIECE_PAUSE_MS = 20, MODELS_SHOWN = 20, REASONS = 8 };

static const struct migration migrations[] = {{"marketing.prediction.1",
                                               "CREATE TABLE prediction_model (\n"
                                               "  id {serial},\n"
                                               "  at BIGINT NOT NULL,\n"
                                               "  actor_id BIGINT,\n"
                                               "  body TEXT NOT NULL\n"
                                               ")"},
                                              {0}};

static void chance_write(struct ctx *c, const struct record *lead, int64_t percent) {
    if (!record_empty(lead, "win_probability") && record_int(lead, "win_probability") == percent) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    DB_RUN(c, "UPDATE lead SET win_probability = $1 WHERE id = $2", percent, lead->id);
    json_begin_object(&w);
    json_key(&w, "changed");
    json_begin_array(&w);
    json_put_c(&w, "win_probability");
    json_end_array(&w);
    json_key(&w, "values");
    json_begin_object(&w);
    json_key(&w, "win_probability");
    json_begin_array(&w);
    if (record_empty(lead, "win_probability")) {
        json_put_null(&w);
    } else {
        json_put_int(&w, record_int(lead, "win_probability"));
    }
    json_put_int(&w, percent);
    json_end_array(&w);
    json_end_object(&w);
    json_end_object(&w);
    event_emit(c, &(struct event){.type = STR("lead.updated"),
                                  .subject_type = STR("lead"),
                                  .subject_id = lead->id,
                                  .person_id = record_id(lead, "person_id"),
                                  .payload = json_str(&w)});
}

/* Whether an event tells of nothing but a chance. */
static bool own_doing(struct ctx *c, const struct event *e) {
    const struct json *changed = json_get(json_parse(c, e->payload), "changed");
    return json_is(changed, JSON_IS_ARRAY) && changed->n == 1 &&
           str_is(changed->items[0].text, "win_probability");
}

static bool is_open(const struct record *lead) {
    struct str status = record_text(lead, "status");
    return !str_is(status, "converted") && !str_is(status, "disqualified");
}

static void predict(struct ctx *c, const struct prediction *p, const struct score_cards *cards,
                    int64_t lead_id) {
    struct record *lead = record_load(c, entity_named(c, "lead"), lead_id);
    if (lead && is_open(lead)) {
        chance_write(c, lead, llround(100 * prediction_chance(c, p, cards, lead)));
    }
}

/* The next open leads by their numbers; how many there were. */
static size_t apply_piece(struct ctx *c, int64_t *after) {
    int64_t ids[PIECE];
    size_t n = 0;
    struct db_rows rows;
    struct prediction *p = prediction_current(c);
    struct score_cards cards = score_cards_enabled(c, true);
    DB_QUERY(c, &rows,
             "SELECT id FROM lead WHERE id > $1 AND deleted_at IS NULL "
             "AND status NOT IN ('converted', 'disqualified') ORDER BY id LIMIT $2",
             *after, (int64_t)PIECE);
    while (n < PIECE && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    for (size_t i = 0; p && i < n && !ctx_failed(c); i++) {
        struct arena_mark mark = arena_mark(c->arena);
        predict(c, p, &cards, ids[i]);
        *after = ids[i];
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
    return p ? n : 0;
}

static void apply(struct ctx *c, const struct timer *t) {
    int64_t after = json_id(json_parse(c, t->payload), "after");
    if (apply_piece(c, &after) == PIECE) {
        timer_set(c, "prediction.apply", t->key, c->now_ms + PIECE_PAUSE_MS,
                  str_format(c->arena, "{\"after\":\"%lld\"}", (long long)after));
    }
}

/* What is read again to build something anew has its chance already. */
static void handle_history(struct ctx *c, const struct event *events, size_t n) {
    struct prediction *p = c->origin == ORIGIN_REPLAY ? NULL : prediction_current(c);
    struct score_cards cards = {0};
    if (p) {
        cards = score_cards_enabled(c, true);
    }
    for (size_t i = 0; p && i < n && !ctx_failed(c); i++) {
        struct arena_mark mark = arena_mark(c->arena);
        event_cause(c, &events[i]);
        predict(c, p, &cards, events[i].subject_id);
        if (!ctx_failed(c)) {
            arena_reset(c->arena, mark);
        }
    }
}

static void handle(struct ctx *c, const struct event *e) {
    handle_history(c, e, 1);
}

/* A score that moved tells of something done, which counts for a chance on the first day only; what
 * the chance itself writes tells nothing, and without a model nothing does. */
static void choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    bool any = DB_INT(c, "SELECT 1 FROM prediction_model LIMIT 1") != 0;
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        wanted[i] = any && !own_doing(c, &events[i]) &&
                    (!score_own_doing(c, &events[i]) ||
                     DB_INT(c, "SELECT 1 FROM lead WHERE id = $1 AND created_at >= $2",
                            events[i].subject_id,
                            events[i].occurred_at - PREDICTION_KNOWN_BY_MS) != 0);
    }
}

static const struct reactor reactor = {
    .name = "marketing.prediction",
    .stream = STREAM_BUSINESS,
    .lane = REACTOR_STEADY,
    .types = (const char *const[]){"lead.created", "lead.updated", NULL},
    .handle = handle,
    .handle_history = handle_history,
    .choose = choose};

/* Training. */

struct trained {
    struct str body;
    const char *why;
};

static void train_prepare(struct request *r) {
    struct trained *t = ARENA_NEW(r->c->arena, struct trained);
    if (score_may_edit(r)) {
        t->body = prediction_train(r->c, &t->why);
        r->state = t;
    }
}

static void put_models(struct ctx *c, struct json_writer *w) {
    struct db_rows rows;
    json_key(w, "models");
    json_begin_array(w);
    DB_QUERY(c, &rows, "SELECT id, at, body FROM prediction_model ORDER BY id DESC LIMIT $1",
             (int64_t)MODELS_SHOWN);
    while (db_next(&rows)) {
        const struct json *o = json_parse(c, db_text(&rows, 2));
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_id, db_int(&rows, 0));
        JSON_MEMBER(w, "at", json_put_instant, db_int(&rows, 1));
        JSON_MEMBER(w, "rows", json_put_int, json_int(o, "rows", 0));
        JSON_MEMBER(w, "auc", json_put_json, json_get(json_get(o, "quality"), "auc"));
        json_end_object(w);
    }
    json_end_array(w);
}

/* Words of a column, as people call it. */
static struct str column_label(struct ctx *c, const struct score_cards *cards,
                               const struct prediction_column *k) {
    if (k->field) {
        return k->field->label[c->language];
    }
    for (size_t i = 0; i < cards->n; i++) {
        for (size_t m = 0; m < cards->items[i].n; m++) {
            if (k->kind == PREDICT_HITS && cards->items[i].id == k->card_id &&
                str_equal(cards->items[i].rules[m].key, k->name)) {
                return cards->items[i].rules[m].name;
            }
        }
    }
    return message_words(c->language, k->kind == PREDICT_WEEKDAY ? "prediction.weekday"
                                      : k->kind == PREDICT_HOUR  ? "prediction.hour"
                                      : k->kind == PREDICT_HITS  ? "prediction.gone"
                                                                 : "prediction.gone_field");
}

/* What it learns from, and how much of that is no more: fields, without which nobody has a chance
 * until it is trained again, and rules, which count as never met. */
static void put_labels(struct ctx *c, struct json_writer *w, const struct json *body) {
    struct score_cards cards = score_cards_enabled(c, true);
    struct prediction_columns *columns = ARENA_NEW(c->arena, struct prediction_columns);
    int64_t fields = 0, rules = 0;
    prediction_columns_restore(c, body, columns);
    json_key(w, "learns_from");
    json_begin_array(w);
    for (int i = 0; i < columns->n; i++) {
        const struct prediction_column *k = &columns->items[i];
        bool lost = prediction_column_lost(k, &cards);
        fields += lost && k->kind != PREDICT_HITS;
        rules += lost && k->kind == PREDICT_HITS;
        if (!lost) {
            json_put_str(w, column_label(c, &cards, k));
        }
    }
    json_end_array(w);
    JSON_MEMBER(w, "lost_fields", json_put_int, fields);
    JSON_MEMBER(w, "lost_rules", json_put_int, rules);
}

static void put_refused(struct ctx *c, struct json_writer *w, const struct json *body) {
    const struct json *list = json_get(body, "refused");
    json_key(w, "refused");
    json_begin_array(w);
    for (size_t i = 0; json_is(list, JSON_IS_ARRAY) && i < list->n; i++) {
        const struct json *o = &list->items[i];
        const struct field *f = entity_field(entity_named(c, "lead"), json_text(o, "name"));
        json_begin_object(w);
        JSON_MEMBER(w, "name", json_put_str, f ? f->label[c->language] : json_text(o, "name"));
        JSON_MEMBER(w, "why", json_put_str, json_text(o, "why"));
        JSON_MEMBER(w, "share", json_put_json, json_get(o, "share"));
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_newest(struct ctx *c, struct json_writer *w) {
    struct str body = DB_TEXT(c, "SELECT body FROM prediction_model ORDER BY id DESC LIMIT 1");
    const struct json *o = body.n ? json_parse(c, body) : NULL;
    static const char *const members[] = {"rows", "won", "quality", "bins"};
    json_key(w, "newest");
    if (!o) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        JSON_MEMBER(w, members[i], json_put_json, json_get(o, members[i]));
    }
    put_refused(c, w, o);
    put_labels(c, w, o);
    json_end_object(w);
}

static void state_reply(struct request *r) {
    struct ctx *c = r->c;
    struct json_writer w = json_writer(c->arena);
    int64_t decided = DB_INT(c, "SELECT count(*) FROM lead WHERE deleted_at IS NULL "
                                "AND status IN ('converted', 'disqualified')");
    int64_t won = DB_INT(c, "SELECT count(*) FROM lead WHERE deleted_at IS NULL "
                            "AND status = 'converted'");
    json_begin_object(&w);
    JSON_MEMBER(&w, "decided", json_put_int, decided);
    JSON_MEMBER(&w, "won", json_put_int, won);
    JSON_MEMBER(&w, "rows_least", json_put_int, PREDICTION_ROWS);
    JSON_MEMBER(&w, "outcomes_least", json_put_int, PREDICTION_OUTCOMES);
    put_newest(c, &w);
    put_models(c, &w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static void train_post(struct request *r) {
    struct ctx *c = r->c;
    const struct trained *t = r->state;
    if (!t || !t->body.n) {
        FAIL(c, ERROR_CONFLICT, t && t->why ? t->why : "prediction.too_few");
        return;
    }
    DB_RUN(c, "INSERT INTO prediction_model (at, actor_id, body) VALUES ($1, $2, $3)", c->now_ms,
           db_from_id(access_user_id(c->actor)), t->body);
    timer_set(c, "prediction.apply", STR(""), c->now_ms, STR("{\"after\":\"0\"}"));
    event_emit(c, &(struct event){.type = STR("prediction.trained")});
    state_reply(r);
}

/* Reasons. */

struct reason {
    int column;
    double added;
};

/* The weightiest, the weightiest first. */
static void reason_add(struct reason *list, size_t *n, struct reason one) {
    bool full = *n == REASONS;
    if (full && fabs(list[REASONS - 1].added) >= fabs(one.added)) {
        return;
    }
    size_t i = full ? REASONS - 1 : (*n)++;
    while (i > 0 && fabs(list[i - 1].added) < fabs(one.added)) {
        list[i] = list[i - 1];
        i--;
    }
    list[i] = one;
}

/* The value as it is shown: a field's as of the record, of others the number. */
static struct str reason_value(struct ctx *c, const struct prediction_column *k,
                               const struct logistic_column *column, const struct record *lead) {
    if (k->kind == PREDICT_HITS || k->kind == PREDICT_HOUR) {
        return str_format(c->arena, "%.0f", column->numbers[0]);
    }
    if (k->kind == PREDICT_WEEKDAY) {
        static const char *const days[] = {
            "prediction.day_1", "prediction.day_2", "prediction.day_3", "prediction.day_4",
            "prediction.day_5", "prediction.day_6", "prediction.day_7"};
        return message_words(c->language, days[(column->texts[0].p[0] - '1') % 7]);
    }
    bool filled = k->kind == PREDICT_FILLED;
    bool empty = column->texts ? !column->texts[0].n : isnan(column->numbers[0]);
    return empty    ? message_words(c->language, "prediction.empty")
           : filled ? message_words(c->language, "prediction.filled")
                    : value_to_text(c, k->field, lead->values[k->field->position]);
}

static void win_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *lead = record_read(c, entity_named(c, "lead"), request_id(r, "id"));
    struct prediction *p = lead ? prediction_current(c) : NULL;
    if (ctx_failed(c) || !lead) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "probability");
    if (!p || !is_open(lead)) {
        json_put_null(&w);
        json_end_object(&w);
        reply_json(r, 200, &w);
        return;
    }
    struct score_cards cards = score_cards_enabled(c, true);
    struct logistic_table row = prediction_table(c, p->columns, &cards, &lead, 1);
    double added[PREDICTION_COLUMNS];
    struct reason reasons[REASONS];
    size_t n = 0;
    logistic_reasons(p->model, &row, 0, added);
    for (int k = 0; k < p->columns->n; k++) {
        const struct field *f = p->columns->items[k].field;
        if (!f || access_field(c->actor, lead->entity, f) >= RIGHT_READ) {
            reason_add(reasons, &n, (struct reason){k, p->calibration.slope * added[k]});
        }
    }
    json_put_real(&w, logistic_calibrated(p->calibration, logistic_probability(p->model, &row, 0)));
    JSON_MEMBER(&w, "share", json_put_real, p->share);
    JSON_MEMBER(&w, "at", json_put_instant, p->at);
    json_key(&w, "reasons");
    json_begin_array(&w);
    for (size_t i = 0; i < n; i++) {
        const struct prediction_column *k = &p->columns->items[reasons[i].column];
        json_begin_object(&w);
        JSON_MEMBER(&w, "label", json_put_str, column_label(c, &cards, k));
        JSON_MEMBER(&w, "value", json_put_str,
                    reason_value(c, k, &row.columns[reasons[i].column], lead));
        JSON_MEMBER(&w, "added", json_put_real, reasons[i].added);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

#define STATE_SHAPE                                                              \
    "decided:integer! won:integer! rows_least:integer! outcomes_least:integer! " \
    "newest:object?! models:[(id:id! at:instant! rows:integer! auc:number!)]!"

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/predictions/state", "automation:manage", LANE_SLOW, state_reply,
     .summary = "route.prediction_state", .answer = STATE_SHAPE},
    {METHOD_POST, "/api/v1/predictions/train", "automation:manage", LANE_WRITER, train_post,
     .prepare = train_prepare, .summary = "route.prediction_train", .answer = STATE_SHAPE},
    {METHOD_GET, "/api/v1/leads/{id}/chance", PERMISSION_RECORD, LANE_INLINE, win_get,
     .summary = "route.lead_chance",
     .answer = "probability:number?! share:number at:instant "
               "reasons:[(label:text! value:text! added:number!)]"},
    {0}};

static const struct timer_kind timers[] = {{"prediction.apply", apply}, {0}};

static const struct event_type event_types[] = {
    {"prediction.trained", NULL, "成交预测已训练", "prediction trained"}, {0}};

static const struct text texts[] = {
    {"prediction.too_few", "已有结果的线索不够：至少要 200 条，其中转化和无效各 30 条以上",
     "Not enough leads were decided: at least 200, with 30 or more of either outcome"},
    {"prediction.weekday", "星期几来的", "Day of the week"},
    {"prediction.day_1", "周一", "Monday"},
    {"prediction.day_2", "周二", "Tuesday"},
    {"prediction.day_3", "周三", "Wednesday"},
    {"prediction.day_4", "周四", "Thursday"},
    {"prediction.day_5", "周五", "Friday"},
    {"prediction.day_6", "周六", "Saturday"},
    {"prediction.day_7", "周日", "Sunday"},
    {"prediction.hour", "几点来的", "Hour of the day"},
    {"prediction.gone", "已删除或停用的评分规则", "A rule that is no more or switched off"},
    {"prediction.gone_field", "已删除的字段", "A field that is no more"},
    {"prediction.empty", "没填", "empty"},
    {"prediction.filled", "填了", "filled in"},
    {"route.prediction_state", "成交预测的情况", "State of the prediction"},
    {"route.prediction_train", "训练成交预测", "Train the prediction"},
    {"route.lead_chance", "线索的成交概率和理由", "A lead's chance and its reasons"},
    {0}};

const struct module prediction_module = {
    .name = "marketing.prediction",
    .cloud = "marketing",
    .events = event_types,
    .routes = routes,
    .reactors = (const struct reactor *const[]){&reactor, NULL},
    .timers = timers,
    .migrations = migrations,
    .texts = texts};
