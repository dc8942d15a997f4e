/*
 * See target.h. A target is a record like any other: it belongs to the person it is for, to the
 * manager of the department, the leader of the team, else to who sets it, and is seen by the
 * scopes of rights. It is set for those only whose targets one may change. There is one target
 * for a subject, period and measure. Amounts are in the company's currency. Events are those of
 * the record verbs.
 */
#include "sales/target.h"

#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "organization/company.h"
#include "sales/sales.h"

static const struct option subjects[] = {{"person", "个人", "Person", "idle"},
                                         {"team", "团队", "Team", "idle"},
                                         {"department", "部门", "Department", "idle"},
                                         {"company", "公司", "Company", "idle"},
                                         {0}};

static const struct option measures[] = {
    {"won_amount", "赢单金额", "Won amount", "idle"},
    {"won_count", "赢单数", "Won deals", "idle"},
    {"leads_converted", "转化线索数", "Converted leads", "idle"},
    {0}};

static const struct option kinds[] = {{"month", "月", "Month", "idle"},
                                      {"quarter", "季度", "Quarter", "idle"},
                                      {"year", "年", "Year", "idle"},
                                      {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_TITLE | FIELD_READ_ONLY | FIELD_LISTED, "名称", "Name",
     "group.basic"},
    {"subject", FIELD_OPTION, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED, "对象", "For",
     "group.basic", .options = subjects, .standard = "person"},
    {"user_id", FIELD_REFERENCE, FIELD_IMMUTABLE | FIELD_LISTED, "人员", "Person", "group.basic",
     .target = "user"},
    {"team_id", FIELD_REFERENCE, FIELD_IMMUTABLE, "团队", "Team", "group.basic", .target = "team"},
    {"department_id", FIELD_REFERENCE, FIELD_IMMUTABLE, "部门", "Department", "group.basic",
     .target = "department"},
    {"measure", FIELD_OPTION, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED, "指标", "Measure",
     "group.basic", .options = measures, .standard = "won_amount"},
    {"period", FIELD_OPTION, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED, "周期", "Period",
     "group.basic", .options = kinds, .standard = "month"},
    {"starts_on", FIELD_DATE, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED | FIELD_INDEXED,
     "开始日期", "Begins on", "group.basic"},
    {"amount", FIELD_MONEY, FIELD_LISTED, "目标金额", "Target amount", "group.basic", .min = 0,
     .max = INT64_C(1000000000000000)},
    {"count", FIELD_INTEGER, FIELD_LISTED, "目标数量", "Target count", "group.basic", .min = 0,
     .max = 10000000},
    {"key", FIELD_TEXT, FIELD_HIDDEN | FIELD_READ_ONLY | FIELD_UNIQUE, "键", "Key", "group.basic"},
    {0}};

static const char *const subject_fields[] = {"user_id", "team_id", "department_id"};

static void set_text(struct record *r, const char *field, struct str text) {
    record_set_value(r, field, (struct value){VALUE_TEXT, 0, text});
}

static void set_id(struct record *r, const char *field, int64_t id) {
    record_set_value(r, field, (struct value){id ? VALUE_INTEGER : VALUE_NULL, id, STR("")});
}

static int subject_index(const struct record *r) {
    for (int i = TARGET_PERSON; i < TARGET_COMPANY; i++) {
        if (str_is(record_text(r, "subject"), subjects[i].code)) {
            return i;
        }
    }
    return TARGET_COMPANY;
}

/* Just the one reference that the subject asks for. */
static int64_t subject_check(struct ctx *c, const struct record *r, int subject) {
    for (int i = TARGET_PERSON; i < TARGET_COMPANY; i++) {
        bool empty = record_empty(r, subject_fields[i]);
        struct str at = str_format(c->arena, "/%s", subject_fields[i]);
        if (i == subject && empty) {
            FAIL_FIELD(c, at, "field.required");
        } else if (i != subject && !empty) {
            FAIL_FIELD(c, at, "target.other_subject");
        }
    }
    return subject < TARGET_COMPANY ? record_id(r, subject_fields[subject]) : 0;
}

static void period_check(struct ctx *c, const struct record *r) {
    enum period_kind kind = PERIOD_MONTH;
    struct str date = record_text(r, "starts_on");
    period_kind_find(record_text(r, "period"), &kind);
    if (date.n && period_at(kind, period_day(date)).from != period_day(date)) {
        FAIL_FIELD(c, STR("/starts_on"), "target.begins");
    }
}

