/*
 * The board: a pipeline's deals by stage, with sums, and the moves between them.
 *
 * Sums are in the company's currency; deals in others, and deals whose amount is unknown, are
 * counted beside them, never added. Closed columns hold the deals closed in the last 90 days.
 */
#include "api/api.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/sql.h"
#include "entity/query.h"
#include "http/route.h"
#include "organization/company.h"
#include "sales/opportunity.h"
#include "sales/pipeline.h"
#include "sales/sales.h"
#include "sales/slipping.h"

enum { CARDS = 20, CARDS_MOST = 100, CLOSED_DAYS = 90, STAGES_MOST = 60 };

struct column {
    struct record *stage;
    int64_t count, sum, unknown, other_currency;
};

/* The board asked for. */
struct board {
    struct ctx *c;
    const struct entity *deal;
    int64_t pipeline_id;
    const struct condition *where;
    struct str currency, closed_since;
    int limit;
    struct column columns[STAGES_MOST];
    size_t n;
};

static void columns_read(struct board *b) {
    struct ctx *c = b->c;
    const struct entity *stage = entity_named(c, "stage");
    int64_t ids[STAGES_MOST];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM stage WHERE pipeline_id = $1 AND deleted_at IS NULL "
             "ORDER BY position, id LIMIT $2",
             b->pipeline_id, (int64_t)STAGES_MOST);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n; i++) {
        struct record *s = record_load(c, stage, ids[i]);
        if (s) {
            b->columns[b->n++].stage = s;
        }
    }
}

/* WHERE of all queries of the board, over the table as d. */
static void board_where(struct board *b, struct sql *q) {
    SQL_ADD(q, " WHERE d.pipeline_id = ");
    SQL_VALUE(q, b->pipeline_id);
    SQL_ADD(q, " AND d.deleted_at IS NULL AND (d.state = 'open' OR d.closed_date >= ");
    SQL_VALUE(q, b->closed_since);
    SQL_ADD(q, ") AND ");
    access_where(b->c, q, b->deal, ACTION_READ, "d");
    if (b->where) {
        SQL_ADD(q, " AND ");
        condition_sql(b->c, q, b->where, "d");
    }
}

static void sums_read(struct board *b) {
    struct db_rows rows;
    struct sql q = sql_new(b->c->arena);
    SQL_ADD(&q, "SELECT d.stage_id, CAST(count(*) AS BIGINT), "
                "CAST(COALESCE(sum(CASE WHEN d.amount_currency = ");
    SQL_VALUE(&q, b->currency);
    SQL_ADD(&q, " THEN d.amount END), 0) AS BIGINT), "
                "CAST(sum(CASE WHEN d.amount IS NULL THEN 1 ELSE 0 END) AS BIGINT), "
                "CAST(sum(CASE WHEN d.amount_currency <> ");
    SQL_VALUE(&q, b->currency);
    SQL_ADD(&q, " THEN 1 ELSE 0 END) AS BIGINT) FROM opportunity d");
    board_where(b, &q);
    SQL_ADD(&q, " GROUP BY d.stage_id");
    sql_query(b->c, &rows, &q);
    while (db_next(&rows)) {
        for (size_t i = 0; i < b->n; i++) {
            struct column *k = &b->columns[i];
            if (k->stage->id == db_int(&rows, 0)) {
                k->count = db_int(&rows, 1);
                k->sum = db_int(&rows, 2);
                k->unknown = db_int(&rows, 3);
                k->other_currency = db_int(&rows, 4);
            }
        }
    }
}

static void money_json(struct board *b, struct json_writer *w, const char *key, int64_t minor) {
    const struct field *amount = entity_field(b->deal, STR("amount"));
    json_key(w, key);
    value_to_json(w, amount, (struct value){VALUE_MONEY, minor, b->currency});
}

/* What is usual for deals in the stage comes from those that have left it. */
static void stage_json(struct ctx *c, struct json_writer *w, const struct record *stage) {
    struct usual_stay usual = usual_stay(c, stage);
    struct str required = record_text(stage, "required_fields");
    json_key(w, "stage");
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, stage->id);
    JSON_MEMBER(w, "name", json_put_str, record_title_in(c, stage));
    JSON_MEMBER(w, "kind", json_put_str, record_text(stage, "kind"));
    JSON_MEMBER(w, "funnel_step", json_put_str, record_text(stage, "funnel_step"));
    json_key(w, "probability");
    value_to_json(w, entity_field(stage->entity, STR("probability")),
                  record_value(stage, "probability"));
    JSON_MEMBER(w, "usual_days", json_put_int, usual.days);
    JSON_MEMBER(w, "limit_days", json_put_int, usual.limit_days);
    json_key(w, "required_fields");
    json_put_raw(w, required.n ? required : STR("[]"));
    json_end_object(w);
}

