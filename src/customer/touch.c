/*
 * Touches: every capture of a person, kept as received, and the way in for leads.
 *
 * A touch is never changed. It names its lead and person, where it came from and what was
 * sent, so that a lead's capture can be shown and replayed, and later earn credit.
 */
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
#include "db/db.h"
#include "event/event.h"

enum { PAYLOAD_LONGEST = 16000 };

static const struct field_definition fields[] = {
    {"source", FIELD_TEXT, FIELD_TITLE | FIELD_LISTED, "来源", "Source", "group.source",
     .max_length = 60},
    {"campaign", FIELD_TEXT, FIELD_LISTED, "活动", "Campaign", "group.source", .max_length = 120},
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
    if (name_is_blank(out.name)) {
        out.name = STR(""); /* a dash where nobody knew one */
    }
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
    } else if (!out.phone.n && !out.email.n) {
        out.refused = "lead.unreachable";
    }
    return out;
}

int64_t lead_open_of(struct ctx *c, int64_t person_id) {
    return DB_INT(c,
                  "SELECT id FROM lead WHERE person_id = $1 AND deleted_at IS NULL "
                  "AND status NOT IN ('converted', 'disqualified') ORDER BY id DESC LIMIT 1",
                  person_id);
}

static void set_given(struct change_set *set, const char *field, struct str value) {
    if (value.n) {
        change_text(set, field, value);
    }
}

/* The fields a lead and its person share, as cleaned. */
static void set_who(struct change_set *set, const struct lead_intake *in,
                    const struct lead_clean *clean) {
    struct str anyone = clean->phone.n ? clean->phone : clean->email;
    change_text(set, "name", clean->name.n ? clean->name : anyone);
    set_given(set, "phone", clean->phone);
    set_given(set, "email", clean->email);
    set_given(set, "company_name", text_truncate(clean->company_name, 120));
    set_given(set, "job_title", text_truncate(text_trim(in->job_title), 200));
    set_given(set, "region", clean->region);
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
    struct record *person = record_insert(c, &set);
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

static int64_t insert_lead(struct ctx *c, const struct lead_intake *in,
                           const struct lead_clean *clean, int64_t person_id) {
    struct change_set set = change_new(c, entity_named(c, "lead"));
    set_who(&set, in, clean);
    change_id(&set, "person_id", person_id);
    set_given(&set, "industry", text_truncate(text_trim(in->industry), 60));
    set_given(&set, "campaign", text_truncate(text_trim(in->campaign), 120));
    set_given(&set, "product_interest", text_truncate(text_trim(in->product_interest), 200));
    set_given(&set, "original_author", text_truncate(text_trim(in->author), 60));
    set_given(&set, "original_owner", text_truncate(text_trim(in->owner), 60));
    set_given(&set, "description", text_truncate(in->description, 5000));
    set_more(&set, in->more);
    struct record *lead = record_insert(c, &set);
    return lead ? lead->id : 0;
}

static int64_t insert_touch(struct ctx *c, const struct lead_intake *in,
                            const struct intake_result *result) {
    struct change_set set = change_new(c, entity_named(c, "touch"));
    set_given(&set, "source", text_truncate(text_trim(in->source), 60));
    set_given(&set, "campaign", text_truncate(text_trim(in->campaign), 120));
    change_id(&set, "lead_id", result->lead_id);
    change_id(&set, "person_id", result->person_id);
    change_id(&set, "owner_id", in->owner_id);
    set_given(&set, "received", in->payload.n <= PAYLOAD_LONGEST ? in->payload : STR("{}"));
    if (in->created_at) {
        change_int(&set, "created_at", in->created_at);
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

struct intake_result lead_take_in(struct ctx *c, const struct lead_intake *in) {
    struct intake_result result = {.verdict = INTAKE_REFUSED};
    struct lead_clean clean = lead_clean(c->arena, in);
    result.bad_phone = clean.phone_why != NULL;
    result.bad_email = clean.email_why != NULL;
    if (clean.refused) {
        bool name = str_is(str_from(clean.refused), "lead.placeholder");
        FAIL_FIELD(c, name ? STR("/name") : STR("/phone"), clean.refused);
        return result;
    }
    struct person_identities by = {clean.phone, clean.email};
    struct str note = {0};
    result.person_id = person_find(c, &by);
    if (result.person_id && !person_identify(c, result.person_id, &by)) {
        note = two_people_met(c, &clean, &result);
    }
    result.lead_id = result.person_id ? lead_open_of(c, result.person_id) : 0;
    result.verdict = result.lead_id ? INTAKE_TOUCHED : INTAKE_CREATED;
    if (!result.person_id) {
        result.person_id = insert_person(c, in, &clean);
        result.person_created = true;
    }
    if (!result.lead_id) {
        result.lead_id = insert_lead(c, in, &clean, result.person_id);
    }
    /* Of imported history the file is what was received; a repeat in it is a touch all the same. */
    if (c->origin != ORIGIN_IMPORT || result.verdict == INTAKE_TOUCHED) {
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

static const struct event_type event_types[] = {
    {"lead.touched", "lead", "有新触点", "touched again"}, {0}};

const struct module touch_module = {
    .name = "customer.touch",
    .cloud = "customer",
    .events = event_types,
    .entities = (const struct entity_definition *const[]){&touch_entity, NULL}};
