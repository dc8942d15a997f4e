#include "organization/company.h"

#include <string.h>

#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/definition.h"
#include "entity/money.h"
#include "entity/versions.h"
#include "event/event.h"
#include "organization/version.h"

enum company_kind {
    COMPANY_TEXT,
    COMPANY_INTEGER,
    COMPANY_ZONE,
    COMPANY_CURRENCY,
    COMPANY_CLOUDS,
    COMPANY_CHOICE,
    COMPANY_HOURS
};

/* What can be switched off; the platform and the facts all clouds share cannot. */
#define CLOUDS "sales marketing success data"

/* The headings they stand under, in their order. */
enum company_group { OF_COMPANY, OF_SELLING, OF_FUNNEL, OF_OUTSIDE, OF_DATA, OF_PROGRAM };

struct company_setting {
    const char *name;
    enum company_group group;
    enum company_kind kind;
    const char *standard, *zh, *en;
    int64_t min, max;             /* of numbers; characters of text */
    const struct option *choices; /* of COMPANY_CHOICE; ends with a NULL code */
    const char *tells;            /* the event of another value, for clocks that go by it */
};

static const char *const group_labels[][2] = {
    [OF_COMPANY] = {"公司", "Company"},
    [OF_SELLING] = {"跟进与交接", "Follow-up and handover"},
    [OF_FUNNEL] = {"漏斗", "Funnel"},
    [OF_OUTSIDE] = {"网站与邮件", "Sites and mail"},
    [OF_DATA] = {"数据质量", "Data quality"},
    [OF_PROGRAM] = {"模块", "Modules"}};

static const struct option rankings[] = {{"own", "只看权限内的", "What their rights reach", NULL},
                                         {"department", "本部门同事", "Their department", NULL},
                                         {"company", "全公司", "The whole company", NULL},
                                         {0}};

static const struct option survivors[] = {{"fuller", "资料更全的", "Of whom more is known", NULL},
                                          {"older", "先有的", "Who was there first", NULL},
                                          {"newer", "后来的", "Who came last", NULL},
                                          {0}};

static const struct company_setting settings[] = {
    {"name", OF_COMPANY, COMPANY_TEXT, "", "公司名称", "Company name", 0, 100},
    {"time_zone", OF_COMPANY, COMPANY_ZONE, "Asia/Shanghai", "时区", "Time zone", 1, 60,
     .tells = "company.hours_changed"},
    {"currency", OF_COMPANY, COMPANY_CURRENCY, "CNY", "本位币", "Currency", 3, 3},
    {"work_hours", OF_COMPANY, COMPANY_HOURS, "09:00-18:00", "工作时间", "Working hours", 11, 11,
     .tells = "company.hours_changed"},
    {"follow_up_days", OF_SELLING, COMPANY_INTEGER, "3", "几天未跟进提醒", "Days without follow-up",
     1, 90, .tells = "company.follow_up_changed"},
    {"handover_remind_hours", OF_SELLING, COMPANY_INTEGER, "4", "线索交接几个工作小时未接收提醒",
     "Working hours until a handover is reminded of", 1, 240},
    {"handover_escalate_hours", OF_SELLING, COMPANY_INTEGER, "8",
     "线索交接几个工作小时未接收上报主管", "Working hours until a handover goes to the manager", 1,
     240},
    {"ranking_shows", OF_SELLING, COMPANY_CHOICE, "department", "排行榜给销售看谁",
     "Whom a ranking shows to a representative", 0, 0, rankings},
    {"funnel_threshold_lead", OF_FUNNEL, COMPANY_INTEGER, "20", "线索→商机 阈值（%）",
     "Lead to opportunity threshold (%)", 0, 100},
    {"funnel_threshold_opportunity", OF_FUNNEL, COMPANY_INTEGER, "40", "商机→报价 阈值（%）",
     "Opportunity to quote threshold (%)", 0, 100},
    {"funnel_threshold_quote", OF_FUNNEL, COMPANY_INTEGER, "50", "报价→合同 阈值（%）",
     "Quote to contract threshold (%)", 0, 100},
    {"funnel_threshold_contract", OF_FUNNEL, COMPANY_INTEGER, "90", "合同→订单 阈值（%）",
     "Contract to order threshold (%)", 0, 100},
    {"funnel_threshold_order", OF_FUNNEL, COMPANY_INTEGER, "90", "订单→回款 阈值（%）",
     "Order to payment threshold (%)", 0, 100},
    {"site_hosts", OF_OUTSIDE, COMPANY_TEXT, "", "公司网站域名（空格分隔，可嵌入表单和跳转）",
     "Hosts of the company's sites, blanks between (may embed forms, be led to)", 0, 500},
    {"mail_soft_bounces", OF_OUTSIDE, COMPANY_INTEGER, "3", "邮件暂时退回几天后屏蔽地址",
     "Days of passing bounces until an address is suppressed", 1, 30},
    {"mail_soft_days", OF_OUTSIDE, COMPANY_INTEGER, "30", "……在多少天之内", "… within so many days",
     1, 365},
    {"duplicates_stay", OF_DATA, COMPANY_CHOICE, "fuller", "合并重复时默认留下哪一条",
     "Which of two duplicates stays unless one chooses", 0, 0, survivors},
    {"modules", OF_PROGRAM, COMPANY_CLOUDS, CLOUDS, "启用的模块", "Modules switched on", 0, 200},
    {0}};

