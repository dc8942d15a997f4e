/*
 * Rules over REST, beyond their records: the actions there are, a trial of a rule, its runs.
 */
#include "automation/action.h"
#include "automation/automation.h"
#include "automation/rule.h"
#include "automation/rule_date.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/condition.h"
#include "entity/event_types.h"
#include "entity/query.h"
#include "entity/references.h"
#include "http/route.h"

/* A trial looks at most at this many events of the type, among the last of all types. */
enum { TRIAL_EVENTS = 200, TRIAL_WITHIN = 20000, TRIAL_SHOWN = 20 };
enum { RUN_PAGE = 50, RUN_EFFECTS = 20 };

static void action_json(struct ctx *c, struct json_writer *w, const struct action_kind *a) {
    bool english = c->language == LANGUAGE_EN;
    json_begin_object(w);
    JSON_MEMBER(w, "name", json_put_c, a->name);
    JSON_MEMBER(w, "label", json_put_c, english ? a->en : a->zh);
    json_key(w, "entity");
    json_put_str(w, str_from(a->entity));
    json_key(w, "parameters");
    json_begin_array(w);
    for (const struct action_parameter *p = a->parameters; p && p->name; p++) {
        json_begin_object(w);
        JSON_MEMBER(w, "name", json_put_c, p->name);
        JSON_MEMBER(w, "type", json_put_c, p->type);
        JSON_MEMBER(w, "required", json_put_bool, p->required);
        JSON_MEMBER(w, "label", json_put_c, english ? p->en : p->zh);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

static void actions_get(struct request *r) {
    struct json_writer w = json_writer(r->c->arena);
    reply_list_begin(&w);
    for (const struct action_kind *const *a = action_all(); *a; a++) {
        if (action_on(r->c, *a)) {
            action_json(r->c, &w, *a);
        }
    }
    reply_list_end(r, &w);
}

/* Would the rule act on this record, and with which actions? Nothing is changed. */
static void test_post(struct request *r) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    struct record *rule = record_read(c, entity_named(c, "automation"), request_id(r, "id"));
    const struct entity *e = rule ? model_entity(c->model, record_text(rule, "entity_name")) : NULL;
    struct record *record = e ? record_read(c, e, json_id(body, "record_id")) : NULL;
    if (!rule || !record) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "matches", json_put_bool, rule_holds(c, rule, record));
    json_key(&w, "actions");
    json_put_raw(&w, record_text(rule, "actions"));
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* The draft of a rule that is tried, before or after it is saved. */
struct trial {
    const struct entity *entity;
    struct str trigger;
    const struct condition *where;
    struct event *events; /* newest first */
    size_t n;
    int64_t since;
};

static void events_lately(struct ctx *c, struct trial *t, size_t limit) {
    const char *const types[] = {str_to_c(c->arena, t->trigger), NULL};
    int64_t head = event_head(c, STREAM_BUSINESS);
    t->events = event_read_range(
        c,
        &(struct event_range){.after = head > TRIAL_WITHIN ? head - TRIAL_WITHIN : 0,
                              .types = types,
                              .limit = limit,
                              .newest_first = true},
        &t->n);
    t->since = t->n ? t->events[t->n - 1].occurred_at : 0;
}

static bool trial_read(struct request *r, struct trial *t) {
    struct ctx *c = r->c;
    const struct json *body = request_json(r);
    const struct json *where = json_get(body, "condition");
    int64_t limit = json_int(body, "events", TRIAL_EVENTS);
    struct rule_date date = {0};
    if (!body) {
        return false;
    }
    t->trigger = json_text(body, "trigger");
    t->entity = model_entity(c->model, json_text(body, "entity_name"));
    if (!t->entity) {
        FAIL_FIELD(c, STR("/entity_name"), "role.entity");
        return false;
    }
    if (str_is(t->trigger, RULE_DATE)) {
        date = rule_date_named(c, t->entity, json_text(body, "date_field"),
                               json_int(body, "days", 0));
    } else if (!event_type_about(c, t->trigger, t->entity)) {
        FAIL_FIELD(c, STR("/trigger"), "rule.trigger");
    }
    if (limit < 1 || limit > TRIAL_EVENTS) {
        FAIL_FIELD(c, STR("/events"), "rule.events");
    }
    if (json_is(where, JSON_IS_OBJECT)) {
        t->where = condition_parse(c, t->entity, where);
    }
    if (!ctx_failed(c) && date.field) {
        t->events = rule_date_lately(c, &date, (size_t)limit, &t->since, &t->n);
    } else if (!ctx_failed(c)) {
        events_lately(c, t, (size_t)limit);
    }
    return !ctx_failed(c);
}

static void trial_line(struct json_writer *w, const struct event *e, struct str title) {
    json_begin_object(w);
    JSON_MEMBER(w, "at", json_put_instant, e->occurred_at);
    JSON_MEMBER(w, "subject_type", json_put_str, e->subject_type);
    JSON_MEMBER(w, "subject_id", json_put_id, e->subject_id);
    JSON_MEMBER(w, "title", json_put_str, title);
    json_end_object(w);
}

/* The events the rule would have acted on move to the front; how many. The condition is asked of
 * the records as they are now: what they were then is not kept. */
static size_t trial_run(struct ctx *c, struct trial *t, size_t *considered) {
    size_t matched = 0;
    *considered = 0;
    for (size_t i = 0; i < t->n && !ctx_failed(c); i++) {
        const struct event *e = &t->events[i];
        struct record *record = e->origin == ORIGIN_LIVE &&
                                        str_equal(e->subject_type, t->entity->name)
                                    ? record_load(c, t->entity, e->subject_id)
                                    : NULL;
        *considered += record != NULL;
        if (record && (!t->where || condition_match(c, t->where, record))) {
            t->events[matched++] = *e;
        }
    }
    return matched;
}

/* On how many of the latest events would this rule have acted? Nothing is changed. */
static void dry_run_post(struct request *r) {
    struct ctx *c = r->c;
    struct trial t = {0};
    if (!trial_read(r, &t)) {
        return;
    }
    size_t considered;
    size_t matched = trial_run(c, &t, &considered);
    size_t shown = matched < TRIAL_SHOWN ? matched : TRIAL_SHOWN;
    int64_t ids[TRIAL_SHOWN];
    struct str titles[TRIAL_SHOWN];
    for (size_t i = 0; i < shown; i++) {
        ids[i] = t.events[i].subject_id;
    }
    list_titles(c, t.entity, ids, shown, titles);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "events", json_put_int, (int64_t)considered);
    JSON_MEMBER(&w, "would_run", json_put_int, (int64_t)matched);
    json_key(&w, "since");
    json_put_instant_or_null(&w, t.since);
    json_key(&w, "data");
    json_begin_array(&w);
    for (size_t i = 0; i < shown; i++) {
        trial_line(&w, &t.events[i], titles[i]);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

struct run_line {
    int64_t id, began, at, event_id, subject_id;
    const struct entity *subject;
    struct str subject_type, error;
};

static size_t runs_read(struct ctx *c, int64_t rule_id, struct run_line *lines) {
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT id, began, at, event_id, subject_type, subject_id, error "
             "FROM automation_run WHERE automation_id = $1 ORDER BY id DESC LIMIT $2",
             rule_id, (int64_t)RUN_PAGE);
    while (n < RUN_PAGE && db_next(&rows)) {
        struct str type = db_text(&rows, 4);
        lines[n++] = (struct run_line){.id = db_int(&rows, 0),
                                       .began = db_int(&rows, 1),
                                       .at = db_int(&rows, 2),
                                       .event_id = db_int(&rows, 3),
                                       .subject_type = type,
                                       .subject = model_entity(c->model, type),
                                       .subject_id = db_int(&rows, 5),
                                       .error = db_text(&rows, 6)};
    }
    db_done(&rows);
    return n;
}

/* The types of the events the actions of a run caused, in order. */
static void effects_put(struct ctx *c, struct json_writer *w, const struct run_line *run) {
    struct db_rows rows;
    json_key(w, "effects");
    json_begin_array(w);
    if (run->began) {
        DB_QUERY(c, &rows,
                 "SELECT type FROM event WHERE id > $1 AND id < $2 AND cause_id = $3 "
                 "ORDER BY id LIMIT $4",
                 run->began, run->id, run->event_id, (int64_t)RUN_EFFECTS);
        while (db_next(&rows)) {
            json_put_str(w, db_text(&rows, 0));
        }
    }
    json_end_array(w);
}

static void run_put(struct ctx *c, struct json_writer *w, const struct run_line *run,
                    struct str title) {
    json_begin_object(w);
    JSON_MEMBER(w, "at", json_put_instant, run->at);
    JSON_MEMBER(w, "event_id", json_put_id, run->event_id);
    JSON_MEMBER(w, "subject_type", json_put_str, run->subject_type);
    JSON_MEMBER(w, "subject_id", json_put_id, run->subject_id);
    JSON_MEMBER(w, "title", json_put_str, title);
    effects_put(c, w, run);
    json_key(w, "error");
    if (run->error.n) {
        json_put_str(
            w, json_text(json_parse(c, run->error), c->language == LANGUAGE_EN ? "en" : "zh"));
    } else {
        json_put_null(w);
    }
    json_end_object(w);
}

/* When the rule ran, on what, and what came of it; newest first. */
static void runs_get(struct request *r) {
    struct ctx *c = r->c;
    struct run_line *lines = ARENA_NEW_ARRAY(c->arena, RUN_PAGE, struct run_line);
    size_t n = runs_read(c, request_id(r, "id"), lines);
    struct references titles = {.arena = c->arena};
    for (size_t i = 0; i < n; i++) {
        if (lines[i].subject) {
            references_add(&titles, lines[i].subject, lines[i].subject_id);
        }
    }
    references_resolve(c, &titles);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        const struct reference *known =
            lines[i].subject ? references_find(&titles, lines[i].subject, lines[i].subject_id)
                             : NULL;
        run_put(c, &w, &lines[i], known && known->title.p ? known->title : STR(""));
    }
    reply_list_end(r, &w);
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/actions", "automation:manage", LANE_INLINE, actions_get,
     .summary = "route.actions",
     .answer = "data:[(name:text! label:text! entity:text parameters:[(name:text! "
               "type:text! required:boolean! label:text!)]!)]!"},
    {METHOD_POST, "/api/v1/automations/{id}/test", "automation:manage", LANE_SLOW, test_post,
     .summary = "route.rule_test", .body = "record_id:id!",
     .answer = "matches:boolean! actions:any!"},
    {METHOD_POST, "/api/v1/automations/dry_run", "automation:manage", LANE_SLOW, dry_run_post,
     .summary = "route.rule_dry_run",
     .body = "trigger:text! entity_name:text! condition:object? events:integer date_field:text? "
             "days:integer?",
     .answer = "events:integer! would_run:integer! since:instant?! "
               "data:[(at:instant! subject_type:text! subject_id:id! "
               "title:text!)]!"},
    {METHOD_GET, "/api/v1/automations/{id}/runs", "automation:manage", LANE_SLOW, runs_get,
     .summary = "route.rule_runs",
     .answer = "data:[(at:instant! event_id:id! subject_type:text! subject_id:id! "
               "title:text! effects:[text]! error:text?!)]!"},
    {0}};

static const struct text texts[] = {
    {"rule.events", "须为 1 至 200", "1 to 200"},
    {"route.actions", "可用的动作", "Available actions"},
    {"route.rule_test", "在一条记录上试规则", "Try a rule on one record"},
    {"route.rule_dry_run", "在最近的事件上试规则", "Try a rule on the latest events"},
    {"route.rule_runs", "规则的执行记录", "Runs of a rule"},
    {0}};

static const struct permission permissions[] = {
    {"automation:manage", "管理自动化规则", "Manage automations"}, {0}};

const struct module rule_routes_module = {.name = "automation.rule_routes",
                                          .cloud = "platform",
                                          .routes = routes,
                                          .texts = texts,
                                          .permissions = permissions};
