/*
 * What a column of a spreadsheet means. Told from its header: the field's own name and labels,
 * synonyms that lists of customers commonly use, and Chinese synonyms at the header's end, where
 * Chinese has its noun (跟进备注 is 备注). What no header tells, the cells may: phones, mails and
 * regions know themselves.
 */
#include <string.h>

#include "base/email.h"
#include "base/phone.h"
#include "base/region.h"
#include "base/text.h"
#include "customer/tag.h"
#include "data/import_parts.h"
#include "entity/access.h"

enum { ENOUGH_CELLS = 3 };

struct synonym {
    const char *entities; /* separated by blanks; NULL: any */
    const char *field;
    const char *headers; /* separated by |; =日期 is that alone, and no 预计成交日期 */
};

static const char given_names[] = "=名|first name|given name|forename";
static const char family_names[] = "=姓|=姓氏|last name|family name|surname";

static const struct synonym synonyms[] = {
    {"lead person contact", "name",
     "姓名|名字|联系人|客户姓名|联系人姓名|称呼|客户称呼|昵称|访客|顾客姓名|会员姓名|线索名称|"
     "name|full name|contact name|contact|customer name|lead name"},
    {"lead person", "name", given_names},
    {"lead person", "name", family_names},
    {"lead person", "phone",
     "手机号|手机|电话|联系电话|移动电话|手机号码|电话号码|联系方式|座机|固话|mobile|phone|tel|cell|"
     "mobile phone|mobile no|mobile number|phone number|phone no|telephone|cell phone|"
     "mobile phone number|contact number|contact no"},
    {"lead person", "email",
     "邮箱|电子邮箱|电子邮件|邮件|邮箱地址|邮件地址|email|e-mail|mail|email address|work email"},
    {"lead person", "company_name",
     "公司名称|公司|单位|单位名称|企业|企业名称|客户名称|客户公司|公司全称|company|company name|"
     "organization|organisation|account|account name|firm|employer"},
    {"contact", "account_id",
     "客户|客户名称|所属客户|所属公司|公司|公司名称|单位|company|company name|account|account name"},
    {"lead person contact", "job_title", "职位|职务|岗位|头衔|title|job title|position|job"},
    {"lead", "industry", "行业|行业类别|行业类型|industry|sector"},
    {"lead person", "region",
     "地区|地域|区域|省市|省市区|城市|省份|=省|=市|所在地|归属地|region|city|province|state|"
     "location|state/region|state/province"},
    {"lead person", "source",
     "来源|线索来源|渠道|渠道类型|来源平台|获客渠道|source|lead source|channel|original source|"
     "traffic source"},
    {"lead", "product_interest",
     "意向产品|产品|意向|需求产品|咨询产品|产品意向|感兴趣的产品|感兴趣产品|product|interest|"
     "product of interest|interested in"},
    {"lead", "next_follow_up_at", "下次跟进时间|下次跟进日期|下次联系时间"},
    {"lead", "campaign", "活动|市场活动|推广计划|campaign"},
    {"person", "sex", "性别|sex|gender"},
    {"person", "birthday", "生日|出生日期|出生年月|birthday|date of birth|birth date"},
    {"person", "wechat", "微信|微信号|wechat|wechat id"},
    {"lead person contact", "description",
     "备注|说明|描述|备注信息|咨询内容|留言|留言内容|需求|需求描述|note|notes|remark|remarks|comment|"
     "comments|description|message"},
    {"opportunity", "external_id",
     "opportunity_id|opportunity id|deal id|record id|商机编号|编号|项目编号"},
    {"opportunity", "name", "商机名称|商机|项目名称|项目|deal name|opportunity name|deal"},
    {"opportunity", "account_id",
     "account|account name|company|customer|客户|客户名称|公司|公司名称|关联客户|所属客户"},
    {"opportunity", "product_id", "product|product name|产品|产品名称|意向产品"},
    {"opportunity", "stage_id", "deal_stage|stage|sales stage|阶段|销售阶段|商机阶段|当前阶段"},
    {"opportunity", "engaged_date",
     "engage_date|engaged|start date|open date|开始日期|立项日期|接洽日期"},
    {"opportunity", "closed_date",
     "close_date|closed date|closed|end date|成交日期|结束日期|关闭日期|结单日期"},
    {"opportunity", "amount",
     "close_value|amount|value|deal value|deal amount|revenue|金额|商机金额|预计金额|成交金额"},
    {"opportunity", "expected_close_date",
     "expected close|expected close date|预计成交|预计成交日期|预计签单日期"},
    {"account", "name",
     "account|account name|customer|customer name|客户名称|客户|公司名称|公司|企业名称|企业|company|"
     "company name|单位名称|单位"},
    {"account", "industry", "sector|industry|行业|所属行业|行业类别"},
    {"account", "founded_year",
     "year_established|founded|founded year|established|成立年份|成立时间|成立日期"},
    {"account", "annual_revenue", "revenue|annual revenue|turnover|年营收|营业额|年收入|年营业额"},
    {"account", "employees", "employees|employee count|headcount|staff|员工数|人数|员工人数"},
    {"account", "address",
     "office_location|address|地址|location|headquarters|country|办公地址|企业地址|注册地址|详细地址"},
    {"account", "region", "地区|所在地区|省市|省市区|城市|省份|=省|=市|region|city|province"},
    {"account", "phone", "电话|公司电话|联系电话|座机|总机|phone|telephone|tel|company phone"},
    {"account", "website", "网址|官网|网站|website|url|homepage|web site"},
    {"account", "credit_code", "统一社会信用代码|信用代码|税号|纳税人识别号|credit code"},
    {"account", "parent_id", "subsidiary_of|parent|parent company|parent account|上级公司|母公司"},
    {"account", "description", "备注|说明|描述|notes|remark|description"},
    {"product", "name", "product|product name|产品|产品名称|名称|品名|商品名称|item|item name"},
    {"product", "code", "产品编号|产品编码|商品编码|编码|货号|sku|code|product code|item no"},
    {"product", "price",
     "sales_price|price|list price|unit price|标价|单价|价格|售价|零售价|目录价"},
    {"product", "series", "系列|产品系列|分类|类别|product line|category|series"},
    {"product", "unit", "单位|计量单位|unit|uom"},
    {"user", "name", "sales_agent|agent|sales rep|姓名|销售|员工姓名|full name"},
    {"user", "employee_number", "工号|员工编号|employee id|employee no"},
    {"user", "department_id", "regional_office|department|office|部门|区域"},
    {"activity", "content",
     "内容|跟进内容|跟进记录|跟进情况|沟通内容|沟通记录|拜访内容|拜访记录|通话记录|备注|content|notes|summary"},
    {"activity", "type", "方式|跟进方式|=类型|跟进类型|沟通方式|type|method|channel"},
    {"activity", "occurred_at",
     "跟进时间|跟进日期|拜访时间|沟通时间|=时间|=日期|date|time|when|activity date"},
    {"activity", "next_follow_up_at", "下次跟进时间|下次跟进日期|下次联系时间|next follow-up"},
    {"activity", "owner_id", "记录人|拜访人|沟通人|填写人"},
    {"task", "title", "任务|任务名称|任务内容|标题|主题|待办|待办事项|task|title|subject"},
    {"task", "due_at", "截止|截止时间|截止日期|到期日|计划时间|计划日期|due|due date|deadline"},
    {"task", "owner_id", "执行人|责任人"},
    {"activity task", "subject_type", "对象类型|跟进对象类型|subject type|related type"},
    {NULL, "owner_id",
     "sales_agent|owner|负责人|所有者|跟进人|跟进人员|归属人|接待人|业务员|顾问|销售|销售代表|"
     "owner name|sales rep|contact owner|lead owner|account owner|deal owner|assigned to|rep"},
    {NULL, "created_at",
     "创建时间|创建日期|录入时间|录入日期|提交时间|提交日期|登记时间|登记日期|留资时间|留资日期|"
     "咨询时间|留言时间|报名时间|注册时间|入库时间|获取时间|线索时间|开始时间|添加时间|=日期|咨询日期|"
     "留言日期|报名日期|注册日期|入库日期|获取日期|线索日期|添加日期|建档日期|建档时间|created at|"
     "created|created time|create time|created date|create date|creation date|date created|"
     "date added|submitted at|date"},
    {NULL, "created_by", "创建人|创建人员|录入人|录入员|登记人|创建者|created by|author|creator"},
    {0}};

