/*
 * Activities: what was done with a customer (call, visit, message, meeting, mail, note).
 *
 * An activity hangs on one subject (lead, person, account, opportunity) that the author can
 * see. Recording one moves the subject's last follow-up, sets its next when given, and takes
 * a new lead into work; taken back, or moved to another time, the last follow-up is that of what
 * remains. Imported history moves nothing but the last follow-up. A visit may say
 * where it was, in words and by the coordinates of the browser; colleagues named by "@" are told,
 * if they may read the subject (comment.h).
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/comment.h"
#include "customer/customer.h"
#include "customer/subject.h"
#include "db/db.h"
#include "entity/access.h"
#include "event/event.h"

static const struct option kinds[] = {{"note", "备注", "Note", "idle"},
                                      {"call", "电话", "Call", "idle"},
                                      {"visit", "拜访", "Visit", "idle"},
                                      {"meeting", "会议", "Meeting", "idle"},
                                      {"message", "消息", "Message", "idle"},
                                      {"mail", "邮件", "Mail", "idle"},
                                      {0}};

static const struct option outcomes[] = {{"reached", "接通", "Reached", "ok"},
                                         {"no_answer", "未接", "No answer", "warn"},
                                         {"interested", "有意向", "Interested", "ok"},
                                         {"not_interested", "无意向", "Not interested", "idle"},
                                         {"appointment", "约了见面", "Appointment", "ok"},
                                         {"other", "其他", "Other", "idle"},
                                         {0}};

static const struct field_definition fields[] = {
    {"type", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED | FIELD_INDEXED, "方式", "Type",
     "group.basic", .options = kinds, .standard = "note"},
    {"content", FIELD_LONG_TEXT, FIELD_LISTED | FIELD_TITLE | FIELD_REQUIRED, "内容", "Content",
     "group.basic", .max_length = 10000},
    {"outcome", FIELD_OPTION, FIELD_LISTED, "结果", "Outcome", "group.basic", .options = outcomes},
    {"occurred_at", FIELD_INSTANT, FIELD_LISTED | FIELD_INDEXED, "时间", "When", "group.basic"},
    {"duration_seconds", FIELD_INTEGER, 0, "时长（秒）", "Duration (s)", "group.basic",
     .max = 86400},
    {"subject_type", FIELD_TEXT, FIELD_REQUIRED | FIELD_IMMUTABLE, "对象类型", "About (type)",
     "group.basic"},
    {"subject_id", FIELD_REFERENCE, FIELD_REQUIRED | FIELD_IMMUTABLE, "对象", "About",
     "group.basic"},
    {"person_id", FIELD_REFERENCE, FIELD_READ_ONLY, "人", "Person", "group.basic",
     .target = "person"},
    {"account_id", FIELD_REFERENCE, FIELD_READ_ONLY, "客户", "Account", "group.basic",
     .target = "account"},
    {"next_follow_up_at", FIELD_INSTANT, 0, "下次跟进", "Next step", "group.basic"},
    {"place", FIELD_TEXT, 0, "地点", "Place", "group.basic"},
    {"latitude", FIELD_QUANTITY, 0, "纬度", "Latitude", "group.basic", .min = -90000000,
     .max = 90000000},
    {"longitude", FIELD_QUANTITY, 0, "经度", "Longitude", "group.basic", .min = -180000000,
     .max = 180000000},
    {"original_owner", FIELD_TEXT, FIELD_READ_ONLY, "原跟进人", "Originally by", "group.basic",
     .max_length = 60},
    {"mentions", FIELD_JSON, 0, "提到", "Mentions", "group.basic", .max_length = 1000},
    {0}};

/* Clocks of phones go fast by so much. */
enum { AHEAD_MS = 10 * MS_MINUTE };

static struct record *subject_of(struct ctx *c, const struct record *activity) {
    const struct entity *e = model_entity(c->model, record_text(activity, "subject_type"));
    return e ? record_load(c, e, record_id(activity, "subject_id")) : NULL;
}

/* History names people who may be gone; only what is written now is looked at. */
static struct record *mentioned_on(struct ctx *c, const struct record *activity) {
    bool live = c->origin == ORIGIN_LIVE && !record_empty(activity, "mentions");
    return live ? subject_of(c, activity) : NULL;
}

static void activity_check(struct ctx *c, struct change *change) {
    subject_check(c, change);
    struct record *subject = ctx_failed(c) ? NULL : mentioned_on(c, change->after);
    if (subject) {
        mentions_check(c, change, subject);
    }
    int64_t at = record_int(change->after, "occurred_at");
    if (c->origin == ORIGIN_LIVE && at > c->now_ms + AHEAD_MS) {
        FAIL_FIELD(c, STR("/occurred_at"), "activity.future");
    }
    if (record_empty(change->after, "occurred_at")) {
        record_set_value(change->after, "occurred_at",
                         (struct value){VALUE_INTEGER, c->now_ms, STR("")});
    }
}

static void activity_counts(struct ctx *c, const struct record *activity) {
    const struct entity *e = model_entity(c->model, record_text(activity, "subject_type"));
    if (e) {
        subject_contacted(c, e, record_id(activity, "subject_id"),
                          record_int(activity, "occurred_at"), false);
    }
}

/* It was at another time than was written first. */
static void time_moved(struct ctx *c, const struct change *change) {
    if (record_int(change->after, "occurred_at") < record_int(change->before, "occurred_at")) {
        subject_contact_lost(c, change->before);
    }
    activity_counts(c, change->after);
}

static void activity_wrote(struct ctx *c, const struct change *change) {
    struct record *subject = mentioned_on(c, change->after);
    if (subject && c->actor) {
        mentions_tell(c, change, subject);
    }
    if (change->before) {
        time_moved(c, change);
    } else {
        subject_followed_up(c, change->after);
    }
}

static void activity_trash(struct ctx *c, const struct record *activity) {
    subject_contact_lost(c, activity);
}

static const struct entity_definition activity_entity = {
    .name = "activity",
    .plural = "activities",
    .zh = "跟进记录",
    .en = "Activity",
    .flags = ENTITY_OWNED,
    .fields = fields,
    .indexes = (const struct index_definition[]){{"subject_type, subject_id, occurred_at"}, {0}},
    .check = activity_check,
    .wrote = activity_wrote,
    .trash = activity_trash,
    .restored = activity_counts};

static const struct text texts[] = {
    {"activity.future", "还没到这个时间：以后要做的写到“下次跟进”或任务里",
     "That is yet to come: what is to be done goes into the next step or a task"},
    {0}};

const struct module activity_module = {
    .name = "customer.activity",
    .cloud = "customer",
    .texts = texts,
    .entities = (const struct entity_definition *const[]){&activity_entity, NULL}};
