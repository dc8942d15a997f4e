/* See handover.h. */
#include "customer/handover.h"

#include "automation/action.h"
#include "automation/notification.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "base/text.h"
#include "customer/customer.h"
#include "customer/lead.h"
#include "customer/visitor.h"
#include "db/db.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/merge.h"
#include "event/reactor.h"
#include "event/timer.h"
#include "http/route.h"
#include "organization/calendar.h"
#include "organization/company.h"
#include "organization/user.h"

enum { NOTE_MOST = 500, PATH_ITEMS = 12, VISITS_MOST = 200 };

static const char clock_kind[] = "customer.handover_clock";

/* Under which merge_carried keeps the handovers that a merge withdrew. */
#define WITHDRAWN "handover withdrawn"

static const struct option states[] = {{"waiting", "待接收", "Waiting", "ring"},
                                       {"accepted", "已接收", "Accepted", "ok"},
                                       {"returned", "已退回", "Returned", "warn"},
                                       {"withdrawn", "已撤销", "Withdrawn", "idle"},
                                       {0}};

static const struct option outcomes[] = {{"open", "跟进中", "Being worked", "info"},
                                         {"converted", "已转化", "Converted", "ok"},
                                         {"won", "赢单", "Won", "ok"},
                                         {"lost", "输单", "Lost", "idle"},
                                         {"disqualified", "无效", "Disqualified", "idle"},
                                         {"nurturing", "培育中", "Nurturing", "idle"},
                                         {0}};

static const struct field_definition reason_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_TITLE | FIELD_LISTED, "名称", "Name", "group.basic",
     .max_length = 60},
    {"name_en", FIELD_TEXT, FIELD_LISTED, "英文名称", "English name", "group.basic",
     .max_length = 60},
    {"position", FIELD_INTEGER, FIELD_LISTED, "顺序", "Order", "group.basic", .standard = "0"},
    {0}};

static const struct field_definition fields[] = {
    {"lead_id", FIELD_REFERENCE, FIELD_TITLE | FIELD_READ_ONLY | FIELD_LISTED | FIELD_INDEXED,
     "线索", "Lead", "group.basic", .target = "lead"},
    {"person_id", FIELD_REFERENCE, FIELD_READ_ONLY, "人", "Person", "group.basic",
     .target = "person"},
    {"state", FIELD_OPTION, FIELD_READ_ONLY | FIELD_LISTED | FIELD_INDEXED, "状态", "State",
     "group.basic", .options = states, .standard = "waiting"},
    {"score", FIELD_INTEGER, FIELD_READ_ONLY | FIELD_LISTED, "评分", "Score", "group.basic"},
    {"reasons", FIELD_JSON, FIELD_READ_ONLY, "评分依据", "Why this score", "group.basic",
     .max_length = 8000},
    {"path", FIELD_JSON, FIELD_READ_ONLY, "培育经过", "How they came here", "group.basic",
     .max_length = 16000},
    {"source", FIELD_TEXT, FIELD_READ_ONLY | FIELD_LISTED, "来源", "Source", "group.basic",
     .max_length = 60},
    {"note", FIELD_TEXT, FIELD_READ_ONLY, "说明", "Note", "group.basic", .max_length = NOTE_MOST},
    {"handed_by_id", FIELD_REFERENCE, FIELD_READ_ONLY | FIELD_LISTED, "交接人", "Handed over by",
     "group.basic", .target = "user"},
    {"due_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_LISTED | FIELD_INDEXED, "接收期限",
     "Answer due", "group.basic"},
    {"decided_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_LISTED, "处理时间", "Answered",
     "group.basic"},
    {"return_reason_id", FIELD_REFERENCE, FIELD_READ_ONLY | FIELD_LISTED, "退回原因",
     "Why returned", "group.basic", .target = "handover_reason"},
    {"return_note", FIELD_TEXT, FIELD_READ_ONLY, "退回说明", "What was said", "group.basic",
     .max_length = NOTE_MOST},
    {"outcome", FIELD_OPTION, FIELD_READ_ONLY | FIELD_LISTED | FIELD_INDEXED, "后来", "Outcome",
     "group.basic", .options = outcomes, .standard = "open"},
    {0}};

