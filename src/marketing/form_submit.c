/*
 * What becomes of a submission: a lead or a touch of one, what was agreed to, whose browser it was,
 * who is told. The same again when it is tried anew, from the payload alone.
 *
 * Events out: lead.created or lead.touched, consent.given, visitor.identified, and form.submitted
 * (subject: the lead), payload {"form_id","version","touch_id"}. Nothing of what was written stands
 * in an event.
 */
#include "automation/notification.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/consent.h"
#include "customer/visitor.h"
#include "db/db.h"
#include "entity/access.h"
#include "event/event.h"
#include "marketing/form.h"
#include "marketing/form_answers.h"
#include "marketing/marketing.h"

/* The same from the same form within this is the button pressed twice. */
enum { SAME_WITHIN_MS = 10 * MS_MINUTE };

struct submission {
    struct ctx *c;
    struct capture *capture;
    const struct form_design *design;
    const struct form_answers *answers;
    const struct json *payload;
};

/* What was agreed to, in the words of the page's language. */
static void keep_consents(const struct submission *s) {
    const struct json *payload = s->payload;
    enum language l = str_is(json_text(payload, "language"), "en") ? LANGUAGE_EN : LANGUAGE_ZH;
    struct str version = str_format(s->c->arena, "form %lld v%lld", (long long)s->capture->place.id,
                                    (long long)s->capture->version);
    for (size_t i = 0; i < s->design->n; i++) {
        const struct form_question *q = &s->design->questions[i];
        bool given = q->type == QUESTION_CONSENT && s->answers->values[i].integer == 1;
        for (size_t k = 0; given && k < q->n_channels; k++) {
            consent_record(s->c, &(struct consent_line){.person_id = s->capture->person_id,
                                                        .channel = q->channels[k],
                                                        .purpose = q->purpose,
                                                        .given = true,
                                                        .text = form_say(&q->text, l),
                                                        .version = version,
                                                        .source = STR("form"),
                                                        .source_id = s->capture->id,
                                                        .at = s->capture->received_at});
        }
    }
}

static void join_visitor(const struct submission *s) {
    struct str key = json_text(s->payload, "visitor");
    if (!visitor_key_valid(key)) {
        return;
    }
    int64_t visitor = visitor_seen(s->c, &(struct sighting){.key = key});
    if (visitor) {
        visitor_join(s->c, visitor, s->capture->person_id, "form");
    }
}

static void tell(const struct submission *s, const struct lead_intake *in) {
    struct str form = DB_TEXT(s->c, "SELECT name FROM form WHERE id = $1", s->capture->place.id);
    for (size_t i = 0; i < s->design->n_notify; i++) {
        struct notification n = {.user_id = s->design->notify[i],
                                 .code = "notification.form_submitted",
                                 .subject_type = STR("lead"),
                                 .subject_id = s->capture->lead_id};
        n.parameters[0] = (struct text_parameter){"form", form};
        n.parameters[1] = (struct text_parameter){"name", text_truncate(in->name, 60)};
        notify(s->c, &n);
    }
}

static void emit_submitted(const struct submission *s) {
    struct json_writer w = json_writer(s->c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "form_id", json_put_id, s->capture->place.id);
    JSON_MEMBER(&w, "version", json_put_int, s->capture->version);
    JSON_MEMBER(&w, "touch_id", json_put_id, s->capture->touch_id);
    json_end_object(&w);
    event_emit(s->c, &(struct event){.type = STR("form.submitted"),
                                     .subject_type = STR("lead"),
                                     .subject_id = s->capture->lead_id,
                                     .person_id = s->capture->person_id,
                                     .payload = json_str(&w)});
}

static void take_in(struct submission *s) {
    struct ctx *c = s->c;
    struct lead_intake in = form_intake(c, s->design, s->answers);
    in.payload = s->capture->payload;
    in.received_at = s->capture->received_at;
    in.origin.referrer = json_text(s->payload, "referrer");
    in.origin.landing = json_text(s->payload, "page");
    in.origin.form_id = s->capture->place.id;
    if (!lead_origin_read(c->arena, json_get(s->payload, "utm"), &in.origin, &in.source,
                          &in.campaign)) {
        lead_origin_of_visitor(c, json_text(s->payload, "visitor"), &in);
    }
    in.source = in.source.n ? in.source : STR("website");
    if (ctx_failed(c)) {
        return;
    }
    struct intake_result result = lead_take_in(c, &in);
    s->capture->person_id = result.person_id;
    s->capture->lead_id = result.lead_id;
    s->capture->touch_id = result.touch_id;
    join_visitor(s);
    keep_consents(s);
    emit_submitted(s);
    tell(s, &in);
}

/* The same words a moment ago: nothing more happens, and what happened then is named. */
static bool repeats(struct ctx *c, struct capture *capture) {
    int64_t id = capture_same(c, capture, capture->received_at - SAME_WITHIN_MS);
    const struct capture *same = id ? capture_find(c, id) : NULL;
    if (same) {
        capture->state = STR("duplicate");
        capture->person_id = same->person_id;
        capture->lead_id = same->lead_id;
        capture->touch_id = same->touch_id;
    }
    return same != NULL;
}

void form_make(struct ctx *c, struct capture *capture) {
    struct submission s = {.c = c, .capture = capture};
    if (repeats(c, capture)) {
        return;
    }
    s.payload = json_parse(c, capture->payload);
    s.design = form_version(c, capture->place.id, capture->version);
    if (!s.design) {
        FAIL(c, ERROR_ABSENT, "form.no_version");
        return;
    }
    s.answers = form_answers_read(c, s.design, json_get(s.payload, "values"));
    if (!ctx_failed(c)) {
        take_in(&s);
        form_count(c, &(struct form_tally){capture->place.id, capture->version, 0, 1});
    }
}

static const struct event_type event_types[] = {
    {"form.submitted", "lead", "提交表单", "form submitted"}, {0}};

static const struct text texts[] = {{"notification.form_submitted",
                                     "表单「{form}」有新提交：{name}",
                                     "New submission of \"{form}\": {name}"},
                                    {0}};

const struct module form_submit_module = {
    .name = "marketing.form_submit", .cloud = "marketing", .events = event_types, .texts = texts};
