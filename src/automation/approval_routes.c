/*
 * Approvals over REST. Who may do what is decided here: only those who are asked answer, only the
 * requester (or who manages automation) withdraws or tries a change again; whoever has nothing to
 * do with an approval and may not read its record does not learn of it.
 */
#include "api/api.h"
#include "automation/approval_hold.h"
#include "automation/approval_parts.h"
#include "automation/approval_view.h"
#include "automation/automation.h"
#include "automation/notification.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/row.h"

enum { ON_RECORD = 20, COMMENT_MOST = 1000, PROCESSES_MOST = 50 };

static void reply_approval(struct request *r, int status, int64_t id) {
    struct approval_case *k = approval_find(r->c, id);
    struct json_writer w = json_writer(r->c->arena);
    if (k) {
        approval_json(r->c, &w, k);
    }
    if (k && !ctx_failed(r->c)) {
        reply_json(r, status, &w);
    }
}

/* The approval of the path, if the caller may know of it. */
static struct approval_case *visible(struct request *r) {
    struct approval_case *k = approval_find(r->c, request_id(r, "id"));
    if (!k || !approval_visible(r->c, k)) {
        FAIL(r->c, ERROR_ABSENT, "record.absent");
        return NULL;
    }
    return k;
}

static struct str words(struct request *r, const char *member, bool required) {
    struct str text = str_trim(json_text(request_json(r), member));
    struct str pointer = str_format(r->c->arena, "/%s", member);
    if (required && !text.n) {
        FAIL_FIELD(r->c, pointer, "field.required");
    } else if (text.n > COMMENT_MOST && text_length(text) > COMMENT_MOST) {
        FAIL_FIELD(r->c, pointer, "text.too_long",
                   {"max", str_format(r->c->arena, "%d", COMMENT_MOST)});
    }
    return text;
}

static void approval_get(struct request *r) {
    struct approval_case *k = visible(r);
    if (k) {
        reply_approval(r, 200, k->approval->id);
    }
}

static bool open_already(struct ctx *c, int64_t process_id, int64_t subject_id) {
    return DB_INT(c,
                  "SELECT 1 FROM approval WHERE process_id = $1 AND subject_id = $2 "
                  "AND state IN ('pending', 'returned') AND deleted_at IS NULL",
                  process_id, subject_id) != 0;
}

static bool by_hand(const struct record *process) {
    return str_is(record_text(process, "trigger"), "manual");
}

/* What can be asked for by hand, now. */
static void offers_json(struct ctx *c, struct json_writer *w, const struct record *subject) {
    struct record *processes[PROCESSES_MOST];
    size_t n = approval_processes(c, subject->entity, processes, PROCESSES_MOST);
    bool may = access_record(c, ACTION_UPDATE, subject);
    json_key(w, "offers");
    json_begin_array(w);
    for (size_t i = 0; may && i < n && !ctx_failed(c); i++) {
        const struct record *p = processes[i];
        if (by_hand(p) && approval_applies(c, p, subject) && !open_already(c, p->id, subject->id)) {
            json_begin_object(w);
            JSON_MEMBER(w, "id", json_put_id, p->id);
            JSON_MEMBER(w, "name", json_put_str, record_text(p, "name"));
            JSON_MEMBER(w, "description", json_put_str, record_text(p, "description"));
            json_end_object(w);
        }
    }
    json_end_array(w);
}