/* What activities and tasks are about, by what a column names it (enum subject_by). */
static const char *const subject_headers[SUBJECT_BYS] = {
    [SUBJECT_ANY] = "对象|跟进对象|关联对象|关联记录|subject|related to|about",
    [SUBJECT_ACCOUNT] =
        "客户|客户名称|公司|公司名称|单位|单位名称|企业名称|关联客户|所属客户|account|"
        "account name|company|company name|customer|customer name",
    [SUBJECT_PERSON] = "联系人|联系人姓名|客户联系人|姓名|contact|contact name|contact person",
    [SUBJECT_OPPORTUNITY] = "商机|商机名称|关联商机|项目|项目名称|deal|deal name|opportunity|"
                            "opportunity name",
    [SUBJECT_LEAD] = "线索|线索名称|线索姓名|关联线索|lead|lead name",
    [SUBJECT_PHONE] =
        "手机|手机号|手机号码|电话|电话号码|联系电话|客户手机|客户电话|联系方式|phone|"
        "mobile|tel|phone number|mobile number",
    [SUBJECT_EMAIL] = "邮箱|电子邮箱|客户邮箱|email|e-mail|email address",
    [SUBJECT_EXTERNAL_ID] = "外部编号|商机编号|对象编号|external id|deal id|opportunity id"};