static const struct entity_definition reason_entity = {.name = "handover_reason",
                                                       .plural = "handover_reasons",
                                                       .zh = "线索退回原因",
                                                       .en = "Handover return reason",
                                                       .flags = ENTITY_SETTING,
                                                       .fields = reason_fields};

static const struct entity_definition handover_entity = {
    .name = "handover",
    .plural = "handovers",
    .zh = "线索交接",
    .en = "Handover",
    .flags = ENTITY_OWNED | ENTITY_APPEND,
    .fields = fields,
    /* One answer is waited for at a time. */
    .indexes = (const struct index_definition[]){
        {"lead_id", .unique = true, .where = "state = 'waiting'"}, {0}}};

void handover_seed(struct ctx *c) {
    static const char *const seeds[][2] = {
        {"联系不上", "Cannot be reached"}, {"没有需求", "No need"},
        {"预算不够", "No budget"},         {"不是目标客户", "Not our customer"},
        {"信息有误", "Wrong data"},        {"时机未到", "Too early"}};
    for (int i = 0; i < (int)(sizeof seeds / sizeof *seeds); i++) {
        struct change_set set = change_new(c, entity_named(c, "handover_reason"));
        change_text(&set, "name", str_from(seeds[i][c->language]));
        change_text(&set, "name_en", str_from(seeds[i][LANGUAGE_EN]));
        change_int(&set, "position", i);
        record_insert(c, &set);
    }
}

static void (*reasons_provider)(struct ctx *c, struct json_writer *w, const struct record *lead);

void handover_reasons_from(void (*provider)(struct ctx *c, struct json_writer *w,
                                            const struct record *lead)) {
    reasons_provider = provider;
}

static struct str reasons_json(struct ctx *c, const struct record *lead) {
    struct json_writer w = json_writer(c->arena);
    json_begin_array(&w);
    if (reasons_provider) {
        reasons_provider(c, &w, lead);
    }
    json_end_array(&w);
    return json_str(&w);
}

static void visits_json(struct ctx *c, struct json_writer *w, int64_t person_id) {
    struct visitor_links links = visitor_links(c, person_id);
    size_t n = 0;
    int64_t pages = 0, dwell = 0, last = 0;
    struct visit *visits = person_visits(c, &links, c->now_ms + 1, VISITS_MOST, &n);
    for (size_t i = 0; i < n; i++) {
        pages += visits[i].pages;
        dwell += visits[i].dwell_ms;
        last = visits[i].began_at > last ? visits[i].began_at : last;
    }
    JSON_MEMBER(w, "visits", json_put_int, (int64_t)n);
    JSON_MEMBER(w, "pages", json_put_int, pages);
    JSON_MEMBER(w, "minutes", json_put_int, (dwell + MS_MINUTE / 2) / MS_MINUTE);
    json_key(w, "last_visit_at");
    json_put_instant_or_null(w, last);
}

/* {"visits","pages","minutes","last_visit_at","touches":[{"at","source","campaign"}]}: all that is
 * known of how they came here, captures the newest first. */
static struct str path_json(struct ctx *c, const struct record *lead) {
    struct json_writer w = json_writer(c->arena);
    struct db_rows rows;
    json_begin_object(&w);
    visits_json(c, &w, record_id(lead, "person_id"));
    json_key(&w, "touches");
    json_begin_array(&w);
    DB_QUERY(c, &rows,
             "SELECT created_at, source, campaign FROM touch WHERE lead_id = $1 "
             "AND deleted_at IS NULL ORDER BY created_at DESC LIMIT $2",
             lead->id, (int64_t)PATH_ITEMS);
    while (db_next(&rows)) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "at", json_put_instant, db_int(&rows, 0));
        JSON_MEMBER(&w, "source", json_put_str, db_text(&rows, 1));
        JSON_MEMBER(&w, "campaign", json_put_str, db_text(&rows, 2));
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    return json_str(&w);
}

