/*
 * Where people are in a journey and how they got there: figures at each node, the people at one,
 * and one person's way step by step.
 */
#include "base/message.h"
#include "base/module.h"
#include "db/sql.h"
#include "entity/access.h"
#include "entity/query.h"
#include "http/route.h"
#include "marketing/journey.h"
#include "marketing/mail.h"
#include "marketing/marketing.h"

#define MANAGE "marketing:manage"
enum { PAGE = 50, STEPS = 200 };

static struct record *journey_of(struct request *r) {
    return record_read(r->c, entity_named(r->c, "journey"), request_id(r, "id"));
}

/* {"n1":12,…} of those who stand there now. */
static void here_put(struct ctx *c, struct json_writer *w, int64_t journey_id) {
    struct db_rows rows;
    json_begin_object(w);
    DB_QUERY(c, &rows,
             "SELECT node, count(*) FROM journey_run WHERE journey_id = $1 AND ended_at IS NULL "
             "GROUP BY node ORDER BY node",
             journey_id);
    while (db_next(&rows)) {
        json_key_str(w, db_text(&rows, 0));
        json_put_int(w, db_int(&rows, 1));
    }
    json_end_object(w);
}

/* [{"node","what","n"}…]: "in", "port:<port>", "failed"; of the whole (node empty) "end:<how>". */
static void totals_put(struct ctx *c, struct json_writer *w, int64_t journey_id) {
    struct db_rows rows;
    json_begin_array(w);
    DB_QUERY(c, &rows,
             "SELECT node, what, n FROM journey_total WHERE journey_id = $1 ORDER BY node, what",
             journey_id);
    while (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "node", json_put_str, db_text(&rows, 0));
        JSON_MEMBER(w, "what", json_put_str, db_text(&rows, 1));
        JSON_MEMBER(w, "n", json_put_int, db_int(&rows, 2));
        json_end_object(w);
    }
    json_end_array(w);
}

/* The mails of each node of the published version that sends some. */
static void mails_put(struct ctx *c, struct json_writer *w, int64_t journey_id) {
    struct journey j = journey_load(c, journey_id, 0);
    json_begin_object(w);
    for (size_t i = 0; j.graph && i < j.graph->n_nodes && !ctx_failed(c); i++) {
        const struct journey_node *n = &j.graph->nodes[i];
        if (str_is(json_text(n->config, "action"), "send_mail")) {
            struct mail_totals t = mail_totals(c, STR("journey"), journey_id, n->id);
            json_key_str(w, n->id);
            mail_totals_put(w, &t);
        }
    }
    json_end_object(w);
}

static void figures_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *journey = journey_of(r);
    struct json_writer w = json_writer(c->arena);
    if (!journey) {
        return;
    }
    struct journey j = journey_load(c, journey->id, 0);
    bool under_way = j.status == JOURNEY_RUNNING || j.status == JOURNEY_PAUSED;
    json_begin_object(&w);
    JSON_MEMBER(&w, "held", json_put_str,
                under_way && j.graph ? journey_lost(c, j.graph) : STR(""));
    json_key(&w, "here");
    here_put(c, &w, journey->id);
    json_key(&w, "totals");
    totals_put(c, &w, journey->id);
    json_key(&w, "mails");
    mails_put(c, &w, journey->id);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

struct line {
    int64_t id, person_id, version, entered_at, arrived_at, due_at, ended_at;
    struct str node, how;
};

static size_t lines_read(struct request *r, int64_t journey_id, struct line *lines) {
    struct ctx *c = r->c;
    struct db_rows rows;
    struct str node = request_query(r, "node");
    bool ended = str_is(request_query(r, "state"), "ended");
    size_t n = 0;
    struct sql q = sql_new(c->arena);
    SQL_ADD(&q, "SELECT id, person_id, version, entered_at, arrived_at, due_at, ended_at, node, "
                "ended_how FROM journey_run WHERE journey_id = ");
    SQL_VALUE(&q, journey_id);
    if (node.n) {
        SQL_ADD(&q, " AND node = ");
        SQL_VALUE(&q, node);
    }
    if (ended) {
        SQL_ADD(&q, " AND ended_at IS NOT NULL");
    } else {
        SQL_ADD(&q, " AND ended_at IS NULL");
    }
    SQL_ADD(&q, " AND id < ");
    SQL_VALUE(&q, request_query_int(r, "before", INT64_MAX));
    SQL_ADD(&q, " ORDER BY id DESC LIMIT ");
    SQL_VALUE(&q, (int64_t)PAGE);
    sql_query(c, &rows, &q);
    while (n < PAGE && db_next(&rows)) {
        lines[n++] = (struct line){db_int(&rows, 0), db_int(&rows, 1),  db_int(&rows, 2),
                                   db_int(&rows, 3), db_int(&rows, 4),  db_int(&rows, 5),
                                   db_int(&rows, 6), db_text(&rows, 7), db_text(&rows, 8)};
    }
    db_done(&rows);
    return n;
}