static const char *const subject_words[SUBJECT_BYS] = {"",     "account", "person", "opportunity",
                                                       "lead", "phone",   "email",  "external_id"};

/* Letters alone, without what stands in brackets: 手机号（必填）* is 手机号. */
static struct str header_key(struct arena *a, struct str header) {
    struct str key = text_search_key(a, header);
    struct text_buffer out = {.arena = a};
    int brackets = 0;
    for (size_t i = 0; i < key.n; i++) {
        char ch = key.p[i];
        brackets += ch == '(';
        if (!brackets && ch && !strchr(" _-*:.#", ch)) {
            text_add_char(&out, ch);
        }
        brackets -= ch == ')' && brackets > 0;
    }
    return text_str(&out);
}

enum likeness { UNLIKE, ENDS_ALIKE, ALIKE };

static enum likeness header_like(struct arena *a, const char *headers, struct str key) {
    enum likeness best = UNLIKE;
    struct str rest = str_from(headers), one;
    while (best != ALIKE && str_cut(&rest, '|', &one)) {
        bool alone = one.p[0] == '=';
        struct str word = header_key(a, str_slice(one, alone, one.n));
        bool chinese = !alone && (unsigned char)one.p[0] >= 0x80;
        if (str_equal(word, key)) {
            best = ALIKE;
        } else if (chinese && str_ends(key, word)) {
            best = ENDS_ALIKE;
        }
    }
    return best;
}

/* Whether the actor may fill the field. The right to import is one to bring in what one may know
 * of, so that a phone that is masked on the screen can still be brought in. */
static bool importable(const struct ctx *c, const struct entity *e, const struct field *f) {
    bool system = (f->flags & FIELD_SYSTEM) != 0;
    bool kept = str_is(f->name, "owner_id") || str_is(f->name, "created_at") ||
                str_is(f->name, "created_by");
    return !(f->flags & FIELD_HIDDEN) && (!system || kept) && f->type != FIELD_JSON &&
           access_field(c->actor, e, f) != RIGHT_NONE;
}

