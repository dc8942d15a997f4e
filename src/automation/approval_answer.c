/*
 * Answers: of one approval, and of many at once. Each of many is answered for itself, with what is
 * asked of a single one; those that cannot be are told, and the others stand.
 */
#include "automation/approval_parts.h"
#include "automation/approval_view.h"
#include "automation/automation.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "db/db.h"
#include "entity/access.h"
#include "http/route.h"

enum { MANY = 50, COMMENT_MOST = 1000 };

/* Somebody else was quicker, or he himself pressed twice: it is at a later step now. */
static bool was_asked(struct ctx *c, const struct approval_case *k) {
    return DB_INT(c,
                  "SELECT 1 FROM approval_vote WHERE approval_id = $1 AND round = $2 AND "
                  "(holder_id = $3 OR approver_id = $3) AND deleted_at IS NULL LIMIT 1",
                  k->approval->id, record_int(k->approval, "round"), access_user_id(c->actor)) != 0;
}

struct approval_case *approval_asked_of(struct ctx *c, int64_t id, int64_t *vote_id) {
    struct approval_case *k = approval_find(c, id);
    *vote_id = 0;
    if (!k || !approval_visible(c, k)) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return NULL;
    }
    k = approval_open(c, id, "pending");
    *vote_id = k ? approval_vote_of(c, k, access_user_id(c->actor)) : 0;
    if (k && !*vote_id && was_asked(c, k)) {
        FAIL(c, ERROR_CONFLICT, "approval.answered");
        return NULL;
    }
    if (!*vote_id || c->actor->read_only) {
        FAIL(c, ERROR_DENIED, "approval.not_asked");
        return NULL;
    }
    return k;
}

struct approval_case *approval_owned(struct ctx *c, int64_t id, const char *states, bool managers) {
    struct approval_case *k = approval_find(c, id);
    int64_t me = access_user_id(c->actor);
    if (!k || !approval_visible(c, k)) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return NULL;
    }
    bool mine = me && record_id(k->approval, "requester_id") == me;
    bool may = mine || (managers && access_permitted(c->actor, "automation:manage"));
    if (!may || c->actor->read_only) {
        FAIL(c, ERROR_DENIED, "approval.not_yours");
    }
    return ctx_failed(c) ? NULL : approval_open(c, id, states);
}

void approval_check_unmoved(struct ctx *c, const struct approval_case *k) {
    const struct field *moved[1];
    if (!k->subject) {
        FAIL(c, ERROR_CONFLICT, "approval.record_gone");
    } else if (approval_moved(c, k, moved, 1)) {
        FAIL(c, ERROR_CONFLICT, "approval.record_moved", {"field", moved[0]->label[c->language]});
    }
}

/* What is done with each of many. */
struct answer {
    const char *word;
    enum approval_decision decision;
    bool withdraw, wordless;
};

static const struct answer answers[] = {{"approve", APPROVAL_APPROVE, false, true},
                                        {"reject", APPROVAL_REJECT, false, false},
                                        {"return", APPROVAL_RETURN, false, false},
                                        {"withdraw", APPROVAL_REJECT, true, true},
                                        {0}};

static const struct answer *answer_called(struct str word) {
    const struct answer *a = answers;
    while (a->word && !str_is(word, a->word)) {
        a++;
    }
    return a->word ? a : NULL;
}

static void answer_one(struct ctx *c, int64_t id, const struct answer *a, struct str comment) {
    int64_t vote = 0;
    struct approval_case *k = a->withdraw ? approval_owned(c, id, "pending returned", true)
                                          : approval_asked_of(c, id, &vote);
    if (k && !a->withdraw && a->decision == APPROVAL_APPROVE) {
        approval_check_unmoved(c, k);
    }
    if (!k || ctx_failed(c)) {
        return;
    }
    if (a->withdraw) {
        approval_withdraw(c, k, comment);
    } else {
        approval_decide(c, k, vote, a->decision, comment);
    }
}

static void failure_put(struct ctx *c, struct json_writer *w, int64_t id) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, id);
    JSON_MEMBER(w, "code", json_put_c, c->error.text);
    JSON_MEMBER(w, "message", json_put_str, message_failure(c->arena, c->language, &c->error));
    json_end_object(w);
}

/* True when the failure is that approval's alone, and is told; else all of it fails. */
static bool failed_alone(struct ctx *c, struct json_writer *failed, int64_t id) {
    db_rollback_savepoint(c->db);
    if (!ctx_failed_for_good(c)) {
        return false;
    }
    failure_put(c, failed, id);
    ctx_clear_error(c);
    return true;
}

static struct str comment_of(struct request *r, const struct answer *a) {
    struct str comment = str_trim(json_text(request_json(r), "comment"));
    if (a && !a->wordless && !comment.n) {
        FAIL_FIELD(r->c, STR("/comment"), "field.required");
    } else if (comment.n > COMMENT_MOST && text_length(comment) > COMMENT_MOST) {
        FAIL_FIELD(r->c, STR("/comment"), "text.too_long",
                   {"max", str_format(r->c->arena, "%d", COMMENT_MOST)});
    }
    return comment;
}

static void many_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r), *ids = json_get(body, "ids");
    const struct answer *a = answer_called(json_text(body, "decision"));
    struct json_writer w = json_writer(c->arena), failed = json_writer(c->arena);
    struct str comment = comment_of(r, a);
    int64_t done = 0;
    if (!a) {
        FAIL_FIELD(c, STR("/decision"), "approval.decision");
    }
    if (!json_is(ids, JSON_IS_ARRAY) || !ids->n || ids->n > MANY) {
        FAIL_FIELD(c, STR("/ids"), "approval.ids");
    }
    json_begin_array(&failed);
    for (size_t i = 0; !ctx_failed(c) && i < ids->n; i++) {
        int64_t id = json_as_id(&ids->items[i]);
        db_savepoint(c);
        answer_one(c, id, a, comment);
        if (!ctx_failed(c)) {
            db_release(c);
            done++;
        } else if (!failed_alone(c, &failed, id)) {
            return;
        }
    }
    json_end_array(&failed);
    json_begin_object(&w);
    JSON_MEMBER(&w, "done", json_put_int, done);
    JSON_MEMBER(&w, "failed", json_put_raw, json_str(&failed));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/approvals/answer", PERMISSION_SIGNED_IN, LANE_WRITER, many_post,
     .summary = "route.approvals_answer", .body = "ids:[id]! decision:text! comment:text",
     .answer = "done:integer! failed:[(id:id! code:text! message:text!)]!"},
    {0}};

static const struct text texts[] = {
    {"approval.decision", "approve、reject、return 或 withdraw",
     "approve, reject, return or withdraw"},
    {"approval.answered", "你这一步已经答复过，或别人已经答复了",
     "Your step is answered already, by you or by somebody else"},
    {"approval.ids", "须为 1 至 50 个编号", "One to fifty ids"},
    {"route.approvals_answer", "一次答复多个审批", "Answer many approvals at once"},
    {0}};

const struct module approval_answer_module = {
    .name = "automation.approval_answer", .cloud = "platform", .routes = routes, .texts = texts};
