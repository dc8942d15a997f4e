/*
 * See opportunity.h. Events out: opportunity.moved {from, to, kind, days}, opportunity.won,
 * opportunity.lost.
 */
#include "sales/opportunity.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "entity/gate.h"
#include "event/event.h"
#include "organization/company.h"
#include "sales/pipeline.h"
#include "sales/sales.h"

static const struct option states[] = {{"open", "进行中", "Open", "info"},
                                       {"won", "赢单", "Won", "ok"},
                                       {"lost", "输单", "Lost", "idle"},
                                       {0}};

static const struct option grades[] = {{"a", "A", "A", "ok"},
                                       {"b", "B", "B", "info"},
                                       {"c", "C", "C", "idle"},
                                       {"d", "D", "D", "idle"},
                                       {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_SEARCHED | FIELD_LISTED, "名称",
     "Name", "group.basic", .max_length = 120},
    {"account_id", FIELD_REFERENCE, FIELD_LISTED | FIELD_INDEXED | FIELD_SUBTITLE | FIELD_PARENT,
     "客户", "Account", "group.basic", .target = "account"},
    {"person_id", FIELD_REFERENCE, FIELD_INDEXED | FIELD_OPENS, "联系人", "Person", "group.basic",
     .target = "person"},
    {"pipeline_id", FIELD_REFERENCE, FIELD_IMMUTABLE | FIELD_LISTED, "销售流程", "Pipeline",
     "group.work", .target = "pipeline"},
    {"stage_id", FIELD_REFERENCE, FIELD_READ_ONLY | FIELD_LISTED | FIELD_INDEXED, "阶段", "Stage",
     "group.work", .target = "stage"},
    {"state", FIELD_OPTION, FIELD_READ_ONLY | FIELD_LISTED | FIELD_INDEXED, "状态", "State",
     "group.work", .options = states, .standard = "open"},
    {"amount", FIELD_MONEY, FIELD_LISTED | FIELD_INDEXED, "金额", "Amount", "group.basic"},
    {"discount", FIELD_QUANTITY, FIELD_SHARE, "让利比例", "Discount", "group.basic", .min = 0,
     .max = 1000000},
    {"expected_close_date", FIELD_DATE, FIELD_LISTED | FIELD_INDEXED, "预计成交", "Expected close",
     "group.basic"},
    {"forecast_category", FIELD_OPTION, 0, "预测类别", "Forecast category", "group.work",
     .options = forecast_categories},
    {"closed_date", FIELD_DATE, FIELD_READ_ONLY | FIELD_INDEXED, "成交日期", "Closed on",
     "group.work"},
    {"engaged_date", FIELD_DATE, 0, "开始日期", "Engaged on", "group.basic"},
    {"product_id", FIELD_REFERENCE, FIELD_LISTED | FIELD_INDEXED, "产品", "Product", "group.basic",
     .target = "product"},
    {"grade", FIELD_OPTION, FIELD_LISTED, "等级", "Grade", "group.basic", .options = grades},
    {"lost_reason_id", FIELD_REFERENCE, 0, "输单原因", "Lost reason", "group.work",
     .target = "lost_reason"},
    {"lead_id", FIELD_REFERENCE, FIELD_READ_ONLY | FIELD_INDEXED, "来自线索", "From lead",
     "group.source", .target = "lead"},
    {"source", FIELD_TEXT, 0, "来源", "Source", "group.source", .max_length = 60},
    {"competitor", FIELD_TEXT, 0, "竞争对手", "Competitor", "group.basic"},
    {"stage_entered_at", FIELD_INSTANT, FIELD_READ_ONLY, "进入阶段", "In stage since",
     "group.work"},
    {"furthest_step", FIELD_OPTION, FIELD_READ_ONLY, "漏斗走到", "Came as far as", "group.work",
     .options = funnel_step_options, .standard = "opportunity"},
    {"quoted_on", FIELD_DATE, FIELD_READ_ONLY, "报价日期", "Quoted on", "group.work"},
    {"contracted_on", FIELD_DATE, FIELD_READ_ONLY, "合同日期", "Contract on", "group.work"},
    {"ordered_on", FIELD_DATE, FIELD_READ_ONLY, "订单日期", "Ordered on", "group.work"},
    {"paid_on", FIELD_DATE, FIELD_READ_ONLY, "回款日期", "Paid on", "group.work"},
    {"next_step", FIELD_TEXT, 0, "下一步", "Next step", "group.work"},
    {"next_follow_up_at", FIELD_INSTANT, FIELD_LISTED | FIELD_INDEXED, "下次跟进", "Next follow-up",
     "group.work"},
    {"last_follow_up_at", FIELD_INSTANT, FIELD_READ_ONLY, "最近跟进", "Last follow-up",
     "group.work"},
    {"external_id", FIELD_TEXT, FIELD_UNIQUE, "外部编号", "External id", "group.source",
     .max_length = 60},
    {"original_owner", FIELD_TEXT, FIELD_READ_ONLY, "原负责人", "Original owner", "group.source",
     .max_length = 60},
    {"description", FIELD_LONG_TEXT, 0, "备注", "Notes", "group.basic"},
    {0}};