static const struct field *by_synonym(struct ctx *c, const struct entity *e, struct str key,
                                      enum likeness wanted) {
    for (const struct synonym *s = synonyms; s->field; s++) {
        if ((!s->entities || str_lists(str_from(s->entities), ' ', e->name)) &&
            header_like(c->arena, s->headers, key) >= wanted) {
            const struct field *f = entity_field(e, str_from(s->field));
            if (f && importable(c, e, f)) {
                return f;
            }
        }
    }
    return NULL;
}

static const struct field *by_own_name(struct ctx *c, const struct entity *e, struct str key) {
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        bool called = str_equal(header_key(c->arena, f->name), key) ||
                      str_equal(header_key(c->arena, f->label[LANGUAGE_ZH]), key) ||
                      str_equal(header_key(c->arena, f->label[LANGUAGE_EN]), key);
        if (called && importable(c, e, f)) {
            return f;
        }
    }
    return NULL;
}

/* Lists number columns of one kind: 客户电话 2 is a 客户电话. */
static struct str key_unnumbered(struct str key) {
    while (key.n > 1 && key.p[key.n - 1] >= '0' && key.p[key.n - 1] <= '9') {
        key.n--;
    }
    return key;
}

/* Which way a header names a subject; SUBJECT_BYS for none. */
static enum subject_by subject_by(struct arena *a, struct str key, enum likeness wanted) {
    int by = 0;
    while (by < SUBJECT_BYS && header_like(a, subject_headers[by], key) < wanted) {
        by++;
    }
    return (enum subject_by)by;
}

static const struct field *by_subject(struct ctx *c, const struct entity *e, struct str key,
                                      enum likeness wanted) {
    bool names = import_has_subject(e) && subject_by(c->arena, key, wanted) < SUBJECT_BYS;
    return names ? entity_field(e, STR("subject_id")) : NULL;
}

static enum subject_by subject_by_guess(struct arena *a, struct str header) {
    struct str key = header_key(a, header);
    enum subject_by by = subject_by(a, key, ALIKE);
    by = by < SUBJECT_BYS ? by : subject_by(a, key_unnumbered(key), ENDS_ALIKE);
    return by < SUBJECT_BYS ? by : SUBJECT_ANY;
}

const struct field *import_guess(struct ctx *c, const struct entity *e, struct str header) {
    struct str key = header_key(c->arena, header), bare = key_unnumbered(key);
    if (!key.n) {
        return NULL;
    }
    const struct field *f = by_synonym(c, e, key, ALIKE);
    f = f ? f : by_subject(c, e, key, ALIKE);
    f = f ? f : by_own_name(c, e, key);
    f = f ? f : by_synonym(c, e, bare, ENDS_ALIKE);
    return f ? f : by_subject(c, e, bare, ENDS_ALIKE);
}

bool import_joins(const struct entity *e, const struct field *f) {
    bool people = str_is(e->name, "lead") || str_is(e->name, "person");
    return people &&
           (f->type == FIELD_PHONE || f->type == FIELD_REGION || f->type == FIELD_LONG_TEXT);
}

static enum name_part name_part(struct arena *a, struct str header) {
    struct str key = header_key(a, header);
    return header_like(a, given_names, key) == ALIKE    ? GIVEN_NAME
           : header_like(a, family_names, key) == ALIKE ? FAMILY_NAME
                                                        : WHOLE_NAME;
}

static bool taken(const struct import_plan *plan, const struct field *f) {
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->columns[i].field == f) {
            return true;
        }
    }
    return false;
}

/* A given name beside a family name. */
static bool name_completes(const struct import_plan *plan, const struct field *f,
                           enum name_part part) {
    bool completes = f == plan->entity->title && part != WHOLE_NAME;
    for (size_t i = 0; i < plan->n; i++) {
        const struct import_column *k = &plan->columns[i];
        completes = completes && (k->field != f || (k->part != part && k->part != WHOLE_NAME));
    }
    return completes;
}

