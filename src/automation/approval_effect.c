/* What follows from an answer: the change held is made, one made on trust is taken back, the
 * actions of the process are run. What cannot be done is told in the approval (failure) and
 * undone. */
#include "automation/action.h"
#include "automation/approval_parts.h"
#include "automation/automation.h"
#include "automation/notification.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/gate.h"
#include "organization/actor.h"

struct str approval_change_text(struct ctx *c, const struct change_set *set) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    for (int i = 0; i < set->entity->n_fields; i++) {
        if (!set->set[i]) {
            continue;
        }
        json_key_str(&w, set->entity->fields[i].name);
        if (set->values[i].kind == VALUE_NULL) {
            json_put_null(&w);
        } else {
            value_to_json(&w, &set->entity->fields[i], set->values[i]);
        }
    }
    json_end_object(&w);
    return json_str(&w);
}

/* Who the work is done as; put back by actor_back. */
struct standing {
    const struct actor *actor;
    int64_t approval_id;
};

static struct standing stand_as(struct ctx *c, const struct actor *actor, int64_t approval_id) {
    struct standing before = {c->actor, c->approval_id};
    c->actor = actor;
    c->approval_id = approval_id;
    return before;
}

static void stand_back(struct ctx *c, struct standing before) {
    c->actor = before.actor;
    c->approval_id = before.approval_id;
}

/* What was a draft is there now. */
static void adopt(struct ctx *c, struct approval_case *k, struct record *made) {
    struct change_set known = change_new(c, k->approval->entity);
    if (made) {
        change_id(&known, "subject_id", made->id);
        change_text(&known, "title", record_title(made));
        approval_set(c, k, &known);
        k->subject = made;
        k->draft = false;
    }
}

static void create(struct ctx *c, struct approval_case *k, struct str values) {
    struct change_set set = change_from_json(c, k->subject->entity, json_parse(c, values));
    adopt(c, k, ctx_failed(c) ? NULL : record_create(c, &set));
}

static const struct json *parameters_of(struct ctx *c, const struct approval_case *k) {
    return json_parse(c, record_text(k->approval, "parameters"));
}

static void carry_out(struct ctx *c, struct approval_case *k) {
    const struct entity *e = k->subject->entity;
    k->verb->run(c, k->origin->id, parameters_of(c, k));
    int64_t made = k->draft && !ctx_failed(c) ? k->verb->made(c, k->origin->id, e) : 0;
    adopt(c, k, made ? record_load(c, e, made) : NULL);
}

static void enact(struct ctx *c, const struct approval_case *k, struct str change) {
    const struct json *o = json_parse(c, change);
    struct change_set set = enactment_from_json(c, k->subject->entity, o);
    if (!ctx_failed(c)) {
        record_enact(c, k->subject->id, &set);
    }
}

/* Ends the savepoint: true when what was done in it stands. Otherwise why not is kept. Failures of
 * the machine go up. */
static bool done_or_told(struct ctx *c, const struct approval_case *k, struct str *failure) {
    if (!ctx_failed(c)) {
        db_release(c);
        return true;
    }
    const struct error error = c->error;
    bool for_good = ctx_failed_for_good(c);
    *failure = for_good ? action_failure(c, k->subject ? k->subject->entity : NULL) : STR("");
    ctx_clear_error(c);
    db_rollback_savepoint(c->db);
    if (!for_good) {
        c->error = error;
    }
    return false;
}

static void failure_store(struct ctx *c, struct approval_case *k, struct str failure) {
    struct change_set set = change_new(c, k->approval->entity);
    change_text(&set, "failure", failure);
    approval_set(c, k, &set);
}

/* What the next process is to be asked about: of a verb the record that it refuses, which need not
 * be the one that the last refused. */
static bool next_of(struct ctx *c, const struct approval_case *k, const struct actor *actor,
                    struct held_verb_trial *out) {
    *out = (struct held_verb_trial){
        .subject = k->subject, .draft = k->draft, .change = record_text(k->approval, "change")};
    if (!k->verb) {
        return true;
    }
    struct standing before = stand_as(c, actor, k->approval->id);
    bool held = held_verb_tried(c, k->verb, k->origin->id, parameters_of(c, k), out);
    stand_back(c, before);
    return held;
}

/* Another process wants to be asked before the same change. */
static void ask_next(struct ctx *c, struct approval_case *k, const struct error *error,
                     const struct actor *actor) {
    int64_t process_id = 0;
    struct held_verb_trial next;
    struct record *process = approval_needed(error, &process_id)
                                 ? record_load(c, entity_named(c, "approval_process"), process_id)
                                 : NULL;
    if (!process || !next_of(c, k, actor, &next)) {
        return;
    }
    approval_start(
        c, &(struct approval_request){.process = process,
                                      .subject = next.subject,
                                      .draft = next.draft,
                                      .batch_id = record_id(k->approval, "batch_id"),
                                      .requester_id = record_id(k->approval, "requester_id"),
                                      .previous_id = k->approval->id,
                                      .change = next.change,
                                      .reason = record_text(k->approval, "reason"),
                                      .verb = k->verb,
                                      .origin_id = record_id(k->approval, "origin_id"),
                                      .parameters = record_text(k->approval, "parameters"),
                                      .outcome = record_text(k->approval, "outcome")});
}

static const struct actor *requester_of(struct ctx *c, const struct approval_case *k) {
    int64_t requester = record_id(k->approval, "requester_id");
    return requester ? actor_build(c, c->arena, requester) : &actor_system;
}

