/*
 * See lead.h. Events out: lead.created, lead.updated (record verbs), lead.touched,
 * lead.assigned, lead.disqualified, lead.nurtured, lead.reopened (whatever had ended is to be
 * worked again).
 * However the owner moves (lead_assign, an update by somebody with the right to assign, many at
 * once, a rule), it is one lead.assigned with its reason. A lead becomes converted, and stops being
 * it, by the verbs of conversion alone.
 */
#include "customer/lead.h"

#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "customer/person.h"
#include "customer/two_people.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/gate.h"
#include "event/event.h"

static const struct option statuses[] = {{"new", "新线索", "New", "ring"},
                                         {"working", "跟进中", "Working", "info"},
                                         {"nurturing", "培育中", "Nurturing", "idle"},
                                         {"returned", "已退回", "Returned", "warn"},
                                         {"converted", "已转化", "Converted", "ok"},
                                         {"disqualified", "无效", "Disqualified", "idle"},
                                         {0}};

/* How far its deal has come, and how that stands: written beside the lead by sales. */
static const struct option steps[] = {
    {"deal", "商机", "Opportunity", "idle"},  {"quote", "报价", "Quote", "info"},
    {"contract", "合同", "Contract", "info"}, {"order", "订单", "Order", "ok"},
    {"payment", "回款", "Payment", "ok"},     {0}};

static const struct option deal_states[] = {{"open", "进行中", "Open", "info"},
                                            {"won", "赢单", "Won", "ok"},
                                            {"lost", "输单", "Lost", "idle"},
                                            {0}};

static const struct option grades[] = {{"a", "A", "A", "ok"},
                                       {"b", "B", "B", "info"},
                                       {"c", "C", "C", "idle"},
                                       {"d", "D", "D", "idle"},
                                       {0}};

static const struct option tiers[] = {{"high", "高", "High", "ok"},
                                      {"middle", "中", "Middle", "info"},
                                      {"low", "低", "Low", "idle"},
                                      {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_SEARCHED | FIELD_LISTED, "姓名",
     "Name", "group.basic", .max_length = 60},
    {"company_name", FIELD_TEXT, FIELD_SUBTITLE | FIELD_SEARCHED | FIELD_LISTED, "公司", "Company",
     "group.basic", .max_length = 120},
    {"status", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED | FIELD_INDEXED, "状态", "Status",
     "group.work", .options = statuses, .standard = "new"},
    {"score", FIELD_INTEGER, FIELD_READ_ONLY | FIELD_LISTED | FIELD_INDEXED, "评分", "Score",
     "group.work"},
    {"grade", FIELD_OPTION, FIELD_LISTED, "等级", "Grade", "group.work", .options = grades},
    {"tier", FIELD_OPTION, FIELD_READ_ONLY | FIELD_INDEXED, "分层", "Tier", "group.work",
     .options = tiers},
    {"win_probability", FIELD_INTEGER, FIELD_READ_ONLY | FIELD_INDEXED, "成交概率（%）",
     "Chance to win (%)", "group.work"},
    {"source", FIELD_TEXT, FIELD_LISTED | FIELD_INDEXED, "来源", "Source", "group.source",
     .max_length = 60},
    {"campaign", FIELD_TEXT, 0, "活动", "Campaign", "group.source", .max_length = 120},
    {"region", FIELD_REGION, FIELD_LISTED, "地区", "Region", "group.contact"},
    {"phone", FIELD_PHONE, FIELD_PERSONAL | FIELD_SEARCHED | FIELD_LISTED, "手机", "Mobile",
     "group.contact"},
    {"email", FIELD_EMAIL, FIELD_PERSONAL | FIELD_SEARCHED, "邮箱", "E-mail", "group.contact"},
    {"job_title", FIELD_TEXT, 0, "职位", "Job title", "group.basic"},
    {"industry", FIELD_TEXT, 0, "行业", "Industry", "group.basic", .max_length = 60},
    {"product_interest", FIELD_TEXT, 0, "意向产品", "Product interest", "group.work"},
    {"person_id", FIELD_REFERENCE, FIELD_READ_ONLY | FIELD_INDEXED | FIELD_OPENS, "人", "Person",
     "group.basic", .target = "person"},
    {"last_follow_up_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_LISTED, "最近跟进",
     "Last follow-up", "group.work"},
    {"next_follow_up_at", FIELD_INSTANT, FIELD_LISTED | FIELD_INDEXED, "下次跟进", "Next step",
     "group.work"},
    {"assigned_at", FIELD_INSTANT, FIELD_READ_ONLY, "分配时间", "Assigned at", "group.work"},
    {"assignment_reason", FIELD_TEXT, FIELD_READ_ONLY, "分配原因", "Why assigned", "group.work",
     .max_length = 500},
    {"pool_id", FIELD_REFERENCE, FIELD_READ_ONLY | FIELD_INDEXED, "公海", "Pool", "group.work",
     .target = "lead_pool"},
    {"pooled_at", FIELD_INSTANT, FIELD_READ_ONLY, "进入公海时间", "In the pool since",
     "group.work"},
    {"disqualified_reason", FIELD_TEXT, FIELD_READ_ONLY, "无效原因", "Why disqualified",
     "group.work"},
    {"returned_reason", FIELD_TEXT, FIELD_READ_ONLY, "退回原因", "Why returned", "group.work",
     .max_length = 500},
    {"reopened_at", FIELD_INSTANT, FIELD_READ_ONLY, "重新打开于", "Reopened at", "group.work"},
    {"converted_at", FIELD_INSTANT, FIELD_READ_ONLY, "转化时间", "Converted at", "group.result"},
    {"account_id", FIELD_REFERENCE, FIELD_READ_ONLY | FIELD_INDEXED | FIELD_OPENS, "客户",
     "Account", "group.result", .target = "account"},
    {"contact_id", FIELD_REFERENCE, FIELD_READ_ONLY, "联系人", "Contact", "group.result",
     .target = "contact"},
    {"opportunity_id", FIELD_REFERENCE, FIELD_READ_ONLY | FIELD_INDEXED, "商机", "Opportunity",
     "group.result", .target = "opportunity"},
    {"furthest_step", FIELD_OPTION, FIELD_READ_ONLY, "漏斗走到", "Came as far as", "group.result",
     .options = steps},
    {"deal_state", FIELD_OPTION, FIELD_READ_ONLY, "商机结果", "State of the deal", "group.result",
     .options = deal_states},
    {"original_author", FIELD_TEXT, FIELD_READ_ONLY, "原创建人", "Original author", "group.source",
     .max_length = 60},
    {"original_owner", FIELD_TEXT, FIELD_READ_ONLY, "原负责人", "Original owner", "group.source",
     .max_length = 60},
    {"review_note", FIELD_TEXT, 0, "待核对", "To review", "group.work", .max_length = 500},
    {"description", FIELD_LONG_TEXT, 0, "备注", "Notes", "group.basic"},
    {0}};