static void line_put(struct json_writer *w, const struct line *l, struct str title) {
    json_begin_object(w);
    JSON_MEMBER(w, "id", json_put_id, l->id);
    JSON_MEMBER(w, "person_id", json_put_id, title.n ? l->person_id : 0);
    JSON_MEMBER(w, "person", json_put_str, title);
    JSON_MEMBER(w, "node", json_put_str, l->node);
    JSON_MEMBER(w, "version", json_put_int, l->version);
    JSON_MEMBER(w, "entered_at", json_put_instant, l->entered_at);
    JSON_MEMBER(w, "arrived_at", json_put_instant, l->arrived_at);
    JSON_MEMBER(w, "due_at", json_put_instant_or_null, l->due_at);
    JSON_MEMBER(w, "ended_at", json_put_instant_or_null, l->ended_at);
    JSON_MEMBER(w, "how", json_put_str, l->how.p ? l->how : STR(""));
    json_end_object(w);
}

static void runs_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *journey = journey_of(r);
    struct line lines[PAGE];
    int64_t people[PAGE];
    struct str titles[PAGE];
    size_t n = journey ? lines_read(r, journey->id, lines) : 0;
    for (size_t i = 0; i < n; i++) {
        people[i] = lines[i].person_id;
    }
    list_titles(c, entity_named(c, "person"), people, n, titles);
    struct json_writer w = json_writer(c->arena);
    reply_list_begin(&w);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        line_put(&w, &lines[i], titles[i]);
    }
    json_end_array(&w);
    json_key(&w, "next");
    json_put_id(&w, n == PAGE ? lines[n - 1].id : 0);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* Why a step failed is kept in all languages; of older steps in one. */
static struct str detail_of(struct ctx *c, struct str what, struct str detail) {
    bool kept = str_is(what, "failed") && str_starts(detail, STR("{\"zh\""));
    return kept ? json_text(json_parse(c, detail), language_tag(c->language)) : detail;
}

static void steps_put(struct ctx *c, struct json_writer *w, int64_t run_id) {
    struct db_rows rows;
    json_begin_array(w);
    DB_QUERY(c, &rows,
             "SELECT node, at, what, detail FROM journey_step WHERE run_id = $1 ORDER BY id "
             "LIMIT 200",
             run_id);
    while (db_next(&rows)) {
        json_begin_object(w);
        JSON_MEMBER(w, "node", json_put_str, db_text(&rows, 0));
        JSON_MEMBER(w, "at", json_put_instant, db_int(&rows, 1));
        JSON_MEMBER(w, "what", json_put_str, db_text(&rows, 2));
        JSON_MEMBER(w, "detail", json_put_str, detail_of(c, db_text(&rows, 2), db_text(&rows, 3)));
        json_end_object(w);
    }
    json_end_array(w);
}

/* Whoever may see the person may see his way. */
static void steps_get(struct request *r) {
    struct ctx *c = r->c;
    struct record *journey = journey_of(r);
    struct journey_run run;
    if (!journey) {
        return;
    }
    if (!journey_run_read(c, request_id(r, "run"), &run) || run.journey_id != journey->id) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return;
    }
    if (!record_read(c, entity_named(c, "person"), run.person_id)) {
        return;
    }
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    json_key(&w, "data");
    steps_put(c, &w, run.id);
    json_end_object(&w);
    reply_json(r, 200, &w);
}

/* Take one person out. */
static void leave_post(struct request *r) {
    struct ctx *c = r->c;
    struct record *journey = journey_of(r);
    struct journey_run run;
    if (!journey) {
        return;
    }
    access_require(c, ACTION_UPDATE, journey);
    if (!journey_run_read(c, request_id(r, "run"), &run) || run.journey_id != journey->id ||
        !run.active) {
        FAIL(c, ERROR_ABSENT, "record.absent");
        return;
    }
    struct journey j = journey_load(c, journey->id, run.version);
    journey_run_end(c, &j, &run, "removed");
}

static const struct route routes[] = {
    {METHOD_GET, "/api/v1/journeys/{id}/figures", MANAGE, LANE_SLOW, figures_get,
     .summary = "route.journey_figures",
     .answer = "held:text! here:object! totals:[(node:text! what:text! n:integer!)]! "
               "mails:object!"},
    {METHOD_GET, "/api/v1/journeys/{id}/runs", MANAGE, LANE_SLOW, runs_get,
     .summary = "route.journey_runs", .query = "node:text state:text before:id",
     .answer = "data:[(id:id! person_id:id?! person:text! node:text! version:integer! "
               "entered_at:instant! arrived_at:instant! due_at:instant?! ended_at:instant?! "
               "how:text!)]! next:id?!"},
    {METHOD_GET, "/api/v1/journeys/{id}/runs/{run}/steps", MANAGE, LANE_SLOW, steps_get,
     .summary = "route.journey_steps",
     .answer = "data:[(node:text! at:instant! what:text! detail:text!)]!"},
    {METHOD_POST, "/api/v1/journeys/{id}/runs/{run}/leave", MANAGE, LANE_WRITER, leave_post,
     .summary = "route.journey_leave"},
    {0}};

static const struct text texts[] = {
    {"route.journey_figures", "路径各节点的人数与邮件效果", "Figures at each node of a journey"},
    {"route.journey_runs", "路径上的人", "People in a journey"},
    {"route.journey_steps", "一个人走过的步骤", "The steps one person took"},
    {"route.journey_leave", "让一个人退出", "Take one person out"},
    {0}};

const struct module journey_report_module = {
    .name = "marketing.journey_report", .cloud = "marketing", .routes = routes, .texts = texts};
