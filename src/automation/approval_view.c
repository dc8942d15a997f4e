/* See approval_view.h. */
#include "automation/approval_view.h"

#include "automation/approval_parts.h"
#include "base/message.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/references.h"
#include "http/route.h"

enum { VOTES_MOST = 4 * APPROVAL_ASKED };

/* The reader of an approval. */
struct reader {
    struct ctx *c;
    const struct approval_case *k;
    bool asked;   /* is or was */
    bool reads;   /* may read the record */
    bool begun;   /* may read the record whose verb is held */
    bool decides; /* his answer is waited for */
    bool requester;
    bool manager; /* of automation */
};

static struct reader reader_of(struct ctx *c, const struct approval_case *k) {
    int64_t me = access_user_id(c->actor);
    struct reader r = {.c = c, .k = k};
    bool pending = str_is(record_text(k->approval, "state"), "pending");
    r.asked = me && DB_INT(c,
                           "SELECT 1 FROM approval_vote WHERE approval_id = $1 AND (holder_id = $2 "
                           "OR approver_id = $2 OR decided_by_id = $2) AND deleted_at IS NULL "
                           "LIMIT 1",
                           k->approval->id, me);
    r.requester = me && record_id(k->approval, "requester_id") == me;
    r.reads = k->subject && access_cloud_on(c->actor, k->subject->entity->cloud) &&
              access_record(c, ACTION_READ, k->subject);
    r.begun = k->origin && access_record(c, ACTION_READ, k->origin);
    r.decides = pending && r.asked && !c->actor->read_only && approval_vote_of(c, k, me) != 0;
    r.manager = access_permitted(c->actor, "automation:manage");
    return r;
}

bool approval_visible(struct ctx *c, const struct approval_case *k) {
    struct reader r = reader_of(c, k);
    return r.asked || r.requester || r.reads || r.begun;
}

/* Who may read only the record whose verb is held knows that it waits, not of what else it is
 * about. */
static bool knows(const struct reader *r) {
    return r->asked || r->requester || r->reads;
}

/* Who is asked is shown what he is asked about; data of persons only with the right to it. */
static bool shows(const struct reader *r, const struct field *f) {
    const struct entity *e = r->k->subject ? r->k->subject->entity : NULL;
    return (r->asked && !(f->flags & FIELD_PERSONAL)) ||
           (e && knows(r) && access_field(r->c->actor, e, f) >= RIGHT_READ);
}

void approval_user_json(struct ctx *c, struct json_writer *w, const char *key, int64_t user_id) {
    json_key(w, key);
    if (!user_id) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, user_id);
    JSON_MEMBER(w, "name", json_put_str, approval_user_name(c, user_id));
    json_end_object(w);
}

static void field_head(struct ctx *c, struct json_writer *w, const struct field *f) {
    JSON_MEMBER(w, "field", json_put_str, f->name);
    JSON_MEMBER(w, "label", json_put_str, f->label[c->language]);
    JSON_MEMBER(w, "type", json_put_c, field_type_name(f->type));
}

/* {"value","text"}: the value as in the API, and for options and references what people call it. */
static void value_put(struct ctx *c, struct json_writer *w, const struct field *f,
                      const struct json *value, struct str title) {
    const struct field_option *option = f->type == FIELD_OPTION && json_is(value, JSON_IS_TEXT)
                                            ? field_option(f, value->text)
                                            : NULL;
    struct str text = option ? option->label[c->language] : title;
    json_begin_object(w);
    json_key(w, "value");
    if (value) {
        json_put_json(w, value);
    } else {
        json_put_null(w);
    }
    JSON_MEMBER(w, "text", json_put_str, text);
    json_end_object(w);
}

static const struct json *json_of(struct ctx *c, const struct field *f, struct value v) {
    struct json_writer w = json_writer(c->arena);
    if (v.kind == VALUE_NULL) {
        return NULL;
    }
    json_begin_array(&w); /* a text alone is no document */
    value_to_json(&w, f, v);
    json_end_array(&w);
    const struct json *list = json_parse(c, json_str(&w));
    return list && list->n ? &list->items[0] : NULL;
}

/* What the record calls the one it refers to, whatever the reader may read: as the snapshot. */
static struct str title_by_id(struct ctx *c, const struct record *subject, const struct field *f,
                              int64_t id) {
    const struct entity *target = f->type == FIELD_REFERENCE ? reference_target(c, subject, f)
                                                             : NULL;
    struct record *r = target && id ? record_load(c, target, id) : NULL;
    return r ? record_title(r) : STR("");
}