static const struct migration migrations[] = {
    {"organization.company.1",
     "CREATE TABLE company_setting (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) "
     "{without_rowid}"},
    {0}};

static const struct company_setting *setting_named(struct str name) {
    for (const struct company_setting *s = settings; s->name; s++) {
        if (str_is(name, s->name)) {
            return s;
        }
    }
    return NULL;
}

/* Values found before, for each thread its own, under the versions they were read under. */
enum { KEPT_SETTINGS = 32, KEPT_BYTES = 128 };

struct kept_setting {
    struct versions versions;
    size_t n;
    char value[KEPT_BYTES];
};

static _Thread_local struct kept_setting kept_settings[KEPT_SETTINGS];

static struct str setting_read(struct ctx *c, const char *name) {
    return DB_TEXT(c, "SELECT value FROM company_setting WHERE name = $1", name);
}

static struct str setting_value(struct ctx *c, const struct company_setting *s) {
    struct str value = setting_read(c, s->name);
    return value.p ? value : str_from(s->standard);
}

struct str company_text(struct ctx *c, const char *name) {
    const struct company_setting *s = setting_named(str_from(name));
    ptrdiff_t place = s ? s - settings : KEPT_SETTINGS;
    if (place >= KEPT_SETTINGS) {
        return s ? setting_value(c, s) : setting_read(c, name);
    }
    struct kept_setting *kept = &kept_settings[place];
    if (versions_hold(c, &kept->versions)) {
        return str_copy(c->arena, (struct str){kept->value, kept->n});
    }
    struct str value = setting_value(c, s);
    if (!ctx_failed(c) && value.n <= KEPT_BYTES && versions_firm(c)) {
        kept->versions = c->versions;
        kept->n = value.n;
        memcpy(kept->value, value.p, value.n);
    }
    return value;
}

int64_t company_int(struct ctx *c, const char *name) {
    int64_t value = 0;
    str_to_int(company_text(c, name), &value);
    return value;
}

const struct zone *company_zone(struct ctx *c) {
    const struct zone *z = zone_find(company_text(c, "time_zone"));
    return z ? z : zone_find(STR("Asia/Shanghai"));
}

struct str company_currency(struct ctx *c) {
    return company_text(c, "currency");
}

bool company_cloud_on(struct ctx *c, struct str cloud) {
    return !str_lists(STR(CLOUDS), ' ', cloud) || str_lists(company_text(c, "modules"), ' ', cloud);
}

struct str company_clouds_off(struct ctx *c, struct arena *a) {
    struct str on = company_text(c, "modules"), all = STR(CLOUDS), cloud;
    struct text_buffer off = {.arena = a};
    while (str_cut(&all, ' ', &cloud)) {
        if (!str_lists(on, ' ', cloud)) {
            text_add_c(&off, off.n ? " " : "");
            text_add(&off, cloud);
        }
    }
    return text_str(&off);
}

static const char *type_name(enum company_kind kind) {
    switch (kind) {
    case COMPANY_INTEGER:
        return "integer";
    case COMPANY_CHOICE:
        return "choice";
    case COMPANY_ZONE:
        return "zone";
    case COMPANY_CURRENCY:
        return "currency";
    default:
        return "text";
    }
}

static void choices_json(struct ctx *c, struct json_writer *w, const struct option *choices) {
    json_key(w, "choices");
    json_begin_array(w);
    for (const struct option *o = choices; o->code; o++) {
        json_begin_object(w);
        JSON_MEMBER(w, "code", json_put_c, o->code);
        JSON_MEMBER(w, "label", json_put_c, c->language == LANGUAGE_EN ? o->en : o->zh);
        json_end_object(w);
    }
    json_end_array(w);
}

