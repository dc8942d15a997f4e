/* See approval.h. */
#include "automation/approval.h"

#include "automation/approval_parts.h"
#include "automation/automation.h"
#include "automation/notification.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "event/event.h"

enum { REASON_MOST = 1000, BATCH_MS = 10 * MS_MINUTE };

static const struct option states[] = {
    {"pending", "审批中", "Pending", "ring"},     {"approved", "已通过", "Approved", "ok"},
    {"rejected", "已驳回", "Rejected", "bad"},    {"returned", "退回修改", "Returned", "warn"},
    {"withdrawn", "已撤回", "Withdrawn", "idle"}, {0}};

static const struct option vote_states[] = {
    {"waiting", "待审批", "Waiting", "ring"},   {"approved", "同意", "Approved", "ok"},
    {"rejected", "驳回", "Rejected", "bad"},    {"returned", "退回", "Returned", "warn"},
    {"closed", "未处理", "Not needed", "idle"}, {0}};

static const struct field_definition fields[] = {
    {"title", FIELD_TEXT, FIELD_TITLE, "名称", "Title", "group.basic"},
    {"process_id", FIELD_REFERENCE, 0, "审批流程", "Approval process", "group.basic",
     .target = "approval_process"},
    {"version_id", FIELD_REFERENCE, 0, "流程版本", "Version", "group.basic",
     .target = "approval_version"},
    {"subject_type", FIELD_TEXT, 0, "记录类型", "Record type", "group.basic", .max_length = 60},
    {"subject_id", FIELD_REFERENCE, 0, "记录", "Record", "group.basic"},
    {"requester_id", FIELD_REFERENCE, 0, "提交人", "Requested by", "group.basic", .target = "user"},
    {"state", FIELD_OPTION, 0, "状态", "State", "group.basic", .options = states,
     .standard = "pending"},
    {"round", FIELD_INTEGER, 0, "轮次", "Round", "group.basic", .standard = "1"},
    {"step", FIELD_INTEGER, 0, "步骤", "Step", "group.basic", .standard = "0"},
    {"create_new", FIELD_BOOLEAN, 0, "新建记录", "Creates a record", "group.basic",
     .standard = "0"},
    {"draft", FIELD_JSON, 0, "将要新建的记录", "Record to be created", "group.basic",
     .max_length = 60000},
    {"verb", FIELD_TEXT, 0, "要做的操作", "Verb held", "group.basic", .max_length = 40},
    {"origin_id", FIELD_REFERENCE, 0, "操作的记录", "Whose verb", "group.basic"},
    {"parameters", FIELD_JSON, 0, "操作的内容", "Parameters of the verb", "group.basic",
     .max_length = 40000},
    {"outcome", FIELD_JSON, 0, "操作的结果", "What comes of the verb", "group.basic",
     .max_length = 4000},
    {"batch_id", FIELD_REFERENCE, 0, "一起提交的", "Asked together", "group.basic"},
    {"change", FIELD_JSON, 0, "要做的修改", "Change held", "group.basic", .max_length = 40000},
    {"undo", FIELD_JSON, 0, "驳回时改回", "Taken back", "group.basic", .max_length = 4000},
    {"snapshot", FIELD_JSON, 0, "提交时的内容", "As requested", "group.basic", .max_length = 60000},
    {"reason", FIELD_LONG_TEXT, 0, "说明", "Reason", "group.basic", .max_length = REASON_MOST},
    {"since", FIELD_INSTANT, 0, "等待自", "Waiting since", "group.basic"},
    {"reminders", FIELD_INTEGER, 0, "提醒次数", "Reminders", "group.basic", .standard = "0"},
    {"decided_at", FIELD_INSTANT, 0, "结束时间", "Decided", "group.basic"},
    {"applied_at", FIELD_INSTANT, 0, "修改时间", "Change made", "group.basic"},
    {"failure", FIELD_JSON, 0, "没做成的原因", "Why it could not be made", "group.basic",
     .max_length = 4000},
    {"previous_id", FIELD_REFERENCE, 0, "前一个审批", "Approval before", "group.basic",
     .target = "approval"},
    {0}};