static const struct migration migrations[] = {
    {"sales.opportunity.1",
     "CREATE TABLE stage_history (id {id}, opportunity_id BIGINT NOT NULL, from_stage_id BIGINT, "
     "to_stage_id BIGINT NOT NULL, at BIGINT NOT NULL, actor_id BIGINT);\n"
     "CREATE INDEX stage_history_opportunity ON stage_history (opportunity_id, at);\n"
     "CREATE INDEX stage_history_stage ON stage_history (to_stage_id, at)"},
    {0}};

static void set_integer(struct record *r, const char *field, int64_t v) {
    record_set_value(r, field, (struct value){VALUE_INTEGER, v, STR("")});
}

/* One that is named and missing is told with the field, as any reference. */
static bool pipeline_is_there(struct ctx *c, int64_t id) {
    return !id || record_load(c, entity_named(c, "pipeline"), id);
}

/* A new deal without a stage begins at the first of its pipeline. */
static void place_new(struct ctx *c, struct record *deal) {
    if (record_empty(deal, "pipeline_id")) {
        set_integer(deal, "pipeline_id", pipeline_standard(c));
    }
    if (record_empty(deal, "stage_id")) {
        set_integer(deal, "stage_id", pipeline_first_stage(c, record_id(deal, "pipeline_id")));
    }
    if (c->origin == ORIGIN_LIVE) {
        set_integer(deal, "stage_entered_at", c->now_ms);
    }
    struct record *stage = record_load(c, entity_named(c, "stage"), record_id(deal, "stage_id"));
    if (stage) {
        set_integer(deal, "pipeline_id", record_id(stage, "pipeline_id"));
        record_set_value(deal, "state", (struct value){VALUE_TEXT, 0, record_text(stage, "kind")});
    } else if (pipeline_is_there(c, record_id(deal, "pipeline_id"))) {
        FAIL(c, ERROR_CONFLICT, "pipeline.none");
    }
}

static void opportunity_check(struct ctx *c, struct change *change) {
    if (!change->before) {
        place_new(c, change->after);
    }
}

void opportunity_history_add(struct ctx *c, const struct stage_move *move) {
    DB_RUN(c,
           "INSERT INTO stage_history (id, opportunity_id, from_stage_id, to_stage_id, at, "
           "actor_id) VALUES ($1, $2, $3, $4, $5, $6)",
           id_new(), move->opportunity_id, db_from_id(move->from), move->to, move->at,
           db_from_id(move->actor_id));
}

/* One that came to its end: at that moment, as far as it is known. */
static void emit_end(struct ctx *c, const struct record *deal, int64_t at, struct str payload) {
    struct str state = record_text(deal, "state");
    if (!str_is(state, "open")) {
        event_emit(c, &(struct event){.type = str_is(state, "won") ? STR("opportunity.won")
                                                                   : STR("opportunity.lost"),
                                      .subject_type = STR("opportunity"),
                                      .subject_id = deal->id,
                                      .person_id = record_id(deal, "person_id"),
                                      .account_id = record_id(deal, "account_id"),
                                      .occurred_at = at,
                                      .payload = payload});
    }
}

/* The end of the day it was closed on, when that is over. */
static int64_t closed_at(struct ctx *c, const struct record *deal) {
    struct date d;
    int64_t end = date_parse(record_text(deal, "closed_date"), &d)
                      ? zone_midnight(company_zone(c), date_from_days(date_to_days(d) + 1)) - 1
                      : c->now_ms;
    return end < c->now_ms ? end : c->now_ms;
}

static void opportunity_wrote(struct ctx *c, const struct change *change) {
    if (!change->before) {
        emit_end(c, change->after, closed_at(c, change->after), STR("{}"));
    }
    int64_t from = change->before ? record_id(change->before, "stage_id") : 0;
    int64_t to = record_id(change->after, "stage_id");
    if (from != to && c->origin == ORIGIN_LIVE) {
        opportunity_history_add(c, &(struct stage_move){change->id, from, to, c->now_ms,
                                                        c->actor ? c->actor->user_id : 0});
    }
}

