/*
 * Conversion: a lead becomes a customer, in one click.
 *
 * When the lead meets the company's conditions it becomes account + contact + opportunity,
 * or a person-customer without an account, or joins existing ones (duplicates are offered).
 * Nothing is copied: the deal names its lead, so captures, activities and files stay where they
 * are and show on both. What was disqualified is reopened first. A lead converts once: the row in
 * conversion, one a lead, decides between two who click at the same moment. It can be undone as
 * long as nothing was built on what it made.
 *
 * Events out: lead.converted, lead.unconverted.
 */
#include "sales/conversion.h"

#include "automation/held_verb.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/lead.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "event/event.h"
#include "http/route.h"
#include "sales/conversion_parts.h"
#include "sales/conversion_rule.h"
#include "sales/pipeline.h"
#include "sales/sales.h"

static const struct migration migrations[] = {
    {"sales.conversion.1",
     "CREATE TABLE conversion (lead_id {id}, at BIGINT NOT NULL, actor_id BIGINT, "
     "status_before TEXT NOT NULL, account_id BIGINT, contact_id BIGINT, "
     "opportunity_id BIGINT, account_made BIGINT NOT NULL, contact_made BIGINT NOT NULL)"},
    {"sales.conversion.2",
     "ALTER TABLE conversion ADD COLUMN opportunity_made BIGINT NOT NULL DEFAULT 1;\n"
     "ALTER TABLE conversion ADD COLUMN filled TEXT NOT NULL DEFAULT ''"},
    {0}};

struct record *conversion_lead(struct ctx *c, int64_t id) {
    struct record *lead = record_read(c, entity_named(c, "lead"), id);
    if (lead) {
        access_require(c, ACTION_UPDATE, lead);
    }
    return ctx_failed(c) ? NULL : lead;
}

/* What is nobody's becomes whose who converts it: else what it becomes would be nobody's too. */
static const struct record *taken_over(struct ctx *c, const struct record *lead) {
    int64_t user_id = access_user_id(c->actor);
    if (!record_empty(lead, "owner_id") || !user_id) {
        return lead;
    }
    lead_assign(c, lead, user_id, message_words(LANGUAGE_ZH, "conversion.taken_over"));
    return record_load(c, lead->entity, lead->id);
}

static bool disqualified(const struct record *lead) {
    return str_is(record_text(lead, "status"), "disqualified");
}

/* What the wizard would do as it stands; unsaid: an account, a deal of the standard pipeline. */
static struct conversion_aim preview_aim(struct request *r) {
    const struct json *body = r->body.n ? request_json(r) : NULL;
    int64_t pipeline = json_id(body, "pipeline_id");
    return (struct conversion_aim){.pipeline_id = pipeline ? pipeline : pipeline_standard(r->c),
                                   .deal = json_bool(body, "deal", true),
                                   .account = json_bool(body, "account", true)};
}

static void preview_post(struct request *r) {
    struct ctx *c = r->c;
    struct record *lead = conversion_lead(c, request_id(r, "id"));
    if (!lead) {
        return;
    }
    struct str company = record_text(lead, "company_name");
    struct str interest = record_text(lead, "product_interest");
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    conversion_conditions_json(c, &w, lead);
    bool ready = !disqualified(lead) && !conversion_unmet(c, lead, preview_aim(r)).n;
    JSON_MEMBER(&w, "ready", json_put_bool, ready);
    held_verb_waits_json(c, &w, lead->id);
    conversion_offers_json(c, &w, lead);
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
    reply_json(r, 200, &w);
}