static const struct field_definition vote_fields[] = {
    {"approval_id", FIELD_REFERENCE, 0, "审批", "Approval", "group.basic", .target = "approval"},
    {"round", FIELD_INTEGER, 0, "轮次", "Round", "group.basic"},
    {"step", FIELD_INTEGER, 0, "步骤", "Step", "group.basic"},
    {"approver_id", FIELD_REFERENCE, 0, "审批人", "Approver", "group.basic", .target = "user"},
    {"holder_id", FIELD_REFERENCE, 0, "现由谁审", "Held by", "group.basic", .target = "user"},
    {"state", FIELD_OPTION, 0, "结果", "Answer", "group.basic", .options = vote_states,
     .standard = "waiting"},
    {"decided_by_id", FIELD_REFERENCE, 0, "谁审的", "Answered by", "group.basic", .target = "user"},
    {"comment", FIELD_LONG_TEXT, 0, "意见", "Comment", "group.basic", .max_length = REASON_MOST},
    {"decided_at", FIELD_INSTANT, 0, "时间", "Answered", "group.basic"},
    {"why", FIELD_TEXT, 0, "为什么请他审", "Why asked", "group.basic", .max_length = 40},
    {"passed_at", FIELD_INSTANT, 0, "转到他的时间", "Handed on", "group.basic"},
    {0}};

static const struct entity_definition approval_entity = {
    .name = "approval",
    .plural = "approvals",
    .zh = "审批",
    .en = "Approval",
    .flags = ENTITY_INTERNAL | ENTITY_APPEND,
    .fields = fields,
    /* One question of a process about a record is open at a time. */
    .indexes = (const struct index_definition[]){
        {"process_id, subject_id", .unique = true, .where = "state IN ('pending', 'returned')"},
        {"requester_id, id"},
        {"subject_id, id"},
        {"origin_id", .unique = true, .where = "state IN ('pending', 'returned')"},
        {"origin_id, id", .where = "origin_id IS NOT NULL"},
        {"batch_id, id", .where = "batch_id IS NOT NULL"},
        {0}}};

static const struct entity_definition vote_entity = {
    .name = "approval_vote",
    .plural = "approval_votes",
    .zh = "审批意见",
    .en = "Approval vote",
    .flags = ENTITY_INTERNAL | ENTITY_APPEND,
    .fields = vote_fields,
    .indexes = (const struct index_definition[]){
        {"holder_id, state, id"},
        {"approver_id, id", .where = "state = 'waiting' AND why = 'escalated'"},
        {"decided_by_id, id"},
        {"approval_id, id"},
        {0}}};

/* The case of an approval that was read; its subject may be gone. */
static struct approval_case *case_of(struct ctx *c, struct record *approval) {
    struct approval_case *k = ARENA_NEW(c->arena, struct approval_case);
    const struct entity *e = model_entity(c->model, record_text(approval, "subject_type"));
    k->approval = approval;
    k->plan = approval_plan(c, record_id(approval, "version_id"));
    k->draft = record_int(approval, "create_new") && record_empty(approval, "subject_id");
    k->subject = k->draft ? approval_draft(c, e, record_text(approval, "draft"))
                 : e      ? record_load(c, e, record_id(approval, "subject_id"))
                          : NULL;
    k->verb = held_verb_named(record_text(approval, "verb"));
    if (k->verb) {
        k->origin = record_load(c, entity_named(c, k->verb->entity),
                                record_id(approval, "origin_id"));
        k->subject = k->origin ? k->subject : NULL;
    }
    return k;
}

struct approval_case *approval_find(struct ctx *c, int64_t id) {
    struct record *approval = id ? record_load(c, entity_named(c, "approval"), id) : NULL;
    return approval ? case_of(c, approval) : NULL;
}

