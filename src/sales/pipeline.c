/* See pipeline.h. Events are those of the record verbs. */
#include "sales/pipeline.h"

#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "sales/conversion_rule.h"
#include "sales/sales.h"

static const struct field_definition pipeline_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"name_en", FIELD_TEXT, 0, "英文名称", "English name", "group.basic", .max_length = 60},
    {"standard", FIELD_BOOLEAN, FIELD_LISTED, "默认", "Standard", "group.basic", .standard = "0"},
    {0}};

static const struct option stage_kinds[] = {{"open", "进行中", "Open", "info"},
                                            {"won", "赢单", "Won", "ok"},
                                            {"lost", "输单", "Lost", "idle"},
                                            {0}};

const struct option funnel_step_options[] = {{"lead", "线索", "Lead", "idle"},
                                             {"opportunity", "商机", "Opportunity", "idle"},
                                             {"quote", "报价", "Quote", "idle"},
                                             {"contract", "合同", "Contract", "idle"},
                                             {"order", "订单", "Order", "idle"},
                                             {"payment", "回款", "Payment", "idle"},
                                             {0}};

const struct option forecast_categories[] = {{"pipeline", "在途", "Pipeline", "idle"},
                                             {"best_case", "最佳", "Best case", "info"},
                                             {"commit", "承诺", "Commit", "ok"},
                                             {"omitted", "不计入", "Omitted", "idle"},
                                             {0}};

static const struct field_definition stage_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"name_en", FIELD_TEXT, 0, "英文名称", "English name", "group.basic", .max_length = 60},
    {"pipeline_id", FIELD_REFERENCE,
     FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED | FIELD_INDEXED, "销售流程", "Pipeline",
     "group.basic", .target = "pipeline"},
    {"position", FIELD_INTEGER, FIELD_REQUIRED | FIELD_LISTED, "顺序", "Position", "group.basic",
     .max = 1000, .standard = "0"},
    {"kind", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "类型", "Kind", "group.basic",
     .options = stage_kinds, .standard = "open"},
    {"probability", FIELD_QUANTITY, FIELD_LISTED | FIELD_SHARE, "赢率", "Probability",
     "group.basic", .min = 0, .max = 1000000},
    {"funnel_step", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "漏斗阶段", "Funnel step",
     "group.basic", .options = funnel_step_options, .standard = "opportunity"},
    {"forecast_category", FIELD_OPTION, FIELD_LISTED, "预测类别", "Forecast category",
     "group.basic", .options = forecast_categories},
    {"required_fields", FIELD_JSON, 0, "进入时必填", "Required on entry", "group.basic",
     .max_length = 2000},
    {"usual_days", FIELD_INTEGER, FIELD_LISTED, "通常停留（天）", "Usual days", "group.basic",
     .max = 3650},
    {"retired_to", FIELD_REFERENCE, FIELD_READ_ONLY, "停用后归入", "Retired into", "group.basic",
     .target = "stage"},
    {0}};

static const struct field_definition reason_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"name_en", FIELD_TEXT, 0, "英文名称", "English name", "group.basic", .max_length = 60},
    {"position", FIELD_INTEGER, FIELD_LISTED, "顺序", "Position", "group.basic", .standard = "0"},
    {0}};

static bool holds_deals(struct ctx *c, int64_t stage_id) {
    return DB_INT(c, "SELECT 1 FROM opportunity WHERE stage_id = $1 AND deleted_at IS NULL LIMIT 1",
                  stage_id) != 0;
}

/* A pipeline has somewhere to begin, to win and to lose. */
static void keep_one_of_kind(struct ctx *c, const struct record *stage) {
    if (!DB_INT(c,
                "SELECT 1 FROM stage WHERE pipeline_id = $1 AND kind = $2 AND id <> $3 AND "
                "deleted_at IS NULL AND retired_to IS NULL LIMIT 1",
                record_id(stage, "pipeline_id"), record_text(stage, "kind"), stage->id)) {
        FAIL(c, ERROR_CONFLICT, "stage.last_of_kind");
    }
}

/* What the stage says of a deal that stands in it, deals say themselves: so it cannot change while
 * there are any. */