int64_t handover_waiting(struct ctx *c, int64_t lead_id) {
    return DB_INT(c,
                  "SELECT id FROM handover WHERE lead_id = $1 AND state = 'waiting' "
                  "AND deleted_at IS NULL",
                  lead_id);
}

static struct str key_of(struct ctx *c, int64_t id) {
    return str_format(c->arena, "%lld", (long long)id);
}

static int64_t working_hours_from(struct ctx *c, int64_t from, const char *setting) {
    struct working_time hours = company_working_time(c, false);
    return working_time_after(&hours, from, company_int(c, setting) * MS_HOUR);
}

static void clock_set(struct ctx *c, struct str key, int64_t due, const char *step, int64_t from) {
    timer_set(c, clock_kind, key, due,
              str_format(c->arena, "{\"step\":\"%s\",\"from\":%lld}", step, (long long)from));
}

/* The clock runs from now: a reminder first. */
static int64_t clock_start(struct ctx *c, int64_t id) {
    clock_set(c, key_of(c, id), working_hours_from(c, c->now_ms, "handover_remind_hours"), "remind",
              c->now_ms);
    return working_hours_from(c, c->now_ms, "handover_escalate_hours");
}

static void emit(struct ctx *c, const char *type, const struct record *handover) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "lead_id", json_put_id, record_id(handover, "lead_id"));
    JSON_MEMBER(&w, "reason_id", json_put_id, record_id(handover, "return_reason_id"));
    json_end_object(&w);
    event_emit(c, &(struct event){.type = str_from(type),
                                  .subject_type = STR("handover"),
                                  .subject_id = handover->id,
                                  .person_id = record_id(handover, "person_id"),
                                  .payload = json_str(&w)});
}

static bool closed(const struct record *lead) {
    return str_lists(STR("converted disqualified"), ' ', record_text(lead, "status"));
}

/* Marketing's lead becomes one for sales to give out; what sales has is left with it. */
static bool take_from_nurture(struct ctx *c, const struct record *lead) {
    bool nurtured = str_is(record_text(lead, "status"), "nurturing");
    if (nurtured) {
        struct change_set set = change_new(c, lead->entity);
        change_text(&set, "status", STR("new"));
        change_id(&set, "owner_id", 0);
        record_change(c, lead->id, &set);
    }
    return nurtured;
}

int64_t handover_make(struct ctx *c, const struct record *lead,
                      const struct handover_cause *cause) {
    if (closed(lead) || handover_waiting(c, lead->id)) {
        FAIL(c, ERROR_CONFLICT, closed(lead) ? "handover.closed" : "handover.waiting");
        return 0;
    }
    if (!record_holds(c, lead)) {
        return 0;
    }
    struct change_set set = change_new(c, entity_named(c, "handover"));
    bool nurtured = str_is(record_text(lead, "status"), "nurturing");
    int64_t by = cause->by_user_id ? cause->by_user_id
                                   : (nurtured ? record_id(lead, "owner_id") : 0);
    change_id(&set, "lead_id", lead->id);
    change_id(&set, "person_id", record_id(lead, "person_id"));
    change_value(&set, entity_field(set.entity, STR("score")), record_value(lead, "score"));
    change_text(&set, "reasons", reasons_json(c, lead));
    change_text(&set, "path", path_json(c, lead));
    change_text(&set, "source", record_text(lead, "source"));
    change_text(&set, "note", cause->note);
    change_id(&set, "handed_by_id", by);
    change_id(&set, "owner_id", nurtured ? 0 : record_id(lead, "owner_id"));
    struct record *handover = record_insert(c, &set);
    if (!handover) {
        return 0;
    }
    struct change_set due = change_new(c, handover->entity);
    change_int(&due, "due_at", clock_start(c, handover->id));
    record_change(c, handover->id, &due);
    take_from_nurture(c, lead);
    emit(c, "handover.created", handover);
    return handover->id;
}