/* A conversion as it goes along. */
struct conversion {
    const struct record *lead;
    struct record *deal; /* that was there before */
    int64_t account_id, contact_id, opportunity_id;
    bool account_made, contact_made, opportunity_made;
    struct text_buffer filled; /* fields of that deal that were empty, blanks between */
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

/* A deal that is there already, when the plan names one: under way, and the converter's to change.
 * Whose it is, the lead becomes. */
static void take_deal(struct ctx *c, struct conversion *v, const struct json *plan) {
    int64_t id = json_id(plan, "id");
    struct record *deal = id ? record_read(c, entity_named(c, "opportunity"), id) : NULL;
    if (!deal) {
        return;
    }
    access_require(c, ACTION_UPDATE, deal);
    if (!str_is(record_text(deal, "state"), "open")) {
        FAIL_FIELD(c, STR("/opportunity/id"), "conversion.deal_ended");
    }
    if (record_holds(c, deal)) {
        v->deal = deal;
        v->opportunity_id = id;
        v->account_id = record_id(deal, "account_id");
    }
}

static void give_account(struct ctx *c, struct conversion *v, const struct json *plan) {
    const struct entity *account = entity_named(c, "account");
    int64_t deals = v->account_id, id = json_id(plan, "id");
    if (!json_is(plan, JSON_IS_OBJECT)) {
        return;
    }
    if (deals && id != deals) {
        FAIL_FIELD(c, STR("/account"), "conversion.account_of_deal");
        return;
    }
    if (id) {
        struct record *known = record_read(c, account, id);
        v->account_id = known ? known->id : 0;
        return;
    }
    const struct field_error *last = c->error.last_field;
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
    ctx_fields_under(c, last, "/account");
}

/* A contact that is there already: at the account, which without another is the contact's. */
static void take_contact(struct ctx *c, struct conversion *v, int64_t id) {
    struct record *contact = record_read(c, entity_named(c, "contact"), id);
    int64_t account = contact ? record_id(contact, "account_id") : 0;
    if (!contact) {
        return;
    }
    if (v->account_id && account != v->account_id) {
        FAIL_FIELD(c, STR("/contact/id"), "conversion.contact_elsewhere");
        return;
    }
    v->contact_id = id;
    v->account_id = account;
}

static void give_contact(struct ctx *c, struct conversion *v, const struct json *plan) {
    int64_t person_id = record_id(v->lead, "person_id");
    if (json_id(plan, "id")) {
        take_contact(c, v, json_id(plan, "id"));
        return;
    }
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
    const struct field_error *last = c->error.last_field;
    struct change_set set = change_new(c, entity_named(c, "contact"));
    copy_field(&set, "name", v->lead, "name");
    record_permit(c, &set);
    copy_field(&set, "job_title", v->lead, "job_title");
    copy_field(&set, "owner_id", v->lead, "owner_id");
    change_id(&set, "account_id", v->account_id);
    change_id(&set, "person_id", person_id);
    v->contact_id = insert_id(c, &set);
    v->contact_made = true;
    ctx_fields_under(c, last, "/contact");
}

/* A deal that was there says nothing else than before, save what it did not know: its account, its
 * person, and which lead it came from. */
static void join_deal(struct ctx *c, struct conversion *v) {
    const struct {
        const char *field;
        int64_t id;
    } known[] = {{"lead_id", v->lead->id},
                 {"account_id", v->account_id},
                 {"person_id", record_id(v->lead, "person_id")}};
    struct change_set set = change_new(c, v->deal->entity);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].id && record_empty(v->deal, known[i].field)) {
            change_id(&set, known[i].field, known[i].id);
            text_add_c(&v->filled, v->filled.n ? " " : "");
            text_add_c(&v->filled, known[i].field);
        }
    }
    if (v->filled.n) {
        record_change(c, v->deal->id, &set);
    }
}

/* The pipeline stands apart: it is set by verbs, and the standard one when nobody says. */
static struct json deal_fields(struct ctx *c, const struct json *plan, int64_t *pipeline) {
    struct json_member *kept = ARENA_NEW_ARRAY(c->arena, plan->n, struct json_member);
    struct json fields = {.kind = JSON_IS_OBJECT, .members = kept};
    *pipeline = 0;
    for (size_t i = 0; i < plan->n; i++) {
        if (str_is(plan->members[i].key, "pipeline_id")) {
            *pipeline = json_as_id(&plan->members[i].value);
        } else {
            kept[fields.n++] = plan->members[i];
        }
    }
    return fields;
}

/* What was agreed for the next time goes on with the deal; the converter may say another time. */
static void keep_next_step(struct change_set *deal, const struct record *lead) {
    const char *when = "next_follow_up_at";
    if (!deal->set[entity_field(deal->entity, str_from(when))->position]) {
        copy_field(deal, when, lead, when);
    }
}

/* The deal as the converter filled it in, by the converter's rights, joined to what the conversion
 * made; or the one that was there. */
static void give_opportunity(struct ctx *c, struct conversion *v, const struct json *plan) {
    int64_t pipeline;
    if (v->deal) {
        join_deal(c, v);
    }
    if (v->deal || !json_is(plan, JSON_IS_OBJECT) || ctx_failed(c)) {
        return;
    }
    const struct field_error *last = c->error.last_field;
    struct json fields = deal_fields(c, plan, &pipeline);
    struct change_set set = change_from_json(c, entity_named(c, "opportunity"), &fields);
    record_permit(c, &set);
    change_id(&set, "pipeline_id", pipeline ? pipeline : pipeline_standard(c));
    change_id(&set, "lead_id", v->lead->id);
    change_id(&set, "account_id", v->account_id);
    copy_field(&set, "person_id", v->lead, "person_id");
    copy_field(&set, "source", v->lead, "source");
    copy_field(&set, "owner_id", v->lead, "owner_id");
    keep_next_step(&set, v->lead);
    v->opportunity_id = ctx_failed(c) ? 0 : insert_id(c, &set);
    v->opportunity_made = true;
    ctx_fields_under(c, last, "/opportunity");
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
           "account_made = $4, contact_made = $5, opportunity_made = $6, filled = $7 "
           "WHERE lead_id = $8",
           db_from_id(v->account_id), db_from_id(v->contact_id), db_from_id(v->opportunity_id),
           v->account_made, v->contact_made, v->opportunity_made,
           v->filled.n ? text_str(&v->filled) : STR(""), v->lead->id);
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
    JSON_MEMBER(w, "joined", json_put_bool, v->deal != NULL);
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
                           .contact_made = known->contact_made,
                           .opportunity_made = known->opportunity_id != 0,
                           .filled = {.arena = c->arena}};
    if (!v.lead) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return;
    }
    conversion_claim(c, v.lead);
    conversion_finish(c, &v);
    emit_converted(c, &v);
}

