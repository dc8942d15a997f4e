/*
 * Assignment: who works a lead.
 *
 * What a company configures is one ordered list (assignment_rule.h). The reactor sales.assignment
 * runs it for every new or reopened lead that is nobody's and for what marketing hands over; what
 * nobody gets lies in a pool (lead_pool.h), as does what somebody loses; for what somebody has it
 * starts the clocks (lead_clock.h). The actions of automation reach the same: assign_by_list runs
 * the list on a lead, assign_round_robin gives it to the next of the people it names, whose turn
 * stands in assignment_turn. A manager assigns by hand within the right to assign. Every assignment
 * says which rule or who, and why; the new owner is told.
 *
 * Events out: those of the lead (customer/lead.h).
 */
#include "automation/action.h"
#include "automation/notification.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/handover.h"
#include "customer/lead.h"
#include "db/db.h"
#include "db/migration.h"
#include "entity/access.h"
#include "event/reactor.h"
#include "http/route.h"
#include "sales/assignment_rule.h"
#include "sales/lead_clock.h"
#include "sales/lead_pool.h"
#include "sales/sales.h"

enum { PEOPLE_MOST = 200 };

static const struct migration migrations[] = {
    {"sales.assignment.1", "CREATE TABLE assignment_turn (rule_id {id}, turn BIGINT NOT NULL)"},
    {0}};

/* A turn that was taken in this transaction, whose row is ours until its end: so the next one is
 * counted from it without asking, and only the last is written. What is undone with a savepoint is
 * not found any more. */
struct turn {
    int64_t rule_id, number;
    const struct turn *before; /* the one taken before it, whosever */
};

static void turns_write(struct ctx *c, void *const *items, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct turn *turn = items[i];
        bool last = true;
        for (size_t j = i + 1; j < n; j++) {
            last &= ((const struct turn *)items[j])->rule_id != turn->rule_id;
        }
        if (last) {
            DB_PUT(c, "UPDATE assignment_turn SET turn = $1 WHERE rule_id = $2", turn->number,
                   turn->rule_id);
        }
    }
}

/* The rule's next turn, counted from 0. */
static int64_t next_turn(struct ctx *c, int64_t rule_id) {
    const struct turn *latest = db_deferred_last(c->db, turns_write), *mine = latest;
    while (mine && mine->rule_id != rule_id) {
        mine = mine->before;
    }
    struct turn *turn = ARENA_NEW(db_batch_arena(c->db), struct turn);
    turn->rule_id = rule_id;
    turn->before = latest;
    turn->number = mine ? mine->number + 1
                        : DB_INT(c,
                                 "INSERT INTO assignment_turn (rule_id, turn) VALUES ($1, 0) "
                                 "ON CONFLICT (rule_id) DO UPDATE SET turn = "
                                 "assignment_turn.turn + 1 RETURNING turn",
                                 rule_id);
    db_defer_many(c, turns_write, turn);
    return turn->number;
}

static void assign_round_robin(struct ctx *c, const struct action_call *call) {
    const struct json *people = json_get(call->parameters, "user_ids");
    if (!json_is(people, JSON_IS_ARRAY) || people->n == 0 || people->n > PEOPLE_MOST) {
        FAIL_FIELD(c, STR("/user_ids"), "field.required");
        return;
    }
    if (!record_empty(call->record, "owner_id")) {
        return;
    }
    for (size_t tries = 0; tries < people->n && !ctx_failed(c); tries++) {
        int64_t turn = next_turn(c, call->rule_id);
        int64_t user = json_as_id(&people->items[(size_t)turn % people->n]);
        if (user && user_active(c, user)) {
            lead_assign(c, call->record, user,
                        message_format(c->arena, LANGUAGE_ZH, "assignment.round_robin",
                                       &(struct text_parameter){"rule", call->rule_name}, 1));
            return;
        }
    }
}

static const struct action_kind round_robin = {
    .name = "assign_round_robin",
    .zh = "轮流分配",
    .en = "Assign in turn",
    .entity = "lead",
    .parameters = (const struct action_parameter[]){{"user_ids", "users", true, "人员", "People"},
                                                    {0}},
    .run = assign_round_robin};