/* What a column is about, told another way by each. */
static bool names_otherwise(const struct import_plan *plan, const struct field *f,
                            enum subject_by by) {
    bool other = f->type == FIELD_REFERENCE && !f->target;
    for (size_t i = 0; i < plan->n; i++) {
        other = other && !(plan->columns[i].field == f && plan->columns[i].by == by);
    }
    return other;
}

static bool free_for(const struct import_plan *plan, const struct import_column *column) {
    const struct field *f = column->field;
    return !taken(plan, f) || import_joins(plan->entity, f) ||
           name_completes(plan, f, column->part) || names_otherwise(plan, f, column->by);
}

static const char tag_headers[] = "标签|客户标签|用户标签|人员标签|线索标签|tag|tags|label|labels";

static bool names_tags(struct ctx *c, const struct entity *e, struct str header) {
    return tag_carried_by(e) &&
           header_like(c->arena, tag_headers, header_key(c->arena, header)) == ALIKE;
}

struct import_plan *import_plan_guess(struct ctx *c, const struct entity *e,
                                      const struct str *headers, size_t n) {
    struct import_plan *plan = ARENA_NEW(c->arena, struct import_plan);
    plan->entity = e;
    plan->cache = import_cache_new(c->arena);
    plan->author_id = c->actor ? c->actor->user_id : 0;
    for (size_t i = 0; i < n && i < IMPORT_COLUMNS; i++) {
        struct import_column *k = &plan->columns[i];
        *k = (struct import_column){.header = str_copy(c->arena, headers[i]),
                                    .part = name_part(c->arena, headers[i]),
                                    .by = subject_by_guess(c->arena, headers[i]),
                                    .field = import_guess(c, e, headers[i]),
                                    .scale = 1};
        k->tags = !k->field && names_tags(c, e, headers[i]);
        k->field = k->field && free_for(plan, k) ? k->field : NULL;
        plan->n = i + 1;
    }
    return plan;
}

size_t import_headers_understood(struct ctx *c, const struct entity *e,
                                 const struct table_row *row) {
    struct arena_mark mark = arena_mark(c->arena);
    const struct import_plan *plan = import_plan_guess(c, e, row->cells, row->n);
    size_t n = 0;
    for (size_t i = 0; i < plan->n; i++) {
        n += plan->columns[i].field != NULL;
    }
    arena_reset(c->arena, mark);
    return n;
}

/* Whether a cell is plainly a value of fields of this type. */
static bool cell_is(struct arena *a, enum field_type type, struct str cell) {
    struct phone phone;
    struct region region;
    switch (type) {
    case FIELD_PHONE:
        return phone_parse(cell, &phone) && phone.kind == PHONE_MOBILE;
    case FIELD_EMAIL:
        return email_parse(a, cell).reason == EMAIL_RIGHT;
    case FIELD_REGION:
        return region_parse(cell, &region) && region.province.n;
    default:
        return false;
    }
}

/* Most filled cells of the samples are of this type, and there are enough of them to tell. */
static bool column_is(struct arena *a, enum field_type type, size_t column,
                      const struct table_row *samples, size_t n) {
    size_t filled = 0, matching = 0;
    for (size_t i = 0; i < n; i++) {
        struct str cell = text_trim(table_cell(&samples[i], column));
        filled += cell.n > 0;
        matching += cell.n > 0 && cell_is(a, type, cell);
    }
    return matching >= ENOUGH_CELLS && matching * 3 >= filled * 2;
}

void import_plan_guess_cells(struct ctx *c, struct import_plan *plan,
                             const struct table_row *samples, size_t n) {
    const struct entity *e = plan->entity;
    for (size_t i = 0; i < plan->n; i++) {
        for (int k = 0; !plan->columns[i].field && !plan->columns[i].tags && k < e->n_fields; k++) {
            const struct field *f = &e->fields[k];
            if (importable(c, e, f) && !taken(plan, f) &&
                column_is(c->arena, f->type, i, samples, n)) {
                plan->columns[i].field = f;
            }
        }
    }
}

