/* See segment.h. Rows of members are kept by membership.c. */
#include "customer/segment.h"

#include "base/message.h"
#include "base/module.h"
#include "customer/customer.h"
#include "customer/membership.h"
#include "db/db.h"
#include "entity/condition.h"

static const struct option kinds[] = {
    {"live", "动态", "Live", "ok"}, {"static", "固定名单", "Static list", "idle"}, {0}};

static const struct option entities[] = {{"person", "人", "People", "idle"},
                                         {"lead", "线索", "Leads", "idle"},
                                         {"account", "客户", "Accounts", "idle"},
                                         {0}};

static const struct field_definition fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_UNIQUE | FIELD_TITLE | FIELD_LISTED, "名称", "Name",
     "group.basic", .max_length = 60},
    {"description", FIELD_TEXT, FIELD_LISTED, "说明", "Description", "group.basic",
     .max_length = 200},
    {"entity_name", FIELD_OPTION, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED, "对象", "Of",
     "group.basic", .options = entities, .standard = "person"},
    {"kind", FIELD_OPTION, FIELD_REQUIRED | FIELD_IMMUTABLE | FIELD_LISTED, "方式", "Kind",
     "group.basic", .options = kinds, .standard = "live"},
    {"condition", FIELD_JSON, 0, "条件", "Condition", "group.basic", .max_length = 20000},
    {0}};

static bool is_live(const struct record *segment) {
    return str_is(record_text(segment, "kind"), "live");
}

static void segment_check(struct ctx *c, struct change *change) {
    bool live = is_live(change->after), empty = record_empty(change->after, "condition");
    if (live == empty) {
        FAIL_FIELD(c, STR("/condition"), live ? "field.required" : "segment.static");
    }
    definition_check(c, change);
}

static void segment_wrote(struct ctx *c, const struct change *change) {
    bool changed = !change->before || !value_equal(record_value(change->before, "condition"),
                                                   record_value(change->after, "condition"));
    if (is_live(change->after) && changed) {
        membership_fill(c, change->id, !change->before);
    }
}

static void segment_trash(struct ctx *c, const struct record *segment) {
    definition_unused(c, segment->entity, segment->id);
    if (is_live(segment)) {
        membership_fill(c, segment->id, true);
    }
}

static void segment_restored(struct ctx *c, const struct record *segment) {
    if (is_live(segment)) {
        definition_ends(c, segment);
        membership_fill(c, segment->id, true);
    }
}

static const struct entity_definition segment_entity = {.name = "segment",
                                                        .plural = "segments",
                                                        .zh = "人群",
                                                        .en = "Segment",
                                                        .flags = ENTITY_SETTING,
                                                        .fields = fields,
                                                        .check = segment_check,
                                                        .wrote = segment_wrote,
                                                        .trash = segment_trash,
                                                        .restored = segment_restored};

size_t segment_members(struct ctx *c, int64_t segment_id, int64_t after, int64_t *ids,
                       size_t limit) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT subject_id FROM membership WHERE definition_id = $1 AND subject_id > $2 "
             "AND member = 1 ORDER BY subject_id LIMIT $3",
             segment_id, after, (int64_t)limit);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    return n;
}

bool segment_has(struct ctx *c, int64_t segment_id, int64_t subject_id) {
    return DB_INT(c, "SELECT member FROM membership WHERE definition_id = $1 AND subject_id = $2",
                  segment_id, subject_id) == 1;
}

static const struct event_type event_types[] = {
    {"segment.entered", "person", "进入人群", "entered a segment"},
    {"segment.left", "person", "离开人群", "left a segment"},
    {"segment.entered", "lead", "进入人群", "entered a segment"},
    {"segment.left", "lead", "离开人群", "left a segment"},
    {"segment.entered", "account", "进入人群", "entered a segment"},
    {"segment.left", "account", "离开人群", "left a segment"},
    {0}};

static const struct text texts[] = {
    {"segment.unknown", "没有这个人群，或它不是这种记录的",
     "There is no such segment, or not of these records"},
    {"segment.within", "在人群“{segment}”里", "is in the segment \"{segment}\""},
    {"segment.personal", "这里的条件不能问“我”", "Nobody is \"me\" in this condition"},
    {"segment.circle", "条件绕回了自己：{by}", "The condition leads back to itself: {by}"},
    {"segment.static", "固定名单没有条件", "A static list has no condition"},
    {"segment.gone", "人群“{name}”已经删除", "the segment \"{name}\" was deleted"},
    {"definition.lost_in", "“{name}”的条件失效了（{why}）",
     "what \"{name}\" asks for is no more ({why})"},
    {"segment.used", "“{name}”还在用它", "\"{name}\" asks for it"},
    {0}};

const struct module segment_module = {
    .name = "customer.segment",
    .cloud = "customer",
    .entities = (const struct entity_definition *const[]){&segment_entity, NULL},
    .events = event_types,
    .conditions = (const struct condition_kind *const[]){&segment_leaf, NULL},
    .texts = texts};