static void kind_check(struct ctx *c, const struct change *change) {
    if (!change->before ||
        str_equal(record_text(change->before, "kind"), record_text(change->after, "kind"))) {
        return;
    }
    if (holds_deals(c, change->id)) {
        FAIL_FIELD(c, STR("/kind"), "stage.kind_held");
    } else {
        keep_one_of_kind(c, change->before);
    }
}

static void stage_trash(struct ctx *c, const struct record *stage) {
    if (holds_deals(c, stage->id)) {
        FAIL(c, ERROR_CONFLICT, "stage.in_use");
    } else {
        keep_one_of_kind(c, stage);
    }
}

static void pipeline_trash(struct ctx *c, const struct record *pipeline) {
    if (DB_INT(c,
               "SELECT 1 FROM opportunity WHERE stage_id IN (SELECT id FROM stage WHERE "
               "pipeline_id = $1) AND deleted_at IS NULL LIMIT 1",
               pipeline->id)) {
        FAIL(c, ERROR_CONFLICT, "pipeline.in_use");
    } else if (!DB_INT(c, "SELECT 1 FROM pipeline WHERE id <> $1 AND deleted_at IS NULL LIMIT 1",
                       pipeline->id)) {
        FAIL(c, ERROR_CONFLICT, "pipeline.last");
    }
}

