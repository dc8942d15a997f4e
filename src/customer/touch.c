/*
 * Touches: every capture of a person, kept as received, and the way in for leads.
 *
 * A touch is never changed. It names its lead and person, where it came from and what was
 * sent, so that a lead's capture can be shown and replayed, and later earn credit.
 */
#include "base/clock.h"
#include "base/company.h"
#include "base/email.h"
#include "base/module.h"
#include "base/phone.h"
#include "base/region.h"
#include "base/text.h"
#include "customer/customer.h"
#include "customer/lead.h"
#include "customer/person.h"
#include "customer/two_people.h"
#include "customer/visitor.h"
#include "db/db.h"
#include "entity/gate.h"
#include "event/event.h"

enum { PAYLOAD_LONGEST = 16000 };

/* How long what led somebody to the site is where he comes from. */
enum { CAMPAIGN_HOLDS_DAYS = 30 };

static const struct field_definition fields[] = {
    {"source", FIELD_TEXT, FIELD_TITLE | FIELD_LISTED, "来源", "Source", "group.source",
     .max_length = 60},
    {"campaign", FIELD_TEXT, FIELD_LISTED, "活动", "Campaign", "group.source", .max_length = 120},
    {"medium", FIELD_TEXT, 0, "媒介", "Medium", "group.source", .max_length = 60},
    {"keyword", FIELD_TEXT, 0, "关键词", "Keyword", "group.source", .max_length = 120},
    {"click_id", FIELD_TEXT, 0, "点击标识", "Click id", "group.source", .max_length = 200},
    {"referrer", FIELD_TEXT, 0, "来路", "Referrer", "group.source", .max_length = 200},
    {"landing", FIELD_TEXT, 0, "落地页", "Landing page", "group.source", .max_length = 300},
    {"form_id", FIELD_REFERENCE, FIELD_LISTED, "表单", "Form", "group.source", .target = "form"},
    {"lead_id", FIELD_REFERENCE, FIELD_LISTED | FIELD_INDEXED, "线索", "Lead", "group.basic",
     .target = "lead"},
    {"person_id", FIELD_REFERENCE, FIELD_LISTED, "人", "Person", "group.basic", .target = "person"},
    {"received", FIELD_JSON, FIELD_HIDDEN, "原始内容", "As received", "group.basic",
     .max_length = PAYLOAD_LONGEST},
    {0}};

static const struct entity_definition touch_entity = {.name = "touch",
                                                      .plural = "touches",
                                                      .zh = "触点",
                                                      .en = "Touch",
                                                      .flags = ENTITY_OWNED | ENTITY_APPEND,
                                                      .fields = fields};

const char *const lead_intake_names[] = {
    "name",   "phone",  "email",    "company_name",     "job_title",  "industry",
    "region", "source", "campaign", "product_interest", "description"};

struct str *lead_intake_text(struct lead_intake *in, struct str name) {
    struct str *const places[LEAD_INTAKE_TEXTS] = {
        &in->name,       &in->phone,  &in->email,  &in->company_name, &in->job_title,
        &in->industry,   &in->region, &in->source, &in->campaign,     &in->product_interest,
        &in->description};
    for (int i = 0; i < LEAD_INTAKE_TEXTS; i++) {
        if (str_is(name, lead_intake_names[i])) {
            return places[i];
        }
    }
    return NULL;
}

struct lead_clean lead_clean(struct arena *a, const struct lead_intake *in) {
    struct lead_clean out = {.name = text_normalize(a, in->name),
                             .company_name = text_normalize(a, in->company_name)};
    struct phone phone;
    struct region region;
    /* A dash, or 无, where nobody knew one. */
    out.name = name_is_blank(out.name) ? STR("") : out.name;
    out.company_name = name_is_blank(out.company_name) ? STR("") : out.company_name;
    if (phone_parse(in->phone, &phone) && phone.kind == PHONE_MOBILE) {
        out.phone = str_copy(a, str_from(phone.digits));
    } else if (phone.kind != PHONE_NONE && phone.reason == PHONE_RIGHT) {
        out.phone = str_copy(a, str_from(phone.digits));
    } else if (phone.reason != PHONE_EMPTY) {
        out.phone_why = phone_reason_text(phone.reason);
    }
    struct email email = email_parse(a, in->email);
    out.email = email.reason == EMAIL_RIGHT ? email.address : STR("");
    if (email.reason != EMAIL_RIGHT && email.reason != EMAIL_EMPTY) {
        out.email_why = email_reason_text(email.reason);
    }
    if (region_parse(in->region, &region)) {
        out.region = region_name(a, &region);
    }
    if (name_is_placeholder(out.name)) {
        out.refused = "lead.placeholder";
    } else if (!out.phone.n && !out.email.n && !in->wechat.n) {
        out.refused = "lead.unreachable";
    }
    return out;
}