/* A change of stage is a move. */
static struct record *opportunity_enact(struct ctx *c, int64_t id, const struct change_set *in) {
    int stage = field_position(in->entity, "stage_id");
    struct change_set rest = change_new(c, in->entity);
    for (int i = 0; i < in->entity->n_fields; i++) {
        if (in->set[i] && i != stage) {
            change_value(&rest, &in->entity->fields[i], in->values[i]);
        }
    }
    return in->set[stage] ? opportunity_move(c, id, in->values[stage].integer, &rest, 0)
                          : record_update(c, id, &rest, 0);
}

/* When deals came to a step: those that have not cost nothing. */
static const struct index_definition indexes[] = {
    {"grade, created_at, id", .where = "grade IS NOT NULL"},
    {"quoted_on, id", .where = "quoted_on IS NOT NULL"},
    {"contracted_on, id", .where = "contracted_on IS NOT NULL"},
    {"ordered_on, id", .where = "ordered_on IS NOT NULL"},
    {"paid_on, id", .where = "paid_on IS NOT NULL"},
    {"name", .where = "account_id IS NULL"}, /* is it known to an import? */
    {0}};

enum { RETIRED_AFTER_ANOTHER = 10 };

/* From the trash it does not come back to a stage that was retired meanwhile. */
static void opportunity_restored(struct ctx *c, const struct record *deal) {
    int64_t at = record_id(deal, "stage_id"), to = at;
    for (int i = 0; i < RETIRED_AFTER_ANOTHER && to && !ctx_failed(c); i++) {
        at = to;
        to = DB_INT(c, "SELECT retired_to FROM stage WHERE id = $1", at);
    }
    if (at != record_id(deal, "stage_id")) {
        opportunity_transfer(c, deal->id, at);
    }
}

static const struct entity_definition opportunity_entity = {
    .name = "opportunity",
    .plural = "opportunities",
    .zh = "商机",
    .en = "Opportunity",
    .flags = ENTITY_OWNED | ENTITY_SEARCHED | ENTITY_TIMELINE,
    .fields = fields,
    .indexes = indexes,
    .check = opportunity_check,
    .wrote = opportunity_wrote,
    .restored = opportunity_restored,
    .enact = opportunity_enact};

/* The value a field will have after the move. */
static struct value value_after(const struct record *deal, const struct change_set *given,
                                const struct field *f) {
    return given && given->set[f->position] ? given->values[f->position]
                                            : deal->values[f->position];
}

static void require_field(struct ctx *c, const struct record *deal, const struct change_set *given,
                          struct str name) {
    const struct field *f = entity_field(deal->entity, name);
    if (f && value_after(deal, given, f).kind == VALUE_NULL) {
        FAIL_FIELD(c, str_format(c->arena, "/fields/%.*s", STR_ARG(name)), "field.required");
    }
}

static void require_fields(struct ctx *c, const struct record *deal, const struct change_set *given,
                           const struct record *stage) {
    struct str text = record_text(stage, "required_fields");
    const struct json *names = text.n ? json_parse(c, text) : NULL;
    for (size_t i = 0; json_is(names, JSON_IS_ARRAY) && i < names->n; i++) {
        require_field(c, deal, given, names->items[i].text);
    }
    if (str_is(record_text(stage, "kind"), "lost")) {
        require_field(c, deal, given, STR("lost_reason_id"));
    }
}

static void emit_move(struct ctx *c, const struct record *deal, const struct record *before) {
    struct json_writer w = json_writer(c->arena);
    int64_t since = record_int(before, "stage_entered_at");
    json_begin_object(&w);
    JSON_MEMBER(&w, "from", json_put_id, record_id(before, "stage_id"));
    JSON_MEMBER(&w, "to", json_put_id, record_id(deal, "stage_id"));
    JSON_MEMBER(&w, "kind", json_put_str, record_text(deal, "state"));
    if (since) {
        JSON_MEMBER(&w, "days", json_put_int, (c->now_ms - since) / MS_DAY);
    }
    json_end_object(&w);
    struct event e = {.type = STR("opportunity.moved"),
                      .subject_type = STR("opportunity"),
                      .subject_id = deal->id,
                      .person_id = record_id(deal, "person_id"),
                      .account_id = record_id(deal, "account_id"),
                      .payload = json_str(&w)};
    event_emit(c, &e);
    emit_end(c, deal, c->now_ms, e.payload);
}

