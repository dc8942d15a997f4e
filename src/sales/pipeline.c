/* See pipeline.h. Events are those of the record verbs. */
#include "sales/pipeline.h"

#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "sales/sales.h"

static const struct field_definition pipeline_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
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
    {0}};

static const struct field_definition reason_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"position", FIELD_INTEGER, FIELD_LISTED, "顺序", "Position", "group.basic", .standard = "0"},
    {0}};

/* Required fields are a list of names of fields that deals have. */
static void stage_check(struct ctx *c, struct change *change) {
    struct str text = record_text(change->after, "required_fields");
    const struct json *names = text.n ? json_parse(c, text) : NULL;
    const struct entity *deal = entity_named(c, "opportunity");
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

static void stage_trash(struct ctx *c, const struct record *stage) {
    if (DB_INT(c, "SELECT 1 FROM opportunity WHERE stage_id = $1 AND deleted_at IS NULL LIMIT 1",
               stage->id)) {
        FAIL(c, ERROR_CONFLICT, "stage.in_use");
    }
}

static const struct entity_definition pipeline_entity = {.name = "pipeline",
                                                         .plural = "pipelines",
                                                         .zh = "销售流程",
                                                         .en = "Pipeline",
                                                         .flags = ENTITY_SETTING,
                                                         .fields = pipeline_fields};

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
                  "AND deleted_at IS NULL ORDER BY position, id LIMIT 1",
                  pipeline_id);
}

int64_t pipeline_stage_of_kind(struct ctx *c, int64_t pipeline_id, const char *kind) {
    return DB_INT(c,
                  "SELECT id FROM stage WHERE pipeline_id = $1 AND kind = $2 "
                  "AND deleted_at IS NULL ORDER BY position, id LIMIT 1",
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
        change_int(&set, "position", i);
        record_insert(c, &set);
    }
}

int64_t pipeline_seed(struct ctx *c) {
    struct change_set set = change_new(c, entity_named(c, "pipeline"));
    change_text(&set, "name",
                c->language == LANGUAGE_EN ? STR("Standard sales") : STR("标准销售流程"));
    change_int(&set, "standard", 1);
    struct record *pipeline = record_insert(c, &set);
    if (!pipeline) {
        return 0;
    }
    for (int i = 0; i < (int)(sizeof stage_seeds / sizeof *stage_seeds); i++) {
        seed_stage(c, pipeline->id, i);
    }
    seed_reasons(c);
    return pipeline->id;
}

static const struct text texts[] = {
    {"stage.required_fields", "必填字段应是商机的字段名列表",
     "Required fields must be a list of names of opportunity fields"},
    {"stage.in_use", "还有商机在这个阶段，请先移走", "Deals are in this stage; move them first"},
    {0}};

const struct module pipeline_module = {
    .name = "sales.pipeline",
    .cloud = "sales",
    .entities = (const struct entity_definition *const[]){&pipeline_entity, &stage_entity,
                                                          &lost_reason_entity, NULL},
    .texts = texts};