static void of_record_get(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = api_entity(r);
    struct record *subject = e ? record_read(c, e, request_id(r, "id")) : NULL;
    int64_t ids[ON_RECORD];
    size_t n = 0;
    struct db_rows rows;
    if (!subject) {
        return;
    }
    DB_QUERY(c, &rows,
             "SELECT id FROM approval WHERE (subject_id = $1 OR origin_id = $1) "
             "AND deleted_at IS NULL ORDER BY id DESC LIMIT $2",
             subject->id, (int64_t)ON_RECORD);
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    struct json_writer w = json_writer(c->arena);
    approvals_json(c, &w, ids, n);
    offers_json(c, &w, subject);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* The process that holds this change of the caller's (approval_tried). */
static struct record *process_holding(struct ctx *c, const struct record *subject,
                                      const struct change_set *set) {
    db_savepoint(c);
    record_enact(c, subject->id, set);
    return approval_tried(c);
}

/* The process asked for by hand. */
static struct record *process_named(struct ctx *c, const struct record *subject, int64_t id) {
    struct record *process = id ? record_load(c, entity_named(c, "approval_process"), id) : NULL;
    bool fits = process && record_int(process, "enabled") && by_hand(process) &&
                str_equal(record_text(process, "entity_name"), subject->entity->name) &&
                approval_applies(c, process, subject);
    if (!fits) {
        FAIL_FIELD(c, STR("/process_id"), "reference.absent");
    }
    access_require(c, ACTION_UPDATE, subject);
    return ctx_failed(c) ? NULL : process;
}

static struct str json_again(struct ctx *c, const struct json *v) {
    struct json_writer w = json_writer(c->arena);
    json_put_json(&w, v);
    return json_str(&w);
}

/* A verb of several records, kept as a whole. */
static void verb_request(struct request *r, const struct record *of) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r), *parameters = json_get(body, "parameters");
    const struct held_verb *verb = held_verb_named(json_text(body, "verb"));
    struct held_verb_trial t;
    struct str reason = words(r, "reason", false);
    if (!verb || !str_is(of->entity->name, verb->entity)) {
        FAIL_FIELD(c, STR("/verb"), "reference.absent");
    }
    if (!json_is(parameters, JSON_IS_OBJECT)) {
        FAIL_FIELD(c, STR("/parameters"), "field.required");
    }
    if (ctx_failed(c) || !held_verb_tried(c, verb, of->id, parameters, &t)) {
        return;
    }
    int64_t id = approval_start(c,
                                &(struct approval_request){.process = t.process,
                                                           .subject = t.subject,
                                                           .draft = t.draft,
                                                           .requester_id = access_user_id(c->actor),
                                                           .change = t.change,
                                                           .reason = reason,
                                                           .verb = verb,
                                                           .origin_id = of->id,
                                                           .parameters = json_again(c, parameters),
                                                           .outcome = t.outcome});
    reply_approval(r, 201, id);
}

static void request_post(struct request *r) {
    struct ctx *c = r->c;
    const struct entity *e = api_entity(r);
    const struct json *body = request_json(r), *changes = json_get(body, "changes");
    struct record *subject = e && body ? record_read(c, e, request_id(r, "id")) : NULL;
    struct record *process = NULL;
    struct str reason = words(r, "reason", false), change = STR("");
    if (!subject || ctx_failed(c)) {
        return;
    }
    if (json_get(body, "verb")) {
        verb_request(r, subject);
        return;
    }
    if (changes) {
        struct change_set set = enactment_from_json(c, e, changes);
        process = ctx_failed(c) ? NULL : process_holding(c, subject, &set);
        change = approval_change_text(c, &set);
    } else {
        process = process_named(c, subject, json_id(body, "process_id"));
    }
    if (!process || ctx_failed(c)) {
        return;
    }
    int64_t id = approval_start(c,
                                &(struct approval_request){.process = process,
                                                           .subject = subject,
                                                           .requester_id = access_user_id(c->actor),
                                                           .change = change,
                                                           .reason = reason});
    reply_approval(r, 201, id);
}

static void decide(struct request *r, enum approval_decision decision) {
    int64_t vote = 0;
    struct approval_case *k = approval_asked_of(r->c, request_id(r, "id"), &vote);
    struct str comment = k ? words(r, "comment", decision != APPROVAL_APPROVE) : STR("");
    bool seen = json_bool(request_json(r), "accept_changes", false);
    if (k && decision == APPROVAL_APPROVE && !(seen && k->subject)) {
        approval_check_unmoved(r->c, k);
    }
    if (k && !ctx_failed(r->c)) {
        approval_decide(r->c, k, vote, decision, comment);
        reply_approval(r, 200, k->approval->id);
    }
}

static void approve_post(struct request *r) {
    decide(r, APPROVAL_APPROVE);
}

static void reject_post(struct request *r) {
    decide(r, APPROVAL_REJECT);
}

static void return_post(struct request *r) {
    decide(r, APPROVAL_RETURN);
}

static void withdraw_post(struct request *r) {
    struct approval_case *k = approval_owned(r->c, request_id(r, "id"), "pending returned", true);
    struct str comment = k ? words(r, "comment", false) : STR("");
    if (k && !ctx_failed(r->c)) {
        approval_withdraw(r->c, k, comment);
        reply_approval(r, 200, k->approval->id);
    }
}

/* A new record is tried again as it is to be now. */
static struct str draft_again(struct ctx *c, struct approval_case *k, const struct json *values) {
    const struct record *draft = NULL;
    struct change_set set = change_from_json(c, k->subject->entity, values);
    if (!ctx_failed(c) && approval_create_held(c, &set, &draft)) {
        k->subject = record_copy(c, draft);
    }
    return ctx_failed(c) ? STR("") : approval_change_text(c, &set);
}

