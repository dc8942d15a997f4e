/* One person's way through a journey; see journey.h. */
#include "automation/action.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/message.h"
#include "db/db.h"
#include "entity/condition.h"

#include "marketing/journey.h"
#include "marketing/mail.h"
#include "marketing/scoring.h"
#include "organization/calendar.h"
#include "organization/company.h"

/* Steps taken in one transaction; who has more to do goes on in the next. */
enum { STEPS_AT_ONCE = 30, STEPS_MOST = 2000 };

static struct str run_key(struct ctx *c, int64_t run_id) {
    return str_format(c->arena, "%lld", (long long)run_id);
}

struct str journey_mail_key(struct ctx *c, int64_t journey_id, struct str node, int64_t run_id) {
    return str_format(c->arena, "journey:%lld:%.*s:%lld", (long long)journey_id, STR_ARG(node),
                      (long long)run_id);
}

static void total_add(struct ctx *c, int64_t journey_id, struct str node, struct str what) {
    DB_PUT(c,
           "INSERT INTO journey_total (journey_id, node, what, n) VALUES ($1, $2, $3, 1) "
           "ON CONFLICT (journey_id, node, what) DO UPDATE SET n = journey_total.n + 1",
           journey_id, node, what);
}

static void step_log(struct ctx *c, const struct journey_run *run, const char *what,
                     struct str detail) {
    DB_PUT(c,
           "INSERT INTO journey_step (id, run_id, node, at, what, detail) "
           "VALUES ($1, $2, $3, $4, $5, $6)",
           id_new(), run->id, run->node, c->now_ms, what, detail);
}

static void emit(struct ctx *c, const struct journey *j, const struct journey_run *run,
                 const char *type, const char *how) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "journey_id", json_put_id, j->id);
    JSON_MEMBER(&w, "name", json_put_str, j->name);
    JSON_MEMBER(&w, "run_id", json_put_id, run->id);
    JSON_MEMBER(&w, "how", json_put_c, how);
    json_end_object(&w);
    event_emit(c, &(struct event){.type = str_from(type),
                                  .subject_type = STR("person"),
                                  .subject_id = run->person_id,
                                  .person_id = run->person_id,
                                  .payload = json_str(&w)});
}

bool journey_run_read(struct ctx *c, int64_t run_id, struct journey_run *run) {
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT journey_id, version, subject_id, person_id, node, port, arrived_at, due_at, "
             "entered_at, steps, ended_at FROM journey_run WHERE id = $1",
             run_id);
    if (!db_next(&rows)) {
        return false;
    }
    *run = (struct journey_run){.id = run_id,
                                .journey_id = db_int(&rows, 0),
                                .version = db_int(&rows, 1),
                                .subject_id = db_int(&rows, 2),
                                .person_id = db_int(&rows, 3),
                                .node = db_text(&rows, 4),
                                .port = db_text(&rows, 5),
                                .arrived_at = db_int(&rows, 6),
                                .due_at = db_int(&rows, 7),
                                .entered_at = db_int(&rows, 8),
                                .steps = db_int(&rows, 9),
                                .active = db_null(&rows, 10)};
    db_done(&rows);
    return !ctx_failed(c);
}

/* Whoever moved the run meanwhile wins: this unit of work begins anew. */
static void run_write(struct ctx *c, const struct journey_run *run, int64_t before) {
    int64_t changed = DB_RUN(c,
                             "UPDATE journey_run SET node = $1, port = $2, arrived_at = $3, "
                             "due_at = $4, steps = $5 WHERE id = $6 AND steps = $7",
                             run->node, run->port, run->arrived_at, db_from_id(run->due_at),
                             run->steps, run->id, before);
    if (!changed) {
        FAIL(c, ERROR_RETRY, "journey.moved");
    }
}

static int64_t person_of(const struct record *r) {
    return str_is(r->entity->name, "person") ? r->id : record_id(r, "person_id");
}

/* Whether whoever was here before may come in again. */
static bool may_enter(struct ctx *c, const struct journey *j, const struct journey_node *entry,
                      int64_t subject_id) {
    struct db_rows rows;
    int64_t days = json_int(entry->config, "again_days", 0);
    DB_QUERY(c, &rows,
             "SELECT ended_at FROM journey_run WHERE journey_id = $1 AND subject_id = $2 "
             "ORDER BY id DESC LIMIT 1",
             j->id, subject_id);
    if (!db_next(&rows)) {
        return !ctx_failed(c);
    }
    bool ended = !db_null(&rows, 0);
    int64_t ended_at = db_int(&rows, 0);
    db_done(&rows);
    return ended && days > 0 && c->now_ms >= ended_at + days * MS_DAY;
}