const char *const lead_origin_ids[] = {
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid", "bd_vid",
    "qz_gdt",     "clickid",    "ttclid",       "fbclid",   "msclkid",     NULL};

bool lead_origin_is_id(struct str name) {
    for (const char *const *id = lead_origin_ids; *id; id++) {
        if (str_is(name, *id)) {
            return true;
        }
    }
    return false;
}

/* Whose click it was, where no campaign says so. */
static const struct {
    const char *id, *source;
} click_ids[] = {{"gclid", "google"},        {"bd_vid", "baidu"},  {"qz_gdt", "tencent_ads"},
                 {"clickid", "oceanengine"}, {"ttclid", "tiktok"}, {"fbclid", "meta"},
                 {"msclkid", "bing"},        {NULL, NULL}};

bool lead_origin_read(struct arena *a, const struct json *ids, struct lead_origin *origin,
                      struct str *source, struct str *campaign) {
    struct str from = text_normalize(a, json_text(ids, "utm_source"));
    struct str name = text_normalize(a, json_text(ids, "utm_campaign"));
    origin->medium = text_normalize(a, json_text(ids, "utm_medium"));
    origin->keyword = text_normalize(a, json_text(ids, "utm_term"));
    for (size_t i = 0; click_ids[i].id; i++) {
        struct str click = json_text(ids, click_ids[i].id);
        if (click.n && !origin->click_id.n) {
            origin->click_id = str_format(a, "%s=%.*s", click_ids[i].id, STR_ARG(click));
            from = from.n ? from : str_from(click_ids[i].source);
        }
    }
    if (source && from.n) {
        *source = from;
    }
    if (campaign && name.n) {
        *campaign = name;
    }
    return from.n || name.n;
}

void lead_origin_of_visitor(struct ctx *c, struct str key, struct lead_intake *in) {
    const struct json *ids = NULL;
    if (visitor_key_valid(key)) {
        ids = visitor_campaign(c, key, c->now_ms - CAMPAIGN_HOLDS_DAYS * (int64_t)MS_DAY);
    }
    if (ids) {
        lead_origin_read(c->arena, ids, &in->origin, &in->source, &in->campaign);
    }
}

int64_t lead_open_of(struct ctx *c, int64_t person_id) {
    return DB_INT(c,
                  "SELECT id FROM lead WHERE person_id = $1 AND deleted_at IS NULL "
                  "AND status NOT IN ('converted', 'disqualified') ORDER BY id DESC LIMIT 1",
                  person_id);
}

int64_t lead_last_of(struct ctx *c, int64_t person_id) {
    return DB_INT(c,
                  "SELECT id FROM lead WHERE person_id = $1 AND deleted_at IS NULL "
                  "ORDER BY id DESC LIMIT 1",
                  person_id);
}

int64_t lead_told_of(struct ctx *c, int64_t person_id, const struct lead_intake *in) {
    if (!in->created_at) {
        return 0;
    }
    return DB_INT(c,
                  "SELECT l.id FROM lead l WHERE l.person_id = $1 AND l.deleted_at IS NULL "
                  "AND ((l.created_at = $2 AND COALESCE(l.source, '') = $3) OR EXISTS "
                  "(SELECT 1 FROM touch t WHERE t.lead_id = l.id AND t.created_at = $2 "
                  "AND COALESCE(t.source, '') = $3)) ORDER BY l.id DESC LIMIT 1",
                  person_id, in->created_at, text_truncate(text_trim(in->source), 60));
}