static void apply_as(struct ctx *c, struct approval_case *k, const struct actor *actor) {
    struct str failure = STR("");
    struct error error = {0};
    db_savepoint(c);
    struct standing before = stand_as(c, actor, k->approval->id);
    if (!k->subject) {
        FAIL(c, ERROR_ABSENT, "record.absent");
    } else if (!actor) {
        FAIL(c, ERROR_DENIED, "approval.requester_gone");
    } else if (k->verb) {
        carry_out(c, k);
    } else if (k->draft) {
        create(c, k, record_text(k->approval, "change"));
    } else {
        enact(c, k, record_text(k->approval, "change"));
    }
    stand_back(c, before);
    error = c->error;
    if (done_or_told(c, k, &failure)) {
        struct change_set set = change_new(c, k->approval->entity);
        change_int(&set, "applied_at", c->now_ms);
        change_null(&set, "failure");
        approval_set(c, k, &set);
    } else if (!ctx_failed(c)) {
        failure_store(c, k, failure);
        ask_next(c, k, &error, actor);
    }
    if (k->subject && !k->draft) {
        k->subject = record_load(c, k->subject->entity, k->subject->id);
    }
}

bool approval_holds(const struct approval_case *k) {
    return k->verb || record_text(k->approval, "change").n;
}

void approval_apply(struct ctx *c, struct approval_case *k, const struct actor *as) {
    if (approval_holds(k) && !ctx_failed(c)) {
        apply_as(c, k, as ? as : requester_of(c, k));
    }
}

void approval_take_back(struct ctx *c, struct approval_case *k) {
    struct str undo = record_text(k->approval, "undo"), failure = STR("");
    if (!undo.n || !k->subject || k->draft || ctx_failed(c)) {
        return;
    }
    db_savepoint(c);
    struct standing before = stand_as(c, &actor_system, k->approval->id);
    enact(c, k, undo);
    stand_back(c, before);
    if (!done_or_told(c, k, &failure) && !ctx_failed(c)) {
        failure_store(c, k, failure);
    }
    k->subject = record_load(c, k->subject->entity, k->subject->id);
}

/* An action that asks for an approval that is given at once runs actions again: each such turn
 * counts as several steps of the chain (event/event.h), and the chain ends here. */
enum { TURN_DEPTH = 3 };

static void run_one(struct ctx *c, struct approval_case *k, const struct json *action,
                    struct str key) {
    const struct action_kind *kind = action_find(json_text(action, "action"));
    if (c->depth + TURN_DEPTH > EVENT_DEPTH - TURN_DEPTH) {
        FAIL(c, ERROR_CONFLICT, "approval.loop", {"process", json_text(k->plan, "name")});
        return;
    }
    c->depth += TURN_DEPTH;
    if (kind && action_on(c, kind)) {
        kind->run(c, &(struct action_call){.record = k->subject,
                                           .parameters = json_get(action, "parameters"),
                                           .rule_id = record_id(k->approval, "process_id"),
                                           .rule_name = json_text(k->plan, "name"),
                                           .key = key,
                                           .step = key});
    }
    c->depth -= TURN_DEPTH;
}

void approval_act(struct ctx *c, struct approval_case *k, const char *list) {
    const struct json *actions = json_get(k->plan, list);
    struct str failure = STR("");
    for (size_t i = 0; json_is(actions, JSON_IS_ARRAY) && i < actions->n && k->subject &&
                       !k->draft && !ctx_failed(c);
         i++) {
        db_savepoint(c);
        struct standing before = stand_as(c, &actor_system, 0);
        run_one(c, k, &actions->items[i],
                str_format(c->arena, "approval:%lld:%lld:%s:%zu", (long long)k->approval->id,
                           (long long)record_int(k->approval, "round"), list, i));
        stand_back(c, before);
        if (!done_or_told(c, k, &failure) && !ctx_failed(c)) {
            failure_store(c, k, failure);
        }
        k->subject = record_load(c, k->subject->entity, k->subject->id);
    }
}

static const struct text texts[] = {{"approval.loop", "「{process}」引起了循环，已停止",
                                     "\"{process}\" leads in a circle; stopped"},
                                    {"approval.requester_gone", "提交人已停用，改动没有做",
                                     "The requester is switched off, so the change was not made"},
                                    {0}};

/* request_approval: by a rule, a journey, or what follows another approval. */
static void request_run(struct ctx *c, const struct action_call *call) {
    struct record *process = record_load(c, entity_named(c, "approval_process"),
                                         json_id(call->parameters, "process_id"));
    const struct record *r = call->record;
    if (!process || !str_equal(record_text(process, "entity_name"), r->entity->name) ||
        !record_int(process, "enabled")) {
        FAIL_FIELD(c, STR("/process_id"), "reference.absent");
        return;
    }
    bool open = DB_INT(c,
                       "SELECT 1 FROM approval WHERE process_id = $1 AND subject_id = $2 "
                       "AND state IN ('pending', 'returned') AND deleted_at IS NULL LIMIT 1",
                       process->id, r->id);
    if (open || !approval_applies(c, process, r)) {
        return; /* it is asked already, or need not be */
    }
    int64_t by = call->event ? call->event->actor_id : 0;
    bool owned = r->entity->flags & ENTITY_OWNED;
    if (!by || !user_active(c, by)) {
        by = owned ? record_id(r, "owner_id") : 0;
    }
    approval_start(
        c, &(struct approval_request){
               .process = process, .subject = r, .requester_id = by, .reason = call->rule_name});
}

static const struct action_kind request_action = {
    .name = "request_approval",
    .zh = "提交审批",
    .en = "Request an approval",
    .parameters = (const struct action_parameter[]){{"process_id", "approval_process", true,
                                                     "审批流程", "Approval process"},
                                                    {0}},
    .run = request_run};

const struct module approval_effect_module = {
    .name = "automation.approval_effect",
    .cloud = "platform",
    .actions = (const struct action_kind *const[]){&request_action, NULL},
    .texts = texts};