static void wait_arm(struct ctx *c, const struct journey_run *run, struct str type,
                     struct str node) {
    DB_PUT(c,
           "INSERT INTO journey_wait (type, person_id, run_id, node) VALUES ($1, $2, $3, $4) "
           "ON CONFLICT (type, person_id, run_id, node) DO NOTHING",
           type, run->person_id, run->id, node);
}

/* What an event may do to the run: "*" looks at each event of the person. */
static void node_arm(struct ctx *c, const struct journey_run *run, const struct journey_node *n) {
    struct str event = json_text(n->config, "event");
    if (event.n) {
        wait_arm(c, run, event, n->id);
    } else if (json_is(json_get(n->config, "where"), JSON_IS_OBJECT)) {
        wait_arm(c, run, STR("*"), n->id);
    }
}

static void ends_arm(struct ctx *c, const struct journey *j, const struct journey_run *run) {
    for (size_t i = 0; i < j->graph->n_nodes; i++) {
        const struct journey_node *n = &j->graph->nodes[i];
        if (n->type == NODE_GOAL || n->type == NODE_EXIT) {
            node_arm(c, run, n);
        }
    }
}

static bool where_holds(struct ctx *c, const struct json *where, const struct record *subject) {
    if (!json_is(where, JSON_IS_OBJECT)) {
        return true;
    }
    const struct condition *cond = condition_kept(c, subject->entity, where);
    return cond && condition_match(c, cond, subject);
}

bool journey_enter(struct ctx *c, const struct journey *j, const struct journey_node *entry,
                   const struct record *subject) {
    if (!where_holds(c, json_get(entry->config, "where"), subject) ||
        !may_enter(c, j, entry, subject->id)) {
        return false;
    }
    struct journey_run run = {.id = id_new(),
                              .journey_id = j->id,
                              .version = j->version,
                              .subject_id = subject->id,
                              .person_id = person_of(subject),
                              .node = entry->id};
    int64_t made = DB_RUN(c,
                          "INSERT INTO journey_run (id, journey_id, version, subject_id, "
                          "person_id, node, port, arrived_at, entered_at, steps, held) "
                          "VALUES ($1, $2, $3, $4, $5, $6, '', $7, $7, 0, 0) "
                          "ON CONFLICT DO NOTHING",
                          run.id, j->id, j->version, run.subject_id, run.person_id, run.node,
                          c->now_ms);
    if (!made) {
        return false;
    }
    ends_arm(c, j, &run);
    emit(c, j, &run, "journey.entered", "entered");
    timer_set(c, "journey.step", run_key(c, run.id), c->now_ms, STR(""));
    return true;
}

static void waits_drop(struct ctx *c, int64_t run_id, struct str node) {
    DB_RUN(c, "DELETE FROM journey_wait WHERE run_id = $1 AND ($2 = '' OR node = $2)", run_id,
           node);
}

void journey_run_end(struct ctx *c, const struct journey *j, struct journey_run *run,
                     const char *how) {
    int64_t ended = DB_RUN(c,
                           "UPDATE journey_run SET node = $1, ended_at = $2, ended_how = $3, "
                           "due_at = NULL, steps = steps + 1 WHERE id = $4 AND ended_at IS NULL",
                           run->node, c->now_ms, how, run->id);
    run->active = false;
    if (!ended) {
        return;
    }
    waits_drop(c, run->id, STR(""));
    timer_cancel(c, "journey.step", run_key(c, run->id));
    total_add(c, j->id, STR(""), str_format(c->arena, "end:%s", how));
    step_log(c, run, "ended", str_from(how));
    emit(c, j, run, "journey.ended", how);
}

void journey_run_wake(struct ctx *c, const struct journey_run *run, struct str node,
                      struct str port) {
    struct journey_run next = *run;
    next.node = node;
    next.port = port;
    next.due_at = c->now_ms;
    next.steps = run->steps + 1;
    if (!str_equal(node, run->node)) {
        next.arrived_at = c->now_ms;
        next.due_at = 0;
    }
    run_write(c, &next, run->steps);
    timer_set(c, "journey.step", run_key(c, run->id), c->now_ms, STR(""));
}