/* Whether so many inquiries of that moment and source are known. A form's first one stands there as
 * a lead and as a touch. */
static bool told_already(struct ctx *c, int64_t person_id, const struct lead_intake *in) {
    return in->telling < 2 ||
           in->telling <=
               DB_INT(c,
                      "SELECT CAST((SELECT count(*) FROM touch t JOIN lead l ON l.id = t.lead_id "
                      "WHERE l.person_id = $1 AND l.deleted_at IS NULL AND t.deleted_at IS NULL "
                      "AND t.created_at = $2 AND COALESCE(t.source, '') = $3) + "
                      "(SELECT count(*) FROM lead l WHERE l.person_id = $1 "
                      "AND l.deleted_at IS NULL AND l.created_at = $2 "
                      "AND COALESCE(l.source, '') = $3 AND NOT EXISTS (SELECT 1 FROM touch t "
                      "WHERE t.lead_id = l.id AND t.created_at = $2 AND t.form_id IS NOT NULL)) "
                      "AS BIGINT)",
                      person_id, in->created_at, text_truncate(text_trim(in->source), 60));
}

static void set_given(struct change_set *set, const char *field, struct str value) {
    if (value.n) {
        change_text(set, field, value);
    }
}

/* What a lead and its person both say of somebody, as cleaned. */
static void set_told(struct change_set *set, const struct lead_intake *in,
                     const struct lead_clean *clean) {
    set_given(set, "phone", clean->phone);
    set_given(set, "email", clean->email);
    set_given(set, "company_name", text_truncate(clean->company_name, 120));
    set_given(set, "job_title", text_truncate(text_trim(in->job_title), 200));
    set_given(set, "region", clean->region);
}

/* The fields a new lead and its person share. */
static void set_who(struct change_set *set, const struct lead_intake *in,
                    const struct lead_clean *clean) {
    struct str anyone = clean->phone.n ? clean->phone : clean->email;
    anyone = anyone.n ? anyone : text_truncate(in->wechat, 60);
    change_text(set, "name", clean->name.n ? clean->name : anyone);
    set_told(set, in, clean);
    set_given(set, "source", text_truncate(text_trim(in->source), 60));
    if (in->created_at) {
        change_int(set, "created_at", in->created_at);
    }
    if (in->created_by) {
        change_id(set, "created_by", in->created_by);
    }
    change_id(set, "owner_id", in->owner_id);
}

static int64_t insert_person(struct ctx *c, const struct lead_intake *in,
                             const struct lead_clean *clean) {
    struct change_set set = change_new(c, entity_named(c, "person"));
    set_who(&set, in, clean);
    struct record *person = record_insert_along(c, &set);
    return person ? person->id : 0;
}

/* What else is known of it: fields that nothing above has filled. */
static void set_more(struct change_set *set, const struct change_set *more) {
    for (int i = 0; more && i < set->entity->n_fields; i++) {
        if (more->set[i] && !set->set[i]) {
            change_value(set, &set->entity->fields[i], more->values[i]);
        }
    }
}

/* What a lead alone says. */
static void set_wish(struct change_set *set, const struct lead_intake *in) {
    set_given(set, "industry", text_truncate(text_trim(in->industry), 60));
    set_given(set, "product_interest", text_truncate(text_trim(in->product_interest), 200));
}

static size_t digits_in(struct str text) {
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] >= '0' && text.p[i] <= '9';
    }
    return n;
}

/* The notes, and the number as it was given where it has an extension, which the field has not. */
static struct str notes_of(struct ctx *c, const struct lead_intake *in,
                           const struct lead_clean *clean) {
    struct str typed = text_normalize(c->arena, in->phone);
    bool country = str_starts(typed, STR("+86")) || str_starts(typed, STR("86")) ||
                   str_starts(typed, STR("0086"));
    bool extended = phone_is_shared(clean->phone) && !country &&
                    digits_in(typed) > digits_in(clean->phone);
    return !extended ? in->description
                     : str_format(c->arena, "电话：%.*s%s%.*s", STR_ARG(text_truncate(typed, 60)),
                                  in->description.n ? "\n" : "", STR_ARG(in->description));
}

