#include "customer/subject.h"

#include "db/db.h"
#include "entity/access.h"
#include "entity/value.h"

static const struct entity *subject_entity(const struct ctx *c, const struct record *r) {
    const struct entity *e = model_entity(c->model, record_text(r, "subject_type"));
    return e && e->flags & ENTITY_TIMELINE ? e : NULL;
}

/* Copy a reference from the subject when both have the field; the subject itself counts. What an
 * import says of a contact stands where the subject says nothing. */
static void fill_reference(struct record *r, const struct record *subject, const char *field,
                           bool told) {
    struct str name = str_from(field);
    if (!entity_field(r->entity, name)) {
        return;
    }
    struct str own = str_slice(name, 0, name.n - 3); /* "person_id" → "person" */
    struct value v = {0};
    if (str_equal(subject->entity->name, own)) {
        v = (struct value){VALUE_INTEGER, subject->id, STR("")};
    } else if (entity_field(subject->entity, name)) {
        v = record_value(subject, field);
    }
    if (v.kind != VALUE_NULL || !told) {
        record_set_value(r, field, v);
    }
}

static struct str subject_names(struct ctx *c) {
    struct text_buffer names = {.arena = c->arena};
    for (int i = 0; i < c->model->n_entities; i++) {
        const struct entity *e = &c->model->entities[i];
        if (e->flags & ENTITY_TIMELINE) {
            text_add_c(&names, names.n ? ", " : "");
            text_add(&names, e->name);
        }
    }
    return text_str(&names);
}

static void subject_fail(struct ctx *c, const struct record *r, bool known) {
    if (known) {
        FAIL_FIELD(c, STR("/subject_id"),
                   record_empty(r, "subject_id") ? "field.required" : "reference.absent");
    } else if (record_empty(r, "subject_type")) {
        FAIL_FIELD(c, STR("/subject_type"), "field.required");
    } else {
        FAIL_FIELD(c, STR("/subject_type"), "option.unknown",
                   {"among", names_aside(c, subject_names(c))});
    }
}

void subject_check(struct ctx *c, struct change *change) {
    bool told = c->origin == ORIGIN_IMPORT;
    const struct entity *e = subject_entity(c, change->after);
    struct record *subject = e ? record_load(c, e, record_int(change->after, "subject_id")) : NULL;
    if (!subject || !access_record(c, ACTION_READ, subject)) {
        subject_fail(c, change->after, e != NULL);
        return;
    }
    fill_reference(change->after, subject, "person_id", told);
    fill_reference(change->after, subject, "account_id", told);
}

static bool is_lead_untouched(const struct record *subject) {
    return str_is(subject->entity->name, "lead") &&
           str_lists(STR("new returned"), ' ', record_text(subject, "status"));
}

/* Whoever was spoken to has had the step that was due; a note, or a call nobody took, is none. */
static bool step_done(const struct ctx *c, const struct record *activity,
                      const struct record *subject) {
    int64_t due = record_int(subject, "next_follow_up_at");
    return due && due <= c->now_ms && record_int(activity, "occurred_at") >= due &&
           !str_is(record_text(activity, "type"), "note") &&
           !str_is(record_text(activity, "outcome"), "no_answer");
}

void subject_followed_up(struct ctx *c, const struct record *activity) {
    const struct entity *e = subject_entity(c, activity);
    struct record *subject = e ? record_load(c, e, record_int(activity, "subject_id")) : NULL;
    if (!subject || !entity_field(e, STR("last_follow_up_at")) || !record_holds(c, subject)) {
        return;
    }
    struct change_set set = change_new(c, e);
    int64_t at = record_int(activity, "occurred_at");
    at = at < c->now_ms ? at : c->now_ms; /* what was brought in may be of the future */
    if (at > record_int(subject, "last_follow_up_at")) {
        change_int(&set, "last_follow_up_at", at);
    }
    if (c->origin == ORIGIN_LIVE && !record_empty(activity, "next_follow_up_at")) {
        change_int(&set, "next_follow_up_at", record_int(activity, "next_follow_up_at"));
    } else if (c->origin == ORIGIN_LIVE && step_done(c, activity, subject)) {
        change_null(&set, "next_follow_up_at");
    }
    if (c->origin == ORIGIN_LIVE && is_lead_untouched(subject)) {
        change_text(&set, "status", STR("working"));
    }
    record_change(c, subject->id, &set);
}

void subject_contacted(struct ctx *c, const struct entity *e, int64_t id, int64_t at, bool ours) {
    bool keeps = entity_field(e, STR("last_follow_up_at")) != NULL;
    struct record *subject = keeps ? record_load(c, e, id) : NULL;
    bool later = subject && at > record_int(subject, "last_follow_up_at");
    bool taken = subject && ours && c->origin == ORIGIN_LIVE && is_lead_untouched(subject);
    struct change_set set = change_new(c, e);
    if (later) {
        change_int(&set, "last_follow_up_at", at);
    }
    if (taken) {
        change_text(&set, "status", STR("working"));
    }
    if (later || taken) {
        record_change(c, subject->id, &set);
    }
}

/* The last contact with a subject until a time, but for one activity; 0: there was none. */
static int64_t contact_before(struct ctx *c, const struct record *activity, int64_t until) {
    struct str type = record_text(activity, "subject_type");
    int64_t id = record_id(activity, "subject_id");
    int64_t done = DB_INT(c,
                          "SELECT occurred_at FROM activity WHERE subject_type = $1 "
                          "AND subject_id = $2 AND deleted_at IS NULL AND occurred_at <= $3 "
                          "AND id <> $4 ORDER BY occurred_at DESC LIMIT 1",
                          type, id, until, activity->id);
    int64_t wrote = DB_INT(c,
                           "SELECT k.at FROM correspondence_link k JOIN correspondence m "
                           "ON m.id = k.mail_id WHERE k.subject_type = $1 AND k.subject_id = $2 "
                           "AND k.at <= $3 AND m.automatic = 0 ORDER BY k.at DESC LIMIT 1",
                           type, id, until);
    return done > wrote ? done : wrote;
}

void subject_contact_lost(struct ctx *c, const struct record *activity) {
    const struct entity *e = subject_entity(c, activity);
    bool keeps = e && entity_field(e, STR("last_follow_up_at"));
    struct record *subject = keeps ? record_load(c, e, record_id(activity, "subject_id")) : NULL;
    int64_t last = subject ? record_int(subject, "last_follow_up_at") : 0;
    if (!last || record_int(activity, "occurred_at") != last || !record_holds(c, subject)) {
        return;
    }
    struct change_set set = change_new(c, e);
    int64_t at = contact_before(c, activity, last);
    if (at) {
        change_int(&set, "last_follow_up_at", at);
    } else {
        change_null(&set, "last_follow_up_at");
    }
    record_change(c, subject->id, &set);
}