static void now_put(const struct reader *r, struct json_writer *w, const char *key,
                    const struct field *f) {
    const struct record *subject = r->k->subject;
    struct value v = subject->values[f->position];
    json_key(w, key);
    value_put(r->c, w, f, json_of(r->c, f, v),
              v.kind == VALUE_INTEGER ? title_by_id(r->c, subject, f, v.integer) : STR(""));
}

static const struct json *member_json(struct ctx *c, const struct record *r, const char *field) {
    struct str text = record_text(r, field);
    return text.n ? json_parse(c, text) : NULL;
}

/* In the order the process shows them. */
static void facts_json(const struct reader *r, struct json_writer *w) {
    const struct json *snapshot = member_json(r->c, r->k->approval, "snapshot");
    const struct json *shown = json_get(r->k->plan, "shown");
    const struct entity *e = model_entity(r->c->model, record_text(r->k->approval, "subject_type"));
    json_key(w, "facts");
    json_begin_array(w);
    for (size_t i = 0; e && json_is(shown, JSON_IS_ARRAY) && i < shown->n; i++) {
        const struct field *f = entity_field(e, shown->items[i].text);
        const struct json *kept = f ? json_get_str(snapshot, f->name) : NULL;
        if (kept && shows(r, f)) {
            json_begin_object(w);
            field_head(r->c, w, f);
            json_key(w, "is");
            value_put(r->c, w, f, json_get(kept, "value"), json_text(kept, "title"));
            json_end_object(w);
        }
    }
    json_end_array(w);
}

static void change_json(const struct reader *r, struct json_writer *w) {
    const struct json *change = member_json(r->c, r->k->approval, "change");
    const struct record *subject = r->k->subject;
    bool pending = record_empty(r->k->approval, "applied_at") && !r->k->draft;
    json_key(w, "change");
    json_begin_array(w);
    for (size_t i = 0; change && subject && i < change->n; i++) {
        const struct json *to = &change->members[i].value;
        const struct field *f = entity_field(subject->entity, change->members[i].key);
        if (f && shows(r, f)) {
            json_begin_object(w);
            field_head(r->c, w, f);
            if (pending) {
                now_put(r, w, "from", f);
            }
            json_key(w, "to");
            value_put(r->c, w, f, to, title_by_id(r->c, subject, f, json_as_id(to)));
            json_end_object(w);
        }
    }
    json_end_array(w);
}

static void moved_json(const struct reader *r, struct json_writer *w) {
    const struct field *moved[APPROVAL_FIELDS * 2];
    bool open = str_is(record_text(r->k->approval, "state"), "pending");
    size_t n = open ? approval_moved(r->c, r->k, moved, APPROVAL_FIELDS * 2) : 0;
    json_key(w, "moved");
    json_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        if (shows(r, moved[i])) {
            json_begin_object(w);
            field_head(r->c, w, moved[i]);
            now_put(r, w, "now", moved[i]);
            json_end_object(w);
        }
    }
    json_end_array(w);
}

struct vote {
    int64_t id, step, round, approver, holder, decided_by, decided_at, passed_at;
    struct str state, comment, why, approver_name, holder_name, decider_name;
};

static size_t votes_read(struct ctx *c, const struct approval_case *k, struct vote *out) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT v.id, v.step, v.round, v.approver_id, v.holder_id, v.decided_by_id, "
             "v.decided_at, v.state, v.comment, v.why, a.name, h.name, d.name, "
             "v.passed_at "
             "FROM approval_vote v LEFT JOIN \"user\" a ON a.id = v.approver_id "
             "LEFT JOIN \"user\" h ON h.id = v.holder_id "
             "LEFT JOIN \"user\" d ON d.id = v.decided_by_id "
             "WHERE v.approval_id = $1 AND v.deleted_at IS NULL ORDER BY v.id LIMIT $2",
             k->approval->id, (int64_t)VOTES_MOST);
    while (db_next(&rows)) {
        out[n++] = (struct vote){db_int(&rows, 0),   db_int(&rows, 1),  db_int(&rows, 2),
                                 db_int(&rows, 3),   db_int(&rows, 4),  db_int(&rows, 5),
                                 db_int(&rows, 6),   db_int(&rows, 13), db_text(&rows, 7),
                                 db_text(&rows, 8),  db_text(&rows, 9), db_text(&rows, 10),
                                 db_text(&rows, 11), db_text(&rows, 12)};
    }
    return n;
}

static void named_json(struct json_writer *w, const char *key, int64_t id, struct str name) {
    json_key(w, key);
    if (id) {
        json_begin_object(w);
        JSON_MEMBER(w, "id", json_put_id, id);
        JSON_MEMBER(w, "name", json_put_str, name);
        json_end_object(w);
    } else {
        json_put_null(w);
    }
}