static void tell(struct ctx *c, const struct record *handover, int64_t user_id, const char *code) {
    struct record *lead = record_load(c, entity_named(c, "lead"), record_id(handover, "lead_id"));
    if (!lead) {
        return;
    }
    struct notification n = {
        .user_id = user_id, .code = code, .subject_type = STR("lead"), .subject_id = lead->id};
    n.parameters[0] = (struct text_parameter){"lead", record_title(lead)};
    n.parameters[1] = (struct text_parameter){"company", lead_company_aside(c, lead)};
    n.parameters[2] = (struct text_parameter){
        "score", str_format(c->arena, "%lld", (long long)record_int(handover, "score"))};
    n.parameters[3] = (struct text_parameter){
        "who",
        DB_TEXT(c, "SELECT name FROM \"user\" WHERE id = $1", record_id(handover, "owner_id"))};
    notify(c, &n);
}

static void escalate(struct ctx *c, const struct record *handover) {
    int64_t owner = record_id(handover, "owner_id");
    int64_t manager = owner ? user_manager(c, owner) : 0, by = record_id(handover, "handed_by_id");
    tell(c, handover, manager,
         owner ? "notification.handover_late" : "notification.handover_stray");
    if (by != manager) {
        tell(c, handover, by, owner ? "notification.handover_late" : "notification.handover_stray");
    }
}

static void fire(struct ctx *c, const struct timer *t) {
    int64_t id = 0;
    str_to_int(t->key, &id);
    struct record *handover = record_load(c, entity_named(c, "handover"), id);
    if (!handover || !str_is(record_text(handover, "state"), "waiting")) {
        return;
    }
    const struct json *clock = json_parse(c, t->payload);
    if (str_is(json_text(clock, "step"), "remind")) {
        tell(c, handover, record_id(handover, "owner_id"), "notification.handover_waits");
        int64_t due = record_int(handover, "due_at");
        clock_set(c, t->key, due > c->now_ms ? due : c->now_ms + MS_MINUTE, "escalate",
                  json_int(clock, "from", 0));
    } else {
        escalate(c, handover);
    }
}

/* One of a database from before does not know from when it counts, and stays. */
static void recount(struct ctx *c, const struct timer *t) {
    const struct json *clock = json_parse(c, t->payload);
    int64_t id = 0, from = json_int(clock, "from", 0);
    bool reminds = str_is(json_text(clock, "step"), "remind");
    str_to_int(t->key, &id);
    struct record *handover = from ? record_load(c, entity_named(c, "handover"), id) : NULL;
    if (!handover || !str_is(record_text(handover, "state"), "waiting")) {
        return;
    }
    int64_t was = record_int(handover, "due_at");
    int64_t due = calendar_moved(c, was, working_hours_from(c, from, "handover_escalate_hours"));
    int64_t next = reminds ? working_hours_from(c, from, "handover_remind_hours") : due;
    next = reminds ? calendar_moved(c, t->due_at, next) : next;
    if (due != was) {
        struct change_set set = change_new(c, handover->entity);
        change_int(&set, "due_at", due);
        record_change(c, id, &set);
    }
    if (next != t->due_at) {
        clock_set(c, t->key, next, reminds ? "remind" : "escalate", from);
    }
}

static const struct timer_kind timers[] = {{clock_kind, fire, recount}, {0}};

