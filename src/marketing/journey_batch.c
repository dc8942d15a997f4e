/*
 * What concerns many in a journey at once: bringing in a selection, letting go on after a pause,
 * ending, moving to another version. Each is a timer that does a piece and sets itself again
 * behind it, so nobody waits for 100,000 people and a crash goes on where it was.
 */
#include "base/clock.h"
#include "base/message.h"
#include "base/module.h"
#include "customer/segment.h"
#include "db/db.h"
#include "entity/access.h"
#include "entity/merge.h"
#include "entity/query.h"
#include "event/reactor.h"

#include "marketing/journey.h"
#include "marketing/marketing.h"

enum { PIECE = 200, SOON_MS = 20 };

/* Under which merge_carried keeps the runs that a merge ended. */
#define DOUBLES "journey_run ended"

void journey_batch(struct ctx *c, const char *what, int64_t journey_id, struct str payload,
                   int64_t at) {
    timer_set(c, str_format(c->arena, "journey.%s", what).p,
              str_format(c->arena, "%lld", (long long)journey_id), at, payload);
}

/* The rest of a selection: {"node","version","where","cursor"}. */
static void enter_again(struct ctx *c, const struct timer *t, const struct json *p,
                        struct str cursor) {
    struct json_writer w = json_writer(c->arena);
    json_begin_object(&w);
    JSON_MEMBER(&w, "node", json_put_str, json_text(p, "node"));
    JSON_MEMBER(&w, "version", json_put_int, json_int(p, "version", 0));
    if (json_get(p, "where")) {
        JSON_MEMBER(&w, "where", json_put_json, json_get(p, "where"));
    }
    JSON_MEMBER(&w, "cursor", json_put_str, cursor);
    json_end_object(&w);
    timer_set(c, "journey.enter", t->key, c->now_ms + SOON_MS, json_str(&w));
}

static void enter_piece(struct ctx *c, const struct timer *t) {
    struct str key = t->key, number;
    int64_t id = 0;
    str_cut(&key, '.', &number);
    str_to_int(number, &id);
    const struct json *p = json_parse(c, t->payload);
    struct journey j = journey_load(c, id, json_int(p, "version", 0));
    const struct journey_node *entry = j.graph ? journey_node(j.graph, json_text(p, "node")) : NULL;
    if (!entry || j.status != JOURNEY_RUNNING) {
        return;
    }
    const struct json *where = json_get(p, "where");
    if (journey_lost(c, j.graph).n || definition_lost_in(c, where).n) {
        timer_set(c, "journey.enter", t->key, c->now_ms + JOURNEY_LOST_MS, t->payload);
        return;
    }
    c->actor = &actor_system;
    where = where ? where : json_get(entry->config, "where");
    struct list_request request = {
        .entity = j.graph->entity,
        .where = json_is(where, JSON_IS_OBJECT) ? condition_parse(c, j.graph->entity, where) : NULL,
        .limit = PIECE,
        .cursor = json_text(p, "cursor"),
        .action = ACTION_READ};
    struct list_page page = ctx_failed(c) ? (struct list_page){0} : list_read(c, &request);
    for (size_t i = 0; i < page.n && !ctx_failed(c); i++) {
        journey_enter(c, &j, entry, page.records[i]);
    }
    if (page.next.p && page.n) {
        enter_again(c, t, p, page.next);
    }
}

/* Up to PIECE runs of the journey that the statement names; how many. */
static size_t ids_read(struct db_rows *rows, int64_t ids[PIECE]) {
    size_t n = 0;
    while (n < PIECE && db_next(rows)) {
        ids[n++] = db_int(rows, 0);
    }
    db_done(rows);
    return n;
}

static void again(struct ctx *c, const struct timer *t, size_t n) {
    if (n == PIECE) {
        timer_set(c, str_to_c(c->arena, t->kind), t->key, c->now_ms + SOON_MS, t->payload);
    }
}