/* A verb is tried again, with other values for the record that was refused. */
static struct str verb_again(struct ctx *c, struct approval_case *k, const struct json *given) {
    struct str held = record_text(k->approval, "parameters");
    struct held_verb_trial t;
    struct str parameters =
        given ? k->verb->amended(c, json_parse(c, held), k->subject->entity, given) : held;
    if (ctx_failed(c) ||
        !held_verb_tried(c, k->verb, k->origin->id, json_parse(c, parameters), &t)) {
        return STR("");
    }
    if (t.draft != k->draft || t.subject->entity != k->subject->entity) {
        FAIL(c, ERROR_CONFLICT, "approval.elsewhere", {"process", record_text(t.process, "name")});
        return STR("");
    }
    struct change_set set = change_new(c, k->approval->entity);
    change_text(&set, "parameters", parameters);
    change_text(&set, "outcome", t.outcome);
    approval_set(c, k, &set);
    k->subject = record_copy(c, t.subject);
    return t.change;
}

/* What is held is tried again as it is to be now; it may need no approval any more. */
static struct str change_again(struct request *r, struct approval_case *k) {
    struct ctx *c = r->c;
    struct str held = record_text(k->approval, "change");
    const struct json *given = json_get(request_json(r), "changes");
    const struct json *o = given ? given : (held.n ? json_parse(c, held) : NULL);
    if (k->verb && k->subject) {
        return verb_again(c, k, given);
    }
    if (!o || !k->subject) {
        return STR("");
    }
    if (k->draft) {
        return draft_again(c, k, o);
    }
    struct change_set set = enactment_from_json(c, k->subject->entity, o);
    if (!ctx_failed(c)) {
        process_holding(c, k->subject, &set);
    }
    return approval_change_text(c, &set);
}

static void resubmit_post(struct request *r) {
    struct approval_case *k = approval_owned(r->c, request_id(r, "id"), "returned", false);
    struct str reason = k ? words(r, "reason", false) : STR("");
    struct str change = k && !ctx_failed(r->c) ? change_again(r, k) : STR("");
    if (k && !ctx_failed(r->c)) {
        approval_resubmit(r->c, k, reason, change);
        reply_approval(r, 200, k->approval->id);
    }
}

static void apply_post(struct request *r) {
    struct ctx *c = r->c;
    struct approval_case *k = approval_owned(r->c, request_id(r, "id"), "approved", true);
    if (k && (!approval_holds(k) || !record_empty(k->approval, "applied_at"))) {
        FAIL(c, ERROR_CONFLICT, "approval.closed");
    }
    if (k && !ctx_failed(c)) {
        bool gone = !user_active(c, record_id(k->approval, "requester_id"));
        approval_apply(c, k, gone ? c->actor : NULL);
        reply_approval(r, 200, k->approval->id);
    }
}

/* Somebody else who can answer, and does not already in this step. */
static int64_t other_user(struct request *r, const struct approval_case *k) {
    struct ctx *c = r->c;
    int64_t user = json_id(request_json(r), "user_id");
    if (!user || !approval_may_answer(c, k, user)) {
        FAIL_FIELD(c, STR("/user_id"), "approval.cannot_answer");
    } else if (approval_vote_of(c, k, user)) {
        FAIL_FIELD(c, STR("/user_id"), "approval.asked_already");
    }
    return user;
}

static void delegate_post(struct request *r) {
    int64_t vote = 0;
    struct approval_case *k = approval_asked_of(r->c, request_id(r, "id"), &vote);
    int64_t user = k ? other_user(r, k) : 0;
    if (k && !ctx_failed(r->c)) {
        approval_delegate(r->c, k, vote, user);
        reply_approval(r, 200, k->approval->id);
    }
}

