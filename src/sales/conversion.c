/*
 * Conversion: a lead becomes a customer, in one click.
 *
 * When the lead meets the company's conditions it becomes account + contact + opportunity,
 * or a person-customer without an account, or joins existing ones (duplicates are offered).
 * Nothing is copied: the deal names its lead, so captures, activities and files stay where they
 * are and show on both. A lead converts once: the row in conversion, one a lead, decides between
 * two who click at the same moment. It can be undone as long as nothing was built on what it made.
 *
 * Events out: lead.converted, lead.unconverted.
 */
#include "sales/conversion.h"

#include "base/message.h"
#include "base/module.h"
#include "customer/account.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/query.h"
#include "event/event.h"
#include "http/route.h"
#include "organization/company.h"
#include "sales/pipeline.h"
#include "sales/sales.h"

enum { DUPLICATES = 5 };

static const struct migration migrations[] = {
    {"sales.conversion.1",
     "CREATE TABLE conversion (lead_id {id}, at BIGINT NOT NULL, actor_id BIGINT, "
     "status_before TEXT NOT NULL, account_id BIGINT, contact_id BIGINT, "
     "opportunity_id BIGINT, account_made BIGINT NOT NULL, contact_made BIGINT NOT NULL)"},
    {0}};

/* What a company may ask of a lead before it converts (setting conversion_requires). */
struct requirement {
    const char *code, *text;
    bool (*met)(const struct record *lead);
};

static bool has_company(const struct record *lead) {
    return !record_empty(lead, "company_name");
}

static bool is_reachable(const struct record *lead) {
    return !record_empty(lead, "phone") || !record_empty(lead, "email");
}

static bool was_followed_up(const struct record *lead) {
    return !record_empty(lead, "last_follow_up_at");
}

static bool has_region(const struct record *lead) {
    return !record_empty(lead, "region");
}

static bool has_interest(const struct record *lead) {
    return !record_empty(lead, "product_interest");
}

static const struct requirement requirements[] = {
    {"company_name", "conversion.company_name", has_company},
    {"phone_or_email", "conversion.phone_or_email", is_reachable},
    {"followed_up", "conversion.followed_up", was_followed_up},
    {"region", "conversion.region", has_region},
    {"product_interest", "conversion.product_interest", has_interest},
    {0}};

static bool requirement_asked(struct str asked, const char *code) {
    struct str word;
    while (str_cut(&asked, ' ', &word)) {
        if (str_is(word, code)) {
            return true;
        }
    }
    return false;
}

/* What the lead lacks, in words; empty when it is ready. */
static struct str requirements_unmet(struct ctx *c, const struct record *lead) {
    struct str asked = company_text(c, "conversion_requires");
    struct text_buffer words = {.arena = c->arena};
    for (const struct requirement *q = requirements; q->code; q++) {
        if (requirement_asked(asked, q->code) && !q->met(lead)) {
            text_add_c(&words, !words.n ? "" : c->language == LANGUAGE_ZH ? "；" : "; ");
            text_add(&words, message_words(c->language, q->text));
        }
    }
    return text_str(&words);
}

static void conditions_json(struct ctx *c, struct json_writer *w, const struct record *lead) {
    struct str asked = company_text(c, "conversion_requires");
    json_key(w, "conditions");
    json_begin_array(w);
    for (const struct requirement *q = requirements; q->code; q++) {
        if (requirement_asked(asked, q->code)) {
            json_begin_object(w);
            JSON_MEMBER(w, "code", json_put_c, q->code);
            JSON_MEMBER(w, "text", json_put_str, message_words(c->language, q->text));
            JSON_MEMBER(w, "met", json_put_bool, q->met(lead));
            json_end_object(w);
        }
    }
    json_end_array(w);
}

/* What exists already and may be the lead's, as far as the actor may see it, each with why. */
struct offer {
    int64_t id;
    struct str reason;
};

static size_t offer_add(struct offer *offers, size_t n, int64_t id, struct str reason) {
    for (size_t i = 0; i < n; i++) {
        if (offers[i].id == id) {
            return n;
        }
    }
    if (n < DUPLICATES) {
        offers[n++] = (struct offer){id, reason};
    }
    return n;
}