static int64_t insert_lead(struct ctx *c, const struct lead_intake *in,
                           const struct lead_clean *clean, int64_t person_id) {
    struct change_set set = change_new(c, entity_named(c, "lead"));
    set_who(&set, in, clean);
    change_id(&set, "person_id", person_id);
    set_wish(&set, in);
    set_given(&set, "campaign", text_truncate(text_trim(in->campaign), 120));
    set_given(&set, "original_author", text_truncate(text_trim(in->author), 60));
    set_given(&set, "original_owner", text_truncate(text_trim(in->owner), 60));
    set_given(&set, "description", text_truncate(notes_of(c, in, clean), 5000));
    set_more(&set, in->more);
    struct record *lead = record_insert(c, &set);
    return lead ? lead->id : 0;
}

static void set_origin(struct change_set *set, const struct lead_origin *origin) {
    set_given(set, "medium", text_truncate(origin->medium, 60));
    set_given(set, "keyword", text_truncate(origin->keyword, 120));
    set_given(set, "click_id", text_truncate(origin->click_id, 200));
    set_given(set, "referrer", text_truncate(origin->referrer, 200));
    set_given(set, "landing", text_truncate(origin->landing, 300));
    change_id(set, "form_id", origin->form_id);
}

static int64_t insert_touch(struct ctx *c, const struct lead_intake *in,
                            const struct intake_result *result) {
    struct change_set set = change_new(c, entity_named(c, "touch"));
    set_given(&set, "source", text_truncate(text_trim(in->source), 60));
    set_given(&set, "campaign", text_truncate(text_trim(in->campaign), 120));
    change_id(&set, "lead_id", result->lead_id);
    change_id(&set, "person_id", result->person_id);
    change_id(&set, "owner_id", in->owner_id);
    set_origin(&set, &in->origin);
    set_given(&set, "received", in->payload.n <= PAYLOAD_LONGEST ? in->payload : STR("{}"));
    if (in->received_at || in->created_at) {
        change_int(&set, "created_at", in->received_at ? in->received_at : in->created_at);
    }
    struct record *touch = record_insert(c, &set);
    return touch ? touch->id : 0;
}

static void set_review_note(struct ctx *c, int64_t lead_id, struct str note) {
    struct change_set set = change_new(c, entity_named(c, "lead"));
    change_text(&set, "review_note", note);
    record_change(c, lead_id, &set);
}

static void emit_touched(struct ctx *c, const struct intake_result *result) {
    event_emit(c, &(struct event){.type = STR("lead.touched"),
                                  .subject_type = STR("lead"),
                                  .subject_id = result->lead_id,
                                  .person_id = result->person_id});
}

/* What was not known of a record is filled in; what was stays as it is. Where an approval holds the
 * record it stays empty, and what somebody said is in his touch. */
static void fill_blanks(struct ctx *c, int64_t id, const struct change_set *told) {
    const struct record *now = record_load(c, told->entity, id);
    struct change_set set = change_new(c, told->entity);
    bool any = false;
    for (int i = 0; now && i < told->entity->n_fields; i++) {
        if (told->set[i] && now->values[i].kind == VALUE_NULL) {
            change_value(&set, &told->entity->fields[i], told->values[i]);
            any = true;
        }
    }
    if (!any || !record_holds(c, now)) {
        return;
    }
    db_savepoint(c);
    record_change(c, id, &set);
    if (!ctx_failed(c)) {
        db_release(c);
        return;
    }
    db_rollback_savepoint(c->db);
    if (ctx_failed_for_good(c)) {
        ctx_clear_error(c);
    }
}

/* Somebody known says more of himself: he, and his open lead, if he has one. History that is
 * imported tells of what was. */
