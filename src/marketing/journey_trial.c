/*
 * A journey tried before it runs: on one person, and on what happened in the last weeks. Nothing
 * is written and nobody is told.
 *
 * Conditions are asked of the records as they are now, for what they were then is not kept. A
 * wait for an event looks into the log whether that event came to this person in time; of mails
 * that were never sent there is none, so those waits run out. A trial on one person may say
 * instead that what is waited for comes. On the past nobody walks further than today: who would
 * wait still is counted where he waits.
 */
#include "base/clock.h"
#include "base/id.h"
#include "base/message.h"
#include "base/module.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/condition.h"
#include "entity/query.h"
#include "http/route.h"
#include "marketing/journey.h"
#include "marketing/mail.h"
#include "marketing/marketing.h"
#include "marketing/score_card.h"

#define MANAGE "marketing:manage"
enum { WALK_MOST = 100, DAYS_MOST = 90, PEOPLE_MOST = 2000, EVENTS_AT_ONCE = 500 };

/* One way through. */
struct walk {
    const struct journey *j;
    const struct record *subject;
    int64_t now;   /* time as it would be there */
    bool lucky;    /* what is waited for comes */
    int64_t until; /* nobody knows what comes then; 0: time goes on */
    bool waits;    /* he stands there still */
    struct {
        const struct journey_node *node;
        int64_t at;
        struct str port;
    } steps[WALK_MOST];
    size_t n;
};

static int64_t person_of(const struct record *r) {
    return str_is(r->entity->name, "person") ? r->id : record_id(r, "person_id");
}

/* The first of the rows (occurred_at, payload) that is as the node wants it; 0 when none is. */
static int64_t first_fit(struct ctx *c, const struct journey_node *n, struct db_rows *rows) {
    const struct json *wanted = json_get(n->config, "payload");
    int64_t at = 0;
    while (!at && db_next(rows)) {
        struct str payload = db_text(rows, 1);
        at = journey_payload_fits(wanted, json_parse(c, payload)) ? db_int(rows, 0) : 0;
    }
    if (at) {
        db_done(rows);
    }
    return at;
}

/* When what the node waits for came to the person after this moment, before the other; 0 when it
 * did not. What a browser did is his by its links. */
static int64_t event_after(struct ctx *c, const struct walk *k, const struct journey_node *n,
                           int64_t until) {
    struct str type = json_text(n->config, "event");
    struct db_rows rows;
    if (score_event_is_behaviour(type)) {
        DB_QUERY(c, &rows,
                 "SELECT b.occurred_at, b.payload FROM visitor_link l JOIN behaviour b "
                 "ON b.person_id = l.visitor_id AND b.seq >= l.from_seq "
                 "AND (l.to_seq IS NULL OR b.seq < l.to_seq) WHERE l.person_id = $1 "
                 "AND l.removed_at IS NULL AND b.type = $2 AND b.occurred_at > $3 "
                 "AND b.occurred_at <= $4 ORDER BY b.occurred_at LIMIT $5",
                 person_of(k->subject), type, k->now, until, (int64_t)EVENTS_AT_ONCE);
    } else {
        DB_QUERY(c, &rows,
                 "SELECT occurred_at, payload FROM event WHERE person_id = $1 AND type = $2 "
                 "AND occurred_at > $3 AND occurred_at <= $4 ORDER BY seq LIMIT $5",
                 person_of(k->subject), type, k->now, until, (int64_t)EVENTS_AT_ONCE);
    }
    return first_fit(c, n, &rows);
}

static struct str wait_walk(struct ctx *c, struct walk *k, const struct journey_node *n) {
    int64_t end = journey_wait_end(c, n, k->now);
    if (journey_waits_for(n, "condition")) {
        const struct condition *where = condition_parse(c, k->subject->entity,
                                                        json_get(n->config, "where"));
        bool met = !ctx_failed(c) && condition_match(c, where, k->subject);
        k->now = met || k->lucky ? k->now : end;
        return met || k->lucky ? STR("met") : STR("timeout");
    }
    if (journey_waits_for(n, "event")) {
        int64_t at = k->lucky ? k->now : event_after(c, k, n, end);
        k->now = at ? at : end;
        return at ? STR("event") : STR("timeout");
    }
    k->now = end;
    return STR("next");
}

static struct str branch_walk(struct ctx *c, const struct walk *k, const struct journey_node *n) {
    if (str_is(n->kind, "mail")) {
        return k->lucky ? STR("clicked") : STR("none");
    }
    return journey_branch(c, k->j, n, k->subject, k->subject->id);
}

static void walk(struct ctx *c, struct walk *k, const struct journey_node *n) {
    while (n && k->n < WALK_MOST && !ctx_failed(c)) {
        size_t i = k->n++;
        k->steps[i].node = n;
        k->steps[i].at = k->now;
        k->steps[i].port = STR("");
        if (n->type == NODE_GOAL || n->type == NODE_EXIT) {
            return;
        }
        struct str port = n->type == NODE_WAIT     ? wait_walk(c, k, n)
                          : n->type == NODE_BRANCH ? branch_walk(c, k, n)
                                                   : STR("next");
        if (k->until && k->now > k->until) {
            k->waits = true;
            return;
        }
        k->steps[i].port = port;
        n = journey_next(k->j->graph, n, port);
    }
}

