/*
 * Pipelines changed while deals are under way: stages put in order, a pipeline copied, and a stage
 * retired: its deals go to another stage of its kind, then it goes to the trash. Of many deals that
 * is done in pieces behind a timer; until it ends the stage takes no new ones. Which deals were
 * moved is kept, so that a retirement is taken back whole: the stage comes back, and those of its
 * deals that still stand where they were put return.
 *
 * Events: opportunity.moved of each deal that was under way; those of the record verbs.
 */
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "event/timer.h"
#include "http/route.h"
#include "sales/opportunity.h"
#include "sales/pipeline.h"
#include "sales/sales.h"

enum { STAGES_MOST = 60, DEALS_AT_ONCE = 100 };

static const char retire_kind[] = "sales.stage_retire";

static const struct migration migrations[] = {
    {"sales.pipeline_edit.1",
     "CREATE TABLE stage_retirement (stage_id BIGINT NOT NULL, opportunity_id BIGINT NOT NULL, "
     "to_stage_id BIGINT NOT NULL, PRIMARY KEY (stage_id, opportunity_id)) {without_rowid}"},
    {0}};

/* The record of that type in the request's path, which the caller may do this to. */
static struct record *asked(struct request *r, const char *entity, enum action action) {
    struct record *record = record_read(r->c, entity_named(r->c, entity), request_id(r, "id"));
    if (record) {
        access_require(r->c, action, record);
    }
    return ctx_failed(r->c) ? NULL : record;
}

static size_t stages_of(struct ctx *c, int64_t pipeline_id, int64_t *ids) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM stage WHERE pipeline_id = $1 AND deleted_at IS NULL "
             "ORDER BY position, id LIMIT $2",
             pipeline_id, (int64_t)STAGES_MOST);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return n;
}

/* Order. */

static bool lists_each_once(const struct json *order, const int64_t *ids, size_t n) {
    if (!json_is(order, JSON_IS_ARRAY) || order->n != n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        size_t found = 0;
        for (size_t k = 0; k < n; k++) {
            found += json_as_id(&order->items[k]) == ids[i];
        }
        if (found != 1) {
            return false;
        }
    }
    return true;
}

static void place(struct ctx *c, int64_t stage_id, int64_t position) {
    const struct entity *e = entity_named(c, "stage");
    struct record *stage = record_load(c, e, stage_id);
    if (stage && record_int(stage, "position") != position) {
        struct change_set set = change_new(c, e);
        change_int(&set, "position", position);
        record_change(c, stage_id, &set);
    }
}

static void arrange_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *order = json_get(request_json(r), "stages");
    struct record *pipeline = asked(r, "pipeline", ACTION_UPDATE);
    int64_t ids[STAGES_MOST];
    if (!pipeline || !record_holds(c, pipeline)) {
        return;
    }
    size_t n = stages_of(c, pipeline->id, ids);
    if (!lists_each_once(order, ids, n)) {
        FAIL_FIELD(c, STR("/stages"), "pipeline.order");
        return;
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        place(c, json_as_id(&order->items[i]), (int64_t)i);
    }
}

/* Copies. */

static void stage_copy(struct ctx *c, const struct record *stage, int64_t pipeline_id) {
    static const char *const shared[] = {"name",       "name_en",           "position",
                                         "kind",       "probability",       "funnel_step",
                                         "usual_days", "forecast_category", "required_fields"};
    struct change_set set = change_new(c, stage->entity);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        change_value(&set, entity_field(stage->entity, str_from(shared[i])),
                     record_value(stage, shared[i]));
    }
    change_id(&set, "pipeline_id", pipeline_id);
    record_insert(c, &set);
}

static void copy_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *from = body ? asked(r, "pipeline", ACTION_READ) : NULL;
    int64_t ids[STAGES_MOST];
    if (!from) {
        return;
    }
    struct change_set set = change_from_json(c, from->entity, body);
    struct record *copy = ctx_failed(c) ? NULL : record_create(c, &set);
    size_t n = copy ? stages_of(c, from->id, ids) : 0;
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct record *stage = record_load(c, entity_named(c, "stage"), ids[i]);
        if (stage && record_empty(stage, "retired_to")) {
            stage_copy(c, stage, copy->id);
        }
    }
    if (!ctx_failed(c)) {
        struct json_writer w = json_writer(c->arena);
        record_json(c, &w, copy, &record_with_titles);
        reply_version(r, record_version(copy));
        reply_json(r, 201, &w);
    }
}

/* Retiring. */

static size_t deals_at(struct ctx *c, int64_t stage_id, int64_t *ids) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM opportunity WHERE stage_id = $1 AND deleted_at IS NULL "
             "ORDER BY id LIMIT $2",
             stage_id, (int64_t)DEALS_AT_ONCE);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    return n;
}

static void retire_later(struct ctx *c, int64_t stage_id, bool back) {
    timer_set(c, retire_kind, str_format(c->arena, "%lld", (long long)stage_id), c->now_ms,
              back ? STR("{\"back\":true}") : STR("{}"));
}