/* A number of 0 … 99 that is the run's at this node, whenever it is asked. */
static int64_t chance(struct ctx *c, int64_t run_id, struct str node) {
    unsigned char digest[SHA256_BYTES];
    sha256(str_format(c->arena, "%lld:%.*s", (long long)run_id, STR_ARG(node)), digest);
    return (digest[0] << 16 | digest[1] << 8 | digest[2]) % 100;
}

static struct str random_port(struct ctx *c, const struct journey_node *n, int64_t run_id) {
    const struct json *shares = json_get(n->config, "shares");
    int64_t drawn = chance(c, run_id, n->id), sum = 0;
    for (size_t i = 0; shares && i < shares->n; i++) {
        sum += json_int(&shares->items[i], "percent", 0);
        if (drawn < sum) {
            return json_text(&shares->items[i], "port");
        }
    }
    return STR("");
}

static struct str value_port(struct ctx *c, const struct journey_node *n,
                             const struct record *subject) {
    const struct json *values = json_get(n->config, "values");
    const struct field *f = entity_field(subject->entity, json_text(n->config, "field"));
    struct value v = f ? subject->values[f->position] : (struct value){0};
    struct str have = v.kind == VALUE_TEXT      ? v.text
                      : v.kind == VALUE_INTEGER ? str_format(c->arena, "%lld", (long long)v.integer)
                                                : STR("");
    for (size_t i = 0; values && i < values->n; i++) {
        if (str_equal(json_text(&values->items[i], "value"), have)) {
            return json_text(&values->items[i], "port");
        }
    }
    return STR("else");
}

struct str journey_branch(struct ctx *c, const struct journey *j, const struct journey_node *n,
                          const struct record *subject, int64_t run_id) {
    const struct json *branches = json_get(n->config, "branches");
    if (str_is(n->kind, "random")) {
        return random_port(c, n, run_id);
    }
    if (str_is(n->kind, "value")) {
        return value_port(c, n, subject);
    }
    if (str_is(n->kind, "mail")) {
        struct mail_answer a = mail_answer(
            c, journey_mail_key(c, j->id, json_text(n->config, "of"), run_id));
        bool told = a.replied && journey_next(j->graph, n, STR("replied"));
        return told                     ? STR("replied")
               : a.clicked || a.replied ? STR("clicked")
               : a.opened               ? STR("opened")
                                        : STR("none");
    }
    for (size_t i = 0; branches && i < branches->n; i++) {
        if (where_holds(c, json_get(&branches->items[i], "where"), subject)) {
            return json_text(&branches->items[i], "port");
        }
    }
    return STR("else");
}

static bool day_fits(const struct journey_node *n, const struct workdays *own, struct date day) {
    const struct json *days = json_get(n->config, "days");
    bool listed = !json_is(days, JSON_IS_ARRAY) || !days->n;
    for (size_t i = 0; days && !listed && i < days->n; i++) {
        listed = days->items[i].integer == date_weekday(day);
    }
    return listed && (!json_bool(n->config, "workdays", false) || workday_is(own, day));
}

static int64_t window_end(struct ctx *c, const struct journey_node *n, int64_t now) {
    const struct zone *z = company_zone(c);
    const struct workdays *own = company_workdays(c);
    int64_t from = json_int(n->config, "from", 0) * MS_MINUTE;
    int64_t to = json_int(n->config, "to", 24 * 60) * MS_MINUTE;
    int64_t first = date_to_days(zone_date(z, now));
    for (int64_t d = first; d < first + 60; d++) {
        struct date day = date_from_days(d);
        int64_t midnight = zone_midnight(z, day);
        if (day_fits(n, own, day) && now < midnight + to) {
            return now > midnight + from ? now : midnight + from;
        }
    }
    return now;
}

int64_t journey_wait_end(struct ctx *c, const struct journey_node *n, int64_t now) {
    return str_is(n->kind, "window") ? window_end(c, n, now)
                                     : now + json_int(n->config, "minutes", 0) * MS_MINUTE;
}

/* At a wait, newly come to: the port when it is over already; else it is armed, and the port stays
 * empty. */