struct approval_case *approval_open(struct ctx *c, int64_t id, const char *open) {
    struct approval_case *k = approval_find(c, id);
    if (!k || ctx_failed(c)) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return NULL;
    }
    if (!str_lists(str_from(open), ' ', record_text(k->approval, "state"))) {
        FAIL(c, ERROR_CONFLICT, "approval.closed");
    } else {
        record_holds(c, k->approval); /* or another look, for then it is another question */
    }
    return ctx_failed(c) ? NULL : k;
}

void approval_set(struct ctx *c, struct approval_case *k, struct change_set *set) {
    struct record *after = record_change(c, k->approval->id, set);
    k->approval = after ? after : k->approval;
}

int64_t approval_vote_of(struct ctx *c, const struct approval_case *k, int64_t user_id) {
    return DB_INT(c,
                  "SELECT id FROM approval_vote WHERE approval_id = $1 AND state = 'waiting' AND "
                  "(holder_id = $2 OR approver_id = $2) AND deleted_at IS NULL ORDER BY "
                  "CASE WHEN holder_id = $2 THEN 0 ELSE 1 END, id LIMIT 1",
                  k->approval->id, user_id);
}

/* Whether somebody has heard already of those that are asked about together with this one. */
static bool told_of_batch(struct ctx *c, const struct approval_case *k, int64_t user_id,
                          int64_t vote_id) {
    int64_t batch = record_id(k->approval, "batch_id");
    return batch && DB_INT(c,
                           "SELECT 1 FROM approval a JOIN approval_vote v ON v.approval_id = a.id "
                           "WHERE a.batch_id = $1 AND v.holder_id = $2 AND v.id <> $3 "
                           "AND v.created_at > $4 AND v.deleted_at IS NULL LIMIT 1",
                           batch, user_id, vote_id, c->now_ms - BATCH_MS);
}

static int64_t vote_add(struct ctx *c, const struct approval_case *k,
                        const struct approval_asked *asked) {
    struct change_set set = change_new(c, entity_named(c, "approval_vote"));
    change_id(&set, "approval_id", k->approval->id);
    change_int(&set, "round", record_int(k->approval, "round"));
    change_int(&set, "step", record_int(k->approval, "step"));
    change_id(&set, "approver_id", asked->approver_id);
    change_id(&set, "holder_id", asked->holder_id);
    change_text(&set, "why", str_from(asked->why));
    if (asked->approved) {
        change_text(&set, "state", STR("approved"));
        change_id(&set, "decided_by_id", asked->approver_id);
        change_int(&set, "decided_at", c->now_ms);
    }
    struct record *vote = record_insert(c, &set);
    if (vote && !asked->approved && !told_of_batch(c, k, asked->holder_id, vote->id)) {
        bool added = str_is(str_from(asked->why), "added");
        approval_tell(c, k, asked->holder_id,
                      added ? "notification.approval_added" : "notification.approval_asked",
                      STR(""));
    }
    return vote ? vote->id : 0;
}

/* Nobody need answer any more. */
static void votes_close(struct ctx *c, const struct approval_case *k) {
    struct db_rows rows;
    int64_t ids[2 * APPROVAL_ASKED];
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id FROM approval_vote WHERE approval_id = $1 AND state = 'waiting' "
             "AND deleted_at IS NULL ORDER BY id LIMIT $2",
             k->approval->id, (int64_t)(2 * APPROVAL_ASKED));
    while (db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        struct change_set set = change_new(c, entity_named(c, "approval_vote"));
        change_text(&set, "state", STR("closed"));
        record_change(c, ids[i], &set);
    }
}

static void end(struct ctx *c, struct approval_case *k, const char *state) {
    struct change_set set = change_new(c, k->approval->entity);
    votes_close(c, k);
    approval_clock_stop(c, k);
    change_text(&set, "state", str_from(state));
    change_int(&set, "decided_at", c->now_ms);
    approval_set(c, k, &set);
}

static void end_approved(struct ctx *c, struct approval_case *k) {
    end(c, k, "approved");
    approval_apply(c, k, NULL);
    approval_act(c, k, "on_approved");
    approval_emit(c, "approval.decided", k);
    approval_tell(c, k, record_id(k->approval, "requester_id"),
                  record_empty(k->approval, "failure") ? "notification.approval_approved"
                                                       : "notification.approval_not_made",
                  STR(""));
}