static void add_post(struct request *r) {
    struct ctx *c = r->c;
    struct approval_case *k = visible(r);
    bool manager = access_permitted(c->actor, "automation:manage") && !c->actor->read_only;
    int64_t vote = 0;
    if (!k) {
        return;
    }
    k = manager ? approval_open(c, k->approval->id, "pending")
                : approval_asked_of(r->c, request_id(r, "id"), &vote);
    int64_t user = k ? other_user(r, k) : 0;
    if (k && !ctx_failed(c)) {
        approval_ask_also(c, k, user);
        reply_approval(r, 200, k->approval->id);
    }
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/approvals/{id}", PERMISSION_SIGNED_IN, LANE_INLINE, approval_get,
     .summary = "route.approval", .answer = "object"},
    {METHOD_GET, "/api/v1/{plural}/{id}/approvals", PERMISSION_RECORD, LANE_SLOW, of_record_get,
     .summary = "route.record_approvals",
     .answer = "data:[object]! offers:[(id:id! name:text! description:text!)]!"},
    {METHOD_POST, "/api/v1/{plural}/{id}/approvals", PERMISSION_RECORD, LANE_WRITER, request_post,
     .summary = "route.approval_request",
     .body = "process_id:id changes:object verb:text parameters:object reason:text",
     .answer = "201 object"},
    {METHOD_POST, "/api/v1/approvals/{id}/approve", PERMISSION_SIGNED_IN, LANE_WRITER, approve_post,
     .summary = "route.approval_approve", .body = "comment:text accept_changes:boolean",
     .answer = "object"},
    {METHOD_POST, "/api/v1/approvals/{id}/reject", PERMISSION_SIGNED_IN, LANE_WRITER, reject_post,
     .summary = "route.approval_reject", .body = "comment:text!", .answer = "object"},
    {METHOD_POST, "/api/v1/approvals/{id}/return", PERMISSION_SIGNED_IN, LANE_WRITER, return_post,
     .summary = "route.approval_return", .body = "comment:text!", .answer = "object"},
    {METHOD_POST, "/api/v1/approvals/{id}/withdraw", PERMISSION_SIGNED_IN, LANE_WRITER,
     withdraw_post, .summary = "route.approval_withdraw", .body = "comment:text",
     .answer = "object"},
    {METHOD_POST, "/api/v1/approvals/{id}/resubmit", PERMISSION_SIGNED_IN, LANE_WRITER,
     resubmit_post, .summary = "route.approval_resubmit", .body = "reason:text changes:object",
     .answer = "object"},
    {METHOD_POST, "/api/v1/approvals/{id}/apply", PERMISSION_SIGNED_IN, LANE_WRITER, apply_post,
     .summary = "route.approval_apply", .answer = "object"},
    {METHOD_POST, "/api/v1/approvals/{id}/delegate", PERMISSION_SIGNED_IN, LANE_WRITER,
     delegate_post, .summary = "route.approval_delegate", .body = "user_id:id!",
     .answer = "object"},
    {METHOD_POST, "/api/v1/approvals/{id}/add", PERMISSION_SIGNED_IN, LANE_WRITER, add_post,
     .summary = "route.approval_add", .body = "user_id:id!", .answer = "object"},
    {0}};

static const struct text texts[] = {
    {"approval.not_needed", "这个修改不需要审批，可以直接做",
     "This change needs no approval; it can be made"},
    {"approval.elsewhere", "现在要先通过的是「{process}」，请撤回后重新提交",
     "Now it is \"{process}\" that wants to be asked; withdraw this and request again"},
    {"approval.not_asked", "没有请你审批", "You are not asked for this approval"},
    {"approval.not_yours", "只有提交人可以", "Only who asked for it may"},
    {"approval.record_gone", "记录已不在了，请撤回这个审批",
     "The record is gone; the approval can only be withdrawn"},
    {"approval.record_moved", "提交之后{field}改过了，请看过再同意",
     "{field} was changed since this was requested; look at it before you approve"},
    {"approval.cannot_answer", "请选一位在职、不是提交人的同事",
     "Choose an active colleague other than the requester"},
    {"approval.asked_already", "已经请他审批了", "Is asked already"},
    {"route.approval", "一个审批", "One approval"},
    {"route.record_approvals", "一条记录的审批", "Approvals of a record"},
    {"route.approval_request", "提交审批", "Request an approval"},
    {"route.approval_approve", "同意", "Approve"},
    {"route.approval_reject", "驳回", "Reject"},
    {"route.approval_return", "退回给提交人", "Return to the requester"},
    {"route.approval_withdraw", "撤回", "Withdraw"},
    {"route.approval_resubmit", "修改后再提交", "Request again after a return"},
    {"route.approval_apply", "再试一次没做成的修改", "Try again to make the approved change"},
    {"route.approval_delegate", "转交", "Hand on to somebody else"},
    {"route.approval_add", "加签", "Ask one more"},
    {0}};

const struct module approval_routes_module = {
    .name = "automation.approval_routes", .cloud = "platform", .routes = routes, .texts = texts};
