/*
 * What a column of a spreadsheet means, told from its header: the field's own name and
 * labels, else synonyms that lists of customers commonly use.
 */
#include "base/text.h"
#include "data/import.h"
#include "entity/access.h"

struct synonym {
    const char *entity; /* NULL: any */
    const char *field;
    const char *headers; /* separated by | */
};

static const struct synonym synonyms[] = {
    {"lead", "name", "姓名|名字|联系人|客户姓名|联系人姓名|name|full name|contact"},
    {"lead", "phone", "手机号|手机|电话|联系电话|手机号码|联系方式|mobile|phone|tel"},
    {"lead", "email", "邮箱|电子邮箱|邮件|email|e-mail|mail"},
    {"lead", "company_name", "公司名称|公司|单位|企业名称|客户名称|company|organization"},
    {"lead", "job_title", "职位|职务|岗位|title|job title|position"},
    {"lead", "region", "地区|地域|省市|城市|省份|所在地|region|city"},
    {"lead", "source", "来源|线索来源|渠道|source|lead source|channel"},
    {"lead", "product_interest", "意向产品|产品|意向|需求产品|product|interest"},
    {"lead", "description", "备注|说明|描述|notes|remark|description"},
    {"lead", "campaign", "活动|市场活动|campaign"},
    {"opportunity", "external_id", "opportunity_id|opportunity id|商机编号|编号"},
    {"opportunity", "account_id", "account|客户|客户名称|公司|公司名称"},
    {"opportunity", "product_id", "product|产品"},
    {"opportunity", "stage_id", "deal_stage|stage|阶段|销售阶段|商机阶段"},
    {"opportunity", "engaged_date", "engage_date|开始日期|立项日期"},
    {"opportunity", "closed_date", "close_date|成交日期|结束日期|关闭日期"},
    {"opportunity", "amount", "close_value|amount|value|金额|商机金额|预计金额"},
    {"opportunity", "expected_close_date", "expected close|预计成交|预计成交日期"},
    {"account", "name", "account|客户名称|公司名称|公司|企业名称|company"},
    {"account", "industry", "sector|industry|行业|所属行业"},
    {"account", "founded_year", "year_established|founded|成立年份|成立时间"},
    {"account", "annual_revenue", "revenue|年营收|营业额|年收入"},
    {"account", "employees", "employees|员工数|人数"},
    {"account", "address", "office_location|address|地址|location"},
    {"account", "parent_id", "subsidiary_of|parent|上级公司|母公司"},
    {"product", "name", "product|产品|产品名称|名称"},
    {"product", "price", "sales_price|price|标价|单价|价格"},
    {"user", "name", "sales_agent|agent|姓名|销售"},
    {"user", "department_id", "regional_office|department|部门|区域"},
    {NULL, "owner_id", "sales_agent|owner|负责人|所有者|跟进人|销售"},
    {NULL, "created_at", "创建时间|创建日期|录入时间|提交时间|created at|created"},
    {NULL, "created_by", "创建人|录入人|created by|author"},
    {0}};

static struct str header_key(struct arena *a, struct str header) {
    struct str key = text_search_key(a, header);
    struct text_buffer out = {.arena = a};
    for (size_t i = 0; i < key.n; i++) {
        char ch = key.p[i];
        if (ch != ' ' && ch != '_' && ch != '-' && ch != '*' && ch != ':') {
            text_add_char(&out, ch);
        }
    }
    return text_str(&out);
}

static bool header_listed(struct arena *a, const char *headers, struct str key) {
    struct str rest = str_from(headers), one;
    while (str_cut(&rest, '|', &one)) {
        if (str_equal(header_key(a, one), key)) {
            return true;
        }
    }
    return false;
}

static bool importable(const struct field *f) {
    bool system = (f->flags & FIELD_SYSTEM) != 0;
    bool kept = str_is(f->name, "owner_id") || str_is(f->name, "created_at") ||
                str_is(f->name, "created_by");
    return !(f->flags & FIELD_HIDDEN) && (!system || kept) && f->type != FIELD_JSON;
}