/* The handover, if it waits and the actor may answer: whose it is, or who gives such leads out. */
static struct record *answerable(struct request *r) {
    struct ctx *c = r->c;
    struct record *handover = record_read(c, entity_named(c, "handover"), request_id(r, "id"));
    if (!handover) {
        return NULL;
    }
    struct record *lead = record_load(c, entity_named(c, "lead"), record_id(handover, "lead_id"));
    int64_t owner = record_id(handover, "owner_id");
    bool mine = owner && owner == c->actor->user_id && !c->actor->read_only;
    if (!lead || (!mine && !access_record(c, ACTION_ASSIGN, lead))) {
        FAIL(c, ERROR_DENIED, "access.denied");
    } else if (!DB_RUN(c,
                       "UPDATE handover SET version = version WHERE id = $1 "
                       "AND state = 'waiting'",
                       handover->id)) {
        /* Held from here on, so that of two answers one is given. */
        FAIL(c, ERROR_CONFLICT, "handover.answered");
    }
    return ctx_failed(c) ? NULL : handover;
}

static struct record *answer(struct ctx *c, const struct record *handover, const char *state,
                             struct change_set *set) {
    change_text(set, "state", str_from(state));
    change_int(set, "decided_at", c->now_ms);
    struct record *answered = record_change(c, handover->id, set);
    timer_cancel(c, clock_kind, key_of(c, handover->id));
    if (answered) {
        emit(c, str_is(str_from(state), "accepted") ? "handover.accepted" : "handover.returned",
             answered);
    }
    return answered;
}

static void reply_handover(struct request *r, int status, const struct record *handover) {
    struct json_writer w = json_writer(r->c->arena);
    if (handover && !ctx_failed(r->c)) {
        record_json(r->c, &w, handover, &record_with_titles);
        reply_json(r, status, &w);
    }
}

static void accept_post(struct request *r) {
    struct record *handover = answerable(r);
    if (handover && !record_id(handover, "owner_id")) {
        FAIL(r->c, ERROR_CONFLICT, "handover.stray");
    } else if (handover) {
        struct change_set set = change_new(r->c, handover->entity);
        reply_handover(r, 200, answer(r->c, handover, "accepted", &set));
    }
}

/* Back to nurture, to whom it came from. */
/* The lead goes back to who handed it over, and says why. */
static void give_back(struct ctx *c, const struct record *handover, struct str why) {
    struct change_set set = change_new(c, entity_named(c, "lead"));
    int64_t marketer = record_id(handover, "handed_by_id");
    change_text(&set, "status", STR("nurturing"));
    change_text(&set, "returned_reason", why);
    change_id(&set, "owner_id", marketer && user_active(c, marketer) ? marketer : 0);
    change_null(&set, "next_follow_up_at");
    record_change(c, record_id(handover, "lead_id"), &set);
}

static void return_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *handover = body ? answerable(r) : NULL;
    if (!handover) {
        return;
    }
    int64_t reason = json_id(body, "reason_id");
    struct str note = str_trim(json_text(body, "note"));
    struct record *chosen = record_load(c, entity_named(c, "handover_reason"), reason);
    if (!chosen) {
        FAIL_FIELD(c, STR("/reason_id"), "handover.reason");
    }
    if (text_length(note) > NOTE_MOST) {
        FAIL_FIELD(c, STR("/note"), "handover.note");
    }
    if (ctx_failed(c)) {
        return;
    }
    struct change_set set = change_new(c, handover->entity);
    change_id(&set, "return_reason_id", reason);
    change_text(&set, "return_note", note);
    change_text(&set, "outcome", STR("nurturing"));
    struct record *answered = answer(c, handover, "returned", &set);
    struct str why = record_title(chosen);
    struct str said = note.n ? str_format(c->arena, "%.*s：%.*s", STR_ARG(why), STR_ARG(note))
                             : why;
    give_back(c, handover, text_truncate(said, NOTE_MOST));
    tell(c, handover, record_id(handover, "handed_by_id"), "notification.handover_returned");
    reply_handover(r, 200, answered);
}