static void vote_json(struct json_writer *w, const struct vote *v) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, v->id);
    JSON_MEMBER(w, "round", json_put_int, v->round);
    named_json(w, "approver", v->approver, v->approver_name);
    named_json(w, "holder", v->holder, v->holder_name);
    named_json(w, "decided_by", v->decided_by, v->decider_name);
    JSON_MEMBER(w, "state", json_put_str, v->state);
    JSON_MEMBER(w, "comment", json_put_str, v->comment);
    JSON_MEMBER(w, "why", json_put_str, v->why);
    json_key(w, "passed_at");
    json_put_instant_or_null(w, v->passed_at);
    json_key(w, "decided_at");
    json_put_instant_or_null(w, v->decided_at);
    json_end_object(w);
}

static const char *step_state(const struct approval_case *k, int64_t at) {
    int64_t running = record_int(k->approval, "step");
    struct str state = record_text(k->approval, "state");
    if (at == running && str_is(state, "pending")) {
        return "running";
    }
    return at < running || str_is(state, "approved") ? "done" : "ahead";
}

static void steps_json(const struct reader *r, struct json_writer *w) {
    const struct json *steps = json_get(r->k->plan, "steps");
    struct vote *votes = ARENA_NEW_ARRAY(r->c->arena, VOTES_MOST, struct vote);
    size_t n = votes_read(r->c, r->k, votes);
    json_key(w, "steps");
    json_begin_array(w);
    for (size_t i = 0; json_is(steps, JSON_IS_ARRAY) && i < steps->n; i++) {
        json_begin_object(w);
        JSON_MEMBER(w, "name", json_put_str, json_text(&steps->items[i], "name"));
        JSON_MEMBER(w, "mode", json_put_str, json_text(&steps->items[i], "mode"));
        JSON_MEMBER(w, "percent", json_put_int, json_int(&steps->items[i], "percent", 100));
        JSON_MEMBER(w, "state", json_put_c, step_state(r->k, (int64_t)i));
        json_key(w, "votes");
        json_begin_array(w);
        for (size_t v = 0; v < n; v++) {
            if (votes[v].step == (int64_t)i) {
                vote_json(w, &votes[v]);
            }
        }
        json_end_array(w);
        json_end_object(w);
    }
    json_end_array(w);
}

static void may_json(const struct reader *r, struct json_writer *w) {
    struct str state = record_text(r->k->approval, "state");
    bool pending = str_is(state, "pending"), returned = str_is(state, "returned");
    bool mine = (r->requester || r->manager) && !r->c->actor->read_only;
    bool unmade = str_is(state, "approved") && approval_holds(r->k) &&
                  record_empty(r->k->approval, "applied_at");
    json_key(w, "may");
    json_begin_object(w);
    JSON_MEMBER(w, "decide", json_put_bool, r->decides);
    JSON_MEMBER(w, "withdraw", json_put_bool, mine && (pending || returned));
    JSON_MEMBER(w, "resubmit", json_put_bool, r->requester && returned);
    JSON_MEMBER(w, "apply", json_put_bool, mine && unmade);
    JSON_MEMBER(w, "add", json_put_bool, pending && (r->decides || r->manager));
    json_end_object(w);
}

/* Who may read the record the approval is about need not know whence it came. */
static bool told_of_verb(const struct reader *r) {
    return r->asked || r->requester || r->begun;
}

/* What a record is called, to those who may know: who is a person is personal. */
static struct str called(const struct reader *r, const struct entity *e, struct str title) {
    const struct field *f = e ? e->title : NULL;
    bool may = f && (!(f->flags & FIELD_PERSONAL) || access_field(r->c->actor, e, f) >= RIGHT_READ);
    return may && told_of_verb(r) ? title : STR("");
}