static void assign_by_list(struct ctx *c, const struct action_call *call) {
    if (record_empty(call->record, "owner_id")) {
        assignment_run(c, call->record);
    }
}

static const struct action_kind by_list = {.name = "assign_by_list",
                                           .zh = "按分配规则分配",
                                           .en = "Assign by the assignment list",
                                           .entity = "lead",
                                           .parameters = (const struct action_parameter[]){{0}},
                                           .run = assign_by_list};

/* Nobody's, to be worked, and not in a pool. */
static bool stray(const struct record *lead) {
    return record_empty(lead, "owner_id") && record_empty(lead, "pool_id") &&
           str_lists(STR("new working returned"), ' ', record_text(lead, "status"));
}

/* Somebody lost it, and it goes to nobody else. */
static void take_up(struct ctx *c, const struct record *lead, int64_t previous) {
    pool_put(c, lead,
             &(struct pool_entry){.kind = previous ? POOL_RELEASED : POOL_ENTERED,
                                  .from_user_id = previous});
}

/* The lead an event is about; of a handover the one it hands over. */
static struct record *lead_of(struct ctx *c, const struct event *e, const struct json *payload) {
    bool handed = str_is(e->type, "handover.created");
    int64_t id = handed ? json_id(payload, "lead_id") : e->subject_id;
    return e->origin == ORIGIN_LIVE ? record_load(c, entity_named(c, "lead"), id) : NULL;
}

static void place(struct ctx *c, const struct event *e) {
    bool moved = str_is(e->type, "lead.assigned"), created = str_is(e->type, "lead.created");
    const struct json *payload = created ? NULL : json_parse(c, e->payload);
    struct record *lead = lead_of(c, e, payload);
    if (!lead || ctx_failed(c)) {
        return;
    }
    if (moved && json_id(payload, "pool_id")) {
        pool_left(c, lead, json_id(payload, "pool_id"));
    }
    if (!stray(lead)) {
        lead_clock_set(c, lead);
    } else if (moved && !handover_waiting(c, lead->id)) {
        take_up(c, lead, json_id(payload, "previous_owner_id"));
    } else {
        assignment_run(c, lead);
    }
}

/* What was brought in stays where it was put, and nobody is told of it. */
static void choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    (void)c;
    for (size_t i = 0; i < n; i++) {
        wanted[i] = events[i].origin == ORIGIN_LIVE;
    }
}

/* Of a handover the lead stands in its payload: it is read when its turn comes. */
static void place_ahead(struct ctx *c, const struct event *events, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (str_is(events[i].subject_type, "lead")) {
            record_ahead(c, STR("lead"), events[i].subject_id);
        }
    }
}

static const struct reactor placer = {
    .name = "sales.assignment",
    .stream = STREAM_BUSINESS,
    .lane = REACTOR_PROMPT,
    .types = (const char *const[]){"lead.created", "lead.assigned", "lead.reopened",
                                   "lead.restored", "lead.unmerged", "handover.created", NULL},
    .handle = place,
    .choose = choose,
    .ahead = place_ahead};

/* The new owner hears of it at once, unless it has gone on to another meanwhile. */
static void tell_owner(struct ctx *c, const struct event *e) {
    struct record *lead = record_load(c, entity_named(c, "lead"), e->subject_id);
    int64_t owner = json_id(json_parse(c, e->payload), "owner_id");
    if (!lead || record_id(lead, "owner_id") != owner || owner == e->actor_id) {
        return;
    }
    struct notification n = {.user_id = owner,
                             .code = "notification.lead_assigned",
                             .subject_type = STR("lead"),
                             .subject_id = lead->id};
    n.parameters[0] = (struct text_parameter){"lead", record_title(lead)};
    n.parameters[1] = (struct text_parameter){"company", lead_company_aside(c, lead)};
    n.parameters[2] = (struct text_parameter){"reason", record_text(lead, "assignment_reason")};
    notify(c, &n);
}

static void tell_ahead(struct ctx *c, const struct event *events, size_t n) {
    for (size_t i = 0; i < n; i++) {
        record_ahead(c, STR("lead"), events[i].subject_id);
    }
}