/* A column's cards: those to be followed up first. */
static void cards_json(struct board *b, struct json_writer *w, const struct record *stage) {
    struct ctx *c = b->c;
    struct db_rows rows;
    struct record *cards[CARDS_MOST];
    int64_t ids[CARDS_MOST];
    size_t n = 0, kept = 0;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT d.id FROM opportunity d");
    board_where(b, &q);
    SQL_ADD(&q, " AND d.stage_id = ");
    SQL_VALUE(&q, stage->id);
    SQL_ADD(&q, " ORDER BY d.id DESC LIMIT ");
    sql_number(&q, b->limit);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n; i++) {
        struct record *card = record_load(c, b->deal, ids[i]);
        if (card) {
            cards[kept++] = card;
        }
    }
    json_key(w, "cards");
    records_json(c, w, cards, kept, &record_with_titles);
}

static void column_json(struct board *b, struct json_writer *w, const struct column *k) {
    json_begin_object(w);
    stage_json(b->c, w, k->stage);
    JSON_MEMBER(w, "count", json_put_int, k->count);
    money_json(b, w, "sum", k->sum);
    money_json(b, w, "weighted",
               (int64_t)((__int128)k->sum * record_int(k->stage, "probability") / 1000000));
    JSON_MEMBER(w, "unknown_amounts", json_put_int, k->unknown);
    JSON_MEMBER(w, "other_currencies", json_put_int, k->other_currency);
    cards_json(b, w, k->stage);
    json_end_object(w);
}

static bool board_read(struct request *r, struct board *b) {
    struct ctx *c = r->c;
    struct str where = request_query(r, "where");
    int64_t limit = request_query_int(r, "limit", CARDS);
    char since[DATE_TEXT];
    date_format(zone_date(company_zone(c), c->now_ms - (int64_t)CLOSED_DAYS * MS_DAY), since);
    *b = (struct board){.c = c,
                        .deal = entity_named(c, "opportunity"),
                        .pipeline_id = request_query_int(r, "pipeline_id", 0),
                        .currency = company_currency(c),
                        .closed_since = str_copy(c->arena, str_from(since)),
                        .limit = limit < 1 || limit > CARDS_MOST ? CARDS : (int)limit};
    if (!api_readable(r, b->deal)) {
        return false;
    }
    if (where.n) {
        b->where = condition_parse(c, b->deal, json_parse(c, where));
    }
    if (!b->pipeline_id) {
        b->pipeline_id = pipeline_standard(c);
    }
    return !ctx_failed(c);
}

static void board_get(struct request *r) {
    struct ctx *c = r->c;
    struct board *b = ARENA_NEW(c->arena, struct board);
    if (!board_read(r, b)) {
        return;
    }
    struct record *pipeline = record_read(c, entity_named(c, "pipeline"), b->pipeline_id);
    columns_read(b);
    sums_read(b);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "pipeline");
    json_begin_object(&w);
    JSON_MEMBER(&w, "id", json_put_id, b->pipeline_id);
    JSON_MEMBER(&w, "name", json_put_str, pipeline ? record_title_in(c, pipeline) : STR(""));
    json_end_object(&w);
    json_key(&w, "columns");
    json_begin_array(&w);
    for (size_t i = 0; i < b->n && !ctx_failed(c); i++) {
        column_json(b, &w, &b->columns[i]);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* {"stage_id","fields":{…},"lost_reason_id"} */
static void move_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    const struct entity *e = entity_named(c, "opportunity");
    if (!body) {
        return;
    }
    const struct json *fields = json_get(body, "fields");
    struct change_set set = json_is(fields, JSON_IS_OBJECT) ? change_from_json(c, e, fields)
                                                            : change_new(c, e);
    if (json_id(body, "lost_reason_id")) {
        change_id(&set, "lost_reason_id", json_id(body, "lost_reason_id"));
    }
    struct record *deal = opportunity_move(c, request_id(r, "id"), json_id(body, "stage_id"), &set,
                                           request_if_match(r));
    if (!deal || ctx_failed(c)) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    record_json(c, &w, deal, &record_with_titles);
    reply_version(r, record_version(deal));
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/opportunities/board", PERMISSION_RECORD, LANE_SLOW, board_get,
     .summary = "route.board", .query = "pipeline_id:id where:text limit:integer",
     .answer = "pipeline:object! columns:[object]!"},
    {METHOD_POST, "/api/v1/opportunities/{id}/move", PERMISSION_RECORD, LANE_WRITER, move_post,
     .summary = "route.opportunity_move", .body = "stage_id:id! fields:object lost_reason_id:id",
     .answer = "@opportunity"},
    {0}};

static const struct text texts[] = {
    {"route.board", "商机看板", "Board of opportunities"},
    {"route.opportunity_move", "移动商机到阶段", "Move an opportunity to a stage"},
    {0}};

const struct module board_module = {
    .name = "sales.board", .cloud = "sales", .routes = routes, .texts = texts};
