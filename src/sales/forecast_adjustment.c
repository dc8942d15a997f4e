/*
 * Adjustments: what a manager adds to a forecast, or takes from it, because he knows what the deals
 * do not say. They stand apart from the deals, each with its reason and who said so, and belong to
 * who made them. One may adjust the forecast of those whose deals one may assign. Events are
 * those of the record verbs.
 */
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "organization/company.h"
#include "sales/period.h"
#include "sales/sales.h"

static const struct option kinds[] = {
    {"month", "月", "Month", "idle"}, {"quarter", "季度", "Quarter", "idle"}, {0}};

static const struct field_definition fields[] = {
    {"reason", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "原因", "Reason",
     "group.basic", .max_length = 500},
    {"amount", FIELD_MONEY, FIELD_REQUIRED | FIELD_LISTED, "调整金额", "Amount", "group.basic",
     .min = INT64_C(-1000000000000000), .max = INT64_C(1000000000000000)},
    {"period", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "周期", "Period", "group.basic",
     .options = kinds, .standard = "quarter"},
    {"starts_on", FIELD_DATE, FIELD_REQUIRED | FIELD_LISTED | FIELD_INDEXED, "开始日期",
     "Begins on", "group.basic"},
    {"user_id", FIELD_REFERENCE, FIELD_LISTED, "针对的人", "Of person", "group.basic",
     .target = "user"},
    {"department_id", FIELD_REFERENCE, FIELD_LISTED, "针对的部门", "Of department", "group.basic",
     .target = "department"},
    {0}};

static bool may_adjust(struct ctx *c, const struct record *r) {
    enum scope scope = access_scope(c->actor, entity_named(c, "opportunity"), ACTION_ASSIGN);
    int64_t user = record_id(r, "user_id"), department = record_id(r, "department_id");
    if (!c->actor || c->actor->system || scope == SCOPE_ALL) {
        return true;
    }
    if (user) {
        int64_t of = DB_INT(c, "SELECT department_id FROM \"user\" WHERE id = $1", user);
        return (scope == SCOPE_TREE && id_set_has(c->actor->departments, of)) ||
               (scope == SCOPE_TEAM && id_set_has(c->actor->members, user));
    }
    return department && scope == SCOPE_TREE && id_set_has(c->actor->departments, department);
}

static void adjustment_check(struct ctx *c, struct change *change) {
    const struct record *r = change->after;
    enum period_kind kind = PERIOD_QUARTER;
    struct str date = record_text(r, "starts_on");
    struct value amount = record_value(r, "amount");
    period_kind_find(record_text(r, "period"), &kind);
    if (date.n && period_at(kind, period_day(date)).from != period_day(date)) {
        FAIL_FIELD(c, STR("/starts_on"), "target.begins");
    }
    if (!record_empty(r, "user_id") && !record_empty(r, "department_id")) {
        FAIL_FIELD(c, STR("/department_id"), "target.other_subject");
    }
    if (amount.kind == VALUE_MONEY && !str_equal(amount.text, company_currency(c))) {
        FAIL_FIELD(c, STR("/amount"), "target.currency");
    }
    if (!ctx_failed(c) && !may_adjust(c, r)) {
        FAIL_FIELD(c, record_empty(r, "department_id") ? STR("/user_id") : STR("/department_id"),
                   "forecast.not_yours");
    }
}

static const struct entity_definition adjustment_entity = {.name = "forecast_adjustment",
                                                           .plural = "forecast_adjustments",
                                                           .zh = "预测调整",
                                                           .en = "Forecast adjustment",
                                                           .flags = ENTITY_OWNED,
                                                           .fields = fields,
                                                           .check = adjustment_check};

static const struct text texts[] = {
    {"forecast.not_yours", "不能调整这个对象的预测", "You may not adjust this forecast"}, {0}};

const struct module forecast_adjustment_module = {
    .name = "sales.forecast_adjustment",
    .cloud = "sales",
    .entities = (const struct entity_definition *const[]){&adjustment_entity, NULL},
    .texts = texts};