static void hand_over_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *lead = record_read(c, entity_named(c, "lead"), request_id(r, "id"));
    struct str note = str_trim(json_text(body, "note"));
    if (!lead || !body) {
        return;
    }
    access_require(c, ACTION_UPDATE, lead);
    if (text_length(note) > NOTE_MOST) {
        FAIL_FIELD(c, STR("/note"), "handover.note");
    }
    if (!ctx_failed(c)) {
        const struct handover_cause cause = {.by_user_id = c->actor->user_id, .note = note};
        int64_t id = handover_make(c, lead, &cause);
        reply_handover(r, 201, id ? record_load(c, entity_named(c, "handover"), id) : NULL);
    }
}

/* Sales is not asked again about what it has in work, nor twice at a time. */
static bool worth_handing(struct ctx *c, const struct record *lead) {
    bool fresh = str_lists(STR("new nurturing returned"), ' ', record_text(lead, "status"));
    return fresh && !handover_waiting(c, lead->id);
}

static void hand_over_action(struct ctx *c, const struct action_call *call) {
    if (worth_handing(c, call->record)) {
        handover_make(c, call->record,
                      &(struct handover_cause){.note = json_text(call->parameters, "note")});
    }
}

static const struct action_kind hand_over = {
    .name = "hand_over",
    .zh = "交给销售",
    .en = "Hand over to sales",
    .entity = "lead",
    .parameters = (const struct action_parameter[]){{"note", "text", false, "说明", "Note"}, {0}},
    .run = hand_over_action};

/* Another owner of the lead is another one to answer, with a clock of his own. */
static void follow_owner(struct ctx *c, const struct record *handover, const struct record *lead) {
    int64_t owner = record_id(lead, "owner_id");
    if (owner == record_id(handover, "owner_id") || !record_holds(c, handover)) {
        return;
    }
    struct change_set set = change_new(c, handover->entity);
    change_id(&set, "owner_id", owner);
    change_int(&set, "due_at", clock_start(c, handover->id));
    record_change(c, handover->id, &set);
}

/* Who grabs a lead, or comes to an end with it, has accepted it. */
static bool accepts(struct str type) {
    return str_lists(STR("lead.grabbed lead.converted lead.disqualified"), ' ', type);
}

static void follow_lead(struct ctx *c, const struct event *e, const struct record *lead) {
    int64_t id = handover_waiting(c, lead->id);
    struct record *handover = id ? record_load(c, entity_named(c, "handover"), id) : NULL;
    if (!handover) {
        return;
    }
    follow_owner(c, handover, lead);
    if (accepts(e->type)) {
        struct change_set set = change_new(c, handover->entity);
        answer(c, record_load(c, handover->entity, id), "accepted", &set);
    }
}

/* Of a lead in the trash, put back into nurture by hand, or merged into another that waits itself,
 * nothing is asked. The one that was withdrawn; 0: none. */
static int64_t withdraw(struct ctx *c, int64_t lead_id) {
    int64_t id = handover_waiting(c, lead_id);
    if (id) {
        struct change_set set = change_new(c, entity_named(c, "handover"));
        change_text(&set, "state", STR("withdrawn"));
        change_int(&set, "decided_at", c->now_ms);
        record_change(c, id, &set);
        timer_cancel(c, clock_kind, key_of(c, id));
    }
    return id;
}

/* Parted again, a lead waits again as it is now, unless it was handed over since. */
static void reopen(struct ctx *c, int64_t lead_id) {
    const struct record *lead = record_load(c, entity_named(c, "lead"), lead_id);
    int64_t id = DB_INT(c,
                        "SELECT h.id FROM merge_carried m JOIN handover h ON h.id = m.row_id "
                        "WHERE m.loser_id = $1 AND m.what = $2 AND h.state = 'withdrawn' "
                        "AND h.deleted_at IS NULL ORDER BY h.id DESC LIMIT 1",
                        lead_id, WITHDRAWN);
    merge_forget(c, WITHDRAWN, lead_id);
    if (id && lead && !closed(lead) && !handover_waiting(c, lead_id)) {
        struct change_set set = change_new(c, entity_named(c, "handover"));
        change_text(&set, "state", STR("waiting"));
        change_null(&set, "decided_at");
        change_id(&set, "owner_id", record_id(lead, "owner_id"));
        change_int(&set, "due_at", clock_start(c, id));
        record_change(c, id, &set);
    }
}

