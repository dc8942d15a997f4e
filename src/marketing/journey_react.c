/*
 * Events that mean something to journeys: they bring people in, end waits, and lead to goals.
 *
 * Two streams, two reactors. What a browser did is a visitor's until somebody says who he is: only
 * what is known to be a person's at that moment moves his journeys. Imported history moves nothing.
 */
#include "base/clock.h"
#include "base/module.h"
#include "customer/lead.h"
#include "customer/visitor.h"
#include "db/db.h"
#include "entity/condition.h"
#include "event/reactor.h"
#include "marketing/journey.h"
#include "marketing/marketing.h"

enum { JOURNEYS_MOST = 50, WAITS_MOST = 100 };
enum { TAKEN_UP_MOST = 50 };

static int64_t person_of(struct ctx *c, const struct event *e) {
    if (e->stream == STREAM_BEHAVIOUR && e->person_id) {
        return DB_INT(c,
                      "SELECT person_id FROM visitor_link WHERE visitor_id = $1 "
                      "AND to_seq IS NULL AND removed_at IS NULL",
                      e->person_id);
    }
    return e->person_id ? e->person_id : str_is(e->subject_type, "person") ? e->subject_id : 0;
}

struct record *journey_subject(struct ctx *c, const struct entity *entity, const struct event *e) {
    bool lead = str_is(entity->name, "lead");
    int64_t id = str_equal(e->subject_type, entity->name) ? e->subject_id : person_of(c, e);
    if (lead && !str_equal(e->subject_type, entity->name) && id) {
        id = lead_open_of(c, id);
    }
    return id ? record_load(c, entity, id) : NULL;
}

static bool entry_fits(const struct journey_node *n, const struct event *e,
                       const struct json *payload) {
    if (n->type != NODE_ENTRY) {
        return false;
    }
    if (str_is(n->kind, "segment")) {
        return str_is(e->type, "segment.entered") &&
               json_id(payload, "segment_id") == json_id(n->config, "segment_id");
    }
    return str_is(n->kind, "event") && str_equal(json_text(n->config, "event"), e->type) &&
           journey_payload_fits(json_get(n->config, "payload"), payload);
}

static void enter(struct ctx *c, int64_t journey_id, const struct event *e,
                  const struct json *payload) {
    struct journey j = journey_load(c, journey_id, 0);
    if (!j.graph || j.status != JOURNEY_RUNNING) {
        return;
    }
    for (size_t i = 0; i < j.graph->n_nodes && !ctx_failed(c); i++) {
        const struct journey_node *n = &j.graph->nodes[i];
        struct record *subject = entry_fits(n, e, payload) ? journey_subject(c, j.graph->entity, e)
                                                           : NULL;
        if (subject && journey_enter(c, &j, n, subject)) {
            return;
        }
    }
}

static void entries(struct ctx *c, const struct event *e, const struct json *payload) {
    int64_t ids[JOURNEYS_MOST];
    struct db_rows rows;
    size_t n = 0;
    DB_QUERY(c, &rows,
             "SELECT journey_id FROM journey_listen WHERE type = $1 AND entry = 1 "
             "ORDER BY journey_id LIMIT 50",
             e->type);
    while (n < JOURNEYS_MOST && db_next(&rows)) {
        ids[n++] = db_int(&rows, 0);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        enter(c, ids[i], e, payload);
    }
}

/* A mail of another node, of another journey, or of another time through this one is another
 * mail. */
static bool mail_fits(struct ctx *c, const struct journey_node *n, const struct journey_run *run,
                      const struct json *payload) {
    struct str of = json_text(n->config, "of");
    return !of.n ||
           DB_INT(c, "SELECT 1 FROM mail_send WHERE id = $1 AND key = $2", json_id(payload, "send"),
                  journey_mail_key(c, run->journey_id, of, run->id)) != 0;
}

static bool condition_holds(struct ctx *c, const struct journey *j, const struct journey_node *n,
                            const struct journey_run *run) {
    const struct record *subject = journey_run_subject(c, j, run);
    const struct condition *where =
        subject ? condition_kept(c, j->graph->entity, json_get(n->config, "where")) : NULL;
    return where && condition_match(c, where, subject);
}