static void complete(struct ctx *c, const struct lead_intake *in, const struct lead_clean *clean,
                     const struct intake_result *result) {
    struct change_set person = change_new(c, entity_named(c, "person"));
    struct change_set lead = change_new(c, entity_named(c, "lead"));
    if (c->origin == ORIGIN_IMPORT) {
        return;
    }
    set_told(&person, in, clean);
    fill_blanks(c, result->person_id, &person);
    if (result->lead_id) {
        set_told(&lead, in, clean);
        set_wish(&lead, in);
        set_more(&lead, in->more);
        fill_blanks(c, result->lead_id, &lead);
    }
}

/* History assigns nobody, and the person of a lead it tells of may be somebody else's. */
static void told_of_another(struct ctx *c, const struct lead_intake *in,
                            const struct intake_result *result) {
    bool told = c->origin == ORIGIN_IMPORT && in->owner_id && !result->person_created;
    struct record *lead = told ? record_load(c, entity_named(c, "lead"), result->lead_id) : NULL;
    if (lead) {
        lead_person_follows(c, lead, 0);
    }
}

struct intake_result lead_take_in(struct ctx *c, const struct lead_intake *in) {
    struct intake_result result = {.verdict = INTAKE_REFUSED};
    struct lead_clean clean = lead_clean(c->arena, in);
    result.clean = clean;
    if (clean.refused) {
        bool name = str_is(str_from(clean.refused), "lead.placeholder");
        FAIL_FIELD(c, name ? STR("/name") : STR("/phone"), clean.refused);
        return result;
    }
    struct person_identities by = {clean.name, clean.phone, clean.email, in->wechat};
    struct str note = {0};
    result.person_id = person_find(c, &by);
    bool known = result.person_id != 0;
    if (known && !person_identify(c, result.person_id, &by) && clean.email.n && clean.phone.n) {
        note = two_people_met(c, &clean, &result);
    }
    bool history = known && !note.n && c->origin == ORIGIN_IMPORT;
    result.lead_id = history ? lead_told_of(c, result.person_id, in) : 0;
    if (result.lead_id && told_already(c, result.person_id, in)) {
        result.verdict = INTAKE_KNOWN;
        return result;
    }
    if (result.person_id && !result.lead_id) {
        result.lead_id = lead_open_of(c, result.person_id);
    }
    result.verdict = result.lead_id ? INTAKE_TOUCHED : INTAKE_CREATED;
    if (!result.lead_id && history && lead_last_of(c, result.person_id)) {
        result.review = LEAD_ENDED_BEFORE;
    }
    if (known && !note.n) { /* whose what is cannot be told while two people have met */
        complete(c, in, &clean, &result);
    }
    if (!result.person_id) {
        result.person_id = insert_person(c, in, &clean);
        result.person_created = true;
        person_identify(c, result.person_id, &by);
    }
    if (ctx_failed(c)) {
        return result; /* a lead would fail of the same once more */
    }
    if (!result.lead_id) {
        result.lead_id = insert_lead(c, in, &clean, result.person_id);
        told_of_another(c, in, &result);
    }
    /* Of imported history the file is what was received; a repeat in it is a touch all the same. */
    if (c->origin != ORIGIN_IMPORT || result.verdict == INTAKE_TOUCHED || in->origin.form_id) {
        result.touch_id = insert_touch(c, in, &result);
    }
    if (result.verdict == INTAKE_TOUCHED) {
        emit_touched(c, &result);
    }
    if (note.n) {
        set_review_note(c, result.lead_id, note);
    }
    return result;
}

int64_t lead_touch(struct ctx *c, const struct lead_intake *in, int64_t person_id,
                   int64_t *lead_id) {
    struct intake_result result = {.verdict = INTAKE_TOUCHED, .person_id = person_id};
    result.lead_id = *lead_id = lead_open_of(c, person_id);
    result.touch_id = insert_touch(c, in, &result);
    if (result.lead_id) {
        emit_touched(c, &result);
    }
    return result.touch_id;
}

static const struct event_type event_types[] = {
    {"lead.touched", "lead", "有新触点", "touched again"}, {0}};

const struct module touch_module = {
    .name = "customer.touch",
    .cloud = "customer",
    .events = event_types,
    .entities = (const struct entity_definition *const[]){&touch_entity, NULL}};