/* What else a move sets: state, dates, and on re-opening the reason is taken off. */
static void set_move(struct ctx *c, struct change_set *set, const struct record *stage) {
    struct str kind = record_text(stage, "kind");
    bool open = str_is(kind, "open");
    char today[DATE_TEXT];
    change_id(set, "stage_id", stage->id);
    change_text(set, "state", kind);
    change_int(set, "stage_entered_at", c->now_ms);
    if (open) {
        change_null(set, "closed_date");
        change_null(set, "lost_reason_id");
    } else {
        date_format(zone_date(company_zone(c), c->now_ms), today);
        change_text(set, "closed_date", str_copy(c->arena, str_from(today)));
    }
}

struct record *opportunity_move(struct ctx *c, int64_t id, int64_t stage_id,
                                const struct change_set *fields_given, int64_t expected_version) {
    struct record *before = record_read(c, entity_named(c, "opportunity"), id);
    struct record *stage = before ? record_load(c, entity_named(c, "stage"), stage_id) : NULL;
    if (!before) {
        return NULL;
    }
    if (!stage || record_id(stage, "pipeline_id") != record_id(before, "pipeline_id")) {
        FAIL_FIELD(c, STR("/stage_id"), "reference.absent");
        return NULL;
    }
    if (!record_empty(stage, "retired_to")) {
        FAIL_FIELD(c, STR("/stage_id"), "stage.retired");
    }
    access_require(c, ACTION_UPDATE, before);
    require_fields(c, before, fields_given, stage);
    record_holds(c, before);
    if (fields_given && !ctx_failed(c)) {
        before = record_update(c, id, fields_given, expected_version);
    } else if (expected_version && expected_version != record_version(before)) {
        FAIL(c, ERROR_CONFLICT, "record.stale");
    }
    if (ctx_failed(c) || stage_id == record_id(before, "stage_id")) {
        return before;
    }
    struct change_set move = change_new(c, before->entity);
    set_move(c, &move, stage);
    struct record *moved = record_change(c, id, &move);
    if (moved) {
        emit_move(c, moved, before);
    }
    return moved;
}

struct record *opportunity_moved(struct ctx *c, int64_t id, int64_t stage_id,
                                 const struct change_set *fields_given) {
    struct record *before = record_load(c, entity_named(c, "opportunity"), id);
    struct record *stage = record_load(c, entity_named(c, "stage"), stage_id);
    if (!before || !stage) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return NULL;
    }
    record_holds(c, before);
    struct change_set move = change_new(c, before->entity);
    set_move(c, &move, stage);
    for (int i = 0; fields_given && i < before->entity->n_fields; i++) {
        if (fields_given->set[i]) {
            change_value(&move, &before->entity->fields[i], fields_given->values[i]);
        }
    }
    struct record *moved = record_change(c, id, &move);
    if (moved) {
        opportunity_history_add(c, &(struct stage_move){id, record_id(before, "stage_id"), stage_id,
                                                        c->now_ms, access_user_id(c->actor)});
        emit_move(c, moved, before);
    }
    return moved;
}

void opportunity_transfer(struct ctx *c, int64_t id, int64_t stage_id) {
    struct record *before = record_load(c, entity_named(c, "opportunity"), id);
    struct change_set move = change_new(c, entity_named(c, "opportunity"));
    if (!before || !record_holds(c, before)) {
        return;
    }
    change_id(&move, "stage_id", stage_id);
    change_int(&move, "stage_entered_at", c->now_ms);
    struct record *moved = record_reorder(c, id, &move);
    if (moved && str_is(record_text(moved, "state"), "open")) {
        emit_move(c, moved, before);
    }
}

static const struct text texts[] = {{"stage.retired", "这个阶段已停用", "This stage is retired"},
                                    {"pipeline.none", "还没有销售流程，请管理员先建一个",
                                     "There is no pipeline yet; ask an administrator to make one"},
                                    {0}};

static const struct event_type event_types[] = {
    {"opportunity.moved", "opportunity", "换阶段", "moved to another stage"},
    {"opportunity.won", "opportunity", "赢单", "won"},
    {"opportunity.lost", "opportunity", "输单", "lost"},
    {0}};

const struct module opportunity_module = {
    .name = "sales.opportunity",
    .cloud = "sales",
    .events = event_types,
    .entities = (const struct entity_definition *const[]){&opportunity_entity, NULL},
    .migrations = migrations,
    .texts = texts};