static void wait_met(struct ctx *c, int64_t run_id, struct str node, const struct event *e,
                     const struct json *payload) {
    struct journey_run run;
    if (!journey_run_read(c, run_id, &run) || !run.active) {
        return;
    }
    struct journey j = journey_load(c, run.journey_id, run.version);
    const struct journey_node *n = j.graph ? journey_node(j.graph, node) : NULL;
    bool wait = n && n->type == NODE_WAIT;
    if (!n || (wait && (!str_equal(run.node, node) || run.port.n))) {
        return;
    }
    bool by_event = json_text(n->config, "event").n > 0;
    bool met = by_event ? str_equal(json_text(n->config, "event"), e->type) &&
                              journey_payload_fits(json_get(n->config, "payload"), payload) &&
                              mail_fits(c, n, &run, payload)
                        : condition_holds(c, &j, n, &run);
    if (met) {
        journey_run_wake(c, &run, node, wait ? by_event ? STR("event") : STR("met") : STR(""));
    }
}

static void waits(struct ctx *c, const struct event *e, const struct json *payload) {
    int64_t runs[WAITS_MOST], person = person_of(c, e);
    struct str nodes[WAITS_MOST];
    struct db_rows rows;
    size_t n = 0;
    if (!person) {
        return;
    }
    DB_QUERY(c, &rows,
             "SELECT run_id, node FROM journey_wait WHERE type IN ($1, '*') AND person_id = $2 "
             "LIMIT 100",
             e->type, person);
    while (n < WAITS_MOST && db_next(&rows)) {
        runs[n] = db_int(&rows, 0);
        nodes[n++] = db_text(&rows, 1);
    }
    db_done(&rows);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        wait_met(c, runs[i], nodes[i], e, payload);
    }
}

/* What a browser did just before somebody said whose it is, was nobody's then: it is taken up now.
 * What came later the other stream brings. */
static void take_up(struct ctx *c, const struct event *e, const struct json *payload) {
    size_t n = 0;
    struct visitor_link *link = visitor_link_find(c, json_id(payload, "link_id"));
    struct visitor_links links = {link, link ? 1 : 0};
    struct behaviour *did = person_behaviour(c, &links, INT64_MAX, TAKEN_UP_MOST, &n);
    for (size_t i = n; i-- > 0 && !ctx_failed(c);) {
        if (did[i].at > e->occurred_at || did[i].at < e->occurred_at - JOURNEY_TAKEN_UP_MS) {
            continue;
        }
        struct event one = {.type = did[i].type,
                            .occurred_at = did[i].at,
                            .recorded_at = e->recorded_at,
                            .origin = ORIGIN_LIVE,
                            .subject_type = STR("person"),
                            .subject_id = e->person_id,
                            .person_id = e->person_id,
                            .payload = did[i].payload};
        const struct json *told = json_parse(c, one.payload);
        entries(c, &one, told);
        waits(c, &one, told);
    }
}

static void handle(struct ctx *c, const struct event *e) {
    if (e->origin != ORIGIN_LIVE || c->silent) {
        return;
    }
    const struct json *payload = json_parse(c, e->payload);
    if (str_is(e->type, "visitor.identified")) {
        take_up(c, e, payload);
    }
    entries(c, e, payload);
    waits(c, e, payload);
}

/* The few types that journeys listen to; with conditions to be met, whatever concerns a person. */
static void choose(struct ctx *c, const struct event *events, size_t n, bool *wanted) {
    struct db_rows rows;
    DB_QUERY(c, &rows, "SELECT DISTINCT type FROM journey_listen");
    while (db_next(&rows)) {
        struct str type = db_view(&rows, 0);
        for (size_t i = 0; i < n; i++) {
            bool about = events[i].person_id || str_is(events[i].subject_type, "person");
            wanted[i] |= events[i].origin == ORIGIN_LIVE &&
                         (str_equal(events[i].type, type) || (str_is(type, "*") && about) ||
                          str_is(events[i].type, "visitor.identified"));
        }
    }
}

static const struct reactor business = {.name = "marketing.journeys",
                                        .lane = REACTOR_STEADY,
                                        .types = (const char *const[]){NULL},
                                        .handle = handle,
                                        .choose = choose};
static const struct reactor behaviour = {.name = "marketing.journeys_behaviour",
                                         .stream = STREAM_BEHAVIOUR,
                                         .lane = REACTOR_BULK,
                                         .types = (const char *const[]){NULL},
                                         .handle = handle,
                                         .choose = choose};

const struct module journey_react_module = {
    .name = "marketing.journey_react",
    .cloud = "marketing",
    .reactors = (const struct reactor *const[]){&business, &behaviour, NULL}};