/* Where the person works already, then those of the same name. */
static size_t accounts_offered(struct ctx *c, const struct record *lead, struct offer *offers) {
    int64_t ids[DUPLICATES];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT k.account_id, k.job_title FROM contact k JOIN account a ON a.id = "
             "k.account_id AND a.deleted_at IS NULL WHERE k.person_id = $1 AND k.deleted_at IS "
             "NULL ORDER BY k.id LIMIT $2",
             record_id(lead, "person_id"), (int64_t)DUPLICATES);
    while (db_next(&rows)) {
        struct str title = db_text(&rows, 1);
        struct text_parameter as = {"title", title};
        n = offer_add(
            offers, n, db_int(&rows, 0),
            message_format(c->arena, c->language,
                           title.n ? "conversion.works_there_as" : "conversion.works_there", &as,
                           1));
    }
    db_done(&rows);
    struct str company = record_text(lead, "company_name");
    size_t same = company.n ? account_same_name(c, company, ids, DUPLICATES) : 0;
    for (size_t i = 0; i < same; i++) {
        n = offer_add(offers, n, ids[i], message_words(c->language, "conversion.same_name"));
    }
    return n;
}

/* Deals of the person that are under way: perhaps this is one of them. */
static size_t deals_offered(struct ctx *c, const struct record *lead, struct offer *offers) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM opportunity WHERE person_id = $1 AND state = 'open' "
             "AND deleted_at IS NULL ORDER BY id DESC LIMIT $2",
             record_id(lead, "person_id"), (int64_t)DUPLICATES);
    while (db_next(&rows)) {
        n = offer_add(offers, n, db_int(&rows, 0),
                      message_words(c->language, "conversion.deal_under_way"));
    }
    return n;
}

static void offers_json(struct ctx *c, struct json_writer *w, const char *entity,
                        const struct offer *offers, size_t n) {
    int64_t ids[DUPLICATES];
    struct str titles[DUPLICATES];
    for (size_t i = 0; i < n; i++) {
        ids[i] = offers[i].id;
    }
    list_titles(c, entity_named(c, entity), ids, n, titles);
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        if (titles[i].n) {
            json_begin_object(w);
            JSON_MEMBER(w, "id", json_put_id, ids[i]);
            JSON_MEMBER(w, "title", json_put_str, titles[i]);
            JSON_MEMBER(w, "reason", json_put_str, offers[i].reason);
            json_end_object(w);
        }
    }
    json_end_array(w);
}

static void duplicates_json(struct ctx *c, struct json_writer *w, const struct record *lead) {
    struct offer offers[DUPLICATES];
    size_t n = accounts_offered(c, lead, offers);
    json_key(w, "duplicates");
    json_begin_object(w);
    json_key(w, "accounts");
    offers_json(c, w, "account", offers, n);
    n = deals_offered(c, lead, offers);
    json_key(w, "opportunities");
    offers_json(c, w, "opportunity", offers, n);
    json_end_object(w);
}

static struct record *lead_to_convert(struct request *r) {
    struct record *lead = record_read(r->c, entity_named(r->c, "lead"), request_id(r, "id"));
    if (lead) {
        access_require(r->c, ACTION_UPDATE, lead);
    }
    return ctx_failed(r->c) ? NULL : lead;
}

/* The same, held: of two who convert it, or take that back, the second decides by what the first
 * left. */
static struct record *lead_held(struct request *r) {
    struct record *lead = lead_to_convert(r);
    return lead && record_holds(r->c, lead) ? lead : NULL;
}

static void preview_post(struct request *r) {
    struct ctx *c = r->c;
    struct record *lead = lead_to_convert(r);
    if (!lead) {
        return;
    }
    struct str company = record_text(lead, "company_name");
    struct str interest = record_text(lead, "product_interest");
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    conditions_json(c, &w, lead);
    JSON_MEMBER(&w, "ready", json_put_bool, !requirements_unmet(c, lead).n);
    duplicates_json(c, &w, lead);
    json_key(&w, "suggested");
    json_begin_object(&w);
    JSON_MEMBER(&w, "account_name", json_put_str, company);
    JSON_MEMBER(&w, "opportunity_name", json_put_str,
                str_format(c->arena, "%.*s%s%.*s",
                           STR_ARG(company.n ? company : record_title(lead)), interest.n ? " " : "",
                           STR_ARG(interest)));
    JSON_MEMBER(&w, "pipeline_id", json_put_id, pipeline_standard(c));
    json_end_object(&w);
    json_end_object(&w);
    if (!ctx_failed(c)) {
        reply_json(r, 200, &w);
    }
}