static void head_json(const struct reader *r, struct json_writer *w) {
    struct ctx *c = r->c;
    const struct record *a = r->k->approval;
    const struct entity *e = model_entity(c->model, record_text(a, "subject_type"));
    const struct json *failure = member_json(c, a, "failure");
    JSON_MEMBER(w, "id", json_put_id, a->id);
    JSON_MEMBER(w, "state", json_put_str, record_text(a, "state"));
    JSON_MEMBER(w, "title", json_put_str,
                knows(r) || !r->begun
                    ? record_text(a, "title")
                    : called(r, r->k->origin->entity, record_title(r->k->origin)));
    JSON_MEMBER(w, "process_id", json_put_id, record_id(a, "process_id"));
    JSON_MEMBER(w, "process", json_put_str, json_text(r->k->plan, "name"));
    JSON_MEMBER(w, "hold_mode", json_put_str, json_text(r->k->plan, "hold_mode"));
    JSON_MEMBER(w, "entity", json_put_str, record_text(a, "subject_type"));
    JSON_MEMBER(w, "entity_label", json_put_str, e ? e->label[c->language] : STR(""));
    JSON_MEMBER(w, "record_id", json_put_id, knows(r) ? record_id(a, "subject_id") : 0);
    JSON_MEMBER(w, "readable", json_put_bool, r->reads && !r->k->draft);
    JSON_MEMBER(w, "create_new", json_put_bool, record_int(a, "create_new") != 0);
    JSON_MEMBER(w, "draft", json_put_bool, r->k->draft);
    JSON_MEMBER(w, "batch_id", json_put_id, record_id(a, "batch_id"));
    JSON_MEMBER(w, "gone", json_put_bool, !r->k->subject);
    approval_user_json(c, w, "requester", record_id(a, "requester_id"));
    JSON_MEMBER(w, "reason", json_put_str, record_text(a, "reason"));
    JSON_MEMBER(w, "round", json_put_int, record_int(a, "round"));
    JSON_MEMBER(w, "step", json_put_int, record_int(a, "step"));
    JSON_MEMBER(w, "reminders", json_put_int, record_int(a, "reminders"));
    JSON_MEMBER(w, "created_at", json_put_instant_or_null, record_int(a, "created_at"));
    JSON_MEMBER(w, "since", json_put_instant_or_null, record_int(a, "since"));
    JSON_MEMBER(w, "decided_at", json_put_instant_or_null, record_int(a, "decided_at"));
    JSON_MEMBER(w, "applied_at", json_put_instant_or_null, record_int(a, "applied_at"));
    JSON_MEMBER(w, "failure", json_put_str,
                json_text(failure, c->language == LANGUAGE_EN ? "en" : "zh"));
}

static void origin_json(const struct reader *r, struct json_writer *w) {
    const struct record *origin = r->k->origin;
    json_key(w, "origin");
    if (!origin || !told_of_verb(r)) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    JSON_MEMBER(w, "entity", json_put_str, origin->entity->name);
    JSON_MEMBER(w, "id", json_put_id, r->begun ? origin->id : 0);
    JSON_MEMBER(w, "title", json_put_str, called(r, origin->entity, record_title(origin)));
    JSON_MEMBER(w, "readable", json_put_bool, r->begun);
    json_end_object(w);
}

/* Who is asked, or asks, knows all that would come of it; others what they may read, and that
 * there is something new of what they may read. */
static bool knows_of(const struct reader *r, const struct entity *e, int64_t id) {
    if (r->asked || r->requester || !e) {
        return true;
    }
    const struct record *there = id ? record_load(r->c, e, id) : NULL;
    return id ? there && access_record(r->c, ACTION_READ, there)
              : access_scope(r->c->actor, e, ACTION_READ) != SCOPE_NONE;
}

/* The verb that is held, whose it is, and what would come of it. */
static void verb_json(const struct reader *r, struct json_writer *w) {
    const struct json *outcome = member_json(r->c, r->k->approval, "outcome");
    JSON_MEMBER(w, "verb", json_put_str, record_text(r->k->approval, "verb"));
    origin_json(r, w);
    json_key(w, "outcome");
    json_begin_array(w);
    for (size_t i = 0; json_is(outcome, JSON_IS_ARRAY) && i < outcome->n; i++) {
        const struct json *item = &outcome->items[i];
        const struct entity *e = model_entity(r->c->model, json_text(item, "entity"));
        json_begin_object(w);
        JSON_MEMBER(w, "entity", json_put_str, json_text(item, "entity"));
        JSON_MEMBER(w, "label", json_put_str, e ? e->label[r->c->language] : STR(""));
        bool known = knows_of(r, e, json_id(item, "id"));
        JSON_MEMBER(w, "title", json_put_str,
                    known ? called(r, e, json_text(item, "title")) : STR(""));
        JSON_MEMBER(w, "made", json_put_bool, !json_id(item, "id"));
        json_end_object(w);
    }
    json_end_array(w);
}

void approval_json(struct ctx *c, struct json_writer *w, const struct approval_case *k) {
    struct reader r = reader_of(c, k);
    json_begin_object(w);
    head_json(&r, w);
    verb_json(&r, w);
    facts_json(&r, w);
    change_json(&r, w);
    moved_json(&r, w);
    steps_json(&r, w);
    may_json(&r, w);
    json_end_object(w);
}

void approvals_json(struct ctx *c, struct json_writer *w, const int64_t *ids, size_t n) {
    reply_list_begin(w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct approval_case *k = approval_find(c, ids[i]);
        if (k) {
            approval_json(c, w, k);
        }
    }
    json_end_array(w);
}