static void end_rejected(struct ctx *c, struct approval_case *k, struct str comment) {
    end(c, k, "rejected");
    approval_take_back(c, k);
    approval_act(c, k, "on_rejected");
    approval_emit(c, "approval.decided", k);
    approval_tell(c, k, record_id(k->approval, "requester_id"), "notification.approval_rejected",
                  comment);
}

/* Counts of the running step. */
struct tally {
    int64_t asked, approved, rejected, waiting;
};

static struct tally tally_of(struct ctx *c, const struct approval_case *k) {
    struct tally t = {0};
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT state, CAST(count(*) AS BIGINT) FROM approval_vote WHERE approval_id = $1 "
             "AND round = $2 AND step = $3 AND deleted_at IS NULL GROUP BY state",
             k->approval->id, record_int(k->approval, "round"), record_int(k->approval, "step"));
    while (db_next(&rows)) {
        struct str state = db_text(&rows, 0);
        int64_t n = db_int(&rows, 1);
        t.asked += n;
        t.approved += str_is(state, "approved") ? n : 0;
        t.rejected += str_is(state, "rejected") ? n : 0;
        t.waiting += str_is(state, "waiting") ? n : 0;
    }
    return t;
}

enum outcome { STEP_OPEN, STEP_APPROVED, STEP_REJECTED };

static enum outcome outcome_of(const struct json *step, const struct tally *t) {
    struct str mode = json_text(step, "mode");
    int64_t percent = str_is(mode, "ratio") ? json_int(step, "percent", 100) : 100;
    int64_t needed = str_is(mode, "any") ? 1 : (t->asked * percent + 99) / 100;
    if (t->approved >= needed) {
        return STEP_APPROVED;
    }
    bool lost = str_is(mode, "any") ? t->rejected > 0 : t->asked - t->rejected < needed;
    return lost ? STEP_REJECTED : STEP_OPEN;
}

static const struct json *step_at(const struct approval_case *k, int64_t i) {
    const struct json *steps = json_get(k->plan, "steps");
    bool there = json_is(steps, JSON_IS_ARRAY) && i >= 0 && (size_t)i < steps->n;
    return there ? &steps->items[i] : NULL;
}

/* Ask the people of a step; true when nobody need be waited for. */
static bool step_ask(struct ctx *c, struct approval_case *k, const struct json *step, int64_t at) {
    struct approval_asked asked[APPROVAL_ASKED];
    struct change_set set = change_new(c, k->approval->entity);
    change_int(&set, "step", at);
    change_int(&set, "since", c->now_ms);
    change_int(&set, "reminders", 0);
    approval_set(c, k, &set);
    size_t n = approval_people(c, k, step, asked);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        vote_add(c, k, &asked[i]);
    }
    struct tally t = tally_of(c, k);
    return !ctx_failed(c) && outcome_of(step, &t) == STEP_APPROVED;
}

/* Go on with the first step from this one on that applies; behind the last all is approved. */
static void steps_from(struct ctx *c, struct approval_case *k, int64_t at) {
    const struct record *asked = approval_as_asked(c, k);
    for (const struct json *step; (step = step_at(k, at)) && !ctx_failed(c); at++) {
        bool applies = !asked || approval_condition_holds(c, json_get(step, "condition"), asked);
        if (applies && !ctx_failed(c) && !step_ask(c, k, step, at)) {
            approval_clock_start(c, k);
            return;
        }
        votes_close(c, k);
    }
    if (!ctx_failed(c)) {
        end_approved(c, k);
    }
}

static void step_settle(struct ctx *c, struct approval_case *k, struct str comment) {
    int64_t at = record_int(k->approval, "step");
    struct tally t = tally_of(c, k);
    enum outcome outcome = outcome_of(step_at(k, at), &t);
    if (ctx_failed(c)) {
        return;
    }
    if (outcome == STEP_APPROVED) {
        votes_close(c, k);
        steps_from(c, k, at + 1);
    } else if (outcome == STEP_REJECTED) {
        end_rejected(c, k, comment);
    } else {
        approval_clock_start(c, k);
    }
}