/* What is asked depends on what comes of it. */
static struct conversion_aim aim_of(struct ctx *c, const struct conversion *v,
                                    const struct json *body) {
    const struct json *plan = json_get(body, "opportunity");
    bool deal = v->deal || json_is(plan, JSON_IS_OBJECT);
    int64_t pipeline = v->deal ? record_id(v->deal, "pipeline_id") : json_id(plan, "pipeline_id");
    return (struct conversion_aim){
        .pipeline_id = pipeline || !deal ? pipeline : pipeline_standard(c),
        .deal = deal,
        .account = v->account_id || json_is(json_get(body, "account"), JSON_IS_OBJECT)};
}

/* Each part is an object, or left out. */
static void check_parts(struct ctx *c, const struct json *body) {
    static const char *const parts[] = {"account", "contact", "opportunity"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct json *part = json_get(body, parts[i]);
        if (part && part->kind != JSON_IS_OBJECT && part->kind != JSON_IS_NULL) {
            FAIL_FIELD(c, str_format(c->arena, "/%s", parts[i]), "field.type");
        }
    }
}

void conversion_run(struct ctx *c, struct record *lead, const struct json *body,
                    struct json_writer *result) {
    struct conversion v = {.lead = lead, .filled = {.arena = c->arena}};
    check_parts(c, body);
    /* Held: of two who convert it, or take that back, the second decides by what the first left. */
    if (ctx_failed(c) || !record_holds(c, lead)) {
        return;
    }
    if (disqualified(lead)) {
        FAIL(c, ERROR_CONFLICT, "lead.reopen_first");
        return;
    }
    const struct json *deal = json_get(body, "opportunity");
    held_verb_begin(c, lead->id);
    take_deal(c, &v, deal);
    conversion_require(c, lead, aim_of(c, &v, body));
    conversion_claim(c, v.lead);
    v.lead = taken_over(c, v.lead);
    if (!v.lead) {
        return;
    }
    give_account(c, &v, json_get(body, "account"));
    give_contact(c, &v, json_get(body, "contact"));
    give_opportunity(c, &v, deal);
    conversion_finish(c, &v);
    emit_converted(c, &v);
    if (result) {
        conversion_json(result, &v);
    }
}

static void convert_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *lead = body ? conversion_lead(c, request_id(r, "id")) : NULL;
    struct json_writer w = json_writer(c->arena);
    if (lead) {
        conversion_run(c, lead, body, &w);
        reply_json(r, 200, &w);
    }
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/leads/{id}/convert/preview", PERMISSION_RECORD, LANE_INLINE,
     preview_post, .summary = "route.convert_preview",
     .body = "pipeline_id:id deal:boolean account:boolean",
     .answer =
         "ready:boolean! conditions:[(id:id! text:text! met:boolean! asked_for:text! "
         "pipeline_id:id?! parts:object!)]! waits:object?! duplicates:object! suggested:object!"},
    {METHOD_POST, "/api/v1/leads/{id}/convert", PERMISSION_RECORD, LANE_WRITER, convert_post,
     .summary = "route.convert", .body = "account:object? contact:object? opportunity:object?",
     .answer = "account_id:id?! contact_id:id?! person_id:id! opportunity_id:id?! "
               "joined:boolean! undo:boolean!"},
    {0}};

static const struct text texts[] = {
    {"conversion.same_name", "公司名称相同", "The same company name"},
    {"conversion.works_there", "这个人是它的联系人", "The person is a contact there"},
    {"conversion.works_there_as", "这个人是它的联系人（{title}）",
     "The person is a contact there ({title})"},
    {"conversion.same_person", "就是这个人", "This very person"},
    {"conversion.same_name_there", "那里的同名联系人", "A contact of the same name there"},
    {"conversion.deal_under_way", "这个人已有进行中的商机", "The person has a deal under way"},
    {"conversion.deal_of_account", "这家客户有进行中的商机", "The account has a deal under way"},
    {"conversion.taken_over", "转化时接手", "Taken over by who converted it"},
    {"conversion.deal_ended", "这个商机已经结束", "This deal has ended"},
    {"conversion.account_of_deal", "商机属于另一家客户", "The deal is of another account"},
    {"conversion.contact_elsewhere", "这个联系人属于另一家客户",
     "The contact is at another account"},
    {"lead.already_converted", "这条线索已经转化过了", "This lead was converted already"},
    {"lead.reopen_first", "这条线索已判为无效，重新打开后才能转化",
     "The lead was disqualified; reopen it to convert it"},
    {"route.convert_preview", "转化预览", "Preview of a conversion"},
    {"route.convert",
     "转化线索：account、opportunity 给了对象才建，建客户时一并建联系人；"
     "对象里给 id 就并入已有的；都不给，只有这个人成为客户",
     "Convert a lead: account and opportunity are made when their objects are given, a contact "
     "with the account; an object with an id joins what is there; without any the person alone "
     "becomes a customer"},
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