/* A lead made by hand gets its person here, an imported or captured one from lead_take_in. */
static void give_person(struct ctx *c, struct record *lead) {
    struct person_identities by = {.name = record_title(lead),
                                   .phone = record_text(lead, "phone"),
                                   .email = record_text(lead, "email")};
    int64_t person_id = person_find(c, &by);
    if (person_id && !person_identify(c, person_id, &by)) {
        struct str note = two_people_note(c, person_id, person_find_by_email(c, by.email));
        record_set_value(lead, "review_note", (struct value){VALUE_TEXT, 0, note});
    } else if (!person_id) {
        struct change_set set = change_new(c, entity_named(c, "person"));
        static const char *const shared[] = {"name",      "phone",  "email",  "company_name",
                                             "job_title", "region", "source", "owner_id"};
        for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
            const struct field *f = entity_field(set.entity, str_from(shared[i]));
            change_value(&set, f, record_value(lead, shared[i]));
        }
        struct record *person = record_insert_along(c, &set);
        person_id = person ? person->id : 0;
    }
    record_set_value(lead, "person_id", (struct value){VALUE_INTEGER, person_id, STR("")});
}

/* Whether somebody else than before is to work the lead. History comes with its owners. */
static bool owner_moved(const struct ctx *c, const struct change *change) {
    int64_t owner = record_id(change->after, "owner_id");
    if (change->before) {
        return owner != record_id(change->before, "owner_id");
    }
    return c->origin == ORIGIN_LIVE && owner && owner != access_user_id(c->actor);
}

/* When and why, unless whoever assigns has said it. What is nobody's was assigned to nobody. */
static void note_assignment(struct ctx *c, const struct change *change) {
    struct record *lead = change->after;
    const struct record *before = change->before;
    if (record_empty(lead, "owner_id")) {
        record_set_value(lead, "assignment_reason", (struct value){0});
        record_set_value(lead, "assigned_at", (struct value){0});
        return;
    }
    struct str reason = record_text(lead, "assignment_reason");
    bool said = before ? !str_equal(reason, record_text(before, "assignment_reason"))
                       : reason.n > 0;
    if (said) {
        return;
    }
    bool person = access_user_id(c->actor) != 0;
    reason = message_format(c->arena, LANGUAGE_ZH,
                            person ? "lead.assigned_by_hand" : "lead.assigned_by_rule",
                            &(struct text_parameter){"who", person ? c->actor->name : STR("")}, 1);
    record_set_value(lead, "assignment_reason", (struct value){VALUE_TEXT, 0, reason});
    record_set_value(lead, "assigned_at", (struct value){VALUE_INTEGER, c->now_ms, STR("")});
}