/* A piece of the deals that leave; at the end the stage goes. */
static void retire_piece(struct ctx *c, int64_t stage_id) {
    const struct entity *e = entity_named(c, "stage");
    struct record *stage = record_load(c, e, stage_id);
    int64_t to = stage ? record_id(stage, "retired_to") : 0, ids[DEALS_AT_ONCE];
    if (!to) {
        return;
    }
    size_t n = deals_at(c, stage_id, ids);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        DB_PUT(c,
               "INSERT INTO stage_retirement (stage_id, opportunity_id, to_stage_id) "
               "VALUES ($1, $2, $3) ON CONFLICT (stage_id, opportunity_id) DO UPDATE SET "
               "to_stage_id = excluded.to_stage_id",
               stage_id, ids[i], to);
        opportunity_transfer(c, ids[i], to);
    }
    if (n == DEALS_AT_ONCE) {
        retire_later(c, stage_id, false);
    } else if (!ctx_failed(c)) {
        record_remove(c, e, stage_id);
    }
}

static bool may_take_over(struct ctx *c, const struct record *stage, const struct record *to) {
    bool same = to && to->id != stage->id && record_empty(to, "retired_to") &&
                record_id(to, "pipeline_id") == record_id(stage, "pipeline_id") &&
                str_equal(record_text(to, "kind"), record_text(stage, "kind"));
    if (!same) {
        FAIL_FIELD(c, STR("/to"), "stage.retire_to");
    }
    return same;
}

static void retire_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *stage = body ? asked(r, "stage", ACTION_DELETE) : NULL;
    struct record *to = stage ? record_load(c, stage->entity, json_id(body, "to")) : NULL;
    if (!stage || !may_take_over(c, stage, to) || !record_holds(c, stage) || !record_holds(c, to)) {
        return;
    }
    struct change_set set = change_new(c, stage->entity);
    change_id(&set, "retired_to", to->id);
    record_change(c, stage->id, &set);
    retire_piece(c, stage->id);
}

/* A piece of those that return: who was moved on since stays. */
static void return_piece(struct ctx *c, int64_t stage_id) {
    int64_t ids[DEALS_AT_ONCE], to[DEALS_AT_ONCE];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT opportunity_id, to_stage_id FROM stage_retirement WHERE stage_id = $1 "
             "ORDER BY opportunity_id LIMIT $2",
             stage_id, (int64_t)DEALS_AT_ONCE);
    while (db_next(&rows)) {
        ids[n] = db_int(&rows, 0);
        to[n++] = db_int(&rows, 1);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct record *deal = record_load(c, entity_named(c, "opportunity"), ids[i]);
        if (deal && record_id(deal, "stage_id") == to[i]) {
            opportunity_transfer(c, ids[i], stage_id);
        }
        DB_PUT(c, "DELETE FROM stage_retirement WHERE stage_id = $1 AND opportunity_id = $2",
               stage_id, ids[i]);
    }
    if (n == DEALS_AT_ONCE) {
        retire_later(c, stage_id, true);
    }
}

static void unretire_post(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = entity_named(c, "stage");
    struct record *stage = record_load(c, e, request_id(r, "id"));
    if (!stage && !ctx_failed(c)) {
        stage = record_read_trashed(c, e, request_id(r, "id"));
    }
    if (!stage) {
        return;
    }
    access_require(c, ACTION_DELETE, stage);
    if (record_empty(stage, "retired_to")) {
        FAIL(c, ERROR_CONFLICT, "stage.not_retired");
        return;
    }
    if (!record_load(c, e, stage->id)) {
        record_unremove(c, e, stage->id);
    }
    struct change_set set = change_new(c, e);
    change_null(&set, "retired_to");
    record_change(c, stage->id, &set);
    return_piece(c, stage->id);
}

static void retire_fire(struct ctx *c, const struct timer *timer) {
    int64_t id = 0;
    str_to_int(timer->key, &id);
    if (json_bool(json_parse(c, timer->payload), "back", false)) {
        return_piece(c, id);
    } else {
        retire_piece(c, id);
    }
}

static const struct timer_kind timers[] = {{retire_kind, retire_fire}, {0}};

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/pipelines/{id}/arrange", PERMISSION_RECORD, LANE_WRITER, arrange_post,
     .summary = "route.pipeline_arrange", .body = "stages:[id]!"},
    {METHOD_POST, "/api/v1/pipelines/{id}/copy", PERMISSION_RECORD, LANE_WRITER, copy_post,
     .summary = "route.pipeline_copy", .body = "name:text! name_en:text standard:boolean",
     .answer = "201 @pipeline"},
    {METHOD_POST, "/api/v1/stages/{id}/retire", PERMISSION_RECORD, LANE_WRITER, retire_post,
     .summary = "route.stage_retire", .body = "to:id!"},
    {METHOD_POST, "/api/v1/stages/{id}/unretire", PERMISSION_RECORD, LANE_WRITER, unretire_post,
     .summary = "route.stage_unretire"},
    {0}};

static const struct text texts[] = {
    {"pipeline.order", "请列出这个流程的每个阶段，各一次",
     "List each stage of this pipeline, once"},
    {"stage.retire_to", "请选同一流程里同类的另一个阶段",
     "Choose another stage of the same pipeline and kind"},
    {"stage.not_retired", "这个阶段没有停用", "This stage is not retired"},
    {"route.pipeline_arrange", "给阶段排序", "Put stages in order"},
    {"route.pipeline_copy", "复制销售流程", "Copy a pipeline"},
    {"route.stage_retire", "停用阶段并移走商机", "Retire a stage and move its deals"},
    {"route.stage_unretire", "撤销停用阶段", "Take a stage's retirement back"},
    {0}};

const struct module pipeline_edit_module = {.name = "sales.pipeline_edit",
                                            .cloud = "sales",
                                            .routes = routes,
                                            .timers = timers,
                                            .migrations = migrations,
                                            .texts = texts};