void company_settings_json(struct ctx *c, struct json_writer *w) {
    json_begin_array(w);
    for (const struct company_setting *s = settings; s->name && !ctx_failed(c); s++) {
        json_begin_object(w);
        JSON_MEMBER(w, "name", json_put_c, s->name);
        JSON_MEMBER(w, "label", json_put_c, c->language == LANGUAGE_EN ? s->en : s->zh);
        JSON_MEMBER(w, "group", json_put_c, group_labels[s->group][c->language]);
        JSON_MEMBER(w, "type", json_put_c, type_name(s->kind));
        JSON_MEMBER(w, "value", json_put_str, company_text(c, s->name));
        JSON_MEMBER(w, "standard", json_put_c, s->standard);
        if (s->choices) {
            choices_json(c, w, s->choices);
        }
        json_end_object(w);
    }
    json_end_array(w);
}

static bool clouds_valid(struct str words) {
    struct str word;
    bool valid = true;
    while (str_cut(&words, ' ', &word)) {
        valid = valid && (!word.n || str_lists(STR(CLOUDS), ' ', word));
    }
    return valid;
}

static bool choice_valid(const struct option *choices, struct str value) {
    const struct option *o = choices;
    while (o->code && !str_is(value, o->code)) {
        o++;
    }
    return o->code != NULL;
}

static bool setting_valid(const struct company_setting *s, struct str value) {
    int64_t number;
    switch (s->kind) {
    case COMPANY_INTEGER:
        return str_to_int(value, &number) && number >= s->min && number <= s->max;
    case COMPANY_ZONE:
        return zone_find(value) != NULL;
    case COMPANY_CURRENCY:
        return currency_digits(value) >= 0;
    case COMPANY_CLOUDS:
        return clouds_valid(value);
    case COMPANY_CHOICE:
        return choice_valid(s->choices, value);
    case COMPANY_HOURS:
        return day_hours_parse(value, &(struct day_hours){0});
    case COMPANY_TEXT:
        return (int64_t)value.n <= s->max * 4;
    }
    return false;
}

void company_set(struct ctx *c, const char *name, struct str value) {
    DB_RUN(c,
           "INSERT INTO company_setting (name, value) VALUES ($1, $2) "
           "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
           name, value);
    version_move(c, "setting");
    /* Rights depend on it. */
    if (str_is(str_from(name), "modules")) {
        organization_changed(c);
    }
}

static void set_one(struct ctx *c, const struct json_member *m) {
    const struct company_setting *s = setting_named(m->key);
    struct str pointer = str_format(c->arena, "/%.*s", STR_ARG(m->key));
    bool number = m->value.kind == JSON_IS_INT, text = m->value.kind == JSON_IS_TEXT;
    struct str value = number ? str_format(c->arena, "%lld", (long long)m->value.integer)
                       : text ? m->value.text
                              : STR("");
    if (!s) {
        FAIL_FIELD(c, pointer, "field.unknown");
    } else if (!(number || text) || !setting_valid(s, value)) {
        FAIL_FIELD(c, pointer, "company.value");
    } else {
        if (s->tells && !str_equal(setting_value(c, s), value)) {
            event_emit(c, &(struct event){.type = str_from(s->tells)});
        }
        company_set(c, s->name, value);
    }
}

void company_settings_set(struct ctx *c, const struct json *values) {
    for (size_t i = 0; json_is(values, JSON_IS_OBJECT) && i < values->n; i++) {
        set_one(c, &values->members[i]);
    }
    event_emit(c, &(struct event){.type = STR("company.settings_changed")});
}

struct day_hours company_hours(struct ctx *c) {
    struct day_hours hours = whole_day;
    day_hours_parse(company_text(c, "work_hours"), &hours);
    return hours;
}

static const struct text texts[] = {{"company.value", "这个值不可用", "This value cannot be used"},
                                    {"company.hours", "写成 09:00-18:00", "Written as 09:00-18:00"},
                                    {0}};

static const struct permission permissions[] = {
    {"settings:manage", "管理公司设置", "Manage company settings"}, {0}};

static const struct event_type event_types[] = {
    {"company.settings_changed", NULL, "改公司设置", "company settings changed"},
    {"company.hours_changed", NULL, "改工作时间或时区", "working hours or zone changed"},
    {"company.follow_up_changed", NULL, "改几天未跟进提醒", "days without follow-up changed"},
    {0}};

const struct module company_module = {.name = "organization.company",
                                      .cloud = "platform",
                                      .events = event_types,
                                      .migrations = migrations,
                                      .texts = texts,
                                      .permissions = permissions};