/* A conversion as it goes along. */
struct conversion {
    const struct record *lead;
    int64_t account_id, contact_id, opportunity_id;
    bool account_made, contact_made;
};

static int64_t insert_id(struct ctx *c, const struct change_set *set) {
    struct record *r = record_insert(c, set);
    return r ? r->id : 0;
}

static void copy_field(struct change_set *to, const char *name, const struct record *from,
                       const char *source) {
    change_value(to, entity_field(to->entity, str_from(name)), record_value(from, source));
}

/* A lead's industry is whatever it was called; an account's is one of a list. */
static void copy_industry(struct ctx *c, struct change_set *account, const struct record *lead) {
    const struct field *f = entity_field(account->entity, STR("industry"));
    const struct field_option *o = option_called(c, f, record_text(lead, "industry"));
    if (o) {
        change_text(account, "industry", o->code);
    }
}

static void give_account(struct ctx *c, struct conversion *v, const struct json *plan) {
    const struct entity *account = entity_named(c, "account");
    if (!json_is(plan, JSON_IS_OBJECT)) {
        return;
    }
    if (json_id(plan, "id")) {
        struct record *known = record_read(c, account, json_id(plan, "id"));
        v->account_id = known ? known->id : 0;
        return;
    }
    struct str name = str_trim(json_text(plan, "name"));
    struct change_set set = change_new(c, account);
    change_text(&set, "name", name.n ? name : record_text(v->lead, "company_name"));
    record_permit(c, &set);
    copy_industry(c, &set, v->lead);
    copy_field(&set, "region", v->lead, "region");
    copy_field(&set, "source", v->lead, "source");
    copy_field(&set, "owner_id", v->lead, "owner_id");
    v->account_id = insert_id(c, &set);
    v->account_made = true;
}

static void give_contact(struct ctx *c, struct conversion *v) {
    int64_t person_id = record_id(v->lead, "person_id");
    if (!v->account_id) {
        return;
    }
    v->contact_id = DB_INT(c,
                           "SELECT id FROM contact WHERE account_id = $1 AND person_id = $2 "
                           "AND deleted_at IS NULL",
                           v->account_id, person_id);
    if (v->contact_id || ctx_failed(c)) {
        return;
    }
    struct change_set set = change_new(c, entity_named(c, "contact"));
    copy_field(&set, "name", v->lead, "name");
    record_permit(c, &set);
    copy_field(&set, "job_title", v->lead, "job_title");
    copy_field(&set, "owner_id", v->lead, "owner_id");
    change_id(&set, "account_id", v->account_id);
    change_id(&set, "person_id", person_id);
    v->contact_id = insert_id(c, &set);
    v->contact_made = true;
}

/* The deal as the converter filled it in, by the converter's rights, joined to what the conversion
 * made. */
static void give_opportunity(struct ctx *c, struct conversion *v, const struct json *plan) {
    if (!json_is(plan, JSON_IS_OBJECT)) {
        return;
    }
    const struct entity *e = entity_named(c, "opportunity");
    struct json_member *kept = ARENA_NEW_ARRAY(c->arena, plan->n, struct json_member);
    struct json fields = {.kind = JSON_IS_OBJECT, .members = kept};
    int64_t pipeline = 0;
    for (size_t i = 0; i < plan->n; i++) {
        if (str_is(plan->members[i].key, "pipeline_id")) {
            pipeline = json_as_id(&plan->members[i].value);
        } else {
            kept[fields.n++] = plan->members[i];
        }
    }
    struct change_set set = change_from_json(c, e, &fields);
    record_permit(c, &set);
    change_id(&set, "pipeline_id", pipeline ? pipeline : pipeline_standard(c));
    change_id(&set, "lead_id", v->lead->id);
    change_id(&set, "account_id", v->account_id);
    copy_field(&set, "person_id", v->lead, "person_id");
    copy_field(&set, "source", v->lead, "source");
    copy_field(&set, "owner_id", v->lead, "owner_id");
    v->opportunity_id = ctx_failed(c) ? 0 : insert_id(c, &set);
}

/* The one row a lead can have: the second who converts fails here. */
static void conversion_claim(struct ctx *c, const struct record *lead) {
    int64_t claimed = DB_RUN(c,
                             "INSERT INTO conversion (lead_id, at, actor_id, status_before, "
                             "account_made, contact_made) VALUES ($1, $2, $3, $4, 0, 0) "
                             "ON CONFLICT (lead_id) DO NOTHING",
                             lead->id, c->now_ms, db_from_id(c->actor->user_id),
                             record_text(lead, "status"));
    if (!claimed) {
        FAIL(c, ERROR_CONFLICT, "lead.already_converted");
    }
}