static struct str wait_begin(struct ctx *c, const struct journey *j, struct journey_run *run,
                             const struct journey_node *n, const struct record *subject) {
    struct str of = json_text(n->config, "of");
    if (journey_waits_for(n, "condition") &&
        where_holds(c, json_get(n->config, "where"), subject)) {
        return STR("met");
    }
    if (of.n) {
        struct mail_answer a = mail_answer(c, journey_mail_key(c, j->id, of, run->id));
        struct str event = json_text(n->config, "event");
        if ((str_is(event, "mail.clicked") && a.clicked) ||
            (str_is(event, "mail.replied") && a.replied) ||
            (str_is(event, "mail.opened") && a.opened)) {
            return STR("event");
        }
    }
    run->due_at = journey_wait_end(c, n, c->now_ms);
    if (run->due_at <= c->now_ms) {
        return STR("next");
    }
    node_arm(c, run, n);
    return STR("");
}

/* Not every wait has come to its end when its run is looked at: a pause may have been in
 * between. */
static struct str wait_port(struct ctx *c, const struct journey *j, struct journey_run *run,
                            const struct journey_node *n, const struct record *subject) {
    bool open = journey_waits_for(n, "event") || journey_waits_for(n, "condition");
    if (!run->due_at) {
        return wait_begin(c, j, run, n, subject);
    }
    if (run->port.n) {
        return run->port;
    }
    return c->now_ms >= run->due_at ? open ? STR("timeout") : STR("next") : STR("");
}

/* What cannot be done is undone and told in the person's steps; he goes on. */
static void action_run(struct ctx *c, const struct journey *j, const struct journey_run *run,
                       const struct journey_node *n, const struct record *subject) {
    const struct action_kind *kind = action_find(json_text(n->config, "action"));
    if (!kind || !action_on(c, kind)) {
        step_log(c, run, "off", STR(""));
        return;
    }
    db_savepoint(c);
    kind->run(c, &(struct action_call){.record = subject,
                                       .parameters = json_get(n->config, "parameters"),
                                       .rule_id = j->id,
                                       .rule_name = j->name,
                                       .key = journey_mail_key(c, j->id, n->id, run->id),
                                       .step = n->id});
    if (!ctx_failed(c)) {
        db_release(c);
    } else if (ctx_failed_for_good(c)) {
        struct str why = message_failure_kept(c->arena, &c->error);
        ctx_clear_error(c);
        db_rollback_savepoint(c->db);
        step_log(c, run, "failed", why);
        total_add(c, j->id, n->id, STR("failed"));
    }
}

/* The port by which the run leaves the node it stands at; empty: it stays. */
static struct str node_take(struct ctx *c, const struct journey *j, struct journey_run *run,
                            const struct journey_node *n, const struct record *subject) {
    switch (n->type) {
    case NODE_WAIT:
        return wait_port(c, j, run, n, subject);
    case NODE_BRANCH:
        return journey_branch(c, j, n, subject, run->id);
    case NODE_ACTION:
        action_run(c, j, run, n, subject);
        return STR("next");
    default:
        return STR("next");
    }
}

/* A person who was merged away is who he became; before long the run says so too (merged). */
struct record *journey_run_subject(struct ctx *c, const struct journey *j,
                                   const struct journey_run *run) {
    bool person = str_is(j->graph->entity->name, "person");
    return record_load(c, j->graph->entity,
                       person ? score_person_now(c, run->subject_id) : run->subject_id);
}

/* One step; false when the run stays or has ended. */
static bool step_take(struct ctx *c, const struct journey *j, struct journey_run *run) {
    const struct journey_node *n = journey_node(j->graph, run->node);
    const struct record *subject = journey_run_subject(c, j, run);
    if (!n || !subject || run->steps > STEPS_MOST) {
        journey_run_end(c, j, run, subject ? "lost" : "gone");
        return false;
    }
    if (n->type == NODE_GOAL || n->type == NODE_EXIT) {
        total_add(c, j->id, n->id, STR("in"));
        journey_run_end(c, j, run, n->type == NODE_GOAL ? "goal" : "exit");
        return false;
    }
    bool fresh = n->type != NODE_WAIT || !run->due_at;
    struct str port = node_take(c, j, run, n, subject);
    if (fresh && !ctx_failed(c)) {
        total_add(c, j->id, n->id, STR("in"));
    }
    if (!port.n || ctx_failed(c)) {
        return false;
    }
    const struct journey_node *next = journey_next(j->graph, n, port);
    step_log(c, run, "left", port);
    total_add(c, j->id, n->id, str_format(c->arena, "port:%.*s", STR_ARG(port)));
    if (n->type == NODE_WAIT) {
        waits_drop(c, run->id, n->id);
    }
    if (!next) {
        journey_run_end(c, j, run, "lost");
        return false;
    }
    run->node = next->id;
    run->port = STR("");
    run->due_at = 0;
    run->arrived_at = c->now_ms;
    run->steps++;
    return true;
}