/* What became of the lead of the latest handover; what was returned stays returned. */
static void outcome_keep(struct ctx *c, int64_t lead_id, const char *outcome) {
    int64_t id = DB_INT(c,
                        "SELECT id FROM handover WHERE lead_id = $1 AND state <> 'returned' "
                        "AND deleted_at IS NULL ORDER BY id DESC LIMIT 1",
                        lead_id);
    if (id) {
        struct change_set set = change_new(c, entity_named(c, "handover"));
        change_text(&set, "outcome", str_from(outcome));
        record_change(c, id, &set);
    }
}

/* The lead is gone, or back from another. */
static void part(struct ctx *c, const struct event *e) {
    if (str_is(e->type, "lead.unmerged")) {
        reopen(c, e->subject_id);
        return;
    }
    int64_t id = withdraw(c, e->subject_id);
    if (id && str_is(e->type, "lead.merged")) {
        merge_note(c, WITHDRAWN, e->subject_id, id);
    }
}

static void handle(struct ctx *c, const struct event *e) {
    static const struct {
        const char *type, *outcome;
    } turns[] = {{"lead.converted", "converted"},
                 {"lead.unconverted", "open"},
                 {"lead.disqualified", "disqualified"},
                 {"lead.reopened", "open"},
                 {"opportunity.won", "won"},
                 {"opportunity.lost", "lost"},
                 {NULL, NULL}};
    if (e->origin != ORIGIN_LIVE) {
        return;
    }
    if (str_lists(STR("lead.trashed lead.merged lead.unmerged"), ' ', e->type)) {
        part(c, e);
        return;
    }
    bool deal = str_is(e->subject_type, "opportunity");
    int64_t lead_id = deal ? DB_INT(c,
                                    "SELECT id FROM lead WHERE opportunity_id = $1 "
                                    "AND deleted_at IS NULL LIMIT 1",
                                    e->subject_id)
                           : e->subject_id;
    struct record *lead = lead_id ? record_load(c, entity_named(c, "lead"), lead_id) : NULL;
    if (!lead) {
        return;
    }
    if (str_is(e->type, "lead.tier_entered")) {
        bool high = str_is(json_text(json_parse(c, e->payload), "to"), "high");
        if (high && worth_handing(c, lead)) {
            handover_make(c, lead, &(struct handover_cause){.note = STR("")});
        }
        return;
    }
    if (str_is(e->type, "lead.nurtured")) {
        if (str_is(record_text(lead, "status"), "nurturing")) {
            withdraw(c, lead->id);
        }
        return;
    }
    follow_lead(c, e, lead);
    for (size_t i = 0; turns[i].type; i++) {
        if (str_is(e->type, turns[i].type)) {
            outcome_keep(c, lead->id, turns[i].outcome);
        }
    }
}

/* What only ever concerns a handover that waits: of the many leads that are given to somebody few
 * have one. A handover made later begins with the lead as it is then, holding it, so that the
 * event it would be asked about came before. */
static bool only_waiting(struct str type) {
    return str_lists(STR("lead.assigned lead.pooled lead.nurtured lead.trashed lead.merged"), ' ',
                     type);
}