static const char *const unknown_owner_words[] = {[UNKNOWN_OWNER_IMPORTER] = "importer",
                                                  [UNKNOWN_OWNER_NOBODY] = "nobody",
                                                  [UNKNOWN_OWNER_REFUSE] = "refuse"};

static void apply_unknown_owner(struct ctx *c, struct import_column *column,
                                const struct json *rules, struct str pointer) {
    struct str word = json_text(rules, "unknown_owner");
    for (int i = UNKNOWN_OWNER_IMPORTER; i <= UNKNOWN_OWNER_REFUSE; i++) {
        if (str_is(word, unknown_owner_words[i])) {
            column->unknown_owner = (enum unknown_owner)i;
            return;
        }
    }
    if (word.n) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/rules/unknown_owner", STR_ARG(pointer)),
                   "option.unknown");
    }
}

/* Each value stands for a text, for nothing, or for a record: {"id":"7"}. */
static bool replacements_right(const struct json *replace) {
    bool right = replace->kind == JSON_IS_OBJECT;
    for (size_t i = 0; right && i < replace->n; i++) {
        const struct json *to = &replace->members[i].value;
        right = json_is(to, JSON_IS_TEXT) || json_is(to, JSON_IS_NULL) || json_id(to, "id");
    }
    return right;
}

static void apply_rules(struct ctx *c, struct import_column *column, const struct json *rules,
                        struct str pointer) {
    const struct json *replace = json_get(rules, "replace");
    int64_t scale = json_int(rules, "scale", column->scale);
    if (replace && !replacements_right(replace)) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/rules/replace", STR_ARG(pointer)), "field.type");
        return;
    }
    if (scale < 1 || scale > 1000000000) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/rules/scale", STR_ARG(pointer)), "field.type");
        return;
    }
    column->replace = replace ? replace : column->replace;
    column->scale = scale;
    bool create = json_bool(rules, "create_missing", column->create_missing);
    if (create && column->field && column->field->target &&
        access_scope(c->actor, column->field->target, ACTION_CREATE) != SCOPE_ALL) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/rules/create_missing", STR_ARG(pointer)),
                   "access.denied");
        return;
    }
    column->create_missing = create;
    column->day_first = json_bool(rules, "day_first", column->day_first);
    apply_unknown_owner(c, column, rules, pointer);
    struct str currency = json_text(rules, "currency");
    column->currency = currency.n ? currency : column->currency;
}

/* "subject_id.account" is subject_id, named by the account. */
static const struct field *field_called(const struct entity *e, struct str name,
                                        enum subject_by *by) {
    static const struct str subject = STR("subject_id.");
    *by = SUBJECT_ANY;
    for (int i = 1; str_starts(name, subject) && import_has_subject(e) && i < SUBJECT_BYS; i++) {
        if (str_is(str_slice(name, subject.n, name.n), subject_words[i])) {
            *by = (enum subject_by)i;
            return entity_field(e, STR("subject_id"));
        }
    }
    return name.n ? entity_field(e, name) : NULL;
}

void import_plan_apply(struct ctx *c, struct import_plan *plan, const struct json *decided) {
    const struct json *mapping = json_get(decided, "mapping");
    for (size_t i = 0; json_is(mapping, JSON_IS_ARRAY) && i < mapping->n; i++) {
        const struct json *one = &mapping->items[i];
        int64_t at = json_int(one, "column", -1);
        struct str pointer = str_format(c->arena, "/mapping/%zu", i);
        struct str name = json_text(one, "field");
        enum subject_by by = SUBJECT_ANY;
        const struct field *f = field_called(plan->entity, name, &by);
        bool tags = !f && str_is(name, "tags") && tag_carried_by(plan->entity);
        if (at < 0 || at >= (int64_t)plan->n ||
            (name.n && !tags && (!f || !importable(c, plan->entity, f)))) {
            FAIL_FIELD(c, str_format(c->arena, "%.*s/field", STR_ARG(pointer)), "field.unknown");
            continue;
        }
        if (json_get(one, "field")) {
            plan->columns[at].field = f;
            plan->columns[at].by = by;
            plan->columns[at].tags = tags;
        }
        apply_rules(c, &plan->columns[at], json_get(one, "rules"), pointer);
    }
}