static const struct reactor teller = {.name = "sales.assignment_notice",
                                      .stream = STREAM_BUSINESS,
                                      .lane = REACTOR_PROMPT,
                                      .types = (const char *const[]){"lead.assigned", NULL},
                                      .handle = tell_owner,
                                      .choose = choose,
                                      .ahead = tell_ahead};

static void reply_lead(struct request *r, int64_t id) {
    struct record *lead = record_load(r->c, entity_named(r->c, "lead"), id);
    struct json_writer w = json_writer(r->c->arena);
    if (lead) {
        record_json(r->c, &w, lead, &record_with_titles);
        reply_version(r, record_version(lead));
        reply_json(r, 200, &w);
    }
}

static void assign_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *lead = record_read(c, entity_named(c, "lead"), request_id(r, "id"));
    int64_t owner = json_id(body, "owner_id");
    if (!lead || !body) {
        return;
    }
    access_require(c, ACTION_ASSIGN, lead);
    if (!user_active(c, owner)) {
        FAIL_FIELD(c, STR("/owner_id"), "reference.absent");
    }
    if (!ctx_failed(c)) {
        lead_assign(c, lead, owner, STR(""));
    }
    reply_lead(r, lead->id);
}

static void disqualify_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *lead = record_read(c, entity_named(c, "lead"), request_id(r, "id"));
    struct str reason = str_trim(json_text(body, "reason"));
    if (!lead || !body) {
        return;
    }
    access_require(c, ACTION_UPDATE, lead);
    if (!reason.n || reason.n > 600) {
        FAIL_FIELD(c, STR("/reason"), "field.required");
    }
    struct change_set set = change_new(c, lead->entity);
    change_text(&set, "status", STR("disqualified"));
    change_text(&set, "disqualified_reason", reason);
    record_holds(c, lead);
    record_change(c, lead->id, &set);
    reply_lead(r, lead->id);
}

static void reopen_post(struct request *r) {
    struct ctx *c = r->c;
    struct record *lead = record_read(c, entity_named(c, "lead"), request_id(r, "id"));
    if (!lead) {
        return;
    }
    access_require(c, ACTION_UPDATE, lead);
    if (record_holds(c, lead) && !str_is(record_text(lead, "status"), "disqualified")) {
        FAIL(c, ERROR_CONFLICT, "lead.not_disqualified");
    }
    bool worked = !record_empty(lead, "last_follow_up_at");
    struct change_set set = change_new(c, lead->entity);
    change_text(&set, "status", worked ? STR("working") : STR("new"));
    record_change(c, lead->id, &set);
    reply_lead(r, lead->id);
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/leads/{id}/assign", PERMISSION_RECORD, LANE_WRITER, assign_post,
     .summary = "route.lead_assign", .body = "owner_id:id!", .answer = "@lead"},
    {METHOD_POST, "/api/v1/leads/{id}/disqualify", PERMISSION_RECORD, LANE_WRITER, disqualify_post,
     .summary = "route.lead_disqualify", .body = "reason:text!", .answer = "@lead"},
    {METHOD_POST, "/api/v1/leads/{id}/reopen", PERMISSION_RECORD, LANE_WRITER, reopen_post,
     .summary = "route.lead_reopen", .answer = "@lead"},
    {0}};

static const struct text texts[] = {
    {"assignment.round_robin", "规则「{rule}」：轮流分配", "Rule \"{rule}\": in turn"},
    {"notification.lead_assigned", "新线索：{lead}{company}。{reason}",
     "New lead: {lead}{company}. {reason}"},
    {"route.lead_assign", "分配线索", "Assign a lead"},
    {"route.lead_disqualify", "线索判为无效", "Disqualify a lead"},
    {"lead.not_disqualified", "这条线索没有判为无效", "The lead is not disqualified"},
    {"route.lead_reopen", "重新打开线索", "Reopen a lead"},
    {0}};

const struct module assignment_module = {
    .name = "sales.assignment",
    .cloud = "sales",
    .routes = routes,
    .reactors = (const struct reactor *const[]){&placer, &teller, NULL},
    .actions = (const struct action_kind *const[]){&round_robin, &by_list, NULL},
    .migrations = migrations,
    .texts = texts};