const struct field *import_guess(struct ctx *c, const struct entity *e, struct str header) {
    struct str key = header_key(c->arena, header);
    for (const struct synonym *s = synonyms; s->field && key.n; s++) {
        if ((!s->entity || str_is(e->name, s->entity)) &&
            header_listed(c->arena, s->headers, key)) {
            const struct field *f = entity_field(e, str_from(s->field));
            if (f) {
                return f;
            }
        }
    }
    for (int i = 0; i < e->n_fields && key.n; i++) {
        const struct field *f = &e->fields[i];
        if (importable(f) && (str_equal(header_key(c->arena, f->name), key) ||
                              str_equal(header_key(c->arena, f->label[LANGUAGE_ZH]), key) ||
                              str_equal(header_key(c->arena, f->label[LANGUAGE_EN]), key))) {
            return f;
        }
    }
    return NULL;
}

static bool taken(const struct import_plan *plan, const struct field *f) {
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->columns[i].field == f) {
            return true;
        }
    }
    return false;
}

struct import_plan *import_plan_guess(struct ctx *c, const struct entity *e,
                                      const struct str *headers, size_t n) {
    struct import_plan *plan = ARENA_NEW(c->arena, struct import_plan);
    plan->entity = e;
    plan->cache = import_cache_new(c->arena);
    plan->author_id = c->actor ? c->actor->user_id : 0;
    for (size_t i = 0; i < n && i < IMPORT_COLUMNS; i++) {
        const struct field *f = import_guess(c, e, headers[i]);
        plan->columns[i] = (struct import_column){.header = str_copy(c->arena, headers[i]),
                                                  .field = f && !taken(plan, f) ? f : NULL,
                                                  .scale = 1};
        plan->n = i + 1;
    }
    return plan;
}

static void apply_rules(struct ctx *c, struct import_column *column, const struct json *rules,
                        struct str pointer) {
    const struct json *replace = json_get(rules, "replace");
    int64_t scale = json_int(rules, "scale", column->scale);
    if (replace && replace->kind != JSON_IS_OBJECT) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/rules/replace", STR_ARG(pointer)), "field.type");
        return;
    }
    if (scale < 1 || scale > 1000000000) {
        FAIL_FIELD(c, str_format(c->arena, "%.*s/rules/scale", STR_ARG(pointer)), "field.type");
        return;
    }
    column->replace = replace ? replace : column->replace;
    column->scale = scale;
    column->create_missing = json_bool(rules, "create_missing", column->create_missing);
    struct str currency = json_text(rules, "currency");
    column->currency = currency.n ? currency : column->currency;
}

void import_plan_apply(struct ctx *c, struct import_plan *plan, const struct json *decided) {
    const struct json *mapping = json_get(decided, "mapping");
    for (size_t i = 0; json_is(mapping, JSON_IS_ARRAY) && i < mapping->n; i++) {
        const struct json *one = &mapping->items[i];
        int64_t at = json_int(one, "column", -1);
        struct str pointer = str_format(c->arena, "/mapping/%zu", i);
        struct str name = json_text(one, "field");
        const struct field *f = name.n ? entity_field(plan->entity, name) : NULL;
        if (at < 0 || at >= (int64_t)plan->n || (name.n && (!f || !importable(f)))) {
            FAIL_FIELD(c, str_format(c->arena, "%.*s/field", STR_ARG(pointer)), "field.unknown");
            continue;
        }
        if (json_get(one, "field")) {
            plan->columns[at].field = f;
        }
        apply_rules(c, &plan->columns[at], json_get(one, "rules"), pointer);
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
        if (k->field) {
            json_put_str(&w, k->field->name);
        } else {
            json_put_null(&w);
        }
        json_key(&w, "rules");
        json_begin_object(&w);
        JSON_MEMBER(&w, "currency", json_put_str, k->currency);
        JSON_MEMBER(&w, "scale", json_put_int, k->scale);
        JSON_MEMBER(&w, "create_missing", json_put_bool, k->create_missing);
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