static void choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    int64_t *leads = ARENA_NEW_ARRAY(c->arena, n, int64_t);
    size_t asked = 0;
    for (size_t i = 0; i < n; i++) {
        wanted[i] = events[i].origin == ORIGIN_LIVE && !only_waiting(events[i].type);
        if (events[i].origin == ORIGIN_LIVE && !wanted[i]) {
            leads[asked++] = events[i].subject_id;
        }
    }
    if (asked == 0) {
        return;
    }
    struct sql q = sql_new(c->arena);
    struct db_rows rows;
    SQL_ADD(&q, "SELECT lead_id FROM handover WHERE state = 'waiting' AND deleted_at IS NULL "
                "AND lead_id IN ");
    sql_ids(&q, leads, asked);
    sql_query(c, &rows, &q);
    while (db_next(&rows)) {
        for (size_t i = 0; i < n; i++) {
            wanted[i] |= events[i].subject_id == db_int(&rows, 0) && only_waiting(events[i].type);
        }
    }
}

static const struct reactor reactor = {
    .name = "customer.handover",
    .stream = STREAM_BUSINESS,
    .lane = REACTOR_PROMPT,
    .types = (const char *const[]){"lead.tier_entered", "lead.assigned", "lead.pooled",
                                   "lead.grabbed", "lead.converted", "lead.unconverted",
                                   "lead.disqualified", "lead.nurtured", "lead.reopened",
                                   "lead.trashed", "lead.merged", "lead.unmerged",
                                   "opportunity.won", "opportunity.lost", NULL},
    .handle = handle,
    .choose = choose};

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/leads/{id}/hand_over", "handover:make", LANE_WRITER, hand_over_post,
     .summary = "route.lead_hand_over", .body = "note:text", .answer = "201 @handover"},
    {METHOD_POST, "/api/v1/handovers/{id}/accept", PERMISSION_SIGNED_IN, LANE_WRITER, accept_post,
     .summary = "route.handover_accept", .answer = "@handover"},
    {METHOD_POST, "/api/v1/handovers/{id}/return", PERMISSION_SIGNED_IN, LANE_WRITER, return_post,
     .summary = "route.handover_return", .body = "reason_id:id! note:text", .answer = "@handover"},
    {0}};

static const struct text texts[] = {
    {"handover.closed", "线索已结束", "The lead is closed"},
    {"handover.waiting", "已经交给销售，等待接收", "It is handed over and waits for an answer"},
    {"handover.stray", "线索还没有负责人，先分配给人", "The lead is nobody's: assign it first"},
    {"handover.answered", "这次交接已处理", "This handover was answered already"},
    {"handover.reason", "选一个退回原因", "Choose a reason"},
    {"handover.note", "最多 500 字", "500 characters at most"},
    {"notification.handover_waits", "交接的线索 {lead}{company}（评分 {score}）还没接收",
     "The lead {lead}{company} (score {score}) handed to you waits for an answer"},
    {"notification.handover_late", "{who} 还没接收线索 {lead}{company}（评分 {score}）",
     "{who} has not answered for the lead {lead}{company} (score {score})"},
    {"notification.handover_stray", "线索 {lead}{company}（评分 {score}）交给了销售，还没有人接",
     "The lead {lead}{company} (score {score}) was handed to sales and is nobody's yet"},
    {"notification.handover_returned", "{who} 退回了线索 {lead}{company}",
     "{who} returned the lead {lead}{company}"},
    {"route.lead_hand_over", "交给销售", "Hand a lead over to sales"},
    {"route.handover_accept", "接收线索", "Accept a handover"},
    {"route.handover_return", "退回线索", "Return a handover"},
    {0}};

static const struct permission permissions[] = {
    {"handover:make", "把线索交给销售", "Hand leads over to sales"}, {0}};

static const struct event_type event_types[] = {
    {"handover.accepted", "handover", "被接收", "accepted"},
    {"handover.returned", "handover", "被退回", "returned"},
    {0}};

const struct module handover_module = {
    .name = "customer.handover",
    .cloud = "customer",
    .entities = (const struct entity_definition *const[]){&handover_entity, &reason_entity, NULL},
    .routes = routes,
    .reactors = (const struct reactor *const[]){&reactor, NULL},
    .timers = timers,
    .actions = (const struct action_kind *const[]){&hand_over, NULL},
    .events = event_types,
    .permissions = permissions,
    .texts = texts};