static void release_piece(struct ctx *c, const struct timer *t) {
    int64_t id = 0, ids[PIECE];
    struct db_rows rows;
    struct journey_run run;
    str_to_int(t->key, &id);
    DB_QUERY(c, &rows,
             "SELECT id FROM journey_run WHERE journey_id = $1 AND ended_at IS NULL AND held = 1 "
             "ORDER BY node, id LIMIT 200",
             id);
    size_t n = ids_read(&rows, ids);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (journey_run_read(c, ids[i], &run)) {
            DB_RUN(c, "UPDATE journey_run SET held = 0 WHERE id = $1", ids[i]);
            timer_set(c, "journey.step", str_format(c->arena, "%lld", (long long)ids[i]),
                      run.due_at > c->now_ms ? run.due_at : c->now_ms, STR(""));
        }
    }
    again(c, t, n);
}

static void end_piece(struct ctx *c, const struct timer *t) {
    int64_t id = 0, ids[PIECE];
    struct db_rows rows;
    struct journey_run run;
    str_to_int(t->key, &id);
    struct journey j = journey_load(c, id, 0);
    DB_QUERY(c, &rows,
             "SELECT id FROM journey_run WHERE journey_id = $1 AND ended_at IS NULL "
             "ORDER BY node, id LIMIT 200",
             id);
    size_t n = j.status == JOURNEY_STOPPED ? ids_read(&rows, ids) : 0;
    db_done(&rows);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (journey_run_read(c, ids[i], &run)) {
            journey_run_end(c, &j, &run, "stopped");
        }
    }
    again(c, t, n);
}

/* Whoever stands at a node the new version has as well stands there in the new one; the others go
 * through their own to the end. What was waited for is waited for as the new version says; the time
 * at which a wait ends stays. */
static void run_move(struct ctx *c, const struct journey *new, int64_t run_id) {
    struct journey_run run;
    if (!journey_run_read(c, run_id, &run)) {
        return;
    }
    struct journey old = journey_load(c, new->id, run.version);
    const struct journey_node *was = old.graph ? journey_node(old.graph, run.node) : NULL;
    const struct journey_node *is = journey_node(new->graph, run.node);
    if (was && is && was->type == is->type && str_equal(was->kind, is->kind)) {
        DB_RUN(c, "UPDATE journey_run SET version = $1 WHERE id = $2", new->version, run_id);
        journey_run_rearm(c, new, &run);
    }
}

/* Those behind the last one looked at: {"after"}. */
static void move_piece(struct ctx *c, const struct timer *t) {
    int64_t id = 0, ids[PIECE];
    struct db_rows rows;
    str_to_int(t->key, &id);
    struct journey j = journey_load(c, id, 0);
    if (!j.graph) {
        return;
    }
    DB_QUERY(c, &rows,
             "SELECT id FROM journey_run WHERE journey_id = $1 AND ended_at IS NULL "
             "AND id > $2 AND version < $3 ORDER BY id LIMIT 200",
             id, json_id(json_parse(c, t->payload), "after"), j.version);
    size_t n = ids_read(&rows, ids);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        run_move(c, &j, ids[i]);
    }
    if (n == PIECE) {
        timer_set(c, "journey.move", t->key, c->now_ms + SOON_MS,
                  str_format(c->arena, "{\"after\":\"%lld\"}", (long long)ids[n - 1]));
    }
}

static const struct timer_kind timers[] = {{"journey.enter", enter_piece},
                                           {"journey.release", release_piece},
                                           {"journey.end", end_piece},
                                           {"journey.move", move_piece},
                                           {0}};