static bool draft_load(struct request *r, struct journey *j) {
    struct ctx *c = r->c;
    struct record *journey = record_read(c, entity_named(c, "journey"), request_id(r, "id"));
    const struct json *given = json_get(request_json(r), "draft");
    struct json_writer w = json_writer(c->arena);
    if (!journey || !request_json(r)) {
        return false;
    }
    if (given) {
        json_put_json(&w, given);
    }
    *j = (struct journey){.id = journey->id, .name = record_title(journey)};
    j->graph = journey_graph_parse(c, model_entity(c->model, record_text(journey, "entity_name")),
                                   given ? json_str(&w) : record_text(journey, "draft"));
    return j->graph && !ctx_failed(c);
}

static const struct journey_node *first_entry(const struct journey *j) {
    for (size_t i = 0; i < j->graph->n_nodes; i++) {
        if (j->graph->nodes[i].type == NODE_ENTRY) {
            return &j->graph->nodes[i];
        }
    }
    return NULL;
}

/* Whether a mail would go at that step, by what is known today. */
static struct str mail_verdict(struct ctx *c, const struct walk *k, const struct journey_node *n) {
    int64_t until;
    if (n->type != NODE_ACTION || !str_is(json_text(n->config, "action"), "send_mail")) {
        return STR("");
    }
    struct mail_request request = {
        .template_id = json_id(json_get(n->config, "parameters"), "template_id"),
        .person_id = person_of(k->subject),
        .source = STR("journey"),
        .source_id = k->j->id,
        .step = n->id};
    struct str reason = mail_would(c, &request, &until);
    ctx_clear_error(c);
    return reason.n ? message_words(c->language,
                                    str_format(c->arena, "mail.reason_%.*s", STR_ARG(reason)).p)
                    : STR("");
}