/* One is the standard. */
static void pipeline_wrote(struct ctx *c, const struct change *change) {
    int64_t others[20];
    struct db_rows rows;
    size_t n = 0;
    if (!record_int(change->after, "standard")) {
        return;
    }
    DB_QUERY(c, &rows,
             "SELECT id FROM pipeline WHERE standard = 1 AND id <> $1 AND deleted_at IS NULL "
             "ORDER BY id LIMIT 20",
             change->id);
    while (db_next(&rows)) {
        others[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct change_set set = change_new(c, change->entity);
        change_int(&set, "standard", 0);
        record_change(c, others[i], &set);
    }
}

/* Required fields are a list of names of fields that deals have. */
static void stage_check(struct ctx *c, struct change *change) {
    struct str text = record_text(change->after, "required_fields");
    const struct json *names = text.n ? json_parse(c, text) : NULL;
    const struct entity *deal = entity_named(c, "opportunity");
    kind_check(c, change);
    if (!names) {
        return;
    }
    for (size_t i = 0; i < names->n; i++) {
        if (names->kind != JSON_IS_ARRAY || !entity_field(deal, names->items[i].text)) {
            FAIL_FIELD(c, STR("/required_fields"), "stage.required_fields");
            return;
        }
    }
}

static const struct entity_definition pipeline_entity = {.name = "pipeline",
                                                         .plural = "pipelines",
                                                         .zh = "销售流程",
                                                         .en = "Pipeline",
                                                         .flags = ENTITY_SETTING,
                                                         .fields = pipeline_fields,
                                                         .wrote = pipeline_wrote,
                                                         .trash = pipeline_trash};

static const struct entity_definition stage_entity = {.name = "stage",
                                                      .plural = "stages",
                                                      .zh = "阶段",
                                                      .en = "Stage",
                                                      .flags = ENTITY_SETTING,
                                                      .fields = stage_fields,
                                                      .check = stage_check,
                                                      .trash = stage_trash};

static const struct entity_definition lost_reason_entity = {.name = "lost_reason",
                                                            .plural = "lost_reasons",
                                                            .zh = "输单原因",
                                                            .en = "Lost reason",
                                                            .flags = ENTITY_SETTING,
                                                            .fields = reason_fields};

int64_t pipeline_standard(struct ctx *c) {
    return DB_INT(c, "SELECT id FROM pipeline WHERE deleted_at IS NULL "
                     "ORDER BY standard DESC, id LIMIT 1");
}

int64_t pipeline_first_stage(struct ctx *c, int64_t pipeline_id) {
    return DB_INT(c,
                  "SELECT id FROM stage WHERE pipeline_id = $1 AND kind = 'open' "
                  "AND deleted_at IS NULL AND retired_to IS NULL ORDER BY position, id LIMIT 1",
                  pipeline_id);
}

int64_t pipeline_stage_of_kind(struct ctx *c, int64_t pipeline_id, const char *kind) {
    return DB_INT(c,
                  "SELECT id FROM stage WHERE pipeline_id = $1 AND kind = $2 "
                  "AND deleted_at IS NULL AND retired_to IS NULL ORDER BY position, id LIMIT 1",
                  pipeline_id, kind);
}

struct stage_seed {
    const char *zh, *en, *kind, *step;
    int probability_percent, usual_days;
};

static const struct stage_seed stage_seeds[] = {
    {"初步接触", "First contact", "open", "opportunity", 10, 14},
    {"需求确认", "Needs confirmed", "open", "opportunity", 25, 14},
    {"方案报价", "Quoted", "open", "quote", 50, 14},
    {"商务谈判", "Negotiation", "open", "quote", 70, 14},
    {"合同签订", "Contract", "open", "contract", 90, 10},
    {"赢单", "Won", "won", "order", 100, 0},
    {"输单", "Lost", "lost", "opportunity", 0, 0},
};

static const char *const reason_seeds[][2] = {
    {"价格太高", "Price"},
    {"选了竞争对手", "Competitor"},
    {"需求取消", "No need any more"},
    {"预算没批", "No budget"},
    {"产品不合适", "Product does not fit"},
    {"联系不上", "Out of reach"},
};

static void seed_stage(struct ctx *c, int64_t pipeline_id, int position) {
    const struct stage_seed *s = &stage_seeds[position];
    struct change_set set = change_new(c, entity_named(c, "stage"));
    change_text(&set, "name", str_from(c->language == LANGUAGE_EN ? s->en : s->zh));
    change_text(&set, "name_en", str_from(s->en));
    change_id(&set, "pipeline_id", pipeline_id);
    change_int(&set, "position", position);
    change_text(&set, "kind", str_from(s->kind));
    change_int(&set, "probability", (int64_t)s->probability_percent * 10000);
    change_text(&set, "funnel_step", str_from(s->step));
    change_int(&set, "usual_days", s->usual_days);
    record_insert(c, &set);
}

static void seed_reasons(struct ctx *c) {
    for (int i = 0; i < (int)(sizeof reason_seeds / sizeof *reason_seeds); i++) {
        struct change_set set = change_new(c, entity_named(c, "lost_reason"));
        change_text(&set, "name", str_from(reason_seeds[i][c->language]));
        change_text(&set, "name_en", str_from(reason_seeds[i][LANGUAGE_EN]));
        change_int(&set, "position", i);
        record_insert(c, &set);
    }
}

int64_t pipeline_seed(struct ctx *c) {
    struct change_set set = change_new(c, entity_named(c, "pipeline"));
    change_text(&set, "name",
                c->language == LANGUAGE_EN ? STR("Standard sales") : STR("标准销售流程"));
    change_text(&set, "name_en", STR("Standard sales"));
    change_int(&set, "standard", 1);
    struct record *pipeline = record_insert(c, &set);
    if (!pipeline) {
        return 0;
    }
    for (int i = 0; i < (int)(sizeof stage_seeds / sizeof *stage_seeds); i++) {
        seed_stage(c, pipeline->id, i);
    }
    seed_reasons(c);
    conversion_rule_seed(c);
    return pipeline->id;
}

static const struct text texts[] = {
    {"stage.required_fields", "必填字段应是商机的字段名列表",
     "Required fields must be a list of names of opportunity fields"},
    {"stage.kind_held", "还有商机在这个阶段，类型不能改",
     "Deals are in this stage; its kind cannot change"},
    {"stage.last_of_kind", "流程至少要有进行中、赢单、输单阶段各一个",
     "A pipeline needs an open, a won and a lost stage"},
    {"pipeline.in_use", "还有商机在这个流程里", "Deals are in this pipeline"},
    {"pipeline.last", "至少要有一个销售流程", "There must be a pipeline"},
    {"stage.in_use", "还有商机在这个阶段，请先移走", "Deals are in this stage; move them first"},
    {0}};

const struct module pipeline_module = {
    .name = "sales.pipeline",
    .cloud = "sales",
    .entities = (const struct entity_definition *const[]){&pipeline_entity, &stage_entity,
                                                          &lost_reason_entity, NULL},
    .texts = texts};