static void check_status(struct ctx *c, const struct record *lead) {
    bool converted = str_is(record_text(lead, "status"), "converted");
    if (c->origin == ORIGIN_LIVE && converted == record_empty(lead, "converted_at")) {
        FAIL_FIELD(c, STR("/status"), "lead.status_by_conversion");
    }
}

/* Whether it is for sales to work, or waits for that. */
static bool workable(const struct record *lead) {
    return str_lists(STR("new working returned"), ' ', record_text(lead, "status"));
}

/* It was done with, and is to be worked again. */
static bool reopened(const struct change *change) {
    return change->before && !workable(change->before) && workable(change->after);
}

/* What is worked again has no reason why it was not; since when, the clocks ask. */
static void note_reopened(struct ctx *c, const struct change *change) {
    if (reopened(change)) {
        record_set_value(change->after, "disqualified_reason", (struct value){0});
        record_set_value(change->after, "reopened_at",
                         (struct value){VALUE_INTEGER, c->now_ms, STR("")});
    }
}

/* Whoever gets what somebody gave back begins with it anew. */
static void begin_anew(const struct change *change) {
    bool returned = str_is(record_text(change->after, "status"), "returned");
    bool was = change->before && str_is(record_text(change->before, "status"), "returned");
    if (returned && was && !record_empty(change->after, "owner_id")) {
        record_set_value(change->after, "status", (struct value){VALUE_TEXT, 0, STR("new")});
    }
}

/* A pool holds what nobody has and somebody should work; whatever ends that takes the lead out. */
static void leave_pool(struct record *lead) {
    bool in_pool = !record_empty(lead, "pool_id");
    if (in_pool && (!record_empty(lead, "owner_id") || !workable(lead))) {
        record_set_value(lead, "pool_id", (struct value){0});
        record_set_value(lead, "pooled_at", (struct value){0});
    }
}

static void lead_check(struct ctx *c, struct change *change) {
    struct record *lead = change->after;
    check_status(c, lead);
    note_reopened(c, change);
    leave_pool(lead);
    if (owner_moved(c, change)) {
        begin_anew(change);
        note_assignment(c, change);
    }
    if (record_empty(lead, "phone") && record_empty(lead, "email") &&
        !person_reachable_otherwise(c, record_id(lead, "person_id"))) {
        FAIL_FIELD(c, STR("/phone"), "lead.unreachable");
        return;
    }
    if (record_empty(lead, "person_id")) {
        give_person(c, lead);
    }
}

static void emit_assigned(struct ctx *c, const struct change *change) {
    const struct record *lead = change->after, *before = change->before;
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "owner_id", json_put_id, record_id(lead, "owner_id"));
    JSON_MEMBER(&w, "previous_owner_id", json_put_id, before ? record_id(before, "owner_id") : 0);
    JSON_MEMBER(&w, "pool_id", json_put_id, before ? record_id(before, "pool_id") : 0);
    JSON_MEMBER(&w, "reason", json_put_str, record_text(lead, "assignment_reason"));
    json_end_object(&w);
    event_emit(c, &(struct event){.type = STR("lead.assigned"),
                                  .subject_type = STR("lead"),
                                  .subject_id = lead->id,
                                  .person_id = record_id(lead, "person_id"),
                                  .payload = json_str(&w)});
}

static void emit_plain(struct ctx *c, const char *type, const struct record *lead) {
    event_emit(c, &(struct event){.type = str_from(type),
                                  .subject_type = STR("lead"),
                                  .subject_id = lead->id,
                                  .person_id = record_id(lead, "person_id")});
}

/* Whether it has come to this status now. */
static bool became(const struct change *change, const char *status) {
    return change->before && !str_is(record_text(change->before, "status"), status) &&
           str_is(record_text(change->after, "status"), status);
}

int64_t lead_decided_at(struct ctx *c, const struct record *lead) {
    if (str_is(record_text(lead, "status"), "converted")) {
        return record_int(lead, "converted_at");
    }
    if (!str_is(record_text(lead, "status"), "disqualified")) {
        return 0;
    }
    int64_t at = DB_INT(c,
                        "SELECT occurred_at FROM event WHERE subject_type = 'lead' "
                        "AND subject_id = $1 AND type = 'lead.disqualified' "
                        "ORDER BY seq DESC LIMIT 1",
                        lead->id);
    return at ? at : record_int(lead, "created_at");
}