static void conversion_finish(struct ctx *c, const struct conversion *v) {
    DB_RUN(c,
           "UPDATE conversion SET account_id = $1, contact_id = $2, opportunity_id = $3, "
           "account_made = $4, contact_made = $5 WHERE lead_id = $6",
           db_from_id(v->account_id), db_from_id(v->contact_id), db_from_id(v->opportunity_id),
           v->account_made, v->contact_made, v->lead->id);
    struct change_set set = change_new(c, v->lead->entity);
    change_text(&set, "status", STR("converted"));
    change_int(&set, "converted_at", c->now_ms);
    change_id(&set, "account_id", v->account_id);
    change_id(&set, "contact_id", v->contact_id);
    change_id(&set, "opportunity_id", v->opportunity_id);
    if (v->opportunity_id) {
        change_text(&set, "furthest_step", STR("deal"));
        change_text(&set, "deal_state", STR("open"));
    }
    record_change(c, v->lead->id, &set);
}

static void conversion_json(struct json_writer *w, const struct conversion *v) {
    json_begin_object(w);
    JSON_MEMBER(w, "account_id", json_put_id, v->account_id);
    JSON_MEMBER(w, "contact_id", json_put_id, v->contact_id);
    JSON_MEMBER(w, "person_id", json_put_id, record_id(v->lead, "person_id"));
    JSON_MEMBER(w, "opportunity_id", json_put_id, v->opportunity_id);
    JSON_MEMBER(w, "undo", json_put_bool, true);
    json_end_object(w);
}

static void emit_converted(struct ctx *c, const struct conversion *v) {
    struct json_writer w = json_writer(c->arena);
    conversion_json(&w, v);
    event_emit(c, &(struct event){.type = STR("lead.converted"),
                                  .subject_type = STR("lead"),
                                  .subject_id = v->lead->id,
                                  .account_id = v->account_id,
                                  .person_id = record_id(v->lead, "person_id"),
                                  .payload = json_str(&w)});
}

void conversion_add(struct ctx *c, int64_t lead_id, const struct conversion_known *known) {
    struct conversion v = {.lead = record_load(c, entity_named(c, "lead"), lead_id),
                           .account_id = known->account_id,
                           .contact_id = known->contact_id,
                           .opportunity_id = known->opportunity_id,
                           .account_made = known->account_made,
                           .contact_made = known->contact_made};
    if (!v.lead) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return;
    }
    conversion_claim(c, v.lead);
    conversion_finish(c, &v);
    emit_converted(c, &v);
}

static void convert_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct conversion v = {.lead = body ? lead_held(r) : NULL};
    if (!v.lead) {
        return;
    }
    struct str unmet = requirements_unmet(c, v.lead);
    if (unmet.n) {
        FAIL(c, ERROR_CONFLICT, "lead.not_ready", {"unmet", unmet});
    }
    conversion_claim(c, v.lead);
    give_account(c, &v, json_get(body, "account"));
    give_contact(c, &v);
    give_opportunity(c, &v, json_get(body, "opportunity"));
    conversion_finish(c, &v);
    emit_converted(c, &v);
    struct json_writer w = json_writer(c->arena);
    conversion_json(&w, &v);
    if (!ctx_failed(c)) {
        reply_json(r, 200, &w);
    }
}

/* Whether something else has come to stand on the account since. */
static bool account_used(struct ctx *c, int64_t account_id) {
    return DB_INT(c,
                  "SELECT 1 FROM opportunity WHERE account_id = $1 AND deleted_at IS NULL "
                  "UNION ALL SELECT 1 FROM contact WHERE account_id = $1 AND deleted_at IS NULL "
                  "UNION ALL SELECT 1 FROM lead WHERE account_id = $1 AND deleted_at IS NULL "
                  "LIMIT 1",
                  account_id) != 0;
}

static void remove_made(struct ctx *c, const char *entity, int64_t id) {
    if (id && record_load(c, entity_named(c, entity), id)) {
        record_remove(c, entity_named(c, entity), id);
    }
}