static void vote_store(struct ctx *c, int64_t vote_id, const char *state, struct str comment) {
    struct change_set set = change_new(c, entity_named(c, "approval_vote"));
    change_text(&set, "state", str_from(state));
    change_id(&set, "decided_by_id", access_user_id(c->actor));
    change_int(&set, "decided_at", c->now_ms);
    if (comment.n) {
        change_text(&set, "comment", comment);
    }
    record_change(c, vote_id, &set);
}

/* Moves the approval's version, so that who looked before looks again. */
static void touch(struct ctx *c, struct approval_case *k) {
    struct change_set set = change_new(c, k->approval->entity);
    change_int(&set, "reminders", 0);
    change_int(&set, "since", c->now_ms);
    approval_set(c, k, &set);
}

static void give_back(struct ctx *c, struct approval_case *k, struct str comment) {
    struct change_set set = change_new(c, k->approval->entity);
    votes_close(c, k);
    approval_clock_stop(c, k);
    change_text(&set, "state", STR("returned"));
    approval_set(c, k, &set);
    approval_emit(c, "approval.decided", k);
    approval_tell(c, k, record_id(k->approval, "requester_id"), "notification.approval_returned",
                  comment);
}

/* Whoever answers for others as well, who left or handed on to him, is not asked twice. */
static int64_t vote_held(struct ctx *c, const struct approval_case *k) {
    return DB_INT(c,
                  "SELECT id FROM approval_vote WHERE approval_id = $1 AND state = 'waiting' AND "
                  "holder_id = $2 AND deleted_at IS NULL ORDER BY id LIMIT 1",
                  k->approval->id, access_user_id(c->actor));
}

void approval_decide(struct ctx *c, struct approval_case *k, int64_t vote_id,
                     enum approval_decision decision, struct str comment) {
    static const char *const words[] = {"approved", "rejected", "returned"};
    for (int64_t id = vote_id; id && !ctx_failed(c); id = vote_held(c, k)) {
        vote_store(c, id, words[decision], comment);
    }
    touch(c, k);
    if (decision == APPROVAL_RETURN) {
        give_back(c, k, comment);
    } else if (!ctx_failed(c)) {
        step_settle(c, k, comment);
    }
}

static void end_withdrawn(struct ctx *c, struct approval_case *k, const char *told,
                          struct str comment) {
    int64_t requester = record_id(k->approval, "requester_id");
    end(c, k, "withdrawn");
    approval_take_back(c, k);
    approval_emit(c, "approval.decided", k);
    if (access_user_id(c->actor) != requester) {
        approval_tell(c, k, requester, told, comment);
    }
}

void approval_withdraw(struct ctx *c, struct approval_case *k, struct str comment) {
    end_withdrawn(c, k, "notification.approval_withdrawn", comment);
}

void approval_end_gone(struct ctx *c, struct approval_case *k) {
    k->subject = NULL;
    end_withdrawn(c, k, "notification.approval_gone", STR(""));
}

void approval_resubmit(struct ctx *c, struct approval_case *k, struct str reason,
                       struct str change) {
    struct change_set set = change_new(c, k->approval->entity);
    change_text(&set, "state", STR("pending"));
    change_int(&set, "round", record_int(k->approval, "round") + 1);
    change_text(&set, "reason", reason.n ? reason : record_text(k->approval, "reason"));
    if (change.n) {
        change_text(&set, "change", change);
    }
    if (k->draft && k->subject) {
        change_text(&set, "draft", approval_draft_text(c, k->subject));
    }
    if (k->subject) {
        change_text(&set, "snapshot", approval_snapshot(c, k->plan, k->subject));
        change_text(&set, "title", record_title(k->subject));
    }
    approval_set(c, k, &set);
    approval_emit(c, "approval.requested", k);
    if (!ctx_failed(c)) {
        steps_from(c, k, 0);
    }
}