static void emit_status(struct ctx *c, const struct change *change) {
    if (became(change, "disqualified")) {
        emit_plain(c, "lead.disqualified", change->after);
    } else if (became(change, "nurturing")) {
        emit_plain(c, "lead.nurtured", change->after);
    } else if (reopened(change)) {
        emit_plain(c, "lead.reopened", change->after);
    }
}

/* What the person is reached by from now on counts as theirs. */
static void keep_identities(struct ctx *c, const struct change *change) {
    const struct record *lead = change->after;
    struct person_identities by = {.name = record_title(lead),
                                   .phone = record_text(lead, "phone"),
                                   .email = record_text(lead, "email")};
    if (!change->before || (str_equal(by.phone, record_text(change->before, "phone")) &&
                            str_equal(by.email, record_text(change->before, "email")))) {
        return;
    }
    person_identify(c, record_id(lead, "person_id"), &by);
}

static void lead_wrote(struct ctx *c, const struct change *change) {
    keep_identities(c, change);
    emit_status(c, change);
    if (owner_moved(c, change)) {
        emit_assigned(c, change);
        lead_person_follows(c, change->after,
                            change->before ? record_id(change->before, "owner_id") : 0);
    }
}

/* What lies in a pool, the best and the newest first; what was converted when; what came how far:
 * the many that are none of these cost nothing. */
static const struct index_definition indexes[] = {
    {"pool_id, score, id", .where = "pool_id IS NOT NULL"},
    {"pool_id, pooled_at, id", .where = "pool_id IS NOT NULL"},
    {"converted_at", .where = "converted_at IS NOT NULL"},
    {"grade, created_at, id", .where = "grade IS NOT NULL"},
    {"furthest_step, created_at, id", .where = "furthest_step IS NOT NULL"},
    {0}};

struct str lead_company_aside(struct ctx *c, const struct record *lead) {
    struct str company = record_text(lead, "company_name");
    bool told = !company.n || str_equal(company, record_title(lead));
    return told ? STR("") : str_format(c->arena, " · %.*s", STR_ARG(company));
}

static const struct entity_definition lead_entity = {.name = "lead",
                                                     .plural = "leads",
                                                     .zh = "线索",
                                                     .en = "Lead",
                                                     .flags = ENTITY_OWNED | ENTITY_SEARCHED |
                                                              ENTITY_TIMELINE,
                                                     .fields = fields,
                                                     .indexes = indexes,
                                                     .check = lead_check,
                                                     .wrote = lead_wrote};

void lead_assign(struct ctx *c, const struct record *lead, int64_t owner_id, struct str reason) {
    struct change_set set = change_new(c, lead->entity);
    change_id(&set, "owner_id", owner_id);
    if (reason.n) {
        change_text(&set, "assignment_reason", reason);
        change_int(&set, "assigned_at", c->now_ms);
    }
    record_change_read(c, lead, &set);
}

static const struct text texts[] = {
    {"lead.assigned_by_hand", "{who} 手动分配", "Assigned by {who}"},
    {"lead.assigned_by_rule", "规则指定", "Assigned by a rule"},
    {"lead.status_by_conversion", "请用“转化”或“撤销转化”",
     "Convert the lead, or take its conversion back"},
    {"lead.two_people", "手机是「{phone}」的，邮箱是「{email}」的，请核对是不是同一个人",
     "The phone is that of \"{phone}\", the mail that of \"{email}\"; please check whether "
     "they are one"},
    {"lead.two_joined", "手机和邮箱原来属于两个同名的人，已合并为一个人，可以撤销",
     "Phone and mail belonged to two people of one name; they were merged, which can be undone"},
    {"lead.two_leads", "这个人有几条未结束的线索，请核对",
     "This person has several open leads; please check them"},
    {LEAD_ENDED_BEFORE, "此人以前的线索已结束：按新线索导入",
     "This person's lead from before has ended: made as a new one"},
    {"lead.unreachable", "没有可用的手机或邮箱", "No phone or mail to reach them by"},
    {"lead.placeholder", "姓名是占位词", "The name is a placeholder"},
    {0}};

static const struct event_type event_types[] = {
    {"lead.assigned", "lead", "分配", "assigned"},
    {"lead.disqualified", "lead", "判为无效", "disqualified"},
    {"lead.nurtured", "lead", "转入培育", "put into nurture"},
    {"lead.reopened", "lead", "重新打开", "reopened"},
    {0}};

const struct module lead_module = {
    .name = "customer.lead",
    .cloud = "customer",
    .events = event_types,
    .entities = (const struct entity_definition *const[]){&lead_entity, NULL},
    .texts = texts};
