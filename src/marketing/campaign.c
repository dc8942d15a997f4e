/*
 * Campaigns and what they cost.
 *
 * A campaign is known by its name or its code: that is what stands in the campaign of leads and
 * touches and in utm_campaign of visits. Its channel says where it runs. Costs are lines of their
 * own, each of a campaign or of a channel alone, on a day. Amounts are in the company's currency,
 * so that reports add them without rates. Events are those of the record verbs.
 */
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/record.h"
#include "marketing/marketing.h"
#include "organization/company.h"

static const struct option statuses[] = {{"planned", "筹备", "Planned", "idle"},
                                         {"running", "进行中", "Running", "info"},
                                         {"ended", "已结束", "Ended", "idle"},
                                         {0}};

static const struct field_definition campaign_fields[] = {
    {"name", FIELD_TEXT,
     FIELD_REQUIRED | FIELD_TITLE | FIELD_SEARCHED | FIELD_LISTED | FIELD_UNIQUE, "名称", "Name",
     "group.basic", .max_length = 120},
    {"code", FIELD_TEXT, FIELD_LISTED | FIELD_UNIQUE, "推广代码", "Code", "group.basic",
     .max_length = 120},
    {"channel", FIELD_TEXT, FIELD_LISTED | FIELD_INDEXED, "渠道", "Channel", "group.basic",
     .max_length = 60},
    {"status", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED | FIELD_INDEXED, "状态", "Status",
     "group.work", .options = statuses, .standard = "running"},
    {"starts_on", FIELD_DATE, FIELD_LISTED, "开始日期", "Begins on", "group.work"},
    {"ends_on", FIELD_DATE, FIELD_LISTED, "结束日期", "Ends on", "group.work"},
    {"budget", FIELD_MONEY, FIELD_LISTED, "预算", "Budget", "group.work", .min = 0,
     .max = INT64_C(1000000000000000)},
    {"goal", FIELD_TEXT, 0, "目标", "Goal", "group.work", .max_length = 500},
    {"description", FIELD_LONG_TEXT, 0, "备注", "Notes", "group.basic"},
    {0}};

static const struct option kinds[] = {{"ads", "广告", "Ads", "idle"},
                                      {"content", "内容", "Content", "idle"},
                                      {"venue", "场地", "Venue", "idle"},
                                      {"other", "其他", "Other", "idle"},
                                      {0}};

static const struct field_definition cost_fields[] = {
    {"title", FIELD_TEXT, FIELD_TITLE | FIELD_LISTED, "说明", "What for", "group.basic",
     .max_length = 120},
    {"campaign_id", FIELD_REFERENCE, FIELD_LISTED | FIELD_INDEXED, "活动", "Campaign",
     "group.basic", .target = "campaign"},
    {"channel", FIELD_TEXT, FIELD_LISTED, "渠道", "Channel", "group.basic", .max_length = 60},
    {"spent_on", FIELD_DATE, FIELD_REQUIRED | FIELD_LISTED | FIELD_INDEXED, "日期", "Spent on",
     "group.basic"},
    {"amount", FIELD_MONEY, FIELD_REQUIRED | FIELD_LISTED, "金额", "Amount", "group.basic",
     .min = INT64_C(-1000000000000000), .max = INT64_C(1000000000000000)},
    {"kind", FIELD_OPTION, FIELD_REQUIRED | FIELD_LISTED, "类别", "Kind", "group.basic",
     .options = kinds, .standard = "ads"},
    {"external_id", FIELD_TEXT, FIELD_UNIQUE, "外部编号", "External id", "group.basic",
     .max_length = 60},
    {0}};

static void dates_check(struct ctx *c, const struct record *r) {
    struct str from = record_text(r, "starts_on"), to = record_text(r, "ends_on");
    if (from.n && to.n && str_compare(to, from) < 0) {
        FAIL_FIELD(c, STR("/ends_on"), "campaign.ends");
    }
}

static void currency_check(struct ctx *c, const struct record *r, const char *field) {
    struct value v = record_value(r, field);
    if (v.kind == VALUE_MONEY && !str_equal(v.text, company_currency(c))) {
        FAIL_FIELD(c, str_format(c->arena, "/%s", field), "campaign.currency");
    }
}

static void campaign_check(struct ctx *c, struct change *change) {
    dates_check(c, change->after);
    currency_check(c, change->after, "budget");
}

/* A cost of a campaign runs on the campaign's channel. */
static void cost_check(struct ctx *c, struct change *change) {
    struct record *cost = change->after;
    int64_t campaign_id = record_id(cost, "campaign_id");
    currency_check(c, cost, "amount");
    if (!campaign_id && record_empty(cost, "channel")) {
        FAIL_FIELD(c, STR("/campaign_id"), "cost.of");
    } else if (campaign_id && record_empty(cost, "channel")) {
        struct record *campaign = record_load(c, entity_named(c, "campaign"), campaign_id);
        if (campaign && !record_empty(campaign, "channel")) {
            record_set_value(cost, "channel", record_value(campaign, "channel"));
        }
    }
}

static const struct entity_definition campaign_entity = {.name = "campaign",
                                                         .plural = "campaigns",
                                                         .zh = "营销活动",
                                                         .en = "Campaign",
                                                         .flags = ENTITY_OWNED | ENTITY_SEARCHED |
                                                                  ENTITY_TIMELINE,
                                                         .fields = campaign_fields,
                                                         .check = campaign_check};

static const struct entity_definition cost_entity = {.name = "cost",
                                                     .plural = "costs",
                                                     .zh = "投入",
                                                     .en = "Cost",
                                                     .flags = ENTITY_OWNED,
                                                     .fields = cost_fields,
                                                     .check = cost_check};

static const struct text texts[] = {
    {"campaign.ends", "结束日期不能早于开始日期", "It cannot end before it begins"},
    {"campaign.currency", "金额用公司的本位币", "Amounts are in the company's currency"},
    {"cost.of", "要写明是哪个活动或渠道的投入", "Say of which campaign or channel it is"},
    {0}};

const struct module campaign_module = {
    .name = "marketing.campaign",
    .cloud = "marketing",
    .entities = (const struct entity_definition *const[]){&campaign_entity, &cost_entity, NULL},
    .texts = texts};