void approval_delegate(struct ctx *c, struct approval_case *k, int64_t vote_id, int64_t user_id) {
    struct change_set set = change_new(c, entity_named(c, "approval_vote"));
    change_id(&set, "holder_id", user_id);
    change_text(&set, "why", STR("delegated"));
    change_int(&set, "passed_at", c->now_ms);
    record_change(c, vote_id, &set);
    touch(c, k);
    approval_clock_start(c, k);
    approval_tell(c, k, user_id, "notification.approval_passed", STR(""));
}

void approval_ask_also(struct ctx *c, struct approval_case *k, int64_t user_id) {
    vote_add(c, k, &(struct approval_asked){user_id, user_id, "added", false});
    touch(c, k);
    approval_clock_start(c, k);
}

/* One of this process that is open on the record. */
static int64_t open_one(struct ctx *c, const struct approval_request *r) {
    return r->draft ? 0
                    : DB_INT(c,
                             "SELECT id FROM approval WHERE process_id = $1 AND subject_id = $2 "
                             "AND state IN ('pending', 'returned') AND deleted_at IS NULL",
                             r->process->id, r->subject->id);
}

/* What was returned goes on, unless a verb is held now or was: then it ends, for another thing is
 * asked. The id of what goes on. */
static int64_t go_on_with(struct ctx *c, int64_t id, const struct approval_request *r) {
    struct approval_case *k = approval_find(c, id);
    if (!k || !str_is(record_text(k->approval, "state"), "returned")) {
        FAIL(c, ERROR_CONFLICT, "approval.pending", {"process", record_text(r->process, "name")});
        return 0;
    }
    k = approval_open(c, id, "returned");
    if (k && (r->verb || k->verb)) {
        approval_withdraw(c, k, STR(""));
        return 0;
    }
    if (k) {
        approval_resubmit(c, k, r->reason, r->change);
    }
    return id;
}

static void verb_keep(struct change_set *set, const struct approval_request *r) {
    change_text(set, "verb", str_from(r->verb->name));
    change_id(set, "origin_id", r->origin_id);
    change_text(set, "parameters", r->parameters);
    change_text(set, "outcome", r->outcome);
}

int64_t approval_start(struct ctx *c, const struct approval_request *r) {
    if (r->verb) {
        held_verb_begin(c, r->origin_id); /* asked in another way now */
    }
    int64_t open = ctx_failed(c) ? 0 : open_one(c, r);
    open = open ? go_on_with(c, open, r) : 0;
    if (open || ctx_failed(c)) {
        return open;
    }
    int64_t version = approval_version_newest(c, r->process->id);
    struct change_set set = change_new(c, entity_named(c, "approval"));
    change_text(&set, "title", record_title(r->subject));
    change_id(&set, "process_id", r->process->id);
    change_id(&set, "version_id", version);
    change_text(&set, "subject_type", r->subject->entity->name);
    change_id(&set, "subject_id", r->draft ? 0 : r->subject->id);
    change_id(&set, "batch_id", r->batch_id);
    if (r->draft) {
        change_int(&set, "create_new", 1);
        change_text(&set, "draft", approval_draft_text(c, r->subject));
    }
    change_id(&set, "requester_id", r->requester_id);
    change_text(&set, "change", r->change);
    change_text(&set, "undo", r->undo);
    change_text(&set, "snapshot", approval_snapshot(c, approval_plan(c, version), r->subject));
    change_text(&set, "reason", r->reason);
    change_id(&set, "previous_id", r->previous_id);
    if (r->verb) {
        verb_keep(&set, r);
    }
    struct record *approval = record_insert(c, &set);
    if (!approval) {
        return 0;
    }
    struct approval_case *k = case_of(c, approval);
    approval_emit(c, "approval.requested", k);
    steps_from(c, k, 0);
    return approval->id;
}

struct str approval_user_name(struct ctx *c, int64_t user_id) {
    return user_id ? DB_TEXT(c, "SELECT name FROM \"user\" WHERE id = $1", user_id) : STR("");
}