static void value_check(struct ctx *c, const struct record *r) {
    bool amount = str_is(record_text(r, "measure"), "won_amount");
    struct value money = record_value(r, "amount");
    if (record_empty(r, amount ? "amount" : "count")) {
        FAIL_FIELD(c, amount ? STR("/amount") : STR("/count"), "field.required");
    } else if (!record_empty(r, amount ? "count" : "amount")) {
        FAIL_FIELD(c, amount ? STR("/count") : STR("/amount"), "target.other_measure");
    } else if (amount && !str_equal(money.text, company_currency(c))) {
        FAIL_FIELD(c, STR("/amount"), "target.currency");
    }
}

/* Whose record it is, so that scopes of rights reach it. */
static int64_t owner_of(struct ctx *c, int subject, int64_t id) {
    switch (subject) {
    case TARGET_PERSON:
        return id;
    case TARGET_TEAM:
        return DB_INT(c, "SELECT leader_id FROM team WHERE id = $1", id);
    case TARGET_DEPARTMENT:
        return DB_INT(c, "SELECT manager_id FROM department WHERE id = $1", id);
    default:
        return 0;
    }
}

/* Whether the actor may plan for the subject: people by the scope of his right to change targets,
 * departments within his tree, teams that are his, the company with the right to all. */
static bool may_plan(struct ctx *c, const struct record *r, int subject, int64_t id) {
    enum scope scope = access_scope(c->actor, r->entity, ACTION_UPDATE);
    if (!c->actor || c->actor->system || scope == SCOPE_ALL) {
        return true;
    }
    if (subject == TARGET_PERSON) {
        return access_record(c, ACTION_UPDATE, r);
    }
    return (subject == TARGET_DEPARTMENT && scope == SCOPE_TREE &&
            id_set_has(c->actor->departments, id)) ||
           (subject == TARGET_TEAM && scope >= SCOPE_TEAM && id_set_has(c->actor->teams, id));
}

static void name_set(struct ctx *c, struct record *r, int subject, int64_t id) {
    static const char *const tables[] = {"user", "team", "department"};
    enum period_kind kind = PERIOD_MONTH;
    struct str title = company_text(c, "name");
    period_kind_find(record_text(r, "period"), &kind);
    if (subject < TARGET_COMPANY) {
        struct record *of = record_load(c, entity_named(c, tables[subject]), id);
        title = of ? record_title(of) : STR("");
    }
    struct str code = period_code(c->arena,
                                  period_at(kind, period_day(record_text(r, "starts_on"))));
    set_text(r, "name",
             str_format(c->arena, "%.*s%s%.*s", STR_ARG(title), title.n ? " " : "", STR_ARG(code)));
}

static void target_check(struct ctx *c, struct change *change) {
    struct record *r = change->after;
    int subject = subject_index(r);
    int64_t id = subject_check(c, r, subject);
    period_check(c, r);
    value_check(c, r);
    if (ctx_failed(c) || change->before) {
        return;
    }
    int64_t owner = owner_of(c, subject, id);
    if (owner) {
        set_id(r, "owner_id", owner);
        set_id(r, "owner_department_id",
               DB_INT(c, "SELECT department_id FROM \"user\" WHERE id = $1", owner));
    }
    set_text(r, "key",
             str_format(c->arena, "%.*s:%lld:%.*s:%.*s:%.*s", STR_ARG(record_text(r, "subject")),
                        (long long)id, STR_ARG(record_text(r, "period")),
                        STR_ARG(record_text(r, "starts_on")), STR_ARG(record_text(r, "measure"))));
    name_set(c, r, subject, id);
    if (!may_plan(c, r, subject, id)) {
        FAIL(c, ERROR_DENIED, "target.not_yours");
    } else if (DB_INT(c, "SELECT id FROM target WHERE key = $1 AND deleted_at IS NULL",
                      record_text(r, "key"))) {
        FAIL_FIELD(c, STR("/starts_on"), "target.exists");
    }
}

static const struct entity_definition target_entity = {.name = "target",
                                                       .plural = "targets",
                                                       .zh = "目标",
                                                       .en = "Target",
                                                       .flags = ENTITY_OWNED,
                                                       .fields = fields,
                                                       .check = target_check};

static const struct text texts[] = {
    {"target.other_subject", "目标只能属于一个对象", "A target is for one subject"},
    {"target.begins", "应是所选周期的第一天", "It must be the first day of such a period"},
    {"target.other_measure", "只填所选指标的目标值", "Give only the value of the measure chosen"},
    {"target.currency", "目标金额用公司的本位币", "Target amounts are in the company's currency"},
    {"target.exists", "这个周期已有目标，请直接修改",
     "There is a target for that period; change it"},
    {"target.not_yours", "不能为这个对象定目标", "You may not set targets for this subject"},
    {0}};

const struct module target_module = {
    .name = "sales.target",
    .cloud = "sales",
    .entities = (const struct entity_definition *const[]){&target_entity, NULL},
    .texts = texts};