/* The survivor is under way already: one of the two is enough. */
static void doubles_end(struct ctx *c, int64_t winner, int64_t loser) {
    int64_t ids[PIECE];
    struct db_rows rows;
    struct journey_run run;
    DB_QUERY(c, &rows,
             "SELECT r.id FROM journey_run r JOIN journey_run o ON o.journey_id = r.journey_id "
             "AND o.subject_id = $1 AND o.ended_at IS NULL WHERE r.subject_id = $2 "
             "AND r.ended_at IS NULL ORDER BY r.id LIMIT 200",
             winner, loser);
    size_t n = ids_read(&rows, ids);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        if (journey_run_read(c, ids[i], &run)) {
            struct journey j = journey_load(c, run.journey_id, run.version);
            journey_run_end(c, &j, &run, "merged");
            merge_note(c, DOUBLES, loser, ids[i]);
        }
    }
}

/* Runs of leads are their people's, and what a run waits for is what its person does. */
static void person_follows(struct ctx *c, int64_t from, int64_t to) {
    DB_RUN(c,
           "UPDATE journey_run SET person_id = (SELECT l.person_id FROM lead l "
           "WHERE l.id = journey_run.subject_id) WHERE person_id = $1 AND EXISTS (SELECT 1 "
           "FROM lead l WHERE l.id = journey_run.subject_id AND l.person_id <> $1)",
           from);
    DB_RUN(c,
           "UPDATE journey_run SET person_id = subject_id WHERE person_id = $1 "
           "AND subject_id <> $1 AND EXISTS (SELECT 1 FROM person p "
           "WHERE p.id = journey_run.subject_id)",
           from);
    DB_RUN(c,
           "UPDATE journey_wait SET person_id = (SELECT r.person_id FROM journey_run r "
           "WHERE r.id = journey_wait.run_id) WHERE person_id IN ($1, $2) AND run_id IN "
           "(SELECT id FROM journey_run WHERE person_id IN ($1, $2))",
           from, to);
}

/* Runs that ended because the survivor was under way as well go on where they stood. */
static void doubles_resume(struct ctx *c, int64_t loser) {
    int64_t ids[PIECE];
    struct db_rows rows;
    DB_QUERY(c, &rows,
             "SELECT r.id FROM merge_carried m JOIN journey_run r ON r.id = m.row_id "
             "AND r.ended_how = 'merged' WHERE m.loser_id = $1 AND m.what = $2 "
             "AND NOT EXISTS (SELECT 1 FROM journey_run o WHERE o.journey_id = r.journey_id "
             "AND o.subject_id = $1 AND o.ended_at IS NULL) ORDER BY r.id LIMIT 200",
             loser, DOUBLES);
    size_t n = ids_read(&rows, ids);
    for (size_t i = 0; i < n && !ctx_failed(c); i++) {
        journey_run_resume(c, ids[i]);
    }
    merge_forget(c, DOUBLES, loser);
}

/* The runs of a record that was merged away go on as the one it became, and come back. */
static void handle(struct ctx *c, const struct event *e) {
    static const struct merge_rows runs = {"journey_run", "journey_run", "subject_id", "id"};
    const struct json *payload = json_parse(c, e->payload);
    int64_t winner = json_id(payload, "winner_id"), loser = json_id(payload, "loser_id");
    bool parted = str_ends(e->type, STR(".unmerged"));
    if (parted) {
        merge_return(c, &runs, winner, loser);
    } else {
        doubles_end(c, winner, loser);
        merge_carry(c, &runs, winner, loser);
    }
    if (str_starts(e->type, STR("person."))) {
        person_follows(c, parted ? winner : loser, parted ? loser : winner);
    }
    if (parted) {
        doubles_resume(c, loser);
    }
}

static const struct reactor merge_reactor = {
    .name = "marketing.journey_merge",
    .lane = REACTOR_PROMPT,
    .types = (const char *const[]){"person.merged", "person.unmerged", "lead.merged",
                                   "lead.unmerged", NULL},
    .handle = handle};

const struct module journey_batch_module = {
    .name = "marketing.journey_batch",
    .cloud = "marketing",
    .reactors = (const struct reactor *const[]){&merge_reactor, NULL},
    .timers = timers};