void approval_tell(struct ctx *c, const struct approval_case *k, int64_t user_id, const char *code,
                   struct str comment) {
    struct notification n = {.user_id = user_id,
                             .code = code,
                             .subject_type = STR("approval"),
                             .subject_id = k->approval->id};
    int64_t by = access_user_id(c->actor), requester = record_id(k->approval, "requester_id");
    /* At a later step it is still the requester who asks, not whoever agreed just now. */
    bool asks = str_is(str_from(code), "notification.approval_asked");
    int64_t who = requester && (asks || !by) ? requester : by;
    n.parameters[0] = (struct text_parameter){"process", json_text(k->plan, "name")};
    n.parameters[1] = (struct text_parameter){"what", record_text(k->approval, "title")};
    n.parameters[2] = (struct text_parameter){"who", approval_user_name(c, who)};
    n.parameters[3] = (struct text_parameter){"comment", comment};
    notify(c, &n);
}

void approval_emit(struct ctx *c, const char *type, const struct approval_case *k) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "approval_id", json_put_id, k->approval->id);
    JSON_MEMBER(&w, "process_id", json_put_id, record_id(k->approval, "process_id"));
    JSON_MEMBER(&w, "state", json_put_str, record_text(k->approval, "state"));
    JSON_MEMBER(&w, "step", json_put_int, record_int(k->approval, "step"));
    JSON_MEMBER(&w, "round", json_put_int, record_int(k->approval, "round"));
    json_end_object(&w);
    /* Of a record that is not there yet, the approval itself is what it is about; of a verb, the
     * record whose verb it is. */
    int64_t subject = k->verb ? record_id(k->approval, "origin_id")
                              : record_id(k->approval, "subject_id");
    struct str subject_type = k->verb ? str_from(k->verb->entity)
                                      : record_text(k->approval, "subject_type");
    event_emit(c, &(struct event){.type = str_from(type),
                                  .subject_type = subject ? subject_type : STR("approval"),
                                  .subject_id = subject ? subject : k->approval->id,
                                  .payload = json_str(&w)});
}

static const struct event_type event_types[] = {
    {"approval.requested", EVENT_OF_ANY, "提交审批", "approval requested"},
    {"approval.decided", EVENT_OF_ANY, "审批有结果", "approval decided"},
    {"approval.reminded", EVENT_OF_ANY, "审批催办", "approver reminded"},
    {0}};

static const struct text texts[] = {
    {"approval.closed", "这个审批已经有结果了", "This approval is decided already"},
    {"approval.pending", "「{process}」还在审批中", "\"{process}\" is still pending"},
    {"notification.approval_asked", "{who}请你审批「{process}」：{what}",
     "{who} asks you to approve \"{process}\": {what}"},
    {"notification.approval_passed", "{who}转交给你审批「{process}」：{what}",
     "{who} hands on to you the approval \"{process}\": {what}"},
    {"notification.approval_added", "{who}请你也审批「{process}」：{what}",
     "{who} asks you, too, to approve \"{process}\": {what}"},
    {"notification.approval_approved", "「{process}」已通过：{what}",
     "\"{process}\" is approved: {what}"},
    {"notification.approval_not_made", "「{process}」已通过，但修改没有做成：{what}",
     "\"{process}\" is approved, but the change could not be made: {what}"},
    {"notification.approval_rejected", "{who}驳回了「{process}」：{what} {comment}",
     "{who} rejected \"{process}\": {what} {comment}"},
    {"notification.approval_returned", "{who}退回了「{process}」：{what} {comment}",
     "{who} returned \"{process}\": {what} {comment}"},
    {"notification.approval_gone", "记录已删除，「{process}」不用审了：{what}",
     "The record was deleted, \"{process}\" ends: {what}"},
    {"notification.approval_withdrawn", "{who}撤回了「{process}」：{what} {comment}",
     "{who} withdrew \"{process}\": {what} {comment}"},
    {0}};

const struct module approval_module = {
    .name = "automation.approval",
    .cloud = "platform",
    .entities = (const struct entity_definition *const[]){&approval_entity, &vote_entity, NULL},
    .events = event_types,
    .texts = texts};