static void lead_reopen(struct ctx *c, const struct record *lead, struct str status) {
    struct change_set set = change_new(c, lead->entity);
    static const char *const emptied[] = {"converted_at",   "account_id",    "contact_id",
                                          "opportunity_id", "furthest_step", "deal_state"};
    change_text(&set, "status", status);
    for (size_t i = 0; i < sizeof emptied / sizeof *emptied; i++) {
        change_null(&set, emptied[i]);
    }
    record_change(c, lead->id, &set);
}

static void unconvert_post(struct request *r) {
    struct ctx *c = r->c;
    struct record *lead = lead_held(r);
    struct db_rows rows;
    if (!lead) {
        return;
    }
    DB_QUERY(c, &rows,
             "SELECT status_before, account_id, contact_id, opportunity_id, account_made, "
             "contact_made FROM conversion WHERE lead_id = $1",
             lead->id);
    if (!db_next(&rows)) {
        FAIL(c, ERROR_CONFLICT, "lead.not_converted");
        return;
    }
    struct str status = db_text(&rows, 0);
    int64_t account = db_int(&rows, 4) ? db_int(&rows, 1) : 0;
    int64_t contact = db_int(&rows, 5) ? db_int(&rows, 2) : 0;
    int64_t deal = db_int(&rows, 3);
    db_done(&rows);
    struct record *made = deal ? record_load(c, entity_named(c, "opportunity"), deal) : NULL;
    if (made && !str_is(record_text(made, "state"), "open")) {
        FAIL(c, ERROR_CONFLICT, "lead.deal_closed");
    }
    lead_reopen(c, lead, status);
    remove_made(c, "opportunity", deal);
    remove_made(c, "contact", contact);
    if (account && !account_used(c, account)) {
        remove_made(c, "account", account);
    }
    DB_RUN(c, "DELETE FROM conversion WHERE lead_id = $1", lead->id);
    event_emit(c, &(struct event){.type = STR("lead.unconverted"),
                                  .subject_type = STR("lead"),
                                  .subject_id = lead->id});
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/leads/{id}/convert/preview", PERMISSION_RECORD, LANE_INLINE,
     preview_post, .summary = "route.convert_preview",
     .answer = "ready:boolean! conditions:[(code:text! text:text! met:boolean!)]! "
               "duplicates:object! suggested:object!"},
    {METHOD_POST, "/api/v1/leads/{id}/convert", PERMISSION_RECORD, LANE_WRITER, convert_post,
     .summary = "route.convert", .body = "account:object? opportunity:object?",
     .answer = "account_id:id?! contact_id:id?! person_id:id! opportunity_id:id?! "
               "undo:boolean!"},
    {METHOD_POST, "/api/v1/leads/{id}/unconvert", PERMISSION_RECORD, LANE_WRITER, unconvert_post,
     .summary = "route.unconvert"},
    {0}};

static const struct text texts[] = {
    {"conversion.company_name", "有公司名称", "The company is known"},
    {"conversion.phone_or_email", "有手机或邮箱", "There is a phone or mail"},
    {"conversion.followed_up", "已跟进过", "There was a follow-up"},
    {"conversion.region", "有地区", "The region is known"},
    {"conversion.product_interest", "有意向产品", "The product of interest is known"},
    {"conversion.same_name", "公司名称相同", "The same company name"},
    {"conversion.works_there", "这个人是它的联系人", "The person is a contact there"},
    {"conversion.works_there_as", "这个人是它的联系人（{title}）",
     "The person is a contact there ({title})"},
    {"conversion.deal_under_way", "这个人已有进行中的商机", "The person has a deal under way"},
    {"lead.already_converted", "这条线索已经转化过了", "This lead was converted already"},
    {"lead.not_ready", "还没满足转化条件：{unmet}", "Not yet met for conversion: {unmet}"},
    {"lead.not_converted", "这条线索没有转化过", "This lead was not converted"},
    {"lead.deal_closed", "商机已经结束，不能撤销转化",
     "The deal is closed; the conversion cannot be undone"},
    {"route.convert_preview", "转化预览", "Preview of a conversion"},
    {"route.convert", "转化线索", "Convert a lead"},
    {"route.unconvert", "撤销转化", "Undo a conversion"},
    {0}};

static const struct event_type event_types[] = {
    {"lead.converted", "lead", "转化", "converted"},
    {"lead.unconverted", "lead", "撤销转化", "conversion undone"},
    {0}};

const struct module conversion_module = {.name = "sales.conversion",
                                         .cloud = "sales",
                                         .events = event_types,
                                         .routes = routes,
                                         .migrations = migrations,
                                         .texts = texts};