static void try_post(struct request *r) {
    struct ctx *c = r->c;
    struct journey j;
    struct walk *k = ARENA_NEW(c->arena, struct walk);
    if (!draft_load(r, &j)) {
        return;
    }
    const struct journey_node *entry = first_entry(&j);
    struct record *subject = record_read(c, j.graph->entity,
                                         json_id(request_json(r), "subject_id"));
    if (!subject || !entry) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return;
    }
    const struct json *where = json_get(entry->config, "where");
    bool enters = !json_is(where, JSON_IS_OBJECT) ||
                  condition_match(c, condition_parse(c, j.graph->entity, where), subject);
    *k = (struct walk){.j = &j,
                       .subject = subject,
                       .now = c->now_ms,
                       .lucky = json_bool(request_json(r), "lucky", false)};
    walk(c, k, entry);
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "enters", json_put_bool, enters);
    json_key(&w, "steps");
    json_begin_array(&w);
    for (size_t i = 0; i < k->n && !ctx_failed(c); i++) {
        json_begin_object(&w);
        JSON_MEMBER(&w, "node", json_put_str, k->steps[i].node->id);
        JSON_MEMBER(&w, "at", json_put_instant, k->steps[i].at);
        JSON_MEMBER(&w, "port", json_put_str, k->steps[i].port);
        JSON_MEMBER(&w, "not_sent", json_put_str, mail_verdict(c, k, k->steps[i].node));
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* What a replay counts. */
struct replay {
    const struct journey *j;
    int64_t in[JOURNEY_NODES];
    int64_t events, people, waiting;
    int64_t seen[PEOPLE_MOST]; /* each enters once */
};

static bool seen_before(struct replay *p, int64_t subject_id) {
    for (int64_t i = 0; i < p->people; i++) {
        if (p->seen[i] == subject_id) {
            return true;
        }
    }
    p->seen[p->people++] = subject_id;
    return false;
}

static void replay_event(struct ctx *c, struct replay *p, const struct journey_node *entry,
                         const struct event *e) {
    struct record *subject = p->people < PEOPLE_MOST ? journey_subject(c, p->j->graph->entity, e)
                                                     : NULL;
    const struct json *where = json_get(entry->config, "where");
    if (!subject ||
        !journey_payload_fits(json_get(entry->config, "payload"), json_parse(c, e->payload))) {
        return;
    }
    p->events++;
    bool holds = !json_is(where, JSON_IS_OBJECT) ||
                 condition_match(c, condition_parse(c, p->j->graph->entity, where), subject);
    if (!holds || ctx_failed(c) || seen_before(p, subject->id)) {
        return;
    }
    struct walk k = {.j = p->j, .subject = subject, .now = e->occurred_at, .until = c->now_ms};
    walk(c, &k, entry);
    p->waiting += k.waits;
    for (size_t i = 0; i < k.n; i++) {
        p->in[k.steps[i].node - p->j->graph->nodes]++;
    }
}

/* What a browser did, as it came to a person who was known then or soon after; NULL: to nobody. */
static const struct event *as_person(struct ctx *c, const struct event *e) {
    if (e->stream == STREAM_BUSINESS) {
        return e;
    }
    int64_t person = DB_INT(c,
                            "SELECT person_id FROM visitor_link WHERE visitor_id = $1 "
                            "AND removed_at IS NULL AND from_seq <= $2 "
                            "AND (to_seq IS NULL OR to_seq > $2) AND at <= $3",
                            e->person_id, e->seq, e->occurred_at + JOURNEY_TAKEN_UP_MS);
    struct event *his = ARENA_NEW(c->arena, struct event);
    *his = *e;
    his->stream = STREAM_BUSINESS;
    his->subject_type = STR("person");
    his->subject_id = his->person_id = person;
    return person ? his : NULL;
}

/* Where the behaviour begins whose ids, made in the same order, are not below; by halves. */
static int64_t behaviour_since(struct ctx *c, int64_t id) {
    int64_t low = 1, high = DB_INT(c, "SELECT max(seq) FROM behaviour") + 1;
    while (low < high && !ctx_failed(c)) {
        int64_t middle = low + (high - low) / 2;
        int64_t found = DB_INT(c, "SELECT id FROM behaviour WHERE seq >= $1 ORDER BY seq LIMIT 1",
                               middle);
        if (found && found < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void replay_entry(struct ctx *c, struct replay *p, const struct journey_node *entry,
                         int64_t since) {
    struct str type = str_is(entry->kind, "segment") ? STR("segment.entered")
                                                     : json_text(entry->config, "event");
    const char *const types[] = {str_to_c(c->arena, type), NULL};
    /* Ids are made when events are, so they find the beginning of the period. */
    bool behaviour = score_event_is_behaviour(type);
    int64_t first = behaviour ? behaviour_since(c, since)
                              : DB_INT(c, "SELECT min(seq) FROM event WHERE id >= $1", since);
    struct event_range range = {.stream = behaviour ? STREAM_BEHAVIOUR : STREAM_BUSINESS,
                                .after = first - 1,
                                .types = types,
                                .limit = EVENTS_AT_ONCE};
    for (size_t n = EVENTS_AT_ONCE;
         first && type.n && n == EVENTS_AT_ONCE && p->people < PEOPLE_MOST && !ctx_failed(c);) {
        const struct event *events = event_read_range(c, &range, &n);
        for (size_t i = 0; i < n && !ctx_failed(c); i++) {
            const struct event *e = as_person(c, &events[i]);
            if (e) {
                replay_event(c, p, entry, e);
            }
        }
        range.after = n ? events[n - 1].seq : range.after;
    }
}

static void replay_post(struct request *r) {
    struct ctx *c = r->c;
    struct journey j;
    int64_t days = json_int(request_json(r), "days", 30);
    if (!draft_load(r, &j)) {
        return;
    }
    if (days < 1 || days > DAYS_MOST) {
        FAIL_FIELD(c, STR("/days"), "journey.days");
        return;
    }
    struct replay *p = ARENA_NEW(c->arena, struct replay);
    p->j = &j;
    for (size_t i = 0; i < j.graph->n_nodes && !ctx_failed(c); i++) {
        if (j.graph->nodes[i].type == NODE_ENTRY) {
            replay_entry(c, p, &j.graph->nodes[i], id_at(c->now_ms - days * (int64_t)MS_DAY));
        }
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "events", json_put_int, p->events);
    JSON_MEMBER(&w, "people", json_put_int, p->people);
    JSON_MEMBER(&w, "waiting", json_put_int, p->waiting);
    JSON_MEMBER(&w, "all", json_put_bool, p->people < PEOPLE_MOST);
    json_key(&w, "nodes");
    json_begin_object(&w);
    for (size_t i = 0; i < j.graph->n_nodes; i++) {
        json_key_str(&w, j.graph->nodes[i].id);
        json_put_int(&w, p->in[i]);
    }
    json_end_object(&w);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

static const struct route routes[] = {
    {METHOD_POST, "/api/v1/journeys/{id}/try", MANAGE, LANE_SLOW, try_post,
     .summary = "route.journey_try", .body = "subject_id:id! lucky:boolean draft:object",
     .answer = "enters:boolean! steps:[(node:text! at:instant! port:text! not_sent:text!)]!"},
    {METHOD_POST, "/api/v1/journeys/{id}/replay", MANAGE, LANE_SLOW, replay_post,
     .summary = "route.journey_replay", .body = "days:integer draft:object",
     .answer = "events:integer! people:integer! waiting:integer! all:boolean! nodes:object!"},
    {0}};

static const struct text texts[] = {
    {"journey.days", "应为 1 至 90 天", "1 to 90 days"},
    {"route.journey_try", "拿一个人试跑路径", "Try a journey on one person"},
    {"route.journey_replay", "用过去的事件回放路径", "Replay a journey on past events"},
    {0}};

const struct module journey_trial_module = {
    .name = "marketing.journey_trial", .cloud = "marketing", .routes = routes, .texts = texts};