struct str import_column_name(struct arena *a, const struct import_column *column) {
    if (column->field && str_is(column->field->name, "subject_id") && column->by) {
        return str_format(a, "subject_id.%s", subject_words[column->by]);
    }
    return column->field ? column->field->name : column->tags ? STR("tags") : STR("");
}

void import_column_put(struct json_writer *w, const struct import_column *column) {
    struct str name = import_column_name(w->out.arena, column);
    if (name.n) {
        json_put_str(w, name);
    } else {
        json_put_null(w);
    }
}

struct str import_plan_json(struct ctx *c, const struct import_plan *plan) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "mapping");
    json_begin_array(&w);
    for (size_t i = 0; i < plan->n; i++) {
        const struct import_column *k = &plan->columns[i];
        json_begin_object(&w);
        JSON_MEMBER(&w, "column", json_put_int, (int64_t)i);
        JSON_MEMBER(&w, "header", json_put_str, k->header);
        json_key(&w, "field");
        import_column_put(&w, k);
        json_key(&w, "rules");
        json_begin_object(&w);
        JSON_MEMBER(&w, "currency", json_put_str, k->currency);
        JSON_MEMBER(&w, "scale", json_put_int, k->scale);
        JSON_MEMBER(&w, "create_missing", json_put_bool, k->create_missing);
        if (k->field && (k->field->type == FIELD_DATE || k->field->type == FIELD_INSTANT)) {
            JSON_MEMBER(&w, "day_first", json_put_bool, k->day_first);
        }
        if (k->field && str_is(k->field->name, "owner_id")) {
            JSON_MEMBER(&w, "unknown_owner", json_put_c, unknown_owner_words[k->unknown_owner]);
        }
        if (k->replace) {
            json_key(&w, "replace");
            json_put_json(&w, k->replace);
        }
        json_end_object(&w);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    return json_str(&w);
}

/* "客户编号, 渠道": the headers of the file, or fields by name and label. */
static struct str headers_listed(struct ctx *c, const struct import_plan *plan) {
    struct text_buffer out = {.arena = c->arena};
    for (size_t i = 0; i < plan->n; i++) {
        text_add_c(&out, out.n ? ", " : "");
        text_add(&out, text_trim(plan->columns[i].header));
    }
    return text_str(&out);
}

static struct str fields_listed(struct ctx *c, const struct entity *e) {
    struct text_buffer out = {.arena = c->arena};
    for (int i = 0; i < e->n_fields; i++) {
        const struct field *f = &e->fields[i];
        if (importable(c, e, f)) {
            text_add_format(&out, "%s%.*s (%.*s)", out.n ? ", " : "",
                            STR_ARG(f->label[c->language]), STR_ARG(f->name));
        }
    }
    return text_str(&out);
}

void import_plan_require(struct ctx *c, const struct import_plan *plan) {
    bool lead = str_is(plan->entity->name, "lead"), any = false, reach = !lead;
    for (size_t i = 0; i < plan->n; i++) {
        const struct field *f = plan->columns[i].field;
        any = any || f;
        reach = reach || (f && (str_is(f->name, "phone") || str_is(f->name, "email")));
    }
    if (!any || !reach) {
        FAIL(c, ERROR_INVALID, any ? "import.no_reach" : "import.no_column",
             {"headers", headers_listed(c, plan)}, {"fields", fields_listed(c, plan->entity)});
    }
}