static void steps_take(struct ctx *c, const struct timer *t) {
    struct journey_run run;
    int64_t id = 0;
    str_to_int(t->key, &id);
    if (!journey_run_read(c, id, &run) || !run.active) {
        return;
    }
    struct journey j = journey_load(c, run.journey_id, run.version);
    if (!j.graph || j.status == JOURNEY_STOPPED) {
        journey_run_end(c, &j, &run, "stopped");
        return;
    }
    /* It goes on when the journey does ("release"). */
    if (j.status == JOURNEY_PAUSED || c->silent) {
        DB_RUN(c, "UPDATE journey_run SET held = 1 WHERE id = $1", id);
        return;
    }
    if (journey_lost(c, j.graph).n) {
        timer_set(c, "journey.step", run_key(c, id), c->now_ms + JOURNEY_LOST_MS, STR(""));
        return;
    }
    int64_t before = run.steps;
    int taken = 0;
    while (taken < STEPS_AT_ONCE && step_take(c, &j, &run)) {
        taken++;
    }
    if (!run.active || ctx_failed(c)) {
        return;
    }
    int64_t due = run.due_at ? run.due_at : c->now_ms;
    run.steps = run.steps > before ? run.steps : before + 1;
    run_write(c, &run, before);
    timer_set(c, "journey.step", run_key(c, id), due, STR(""));
}

void journey_run_rearm(struct ctx *c, const struct journey *j, struct journey_run *run) {
    const struct journey_node *n = journey_node(j->graph, run->node);
    waits_drop(c, run->id, STR(""));
    ends_arm(c, j, run);
    if (n && n->type == NODE_WAIT) {
        node_arm(c, run, n);
    }
}

void journey_run_resume(struct ctx *c, int64_t run_id) {
    struct journey_run run;
    struct str how = DB_TEXT(c, "SELECT ended_how FROM journey_run WHERE id = $1", run_id);
    if (!journey_run_read(c, run_id, &run) || !how.n) {
        return;
    }
    struct journey j = journey_load(c, run.journey_id, run.version);
    const struct journey_node *n = j.graph ? journey_node(j.graph, run.node) : NULL;
    if (!n || j.status == JOURNEY_STOPPED) {
        return;
    }
    bool waits = n->type == NODE_WAIT;
    run.due_at = waits ? journey_wait_end(c, n, run.arrived_at) : 0;
    DB_RUN(c, "UPDATE journey_run SET ended_at = NULL, ended_how = NULL, due_at = $1 WHERE id = $2",
           db_from_id(run.due_at), run.id);
    DB_RUN(c,
           "UPDATE journey_total SET n = n - 1 WHERE journey_id = $1 AND node = '' AND what = $2",
           run.journey_id, str_format(c->arena, "end:%.*s", STR_ARG(how)));
    step_log(c, &run, "resumed", how);
    journey_run_rearm(c, &j, &run);
    timer_set(c, "journey.step", run_key(c, run.id), waits ? run.due_at : c->now_ms, STR(""));
}

/* A wait of working time ends by the calendar as it is now. */
static void recount(struct ctx *c, const struct timer *t) {
    struct journey_run run;
    int64_t id = 0;
    str_to_int(t->key, &id);
    if (!journey_run_read(c, id, &run) || !run.active || !run.due_at || run.port.n) {
        return;
    }
    struct journey j = journey_load(c, run.journey_id, run.version);
    const struct journey_node *n = j.graph ? journey_node(j.graph, run.node) : NULL;
    if (!n || n->type != NODE_WAIT || !str_is(n->kind, "window")) {
        return;
    }
    int64_t due = journey_wait_end(c, n, run.arrived_at);
    if (due < run.due_at) { /* the first window after the day that is left */
        due = journey_wait_end(c, n, calendar_moved(c, run.due_at, due));
    }
    if (due != run.due_at) {
        DB_RUN(c, "UPDATE journey_run SET due_at = $1 WHERE id = $2", due, id);
        timer_set(c, "journey.step", t->key, due, STR(""));
    }
}

const struct timer_kind journey_timers[] = {{"journey.step", steps_take, recount}, {0}};
